"""Escalations, who is on call, and the chat accounts of staff, as stored."""

from typing import Any

from tortoise import fields
from tortoise.indexes import PartialIndex
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class Escalation(Model):
    """What a doctor must answer. States: open, acknowledged (it has an owner), closed.

    `round` counts the alerts that went out; `next_alert_at` is when the next one is due.
    """

    id = id_field()
    key = fields.UUIDField(unique=True)  # names the row in encryption
    conversation = reference("Conversation")
    patient = reference("Patient", null=True)
    source = fields.CharField(max_length=16)  # red_flag, triage, questionnaire, silence
    rule = fields.CharField(max_length=48)
    level = fields.IntField()
    detail = fields.JSONField[dict[str, Any]](default=dict, db_default={})  # codes and ids
    said = fields.BinaryField(null=True)  # encrypted: what the patient wrote
    state = fields.CharField(max_length=12, default="open", db_default="open")
    owner = reference("Staff", null=True)
    acknowledged_at = fields.DatetimeField(null=True)
    called_at = fields.DatetimeField(null=True)
    disposition = fields.CharField(max_length=24, null=True)
    note = fields.BinaryField(null=True)  # encrypted: the doctor's
    closed_at = fields.DatetimeField(null=True)
    closed_by = reference("Staff", null=True, index=False)
    round = fields.IntField(default=0, db_default=0)
    next_alert_at = fields.DatetimeField(null=True)
    created_at = written_field()

    class Meta:
        table = "escalation"
        indexes = (
            PartialIndex(
                fields=("next_alert_at",), name="escalation_due", condition={"state": "open"}
            ),
        )


class OnCall(Model):
    """When somebody is on call, every week, in the clinic's local time.

    `until` at or before `since` is the next morning. Lower positions are alerted first.
    """

    id = id_field()
    staff = reference("Staff")
    weekday = fields.IntField()  # Monday 0
    since = fields.CharField(max_length=5)  # HH:MM
    until = fields.CharField(max_length=5)
    position = fields.IntField(default=0, db_default=0)

    class Meta:
        table = "on_call"


class StaffAccount(Model):
    """A staff member's own chat account: alerts go there, and answers come from there."""

    id = id_field()
    staff = reference("Staff")
    account: Any = fields.OneToOneField("clinic.ChatAccount", related_name=False)
    created_at = written_field()

    class Meta:
        table = "staff_account"


class StaffLinkCode(Model):
    """A one-time code that binds a chat account to a staff member. Only its hash is stored."""

    id = id_field()
    code_hash = fields.CharField(max_length=64, unique=True)
    staff = reference("Staff")
    created_at = written_field()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "staff_link_code"


class InternalNote(Model):
    """What staff tell each other about a conversation; no patient ever sees it."""

    id = id_field()
    key = fields.UUIDField(unique=True)  # names the row in encryption
    conversation = reference("Conversation")
    staff = reference("Staff", index=False)
    note = fields.BinaryField()  # encrypted
    created_at = written_field()

    class Meta:
        table = "internal_note"
