"""The clinic's answers, as stored."""

from tortoise import fields
from tortoise.models import Model

from clinic.fields import id_field, written_field


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
