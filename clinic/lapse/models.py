"""Groups of patients by what they are treated for, and who of them is drifting away."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class CareGroup(Model):
    """A group as data: who belongs to it, and after how long somebody is missed.

    `definition` is read by clinic.lapse.rules; `mode` is fixed or supply.
    """

    id = id_field()
    code = fields.CharField(max_length=32, unique=True)
    name = fields.JSONField[dict[str, str]]()
    definition = fields.JSONField[dict[str, Any]]()
    mode = fields.CharField(max_length=6)
    at_risk_months = fields.IntField(null=True)
    lapsed_months = fields.IntField(null=True)
    grace_days = fields.IntField(default=14, db_default=14)
    interval_days = fields.IntField(null=True)  # what is expected if nothing else says
    refill_days = fields.IntField(default=90, db_default=90)
    strict = fields.BooleanField(default=False, db_default=False)
    active = fields.BooleanField(default=True, db_default=True)
    position = fields.IntField(default=0, db_default=0)
    version = fields.IntField(default=1, db_default=1)

    class Meta:
        table = "care_group"


class Lapse(Model):
    """How a patient stands in a group. States: booked, active, due, at_risk, lapsed, dormant,
    excluded (never listed; `reason` says why).
    """

    id = id_field()
    patient = reference("Patient", index=False)
    group = reference("CareGroup", index=False)
    state = fields.CharField(max_length=8)
    last_visit_on = fields.DateField(null=True)
    expected_on = fields.DateField(null=True)
    at_risk_on = fields.DateField(null=True)
    lapsed_on = fields.DateField(null=True)
    reason = fields.JSONField[dict[str, Any]](default=dict, db_default={})  # key and numbers
    computed_at = written_field()

    class Meta:
        table = "lapse"
        unique_together = (("patient", "group"),)
        indexes = (Index(fields=("group_id", "state", "last_visit_on"), name="lapse_list"),)


class PlanDate(Model):
    """A treatment plan (療養計画書) was handed over on a day; `estimated` from a fee's date."""

    id = id_field()
    patient = reference("Patient", index=False)
    on_date = fields.DateField()
    estimated = fields.BooleanField(default=False, db_default=False)
    written_by = reference("Staff", null=True, index=False)
    created_at = written_field()

    class Meta:
        table = "plan_date"
        unique_together = (("patient", "on_date"),)
