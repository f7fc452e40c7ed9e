"""Triggers of every kind and times to ask about, drawn by a die that always falls the same."""

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from clinic.campaign.trigger import (
    DAY_NAMES,
    LAPSE_STATES,
    LATES,
    LEAPS,
    VISIT_EVENTS,
    Act,
    Base,
    Birthday,
    Day,
    Every,
    Lapsing,
    Occasion,
    Once,
    Relative,
    Score,
    Season,
    Trigger,
    Visit,
    Weekly,
    Yearly,
)
from clinic.occasion.rules import upcoming

# Two hours that clocks leave out or show twice, the day's ends, and some of every day.
TIMES = [time(0, 0), time(1, 30), time(2, 15), time(9, 0), time(18, 30), time(23, 59)]
# Between these lie 29 February, ends of months, and both changes of the clock in each zone.
TURNS = [
    datetime(2027, 2, 28, 12, tzinfo=UTC),
    datetime(2028, 2, 29, 12, tzinfo=UTC),
    datetime(2026, 12, 31, 20, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),  # New York shows 1:00 to 2:00 twice
    datetime(2027, 3, 14, 7, tzinfo=UTC),  # and leaves out 2:00 to 3:00
    datetime(2026, 10, 25, 1, tzinfo=UTC),  # Berlin
    datetime(2027, 3, 28, 1, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),  # Lord Howe: half an hour
    datetime(2027, 4, 3, 15, tzinfo=UTC),
]
YEARS = [
    *((1, 1), (2, 27), (2, 28), (2, 29), (3, 1), (3, 14), (3, 28), (4, 4), (10, 4)),
    *((10, 25), (11, 1), (12, 31)),
]
CODES = ("113001810", "114000110")
SERVICES = ("scope", "vaccine")
FORMS = ("phq_9", "gad_7")
GROUPS = ("diabetes", "cpap")


def base(dice: random.Random, name: str) -> Base:
    """What somebody's days are reckoned from."""
    for day in DAY_NAMES:
        if name == day:
            return Day(day)
    for event in VISIT_EVENTS:
        if name == event:
            return Visit(event, dice.choice([None, None, *SERVICES]))
    if name == "procedure":
        return Act(tuple(sorted(dice.sample(CODES, dice.choice([1, 2])))))
    if name == "lapse":
        return Lapsing(dice.choice(GROUPS), dice.choice(LAPSE_STATES))
    low = dice.choice([None, Decimal(3), Decimal("4.5")])
    high = dice.choice([None, Decimal(9)]) if low is not None else Decimal(9)
    return Score(dice.choice(FORMS), "total", low, high)


def trigger(dice: random.Random, kind: str) -> Trigger:
    """One of a kind; of a base, where `kind` names one."""
    at, late = dice.choice(TIMES), dice.choice(LATES)
    turn = dice.choice(TURNS).date()
    match kind:
        case "once":
            return Once(datetime.combine(turn + timedelta(dice.randrange(-2, 3)), at), late)
        case "birthday":
            return Birthday(at, late, dice.choice([0, 0, -7, 1]), dice.choice(LEAPS))
        case "yearly":
            return Yearly(*dice.choice(YEARS), at, late)
        case "occasion":
            near = dice.choice(upcoming(turn - timedelta(20), turn + timedelta(20)))
            days = dice.choice([0, -40, (turn - near.on).days])
            return Occasion(near.occasion.name, at, late, days)
        case "season":
            name = dice.choice(["", "", "heat"])
            return Season(dice.choice(YEARS), dice.choice(YEARS), at, late, name)
        case "weekly":
            days = tuple(sorted(dice.sample(range(7), dice.randrange(1, 4))))
            first = dice.choice([date.min, turn - timedelta(1)])
            return Weekly(days, at, late, first, dice.choice([date.max, turn + timedelta(20)]))
        case "every":
            last = dice.choice([date.max, turn + timedelta(20)])
            return Every(dice.choice([1, 2, 14]), turn - timedelta(5), at, late, last)
    months = dice.choice([0, 0, 1, 4, -1])
    days = dice.choice([0, 1, 3, -2, 30, 42])
    return Relative(base(dice, kind), at, late, months, days, dice.choice([0, 2, 30]))


def times(dice: random.Random) -> tuple[datetime, datetime]:
    """Some time about one of TURNS: a minute or two months."""
    length = dice.choice([1, 5, 60, 60 * 24, 60 * 24 * 3, 60 * 24 * 60])
    since = dice.choice(TURNS) - timedelta(minutes=dice.randrange(-60 * 30, length + 60 * 30))
    return since, since + timedelta(minutes=length)
