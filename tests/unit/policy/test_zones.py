"""The same local day, in twenty zones and on the days on which their clocks change."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from clinic.policy.rules import hold
from clinic.policy.types import Later, Limits, Past, Wanted
from tests.unit.policy.test_hours import DAYS, NIGHT, through

LIMITS = Limits(quiet=NIGHT, per_day=1)
PLAN = Wanted("care", "plan")


@pytest.mark.parametrize(("name", "day"), DAYS, ids=lambda it: str(it))
def test_a_message_fills_the_day_that_the_wall_shows_and_no_other(name: str, day: date) -> None:
    noon = datetime.combine(day, time(12), ZoneInfo(name))
    for at in through(name, day):
        sent = Past("care", 3, at.astimezone(UTC))
        later = hold(False, [sent], PLAN, noon, LIMITS)
        assert isinstance(later, Later) is (at.date() == day), at
        if later is not None:
            assert (later.until.date() - day).days == 1
            assert (later.until.hour, later.until.minute) == (8, 0)
