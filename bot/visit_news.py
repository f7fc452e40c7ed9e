"""What patients are told when the clinic itself books, moves or cancels a visit of theirs."""

from datetime import timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.tokens import Tokens
from clinic.booking.types import Visit
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.message.service import Outgoing, enqueue
from clinic.policy.service import judge
from clinic.policy.types import Go, Wanted
from flows import texts
from flows.effects import Choice, Row, Say

Deed = Literal["booked", "moved", "cancelled"]
TEXTS: dict[Deed, str] = {
    "booked": "visits.booked_by_clinic",
    "moved": "visits.moved_by_clinic",
    "cancelled": "visits.cancelled_by_clinic",
}
CHOICES = (  # their values are actions of `bot.tokens`
    Choice("c", "reminder.confirm", role="primary"),
    Choice("m", "reminder.move"),
    Choice("x", "reminder.cancel"),
)
OUT = ("inflight", "sent", "unknown")  # states of what may have arrived


async def tell_patient(
    tx: Tx, keys: KeyRing, settings: Settings, visit: Visit, deed: Deed, after: timedelta
) -> int | None:
    """Write the news of a visit as it is now; whose account hears of it. None: staff have to call.

    It goes out after `after`, if the visit is still the same by then. Lock-screen safe: who, when
    and where; neither department nor reason.
    """
    zone = ZoneInfo(settings.clinic.time_zone)
    now = await tx.fetchval("select now()")
    booked_by = await tx.fetchval("select account_id from appointment where id = $1", visit.id)
    first = {} if booked_by is None else {visit.patient_id: booked_by}
    # Quiet hours are for the gate: this is to be told whenever it may.
    wanted = Wanted(purpose="reminders", kind="reminder", first=first)
    noon = now.astimezone(zone).replace(hour=12, minute=0)
    go = (await judge(tx, settings, zone, [visit.patient_id], wanted, noon))[visit.patient_id]
    if not isinstance(go, Go):
        return None
    ended = deed == "cancelled"
    say = Say(
        TEXTS[deed],
        {"clinic": settings.clinic.name, "phone": settings.clinic.phone},
        () if ended else CHOICES,
        title="reminder.title",
        rows=(
            Row("reminder.who", visit.patient_name),
            Row("reminder.when", visit.starts_at),
            Row("reminder.where", visit.site_name),
        ),
    )
    tokens = Tokens(keys, go.account_id)
    (message,), _ = texts.compose(
        [say], go.language, lambda i: tokens.standing(CHOICES[i].value, visit.id, visit.version)
    )
    await enqueue(
        tx,
        keys,
        Outgoing(
            account_id=go.account_id,
            message=message,
            dedup_key=_key(visit.id, visit.version),
            purpose="reminder",
            useful_for=max(visit.starts_at - now, timedelta(minutes=1)),
            appointment_id=visit.id,
            appointment_version=None if ended else visit.version,
            link_version=go.link_version,
            consent_purpose="reminders",
            patient_id=visit.patient_id,
            at=now + after,
        ),
    )
    return go.account_id


async def call_instead(tx: Tx, visit: Visit, deed: Deed) -> None:
    """Put a patient who cannot be told on the call list, once for a state of the visit."""
    reason = f"visit_{deed}"
    await tx.execute(
        """insert into task (key, kind, patient_id, appointment_id, detail)
           values ($1, 'call', $2, $3, $4) on conflict (key) do nothing""",
        f"{reason}:{visit.id}:{visit.version}",
        visit.patient_id,
        visit.id,
        {"reason": reason},
    )


async def can_be_silent(tx: Tx, visit_id: int, version: int) -> bool:
    """Whether taking a move back needs no word: the patient knows nothing of `version` (the move)
    and knows how the visit stood before it."""
    rows = await tx.fetch(
        "select dedup_key, state from outbox where dedup_key = any($1::text[])",
        [_key(visit_id, version), _key(visit_id, version - 1)],
    )
    states = {row["dedup_key"]: row["state"] for row in rows}
    before = states.get(_key(visit_id, version - 1), "sent")
    return states.get(_key(visit_id, version)) not in OUT and before in OUT


def _key(visit_id: int, version: int) -> str:
    return f"visit:{visit_id}:{version}"
