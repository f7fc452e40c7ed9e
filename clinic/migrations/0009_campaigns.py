from orjson import loads
from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations import operations as ops

from clinic import migrating


class Migration(migrating.Migration):
    dependencies = [("clinic", "0008_erasure")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Campaign",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                ("name", fields.CharField(max_length=80)),
                ("kind", fields.CharField(max_length=16)),
                ("purpose", fields.CharField(max_length=16)),
                ("state", fields.CharField(default="draft", db_default="draft", max_length=12)),
                ("audience", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("trigger", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("content", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("hold_out", fields.IntField(default=0, db_default=0)),
                ("useful_hours", fields.IntField(default=24, db_default=24)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("reason", fields.CharField(null=True, max_length=48)),
                ("made_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("starts_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("resumed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "created_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="created_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "changed_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="changed_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "approved_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="approved_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "campaign",
                "app": "clinic",
                "indexes": [
                    PartialIndex(
                        fields=["id"], name="campaign_running", condition={"state": "running"}
                    )
                ],
                "pk_attr": "id",
                "table_description": "Audience x trigger x content. States: draft, waiting (for a second person, or for its time),",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Chunk",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                ("channel", fields.CharField(max_length=16)),
                ("purpose", fields.CharField(max_length=16)),
                ("consent_purpose", fields.CharField(max_length=16)),
                ("priority", fields.SmallIntField(default=0, db_default=0)),
                ("content", fields.BinaryField()),
                ("members", fields.IntField(default=0, db_default=0)),
                ("unknowns", fields.IntField(default=0, db_default=0)),
                ("state", fields.CharField(default="pending", db_default="pending", max_length=8)),
                ("reason", fields.CharField(null=True, max_length=64)),
                ("attempts", fields.IntField(default=0, db_default=0)),
                ("closed", fields.BooleanField(default=False, db_default=False)),
                ("send_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("useful_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("lease_token", fields.UUIDField(null=True)),
                (
                    "lease_until",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("platform_id", fields.CharField(null=True, max_length=96)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "chunk",
                "app": "clinic",
                "indexes": [
                    PartialIndex(
                        fields=["channel", "priority", "send_at"],
                        name="chunk_pending",
                        condition={"state": "pending"},
                    ),
                    PartialIndex(
                        fields=["lease_until"],
                        name="chunk_inflight",
                        condition={"state": "inflight"},
                    ),
                    PartialIndex(
                        fields=["lease_until"], name="chunk_leased", condition={"state": "leased"}
                    ),
                    PartialIndex(
                        fields=["send_at"], name="chunk_unknown", condition={"state": "unknown"}
                    ),
                ],
                "pk_attr": "id",
                "table_description": "One message to many chat accounts in one call of the platform (LINE's multicast).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Cohort",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                ("name", fields.CharField(max_length=80)),
                ("arms", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("rounds", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("form", fields.CharField(null=True, max_length=200)),
                ("lost_after_days", fields.IntField(default=365, db_default=365)),
                (
                    "created_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="created_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "cohort",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A study: arms, and rounds so many months after somebody was enrolled.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CohortMember",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                (
                    "cohort",
                    fields.ForeignKeyField(
                        "clinic.Cohort",
                        source_field="cohort_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "patient",
                    fields.ForeignKeyField(
                        "clinic.Patient",
                        source_field="patient_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("arm", fields.CharField(max_length=32)),
                ("enrolled_on", fields.DateField()),
                ("status", fields.CharField(default="alive", db_default="alive", max_length=8)),
                ("event_on", fields.DateField(null=True)),
                ("contact_on", fields.DateField(null=True)),
                (
                    "enrolled_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="enrolled_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "cohort_member",
                "app": "clinic",
                "unique_together": (("cohort", "patient"),),
                "pk_attr": "id",
                "table_description": "Somebody who agreed to take part. Status: alive, died (on `event_on`), lost, withdrew.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CohortRound",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "member",
                    fields.ForeignKeyField(
                        "clinic.CohortMember",
                        source_field="member_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("months", fields.IntField()),
                ("due_on", fields.DateField()),
                ("state", fields.CharField(default="waiting", db_default="waiting", max_length=8)),
                ("reason", fields.CharField(null=True, max_length=32)),
                (
                    "request",
                    fields.ForeignKeyField(
                        "clinic.QuestionnaireRequest",
                        source_field="request_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "cohort_round",
                "app": "clinic",
                "unique_together": (("member", "months"),),
                "indexes": [
                    PartialIndex(
                        fields=["due_on"], name="cohort_round_due", condition={"state": "waiting"}
                    )
                ],
                "pk_attr": "id",
                "table_description": "A round of a member: waiting until its day, then asked, or skipped with its reason.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ContactPreference",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "patient",
                    fields.OneToOneField(
                        "clinic.Patient",
                        source_field="patient_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("channel", fields.CharField(null=True, max_length=16)),
                ("no_greetings", fields.BooleanField(default=False, db_default=False)),
                ("call_only", fields.BooleanField(default=False, db_default=False)),
                (
                    "chosen_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="chosen_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "chosen_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "contact_preference",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "What a patient, or staff for them, chose. Without a row the clinic's policy holds.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Observation",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "patient",
                    fields.ForeignKeyField(
                        "clinic.Patient",
                        source_field="patient_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("kind", fields.CharField(max_length=16)),
                ("value", fields.DecimalField(max_digits=8, decimal_places=2)),
                ("second", fields.DecimalField(null=True, max_digits=8, decimal_places=2)),
                ("unit", fields.CharField(max_length=8)),
                ("occasion", fields.CharField(null=True, max_length=16)),
                ("measured_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("source", fields.CharField(max_length=8)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "clinic.ChatAccount",
                        source_field="account_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("status", fields.CharField(default="final", db_default="final", max_length=16)),
                ("level", fields.IntField(default=1, db_default=1)),
                (
                    "written_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="written_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "struck_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="struck_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("struck_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "observation",
                "app": "clinic",
                "indexes": [
                    Index(fields=["patient_id", "kind", "measured_at"], name="observation_newest")
                ],
                "pk_attr": "id",
                "table_description": "A reading (FHIR Observation), in the unit its kind is kept in; `unit` is what it was told in.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ObservationLimit",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "patient",
                    fields.ForeignKeyField(
                        "clinic.Patient",
                        source_field="patient_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("measure", fields.CharField(max_length=16)),
                ("side", fields.CharField(max_length=8)),
                ("level", fields.IntField()),
                ("at", fields.DecimalField(null=True, max_digits=8, decimal_places=2)),
                (
                    "set_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="set_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "set_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "observation_limit",
                "app": "clinic",
                "unique_together": (("patient", "measure", "side", "level"),),
                "pk_attr": "id",
                "table_description": "A patient's own limit instead of the house's. `at` null: there is none.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PlanDefinition",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("code", fields.CharField(max_length=32)),
                ("version", fields.IntField()),
                ("status", fields.CharField(default="draft", db_default="draft", max_length=8)),
                ("title", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("content", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("looked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "created_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="created_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "plan_definition",
                "app": "clinic",
                "unique_together": (("code", "version"),),
                "pk_attr": "id",
                "table_description": "One version of a plan (FHIR PlanDefinition). A version never changes.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CarePlan",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("code", fields.CharField(max_length=32)),
                (
                    "definition",
                    fields.ForeignKeyField(
                        "clinic.PlanDefinition",
                        source_field="definition_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "patient",
                    fields.ForeignKeyField(
                        "clinic.Patient",
                        source_field="patient_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("anchor_key", fields.CharField(max_length=48)),
                ("anchor_on", fields.DateField()),
                ("steps", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("state", fields.CharField(default="active", db_default="active", max_length=10)),
                ("reason", fields.CharField(null=True, max_length=32)),
                (
                    "started_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="started_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "ended_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="ended_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "care_plan",
                "app": "clinic",
                "unique_together": (("code", "patient", "anchor_key"),),
                "indexes": [
                    PartialIndex(
                        fields=["id"], name="care_plan_active", condition={"state": "active"}
                    )
                ],
                "pk_attr": "id",
                "table_description": "A plan of one patient (FHIR CarePlan). States: active, completed, revoked (with the reason).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CarePlanActivity",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "plan",
                    fields.ForeignKeyField(
                        "clinic.CarePlan",
                        source_field="plan_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("step", fields.CharField(max_length=32)),
                ("n", fields.IntField(default=1, db_default=1)),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("useful_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("state", fields.CharField(default="waiting", db_default="waiting", max_length=10)),
                ("reason", fields.CharField(null=True, max_length=48)),
                ("next_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("rung", fields.IntField(default=0, db_default=0)),
                ("version", fields.IntField(default=0, db_default=0)),
                (
                    "tried",
                    fields.JSONField(
                        default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                ("asked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("answer", fields.CharField(null=True, max_length=8)),
                (
                    "outbox",
                    fields.ForeignKeyField(
                        "clinic.Outbox",
                        source_field="outbox_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "request",
                    fields.ForeignKeyField(
                        "clinic.QuestionnaireRequest",
                        source_field="request_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "response",
                    fields.ForeignKeyField(
                        "clinic.QuestionnaireResponse",
                        source_field="response_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "task",
                    fields.ForeignKeyField(
                        "clinic.Task",
                        source_field="task_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "settled_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="settled_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "care_plan_activity",
                "app": "clinic",
                "unique_together": (("plan", "step", "n"),),
                "indexes": [
                    Index(fields=["next_at"], name="care_plan_activity_next"),
                    PartialIndex(
                        fields=["plan_id"],
                        name="care_plan_activity_asked",
                        condition={"state": "asked"},
                    ),
                ],
                "pk_attr": "id",
                "table_description": "One due point of a plan. Every end is a row with its reason: clinic.plan.types.STATES.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Recipient",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "clinic.Campaign",
                        source_field="campaign_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "patient",
                    fields.ForeignKeyField(
                        "clinic.Patient",
                        source_field="patient_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("occurrence", fields.CharField(max_length=32)),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("useful_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("state", fields.CharField(default="pending", db_default="pending", max_length=10)),
                ("reason", fields.CharField(null=True, max_length=48)),
                ("variant", fields.CharField(null=True, max_length=1)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "clinic.ChatAccount",
                        source_field="account_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "tried",
                    fields.JSONField(
                        default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "outbox",
                    fields.ForeignKeyField(
                        "clinic.Outbox",
                        source_field="outbox_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "chunk",
                    fields.ForeignKeyField(
                        "clinic.Chunk",
                        source_field="chunk_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "answered_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "booked",
                    fields.ForeignKeyField(
                        "clinic.Appointment",
                        source_field="booked_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "recipient",
                "app": "clinic",
                "unique_together": (("campaign", "patient", "occurrence"),),
                "indexes": [
                    Index(fields=["patient_id", "due_at"], name="recipient_patient"),
                    PartialIndex(
                        fields=["campaign_id", "due_at"],
                        name="recipient_pending",
                        condition={"state": "pending"},
                    ),
                    PartialIndex(
                        fields=["campaign_id"],
                        name="recipient_queued",
                        condition={"state": "queued"},
                    ),
                ],
                "pk_attr": "id",
                "table_description": "Somebody whom one occurrence of a campaign concerns. Every end is a row with its reason.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RescueGroup",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "service",
                    fields.ForeignKeyField(
                        "clinic.Service",
                        source_field="service_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "group",
                    fields.ForeignKeyField(
                        "clinic.CareGroup",
                        source_field="group_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "rescue_group",
                "app": "clinic",
                "unique_together": (("service", "group"),),
                "pk_attr": "id",
                "table_description": "Patients of a group who are due may be offered a freed time of a service.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SlotRescue",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.CharField(unique=True, max_length=48)),
                (
                    "appointment",
                    fields.ForeignKeyField(
                        "clinic.Appointment",
                        source_field="appointment_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("cause", fields.CharField(max_length=8)),
                (
                    "service",
                    fields.ForeignKeyField(
                        "clinic.Service",
                        source_field="service_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "site",
                    fields.ForeignKeyField(
                        "clinic.Site",
                        source_field="site_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "practitioner",
                    fields.ForeignKeyField(
                        "clinic.Resource",
                        source_field="practitioner_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("minutes", fields.IntField()),
                ("depth", fields.IntField(default=0, db_default=0)),
                ("state", fields.CharField(default="open", db_default="open", max_length=7)),
                ("reason", fields.CharField(null=True, max_length=32)),
                ("wave", fields.IntField(default=0, db_default=0)),
                (
                    "hold",
                    fields.ForeignKeyField(
                        "clinic.Appointment",
                        source_field="hold_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "booked",
                    fields.ForeignKeyField(
                        "clinic.Appointment",
                        source_field="booked_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "slot_rescue",
                "app": "clinic",
                "indexes": [
                    PartialIndex(
                        fields=["due_at"], name="slot_rescue_due", condition={"state": "open"}
                    ),
                    Index(fields=["created_at"], name="slot_rescue_created"),
                ],
                "pk_attr": "id",
                "table_description": "A time that a visit gave free, until somebody has it. States: open, rescued, ended.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WaitlistEntry",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "patient",
                    fields.ForeignKeyField(
                        "clinic.Patient",
                        source_field="patient_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "clinic.ChatAccount",
                        source_field="account_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "service",
                    fields.ForeignKeyField(
                        "clinic.Service",
                        source_field="service_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "practitioner",
                    fields.ForeignKeyField(
                        "clinic.Resource",
                        source_field="practitioner_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "appointment",
                    fields.ForeignKeyField(
                        "clinic.Appointment",
                        source_field="appointment_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "weekdays",
                    fields.JSONField(
                        default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                ("part", fields.CharField(default="any", db_default="any", max_length=9)),
                ("from_on", fields.DateField()),
                ("until_on", fields.DateField()),
                ("state", fields.CharField(default="waiting", db_default="waiting", max_length=7)),
                ("reason", fields.CharField(null=True, max_length=32)),
                (
                    "added_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="added_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "waitlist_entry",
                "app": "clinic",
                "indexes": [
                    PartialIndex(
                        fields=["service_id", "created_at"],
                        name="waitlist_waiting",
                        condition={"state": "waiting"},
                    )
                ],
                "pk_attr": "id",
                "table_description": "Somebody who would take an earlier time. States: waiting, offered, booked, left, ended.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SlotOffer",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "rescue",
                    fields.ForeignKeyField(
                        "clinic.SlotRescue",
                        source_field="rescue_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("wave", fields.IntField()),
                (
                    "patient",
                    fields.ForeignKeyField(
                        "clinic.Patient",
                        source_field="patient_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "clinic.ChatAccount",
                        source_field="account_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "entry",
                    fields.ForeignKeyField(
                        "clinic.WaitlistEntry",
                        source_field="entry_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "moving",
                    fields.ForeignKeyField(
                        "clinic.Appointment",
                        source_field="moving_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("held_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("state", fields.CharField(default="offered", db_default="offered", max_length=8)),
                ("reason", fields.CharField(null=True, max_length=48)),
                (
                    "outbox",
                    fields.ForeignKeyField(
                        "clinic.Outbox",
                        source_field="outbox_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                (
                    "answered_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "slot_offer",
                "app": "clinic",
                "unique_together": (("rescue", "patient"),),
                "pk_attr": "id",
                "table_description": "What became of one person of a freed slot's waves.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WebLink",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                (
                    "outbox",
                    fields.OneToOneField(
                        "clinic.Outbox",
                        source_field="outbox_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "clinic.ChatAccount",
                        source_field="account_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "web_link",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A link that an e-mail or an SMS carries. Only the keyed hash of its token is stored.",
            },
            bases=["Model"],
        ),
        ops.AlterModelOptions(
            name="Appointment",
            options={
                "table": "appointment",
                "app": "clinic",
                "indexes": [
                    Index(fields=["patient_id", "starts_at"], name="appointment_patient"),
                    PartialIndex(
                        fields=["held_until"], name="appointment_held", condition={"status": "held"}
                    ),
                    PartialIndex(
                        fields=["held_until"],
                        name="appointment_proposed",
                        condition={"status": "proposed"},
                    ),
                ],
                "pk_attr": "id",
                "table_description": "A visit, only kept or booked, with FHIR's statuses. `version` rises with every change.",
            },
        ),
        ops.AddIndex(
            model_name="Appointment",
            index=PartialIndex(
                fields=["held_until"], name="appointment_proposed", condition={"status": "proposed"}
            ),
        ),
        ops.AddField(
            model_name="Link",
            name="address_index",
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.RemoveIndex(
            model_name="Outbox",
            name="outbox_pending",
            fields=None,
        ),
        ops.AddField(
            model_name="Outbox",
            name="consent_purpose",
            field=fields.CharField(null=True, max_length=16),
        ),
        ops.AddField(
            model_name="Outbox",
            name="lane",
            field=fields.CharField(null=True, max_length=16),
        ),
        ops.AddField(
            model_name="Outbox",
            name="patient",
            field=fields.ForeignKeyField(
                "clinic.Patient",
                source_field="patient_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="Outbox",
            name="priority",
            field=fields.SmallIntField(default=0, db_default=0),
        ),
        ops.AddIndex(
            model_name="Outbox",
            index=Index(fields=["patient_id", "id"], name="outbox_patient"),
        ),
        ops.AlterModelOptions(
            name="PatientSummary",
            options={
                "table": "patient_summary",
                "app": "clinic",
                "pk_attr": "patient_id",
                "table_description": "What lists and segments ask of a patient, worked out whenever it changes.",
            },
        ),
        ops.AlterField(
            model_name="QuestionnaireResponse",
            name="account",
            field=fields.ForeignKeyField(
                "clinic.ChatAccount",
                source_field="account_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="QuestionnaireResponse",
            name="entered_by",
            field=fields.ForeignKeyField(
                "clinic.Staff",
                source_field="entered_by_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="QuestionnaireResponse",
            name="source",
            field=fields.CharField(default="chat", db_default="chat", max_length=8),
        ),
    ]
