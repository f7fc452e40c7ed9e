"""The patient's record: what sources say happened, and what staff add. A summary, no chart.

Rows with a `record` come from an import and go with it; without one staff wrote them.
"""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class Encounter(Model):
    """A day on which a source says the patient was seen. Several sources may tell of one day."""

    id = id_field()
    record = reference("SourceRecord", null=True)
    patient = reference("Patient", index=False)
    on_date = fields.DateField()
    setting = fields.CharField(max_length=10)  # outpatient, inpatient

    class Meta:
        table = "encounter"
        indexes = (Index(fields=("patient_id", "on_date"), name="encounter_patient"),)


class Condition(Model):
    """A disease in one record. What counts now is what the newest month of a patient lists."""

    id = id_field()
    record = reference("SourceRecord", null=True)
    patient = reference("Patient")
    code = fields.CharField(max_length=32)
    system = fields.CharField(max_length=8)
    month = fields.DateField(null=True)  # of its record: what the newest month lists counts now
    icd10 = fields.CharField(max_length=8, default="", db_default="")
    name = fields.TextField(default="", db_default="")
    suspected = fields.BooleanField(default=False, db_default=False)
    main = fields.BooleanField(default=False, db_default=False)
    started_on = fields.DateField(null=True)
    ended_on = fields.DateField(null=True)
    outcome = fields.CharField(max_length=8, null=True)  # cured, died, stopped

    class Meta:
        table = "condition"


class Procedure(Model):
    """An act on a day."""

    id = id_field()
    record = reference("SourceRecord", null=True)
    patient = reference("Patient", index=False)
    code = fields.CharField(max_length=32)
    system = fields.CharField(max_length=8)
    on_date = fields.DateField(null=True)
    count = fields.IntField(default=1, db_default=1)
    points = fields.IntField(null=True)

    class Meta:
        table = "procedure"
        indexes = (
            Index(fields=("patient_id", "on_date"), name="procedure_patient"),
            Index(fields=("code", "on_date"), name="procedure_code"),
        )


class Supply(Model):
    """Medicine for so many days, from a day on."""

    id = id_field()
    record = reference("SourceRecord", null=True)
    patient = reference("Patient", index=False)
    code = fields.CharField(max_length=32)
    system = fields.CharField(max_length=8)
    on_date = fields.DateField()
    days = fields.IntField(null=True)

    class Meta:
        table = "supply"
        indexes = (
            Index(fields=("patient_id", "on_date"), name="supply_patient"),
            Index(fields=("code",), name="supply_code"),
        )


class OutsideAppointment(Model):
    """A visit that was arranged in another system: nobody who has one is missed."""

    id = id_field()
    record = reference("SourceRecord")
    patient = reference("Patient", index=False)
    key = fields.CharField(max_length=96)
    starts_at = fields.DatetimeField()
    status = fields.CharField(max_length=10)  # booked, cancelled, noshow, fulfilled

    class Meta:
        table = "outside_appointment"
        indexes = (Index(fields=("patient_id", "starts_at"), name="outside_appointment_patient"),)


class PatientSummary(Model):
    """What lists and segments ask of a patient, worked out whenever it changes.

    Nothing here depends on today: what is said of a year is said of the 365 days up to and with the
    last visit.
    """

    patient: Any = fields.OneToOneField(
        "clinic.Patient", primary_key=True, related_name=False, on_delete=fields.RESTRICT
    )
    first_visit_on = fields.DateField(null=True)
    last_visit_on = fields.DateField(null=True, db_index=True)
    visit_count = fields.IntField(default=0, db_default=0)
    visits_year = fields.IntField(default=0, db_default=0)
    no_shows = fields.IntField(default=0, db_default=0)
    points_year = fields.IntField(default=0, db_default=0)
    median_gap = fields.IntField(null=True)  # days between the last six visits
    supply_until = fields.DateField(null=True)  # the last visit's medicine ends
    refill = fields.BooleanField(default=False, db_default=False)  # prescribed at the last visit
    long_supply = fields.BooleanField(default=False, db_default=False)  # 28 days or more
    inpatient = fields.BooleanField(default=False, db_default=False)  # in the newest month
    newest_month = fields.DateField(null=True)  # of which a record tells
    refreshed_at = written_field()

    class Meta:
        table = "patient_summary"


class PatientTag(Model):
    """A word of the clinic's own on a patient."""

    id = id_field()
    patient = reference("Patient", index=False)
    tag = fields.CharField(max_length=48, db_index=True)
    created_at = written_field()

    class Meta:
        table = "patient_tag"
        unique_together = (("patient", "tag"),)


class PatientNote(Model):
    """What staff must know before a visit: an allergy, fear of needles, white-coat pressure."""

    id = id_field()
    key = fields.UUIDField(unique=True)  # names the row in encryption
    patient = reference("Patient")
    kind = fields.CharField(max_length=8)  # allergy, visit
    content = fields.BinaryField()  # encrypted
    written_by = reference("Staff", null=True, index=False)
    created_at = written_field()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "patient_note"


class PatientMerge(Model):
    """Two records that were one person. `moved` lists the rows that were carried over, for undo."""

    id = id_field()
    kept: Any = fields.ForeignKeyField(
        "clinic.Patient", db_index=True, related_name=False, on_delete=fields.RESTRICT
    )
    lost: Any = fields.ForeignKeyField(
        "clinic.Patient", db_index=True, related_name=False, on_delete=fields.RESTRICT
    )
    moved = fields.JSONField[dict[str, list[int]]]()
    before = fields.JSONField[dict[str, Any]](default=dict, db_default={})
    merged_by = reference("Staff", null=True, index=False)
    merged_at = written_field()
    undone_at = fields.DatetimeField(null=True)

    class Meta:
        table = "patient_merge"


class Erasure(Model):
    """A patient of whom nothing tells any more, and the keyed marks by which an import knows them.

    `chart_mark` is of chart number and birth date; the others, of reading or name with birth date
    and sex, count where one side has no chart number. `lifted_at`: imports may bring them again.
    """

    id = id_field()
    patient: Any = fields.OneToOneField(
        "clinic.Patient", related_name=False, on_delete=fields.RESTRICT
    )
    chart_mark = fields.CharField(max_length=64, null=True, db_index=True)
    kana_mark = fields.CharField(max_length=64, null=True, db_index=True)
    name_mark = fields.CharField(max_length=64, null=True, db_index=True)
    erased_by = reference("Staff", null=True, index=False)
    erased_at = written_field()
    lifted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "erasure"
