"""The reminder of a visit with its three buttons, as the clock sends it and as the desk does."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.tokens import Tokens
from clinic.audit.service import record
from clinic.booking.actor import Actor
from clinic.booking.search import in_language
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import DeliveryClass
from clinic.policy.service import judge
from clinic.policy.types import Go, Wanted
from flows import texts
from flows.effects import Choice, Row, Say

CHOICES = (  # their values are actions of `bot.tokens`
    Choice("c", "reminder.confirm", role="primary"),
    Choice("m", "reminder.move"),
    Choice("x", "reminder.cancel"),
)
AGAIN_AFTER = timedelta(hours=1)  # nobody is asked twice within this


async def write_reminder(
    tx: Tx, keys: KeyRing, clinic: str, visit: Mapping[str, Any], go: Go, dedup_key: str
) -> int | None:
    """Write a reminder into the outbox; its id, None: it is there already. `visit` is a row of a
    visit with its patient's and its site's name; `starts_at` is in the site's zone.

    Lock-screen safe: who, when and where; neither department nor reason.
    """
    starts_at: datetime = visit["starts_at"]
    say = Say(
        "reminder.visit",
        {"clinic": clinic},
        choices=CHOICES,
        title="reminder.title",
        rows=(
            Row("reminder.who", visit["patient_name"]),
            Row("reminder.when", starts_at.astimezone(ZoneInfo(visit["time_zone"]))),
            Row("reminder.where", in_language(visit["site"], go.language)),
        ),
    )
    tokens = Tokens(keys, go.account_id)
    (message,), _ = texts.compose(
        [say],
        go.language,
        lambda i: tokens.standing(CHOICES[i].value, visit["appointment_id"], visit["version"]),
    )
    return await enqueue(
        tx,
        keys,
        Outgoing(
            account_id=go.account_id,
            message=message,
            dedup_key=dedup_key,
            purpose="reminder",
            delivery_class=DeliveryClass.MUST_ARRIVE,
            useful_for=starts_at - visit["now"],
            appointment_id=visit["appointment_id"],
            appointment_version=visit["version"],
            link_version=go.link_version,
            consent_purpose="reminders",
            patient_id=visit["patient_id"],
        ),
    )


async def ask_again(
    tx: Tx, keys: KeyRing, settings: Settings, actor: Actor, visit_id: int
) -> str | None:
    """Remind of a visit that nobody confirmed, now; None if that is written, else why not: a reason
    of the policy, `too_often` within an hour, or `not_relevant`."""
    visit = await tx.fetchrow(
        """select a.id as appointment_id, a.version, a.patient_id, a.account_id, a.starts_at,
             a.confirmed_at, a.status, p.name as patient_name, i.name as site, i.time_zone,
             now() as now, exists (select from outbox o where o.appointment_id = a.id
               and o.purpose = 'reminder' and o.created_at > now() - $2::interval) as lately
           from appointment a join patient p on p.id = a.patient_id
           join site i on i.id = a.site_id where a.id = $1 for no key update of a""",
        visit_id,
        AGAIN_AFTER,
    )
    open_still = visit["status"] == "booked" and visit["confirmed_at"] is None
    if not open_still or visit["starts_at"] <= visit["now"]:
        return "not_relevant"
    if visit["lately"]:
        return "too_often"
    patient, booked_by = visit["patient_id"], visit["account_id"]
    what = Wanted("reminders", "reminder", first={patient: booked_by} if booked_by else {})
    zone = ZoneInfo(settings.clinic.time_zone)
    decision = (await judge(tx, settings, zone, [patient], what, visit["now"]))[patient]
    if not isinstance(decision, Go):
        return decision.reason
    stamp = f"{visit['now']:%Y%m%dT%H%M}"
    key = f"again:{visit_id}:{visit['version']}:{stamp}"
    await write_reminder(tx, keys, settings.clinic.name, visit, decision, key)
    await record(tx, actor.kind, actor.id, f"{actor.kind}:appointment:ask_again", visit_id)
    return None
