"""Which starts of a service are free, and with which resources: sets of minutes, see `hours`.

A start is offered when the practitioner works at the site for the whole visit, practitioner and one
room or device of each needed kind are free for it with its buffers around, and it lies between the
minimum notice and the horizon.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from heapq import merge
from itertools import islice
from zoneinfo import ZoneInfo

from clinic.booking.hours import (
    DAY,
    Exceptional,
    Weekly,
    bits,
    hours_of,
    instant,
    minute_after,
    minute_of,
    moment,
    span,
)
from clinic.booking.types import DayOption, Slot

PRACTITIONER = "practitioner"
ALTERNATIVES = 5
OF_THE_SAME = 3  # of them with the practitioner asked for, if others are free too
_hours = lru_cache(maxsize=256)(hours_of)  # the same for every patient who looks; some 50 KB each
Period = tuple[int, int]  # from a minute up to, not including, another


@dataclass(frozen=True, slots=True)
class Site:
    """A place in its own zone."""

    id: int
    name: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Resource:
    """A practitioner, room or device as far as one service is concerned."""

    id: int
    kind: str
    name: str
    site_id: int | None = None  # None: goes where its schedule says
    services: int = 1  # how many services it can serve
    weekly: tuple[Weekly, ...] = ()
    busy: tuple[Period, ...] = ()  # with the buffers of what it is busy with


@dataclass(frozen=True, slots=True)
class Offer:
    """What a service asks for; times in minutes."""

    service_id: int
    duration: int
    buffer_before: int = 0
    buffer_after: int = 0
    step: int = 15
    minimum_notice: int = 0
    horizon_days: int = 60


@dataclass(frozen=True, slots=True)
class Board:
    """All that decides what is free for one service on `days` days from `first` on."""

    offer: Offer
    sites: tuple[Site, ...]
    resources: tuple[Resource, ...]
    exceptions: tuple[Exceptional, ...]
    now: datetime
    first: date
    days: int
    patient_busy: tuple[Period, ...] = ()  # other visits of whom it is for
    dead_holds: bool = False  # some take nothing any more but are not yet marked so


@dataclass(frozen=True, slots=True)
class Plan:
    """When one practitioner can be had at one site; bit 0 of the sets is the origin."""

    practitioner: Resource
    site: Site
    starts: int
    busy: int


@dataclass(frozen=True, slots=True)
class Free:
    """What is free on a board."""

    board: Board
    origin: int
    plans: tuple[Plan, ...]  # by site, then practitioner
    # For each site its rooms and devices with the starts they are free for, the ones that are
    # least useful elsewhere first.
    helpers: Mapping[int, tuple[tuple[Resource, int], ...]]


def free(board: Board) -> Free:
    """Find every free start of the board."""
    # Two days before the first one: no zone and no buffer reaches further back.
    origin = (board.first - date(1970, 1, 1)).days * DAY - 2 * DAY
    plans: list[Plan] = []
    helpers: dict[int, tuple[tuple[Resource, int], ...]] = {}
    for site in sorted(board.sites, key=lambda site: site.id):
        bookable = _bookable(board, site, origin)
        helpers[site.id] = tuple(
            (one, _helps(board, one, site, origin))
            for one in sorted(board.resources, key=lambda one: (one.services, one.id))
            if one.kind != PRACTITIONER and one.site_id in (None, site.id)
        )
        for kind in {one.kind for one in board.resources} - {PRACTITIONER}:
            any_of_kind = 0
            for one, starts in helpers[site.id]:
                any_of_kind |= starts if one.kind == kind else 0
            bookable &= any_of_kind
        for one in sorted(board.resources, key=lambda one: one.id):
            if one.kind == PRACTITIONER:
                busy = _minutes(board, one.busy, origin)
                starts = _starts(board, one.weekly, one.id, site, origin)
                starts &= bookable & _apart(board, busy)
                if starts:
                    plans.append(Plan(one, site, starts, busy))
    return Free(board, origin, tuple(plans), helpers)


def days_of(found: Free, limit: int) -> tuple[tuple[DayOption, ...], bool]:
    """The first `limit` days with a free start, and whether there are later ones.

    Starts at one time with several practitioners of a site count once.
    """
    days: list[DayOption] = []
    for on in _dates(found.board):
        starts = sum(_on_day(found, site, mask, on)[1].bit_count() for site, mask in _unions(found))
        if starts and len(days) == limit:
            return tuple(days), True
        if starts:
            days.append(DayOption(on, starts))
    return tuple(days), False


def slots_of(found: Free, on: date | None, limit: int) -> tuple[Slot, ...]:
    """The first `limit` free slots of a day, or of all days; one for each start and site.

    Of several practitioners it is the one with the least to do that day, then the lowest id.
    """
    slots: list[Slot] = []
    for day in _dates(found.board) if on is None else (on,):
        of_day: list[tuple[int, int, Plan]] = []
        for site, mask in _unions(found):
            first, starts = _on_day(found, site, mask, day)
            plans = sorted(
                (plan for plan in found.plans if plan.site is site),
                key=lambda plan: (_load(found, plan, day), plan.practitioner.id),
            )
            for bit in bits(starts):
                plan = next(plan for plan in plans if plan.starts >> first + bit & 1)
                of_day.append((first + bit, site.id, plan))
        for bit, _, plan in sorted(of_day, key=lambda one: one[:2])[: limit - len(slots)]:
            slots.append(_slot(found, plan, bit, ()))
        if len(slots) == limit:
            break
    return tuple(slots)


def offered(found: Free, slot: Slot) -> Slot | None:
    """The slot with resources that are free now, its own where they are; None: not to be had.

    Nothing in `slot` is believed: it may be old, or forged.
    """
    at = slot.starts_at.timestamp() / 60 - found.origin
    bit = int(at)
    for plan in found.plans:
        if (
            (plan.practitioner.id, plan.site.id) == (slot.practitioner_id, slot.site_id)
            and slot.service_id == found.board.offer.service_id
            and at == bit >= 0
            and plan.starts >> bit & 1
        ):
            fresh = _slot(found, plan, bit, slot.resources)
            return fresh if fresh.ends_at.timestamp() == slot.ends_at.timestamp() else None
    return None


def nearest(found: Free, slot: Slot) -> tuple[Slot, ...]:
    """Free slots nearest in time to one that is not: of the same practitioner, then of others."""
    at = minute_of(slot.starts_at) - found.origin

    def by_distance(plans: Iterable[Plan]) -> list[tuple[int, Plan]]:
        streams = [((bit, plan) for bit in _outward(plan.starts, at)) for plan in plans]
        in_order = merge(*streams, key=lambda one: abs(one[0] - at))
        return list(islice(in_order, ALTERNATIVES))

    asked = slot.practitioner_id
    same = by_distance(plan for plan in found.plans if plan.practitioner.id == asked)
    others = by_distance(plan for plan in found.plans if plan.practitioner.id != asked)
    chosen = same[: max(OF_THE_SAME, ALTERNATIVES - len(others))] + others
    return tuple(_slot(found, plan, bit, ()) for bit, plan in chosen[:ALTERNATIVES])


# Sets of minutes ----------------------------------------------------------------------------------


def _bookable(board: Board, site: Site, origin: int) -> int:
    """Minutes of the board's days between minimum notice and horizon that the patient has free."""
    notice = minute_after(board.now) + board.offer.minimum_notice
    last_day = board.now.astimezone(site.zone).date() + timedelta(days=board.offer.horizon_days)
    end = instant(site.zone, min(last_day, board.first + timedelta(days=board.days - 1)), DAY)
    begin = max(notice, instant(site.zone, board.first, 0))
    patient_busy = _minutes(board, board.patient_busy, origin)
    minutes = span(begin - origin, end - origin)
    return minutes & _unbroken(~patient_busy & _all(board), board.offer.duration)


