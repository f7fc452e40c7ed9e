"""A month's quota: campaigns leave the reserve to what must arrive."""

from datetime import date, timedelta

import pytest

from clinic.policy.quota import Lasting, Month, lasting, quota_left


@pytest.mark.parametrize(
    ("limit", "used", "reserve", "planned", "left"),
    [
        (None, 10**9, 10, 10**9, None),
        (5000, 0, 10, 0, 4500),
        (5000, 4400, 10, 0, 100),
        (5000, 4400, 10, 60, 40),
        (5000, 4499, 10, 0, 1),
        (5000, 4500, 10, 0, 0),
        (5000, 4400, 10, 101, 0),
        (5000, 5000, 10, 0, 0),
        (200, 0, 0, 0, 200),
        (15, 0, 10, 0, 13),  # a reserve of one and a half is two
        (0, 0, 10, 0, 0),
    ],
)
def test_what_is_left_is_the_month_without_the_reserve_the_sent_and_the_planned(
    limit: int | None, used: int, reserve: int, planned: int, left: int | None
) -> None:
    assert quota_left(limit, used, reserve, planned) == left


DAY = date(2026, 3, 30)


def test_a_channel_without_a_limit_lasts_for_ever() -> None:
    assert lasting(Month(None, 900), 10, 5, {DAY: 10_000}, DAY) == Lasting(None)


def test_what_fits_into_the_month_lasts() -> None:
    assert lasting(Month(500, 100), 10, 50, {DAY: 300}, DAY) == Lasting(300)
    assert lasting(Month(500, 0), 10, 0, {}, DAY) == Lasting(450)


def test_the_day_on_which_a_month_runs_out_is_told_with_how_many_do_not_fit() -> None:
    days = {DAY: 200, DAY + timedelta(1): 200}
    assert lasting(Month(500, 100), 10, 50, days, DAY) == Lasting(300, DAY + timedelta(1), 100)
    assert lasting(Month(500, 500), 10, 0, days, DAY) == Lasting(0, DAY, 400)


def test_a_new_month_has_its_whole_quota_but_the_reserve() -> None:
    days = {DAY: 300, date(2026, 4, 1): 460, date(2026, 5, 1): 450}
    assert lasting(Month(500, 200), 10, 0, days, DAY) == Lasting(250, DAY, 60)
    april = {date(2026, 4, 2): 450}
    assert lasting(Month(500, 500), 10, 0, april, DAY) == Lasting(0)
    assert lasting(Month(0, 0), 10, 0, {DAY: 1}, DAY) == Lasting(0, DAY, 1)
