"""What staff lay down about the clinic, read from forms."""

from datetime import date, timedelta
from zoneinfo import available_timezones

import pytest

from clinic.booking import setup_rules as rules
from clinic.booking.hours import DAY, Exceptional
from clinic.booking.setup_rules import (
    ClosingDraft,
    Fault,
    ResourceDraft,
    ServiceDraft,
    SiteDraft,
    Standing,
    WeekDraft,
)

MONDAY = date(2026, 11, 23)
SITE = {"name.ja": " 本 院 ", "name.en": "", "time_zone": "Asia/Tokyo", "active": "yes"}
SERVICE = {
    "name.en": "First visit",
    **{field: str(least) for field, (least, _) in rules.BOUNDS.items()},
    "reminders": "120,1440,120",
    "resources": "7,3,7,x",
    "active": "yes",
}


def faults(found: object) -> list[tuple[str, str]]:
    assert isinstance(found, tuple)
    return [(one.field, one.reason) for one in found if isinstance(one, Fault)]


def test_a_site_has_a_name_in_some_language_and_a_zone() -> None:
    assert rules.read_site(SITE) == SiteDraft({"ja": "本 院"}, {}, "Asia/Tokyo", True)
    assert faults(rules.read_site({"time_zone": "Mars"})) == [
        ("name", "empty"),
        ("time_zone", "bad_zone"),
    ]
    assert faults(rules.read_site({**SITE, "name.ru": "я" * 81})) == [("name.ru", "too_long")]
    inactive = rules.read_site({**SITE, "name.en": "a\u202eb\nc", "time_zone": "UTC"})
    assert isinstance(inactive, SiteDraft)
    assert inactive.name["en"] == "a\u202eb c"  # a letter's direction is data, a line is not
    assert "Asia/Tokyo" in available_timezones()


def test_rooms_stay_at_a_site_and_practitioners_go_where_their_hours_say() -> None:
    doctor = {"kind": "practitioner", "name.ja": "佐藤", "site": "3", "staff": "4"}
    assert rules.read_resource(doctor) == ResourceDraft(
        "practitioner", {"ja": "佐藤"}, None, 4, False
    )
    room = {**doctor, "kind": "room"}
    assert rules.read_resource(room) == ResourceDraft("room", {"ja": "佐藤"}, 3, None, False)
    assert faults(rules.read_resource({**room, "site": ""})) == [("site", "needed")]
    assert faults(rules.read_resource({"kind": "robot", "site": "x"})) == [
        ("name", "empty"),
        ("kind", "bad_choice"),
        ("site", "bad_choice"),
    ]


def test_a_service_keeps_its_numbers_within_bounds() -> None:
    draft = rules.read_service(SERVICE)
    assert isinstance(draft, ServiceDraft)
    assert (draft.reminders, draft.resources) == ((1440, 120), (3, 7))
    assert draft.numbers["duration"] == 5
    wide = rules.read_service({**SERVICE, "duration": "３０"})
    assert isinstance(wide, ServiceDraft)
    assert wide.numbers["duration"] == 30
    for bad in ("", "x", "-5", "4", "481", "9" * 30):
        assert faults(rules.read_service({**SERVICE, "duration": bad})) == [
            ("duration", "bad_number")
        ]
    assert faults(rules.read_service({**SERVICE, "reminders": "7"})) == [
        ("reminders", "bad_choice")
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ()),
        ("9:00-12:30, 14:00-18:00", ((540, 750), (840, 1080))),
        ("14–18 9〜12", ((540, 720), (840, 1080))),
        ("９：００～１２：３０、14:00 - 18:30", ((540, 750), (840, 1110))),
        ("9時〜12時、14時から18時半", ((540, 720), (840, 1110))),
        ("9点-12点30分，14點-18點", ((540, 750), (840, 1080))),
        ("0-24", ((0, DAY),)),
        ("9", "bad_time"),
        ("9:60-10", "bad_time"),
        ("9-24:01", "bad_time"),
        ("12-9", "backwards"),
        ("9-9", "backwards"),
        ("9-12 11-13", "overlap"),
        ("1-2 3-4 5-6 7-8 9-10", "too_many"),
    ],
)
def test_hours_are_read_as_they_are_typed(words: str, found: object) -> None:
    assert rules.read_periods(words) == found


