from orjson import loads
from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations import operations as ops

from clinic import migrating
from clinic.fields import TstzRangeField


class Migration(migrating.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Audit",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                ("actor_kind", fields.CharField(max_length=8)),
                ("actor_id", fields.BigIntField(null=True)),
                ("action", fields.CharField(max_length=48)),
                ("subject_id", fields.BigIntField(null=True)),
                (
                    "detail",
                    fields.JSONField(
                        default=dict, db_default={}, encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                ("position", fields.BigIntField(null=True, unique=True)),
                ("chain", fields.BinaryField(null=True)),
            ],
            options={
                "table": "audit",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "Who did what to whom: codes and ids, never words of patients.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ChatAccount",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("channel", fields.CharField(max_length=16)),
                ("address_index", fields.CharField(max_length=64)),
                ("address", fields.BinaryField()),
                ("display_name", fields.BinaryField(null=True)),
                ("language", fields.CharField(null=True, max_length=7)),
                ("language_chosen", fields.BooleanField(default=False, db_default=False)),
                ("consent_version", fields.CharField(null=True, max_length=16)),
                (
                    "opted_out_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "unreachable_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("link_version", fields.IntField(default=0, db_default=0)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "chat_account",
                "app": "clinic",
                "unique_together": (("channel", "address_index"),),
                "pk_attr": "id",
                "table_description": "One account on a channel. Who speaks through it is told by its links, not by itself.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "clinic.ChatAccount",
                        source_field="account_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("purpose", fields.CharField(max_length=16)),
                ("notice_version", fields.CharField(max_length=16)),
                ("given", fields.BooleanField()),
                ("at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "consent",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A chat account agreed to, or took back, messages of a purpose under a notice's version.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Inbound",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("channel", fields.CharField(max_length=16)),
                ("event_id", fields.CharField(max_length=96)),
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
                ("payload", fields.BinaryField(null=True)),
                ("text", fields.BinaryField(null=True)),
                ("message_id", fields.CharField(null=True, max_length=96)),
                ("occurred_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "received_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("state", fields.CharField(default="new", db_default="new", max_length=8)),
                ("reason", fields.CharField(null=True, max_length=48)),
                ("attempts", fields.IntField(default=0, db_default=0)),
                ("handled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "inbound",
                "app": "clinic",
                "unique_together": (("channel", "event_id"),),
                "indexes": [
                    Index(fields=["account_id", "id"], name="inbound_account"),
                    PartialIndex(
                        fields=["account_id", "occurred_at"],
                        name="inbound_new",
                        condition={"state": "new"},
                    ),
                    PartialIndex(
                        fields=["received_at"], name="inbound_waiting", condition={"state": "new"}
                    ),
                ],
                "pk_attr": "id",
                "table_description": "One event of a channel, stored before it is acknowledged.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LinkAttempt",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
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
                ("ok", fields.BooleanField()),
                ("at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "link_attempt",
                "app": "clinic",
                "indexes": [Index(fields=["account_id", "at"]), Index(fields=["at"])],
                "pk_attr": "id",
                "table_description": "A try at a code, right or wrong: what the limits are counted by.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Patient",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                ("name", fields.TextField(unique=False)),
                ("kana", fields.TextField(default="", db_default="", unique=False)),
                ("chart", fields.CharField(null=True, unique=True, max_length=32)),
                ("birth_on", fields.DateField(null=True)),
                ("sex", fields.CharField(null=True, max_length=7)),
                ("language", fields.CharField(null=True, max_length=7)),
                ("phone", fields.BinaryField(null=True)),
                ("phone_index", fields.CharField(null=True, db_index=True, max_length=64)),
                ("provisional", fields.BooleanField(default=False, db_default=False)),
                ("deceased_on", fields.DateField(null=True)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "patient",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A person the clinic looks after, or may come to (`provisional`: known from the chat only).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Link",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "clinic.ChatAccount",
                        source_field="account_id",
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
                ("relation", fields.CharField(max_length=8)),
                ("proof", fields.CharField(max_length=8)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "link",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A chat account speaks for a patient. Ended links stay, for the record.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Service",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("code", fields.CharField(unique=True, max_length=32)),
                ("name", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("duration", fields.IntField()),
                ("buffer_before", fields.IntField(default=0, db_default=0)),
                ("buffer_after", fields.IntField(default=0, db_default=0)),
                ("step", fields.IntField(default=15, db_default=15)),
                ("minimum_notice", fields.IntField(default=60, db_default=60)),
                ("horizon_days", fields.IntField(default=60, db_default=60)),
                ("cancel_notice", fields.IntField(default=0, db_default=0)),
                (
                    "reminders",
                    fields.JSONField(
                        default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                ("position", fields.IntField(default=0, db_default=0)),
                ("active", fields.BooleanField(default=True, db_default=True)),
            ],
            options={
                "table": "service",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "Something a patient can book (FHIR HealthcareService). Times in minutes.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Site",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("code", fields.CharField(unique=True, max_length=32)),
                ("name", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                (
                    "address",
                    fields.JSONField(
                        default=dict, db_default={}, encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                ("time_zone", fields.CharField(max_length=48)),
            ],
            options={
                "table": "site",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A place where the clinic sees patients.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Staff",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("name", fields.CharField(unique=True, max_length=80)),
                ("role", fields.CharField(max_length=8)),
                ("language", fields.CharField(null=True, max_length=7)),
                (
                    "disabled_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "staff",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "One person who works at the clinic. Names are never shared.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Conversation",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
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
                ("owner", fields.CharField(default="bot", db_default="bot", max_length=8)),
                (
                    "owner_staff",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="owner_staff_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "owner_until",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("queued_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("handoff_reason", fields.CharField(null=True, max_length=32)),
                ("turn", fields.IntField(default=0, db_default=0)),
                ("state", fields.BinaryField(null=True)),
                (
                    "last_patient_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "conversation",
                "app": "clinic",
                "indexes": [
                    PartialIndex(
                        fields=["queued_at"],
                        name="conversation_queue",
                        condition={"owner": "queue"},
                    )
                ],
                "pk_attr": "id",
                "table_description": "What is being said with one chat account, and who answers it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LinkCode",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("code_hash", fields.CharField(unique=True, max_length=64)),
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
                    "staff",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="staff_id",
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
                "table": "link_code",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A one-time code the clinic hands out. Only its keyed hash is stored.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Resource",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("code", fields.CharField(unique=True, max_length=32)),
                ("kind", fields.CharField(max_length=12)),
                ("name", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                (
                    "site",
                    fields.ForeignKeyField(
                        "clinic.Site",
                        source_field="site_id",
                        null=True,
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
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("active", fields.BooleanField(default=True, db_default=True)),
            ],
            options={
                "table": "resource",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "What a visit takes for itself: a practitioner, a room or a device.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Appointment",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("status", fields.CharField(max_length=12)),
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
                (
                    "site",
                    fields.ForeignKeyField(
                        "clinic.Site",
                        source_field="site_id",
                        db_index=True,
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
                ("during", TstzRangeField(generated=False, null=False, unique=False)),
                (
                    "starts_at",
                    fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False),
                ),
                ("ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("held_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("note", fields.BinaryField(null=True)),
                (
                    "confirmed_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("cancel_reason", fields.BinaryField(null=True)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "appointment",
                "app": "clinic",
                "indexes": [
                    Index(fields=["patient_id", "starts_at"], name="appointment_patient"),
                    PartialIndex(
                        fields=["held_until"], name="appointment_held", condition={"status": "held"}
                    ),
                ],
                "pk_attr": "id",
                "table_description": "A visit, held or booked, with FHIR's statuses. `version` rises with every change.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Allocation",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
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
                (
                    "resource",
                    fields.ForeignKeyField(
                        "clinic.Resource",
                        source_field="resource_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("during", TstzRangeField(generated=False, null=False, unique=False)),
                ("status", fields.CharField(max_length=12)),
            ],
            options={
                "table": "allocation",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "One resource taken by one appointment, buffers included. The database forbids overlap.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Outbox",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                ("dedup_key", fields.CharField(unique=True, max_length=96)),
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
                ("appointment_version", fields.IntField(null=True)),
                ("link_version", fields.IntField(null=True)),
                ("purpose", fields.CharField(max_length=16)),
                ("delivery_class", fields.CharField(max_length=16)),
                ("content", fields.BinaryField()),
                ("reply_token", fields.BinaryField(null=True)),
                (
                    "reply_since",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("unknowns", fields.IntField(default=0, db_default=0)),
                ("state", fields.CharField(default="pending", db_default="pending", max_length=8)),
                ("reason", fields.CharField(null=True, max_length=64)),
                ("attempts", fields.IntField(default=0, db_default=0)),
                ("send_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("useful_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("lease_token", fields.UUIDField(null=True)),
                (
                    "lease_until",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("platform_id", fields.CharField(null=True, max_length=96)),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="staff_id",
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
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "outbox",
                "app": "clinic",
                "indexes": [
                    Index(fields=["account_id", "id"], name="outbox_account"),
                    PartialIndex(
                        fields=["send_at"], name="outbox_pending", condition={"state": "pending"}
                    ),
                    PartialIndex(
                        fields=["lease_until"],
                        name="outbox_inflight",
                        condition={"state": "inflight"},
                    ),
                    PartialIndex(
                        fields=["lease_until"], name="outbox_leased", condition={"state": "leased"}
                    ),
                    PartialIndex(
                        fields=["send_at"], name="outbox_unknown", condition={"state": "unknown"}
                    ),
                ],
                "pk_attr": "id",
                "table_description": "One message to one chat account: a row is one call of the platform.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Schedule",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "resource",
                    fields.ForeignKeyField(
                        "clinic.Resource",
                        source_field="resource_id",
                        db_index=True,
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
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("weekday", fields.IntField()),
                ("opens_at", fields.CharField(max_length=5)),
                ("closes_at", fields.CharField(max_length=5)),
                ("valid_from", fields.DateField(null=True)),
                ("valid_until", fields.DateField(null=True)),
            ],
            options={
                "table": "schedule",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "Weekly working hours of a practitioner or device at a site, in the site's local time.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ScheduleException",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "resource",
                    fields.ForeignKeyField(
                        "clinic.Resource",
                        source_field="resource_id",
                        null=True,
                        db_index=True,
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
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("on_date", fields.DateField(db_index=True)),
                ("kind", fields.CharField(max_length=6)),
                ("opens_at", fields.CharField(null=True, max_length=5)),
                ("closes_at", fields.CharField(null=True, max_length=5)),
                ("reason", fields.CharField(default="", db_default="", max_length=80)),
            ],
            options={
                "table": "schedule_exception",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A day that differs: closed (all of it or from-to), or extra hours.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ServiceResource",
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
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "resource",
                    fields.ForeignKeyField(
                        "clinic.Resource",
                        source_field="resource_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "service_resource",
                "app": "clinic",
                "unique_together": (("service", "resource"),),
                "pk_attr": "id",
                "table_description": "A resource that can serve a service. A visit takes one of each kind named for it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SignInLink",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
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
                "table": "sign_in_link",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A one-time link that signs a staff member in. Only its hash is stored.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StaffSession",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
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
                ("csrf_token", fields.CharField(max_length=64)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                (
                    "seen_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "staff_session",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A signed-in browser.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.CharField(unique=True, max_length=96)),
                ("kind", fields.CharField(max_length=16)),
                (
                    "conversation",
                    fields.ForeignKeyField(
                        "clinic.Conversation",
                        source_field="conversation_id",
                        null=True,
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
                    "detail",
                    fields.JSONField(
                        default=dict, db_default={}, encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                ("note", fields.BinaryField(null=True)),
                ("state", fields.CharField(default="open", db_default="open", max_length=8)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
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
            ],
            options={
                "table": "task",
                "app": "clinic",
                "indexes": [
                    PartialIndex(
                        fields=["created_at"], name="task_open", condition={"state": "open"}
                    )
                ],
                "pk_attr": "id",
                "table_description": "Kinds: call (no reply to a reminder), link_request, flow_error, red_flag, undelivered.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Timer",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.CharField(unique=True, max_length=96)),
                ("kind", fields.CharField(max_length=24)),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "useful_until",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "conversation",
                    fields.ForeignKeyField(
                        "clinic.Conversation",
                        source_field="conversation_id",
                        null=True,
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
                ("version", fields.IntField(default=0, db_default=0)),
                ("state", fields.CharField(default="waiting", db_default="waiting", max_length=8)),
                ("reason", fields.CharField(null=True, max_length=32)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "timer",
                "app": "clinic",
                "indexes": [
                    PartialIndex(
                        fields=["due_at"], name="timer_due", condition={"state": "waiting"}
                    )
                ],
                "pk_attr": "id",
                "table_description": "Something that is to happen at a time; it proves that it is still wanted when it fires.",
            },
            bases=["Model"],
        ),
    ]
