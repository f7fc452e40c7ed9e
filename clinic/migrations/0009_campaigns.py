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
                        fields=["send_at"], name="chunk_pending", condition={"state": "pending"}
                    ),
                    PartialIndex(
                        fields=["lease_until"],
                        name="chunk_inflight",
                        condition={"state": "inflight"},
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
            name="ContactPreference",
            fields=[
                (
                    "patient",
                    fields.OneToOneField(
                        "clinic.Patient",
                        source_field="patient_id",
                        primary_key=True,
                        db_index=True,
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
                "pk_attr": "patient_id",
                "table_description": "What a patient, or staff for them, chose. Without a row the clinic's policy holds.",
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
                        db_index=True,
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
                        db_index=True,
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
                        db_index=True,
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
        ops.AddField(
            model_name="Outbox",
            name="consent_purpose",
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
    ]
