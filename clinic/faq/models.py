"""The clinic's answers, as stored."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class FaqEntry(Model):
    """One topic in one language. `helped` and `not_helped` count what patients said of it."""

    id = id_field()
    topic = fields.CharField(max_length=24)
    language = fields.CharField(max_length=8)
    answer = fields.TextField()
    helped = fields.IntField(default=0, db_default=0)
    not_helped = fields.IntField(default=0, db_default=0)
    updated_at = written_field()

    class Meta:
        table = "faq_entry"
        unique_together = (("topic", "language"),)


class FaqTopic(Model):
    """A topic that the clinic wrote itself: names, answers and lists of examples by language.

    `version` grows with every change, by which processes know that theirs is old.
    """

    id = id_field()
    names: Any = fields.JSONField()
    answers: Any = fields.JSONField()
    examples: Any = fields.JSONField()
    version = fields.IntField(default=1, db_default=1)
    helped = fields.IntField(default=0, db_default=0)
    not_helped = fields.IntField(default=0, db_default=0)
    retired_at = fields.DatetimeField(null=True)
    updated_at = written_field()

    class Meta:
        table = "faq_topic"


class FaqQuestion(Model):
    """Something that a patient asked and got no answer to.

    The words are those of `inbound`, for as long as those are kept. `topic` is the one that did not
    help, or that nothing is written about.
    """

    id = id_field()
    conversation = reference("Conversation", index=False)
    inbound = reference("Inbound", null=True, index=False)
    topic = fields.CharField(max_length=24, null=True)
    why = fields.CharField(max_length=16)
    language = fields.CharField(max_length=8)
    asked_at = written_field()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "faq_question"
        unique_together = (("inbound",),)
