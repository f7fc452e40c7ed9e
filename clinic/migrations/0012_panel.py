from orjson import loads
from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations import operations as ops

from clinic import migrating


class Migration(migrating.Migration):
    dependencies = [("clinic", "0011_segment_indexes")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ApiKey",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("name", fields.CharField(max_length=80)),
                ("secret_hash", fields.CharField(unique=True, max_length=64)),
                ("hint", fields.CharField(max_length=16)),
                ("scopes", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("rate", fields.IntField()),
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
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "api_key",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A key by which another program uses the API. Only its hash is stored.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ApiDeed",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "api_key",
                    fields.ForeignKeyField(
                        "clinic.ApiKey",
                        source_field="api_key_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name_hash", fields.CharField(max_length=64)),
                ("body_hash", fields.CharField(max_length=64)),
                ("subject_id", fields.BigIntField(null=True)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "api_deed",
                "app": "clinic",
                "unique_together": (("api_key", "name_hash"),),
                "indexes": [Index(fields=["created_at"], name="api_deed_created")],
                "pk_attr": "id",
                "table_description": "A POST that succeeded, by its Idempotency-Key, so that its repetition does nothing again.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CalendarFeed",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
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
                ("initials", fields.BooleanField(default=False, db_default=False)),
                ("language", fields.CharField(max_length=7)),
                (
                    "created_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="created_by_id",
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
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "calendar_feed",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "An address at which a calendar program reads the visits of a practitioner.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CannedAnswer",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("shortcut", fields.CharField(unique=True, max_length=32)),
                ("texts", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                (
                    "updated_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="updated_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "canned_answer",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "One answer in the clinic's languages. `shortcut` is what staff type after a slash.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ConversationEvent",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "conversation",
                    fields.ForeignKeyField(
                        "clinic.Conversation",
                        source_field="conversation_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("kind", fields.CharField(max_length=12)),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="staff_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "colleague",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="colleague_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "conversation_event",
                "app": "clinic",
                "indexes": [Index(fields=["conversation_id", "id"], name="conversation_event_of")],
                "pk_attr": "id",
                "table_description": "What staff and time did with a conversation, for its thread: ledger, never changed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ConversationReader",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "conversation",
                    fields.ForeignKeyField(
                        "clinic.Conversation",
                        source_field="conversation_id",
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
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "read_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("here_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "typing_until",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "conversation_reader",
                "app": "clinic",
                "unique_together": (("conversation", "staff"),),
                "pk_attr": "id",
                "table_description": "A staff member who had a conversation open: how far it was read, and who is there now.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Delay",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
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
                ("on_date", fields.DateField()),
                ("minutes", fields.IntField()),
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
                "table": "delay",
                "app": "clinic",
                "unique_together": (("practitioner", "on_date"),),
                "pk_attr": "id",
                "table_description": "How far behind a practitioner is on a day.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DocumentTemplate",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("code", fields.CharField(max_length=40)),
                ("version", fields.IntField()),
                ("kind", fields.CharField(max_length=12)),
                ("status", fields.CharField(default="draft", db_default="draft", max_length=8)),
                ("titles", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("texts", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                (
                    "places",
                    fields.JSONField(
                        default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
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
                    "written_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                (
                    "checked_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="checked_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("checked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "document_template",
                "app": "clinic",
                "unique_together": (("code", "version"),),
                "pk_attr": "id",
                "table_description": "One version. Only a draft changes; whoever makes it active says that it was checked.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                ("number", fields.CharField(unique=True, max_length=24)),
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
                    "template",
                    fields.ForeignKeyField(
                        "clinic.DocumentTemplate",
                        source_field="template_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("language", fields.CharField(max_length=8)),
                ("content", fields.BinaryField()),
                ("pdf", fields.BinaryField()),
                ("sha256", fields.CharField(max_length=64)),
                ("state", fields.CharField(default="issued", db_default="issued", max_length=8)),
                (
                    "issued_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="issued_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "issued_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("void_note", fields.BinaryField(null=True)),
                (
                    "voided_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="voided_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("voided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "document",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A document of a patient. States: issued, void. It never changes but for that.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DocumentAnswer",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                (
                    "document",
                    fields.ForeignKeyField(
                        "clinic.Document",
                        source_field="document_id",
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
                ("relation", fields.CharField(max_length=8)),
                ("answer", fields.CharField(max_length=10)),
                ("version", fields.IntField()),
                ("sha256", fields.CharField(max_length=64)),
                ("pdf", fields.BinaryField()),
                (
                    "answered_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "document_answer",
                "app": "clinic",
                "indexes": [Index(fields=["document_id", "id"])],
                "pk_attr": "id",
                "table_description": "What somebody said to a document in the chat, with a PDF of it. Rows never change.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DocumentLink",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                ("session_hash", fields.CharField(null=True, max_length=64)),
                (
                    "document",
                    fields.ForeignKeyField(
                        "clinic.Document",
                        source_field="document_id",
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
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("views", fields.IntField(default=0, db_default=0)),
            ],
            options={
                "table": "document_link",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A one-time link to a document. `session_hash` names the browser that used it up; the PDF",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EmergencyAccess",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
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
                ("reason", fields.BinaryField(null=True)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("until_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("told_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "emergency_access",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A doctor looks after somebody else's patient for an hour, and said why.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FigureDay",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("figure", fields.CharField(max_length=12)),
                ("on_date", fields.DateField()),
                ("kind", fields.CharField(default="", db_default="", max_length=64)),
                ("chapter", fields.CharField(default="", db_default="", max_length=5)),
                (
                    "doctor",
                    fields.ForeignKeyField(
                        "clinic.Resource",
                        source_field="doctor_id",
                        null=True,
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
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("n", fields.IntField()),
                ("total", fields.BigIntField(default=0, db_default=0)),
            ],
            options={
                "table": "figure_day",
                "app": "clinic",
                "indexes": [Index(fields=["figure", "on_date"], name="figure_day_figure")],
                "pk_attr": "id",
                "table_description": "A sum of one day: `n` of what `figure` and `kind` say, with `total` minutes, points or days.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FigureEvent",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                ("figure", fields.CharField(max_length=12)),
                ("kind", fields.CharField(default="", db_default="", max_length=64)),
                ("subject", fields.BigIntField(null=True)),
            ],
            options={
                "table": "figure_event",
                "app": "clinic",
                "indexes": [Index(fields=["figure", "at"], name="figure_event_figure")],
                "pk_attr": "id",
                "table_description": "Something that a turn tells the figures, by codes only: `step`, `left`, `goal`, `nothing`",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FigureMonth",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("month", fields.DateField(unique=True)),
                (
                    "computed_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "figure_month",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A month whose days were last worked out at `computed_at`.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Heartbeat",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("name", fields.CharField(unique=True, max_length=96)),
                ("kind", fields.CharField(max_length=8)),
                ("release", fields.CharField(max_length=32)),
                ("settings_version", fields.BigIntField(default=0, db_default=0)),
                (
                    "detail",
                    fields.JSONField(
                        default=dict, db_default={}, encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "started_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                (
                    "seen_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "heartbeat",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A process that runs: written every few seconds, forgotten after a day.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Installation",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("origin", fields.UUIDField()),
                ("instance", fields.UUIDField()),
                ("muted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("mute_reason", fields.CharField(null=True, max_length=16)),
                (
                    "released_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "released_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="released_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "backed_up_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("backup_bytes", fields.BigIntField(null=True)),
            ],
            options={
                "table": "installation",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "The only row: who we are, and whether anything may go out.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Passkey",
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
                ("credential_id", fields.CharField(unique=True, max_length=1400)),
                ("public_key", fields.BinaryField()),
                ("sign_count", fields.BigIntField(default=0, db_default=0)),
                ("name", fields.CharField(max_length=60)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "passkey",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A key that a device or browser keeps (WebAuthn). Ids are base64url.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="QueueBoard",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "site",
                    fields.OneToOneField(
                        "clinic.Site",
                        source_field="site_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("version", fields.IntField(default=1, db_default=1)),
                ("active", fields.BooleanField(default=True, db_default=True)),
            ],
            options={
                "table": "queue_board",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "The public page of a site's numbers. A new `version` makes its old address a dead one.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="QueueTicket",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "appointment",
                    fields.OneToOneField(
                        "clinic.Appointment",
                        source_field="appointment_id",
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
                ("on_date", fields.DateField()),
                ("number", fields.IntField()),
                ("told", fields.IntField(null=True)),
                (
                    "made_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("called_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("started_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "queue_ticket",
                "app": "clinic",
                "unique_together": (("site", "on_date", "number"),),
                "pk_attr": "id",
                "table_description": "The number of the day that a visit got when its patient came.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RecoveryCode",
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
                ("code_index", fields.CharField(unique=True, max_length=64)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "recovery_code",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "Stands in for a code of the app, once. Only its keyed hash is stored.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SettingChange",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.CharField(max_length=64)),
                ("value", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
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
                    "changed_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "setting_change",
                "app": "clinic",
                "indexes": [Index(fields=["key", "id"])],
                "pk_attr": "id",
                "table_description": "One change of one setting; the newest of a key is in force. A ledger: no row changes.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SignInStep",
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
                ("wrong", fields.IntField(default=0, db_default=0)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "sign_in_step",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "Somebody proved one thing (a link, a password) and is asked for the second one.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SignInTry",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("name_index", fields.CharField(max_length=64)),
                ("address", fields.CharField(max_length=45)),
                ("at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "sign_in_try",
                "app": "clinic",
                "indexes": [
                    Index(fields=["name_index", "at"], name="sign_in_try_name"),
                    Index(fields=["address", "at"], name="sign_in_try_address"),
                    Index(fields=["at"], name="sign_in_try_at"),
                ],
                "pk_attr": "id",
                "table_description": "One try to sign in that was not right, or is still looked at.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StaffNotice",
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
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("kind", fields.CharField(max_length=10)),
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
                    "by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                ("seen_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "staff_notice",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "Something a colleague wants to be seen: a conversation was given to somebody, or a note names",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="VisitStep",
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
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("version", fields.IntField()),
                ("was", fields.CharField(max_length=12)),
                ("became", fields.CharField(max_length=12)),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="staff_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                ("undone_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "visit_step",
                "app": "clinic",
                "indexes": [Index(fields=["appointment_id", "id"], name="visit_step_of")],
                "pk_attr": "id",
                "table_description": "One press at the desk: what a visit was and became, so that it can be taken back.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WebhookEndpoint",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                ("name", fields.CharField(max_length=80)),
                ("url", fields.BinaryField()),
                (
                    "kinds",
                    fields.JSONField(
                        default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                ("secret", fields.BinaryField()),
                ("old_secret", fields.BinaryField(null=True)),
                (
                    "old_secret_until",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("state", fields.CharField(default="active", db_default="active", max_length=8)),
                ("reason", fields.CharField(null=True, max_length=16)),
                (
                    "failing_since",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "webhook_endpoint",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "Who is told. States: active, paused, removed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WebhookEvent",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                ("kind", fields.CharField(max_length=40)),
                (
                    "data",
                    fields.JSONField(
                        default=dict, db_default={}, encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "webhook_event",
                "app": "clinic",
                "indexes": [Index(fields=["created_at"])],
                "pk_attr": "id",
                "table_description": "What happened, written in the transaction that did it. `data` holds ids and codes.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WebhookDelivery",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "event",
                    fields.ForeignKeyField(
                        "clinic.WebhookEvent",
                        source_field="event_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "endpoint",
                    fields.ForeignKeyField(
                        "clinic.WebhookEndpoint",
                        source_field="endpoint_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("state", fields.CharField(default="pending", db_default="pending", max_length=12)),
                ("attempts", fields.IntField(default=0, db_default=0)),
                (
                    "send_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("lease_token", fields.UUIDField(null=True)),
                ("answered", fields.IntField(null=True)),
                ("reason", fields.CharField(null=True, max_length=16)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "webhook_delivery",
                "app": "clinic",
                "unique_together": (("event", "endpoint"),),
                "indexes": [Index(fields=["endpoint_id", "state", "id"])],
                "pk_attr": "id",
                "table_description": "One event for one endpoint. States: pending, leased, delivered, dead, dropped.",
            },
            bases=["Model"],
        ),
        ops.AddIndex(
            model_name="Audit",
            index=Index(fields=["at"], name="audit_at"),
        ),
        ops.AddIndex(
            model_name="Audit",
            index=PartialIndex(
                fields=["actor_id", "at"], name="audit_staff", condition={"actor_kind": "staff"}
            ),
        ),
        ops.AddField(
            model_name="ContactPreference",
            name="wrong_phone",
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name="Conversation",
            name="answered_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Conversation",
            name="assigned_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Conversation",
            name="snoozed_until",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Link",
            name="run",
            field=fields.ForeignKeyField(
                "clinic.ImportRun",
                source_field="run_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="Site",
            name="active",
            field=fields.BooleanField(default=True, db_default=True),
        ),
        ops.AddField(
            model_name="Staff",
            name="password_hash",
            field=fields.CharField(null=True, max_length=255),
        ),
        ops.AddField(
            model_name="Staff",
            name="totp_pending",
            field=fields.BinaryField(null=True),
        ),
        ops.AddField(
            model_name="Staff",
            name="totp_secret",
            field=fields.BinaryField(null=True),
        ),
        ops.AddField(
            model_name="Staff",
            name="totp_step",
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name="StaffSession",
            name="address",
            field=fields.CharField(null=True, max_length=45),
        ),
        ops.AddField(
            model_name="StaffSession",
            name="browser",
            field=fields.CharField(null=True, max_length=40),
        ),
        ops.AddField(
            model_name="StaffSession",
            name="proved_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Task",
            name="assigned_to",
            field=fields.ForeignKeyField(
                "clinic.Staff",
                source_field="assigned_to_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="Task",
            name="due_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Task",
            name="outcome",
            field=fields.CharField(null=True, max_length=12),
        ),
        ops.AddField(
            model_name="Task",
            name="result",
            field=fields.BinaryField(null=True),
        ),
        ops.AddField(
            model_name="Task",
            name="tries",
            field=fields.IntField(default=0, db_default=0),
        ),
    ]
