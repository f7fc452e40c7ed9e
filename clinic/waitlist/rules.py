"""Who is asked when a time is free again, for how long, and what a suspicious booking is. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from clinic.waitlist.types import (
    Ask,
    BookingFacts,
    Candidate,
    End,
    Freed,
    Part,
    Standing,
    Wait,
    Waves,
    Wishes,
)

MANY_TOGETHER = 3  # open visits of one chat or telephone within a day
TOO_MANY = 5  # of them, whoever they are for
MORE_THAN_PEOPLE = 2  # of them beyond one for everybody: a family books one each
NO_SHOWS = 2
SOON = timedelta(hours=24)  # before the visit, when a missing answer begins to matter


def next_step(standing: Standing, waves: Waves) -> Wait | Ask | End:
    """What to do about a free time now.

    While people think about it, it is kept for them. In quiet hours nobody is asked and nothing is
    kept, so that whoever looks may book it.
    """
    now = standing.now
    if standing.waiting and standing.wave_until is not None and now < standing.wave_until:
        return Wait(standing.wave_until, keep=True)
    if standing.starts_at - now < waves.least_ahead:
        return End("too_near")
    if standing.wave >= waves.most:
        return End("all_asked")
    if standing.quiet_until is not None:
        return Wait(standing.quiet_until, keep=False)
    return Ask(now + wave_length(standing.starts_at - now, waves))


def wave_length(ahead: timedelta, waves: Waves) -> timedelta:
    """How long people may think about a time that is so far ahead."""
    return waves.length if ahead >= waves.hurried_within else waves.hurried


def part_of_day(at: datetime) -> Part:
    """The part of the day of a local time."""
    return "morning" if at.hour < 12 else "afternoon" if at.hour < 17 else "evening"


def fits(candidate: Candidate, freed: Freed) -> bool:
    """Whether somebody could use the time: by their wishes, and only instead of a later visit."""
    if candidate.visit_at is not None and candidate.visit_at <= freed.starts_at:
        return False
    if candidate.practitioner_id not in (None, freed.practitioner_id):
        return False
    return candidate.wishes is None or _wished(candidate.wishes, freed.starts_at)


def _wished(wishes: Wishes, at: datetime) -> bool:
    return (
        wishes.from_on <= at.date() <= wishes.until_on
        and (not wishes.weekdays or at.weekday() in wishes.weekdays)
        and wishes.part in ("any", part_of_day(at))
    )


def order(candidates: Iterable[Candidate], freed: Freed) -> tuple[Candidate, ...]:
    """Those whom the time fits, in the order in which they are asked; nobody twice.

    First who is on the waitlist: by the day they asked on; of one day, whose wishes are narrower,
    since less else fits them; then by the minute. After them who is due, the longest first. What
    somebody is worth to the clinic never counts.
    """
    first: dict[int, Candidate] = {}
    fitting = (one for one in candidates if fits(one, freed))
    for one in sorted(fitting, key=lambda one: _rank(one, freed)):
        first.setdefault(one.patient_id, one)
    return tuple(first.values())


def _rank(one: Candidate, freed: Freed) -> tuple[int, int, int, float, int]:
    if one.asked_at is None:
        return 1, (one.expected_on or date.max).toordinal(), 0, 0.0, one.patient_id
    asked_on = one.asked_at.astimezone(freed.starts_at.tzinfo).toordinal()
    return 0, asked_on, -_narrowness(one), one.asked_at.timestamp(), one.patient_id


def _narrowness(candidate: Candidate) -> int:
    """How many things somebody wishes of a time."""
    wishes = candidate.wishes
    named = candidate.practitioner_id is not None
    return named + (wishes is not None and (bool(wishes.weekdays) + (wishes.part != "any")))


def suspicion(facts: BookingFacts) -> str | None:
    """Why somebody should ask on the telephone whether a visit is meant; None: nothing speaks
    against it. The code of a call task's reason."""
    if facts.confirmed:
        return None
    together = facts.open_together
    more = together - facts.patients >= MORE_THAN_PEOPLE
    if together >= MANY_TOGETHER and (more or together >= TOO_MANY):
        return "suspicious_many"
    if facts.same_day:
        return "suspicious_double"
    if facts.no_shows >= NO_SHOWS and facts.until <= SOON:
        return "suspicious_no_shows"
    return None
