"""Chat accounts, conversations and their timers as stored."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index, PartialIndex
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class ChatAccount(Model):
    """One account on a channel. Who speaks through it is told by its links, not by itself."""

    id = id_field()
    channel = fields.CharField(max_length=16)
    address_index = fields.CharField(max_length=64)  # blind index of the address
    address = fields.BinaryField()  # encrypted
    display_name = fields.BinaryField(null=True)  # encrypted, as the platform tells it
    language = fields.CharField(max_length=7, null=True)
    language_chosen = fields.BooleanField(default=False, db_default=False)
    consent_version = fields.CharField(max_length=16, null=True)
    opted_out_at = fields.DatetimeField(null=True)
    unreachable_at = fields.DatetimeField(null=True)  # blocked or gone
    link_version = fields.IntField(default=0, db_default=0)  # rises with every link and unlink
    created_at = written_field()

    class Meta:
        table = "chat_account"
        unique_together = (("channel", "address_index"),)


class Conversation(Model):
    """What is being said with one chat account, and who answers it."""

    id = id_field()
    account: Any = fields.OneToOneField("clinic.ChatAccount", related_name=False)
    owner = fields.CharField(max_length=8, default="bot", db_default="bot")  # bot, queue, staff
    owner_staff = reference("Staff", null=True)
    owner_until = fields.DatetimeField(null=True)  # the staff member's lease
    queued_at = fields.DatetimeField(null=True)
    handoff_reason = fields.CharField(max_length=32, null=True)
    turn = fields.IntField(default=0, db_default=0)
    state = fields.BinaryField(null=True)  # encrypted: the dialogue
    last_patient_at = fields.DatetimeField(null=True)
    # Put off by its staff member; at that time, or when the patient writes, it is in the queue.
    snoozed_until = fields.DatetimeField(null=True)
    assigned_at = fields.DatetimeField(null=True)  # by a colleague, and not taken up so far
    answered_at = fields.DatetimeField(null=True)  # by a person, the last time
    updated_at = written_field()

    class Meta:
        table = "conversation"
        indexes = (
            PartialIndex(
                fields=("queued_at",), name="conversation_queue", condition={"owner": "queue"}
            ),
        )


class ConversationEvent(Model):
    """What staff and time did with a conversation, for its thread: ledger, never changed."""

    id = id_field()
    conversation = reference("Conversation", index=False)
    kind = fields.CharField(max_length=12)  # clinic.conversation.types.EventKind
    staff = reference("Staff", null=True, index=False)  # who did it
    colleague = reference("Staff", null=True, index=False)  # to whom it was given
    until = fields.DatetimeField(null=True)
    at = written_field()

    class Meta:
        table = "conversation_event"
        indexes = (Index(fields=("conversation_id", "id"), name="conversation_event_of"),)


class ConversationReader(Model):
    """A staff member who had a conversation open: how far it was read, and who is there now."""

    id = id_field()
    conversation = reference("Conversation", index=False)
    staff = reference("Staff")
    read_at = written_field()  # had it open then
    here_until = fields.DatetimeField(null=True)  # has it open now
    typing_until = fields.DatetimeField(null=True)

    class Meta:
        table = "conversation_reader"
        unique_together = (("conversation", "staff"),)


class StaffNotice(Model):
    """Something to be seen: a colleague gave somebody a conversation, names them in a note, or
    opened their patient's record in an emergency."""

    id = id_field()
    staff = reference("Staff", index=False)
    kind = fields.CharField(max_length=10)  # assigned, mentioned, emergency
    conversation = reference("Conversation", null=True)
    access = reference("EmergencyAccess", null=True, index=False)  # instead, of an emergency
    by = reference("Staff", index=False)
    at = written_field()
    seen_at = fields.DatetimeField(null=True)

    class Meta:
        table = "staff_notice"


class Timer(Model):
    """Something that is to happen at a time; it proves that it is still wanted when it fires.

    `key` makes it unique: `wait:{conversation}:{turn}`, `reminder:{appointment}:{version}:{kind}`.
    """

    id = id_field()
    key = fields.CharField(max_length=96, unique=True)
    kind = fields.CharField(max_length=24)
    due_at = fields.DatetimeField()
    useful_until = fields.DatetimeField(null=True)
    conversation = reference("Conversation", null=True)
    appointment = reference("Appointment", null=True)
    version = fields.IntField(default=0, db_default=0)  # of what the timer is about
    state = fields.CharField(max_length=8, default="waiting", db_default="waiting")
    reason = fields.CharField(max_length=32, null=True)
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "timer"
        indexes = (
            PartialIndex(fields=("due_at",), name="timer_due", condition={"state": "waiting"}),
        )
