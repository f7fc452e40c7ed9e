"""Looking at a text while it is written: with a real patient's values, and sent to oneself."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.audit.service import record
from clinic.booking.search import in_language
from clinic.campaign import unsaved
from clinic.campaign.audience import compile_audience
from clinic.campaign.consider import Setting, facts_of
from clinic.campaign.content import Facts
from clinic.campaign.types import Audience
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import Message
from clinic.picture import service as pictures
from clinic.picture.types import Made, Stored
from clinic.segment.compile import FROM
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

USEFUL = timedelta(minutes=30)  # a test that comes later confuses

# Of each questionnaire the version in use, else the newest. In strict mode what is no item is
# passed over in silence, and an item within an item is found once.
_TOTALS = """
    select q.name, i.item ->> 'linkId' as item
    from (select distinct on (url) name, resource from questionnaire
          order by url, status = 'active' desc, version desc) q
    cross join lateral jsonb_path_query(q.resource, 'strict $.** ? (exists (@.linkId) &&
      (@.type == "integer" || @.type == "decimal") && exists (@.extension[*] ?
      (@.url like_regex "sdc-questionnaire-calculatedExpression$")))') i (item)
    order by q.name, item
"""


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
    tx: Tx, keys: KeyRing, staff: Staff, campaign_id: int, texts: list[Message]
) -> int:
    """Send texts to the acting person's own chat; how many, 0 without a chat.

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
    for message in texts:
        await enqueue(
            tx,
            keys,
            Outgoing(
                account_id=account,
                message=message,
                dedup_key=f"test:{new_key()}",
                purpose="on_call",
                useful_for=USEFUL,
                staff_id=staff.id,
            ),
        )
    await record(tx, "staff", staff.id, "staff:campaign:test", campaign_id, {"texts": len(texts)})
    return len(texts)


async def access_totals(tx: Tx, staff: Staff) -> list[tuple[str, str]]:
    """What questionnaires reckon by themselves: names with linkIds. Nothing of patients."""
    if not sees_all_patients(staff.role):
        return []
    rows = await tx.fetch(_TOTALS)
    return [(row["name"], row["item"]) for row in rows]


async def access_coded_services(tx: Tx, staff: Staff, language: str) -> list[tuple[str, str]]:
    """The services in use by their codes, in the clinic's order. Nothing of patients."""
    if not sees_all_patients(staff.role):
        return []
    rows = await tx.fetch("select code, name from service where active order by position, id")
    return [(row["code"], in_language(row["name"], language)) for row in rows]


async def access_keep_picture(tx: Tx, keys: KeyRing, staff: Staff, made: Made) -> Stored | None:
    """Keep a picture for campaigns; None: may not."""
    return await pictures.keep(tx, keys, made, staff.id) if sees_all_patients(staff.role) else None


async def access_stored_picture(tx: Tx, staff: Staff, name: str) -> Stored | None:
    """A picture that is kept, by its name."""
    return await pictures.find(tx, name) if sees_all_patients(staff.role) else None


async def access_picture(tx: Tx, staff: Staff, name: str) -> bytes | None:
    """The preview of a picture; None if there is none. Nothing of a patient is in it."""
    if not sees_all_patients(staff.role):
        return None
    return await pictures.read(tx, name, small=True)


async def access_keep_typed(
    tx: Tx,
    staff: Staff,
    campaign_id: int,
    version: int,
    fields: list[list[str]],
    turn: unsaved.Turn | None = None,
) -> bool:
    """Keep what one has typed of a draft; False if it is none, or one may not."""
    if not sees_all_patients(staff.role):
        return False
    return await unsaved.keep(tx, campaign_id, staff.id, version, fields, turn)


async def access_typed(tx: Tx, staff: Staff, campaign_id: int) -> unsaved.Typed | None:
    """What oneself has typed and not saved."""
    if not sees_all_patients(staff.role):
        return None
    return await unsaved.find(tx, campaign_id, staff.id)


async def access_forget_typed(
    tx: Tx, staff: Staff, campaign_id: int, turn: unsaved.Turn | None = None
) -> None:
    """What oneself typed is saved, or not wanted, and nothing from before `turn`."""
    await unsaved.forget(tx, campaign_id, staff.id, turn)
