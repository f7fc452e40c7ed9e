"""Who was written to so that they come back, who was set aside to compare, and who came."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class Outreach(Model):
    """One sending to a list. `share` of it, in per mille, was held out and got nothing."""

    id = id_field()
    key = fields.UUIDField(unique=True)  # seeds the draw of the hold-out
    label = fields.CharField(max_length=80)
    group = reference("CareGroup", null=True)
    purpose = fields.CharField(max_length=16)
    share = fields.IntField(default=0, db_default=0)
    created_by = reference("Staff", null=True, index=False)
    created_at = written_field()

    class Meta:
        table = "outreach"


class OutreachMember(Model):
    """A patient of a sending. `left_out` says why nothing was sent to somebody not held out."""

    id = id_field()
    outreach = reference("Outreach", index=False)
    patient = reference("Patient")
    held_out = fields.BooleanField(default=False, db_default=False)
    left_out = fields.CharField(max_length=24, null=True)
    outbox: Any = fields.ForeignKeyField(
        "clinic.Outbox", null=True, db_index=True, related_name=False, on_delete=fields.RESTRICT
    )
    sent_on = fields.DateField()  # for the held out: the day of the sending
    returned_on = fields.DateField(null=True)
    returned_by: Any = fields.ForeignKeyField(
        "clinic.ImportRun", null=True, db_index=True, related_name=False, on_delete=fields.RESTRICT
    )

    class Meta:
        table = "outreach_member"
        unique_together = (("outreach", "patient"),)
