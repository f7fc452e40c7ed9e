"""A month's quota: campaigns leave the reserve to what must arrive."""

import pytest

from clinic.policy.quota import quota_left


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
