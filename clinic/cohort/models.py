"""Research cohorts as stored: who takes part in which arm, and the rounds of questions."""

from typing import Any

from tortoise import fields
from tortoise.indexes import PartialIndex
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class Cohort(Model):
    """A study: arms, and rounds so many months after somebody was enrolled.

    `form`: the url of the questionnaire of the rounds, None if nothing is asked. Closed: nobody is
    asked any more, and the figures stay.
    """

    id = id_field()
    key = fields.UUIDField(unique=True)
    name = fields.CharField(max_length=80)
    arms = fields.JSONField[list[str]]()
    rounds = fields.JSONField[list[int]]()  # months
    form = fields.CharField(max_length=200, null=True)
    lost_after_days = fields.IntField(default=365, db_default=365)  # without any contact
    created_by = reference("Staff", null=True, index=False)
    created_at = written_field()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "cohort"


class CohortMember(Model):
    """Somebody who agreed to take part. Status: alive, died (on `event_on`), lost, withdrew.

    `key` is the pseudonym: nothing outside this table tells whose it is.
    """

    id = id_field()
    key = fields.UUIDField(unique=True)
    cohort = reference("Cohort", index=False)
    patient = reference("Patient")
    arm = fields.CharField(max_length=32)
    enrolled_on = fields.DateField()
    status = fields.CharField(max_length=8, default="alive", db_default="alive")
    event_on = fields.DateField(null=True)
    contact_on = fields.DateField(null=True)  # that staff know of beside visits and answers
    enrolled_by = reference("Staff", null=True, index=False)
    created_at = written_field()

    class Meta:
        table = "cohort_member"
        unique_together = (("cohort", "patient"),)


class CohortRound(Model):
    """A round of a member: waiting until its day, then asked, or skipped with its reason."""

    id = id_field()
    member = reference("CohortMember", index=False)
    months = fields.IntField()
    due_on = fields.DateField()
    state = fields.CharField(max_length=8, default="waiting", db_default="waiting")
    reason = fields.CharField(max_length=32, null=True)
    request: Any = fields.ForeignKeyField(
        "clinic.QuestionnaireRequest",
        null=True,
        db_index=True,
        related_name=False,
        on_delete=fields.RESTRICT,
    )

    class Meta:
        table = "cohort_round"
        unique_together = (("member", "months"),)
        indexes = (
            PartialIndex(
                fields=("due_on",), name="cohort_round_due", condition={"state": "waiting"}
            ),
        )
