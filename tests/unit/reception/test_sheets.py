"""Which day's sheet there should be."""

from datetime import date, datetime, time

import pytest

from clinic.reception.sheets import due


@pytest.mark.parametrize(
    ("now", "at", "on", "evening"),
    [
        ("2026-11-23 18:00", "18:00", "2026-11-24", True),
        ("2026-11-23 23:59", "18:00", "2026-11-24", True),
        ("2026-11-24 00:00", "18:00", "2026-11-24", False),
        ("2026-11-24 17:59", "18:00", "2026-11-24", False),
        ("2026-12-31 06:00", "06:00", "2027-01-01", True),
    ],
)
def test_from_the_evening_on_it_is_tomorrows(now: str, at: str, on: str, evening: bool) -> None:
    found = due(datetime.fromisoformat(now), time.fromisoformat(at))
    assert found == (date.fromisoformat(on), evening)
