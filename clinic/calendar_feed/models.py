"""Calendar feeds as stored."""

from tortoise import fields
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class CalendarFeed(Model):
    """An address at which a calendar program reads the visits of a practitioner.

    Only the hash of its token is stored.
    """

    id = id_field()
    token_hash = fields.CharField(max_length=64, unique=True)
    practitioner = reference("Resource")
    initials = fields.BooleanField(default=False, db_default=False)  # of patients are shown
    language = fields.CharField(max_length=7)
    created_by = reference("Staff", index=False)
    created_at = written_field()
    used_at = fields.DatetimeField(null=True)  # to the hour
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "calendar_feed"
