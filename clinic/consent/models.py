"""Consents as stored: every giving and withdrawing is a row."""

from tortoise import fields
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class Consent(Model):
    """A chat account agreed to, or took back, messages of a purpose under a notice's version."""

    id = id_field()
    account = reference("ChatAccount")
    purpose = fields.CharField(max_length=16)  # messages
    notice_version = fields.CharField(max_length=16)
    given = fields.BooleanField()
    at = written_field()

    class Meta:
        table = "consent"
