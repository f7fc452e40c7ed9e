"""Pictures and files that patients sent in the web chat, as stored."""

from tortoise import fields
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class ChatMedia(Model):
    """What came with one event of the web chat. Other platforms keep such things themselves."""

    id = id_field()
    key = fields.UUIDField(unique=True)  # names the row in encryption, and is what events tell
    account = reference("ChatAccount")
    event_id = fields.CharField(max_length=96, unique=True)  # of the event in `inbound`
    content_type = fields.CharField(max_length=32)  # by its first bytes, never by what was told
    content = fields.BinaryField()  # encrypted
    created_at = written_field()

    class Meta:
        table = "chat_media"
