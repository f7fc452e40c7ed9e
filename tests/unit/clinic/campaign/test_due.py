"""When a campaign is due for somebody."""

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from clinic.campaign.due import (
    Answered,
    Due,
    Facts,
    Lapsed,
    Stayed,
    Visited,
    looks_back,
    occurrences,
)
from clinic.campaign.trigger import (
    BASES,
    KINDS,
    Birthday,
    Day,
    DayName,
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
from tests.integration.campaigns.due_world import people
from tests.unit.clinic.campaign.triggers import times, trigger

TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
NINE = time(9)
ZONES = [
    *("Asia/Tokyo", "Asia/Shanghai", "Asia/Taipei", "Asia/Hong_Kong", "Europe/Moscow"),
    *("Europe/Berlin", "Europe/London", "Europe/Lisbon", "America/New_York", "America/Los_Angeles"),
    *(
        "America/St_Johns",
        "America/Sao_Paulo",
        "America/Santiago",
        "America/Havana",
        "Africa/Cairo",
    ),
    *("Africa/Casablanca", "Asia/Beirut", "Asia/Kathmandu", "Australia/Lord_Howe"),
    "Pacific/Auckland",
]


def _due(
    asked: Trigger, facts: Facts, first: date, last: date, zone: ZoneInfo = TOKYO
) -> list[tuple[str, str]]:
    """Occurrences and local times from the beginning of a day to the end of another."""
    since = datetime.combine(first, time(), zone)
    until = datetime.combine(last + timedelta(1), time(), zone)
    found = occurrences(asked, facts, since, until, zone)
    assert not any(one.late for one in found)
    return [(one.occurrence, f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}") for one in found]


def _year(asked: Trigger, facts: Facts, year: int) -> list[str]:
    return [at for _, at in _due(asked, facts, date(year, 1, 1), date(year, 12, 31))]


def test_a_birthday_is_a_day_of_the_clinic_and_not_of_greenwich() -> None:
    facts, greets = Facts(birth_on=date(1950, 11, 22)), Birthday(time(0, 30), "skip")
    for zone in (TOKYO, NEW_YORK, ZoneInfo("Pacific/Kiritimati")):
        found = _due(greets, facts, date(2026, 1, 1), date(2026, 12, 31), zone)
        assert found == [("2026", "2026-11-22 00:30")]


def test_who_was_born_on_29_february_is_greeted_on_the_28th_unless_told_otherwise() -> None:
    facts = Facts(birth_on=date(1960, 2, 29))
    assert _year(Birthday(NINE, "skip"), facts, 2027) == ["2027-02-28 09:00"]
    assert _year(Birthday(NINE, "skip"), facts, 2028) == ["2028-02-29 09:00"]
    march = Birthday(NINE, "skip", leap="03-01")
    assert _year(march, facts, 2027) == ["2027-03-01 09:00"]
    assert _year(march, facts, 2028) == ["2028-02-29 09:00"]
    assert _year(march, Facts(birth_on=date(1960, 2, 28)), 2027) == ["2027-02-28 09:00"]


def test_nobody_has_a_birthday_on_the_day_of_birth() -> None:
    facts = Facts(birth_on=date(2026, 11, 22))
    assert _year(Birthday(NINE, "skip"), facts, 2026) == []
    assert _year(Birthday(NINE, "skip"), facts, 2027) == ["2027-11-22 09:00"]
    assert _year(Birthday(NINE, "skip"), Facts(), 2027) == []


def test_a_birthday_of_january_that_is_greeted_in_december_is_of_the_year_to_come() -> None:
    facts = Facts(birth_on=date(1950, 1, 3))
    found = _due(Birthday(NINE, "skip", days=-7), facts, date(2026, 12, 1), date(2026, 12, 31))
    assert found == [("2027", "2026-12-27 09:00")]


def test_a_day_of_the_year_and_an_occasion() -> None:
    assert _year(Yearly(3, 8, NINE, "skip"), Facts(), 2027) == ["2027-03-08 09:00"]
    assert _year(Yearly(2, 29, NINE, "skip"), Facts(), 2027) == ["2027-02-28 09:00"]
    assert _year(Yearly(2, 29, NINE, "skip"), Facts(), 2028) == ["2028-02-29 09:00"]
    assert _year(Occasion("mid_autumn", NINE, "skip"), Facts(), 2026) == ["2026-09-25 09:00"]
    assert _year(Occasion("mid_autumn", NINE, "skip", -3), Facts(), 2027) == ["2027-09-12 09:00"]
    found = _due(
        Occasion("new_year", NINE, "skip", -5), Facts(), date(2026, 12, 1), date(2027, 1, 31)
    )
    assert found == [("2027-01-01", "2026-12-27 09:00")]


def test_a_season_concerns_everybody_once_also_who_comes_in_later() -> None:
    pollen = Season((2, 1), (4, 30), NINE, "skip")
    assert _due(pollen, Facts(), date(2027, 1, 1), date(2027, 12, 31)) == [
        ("2027", "2027-02-01 09:00")
    ]
    assert _due(pollen, Facts(), date(2027, 3, 15), date(2027, 3, 15)) == [
        ("2027", "2027-03-15 09:00")
    ]
    assert _due(pollen, Facts(), date(2027, 5, 1), date(2028, 1, 31)) == []


def test_a_winter_is_one_season() -> None:
    winter = Season((11, 15), (2, 28), NINE, "skip")
    assert _due(winter, Facts(), date(2027, 1, 10), date(2027, 1, 10)) == [
        ("2026", "2027-01-10 09:00")
    ]
    assert _due(winter, Facts(), date(2026, 11, 1), date(2027, 12, 31)) == [
        ("2026", "2026-11-15 09:00"),
        ("2027", "2027-11-15 09:00"),
    ]


def test_a_season_is_late_only_when_none_of_its_days_is_left() -> None:
    pollen, since = Season((2, 1), (4, 30), NINE, "ask"), datetime(2027, 4, 30, 12, tzinfo=TOKYO)
    until, back = since + timedelta(minutes=1), since - timedelta(1)
    assert occurrences(pollen, Facts(), since, until, TOKYO, back) == (
        Due("2027", datetime(2027, 4, 30, 0, tzinfo=UTC), late=True),
    )
    before = since - timedelta(1)
    assert occurrences(pollen, Facts(), before, before, TOKYO, before - timedelta(1)) == ()


def test_weekdays_and_every_so_many_days() -> None:
    weekly = Weekly((0, 3), time(19), "skip", date(2026, 12, 1), date(2026, 12, 10))
    assert _due(weekly, Facts(), date(2026, 11, 1), date(2026, 12, 31)) == [
        ("2026-12-03", "2026-12-03 19:00"),
        ("2026-12-07", "2026-12-07 19:00"),
        ("2026-12-10", "2026-12-10 19:00"),
    ]
    every = Every(14, date(2026, 12, 1), time(19), "skip")
    found = _due(every, Facts(), date(2026, 11, 1), date(2026, 12, 31))
    assert [on for on, _ in found] == ["2026-12-01", "2026-12-15", "2026-12-29"]


def test_an_hour_that_the_clock_leaves_out_is_moved_and_one_shown_twice_is_used_once() -> None:
    daily = Every(1, date(2027, 3, 13), time(2, 30), "skip")
    assert _due(daily, Facts(), date(2027, 3, 13), date(2027, 3, 15), NEW_YORK) == [
        ("2027-03-13", "2027-03-13 02:30"),
        ("2027-03-14", "2027-03-14 03:30"),
        ("2027-03-15", "2027-03-15 02:30"),
    ]
    twice = Once(datetime(2026, 11, 1, 1, 30), "skip")
    since = datetime(2026, 11, 1, tzinfo=NEW_YORK)
    found = occurrences(twice, Facts(), since, since + timedelta(1), NEW_YORK)
    assert found == (Due("once", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),)  # the first, EDT


@pytest.mark.parametrize("name", ZONES)
def test_every_day_of_years_has_its_hour_once_in_every_zone(name: str) -> None:
    zone, first, last = ZoneInfo(name), date(2026, 1, 1), date(2028, 12, 31)
    for at in (time(0, 15), time(1, 45), time(2, 10), time(3, 0)):
        since, until = (datetime.combine(day, time(12), zone) for day in (first, last))
        found = occurrences(Every(1, first, at, "skip"), Facts(), since, until, zone)
        assert len(found) == (last - first).days
        for due in found:
            wall = datetime.combine(date.fromisoformat(due.occurrence), at)
            local = due.at.astimezone(zone)
            if local.replace(tzinfo=None) == wall:
                assert local.fold == 0  # the first, where the clock shows it twice
            else:  # there was no such time: as late as the clock jumped
                before, after = due.at - timedelta(hours=3), due.at
                jump = [one.astimezone(zone).utcoffset() for one in (before, after)]
                assert jump[0] is not None
                assert jump[1] is not None
                assert local.replace(tzinfo=None) - wall == jump[1] - jump[0] > timedelta(0)


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("last_visit", Facts(last_visit_on=date(2026, 10, 31))),
        ("supply_end", Facts(supply_until=date(2026, 10, 31))),
        ("plan", Facts(plans=(date(2026, 10, 31), date(2026, 6, 30)))),
        ("birth", Facts(birth_on=date(2026, 10, 31))),
        ("discharge", Facts(stays=(Stayed(date(2026, 10, 30)), Stayed(date(2026, 10, 31))))),
    ],
)
def test_months_after_the_last_of_a_month_end_on_the_last_of_a_shorter_one(
    name: DayName, facts: Facts
) -> None:
    after = Relative(Day(name), NINE, "send", months=4)
    assert _due(after, facts, date(2026, 11, 1), date(2027, 12, 31)) == [
        ("birth" if name == "birth" else "2026-10-31", "2027-02-28 09:00")
    ]
    assert _due(after, Facts(), date(2020, 1, 1), date(2028, 12, 31)) == []