def test_tuesday_to_friday_are_as_monday_where_that_is_ticked_and_nothing_else_is_said() -> None:
    posted = {"site": "1", "day.0": "9-12", "day.2": "14-18"}
    plain, same = (rules.read_week({**posted, **tick}) for tick in ({}, {"same_weekdays": "yes"}))
    assert isinstance(plain, rules.WeekDraft)
    assert isinstance(same, rules.WeekDraft)
    monday, wednesday = ((540, 720),), ((840, 1080),)
    assert plain.days == (monday, (), wednesday, (), (), (), ())
    assert same.days == (monday, monday, wednesday, monday, monday, (), ())


def test_what_is_shown_of_hours_reads_back_the_same() -> None:
    periods = ((0, 75), (540, 750), (1200, DAY))
    assert rules.shown(periods) == "00:00-01:15, 09:00-12:30, 20:00-24:00"
    assert rules.read_periods(rules.shown(periods)) == periods


def test_a_week_names_its_site_and_when_it_holds() -> None:
    posted = {"site": "2", "day.0": "9-12", "day.6": "10-11", "valid_from": "2026-12-01"}
    draft = rules.read_week(posted)
    assert draft == WeekDraft(
        2, (((540, 720),), (), (), (), (), (), ((600, 660),)), date(2026, 12, 1), None
    )
    assert isinstance(draft, WeekDraft)
    weekly = rules.weekly_of(draft)
    assert [(one.weekday, one.opens, one.valid_until) for one in weekly] == [
        (0, 540, date.max),
        (6, 600, date.max),
    ]
    assert faults(rules.read_week({**posted, "valid_until": "2026-11-30"})) == [
        ("valid_until", "backwards")
    ]
    assert faults(rules.read_week({"day.0": "x", "valid_from": "soon"})) == [
        ("site", "needed"),
        ("day.0", "bad_time"),
        ("valid_from", "bad_date"),
    ]
    assert faults(rules.read_week({**posted, "valid_from": "1999-01-01"})) == [
        ("valid_from", "bad_date")
    ]


def test_days_that_differ_are_whole_or_a_part_and_extra_hours_always_a_part() -> None:
    two = rules.read_closing({"on": "2026-12-30", "until": "2026-12-31", "reason": " new  year "})
    days = (date(2026, 12, 30), date(2026, 12, 31))
    assert two == ClosingDraft(days, False, 0, DAY, None, None, "new year")
    extra = rules.read_closing(
        {"on": "2026-12-30", "kind": "extra", "opens": "9:00", "closes": "12:00", "resource": "5"}
    )
    assert extra == ClosingDraft(days[:1], True, 540, 720, 5, None, "")
    for posted, wanted in (
        ({}, [("on", "empty")]),
        ({"on": "soon"}, [("on", "bad_date")]),
        ({"on": "2026-12-30", "until": "2026-12-29"}, [("until", "backwards")]),
        ({"on": "2026-01-01", "until": "2026-12-29"}, [("until", "too_many")]),
        ({"on": "2026-01-01", "kind": "extra"}, [("opens", "bad_time")]),
        ({"on": "2026-01-01", "opens": "9:00"}, [("opens", "bad_time")]),
        ({"on": "2026-01-01", "opens": "9:00", "closes": "8:00"}, [("opens", "backwards")]),
        ({"on": "2026-01-01", "opens": "9-10 11", "closes": "12"}, [("opens", "bad_time")]),
        ({"on": "2026-01-01", "reason": "x" * 81}, [("reason", "too_long")]),
        ({"on": "2026-01-01", "site": "-1"}, [("site", "bad_choice")]),
    ):
        assert faults(rules.read_closing(posted)) == wanted, posted


def test_a_visit_stands_outside_if_any_minute_of_it_does() -> None:
    draft = WeekDraft(1, (((540, 720),), *((),) * 6), None, None)
    weekly = rules.weekly_of(draft)
    inside = Standing(1, 1, MONDAY, 690, 720)
    late = Standing(2, 1, MONDAY, 700, 721)
    elsewhere = Standing(3, 2, MONDAY, 600, 630)
    tuesday = Standing(4, 1, MONDAY + timedelta(days=1), 600, 630)
    visits = [inside, late, elsewhere, tuesday]
    assert rules.outside(visits, weekly, []) == (2, 3, 4)
    closed = Exceptional(MONDAY, extra=False)
    assert rules.outside([inside], weekly, [closed]) == (1,)
    extra = Exceptional(MONDAY + timedelta(days=1), extra=True, opens=600, closes=700)
    assert rules.outside([tuesday], weekly, [extra]) == ()


def test_a_name_says_in_which_languages_it_falls_back() -> None:
    assert rules.missing({"ja": "本院", "ru": ""}, ["ja", "en", "ru"]) == ("en", "ru")
