"""Rounds, loss to follow-up and survival. Pure.

Kaplan-Meier with Greenwood's variance and the band on the scale of log(-log S) ("exponential
Greenwood"): Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data, 1.4.
"""

import math
from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from statistics import NormalDist

from clinic.cohort.types import (
    LAST_MONTH,
    MOST_ARMS,
    MOST_ROUNDS,
    Arm,
    Draft,
    Fault,
    Followed,
    Member,
    Point,
    Status,
)

CONFIDENCE = 0.95
MONTH = 365.25 / 12  # days, on the axis of a curve
LATE = timedelta(days=30)  # a round that is overdue by more is not asked any more
LONGEST_NAME, LONGEST_ARM = 80, 32


def faults(draft: Draft) -> tuple[Fault, ...]:
    """What is wrong with a draft; () if nothing is."""
    arms, rounds = draft.arms, draft.rounds
    checks = (
        ("name", "no_name", not 0 < len(draft.name) <= LONGEST_NAME),
        ("arms", "no_arms", not 0 < len(arms) <= MOST_ARMS),
        ("arms", "bad_arm", not all(0 < len(one) <= LONGEST_ARM for one in arms)),
        ("arms", "twice", len(set(arms)) < len(arms)),
        ("rounds", "too_many", len(rounds) > MOST_ROUNDS),
        ("rounds", "bad_round", not all(0 < one <= LAST_MONTH for one in rounds)),
        ("rounds", "twice", len(set(rounds)) < len(rounds)),
        ("lost_after_days", "bad_days", not 30 <= draft.lost_after_days <= 3650),
    )
    return tuple(Fault(field, reason) for field, reason, wrong in checks if wrong)


def round_on(enrolled_on: date, months: int) -> date:
    """The day of a round: the same day of a later month, or its last one."""
    year, month = divmod(enrolled_on.year * 12 + enrolled_on.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(enrolled_on.day, last))


def too_late(due_on: date, today: date) -> bool:
    """Whether a round is past asking."""
    return today - due_on > LATE


def standing(member: Member, today: date, lost_after_days: int) -> Status:
    """How a member stands: whom nobody has heard of for so long is lost."""
    silent = today - member.contact_on > timedelta(days=lost_after_days)
    return "lost" if member.status == "alive" and silent else member.status


def followed(member: Member) -> Followed:
    """The time under observation: to the death, or censored at the last contact."""
    died = member.status == "died" and member.event_on is not None
    end = member.event_on if died and member.event_on else member.contact_on
    return Followed(max(0, (end - member.enrolled_on).days), died)


def survival(people: Iterable[Followed]) -> tuple[Point, ...]:
    """The Kaplan-Meier curve: a point for each day on which somebody died or was censored.

    Who is censored on the day of a death was at risk of it.
    """
    everybody = sorted(people, key=lambda one: one.days)
    at_risk, alive, variance = len(everybody), 1.0, 0.0
    points: list[Point] = []
    for day in dict.fromkeys(one.days for one in everybody):
        those = [one for one in everybody if one.days == day]
        deaths = sum(one.died for one in those)
        if deaths:
            alive *= 1 - deaths / at_risk
            left = at_risk - deaths
            variance = variance + deaths / (at_risk * left) if left else math.inf
        low, high = _band(alive, variance)
        points.append(Point(day, at_risk, deaths, len(those) - deaths, alive, low, high))
        at_risk -= len(those)
    return tuple(points)


def _band(alive: float, variance: float) -> tuple[float | None, float | None]:
    """The band of a survival. Of 1 and of 0 it is not defined."""
    if not 0 < alive < 1:
        return None, None
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    middle, width = math.log(-math.log(alive)), z * math.sqrt(variance) / abs(math.log(alive))
    return math.exp(-math.exp(middle + width)), math.exp(-math.exp(middle - width))


def median(points: Sequence[Point]) -> int | None:
    """The first day on which half of them or fewer are alive; None: not reached."""
    return next((point.days for point in points if point.survival <= 0.5), None)


def at_risk(people: Iterable[Followed], day: int) -> int:
    """How many are still followed on a day."""
    return sum(one.days >= day for one in people)


def axis(rounds: Sequence[int], longest: int) -> tuple[int, ...]:
    """The months at which numbers at risk are told: none, the rounds, and years after them.

    `longest`: the longest time that anybody was followed, in days.
    """
    later = range(12 * (max(rounds, default=0) // 12 + 1), LAST_MONTH + 1, 12)
    months = (0, *sorted(rounds), *later)
    last = next((n for n, month in enumerate(months) if month * MONTH >= longest), len(months))
    return months[: last + 1]


def arm(
    name: str, members: Iterable[Member], days: Iterable[int], today: date, lost_after_days: int
) -> Arm:
    """What is known of an arm. `days`: at which numbers at risk are wanted."""
    own = [one for one in members if one.arm == name]
    stands = [standing(one, today, lost_after_days) for one in own]
    people = [followed(one) for one in own]
    points = survival(people)
    return Arm(
        name,
        len(own),
        stands.count("alive"),
        stands.count("died"),
        stands.count("lost"),
        stands.count("withdrew"),
        median(points),
        points,
        tuple(at_risk(people, day) for day in days),
    )
