"""What patients are told on the day of a visit: their number, how many are ahead, and delays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.tokens import Tokens
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import Message
from clinic.policy.service import judge
from clinic.policy.types import CHAIN, CHATS, Decision, Go, LeftOut, Wanted
from clinic.reception.rules import expected, is_due
from clinic.reception.service import tickets
from clinic.reception.types import Ticket
from flows import texts
from flows.effects import Choice, Say, Value

ASK = Choice("q", "queue.ask")  # its value is an action of `bot.tokens`
USEFUL = timedelta(minutes=20)  # the queue moves on
CHANNELS = tuple(
    name for name in CHAIN if name in CHATS
)  # who sits in the waiting room reads these
TOLD_ALREADY = LeftOut("told_already")


async def tell_queue(tx: Tx, keys: KeyRing, settings: Settings, site_id: int) -> int:
    """Write to those in a site's queue who are due to hear of it; how many. Nobody hears a thing
    twice, however often this is called."""
    queue = await tickets(tx, site_id)
    due = [one for one in queue if one.state == "waiting" and is_due(one.ahead, one.told)]
    called = [one for one in queue if one.state == "called"]
    if not due and not called:
        return 0
    names = await _names(tx, [one.patient_id for one in (*due, *called)])
    people = [(one.patient_id, one.account_id) for one in (*due, *called)]
    decisions = await _judged(tx, settings, people, "queue", CHANNELS)
    written = 0
    for one in (*due, *called):
        params: dict[str, Value] = {
            "clinic": settings.clinic.name,
            "name": names[one.patient_id],
            "number": str(one.number),
            "n": one.ahead,
        }
        text, step = _said(one)
        go = decisions[one.patient_id]
        if isinstance(go, Go):
            say = Say(text, params, () if one.state == "called" else (ASK,))
            message = _message(keys, go, say, one.appointment_id)
            written += await _write(tx, keys, go, one.patient_id, message, f"queue:{one.id}:{step}")
        if one.state == "waiting":
            await tx.execute("update queue_ticket set told = $2 where id = $1", one.id, one.ahead)
    return written


def _said(one: Ticket) -> tuple[str, str]:
    """The text for a place in the queue, and the step that is told once."""
    if one.state == "called":
        return "queue.call", "called"
    if one.told is None:
        return ("queue.number" if one.ahead else "queue.number_next"), "number"
    return ("queue.near" if one.ahead else "queue.near_next"), str(one.ahead)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody whose visit will begin later than booked, and what becomes of telling them so."""

    appointment_id: int
    version: int
    patient_id: int
    name: str
    starts_at: datetime  # in the site's zone
    expected_at: datetime
    decision: Decision


async def late_for(
    tx: Tx, settings: Settings, practitioner_id: int, on: date, minutes: int
) -> list[Waiting]:
    """Who is still to come to a practitioner on a day, and whether each can be told of a delay.

    Of one delay they hear once.
    """
    rows = await tx.fetch(
        """select a.id, a.version, a.patient_id, a.account_id, a.starts_at, p.name, i.time_zone,
             now() as now, exists (select from outbox o where o.dedup_key
               = format('late:%s:%s:%s', a.id, a.version, $3::int)) as told
           from appointment a join patient p on p.id = a.patient_id
           join site i on i.id = a.site_id
           where a.practitioner_id = $1 and a.status = 'booked' and a.starts_at > now()
             and a.starts_at < now() + interval '2 days'
             and (a.starts_at at time zone i.time_zone)::date = $2
           order by a.starts_at, a.id""",
        practitioner_id,
        on,
        minutes,
    )
    if not rows:
        return []
    people = [(row["patient_id"], row["account_id"]) for row in rows]
    decisions = await _judged(tx, settings, people, "reminder")
    found = []
    for row in rows:
        starts_at = row["starts_at"].astimezone(ZoneInfo(row["time_zone"]))
        found.append(
            Waiting(
                row["id"],
                row["version"],
                row["patient_id"],
                row["name"],
                starts_at,
                expected(starts_at, minutes, row["now"].astimezone(starts_at.tzinfo)) or starts_at,
                TOLD_ALREADY if row["told"] else decisions[row["patient_id"]],
            )
        )
    return found


async def tell_late(
    tx: Tx, keys: KeyRing, settings: Settings, people: Sequence[Waiting], minutes: int
) -> int:
    """Tell those who may be told that their visit will begin later; how many."""
    now, written = await tx.fetchval("select now()"), 0
    for one in people:
        if not isinstance(one.decision, Go):
            continue
        params: dict[str, Value] = {
            "clinic": settings.clinic.name,
            "name": one.name,
            "minutes": str(minutes),
            "at": one.starts_at,
            "expected": one.expected_at,
        }
        message = _message(keys, one.decision, Say("queue.late", params), one.appointment_id)
        sent = await enqueue(
            tx,
            keys,
            Outgoing(
                account_id=one.decision.account_id,
                message=message,
                dedup_key=f"late:{one.appointment_id}:{one.version}:{minutes}",
                purpose="reminder",
                useful_for=one.starts_at - now,
                appointment_id=one.appointment_id,
                appointment_version=one.version,
                link_version=one.decision.link_version,
                consent_purpose="reminders",
                patient_id=one.patient_id,
            ),
        )
        written += sent is not None
    return written


async def _judged(
    tx: Tx,
    settings: Settings,
    people: Sequence[tuple[int, int | None]],
    kind: str,
    channels: tuple[str, ...] | None = None,
) -> dict[int, Decision]:
    """What the policy says of writing to each (patient, account that booked) now."""
    what = Wanted(
        "reminders",
        kind,
        channels=channels,
        first={patient: account for patient, account in people if account is not None},
    )
    now = await tx.fetchval("select now()")
    ids = sorted({patient for patient, _ in people})
    return await judge(tx, settings, ZoneInfo(settings.clinic.time_zone), ids, what, now)


async def _names(tx: Tx, patient_ids: Sequence[int]) -> dict[int, str]:
    rows = await tx.fetch("select id, name from patient where id = any ($1)", list(patient_ids))
    return {row["id"]: row["name"] for row in rows}


def _message(keys: KeyRing, go: Go, say: Say, appointment_id: int) -> Message:
    tokens = Tokens(keys, go.account_id)
    (message,), _ = texts.compose(
        [say], go.language, lambda i: tokens.standing(say.choices[i].value, appointment_id, 0)
    )
    return message


async def _write(
    tx: Tx, keys: KeyRing, go: Go, patient_id: int, message: Message, dedup_key: str
) -> bool:
    written = await enqueue(
        tx,
        keys,
        Outgoing(
            account_id=go.account_id,
            message=message,
            dedup_key=dedup_key,
            purpose="queue",
            useful_for=USEFUL,
            link_version=go.link_version,
            consent_purpose="reminders",
            patient_id=patient_id,
        ),
    )
    return written is not None
