"""Keys of the API and what was done with them, as stored."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class ApiKey(Model):
    """A key by which another program uses the API. Only its hash is stored."""

    id = id_field()
    name = fields.CharField(max_length=80)
    secret_hash = fields.CharField(max_length=64, unique=True)
    hint = fields.CharField(max_length=16)  # how it begins, to tell it from others
    scopes = fields.JSONField[list[str]]()  # clinic.api_key.types.Scope
    rate = fields.IntField()  # calls a minute
    created_by = reference("Staff", null=True, index=False)
    created_at = written_field()
    used_at = fields.DatetimeField(null=True)  # to the minute
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "api_key"


class ApiDeed(Model):
    """A POST that succeeded, by its Idempotency-Key, so that its repetition does nothing again.

    Neither what was sent nor what was answered is kept: `subject_id` is the row that it made.
    """

    id = id_field()
    api_key = reference("ApiKey", index=False)
    name_hash = fields.CharField(max_length=64)  # of the Idempotency-Key
    body_hash = fields.CharField(max_length=64)  # keyed; of route and body
    subject_id = fields.BigIntField(null=True)
    created_at = written_field()

    class Meta:
        table = "api_deed"
        unique_together = (("api_key", "name_hash"),)
        indexes = (Index(fields=("created_at",), name="api_deed_created"),)