def _starts(
    board: Board, weekly: tuple[Weekly, ...], resource_id: int, site: Site, origin: int
) -> int:
    """Starts, on the wall clock's grid, whose whole visit lies in a practitioner's hours."""
    mine = tuple(one for one in board.exceptions if one.resource_id in (None, resource_id))
    hours = _hours(weekly, mine, site.id, site.zone, _around(board), origin, board.offer.step)
    return hours.grid & _unbroken(hours.open, board.offer.duration)


def _helps(board: Board, one: Resource, site: Site, origin: int) -> int:
    """Starts for which a room or device is free. One without a schedule is open at any time."""
    weekly, exceptions = one.weekly, list(board.exceptions)
    if not weekly:
        weekly = tuple(Weekly(site.id, weekday, 0, DAY) for weekday in range(7))
        exceptions = [exception for exception in exceptions if exception.resource_id]
    mine = tuple(x for x in exceptions if x.resource_id in (None, one.id))
    if one.weekly or mine:
        hours = _hours(weekly, mine, site.id, site.zone, _around(board), origin, DAY).open
    else:
        hours = _all(board)
    return _unbroken(hours, board.offer.duration) & _apart(board, _minutes(board, one.busy, origin))


def _apart(board: Board, busy: int) -> int:
    """Starts whose visit, with the buffers around it, touches nothing that is busy."""
    offer = board.offer
    whole = offer.buffer_before + offer.duration + offer.buffer_after
    return _unbroken(~busy & _all(board), whole) << offer.buffer_before


