"""One-time links into the web chat as stored."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class WebLink(Model):
    """A link that an e-mail or an SMS carries. Only the keyed hash of its token is stored.

    What it opens is told by the message: its visit, its questionnaire, its patient.
    """

    id = id_field()
    token_hash = fields.CharField(max_length=64, unique=True)
    outbox: Any = fields.OneToOneField(
        "clinic.Outbox", related_name=False, on_delete=fields.RESTRICT
    )
    account = reference("ChatAccount", null=True)  # the web chat that it opened
    created_at = written_field()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "web_link"
