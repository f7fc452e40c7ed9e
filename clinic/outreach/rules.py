"""Who is set aside to compare, who counts as returned, and what a sending brought. Pure."""

import hashlib
import math
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

from clinic.outreach.types import Counts, Effect

WITHIN = 90  # days after a sending in which a visit counts as a return
LEAST = 5  # came, and did not come, in each of the two parts: less says nothing
_SURE = 1.96  # standard errors of a 95 % interval


def held_out(key: UUID, patient: int, share: int) -> bool:
    """Whether a patient of a sending is set aside: a draw that is the same whenever it is drawn.

    `share` in per mille. Each patient is drawn alone, so the list's order and size do not matter.
    """
    lot = hashlib.sha256(key.bytes + patient.to_bytes(8, "big")).digest()
    return int.from_bytes(lot[:8], "big") % 1000 < share


def returned_on(sent_on: date, visits: Iterable[date]) -> date | None:
    """The first visit after the day of a sending and within 90 days; None if there is none."""
    until = sent_on + timedelta(WITHIN)
    return min((on for on in visits if sent_on < on <= until), default=None)


def complete(sent_on: date, horizon: date) -> bool:
    """Whether all visits that may count are known: the data reach `horizon`."""
    return horizon >= sent_on + timedelta(WITHIN)


def effect(counts: Counts) -> Effect:
    """How many more came than the hold-out lets expect."""
    return together([counts])


def together(parts: Sequence[Counts]) -> Effect:
    """The same of several sendings, each against its own hold-out.

    The interval is that of Agresti and Caffo (two more in each part, one of whom came), which
    holds also where few came. Sendings without a hold-out say nothing about the difference.
    """
    total = Counts(
        sum(one.sent for one in parts),
        sum(one.sent_returned for one in parts),
        sum(one.held for one in parts),
        sum(one.held_returned for one in parts),
    )
    compared = [one for one in parts if one.held > 0 and one.sent > 0]
    if not compared:
        return Effect(total, None, None, None, too_small=True)
    more = sum(one.sent_returned - one.sent * one.held_returned / one.held for one in compared)
    middle = sum(one.sent * (_near(one.sent_returned, one.sent) - _rest(one)) for one in compared)
    spread = _SURE * math.sqrt(sum(_variance(one) for one in compared))
    cells = (
        sum(one.sent_returned for one in compared),
        sum(one.sent - one.sent_returned for one in compared),
        sum(one.held_returned for one in compared),
        sum(one.held - one.held_returned for one in compared),
    )
    return Effect(total, more, middle - spread, middle + spread, too_small=min(cells) < LEAST)


def _near(came: int, of: int) -> float:
    return (came + 1) / (of + 2)


def _rest(one: Counts) -> float:
    return _near(one.held_returned, one.held)


def _variance(one: Counts) -> float:
    sent, held = _near(one.sent_returned, one.sent), _rest(one)
    part = sent * (1 - sent) / (one.sent + 2) + held * (1 - held) / (one.held + 2)
    return one.sent**2 * part
