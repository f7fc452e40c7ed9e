"""Campaigns as they are stored: read, understood, counted."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

from clinic.campaign import content as wording
from clinic.campaign.consider import Plan
from clinic.campaign.read import read_audience, read_content
from clinic.campaign.trigger import read_trigger
from clinic.campaign.types import (
    KINDS,
    Campaign,
    Content,
    Counts,
    Draft,
    Fault,
    OfLapse,
    OfPatients,
    OfSegment,
)
from clinic.config import Clinic
from clinic.db import Tx
from clinic.picture.service import find as find_picture
from clinic.policy.types import PURPOSES

LONGEST_NAME = 80
MOST_HELD_OUT = 500  # per mille
MOST_USEFUL = 720  # hours
LISTED_AT_MOST = 500
_COLUMNS = """id, key, state, version, name, kind, purpose, audience, trigger, content, hold_out,
  useful_hours, reason, made_until, starts_at, created_by_id, changed_by_id, approved_by_id,
  created_at, ended_at"""


async def find(tx: Tx, campaign_id: int, *, lock: bool = False) -> Campaign | None:
    """A campaign; None if there is none. `lock`: until the transaction ends nobody changes it."""
    row = await tx.fetchrow(
        f"select {_COLUMNS} from campaign where id = $1{' for no key update' if lock else ''}",  # noqa: S608  # constants
        campaign_id,
    )
    return None if row is None else _campaign(row)


async def by_key(tx: Tx, key: str) -> Campaign | None:
    """The campaign of a key; None if there is none."""
    try:
        named = UUID(key)
    except ValueError:
        return None
    row = await tx.fetchrow(f"select {_COLUMNS} from campaign where key = $1", named)  # noqa: S608  # constants
    return None if row is None else _campaign(row)


async def listing(tx: Tx) -> list[Campaign]:
    """All campaigns, those under way first, then the newest first."""
    rows = await tx.fetch(
        f"""select {_COLUMNS} from campaign
            order by state not in ('running', 'paused', 'waiting'), id desc
            limit {LISTED_AT_MOST}"""  # noqa: S608  # constants
    )
    return [_campaign(row) for row in rows]


def understand(campaign: Campaign) -> Plan:
    """The parts of a stored campaign. Raises ValueError if they are not understood: a bug."""
    draft = campaign.draft
    audience, content = read_audience(draft.audience), read_content(draft.content)
    trigger = read_trigger(draft.trigger)
    for part in (audience, content, trigger):
        if isinstance(part, Fault):
            raise ValueError(f"campaign {campaign.id} is not understood: {part.where}")
    assert not isinstance(audience, Fault)
    assert not isinstance(content, Fault)
    assert not isinstance(trigger, Fault)
    return Plan(campaign, audience, trigger, content)


async def counts(tx: Tx, campaign_id: int) -> Counts:
    """How the recipients of a campaign stand."""
    rows = await tx.fetch(
        """select state, coalesce(reason, '') as reason, count(*) as n, count(answered_at) as heard,
                  count(booked_id) as booked
           from recipient where campaign_id = $1 group by 1, 2""",
        campaign_id,
    )
    states: dict[str, int] = {}
    reasons: dict[str, dict[str, int]] = {}
    for row in rows:
        states[row["state"]] = states.get(row["state"], 0) + row["n"]
        if row["reason"]:
            reasons.setdefault(row["state"], {})[row["reason"]] = row["n"]
    return Counts(
        states, reasons, sum(row["heard"] for row in rows), sum(row["booked"] for row in rows)
    )


async def faults(tx: Tx, draft: Draft) -> tuple[Fault, ...]:
    """What keeps a draft from being saved: what nobody could read, or what is not there."""
    return (*_faults(draft), *[one async for one in _lacking(tx, draft)])


def _faults(draft: Draft) -> Iterator[Fault]:
    name = " ".join(draft.name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        yield Fault("name", "no_name")
    if draft.kind not in KINDS:
        yield Fault("kind", "unknown_choice")
    if draft.purpose and draft.purpose not in PURPOSES:
        yield Fault("purpose", "unknown_choice")
    if not 0 <= draft.hold_out <= MOST_HELD_OUT:
        yield Fault("hold_out", "no_number")
    if not 1 <= draft.useful_hours <= MOST_USEFUL:
        yield Fault("useful_hours", "no_number")
    trigger = read_trigger(draft.trigger)
    if isinstance(trigger, Fault):
        yield Fault(f"trigger.{trigger.where}".rstrip("."), trigger.reason)
    for part in (read_audience(draft.audience), read_content(draft.content)):
        if isinstance(part, Fault):
            yield part


async def _lacking(tx: Tx, draft: Draft) -> AsyncIterator[Fault]:
    """What a draft names and the base does not have."""
    match read_audience(draft.audience):
        case OfSegment(key, version):
            asked = "select exists (select from segment where key = $1 and version = $2)"
            if not await tx.fetchval(asked, key, version):
                yield Fault("audience.segment", "unknown_segment")
        case OfLapse(group, _):
            if not await _is_group(tx, group):
                yield Fault("audience.lapse", "unknown_group")
        case OfPatients(ids, group):
            if group is not None and not await _is_group(tx, group):
                yield Fault("audience.group", "unknown_group")
            found = await tx.fetchval("select count(*) from patient where id = any($1)", list(ids))
            if found < len(ids):
                yield Fault("audience.patients", "no_patients")
    if await _lacks_picture(tx, read_content(draft.content)):
        yield Fault("content.picture", "no_picture")


async def _lacks_picture(tx: Tx, content: Content | Fault) -> bool:
    if isinstance(content, Fault) or content.picture is None:
        return False
    stored = content.picture.stored
    return await find_picture(tx, stored.name) != stored


async def _is_group(tx: Tx, code: str) -> bool:
    known: bool = await tx.fetchval("select exists (select from care_group where code = $1)", code)
    return known


async def starting_faults(tx: Tx, content: Content, clinic: Clinic) -> tuple[Fault, ...]:
    """What keeps a saved campaign from being started: its texts, what nobody has a value for, and
    the forms it opens."""
    values = {"clinic": clinic.name, "phone": clinic.phone}
    empty = [name for name in wording.OF_THE_CLINIC if not values[name].strip()]
    found = list(wording.faults(content, clinic.languages[0], empty))
    for n, button in enumerate(content.buttons):
        if button.form and not await active_form(tx, button.form):
            found.append(Fault(f"content.buttons.{n}", "no_form"))
    return tuple(found)


async def active_form(tx: Tx, url: str) -> int | None:
    """The newest version in use of a questionnaire."""
    found: int | None = await tx.fetchval(
        """select id from questionnaire where url = $1 and status = 'active'
           order by id desc limit 1""",
        url,
    )
    return found


def _campaign(row: Any) -> Campaign:
    return Campaign(
        id=row["id"],
        key=row["key"],
        state=row["state"],
        version=row["version"],
        draft=Draft(
            name=row["name"],
            kind=row["kind"],
            audience=row["audience"],
            trigger=row["trigger"],
            content=row["content"],
            purpose=row["purpose"],
            hold_out=row["hold_out"],
            useful_hours=row["useful_hours"],
        ),
        reason=row["reason"],
        made_until=row["made_until"],
        starts_at=row["starts_at"],
        created_by=row["created_by_id"],
        changed_by=row["changed_by_id"],
        approved_by=row["approved_by_id"],
        created_at=row["created_at"],
        ended_at=row["ended_at"],
    )
