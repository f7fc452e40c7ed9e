"""Messages in and out as stored. Both are ledgers: rows change state, none is deleted."""

from tortoise import fields
from tortoise.indexes import Index, PartialIndex
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class Inbound(Model):
    """One event of a channel, stored before it is acknowledged.

    States: new, done, ignored (a kind we do not act on), failed (a flow's bug; staff were told).
    """

    id = id_field()
    channel = fields.CharField(max_length=16)
    event_id = fields.CharField(max_length=96)
    account = reference("ChatAccount", null=True, index=False)
    payload = fields.BinaryField(null=True)  # encrypted; erased when the patient unsends it
    text = fields.BinaryField(null=True)  # encrypted: what the patient said, for the transcript
    message_id = fields.CharField(max_length=96, null=True)  # the platform's
    occurred_at = fields.DatetimeField()
    received_at = written_field()
    state = fields.CharField(max_length=8, default="new", db_default="new")
    reason = fields.CharField(max_length=48, null=True)
    attempts = fields.IntField(default=0, db_default=0)
    handled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "inbound"
        unique_together = (("channel", "event_id"),)
        indexes = (
            Index(fields=("account_id", "id"), name="inbound_account"),
            PartialIndex(
                fields=("account_id", "occurred_at"), name="inbound_new", condition={"state": "new"}
            ),
            PartialIndex(
                fields=("received_at",), name="inbound_waiting", condition={"state": "new"}
            ),
        )


class Outbox(Model):
    """One message to one chat account: a row is one call of the platform.

    States: pending, leased (claimed by `lease_token` until `lease_until`), inflight (committed
    before the call), sent, refused, unknown, expired, skipped. The last five are ends, but an
    unknown one of class must_arrive gets one resend.

    One with another row as its `carrier` goes out in that one's call: it is inflight, its lease
    without end, until that one ends. Its own id as `carrier`: it goes alone.
    """

    id = id_field()
    key = fields.UUIDField(unique=True)  # the retry key, and the row's name in encryption
    dedup_key = fields.CharField(max_length=96, unique=True)
    account = reference("ChatAccount", index=False)
    appointment = reference("Appointment", null=True)
    appointment_version = fields.IntField(null=True)
    escalation = reference("Escalation", null=True, index=False)  # what an alert is about
    request = reference("QuestionnaireRequest", null=True, index=False)
    link_version = fields.IntField(null=True)  # of the account; null: does not concern a record
    purpose = fields.CharField(max_length=16)  # dialogue, emergency, reminder, staff, alert, form
    # What the patient must have agreed to (clinic.policy.types.PURPOSES); null: was asked for.
    consent_purpose = fields.CharField(max_length=16, null=True)
    patient = reference("Patient", null=True, index=False)  # whom it is about, if no visit says
    priority = fields.SmallIntField(default=0, db_default=0)  # clinic.message.types.PRIORITIES
    delivery_class = fields.CharField(max_length=16)
    # The channel by which it goes in bulk; null: one by one, ahead of all that goes in bulk.
    lane = fields.CharField(max_length=16, null=True)
    content = fields.BinaryField()  # encrypted: clinic.message.types.Message
    reply_token = fields.BinaryField(null=True)  # encrypted
    reply_since = fields.DatetimeField(null=True)  # when the event it answers came in
    carrier = reference("Outbox", null=True, index=False)
    unknowns = fields.IntField(default=0, db_default=0)  # tries that nobody knows the end of
    state = fields.CharField(max_length=8, default="pending", db_default="pending")
    reason = fields.CharField(max_length=64, null=True)
    attempts = fields.IntField(default=0, db_default=0)
    send_at = fields.DatetimeField()
    useful_until = fields.DatetimeField()
    lease_token = fields.UUIDField(null=True)
    lease_until = fields.DatetimeField(null=True)
    platform_id = fields.CharField(max_length=96, null=True)
    staff = reference("Staff", null=True)  # who wrote it, if a person did
    created_at = written_field()
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "outbox"
        indexes = (
            Index(fields=("account_id", "id"), name="outbox_account"),
            Index(fields=("patient_id", "id"), name="outbox_patient"),
            PartialIndex(
                fields=("lease_until",), name="outbox_inflight", condition={"state": "inflight"}
            ),
            PartialIndex(
                fields=("lease_until",), name="outbox_leased", condition={"state": "leased"}
            ),
            PartialIndex(
                fields=("send_at",), name="outbox_unknown", condition={"state": "unknown"}
            ),
        )


class Chunk(Model):
    """One message to many chat accounts in one call of the platform (LINE's multicast).

    Who is in it is told by `recipient.chunk`; it is closed before the first try, so that the
    second try with the same `key` is the same call. States as those of Outbox.
    """

    id = id_field()
    key = fields.UUIDField(unique=True)  # the retry key, and the row's name in encryption
    channel = fields.CharField(max_length=16)
    purpose = fields.CharField(max_length=16)  # as Outbox.purpose
    consent_purpose = fields.CharField(max_length=16)
    priority = fields.SmallIntField(default=0, db_default=0)
    content = fields.BinaryField()  # encrypted: clinic.message.types.Message
    members = fields.IntField(default=0, db_default=0)
    unknowns = fields.IntField(default=0, db_default=0)
    state = fields.CharField(max_length=8, default="pending", db_default="pending")
    reason = fields.CharField(max_length=64, null=True)
    attempts = fields.IntField(default=0, db_default=0)
    closed = fields.BooleanField(default=False, db_default=False)  # a try was committed
    send_at = fields.DatetimeField()
    useful_until = fields.DatetimeField()
    lease_token = fields.UUIDField(null=True)
    lease_until = fields.DatetimeField(null=True)
    platform_id = fields.CharField(max_length=96, null=True)
    created_at = written_field()
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "chunk"
        indexes = (
            PartialIndex(
                fields=("channel", "priority", "send_at"),
                name="chunk_pending",
                condition={"state": "pending"},
            ),
            PartialIndex(
                fields=("lease_until",), name="chunk_inflight", condition={"state": "inflight"}
            ),
            PartialIndex(
                fields=("lease_until",), name="chunk_leased", condition={"state": "leased"}
            ),
            PartialIndex(fields=("send_at",), name="chunk_unknown", condition={"state": "unknown"}),
        )
