"""Campaigns as stored: what is said to whom and when, and one row for everybody it concerns."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index, PartialIndex
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class Campaign(Model):
    """Audience x trigger x content. States: draft, waiting (for a second person, or for its time),
    running, paused, cancelled, finished.

    `kind` orders the outbox and names the template's shelf; `purpose` is what patients consent to.
    """

    id = id_field()
    key = fields.UUIDField(unique=True)  # seeds the draws of variants and of the hold-out
    name = fields.CharField(max_length=80)
    kind = fields.CharField(max_length=16)  # clinic.campaign.types.KINDS
    purpose = fields.CharField(max_length=16)  # clinic.policy.types.PURPOSES
    state = fields.CharField(max_length=12, default="draft", db_default="draft")
    audience = fields.JSONField[dict[str, Any]]()  # clinic.campaign.types.Audience
    trigger = fields.JSONField[dict[str, Any]]()  # clinic.campaign.types.Trigger
    content = fields.JSONField[dict[str, Any]]()  # clinic.campaign.types.Content
    hold_out = fields.IntField(default=0, db_default=0)  # per mille
    useful_hours = fields.IntField(default=24, db_default=24)  # after its time it is too late
    version = fields.IntField(default=1, db_default=1)  # rises with every change of a draft
    reason = fields.CharField(max_length=48, null=True)  # why it is paused or cancelled
    made_until = fields.DatetimeField(null=True)  # up to here recipients are materialised
    starts_at = fields.DatetimeField(null=True)  # approved and started; nothing goes out before
    resumed_at = fields.DatetimeField(null=True)  # refusals before it do not pause it once more
    created_by = reference("Staff", null=True, index=False)
    changed_by = reference("Staff", null=True, index=False)  # wrote the version that stands
    approved_by = reference("Staff", null=True, index=False)  # started it
    created_at = written_field()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "campaign"
        indexes = (
            PartialIndex(fields=("id",), name="campaign_running", condition={"state": "running"}),
        )


class Recipient(Model):
    """Somebody whom one occurrence of a campaign concerns. Every end is a row with its reason.

    States: pending (until `due_at`), queued (in the outbox or in a chunk), then as that ended:
    sent, refused, unknown, expired, skipped; or held_out, or cancelled with the campaign.
    """

    id = id_field()
    campaign = reference("Campaign", index=False)
    patient = reference("Patient", index=False)
    occurrence = fields.CharField(max_length=32)  # once, 2026, 2026-11-22, visit:7 ...
    due_at = fields.DatetimeField()
    useful_until = fields.DatetimeField()
    state = fields.CharField(max_length=10, default="pending", db_default="pending")
    reason = fields.CharField(max_length=48, null=True)
    variant = fields.CharField(max_length=1, null=True)
    account = reference("ChatAccount", null=True, index=False)  # through which it goes
    tried = fields.JSONField[list[int]](default=list, db_default=[])  # accounts that refused it
    attempt = fields.IntField(default=0, db_default=0)  # how often staff had it tried again
    # Indexes of what most rows do not have yet are partial: migration 0010.
    outbox: Any = fields.ForeignKeyField(
        "clinic.Outbox", null=True, db_index=False, related_name=False, on_delete=fields.RESTRICT
    )
    chunk: Any = fields.ForeignKeyField(
        "clinic.Chunk", null=True, db_index=False, related_name=False, on_delete=fields.RESTRICT
    )
    settled_at = fields.DatetimeField(null=True)
    answered_at = fields.DatetimeField(null=True)  # wrote or pressed something after it
    booked: Any = fields.ForeignKeyField(
        "clinic.Appointment",
        null=True,
        db_index=False,
        related_name=False,
        on_delete=fields.RESTRICT,
    )

    class Meta:
        table = "recipient"
        unique_together = (("campaign", "patient", "occurrence"),)
        indexes = (
            Index(fields=("patient_id", "due_at"), name="recipient_patient"),
            PartialIndex(
                fields=("campaign_id", "due_at"),
                name="recipient_pending",
                condition={"state": "pending"},
            ),
            PartialIndex(
                fields=("campaign_id",), name="recipient_queued", condition={"state": "queued"}
            ),
        )


class CampaignTyping(Model):
    """What somebody has typed into the form of a campaign and not saved yet."""

    id = id_field()
    campaign = reference("Campaign", index=False)
    staff = reference("Staff", index=False)
    typed = fields.JSONField[list[list[str]]]()  # name and value of each field, in order
    version = fields.IntField()  # of the campaign, as it was looked at
    typed_at = written_field()

    class Meta:
        table = "campaign_typing"
        unique_together = (("campaign", "staff"),)
