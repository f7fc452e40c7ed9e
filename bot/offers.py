"""What patients are told of a freed time: the offer with its two buttons, and who was too late."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.tokens import Tokens
from clinic.booking.search import in_language
from clinic.booking.types import Visit
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import DeliveryClass
from clinic.policy.service import judge
from clinic.policy.types import Go, Purpose, Wanted
from clinic.waitlist.service import Rescue
from clinic.waitlist.types import Candidate
from flows import texts
from flows.effects import Choice, Row, Say, Value

CHOICES = (  # their values are actions of `bot.tokens`
    Choice("o", "waitlist.take", role="primary"),
    Choice("n", "waitlist.decline"),
)
TELL_FOR = timedelta(hours=2)  # after that nobody needs to hear that somebody was quicker


async def send_offer(
    tx: Tx,
    keys: KeyRing,
    settings: Settings,
    offer_id: int,
    rescue: Rescue,
    candidate: Candidate,
    go: Go,
    until: datetime,
) -> int | None:
    """Write an offer into the outbox; its id. Useful only while the time is kept.

    Lock-screen safe: who, when and where; neither department nor reason.
    """
    at = rescue.freed.starts_at
    name = await tx.fetchval("select name from patient where id = $1", candidate.patient_id)
    rows = [
        Row("reminder.who", name),
        Row("reminder.when", at),
        Row("reminder.where", in_language(rescue.site_name, go.language)),
    ]
    instead = candidate.visit_at is not None
    if candidate.visit_at is not None:
        rows.append(Row("waitlist.row_visit", candidate.visit_at.astimezone(at.tzinfo)))
    say = Say(
        "waitlist.offer_instead" if instead else "waitlist.offer",
        {"clinic": settings.clinic.name, "until": until.astimezone(at.tzinfo)},
        CHOICES,
        title="waitlist.offer_title",
        rows=tuple(rows),
    )
    tokens = Tokens(keys, go.account_id)
    (message,), _ = texts.compose(
        [say], go.language, lambda i: tokens.standing(CHOICES[i].value, offer_id, 0)
    )
    return await enqueue(
        tx,
        keys,
        Outgoing(
            account_id=go.account_id,
            message=message,
            dedup_key=f"offer:{offer_id}",
            purpose="offer",
            delivery_class=DeliveryClass.MUST_ARRIVE,  # the minutes count: not in bulk
            useful_for=until - rescue.now,
            link_version=go.link_version,
            consent_purpose=purpose_of(candidate),
            patient_id=candidate.patient_id,
        ),
    )


def purpose_of(candidate: Candidate) -> Purpose:
    """What an offer falls under: who asked for it is reminded, who is due is cared for."""
    return "reminders" if candidate.entry_id is not None else "care"


async def tell_taken(tx: Tx, keys: KeyRing, settings: Settings, offer_ids: tuple[int, ...]) -> None:
    """One kind line to each of those who were asked, had not answered, and need not any more."""
    rows = await tx.fetch(
        """select f.id, f.account_id, f.entry_id, f.patient_id, q.starts_at, i.time_zone,
                  a.language, a.link_version
           from slot_offer f join slot_rescue q on q.id = f.rescue_id
           join site i on i.id = q.site_id join chat_account a on a.id = f.account_id
           where f.id = any($1) order by f.id""",
        list(offer_ids),
    )
    for row in rows:
        waits = row["entry_id"] is not None
        at = row["starts_at"].astimezone(ZoneInfo(row["time_zone"]))
        say = Say("waitlist.told_taken_waits" if waits else "waitlist.told_taken", {"at": at})
        language = row["language"] or settings.clinic.languages[0]
        (message,), _ = texts.compose([say], language, lambda _: "")
        await enqueue(
            tx,
            keys,
            Outgoing(
                account_id=row["account_id"],
                message=message,
                dedup_key=f"taken:{row['id']}",
                purpose="offer",
                delivery_class=DeliveryClass.CAMPAIGN,
                useful_for=TELL_FOR,
                link_version=row["link_version"],
                consent_purpose="reminders" if waits else "care",
                patient_id=row["patient_id"],
            ),
        )


async def tell_freed(tx: Tx, keys: KeyRing, settings: Settings, visit: Visit) -> bool:
    """Tell whoever booked a visit that staff gave its time to others; False: nobody can be told."""
    zone = ZoneInfo(settings.clinic.time_zone)
    now = await tx.fetchval("select now()")
    booked_by = await tx.fetchval("select account_id from appointment where id = $1", visit.id)
    first = {} if booked_by is None else {visit.patient_id: booked_by}
    # Quiet hours are for the gate: this is to be told whenever it may.
    what = Wanted(purpose="reminders", kind="reminder", first=first)
    noon = now.astimezone(zone).replace(hour=12, minute=0)
    decision = (await judge(tx, settings, zone, [visit.patient_id], what, noon))[visit.patient_id]
    if not isinstance(decision, Go):
        return False
    params: dict[str, Value] = {
        "clinic": settings.clinic.name,
        "phone": settings.clinic.phone,
        "at": visit.starts_at,
    }
    (message,), _ = texts.compose([Say("waitlist.freed", params)], decision.language, lambda _: "")
    await enqueue(
        tx,
        keys,
        Outgoing(
            account_id=decision.account_id,
            message=message,
            dedup_key=f"freed:{visit.id}:{visit.version}",
            purpose="reminder",
            useful_for=max(visit.starts_at - now, timedelta(minutes=1)),
            link_version=decision.link_version,
            consent_purpose="reminders",
            patient_id=visit.patient_id,
        ),
    )
    return True
