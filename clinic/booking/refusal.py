"""Why a start cannot be had, for whoever dropped a visit on it. Pure."""

from typing import Literal

from clinic.booking.hours import DAY, Exceptional, minute_after, minute_of, runs, span, wall_hours
from clinic.booking.rules import PRACTITIONER, Board, Period, Resource
from clinic.booking.types import Slot

Reason = Literal[
    "past", "too_far", "not_served", "closed", "practitioner_busy", "patient_busy", "off_grid",
    "no_room",
]  # fmt: skip


def why_not(board: Board, slot: Slot) -> Reason:
    """The first thing that stands against a slot which is not offered on a board.

    `slot.starts_at` is in its site's zone. Whatever is left over when nothing is wrong with the
    time and the practitioner is the rooms and devices: none of a kind is free.
    """
    if slot.starts_at <= board.now:
        return "past"
    on = slot.starts_at.date()
    if (on - board.now.astimezone(slot.starts_at.tzinfo).date()).days > board.offer.horizon_days:
        return "too_far"
    who = next((one for one in board.resources if one.id == slot.practitioner_id), None)
    if who is None or who.kind != PRACTITIONER:
        return "not_served"
    exceptions = [one for one in board.exceptions if one.on == on and _concerns(one, who)]
    opened, whole = wall_hours(who.weekly, exceptions, on, slot.site_id)
    begins = slot.starts_at.hour * 60 + slot.starts_at.minute
    if span(begins, min(begins + board.offer.duration, DAY)) & ~opened:
        return "closed"
    first = minute_of(slot.starts_at) - board.offer.buffer_before
    last = minute_after(slot.ends_at) + board.offer.buffer_after
    if _meets(who.busy, first, last):
        return "practitioner_busy"
    if _meets(board.patient_busy, minute_of(slot.starts_at), minute_after(slot.ends_at)):
        return "patient_busy"
    grid = any(
        opens <= begins < closes and (begins - opens) % board.offer.step == 0
        for opens, closes in runs(whole)
    )
    return "no_room" if grid else "off_grid"


def _concerns(one: Exceptional, who: Resource) -> bool:
    return one.resource_id in (None, who.id)


def _meets(periods: tuple[Period, ...], first: int, last: int) -> bool:
    return any(begins < last and first < ends for begins, ends in periods)
