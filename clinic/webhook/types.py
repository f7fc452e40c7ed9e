"""Values of outgoing webhooks: what happened, who is told, how that ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

Ids = Mapping[str, int | str]  # what an event is about: ids and codes, never words or names

# removed: kept for its deliveries, told nothing any more.
EndpointState = Literal["active", "paused", "removed"]
# pending and leased go on; dead: given up, staff may send it again; dropped: its endpoint is gone.
DeliveryState = Literal["pending", "leased", "delivered", "dead", "dropped"]
DELIVERY_STATES: tuple[DeliveryState, ...] = ("pending", "leased", "delivered", "dead", "dropped")


class Kind(StrEnum):
    """What an endpoint may be told of, in the past tense."""

    APPOINTMENT_BOOKED = "appointment.booked"
    APPOINTMENT_MOVED = "appointment.moved"
    APPOINTMENT_CONFIRMED = "appointment.confirmed"
    APPOINTMENT_CANCELLED = "appointment.cancelled"
    APPOINTMENT_ARRIVED = "appointment.arrived"
    APPOINTMENT_FULFILLED = "appointment.fulfilled"
    APPOINTMENT_MISSED = "appointment.missed"
    APPOINTMENT_CORRECTED = "appointment.corrected"  # what was said of it last was a slip
    PATIENT_LINKED = "patient.linked"
    PATIENT_OPTED_OUT = "patient.opted_out"
    QUESTIONNAIRE_COMPLETED = "questionnaire.completed"
    ESCALATION_RAISED = "escalation.raised"
    ESCALATION_ACKNOWLEDGED = "escalation.acknowledged"
    ESCALATION_CLOSED = "escalation.closed"
    CONVERSATION_QUEUED = "conversation.queued"
    MESSAGE_FAILED = "message.failed"
    CAMPAIGN_STARTED = "campaign.started"
    CAMPAIGN_PAUSED = "campaign.paused"
    CAMPAIGN_FINISHED = "campaign.finished"
    WAITLIST_RESCUED = "waitlist.rescued"


TEST = "webhook.tested"  # sent on demand to one endpoint, whatever it wants to hear of


@dataclass(frozen=True, slots=True)
class Wanted:
    """What staff say of an endpoint."""

    name: str
    url: str
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Who is told. `reason`: why it is paused: by_staff, failing, gone."""

    id: int
    name: str
    url: str
    kinds: tuple[Kind, ...]
    state: EndpointState
    reason: str | None
    failing_since: datetime | None  # nothing has arrived since then
    old_secret_until: datetime | None  # up to then what is sent is signed with the old one too
    delivered_at: datetime | None  # the newest delivery that arrived
    waiting: int
    dead: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint. `answered`: the last HTTP status."""

    id: int
    event_key: str
    kind: str
    state: DeliveryState
    attempts: int
    answered: int | None
    reason: str | None
    created_at: datetime
    next_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that is ours to carry out; the new secret first. `attempts` counts this one."""

    id: int
    endpoint_id: int
    attempts: int
    url: str
    secrets: tuple[bytes, ...]
    event_key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Arrived:
    """The receiver took it (2xx)."""

    status: int


@dataclass(frozen=True, slots=True)
class Failed:
    """It did not: connect, address, timeout, tls, status, redirect, gone."""

    reason: str
    status: int | None = None


Outcome = Arrived | Failed
