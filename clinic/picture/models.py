"""Pictures as stored."""

from tortoise import fields
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class CampaignPicture(Model):
    """A picture of campaigns. Seen by whoever knows its name, and cached by everybody: nothing of a
    patient is in it, and it is not encrypted."""

    id = id_field()
    name = fields.CharField(max_length=64, unique=True)  # a keyed hash of `content`
    content = fields.BinaryField()  # JPEG
    preview = fields.BinaryField()  # JPEG
    width = fields.IntField()
    height = fields.IntField()
    created_by = reference("Staff", null=True, index=False)
    created_at = written_field()

    class Meta:
        table = "campaign_picture"
