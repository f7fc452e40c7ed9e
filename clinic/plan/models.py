"""Follow-up plans as stored: definitions, the plans of patients, and a row for every due point."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index, PartialIndex
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class PlanDefinition(Model):
    """One version of a plan (FHIR PlanDefinition). A version never changes.

    Status: draft, active (at most one version of a code), retired.
    """

    id = id_field()
    code = fields.CharField(max_length=32)
    version = fields.IntField()
    status = fields.CharField(max_length=8, default="draft", db_default="draft")
    title = fields.JSONField[dict[str, str]]()
    content = fields.JSONField[dict[str, Any]]()  # clinic.plan.read
    looked_at = fields.DatetimeField(null=True)  # for whom to enrol, and which plans are over
    created_by = reference("Staff", null=True, index=False)
    created_at = written_field()

    class Meta:
        table = "plan_definition"
        unique_together = (("code", "version"),)


class CarePlan(Model):
    """A plan of one patient (FHIR CarePlan). States: active, completed, revoked (with the reason).

    Once for each patient and anchor: `anchor_key` is visit:{day}, discharge:{day}, procedure:{day},
    birth:{day} or hand:{random}. `steps` are its own where it was edited.
    """

    id = id_field()
    code = fields.CharField(max_length=32)
    definition = reference("PlanDefinition")
    patient = reference("Patient")
    anchor_key = fields.CharField(max_length=48)
    anchor_on = fields.DateField()
    steps = fields.JSONField[list[Any]](null=True)
    state = fields.CharField(max_length=10, default="active", db_default="active")
    reason = fields.CharField(max_length=32, null=True)
    started_by = reference("Staff", null=True, index=False)
    ended_by = reference("Staff", null=True, index=False)
    created_at = written_field()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "care_plan"
        unique_together = (("code", "patient", "anchor_key"),)
        indexes = (
            PartialIndex(fields=("id",), name="care_plan_active", condition={"state": "active"}),
        )


class CarePlanActivity(Model):
    """One due point of a plan. Every end is a row with its reason: clinic.plan.types.STATES.

    `next_at`: when the worker looks at it, null once it has ended. `rung`: how far it climbed;
    `tried`: the accounts it went through. `version` rises with every message, for its dedup key.
    """

    id = id_field()
    plan = reference("CarePlan", index=False)
    step = fields.CharField(max_length=32)
    n = fields.IntField(default=1, db_default=1)
    due_at = fields.DatetimeField()
    useful_until = fields.DatetimeField()
    state = fields.CharField(max_length=10, default="waiting", db_default="waiting")
    reason = fields.CharField(max_length=48, null=True)
    next_at = fields.DatetimeField(null=True)
    rung = fields.IntField(default=0, db_default=0)
    version = fields.IntField(default=0, db_default=0)
    tried = fields.JSONField[list[int]](default=list, db_default=[])
    asked_at = fields.DatetimeField(null=True)  # the first time
    answer = fields.CharField(max_length=8, null=True)  # fine, help
    outbox = reference("Outbox", null=True)  # the newest message
    request = reference("QuestionnaireRequest", null=True)
    response = reference("QuestionnaireResponse", null=True, index=False)
    task = reference("Task", null=True)
    settled_by = reference("Staff", null=True, index=False)
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "care_plan_activity"
        unique_together = (("plan", "step", "n"),)
        indexes = (
            Index(fields=("next_at",), name="care_plan_activity_next"),
            PartialIndex(
                fields=("plan_id",), name="care_plan_activity_asked", condition={"state": "asked"}
            ),
        )
