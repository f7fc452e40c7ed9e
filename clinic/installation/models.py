"""Which Kayoi this database belongs to, as stored."""

from tortoise import fields
from tortoise.models import Model

from clinic.fields import id_field, reference


class Installation(Model):
    """The only row: who we are, and whether anything may go out.

    `origin` never changes, and is that of all copies; `instance` is each copy's own, and is kept in
    a file of the data folder too.
    """

    id = id_field()
    origin = fields.UUIDField()
    instance = fields.UUIDField()
    muted_at = fields.DatetimeField(null=True)  # null: messages go out
    mute_reason = fields.CharField(max_length=16, null=True)  # restored, copied
    released_at = fields.DatetimeField(null=True)
    released_by = reference("Staff", null=True, index=False)  # null: at the command line
    backed_up_at = fields.DatetimeField(null=True)
    backup_bytes = fields.BigIntField(null=True)

    class Meta:
        table = "installation"