def test_a_stay_ends_on_its_last_day_and_an_admission_alone_is_no_discharge() -> None:
    thanks = Relative(Day("discharge"), time(10), "send", days=1)
    stay = tuple(Stayed(date(2026, 11, day)) for day in (3, 4, 5, 9, 10, 20))
    found = _due(thanks, Facts(stays=stay), date(2026, 11, 1), date(2026, 12, 31))
    assert found == [("2026-11-05", "2026-11-06 10:00"), ("2026-11-10", "2026-11-11 10:00")]


def test_the_last_of_a_month_ends_no_stay_before_the_next_months_receipt_is_in() -> None:
    thanks = Relative(Day("discharge"), time(10), "send", days=1)
    stay = tuple(Stayed(date(2026, 10, day), monthly=True) for day in (29, 30, 31))
    facts = Facts(stays=stay, newest_month=date(2026, 10, 1))
    assert _year(thanks, facts, 2026) == []
    later = Facts(stays=stay, newest_month=date(2026, 11, 1))
    assert _year(thanks, later, 2026) == ["2026-11-01 10:00"]
    told = Facts(stays=tuple(Stayed(one.on) for one in stay))
    assert _year(thanks, told, 2026) == ["2026-11-01 10:00"]


def test_a_visit_counts_as_it_stands_now() -> None:
    starts = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)  # 1:30 of the 21st in Tokyo
    booked = datetime(2026, 11, 1, 3, tzinfo=UTC)

    def of(status: str) -> Facts:
        return Facts(visits=(Visited(7, status, "scope", starts, booked),))

    missed = Relative(Visit("visit_missed"), NINE, "send", days=1)
    assert _due(missed, of("noshow"), date(2026, 11, 1), date(2026, 12, 31)) == [
        ("visit:7", "2026-11-22 09:00")
    ]
    assert _year(missed, of("fulfilled"), 2026) == []
    before = Relative(Visit("visit_coming", "scope"), NINE, "send", days=-3)
    assert _year(before, of("booked"), 2026) == ["2026-11-18 09:00"]
    assert _year(before, of("cancelled"), 2026) == []
    other = Relative(Visit("visit_coming", "vaccine"), NINE, "send", days=-3)
    assert _year(other, of("booked"), 2026) == []
    asked = Relative(Visit("visit_booked"), NINE, "send", days=1)
    assert _year(asked, of("booked"), 2026) == ["2026-11-02 09:00"]


