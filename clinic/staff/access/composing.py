"""Looking at a text while it is written: with a real patient's values, and sent to oneself."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.audit.service import record
from clinic.campaign.audience import compile_audience
from clinic.campaign.consider import Setting, facts_of
from clinic.campaign.content import Facts
from clinic.campaign.types import Audience
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import Message
from clinic.segment.compile import FROM
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

USEFUL = timedelta(minutes=30)  # a test that comes later confuses


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose values stand in a text that is looked at."""

    id: int
    name: str
    facts: Facts


async def access_person(
    tx: Tx,
    setting: Setting,
    staff: Staff,
    campaign_id: int,
    audience: Audience | None,
    chosen: int | None,
) -> Person | None:
    """The patient who was chosen, else the first of the audience; None if there is nobody."""
    if not sees_all_patients(staff.role):
        return None
    found: int | None = None
    if chosen is not None:
        found = await tx.fetchval(
            "select id from patient where id = $1 and merged_into_id is null", chosen
        )
    if found is None and audience is not None:
        made = await compile_audience(tx, setting.keys, setting.zone.key, audience)
        query = f"select p.id {FROM} where {made.where} order by p.id limit 1"  # values are bound
        found = await tx.fetchval(query, *made.values)
    if found is None:
        return None
    now: datetime = await tx.fetchval("select now()")
    facts = (await facts_of(tx, setting, [found], now))[found]
    await record(tx, "staff", staff.id, "staff:campaign:look", campaign_id, {"patients": [found]})
    return Person(found, facts.name, facts)


async def access_test(
    tx: Tx, keys: KeyRing, staff: Staff, campaign_id: int, texts: list[tuple[str, str]]
) -> int:
    """Send texts (language and words) to the acting person's own chat; how many, 0 without a chat.

    They are no part of the campaign: no recipient, no figure, and no patient's values in them.
    """
    if not sees_all_patients(staff.role):
        return 0
    account: int | None = await tx.fetchval(
        """select a.id from staff_account o join chat_account a on a.id = o.account_id
           where o.staff_id = $1 and a.unreachable_at is null
           order by a.channel = 'webchat', o.id desc limit 1""",
        staff.id,
    )
    if account is None:
        return 0
    for language, words in texts:
        await enqueue(
            tx,
            keys,
            Outgoing(
                account_id=account,
                message=Message(words, language),
                dedup_key=f"test:{new_key()}",
                purpose="on_call",
                useful_for=USEFUL,
                staff_id=staff.id,
            ),
        )
    await record(tx, "staff", staff.id, "staff:campaign:test", campaign_id, {"texts": len(texts)})
    return len(texts)
