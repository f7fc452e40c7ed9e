"""Until when something is put off, whom a note names, and what may be sent again."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from clinic.conversation.rules import may_send_again, mentioned, snooze_until

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 20, 15, 30, tzinfo=TOKYO)  # a Friday


@pytest.mark.parametrize(
    ("choice", "written", "until"),
    [
        ("hour", "", datetime(2026, 11, 20, 16, 30, tzinfo=TOKYO)),
        ("afternoon", "", datetime(2026, 11, 20, 18, 30, tzinfo=TOKYO)),
        ("tomorrow", "", datetime(2026, 11, 21, 8, 45, tzinfo=TOKYO)),
        ("monday", "", datetime(2026, 11, 23, 8, 45, tzinfo=TOKYO)),
        ("at", "2026-11-20T15:31", datetime(2026, 11, 20, 15, 31, tzinfo=TOKYO)),
        ("at", "2026-11-20T15:30", None),
        ("at", "2027-11-20T15:30", None),
        ("at", "soon", None),
        ("never", "", None),
    ],
)
def test_it_is_put_off_until_the_time_that_was_chosen(
    choice: str, written: str, until: datetime | None
) -> None:
    assert snooze_until(choice, written, NOW, time(8, 45)) == until


def test_a_desk_that_has_said_nothing_opens_at_nine() -> None:
    assert snooze_until("tomorrow", "", NOW) == datetime(2026, 11, 21, 9, 0, tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("note", "names"),
    [
        ("@Ann please", {"Ann"}),
        ("@ann lee and ＠山田 受付", {"Ann Lee", "山田 受付"}),
        ("ask @Ann, then @Ann Lee", {"Ann", "Ann Lee"}),
        ("Ann", set()),
        ("", set()),
        ("@(.*)", set()),
    ],
)
def test_a_note_names_whom_an_at_sign_stands_before(note: str, names: set[str]) -> None:
    assert mentioned(note, ["Ann", "Ann Lee", "山田 受付"]) == names


@pytest.mark.parametrize(
    ("state", "reason", "may"),
    [
        ("refused", "status 400", True),
        ("refused", "unreachable", False),
        ("expired", None, True),
        ("skipped", "quota", True),
        ("skipped", "opted_out", False),
        ("unknown", "timeout", False),
        ("sent", None, False),
        ("pending", None, False),
    ],
)
def test_only_what_did_not_arrive_for_certain_is_sent_again(
    state: str, reason: str | None, may: bool
) -> None:
    assert may_send_again(state, reason) is may
