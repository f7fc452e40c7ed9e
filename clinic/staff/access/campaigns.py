"""Campaigns for those who may write to all patients: the desk and admins."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from clinic.audit.service import record
from clinic.campaign import forecast, service, store
from clinic.campaign.consider import Setting
from clinic.campaign.content import Show
from clinic.campaign.funnel import Funnel, funnel
from clinic.campaign.rules import acts
from clinic.campaign.types import (
    Act,
    CalendarDay,
    Campaign,
    Counts,
    Draft,
    Fault,
    Preview,
)
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.lapse.service import install
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

NOT_ALLOWED = (Fault("", "not_allowed"),)


@dataclass(frozen=True, slots=True)
class Shown:
    """A campaign with how its recipients stand and what may be done with it now.

    `undo_seconds`: how long a start can still be undone, 0 when not.
    """

    campaign: Campaign
    counts: Counts
    acts: tuple[Act, ...]
    undo_seconds: int
    created_by: str
    changed_by: str
    approved_by: str


async def access_campaigns(tx: Tx, staff: Staff) -> list[Campaign]:
    """All campaigns, those under way first."""
    return await store.listing(tx) if sees_all_patients(staff.role) else []


async def access_campaign(tx: Tx, staff: Staff, campaign_id: int) -> Shown | None:
    """One campaign; None if there is none."""
    found = await store.find(tx, campaign_id) if sees_all_patients(staff.role) else None
    if found is None:
        return None
    now: datetime = await tx.fetchval("select now()")
    people = [found.created_by, found.changed_by, found.approved_by]
    rows = await tx.fetch("select id, name from staff where id = any($1::bigint[])", people)
    names = {row["id"]: row["name"] for row in rows}
    may = acts(found.state, now, found.starts_at)
    left = (found.starts_at - now).total_seconds() if found.starts_at and "undo" in may else 0
    return Shown(
        found,
        await store.counts(tx, campaign_id),
        may,
        max(0, int(left)),
        *(names.get(one, "") for one in people),
    )


async def access_create_campaign(
    tx: Tx, staff: Staff, draft: Draft, key: UUID | None = None
) -> Campaign | tuple[Fault, ...]:
    """Save a new draft; or all that is wrong with it."""
    if not sees_all_patients(staff.role):
        return NOT_ALLOWED
    await install(tx)  # the groups of lapse lists, where no import has brought them yet
    return await service.create(tx, draft, staff.id, key)


async def access_change_campaign(
    tx: Tx, staff: Staff, campaign_id: int, version: int, draft: Draft
) -> Campaign | tuple[Fault, ...]:
    """Write a draft anew; `version` is the one that was looked at (`changed_meanwhile`)."""
    if not sees_all_patients(staff.role):
        return NOT_ALLOWED
    return await service.change(tx, campaign_id, version, draft, staff.id)


async def access_copy_campaign(
    tx: Tx, staff: Staff, campaign_id: int
) -> Campaign | tuple[Fault, ...]:
    """A new draft that says the same."""
    if not sees_all_patients(staff.role):
        return NOT_ALLOWED
    return await service.copy(tx, campaign_id, staff.id)


async def access_ask_approval(
    tx: Tx, staff: Staff, campaign_id: int, version: int
) -> Campaign | tuple[Fault, ...]:
    """Ask a colleague to look at it and start it."""
    if not sees_all_patients(staff.role):
        return NOT_ALLOWED
    return await service.ask(tx, campaign_id, version, staff.id)


async def access_start_campaign(
    tx: Tx,
    keys: KeyRing,
    settings: Settings,
    staff: Staff,
    campaign_id: int,
    version: int,
    typed: int | None = None,
) -> Campaign | tuple[Fault, ...]:
    """Start it, or approve it, which is the same: `needs_second_person` if it is one's own,
    `needs_number` if for so many people one has to type how many they are."""
    if not sees_all_patients(staff.role):
        return NOT_ALLOWED
    return await service.start(
        tx, keys, settings, campaign_id, version, staff.id, typed, by_hand=True
    )


async def access_closed_days(
    tx: Tx, staff: Staff, settings: Settings, days: Collection[date]
) -> frozenset[date]:
    """Of these days those on which nobody is at the desk: its days off, and closed houses."""
    if not sees_all_patients(staff.role):
        return frozenset()
    rows = await tx.fetch(
        """select on_date from schedule_exception
           where on_date = any($1) and resource_id is null and kind = 'closed' and opens_at is null
             and (site_id is null or (select count(*) from site) = 1)""",
        list(days),
    )
    desk = settings.clinic.desk_weekdays
    off = {on for on in days if desk and on.weekday() not in desk}
    return frozenset(off | {row["on_date"] for row in rows})


async def access_stop_campaign(
    tx: Tx, staff: Staff, campaign_id: int, act: Act
) -> Campaign | tuple[Fault, ...]:
    """Undo, pause, resume or cancel it. Raises KeyError for any other act."""
    deed = {
        "undo": service.undo,
        "pause": service.pause,
        "resume": service.resume,
        "cancel": service.cancel,
    }[act]
    return await deed(tx, campaign_id, staff.id) if sees_all_patients(staff.role) else NOT_ALLOWED


async def access_decide_late(
    tx: Tx, staff: Staff, campaign_id: int, *, send: bool
) -> int | tuple[Fault, ...]:
    """What becomes of those whose time was over when they came in; how many that were."""
    if not sees_all_patients(staff.role):
        return NOT_ALLOWED
    return await service.decide_late(tx, campaign_id, staff.id, send=send)


async def access_funnel(tx: Tx, staff: Staff, campaign_id: int) -> Funnel | None:
    """How far its recipients went. Numbers only; None: may not."""
    return await funnel(tx, campaign_id) if sees_all_patients(staff.role) else None


async def access_preview(
    tx: Tx, keys: KeyRing, settings: Settings, staff: Staff, campaign_id: int, show: Show
) -> Preview | None:
    """What a start would do now, with samples by name. `show`: flows.texts.shown."""
    found = await store.find(tx, campaign_id) if sees_all_patients(staff.role) else None
    if found is None:
        return None
    setting = Setting(settings, keys, show)
    seen = await forecast.preview(tx, setting, store.understand(found), staff.id)
    detail = {"due": seen.due, "patients": [one.patient_id for one in seen.samples]}
    await record(tx, "staff", staff.id, "staff:campaign:preview", campaign_id, detail)
    return seen


async def access_standing_in_line(tx: Tx) -> dict[str, int]:
    """Messages of campaigns that wait to be sent already, by channel. Numbers only."""
    return await forecast.standing_in_line(tx)


async def access_calendar(
    tx: Tx,
    keys: KeyRing,
    settings: Settings,
    staff: Staff,
    show: Show,
    days: int = forecast.CALENDAR_DAYS,
) -> tuple[CalendarDay, ...]:
    """What all running campaigns will do, day by day. Numbers only."""
    if not sees_all_patients(staff.role):
        return ()
    return await forecast.calendar(tx, Setting(settings, keys, show), days)
