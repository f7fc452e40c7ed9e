"""Readings as stored, and the limits that staff set for one patient."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class Observation(Model):
    """A reading (FHIR Observation), in the unit its kind is kept in; `unit` is what it was told in.

    Status: final, or entered-in-error, which counts for nothing. `level`: what it was judged to be.
    """

    id = id_field()
    patient = reference("Patient", index=False)
    kind = fields.CharField(max_length=16)
    value = fields.DecimalField(max_digits=8, decimal_places=2)
    second = fields.DecimalField(max_digits=8, decimal_places=2, null=True)
    unit = fields.CharField(max_length=8)
    occasion = fields.CharField(max_length=16, null=True)
    measured_at = fields.DatetimeField()
    source = fields.CharField(max_length=8)  # chat, staff, plan
    account = reference("ChatAccount", null=True)
    status = fields.CharField(max_length=16, default="final", db_default="final")
    level = fields.IntField(default=1, db_default=1)
    written_by = reference("Staff", null=True, index=False)
    struck_by = reference("Staff", null=True, index=False)
    struck_at = fields.DatetimeField(null=True)
    created_at = written_field()

    class Meta:
        table = "observation"
        indexes = (Index(fields=("patient_id", "kind", "measured_at"), name="observation_newest"),)


class ObservationLimit(Model):
    """A patient's own limit instead of the house's. `at` null: there is none."""

    id = id_field()
    patient = reference("Patient", index=False)
    measure = fields.CharField(max_length=16)
    side = fields.CharField(max_length=8)  # below, from
    level = fields.IntField()
    at = fields.DecimalField(max_digits=8, decimal_places=2, null=True)
    set_by = reference("Staff", null=True, index=False)
    set_at = written_field()

    class Meta:
        table = "observation_limit"
        unique_together = (("patient", "measure", "side", "level"),)
