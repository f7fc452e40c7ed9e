"""Imports as stored: the file until it is committed, what became of it, and what undoes it."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class ImportRun(Model):
    """One file somebody brought. States: uploaded, previewing, previewed, committing, committed,
    refused, undone, cancelled. `report` holds counts and reasons, never words of the file.
    """

    id = id_field()
    key = fields.UUIDField(unique=True)  # names the rows in encryption
    kind = fields.CharField(max_length=8, null=True)  # clinic.importer.types.Kind
    state = fields.CharField(max_length=10, default="uploaded", db_default="uploaded")
    digest = fields.CharField(max_length=64, db_index=True)  # sha256 of the normalised bytes
    size = fields.BigIntField()  # bytes
    name = fields.BinaryField()  # encrypted: a file's name may name a patient
    month = fields.DateField(null=True)  # the newest month it speaks of
    institution = fields.CharField(max_length=16, null=True)
    mapping = fields.JSONField[dict[str, Any]](null=True)  # of a table's columns
    confirmed = fields.JSONField[list[str]](default=list, db_default=[])  # warnings accepted
    progress = fields.IntField(default=0, db_default=0)  # per mille
    report = fields.JSONField[dict[str, Any]](default=dict, db_default={})
    lease_until = fields.DatetimeField(null=True)  # a worker has it
    created_by = reference("Staff", null=True, index=False)
    created_at = written_field()
    committed_at = fields.DatetimeField(null=True)
    undone_at = fields.DatetimeField(null=True)

    class Meta:
        table = "import_run"


class ImportChunk(Model):
    """A piece of the file, encrypted; gone once the import is committed, refused or cancelled."""

    id = id_field()
    run = reference("ImportRun", index=False)
    position = fields.IntField()
    content = fields.BinaryField()

    class Meta:
        table = "import_chunk"
        unique_together = (("run", "position"),)


class ImportIssue(Model):
    """What could not be used, or only with a doubt; the list staff download."""

    id = id_field()
    run = reference("ImportRun")
    severity = fields.CharField(max_length=6)
    reason = fields.CharField(max_length=48)
    line = fields.IntField(default=0, db_default=0)
    record = fields.CharField(max_length=24, default="", db_default="")
    field = fields.CharField(max_length=48, default="", db_default="")  # the column of the format
    numbers = fields.JSONField[dict[str, Any]](default=dict, db_default={})

    class Meta:
        table = "import_issue"


class ImportMapping(Model):
    """How the clinic's own lists name their columns, so that it is told once."""

    id = id_field()
    header_digest = fields.CharField(max_length=64, unique=True)
    mapping = fields.JSONField[dict[str, Any]]()
    updated_at = written_field()

    class Meta:
        table = "import_mapping"


class SourceRecord(Model):
    """One receipt, row or message as last imported. What it says hangs on it and goes with it.

    A newer one of the same patient and key replaces it; the replaced one stays, for undo.
    """

    id = id_field()
    run = reference("ImportRun")
    patient = reference("Patient", index=False)
    key = fields.CharField(max_length=96)
    version = fields.CharField(max_length=32, default="", db_default="")
    digest = fields.CharField(max_length=32)  # of what it says: the same again changes nothing
    month = fields.DateField(null=True)
    setting = fields.CharField(max_length=10)
    visit_count = fields.IntField(null=True)
    points = fields.IntField(null=True)
    deceased = fields.BooleanField(default=False, db_default=False)
    moved = fields.BooleanField(default=False, db_default=False)
    replaced_by: Any = fields.ForeignKeyField(
        "clinic.ImportRun", null=True, db_index=False, related_name=False, on_delete=fields.RESTRICT
    )

    class Meta:
        table = "source_record"
        indexes = (Index(fields=("patient_id", "month"), name="source_record_patient"),)


class PatientChange(Model):
    """What an import wrote into a patient, and what stood there before: undo reads it backwards.

    `made`: the import made the patient. `before` and `after` hold the columns that changed;
    encrypted ones as they lay in the row, base64.
    """

    id = id_field()
    run = reference("ImportRun")
    patient = reference("Patient")
    made = fields.BooleanField(default=False, db_default=False)
    before = fields.JSONField[dict[str, Any]](default=dict, db_default={})
    after = fields.JSONField[dict[str, Any]](default=dict, db_default={})

    class Meta:
        table = "patient_change"


class MatchReview(Model):
    """An entry of which no rule says who it is: a person decides (import E2).

    `entry` is the whole entry, encrypted. Decisions: patient (the one chosen), new, dropped; they
    hold for whatever later says the same of who is meant.
    """

    id = id_field()
    key = fields.UUIDField(unique=True)
    run = reference("ImportRun")
    reason = fields.CharField(max_length=24)
    identity = fields.CharField(max_length=64, db_index=True)  # blind index of who is meant
    digest = fields.CharField(max_length=32)  # of what the entry says
    entry = fields.BinaryField()
    candidates = fields.JSONField[list[int]]()
    state = fields.CharField(max_length=8, default="open", db_default="open")  # open, decided
    decision = fields.CharField(max_length=8, null=True)
    patient = reference("Patient", null=True)
    decided_by = reference("Staff", null=True, index=False)
    decided_at = fields.DatetimeField(null=True)
    created_at = written_field()

    class Meta:
        table = "match_review"


class CodeName(Model):
    """What a code of a receipt means: from the small table we bring, and from uploaded masters."""

    id = id_field()
    kind = fields.CharField(max_length=8)  # disease, modifier, act, drug
    code = fields.CharField(max_length=16)
    name = fields.CharField(max_length=160)
    icd10 = fields.CharField(max_length=8, default="", db_default="", db_index=True)
    suffix = fields.BooleanField(default=False, db_default=False)
    valid_until = fields.DateField(null=True)
    loaded = fields.CharField(max_length=16)  # "shipped", or the date of the master file

    class Meta:
        table = "code_name"
        unique_together = (("kind", "code"),)
