"""What may be done with a campaign as it stands, and how it draws. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from clinic.campaign.trigger import Every, Once, Trigger, Weekly
from clinic.campaign.types import Act, State, Variant

# From each state what may be done, and what it then is. There is no other way.
ACTS: Mapping[State, Mapping[Act, State]] = MappingProxyType(
    {
        "draft": {"change": "draft", "ask": "waiting", "start": "running", "cancel": "cancelled"},
        "waiting": {"start": "running", "undo": "draft", "cancel": "cancelled"},
        "running": {
            "undo": "draft",
            "pause": "paused",
            "cancel": "cancelled",
            "finish": "finished",
        },
        "paused": {"resume": "running", "cancel": "cancelled"},
        "cancelled": {},
        "finished": {},
    }
)
# Recipients who surely got nothing, so that a second attempt can never be a second message.
UNTOLD = frozenset({"refused", "expired", "skipped"})
# Of those, who is not tried again: they were told by the same chat, are gone for good, or staff
# decided about them.
LEFT_FOR_GOOD = frozenset(
    {"told_already", "erased", "deceased", "late_to_decide", "too_late_on_enrolment"}
)
AHEAD = timedelta(minutes=5)  # recipients are made so long before their time
GRACE = timedelta(minutes=15)  # what is so little late is on time


def acts(state: State, now: datetime, starts_at: datetime | None) -> tuple[Act, ...]:
    """What may be done now. A start can be undone until `starts_at`, before anything goes out."""
    return tuple(
        act
        for act in ACTS[state]
        if not (act == "undo" and state == "running" and (starts_at is None or now >= starts_at))
    )


def may_try_again(campaign: State, state: str, reason: str | None) -> bool:
    """Whether recipients who ended so may be tried again. Whether each may get it, the policy
    judges anew; of a message whose end nobody knows there is no second one."""
    going = campaign in ("running", "paused", "finished")
    return going and state in UNTOLD and reason not in LEFT_FOR_GOOD


def is_confirmed(people: int, confirm_above: int, typed: int | None) -> bool:
    """Whether it is confirmed for how many people it is: above some, by typing how many."""
    return people <= confirm_above or typed == people


def needs_second(people: int, approval_above: int, starter: int | None, writer: int | None) -> bool:
    """Whether somebody else must start it: so many people, and `starter` wrote it, or nobody knows.

    The ids are of staff; who wrote it is who changed it last.
    """
    return people > approval_above and (starter is None or starter == writer)


def variant_of(variants: Sequence[Variant], key: UUID, patient: int) -> str:
    """Which variant a patient gets: the same whenever it is drawn."""
    lot = hashlib.sha256(b"variant" + key.bytes + patient.to_bytes(8, "big")).digest()
    left = int.from_bytes(lot[:8], "big") % 100
    for one in variants[:-1]:
        left -= one.share
        if left < 0:
            return one.name
    return variants[-1].name


def sending_key(campaign: UUID, on: date) -> UUID:
    """The key of the sending of a day, by which clinic.outreach draws who is held out."""
    return uuid5(campaign, on.isoformat())


def ends_at(trigger: Trigger, zone: ZoneInfo) -> datetime | None:
    """After this instant nothing is due any more; None: it never ends by itself."""
    match trigger:
        case Once(at):
            return at.replace(tzinfo=zone)
        case Weekly(last=last) | Every(last=last) if last != date.max:
            return datetime.combine(last + timedelta(1), time(), zone)
    return None