def test_scores_in_a_range() -> None:
    at = datetime(2026, 11, 20, 3, tzinfo=UTC)

    def due(asked: Score, score: str) -> list[str]:
        facts = Facts(answers=(Answered(3, "phq_9", {"total": Decimal(score)}, at),))
        return _year(Relative(asked, NINE, "send", days=7), facts, 2026)

    between = Score("phq_9", "total", Decimal(10), Decimal(14))
    assert due(between, "10") == due(between, "14") == ["2026-11-27 09:00"]
    assert due(between, "9.5") == due(between, "14.5") == []
    assert due(Score("phq_9", "other", Decimal(0)), "10") == []
    assert due(Score("gad_7", "total", Decimal(0)), "10") == []


def test_staying_away_is_one_occurrence_however_often_it_is_worked_out() -> None:
    late = Relative(Lapsing("cpap", "lapsed"), NINE, "send")
    facts = Facts(
        lapses=(
            Lapsed("cpap", "lapsed", date(2026, 7, 1), datetime(2026, 11, 20, 3, tzinfo=UTC)),
            Lapsed("diabetes", "lapsed", None, datetime(2026, 11, 20, 3, tzinfo=UTC)),
        )
    )
    found = _due(late, facts, date(2026, 11, 1), date(2026, 12, 31))
    assert found == [("lapsed:2026-07-01", "2026-11-21 09:00")]
    unseen = Relative(Lapsing("diabetes", "lapsed"), NINE, "send")
    assert _due(unseen, facts, date(2026, 11, 1), date(2026, 12, 31))[0][0] == "lapsed:never"


