"""When the desk answers again."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from clinic.conversation.rules import desk_opens_at

HOURS = (time(9, 30), time(18))
WORKDAYS = (0, 1, 2, 3, 4)
MON, TUE, FRI, SAT, SUN, NEXT_MON = 23, 24, 27, 28, 29, 30  # of November 2026


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (at(MON, 9, 29, 59), at(MON, 9, 30)),
        (at(MON, 9, 30), None),
        (at(MON, 17, 59, 59), None),
        (at(MON, 18), at(TUE, 9, 30)),
        (at(FRI, 20, 15, 7), at(NEXT_MON, 9, 30)),
        (at(SAT, 8), at(NEXT_MON, 9, 30)),
        (at(SAT, 12), at(NEXT_MON, 9, 30)),
        (at(SUN, 23), at(NEXT_MON, 9, 30)),
    ],
)
def test_the_desk_opens_at_its_next_hour_on_a_day_it_works(
    now: datetime, opens: datetime | None
) -> None:
    assert desk_opens_at(now, HOURS, WORKDAYS) == opens


def test_a_desk_of_one_day_a_week_opens_in_a_week() -> None:
    assert desk_opens_at(at(MON, 18), HOURS, (0,)) == at(NEXT_MON, 9, 30)


@pytest.mark.parametrize(("hours", "weekdays"), [(None, WORKDAYS), (HOURS, ())])
def test_nothing_is_promised_where_the_hours_are_not_known(
    hours: tuple[time, time] | None, weekdays: tuple[int, ...]
) -> None:
    assert desk_opens_at(at(SUN, 3), hours, weekdays) is None
