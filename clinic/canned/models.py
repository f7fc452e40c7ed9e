"""Answers kept ready, as stored."""

from tortoise import fields
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class CannedAnswer(Model):
    """One answer in the clinic's languages. `shortcut` is what staff type after a slash."""

    id = id_field()
    shortcut = fields.CharField(max_length=32, unique=True)
    texts = fields.JSONField[dict[str, str]]()  # by language
    updated_by = reference("Staff", null=True, index=False)
    updated_at = written_field()

    class Meta:
        table = "canned_answer"
