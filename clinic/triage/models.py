"""Runs of a triage, and who signed its rules, as stored."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class TriageRun(Model):
    """One run to its end, so that it can be replayed to the same result.

    `rules` are the versions it went by, with the digests of their texts (TriageRule); `facts` and
    `answers` are encrypted together.
    """

    id = id_field()
    key = fields.UUIDField(unique=True)  # names the row in encryption
    conversation = reference("Conversation")
    patient = reference("Patient", null=True)
    presentation = fields.CharField(max_length=32)
    rules = fields.JSONField[dict[str, Any]]()
    answers = fields.BinaryField()
    level = fields.IntField()
    disposition = fields.CharField(max_length=16)
    reasons = fields.JSONField[list[Any]](default=list, db_default=[])
    asked = fields.JSONField[list[Any]](default=list, db_default=[])
    before = reference("TriageRun", null=True)  # the run that this one follows: a check-in
    checked_in = fields.CharField(max_length=8, null=True)  # worse, same, better
    created_at = written_field()

    class Meta:
        table = "triage_run"
        indexes = (Index(fields=("created_at",), name="triage_run_created"),)


class TriageRule(Model):
    """The text of a presentation, or of what everybody is asked, as runs or signatures went by it.

    Written when it is first gone by; it never changes.
    """

    id = id_field()
    rule = fields.CharField(max_length=64)  # presentation:chest_pain, base
    version = fields.IntField()
    digest = fields.CharField(max_length=64)  # of the content
    content = fields.JSONField[dict[str, Any]]()
    created_at = written_field()

    class Meta:
        table = "triage_rule"
        unique_together = (("rule", "digest"),)


class RuleSignature(Model):
    """A doctor read one version of a rule and stands for it: for the text with this digest."""

    id = id_field()
    rule = fields.CharField(max_length=64)  # presentation:chest_pain, base, plan:flu
    version = fields.IntField()
    staff = reference("Staff")
    digest = fields.CharField(max_length=64, null=True)  # null: the version cannot change
    signed_at = written_field()

    class Meta:
        table = "rule_signature"
        unique_together = (("rule", "version"),)
