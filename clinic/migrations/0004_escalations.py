from orjson import loads
from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import Now
from tortoise.indexes import PartialIndex
from tortoise.migrations import operations as ops

from clinic import migrating


class Migration(migrating.Migration):
    dependencies = [("clinic", "0003_faq")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Escalation",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                (
                    "conversation",
                    fields.ForeignKeyField(
                        "clinic.Conversation",
                        source_field="conversation_id",
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
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("source", fields.CharField(max_length=16)),
                ("rule", fields.CharField(max_length=48)),
                ("level", fields.IntField()),
                (
                    "detail",
                    fields.JSONField(
                        default=dict, db_default={}, encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                ("said", fields.BinaryField(null=True)),
                ("state", fields.CharField(default="open", db_default="open", max_length=12)),
                (
                    "owner",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="owner_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "acknowledged_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("called_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("disposition", fields.CharField(null=True, max_length=24)),
                ("note", fields.BinaryField(null=True)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "closed_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="closed_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("round", fields.IntField(default=0, db_default=0)),
                (
                    "next_alert_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "escalation",
                "app": "clinic",
                "indexes": [
                    PartialIndex(
                        fields=["next_alert_at"], name="escalation_due", condition={"state": "open"}
                    )
                ],
                "pk_attr": "id",
                "table_description": "What a doctor must answer. States: open, acknowledged (it has an owner), closed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="InternalNote",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                (
                    "conversation",
                    fields.ForeignKeyField(
                        "clinic.Conversation",
                        source_field="conversation_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="staff_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("note", fields.BinaryField()),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "internal_note",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "What staff tell each other about a conversation; no patient ever sees it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OnCall",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="staff_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("weekday", fields.IntField()),
                ("since", fields.CharField(max_length=5)),
                ("until", fields.CharField(max_length=5)),
                ("position", fields.IntField(default=0, db_default=0)),
            ],
            options={
                "table": "on_call",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "When somebody is on call, every week, in the clinic's local time.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="QualityReview",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                ("month", fields.DateField()),
                (
                    "conversation",
                    fields.ForeignKeyField(
                        "clinic.Conversation",
                        source_field="conversation_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("stratum", fields.CharField(max_length=16)),
                (
                    "rules",
                    fields.JSONField(
                        default=dict, db_default={}, encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                ("answers", fields.BinaryField(null=True)),
                ("score", fields.IntField(null=True)),
                (
                    "reviewer",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="reviewer_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "reviewed_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "quality_review",
                "app": "clinic",
                "unique_together": (("month", "conversation"),),
                "pk_attr": "id",
                "table_description": "One conversation of a month's sample, and what an expert found. `answers` are encrypted.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="QualityFinding",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "review",
                    fields.ForeignKeyField(
                        "clinic.QualityReview",
                        source_field="review_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("script", fields.CharField(max_length=64)),
                ("kind", fields.CharField(max_length=24)),
                ("note", fields.BinaryField()),
                ("state", fields.CharField(default="open", db_default="open", max_length=8)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "closed_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="closed_by_id",
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
                "table": "quality_finding",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "Something to mend in a script: a rule, a text or a questionnaire. Closed when it is done.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Questionnaire",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("url", fields.CharField(max_length=200)),
                ("version", fields.IntField()),
                ("name", fields.CharField(max_length=80)),
                ("title", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("status", fields.CharField(default="draft", db_default="draft", max_length=8)),
                ("resource", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
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
                "table": "questionnaire",
                "app": "clinic",
                "unique_together": (("url", "version"),),
                "pk_attr": "id",
                "table_description": "One version of a questionnaire (FHIR Questionnaire). A version never changes.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="QuestionnaireRequest",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.CharField(unique=True, max_length=96)),
                (
                    "questionnaire",
                    fields.ForeignKeyField(
                        "clinic.Questionnaire",
                        source_field="questionnaire_id",
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
                ("state", fields.CharField(default="waiting", db_default="waiting", max_length=12)),
                ("draft", fields.BinaryField(null=True)),
                ("reason", fields.CharField(null=True, max_length=32)),
                ("send_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "useful_until",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "requested_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="requested_by_id",
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
                "table": "questionnaire_request",
                "app": "clinic",
                "indexes": [
                    PartialIndex(
                        fields=["send_at"],
                        name="questionnaire_request_due",
                        condition={"state": "waiting"},
                    )
                ],
                "pk_attr": "id",
                "table_description": "A patient is asked to answer a questionnaire (FHIR Task).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="QuestionnaireResponse",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                (
                    "questionnaire",
                    fields.ForeignKeyField(
                        "clinic.Questionnaire",
                        source_field="questionnaire_id",
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
                (
                    "account",
                    fields.ForeignKeyField(
                        "clinic.ChatAccount",
                        source_field="account_id",
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
                ("language", fields.CharField(max_length=7)),
                ("answers", fields.BinaryField()),
                (
                    "scores",
                    fields.JSONField(
                        default=dict, db_default={}, encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "flags",
                    fields.JSONField(
                        default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "authored_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "questionnaire_response",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "What a patient answered (FHIR QuestionnaireResponse). `answers` are encrypted.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="QuestionnaireRule",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("url", fields.CharField(max_length=200)),
                (
                    "service",
                    fields.ForeignKeyField(
                        "clinic.Service",
                        source_field="service_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("relation", fields.CharField(max_length=6)),
                ("days", fields.IntField()),
                ("active", fields.BooleanField(default=True, db_default=True)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "questionnaire_rule",
                "app": "clinic",
                "unique_together": (("url", "service", "relation"),),
                "pk_attr": "id",
                "table_description": "Whom a questionnaire is sent by itself: `days` before or after a visit of a service.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RuleSignature",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("rule", fields.CharField(max_length=64)),
                ("version", fields.IntField()),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="staff_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "signed_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "rule_signature",
                "app": "clinic",
                "unique_together": (("rule", "version"),),
                "pk_attr": "id",
                "table_description": "A doctor read one version of a rule and stands for it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StaffAccount",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="staff_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "account",
                    fields.OneToOneField(
                        "clinic.ChatAccount",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "staff_account",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A staff member's own chat account: alerts go there, and answers come from there.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StaffLinkCode",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("code_hash", fields.CharField(unique=True, max_length=64)),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="staff_id",
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
                "table": "staff_link_code",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A one-time code that binds a chat account to a staff member. Only its hash is stored.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TriageRun",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                (
                    "conversation",
                    fields.ForeignKeyField(
                        "clinic.Conversation",
                        source_field="conversation_id",
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
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("presentation", fields.CharField(max_length=32)),
                ("rules", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("answers", fields.BinaryField()),
                ("level", fields.IntField()),
                ("disposition", fields.CharField(max_length=16)),
                (
                    "reasons",
                    fields.JSONField(
                        default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "asked",
                    fields.JSONField(
                        default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "before",
                    fields.ForeignKeyField(
                        "clinic.TriageRun",
                        source_field="before_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("checked_in", fields.CharField(null=True, max_length=8)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "triage_run",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "One run to its end, so that it can be replayed to the same result.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Outbox",
            name="escalation",
            field=fields.ForeignKeyField(
                "clinic.Escalation",
                source_field="escalation_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="Outbox",
            name="request",
            field=fields.ForeignKeyField(
                "clinic.QuestionnaireRequest",
                source_field="request_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.RESTRICT,
            ),
        ),
    ]