def _unbroken(minutes: int, length: int) -> int:
    """The minutes from which on `length` of them are all in the set."""
    have = 1
    while have < length:
        more = min(have, length - have)
        minutes &= minutes >> more
        have += more
    return minutes


def _minutes(board: Board, periods: Sequence[Period], origin: int) -> int:
    """The minutes that any of the periods touches."""
    if not periods:
        return 0
    # Day by day: joining small sets once is ten times cheaper than growing a large one.
    days = [0] * (board.days + 4)
    for begins, ends in periods:
        first, last = max(begins - origin, 0), min(ends - origin, len(days) * DAY)
        while first < last:
            day, minute = divmod(first, DAY)
            length = min(last - first, DAY - minute)
            days[day] |= ((1 << length) - 1) << minute
            first += length
    return int.from_bytes(b"".join(day.to_bytes(DAY // 8, "little") for day in days), "little")


def _all(board: Board) -> int:
    """Every minute of the board, with two days to spare on either side."""
    return span(0, (board.days + 4) * DAY)


def _dates(board: Board) -> list[date]:
    return [board.first + timedelta(days=n) for n in range(board.days)]


def _around(board: Board) -> tuple[date, ...]:
    """The board's days with one more on either side, into which a visit may reach."""
    return tuple(board.first + timedelta(days=n) for n in range(-1, board.days + 1))


def _outward(minutes: int, at: int) -> Iterator[int]:
    """The set's minutes by their distance from `at`, the later of two first."""
    after, before = minutes >> max(at, 0) << max(at, 0), minutes & span(0, at)
    while after or before:
        later = (after & -after).bit_length() - 1
        earlier = before.bit_length() - 1
        if after and (not before or later - at <= at - earlier):
            yield later
            after ^= 1 << later
        else:
            yield earlier
            before ^= 1 << earlier


# Days and slots -----------------------------------------------------------------------------------


def _unions(found: Free) -> list[tuple[Site, int]]:
    """For each site the starts with anybody."""
    unions: dict[Site, int] = {}
    for plan in found.plans:
        unions[plan.site] = unions.get(plan.site, 0) | plan.starts
    return list(unions.items())


def _on_day(found: Free, site: Site, minutes: int, on: date) -> tuple[int, int]:
    """A site's day cut out of a set: the bit it begins at, and the day's minutes from there."""
    first = instant(site.zone, on, 0) - found.origin
    end = instant(site.zone, on, DAY) - found.origin
    return first, minutes >> first & span(0, end - first)


def _load(found: Free, plan: Plan, on: date) -> int:
    """For how many minutes of the day the practitioner has something to do."""
    return _on_day(found, plan.site, plan.busy, on)[1].bit_count()


def _slot(found: Free, plan: Plan, bit: int, wanted: Sequence[int]) -> Slot:
    """The slot of a start, with the first free room and device, those wanted before others."""
    helpers: dict[str, int] = {}
    for one, starts in found.helpers[plan.site.id]:
        if starts >> bit & 1 and (one.kind not in helpers or one.id in wanted):
            helpers[one.kind] = one.id
    at = found.origin + bit
    return Slot(
        service_id=found.board.offer.service_id,
        site_id=plan.site.id,
        site_name=plan.site.name,
        practitioner_id=plan.practitioner.id,
        practitioner_name=plan.practitioner.name,
        starts_at=moment(at, plan.site.zone),
        ends_at=moment(at + found.board.offer.duration, plan.site.zone),
        resources=(plan.practitioner.id, *(helpers[kind] for kind in sorted(helpers))),
    )
