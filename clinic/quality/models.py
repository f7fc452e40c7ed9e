"""The monthly audit of conversations by experts, as stored."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class QualityReview(Model):
    """One conversation of a month's sample, and what an expert found. `answers` are encrypted.

    `stratum` is why it was drawn: level_4, triage, handoff, questionnaire, dialogue.
    """

    id = id_field()
    key = fields.UUIDField(unique=True)  # names the row in encryption
    month = fields.DateField()  # its first day
    conversation = reference("Conversation")
    stratum = fields.CharField(max_length=16)
    rules = fields.JSONField[dict[str, Any]](default=dict, db_default={})  # versions in force
    answers = fields.BinaryField(null=True)
    score = fields.IntField(null=True)  # of the checklist, per cent
    assigned_to = reference("Staff", null=True, index=False)  # who is to review it; null: anybody
    reviewer = reference("Staff", null=True)
    reviewed_at = fields.DatetimeField(null=True)
    created_at = written_field()

    class Meta:
        table = "quality_review"
        unique_together = (("month", "conversation"),)


class QualityFinding(Model):
    """Something to mend in a script: a rule, a text or a questionnaire. Closed when it is done."""

    id = id_field()
    review = reference("QualityReview")
    script = fields.CharField(max_length=64)  # presentation:chest_pain, questionnaire:..., text:...
    kind = fields.CharField(max_length=24)
    note = fields.BinaryField()  # encrypted
    state = fields.CharField(max_length=8, default="open", db_default="open")
    closed_at = fields.DatetimeField(null=True)
    closed_by = reference("Staff", null=True, index=False)
    created_at = written_field()

    class Meta:
        table = "quality_finding"