def test_nothing_is_due_before_it_happened() -> None:
    noon = datetime(2026, 11, 20, 3, tzinfo=UTC)  # of Tokyo

    def due(at: time, days: int) -> list[str]:
        facts = Facts(visits=(Visited(7, "noshow", "scope", noon, noon),))
        return _year(Relative(Visit("visit_missed"), at, "skip", days=days), facts, 2026)

    assert due(time(9), 0) == ["2026-11-21 09:00"]
    assert due(time(12), 0) == ["2026-11-21 12:00"]
    assert due(time(18), 0) == ["2026-11-20 18:00"]
    assert due(time(9), 1) == ["2026-11-21 09:00"]
    # The day of a visit to come is the day itself.
    coming = Facts(visits=(Visited(7, "booked", "scope", noon, noon),))
    asked = Relative(Visit("visit_coming"), time(9), "skip")
    assert _year(asked, coming, 2026) == ["2026-11-20 09:00"]


def test_who_was_merged_into_another_is_never_due() -> None:
    facts = Facts(merged=True, birth_on=date(1950, 11, 22))
    assert _year(Birthday(NINE, "skip"), facts, 2026) == []
    assert _year(Yearly(3, 8, NINE, "skip"), facts, 2026) == []


@pytest.mark.parametrize("kind", [*KINDS, *BASES])
def test_however_time_is_cut_everything_is_due_once(kind: str) -> None:
    dice, zone = random.Random(kind), random.Random(kind).choice([TOKYO, NEW_YORK])
    for one in people(12, 3):
        asked, (since, until) = trigger(dice, "birth" if kind == "relative" else kind), times(dice)
        whole = occurrences(asked, one.facts, since, until, zone)
        cuts = sorted(since + (until - since) * dice.random() for _ in range(5))
        parts = [
            due
            for first, last in zip([since, *cuts], [*cuts, until], strict=True)
            for due in occurrences(asked, one.facts, first, last, zone)
        ]
        if isinstance(asked, Season):  # it is told every day, and counts once by its name
            parts = list({due.occurrence: due for due in reversed(parts)}.values())
        assert sorted(parts, key=lambda due: (due.at, due.occurrence)) == list(whole)


def test_what_was_over_before_is_told_as_late() -> None:
    since = datetime(2026, 11, 22, 12, tzinfo=TOKYO)
    facts = Facts(last_visit_on=date(2026, 11, 1))
    asked = Relative(Day("last_visit"), NINE, "ask", days=14)
    until = since + timedelta(minutes=5)
    assert occurrences(asked, facts, since, until, TOKYO) == ()
    assert occurrences(asked, facts, since, until, TOKYO, since - timedelta(30)) == (
        Due("2026-11-01", datetime(2026, 11, 15, tzinfo=UTC), late=True),
    )


def test_how_far_back_a_look_goes() -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=TOKYO)
    soon, morning = noon + timedelta(minutes=5), noon - timedelta(hours=4)
    stay = Relative(Day("discharge"), NINE, "ask", late_days=30)

    def back(asked: Trigger, since: datetime, until: datetime, first: bool) -> timedelta:
        return since - looks_back(asked, since, until, TOKYO, first)

    assert back(stay, noon, soon, first=True) == timedelta(30)
    # The first look and one of every night go as far as is asked for, one of every hour two days.
    looks = [noon + timedelta(minutes=5 * n) for n in range(12 * 24)]
    went = Counter(back(stay, one, one + timedelta(minutes=5), first=False) for one in looks)
    assert went == {timedelta(30): 1, timedelta(2): 23, timedelta(0): 12 * 24 - 24}
    shorter = Relative(Day("plan"), NINE, "ask", late_days=1)
    went = Counter(back(shorter, one, one + timedelta(minutes=5), first=False) for one in looks)
    assert went == {timedelta(1): 24, timedelta(0): 12 * 24 - 24}
    # Nothing is passed over by a worker that was away.
    assert back(stay, noon, noon + timedelta(hours=4), first=False) == timedelta(2)
    assert back(stay, noon - timedelta(hours=12), noon, first=False) == timedelta(30)
    # What falls on one day for all is late only for a campaign that starts on that day.
    greets = Birthday(NINE, "ask")
    assert back(greets, noon, soon, first=True) == timedelta(1)
    assert back(Yearly(3, 8, NINE, "ask"), noon, soon, first=True) == timedelta(1)
    assert back(Yearly(3, 8, NINE, "ask"), morning, noon, first=False) == timedelta(0)
    once = Once(datetime(2020, 1, 1, 9), "ask")
    assert occurrences(once, Facts(), noon, soon, TOKYO, looks_back(once, noon, soon, TOKYO, True))
    assert back(once, morning, noon, first=False) == timedelta(0)
