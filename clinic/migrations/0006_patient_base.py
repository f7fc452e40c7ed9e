from orjson import loads
from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations import operations as ops

from clinic import migrating


class Migration(migrating.Migration):
    dependencies = [("clinic", "0005_escalation_constraints")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CareGroup",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("code", fields.CharField(unique=True, max_length=32)),
                ("name", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("definition", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("mode", fields.CharField(max_length=6)),
                ("at_risk_months", fields.IntField(null=True)),
                ("lapsed_months", fields.IntField(null=True)),
                ("grace_days", fields.IntField(default=14, db_default=14)),
                ("interval_days", fields.IntField(null=True)),
                ("refill_days", fields.IntField(default=90, db_default=90)),
                ("strict", fields.BooleanField(default=False, db_default=False)),
                ("active", fields.BooleanField(default=True, db_default=True)),
                ("position", fields.IntField(default=0, db_default=0)),
                ("version", fields.IntField(default=1, db_default=1)),
            ],
            options={
                "table": "care_group",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A group as data: who belongs to it, and after how long somebody is missed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CodeName",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("kind", fields.CharField(max_length=8)),
                ("code", fields.CharField(max_length=16)),
                ("name", fields.CharField(max_length=160)),
                ("icd10", fields.CharField(default="", db_index=True, db_default="", max_length=8)),
                ("suffix", fields.BooleanField(default=False, db_default=False)),
                ("valid_until", fields.DateField(null=True)),
                ("loaded", fields.CharField(max_length=16)),
            ],
            options={
                "table": "code_name",
                "app": "clinic",
                "unique_together": (("kind", "code"),),
                "pk_attr": "id",
                "table_description": "What a code of a receipt means: from the small table we bring, and from uploaded masters.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ImportMapping",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("header_digest", fields.CharField(unique=True, max_length=64)),
                ("mapping", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                (
                    "updated_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "import_mapping",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "How the clinic's own lists name their columns, so that it is told once.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ImportRun",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                ("kind", fields.CharField(null=True, max_length=8)),
                (
                    "state",
                    fields.CharField(default="uploaded", db_default="uploaded", max_length=10),
                ),
                ("digest", fields.CharField(db_index=True, max_length=64)),
                ("size", fields.BigIntField()),
                ("name", fields.BinaryField()),
                ("month", fields.DateField(null=True)),
                ("institution", fields.CharField(null=True, max_length=16)),
                ("mapping", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                (
                    "confirmed",
                    fields.JSONField(
                        default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                ("progress", fields.IntField(default=0, db_default=0)),
                (
                    "report",
                    fields.JSONField(
                        default=dict, db_default={}, encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "lease_until",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
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
                (
                    "committed_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("undone_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "import_run",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "One file somebody brought. States: uploaded, previewing, previewed, committing, committed,",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ImportChunk",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "run",
                    fields.ForeignKeyField(
                        "clinic.ImportRun",
                        source_field="run_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("position", fields.IntField()),
                ("content", fields.BinaryField()),
            ],
            options={
                "table": "import_chunk",
                "app": "clinic",
                "unique_together": (("run", "position"),),
                "pk_attr": "id",
                "table_description": "A piece of the file, encrypted; gone once the import is committed, refused or cancelled.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ImportIssue",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "run",
                    fields.ForeignKeyField(
                        "clinic.ImportRun",
                        source_field="run_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("severity", fields.CharField(max_length=6)),
                ("reason", fields.CharField(max_length=48)),
                ("line", fields.IntField(default=0, db_default=0)),
                ("record", fields.CharField(default="", db_default="", max_length=24)),
                ("field", fields.CharField(default="", db_default="", max_length=48)),
                (
                    "numbers",
                    fields.JSONField(
                        default=dict, db_default={}, encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
            ],
            options={
                "table": "import_issue",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "What could not be used, or only with a doubt; the list staff download.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Lapse",
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
                ("state", fields.CharField(max_length=8)),
                ("last_visit_on", fields.DateField(null=True)),
                ("expected_on", fields.DateField(null=True)),
                ("at_risk_on", fields.DateField(null=True)),
                ("lapsed_on", fields.DateField(null=True)),
                (
                    "reason",
                    fields.JSONField(
                        default=dict, db_default={}, encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "computed_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "lapse",
                "app": "clinic",
                "unique_together": (("patient", "group"),),
                "indexes": [
                    Index(fields=["group_id", "state", "last_visit_on"], name="lapse_list")
                ],
                "pk_attr": "id",
                "table_description": "How a patient stands in a group. States: booked, active, due, at_risk, lapsed, dormant,",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MatchReview",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                (
                    "run",
                    fields.ForeignKeyField(
                        "clinic.ImportRun",
                        source_field="run_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("reason", fields.CharField(max_length=24)),
                ("identity", fields.CharField(db_index=True, max_length=64)),
                ("digest", fields.CharField(max_length=32)),
                ("entry", fields.BinaryField()),
                ("candidates", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("state", fields.CharField(default="open", db_default="open", max_length=8)),
                ("decision", fields.CharField(null=True, max_length=8)),
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
                    "decided_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="decided_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "match_review",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "An entry of which no rule says who it is: a person decides (import E2).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Outreach",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
                ("label", fields.CharField(max_length=80)),
                (
                    "group",
                    fields.ForeignKeyField(
                        "clinic.CareGroup",
                        source_field="group_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("purpose", fields.CharField(max_length=16)),
                ("share", fields.IntField(default=0, db_default=0)),
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
                "table": "outreach",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "One sending to a list. `share` of it, in per mille, was held out and got nothing.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OutreachMember",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "outreach",
                    fields.ForeignKeyField(
                        "clinic.Outreach",
                        source_field="outreach_id",
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
                ("held_out", fields.BooleanField(default=False, db_default=False)),
                ("left_out", fields.CharField(null=True, max_length=24)),
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
                ("sent_on", fields.DateField()),
                ("returned_on", fields.DateField(null=True)),
                (
                    "returned_by",
                    fields.ForeignKeyField(
                        "clinic.ImportRun",
                        source_field="returned_by_id",
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
                "table": "outreach_member",
                "app": "clinic",
                "unique_together": (("outreach", "patient"),),
                "pk_attr": "id",
                "table_description": "A patient of a sending. `left_out` says why nothing was sent to somebody not held out.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PatientChange",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "run",
                    fields.ForeignKeyField(
                        "clinic.ImportRun",
                        source_field="run_id",
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
                ("made", fields.BooleanField(default=False, db_default=False)),
                (
                    "before",
                    fields.JSONField(
                        default=dict, db_default={}, encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "after",
                    fields.JSONField(
                        default=dict, db_default={}, encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
            ],
            options={
                "table": "patient_change",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "What an import wrote into a patient, and what stood there before: undo reads it backwards.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PatientMerge",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "kept",
                    fields.ForeignKeyField(
                        "clinic.Patient",
                        source_field="kept_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "lost",
                    fields.ForeignKeyField(
                        "clinic.Patient",
                        source_field="lost_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("moved", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                (
                    "before",
                    fields.JSONField(
                        default=dict, db_default={}, encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "merged_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="merged_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "merged_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("undone_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "patient_merge",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "Two records that were one person. `moved` lists the rows that were carried over, for undo.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PatientNote",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField(unique=True)),
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
                ("kind", fields.CharField(max_length=8)),
                ("content", fields.BinaryField()),
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
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "patient_note",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "What staff must know before a visit: an allergy, fear of needles, white-coat pressure.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PatientSummary",
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
                ("first_visit_on", fields.DateField(null=True)),
                ("last_visit_on", fields.DateField(null=True, db_index=True)),
                ("visit_count", fields.IntField(default=0, db_default=0)),
                ("visits_year", fields.IntField(default=0, db_default=0)),
                ("no_shows", fields.IntField(default=0, db_default=0)),
                ("points_year", fields.IntField(default=0, db_default=0)),
                ("median_gap", fields.IntField(null=True)),
                ("supply_until", fields.DateField(null=True)),
                ("refill", fields.BooleanField(default=False, db_default=False)),
                ("long_supply", fields.BooleanField(default=False, db_default=False)),
                ("inpatient", fields.BooleanField(default=False, db_default=False)),
                ("newest_month", fields.DateField(null=True)),
                (
                    "refreshed_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "patient_summary",
                "app": "clinic",
                "pk_attr": "patient_id",
                "table_description": "What lists and segments ask of a patient, worked out whenever it changes.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PatientTag",
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
                ("tag", fields.CharField(db_index=True, max_length=48)),
                (
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "patient_tag",
                "app": "clinic",
                "unique_together": (("patient", "tag"),),
                "pk_attr": "id",
                "table_description": "A word of the clinic's own on a patient.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PlanDate",
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
                ("on_date", fields.DateField()),
                ("estimated", fields.BooleanField(default=False, db_default=False)),
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
                    "created_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "plan_date",
                "app": "clinic",
                "unique_together": (("patient", "on_date"),),
                "pk_attr": "id",
                "table_description": "A treatment plan (療養計画書) was handed over on a day; `estimated` from a fee's date.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Segment",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("key", fields.UUIDField()),
                ("version", fields.IntField()),
                ("name", fields.CharField(max_length=80)),
                ("tree", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("retired", fields.BooleanField(default=False, db_default=False)),
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
                "table": "segment",
                "app": "clinic",
                "unique_together": (("key", "version"),),
                "pk_attr": "id",
                "table_description": "One version of a saved filter; `key` stays the same over its versions.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SourceRecord",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "run",
                    fields.ForeignKeyField(
                        "clinic.ImportRun",
                        source_field="run_id",
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
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("key", fields.CharField(max_length=96)),
                ("version", fields.CharField(default="", db_default="", max_length=32)),
                ("digest", fields.CharField(max_length=32)),
                ("month", fields.DateField(null=True)),
                ("setting", fields.CharField(max_length=10)),
                ("visit_count", fields.IntField(null=True)),
                ("points", fields.IntField(null=True)),
                ("deceased", fields.BooleanField(default=False, db_default=False)),
                ("moved", fields.BooleanField(default=False, db_default=False)),
                (
                    "replaced_by",
                    fields.ForeignKeyField(
                        "clinic.ImportRun",
                        source_field="replaced_by_id",
                        null=True,
                        db_index=False,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "source_record",
                "app": "clinic",
                "indexes": [Index(fields=["patient_id", "month"], name="source_record_patient")],
                "pk_attr": "id",
                "table_description": "One receipt, row or message as last imported. What it says hangs on it and goes with it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Condition",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "record",
                    fields.ForeignKeyField(
                        "clinic.SourceRecord",
                        source_field="record_id",
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
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("code", fields.CharField(max_length=32)),
                ("system", fields.CharField(max_length=8)),
                ("month", fields.DateField(null=True)),
                ("icd10", fields.CharField(default="", db_default="", max_length=8)),
                ("name", fields.TextField(default="", db_default="", unique=False)),
                ("suspected", fields.BooleanField(default=False, db_default=False)),
                ("main", fields.BooleanField(default=False, db_default=False)),
                ("started_on", fields.DateField(null=True)),
                ("ended_on", fields.DateField(null=True)),
                ("outcome", fields.CharField(null=True, max_length=8)),
            ],
            options={
                "table": "condition",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A disease in one record. What counts now is what the newest month of a patient lists.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Encounter",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "record",
                    fields.ForeignKeyField(
                        "clinic.SourceRecord",
                        source_field="record_id",
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
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("on_date", fields.DateField()),
                ("setting", fields.CharField(max_length=10)),
            ],
            options={
                "table": "encounter",
                "app": "clinic",
                "indexes": [Index(fields=["patient_id", "on_date"], name="encounter_patient")],
                "pk_attr": "id",
                "table_description": "A day on which a source says the patient was seen. Several sources may tell of one day.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OutsideAppointment",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "record",
                    fields.ForeignKeyField(
                        "clinic.SourceRecord",
                        source_field="record_id",
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
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("key", fields.CharField(max_length=96)),
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("status", fields.CharField(max_length=10)),
            ],
            options={
                "table": "outside_appointment",
                "app": "clinic",
                "indexes": [
                    Index(fields=["patient_id", "starts_at"], name="outside_appointment_patient")
                ],
                "pk_attr": "id",
                "table_description": "A visit that was arranged in another system: nobody who has one is missed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Procedure",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "record",
                    fields.ForeignKeyField(
                        "clinic.SourceRecord",
                        source_field="record_id",
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
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("code", fields.CharField(max_length=32)),
                ("system", fields.CharField(max_length=8)),
                ("on_date", fields.DateField(null=True)),
                ("count", fields.IntField(default=1, db_default=1)),
                ("points", fields.IntField(null=True)),
            ],
            options={
                "table": "procedure",
                "app": "clinic",
                "indexes": [
                    Index(fields=["patient_id", "on_date"], name="procedure_patient"),
                    Index(fields=["code", "on_date"], name="procedure_code"),
                ],
                "pk_attr": "id",
                "table_description": "An act on a day.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Supply",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "record",
                    fields.ForeignKeyField(
                        "clinic.SourceRecord",
                        source_field="record_id",
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
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("code", fields.CharField(max_length=32)),
                ("system", fields.CharField(max_length=8)),
                ("on_date", fields.DateField()),
                ("days", fields.IntField(null=True)),
            ],
            options={
                "table": "supply",
                "app": "clinic",
                "indexes": [
                    Index(fields=["patient_id", "on_date"], name="supply_patient"),
                    Index(fields=["code"], name="supply_code"),
                ],
                "pk_attr": "id",
                "table_description": "Medicine for so many days, from a day on.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Patient",
            name="acquired_by",
            field=fields.CharField(null=True, max_length=32),
        ),
        ops.AddField(
            model_name="Patient",
            name="address",
            field=fields.BinaryField(null=True),
        ),
        ops.AddField(
            model_name="Patient",
            name="chart_loose",
            field=fields.CharField(null=True, max_length=32),
        ),
        ops.AddField(
            model_name="Patient",
            name="email",
            field=fields.BinaryField(null=True),
        ),
        ops.AddField(
            model_name="Patient",
            name="email_index",
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name="Patient",
            name="field_sources",
            field=fields.JSONField(default=dict, db_default={}, encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name="Patient",
            name="insured",
            field=fields.BinaryField(null=True),
        ),
        ops.AddField(
            model_name="Patient",
            name="insured_index",
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name="Patient",
            name="insurer",
            field=fields.BinaryField(null=True),
        ),
        ops.AddField(
            model_name="Patient",
            name="kana_key",
            field=fields.CharField(default="", db_default="", max_length=80),
        ),
        ops.AddField(
            model_name="Patient",
            name="membership",
            field=fields.CharField(null=True, max_length=10),
        ),
        ops.AddField(
            model_name="Patient",
            name="merged_into",
            field=fields.ForeignKeyField(
                "clinic.Patient",
                source_field="merged_into_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="Patient",
            name="moved_on",
            field=fields.DateField(null=True),
        ),
        ops.AddField(
            model_name="Patient",
            name="name_key",
            field=fields.CharField(default="", db_default="", max_length=80),
        ),
        ops.AddField(
            model_name="Patient",
            name="occupation",
            field=fields.CharField(null=True, max_length=48),
        ),
        ops.AddIndex(
            model_name="Patient",
            index=Index(fields=["birth_on", "kana_key"], name="patient_birth_kana"),
        ),
        ops.AddIndex(
            model_name="Patient",
            index=Index(fields=["birth_on", "name_key"], name="patient_birth_name"),
        ),
        ops.AddIndex(
            model_name="Patient",
            index=Index(fields=["chart_loose"], name="patient_chart_loose"),
        ),
        ops.AddIndex(
            model_name="Patient",
            index=Index(fields=["email_index"], name="patient_email"),
        ),
        ops.AddIndex(
            model_name="Patient",
            index=Index(fields=["merged_into_id"], name="patient_merged"),
        ),
        ops.AlterModelOptions(
            name="Task",
            options={
                "table": "task",
                "app": "clinic",
                "indexes": [
                    PartialIndex(
                        fields=["created_at"], name="task_open", condition={"state": "open"}
                    )
                ],
                "pk_attr": "id",
                "table_description": "Kinds: call (no reply to a reminder), link_request, flow_error, undelivered.",
            },
        ),
    ]
