"""Outgoing webhooks as stored: a transactional outbox for other systems."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class WebhookEndpoint(Model):
    """Who is told. States: active, paused, removed.

    Its URL may hold a key of the other system, so it is encrypted as the secrets are.
    """

    id = id_field()
    key = fields.UUIDField(unique=True)  # names the row in encryption
    name = fields.CharField(max_length=80)
    url = fields.BinaryField()  # encrypted
    kinds = fields.JSONField[list[str]](default=list, db_default=[])
    secret = fields.BinaryField()  # encrypted
    old_secret = fields.BinaryField(null=True)  # encrypted; signs beside the new one for a day
    old_secret_until = fields.DatetimeField(null=True)
    state = fields.CharField(max_length=8, default="active", db_default="active")
    reason = fields.CharField(max_length=16, null=True)  # why it is paused
    failing_since = fields.DatetimeField(null=True)
    created_at = written_field()

    class Meta:
        table = "webhook_endpoint"


class WebhookEvent(Model):
    """What happened, written in the transaction that did it. `data` holds ids and codes."""

    id = id_field()
    key = fields.UUIDField(unique=True)  # the id that receivers see
    kind = fields.CharField(max_length=40)
    data = fields.JSONField[dict[str, Any]](default=dict, db_default={})
    created_at = written_field()

    class Meta:
        table = "webhook_event"
        indexes = (Index(fields=("created_at",)),)


class WebhookDelivery(Model):
    """One event for one endpoint. States: pending, leased, delivered, dead, dropped.

    `send_at` is when it is tried next; of a leased one, when somebody else takes it over; infinity
    once it has ended. Results are written by whoever holds `lease_token`.
    """

    id = id_field()
    event = reference("WebhookEvent", index=False)
    endpoint = reference("WebhookEndpoint", index=False)
    state = fields.CharField(max_length=12, default="pending", db_default="pending")
    attempts = fields.IntField(default=0, db_default=0)
    send_at = written_field()
    lease_token = fields.UUIDField(null=True)
    answered = fields.IntField(null=True)  # the last HTTP status
    reason = fields.CharField(max_length=16, null=True)  # why the last try failed
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "webhook_delivery"
        unique_together = (("event", "endpoint"),)
        indexes = (Index(fields=("endpoint_id", "state", "id")),)
