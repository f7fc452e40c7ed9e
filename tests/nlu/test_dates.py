"""What holds for readings of days and hours in every language."""

import cProfile
import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.dates import DateReading, Dates, read
from tests.nlu.dates_told import NOW, told

LANGUAGES = ("en", "ja", "zh-Hant", "zh-Hans", "ru")
ZONE = ZoneInfo("Asia/Tokyo")
FARTHEST = timedelta(days=731)
PIECES = " ".join(
    (
        "12 3 10 25 31 99 2026 115 3/5 25.11 12-3 8:30 0:00 24:00 38.5 ? ! , . - ~ / ( )",
        "tomorrow next last this Friday Monday week weekend month half past to from between and or",
        "not except no but after before by at on the 5th May noon pm morning days ago in two",
        "明日 明後日 来週 再来週 金曜 月 日 時 半 前 後 午後 から まで 以外 か と 、 。 は 無理",
        "令和 8 年 3日 末 第 二 十 下 周 五 星期 礼拜 号 點 点 刻 差 不行 除了 或 到 民國",
        "завтра в на с по до после кроме или не пятницу среду следующей неделе пол второго без",
        "четверти три дня числа декабря конце через",
    )
).split()
sentences = st.lists(st.sampled_from(PIECES), max_size=12).flatmap(
    lambda pieces: st.sampled_from(("", " ")).map(lambda space: space.join(pieces))
)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31)).map(
    lambda at: at.replace(tzinfo=ZONE)
)


def assert_sound(found: Dates, now: datetime) -> None:
    """No reading is past, too far, upside down or empty, and there are but a few."""
    assert len(found.readings) <= 6
    assert found.ambiguous == any(one.ambiguous for one in found.readings)
    today = now.date()
    for one in found.readings:
        for day in (one.date, one.from_on, one.to_on):
            assert day is None or day >= today
        for day in (one.date, one.from_on):
            assert day is None or day <= today + FARTHEST + timedelta(days=1)
        assert not (one.from_on and one.to_on) or one.from_on <= one.to_on
        assert not (one.date and (one.from_on or one.to_on))
        assert not (one.time_from and one.time_to) or one.time_from < one.time_to
        assert set(one.to_json()) - {"ambiguous"}
        json.dumps(one.to_json())


@given(text=st.text(max_size=60) | sentences, language=st.sampled_from(LANGUAGES), now=moments)
@settings(max_examples=400, deadline=None)
def test_every_text_has_sound_readings_or_none(text: str, language: str, now: datetime) -> None:
    assert_sound(read(text, language, now), now)


@given(text=sentences, language=st.sampled_from(LANGUAGES))
@settings(max_examples=100, deadline=None)
def test_the_same_text_is_always_read_the_same(text: str, language: str) -> None:
    assert read(text, language, NOW) == read(text, language, NOW)


@given(now=moments, ahead=st.integers(0, 360))
@settings(max_examples=100, deadline=None)
def test_a_date_in_figures_or_words_is_that_date(now: datetime, ahead: int) -> None:
    day = now.date() + timedelta(days=ahead)
    months_en = "January February March April May June July August September October November"
    months_ru = "января февраля марта апреля мая июня июля августа сентября октября ноября"
    english = [*months_en.split(), "December"][day.month - 1]
    russian = [*months_ru.split(), "декабря"][day.month - 1]
    written = {
        "en": (f"{english} {day.day}", f"on the {day.day}th of {english}, please", f"{day}"),
        "ja": (
            f"{day.month}月{day.day}日でお願いします",
            f"{day.month}/{day.day}",
            f"令和{day.year - 2018}年{day.month}月{day.day}日",
        ),
        "zh-Hant": (
            f"{day.month}月{day.day}號",
            f"民國{day.year - 1911}年{day.month}月{day.day}日",
        ),
        "zh-Hans": (f"{day.month}月{day.day}日", f"{day.year}年{day.month}月{day.day}号"),
        "ru": (f"{day.day} {russian}", f"{day:%d.%m}", f"на {day:%d.%m.%Y}"),
    }
    for language, texts in written.items():
        for text in texts:
            # A 29 February may stand beyond a year that has none.
            if (day.month, day.day) != (2, 29):
                assert [one.date for one in read(text, language, now).readings] == [day], text


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
        ("en", "mon tue wed thu fri sat sun"),
        ("ja", "月曜 火曜日 水曜 木曜日 金曜 土曜 日曜日"),
        ("zh-Hant", "週一 禮拜二 星期三 週四 禮拜五 星期六 週日"),
        ("zh-Hans", "周一 星期二 周三 礼拜四 周五 周六 星期天"),
        ("ru", "понедельник вторник среда четверг пятница суббота воскресенье"),
        ("ru", "пн вт ср чт пт сб вс"),
    ],
)
def test_a_weekday_is_the_next_from_tomorrow_on(language: str, names: str) -> None:
    for today in (NOW + timedelta(days=ahead) for ahead in range(7)):
        for number, name in enumerate(names.split()):
            found = read(name, language, today)
            days = [one.date for one in found.readings]
            ahead = (number - today.weekday()) % 7
            coming = today.date() + timedelta(days=ahead)
            assert days == ([coming] if ahead else [coming, coming + timedelta(days=7)])
            assert found.ambiguous == (ahead == 0)


@pytest.mark.parametrize("hour", range(1, 13))
@pytest.mark.parametrize(("opens", "closes"), [(8, 20), (9, 17), (7, 22), (10, 19)])
@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "at {}"), ("ja", "{}時"), ("zh-Hans", "{}点半"), ("zh-Hant", "{}點"), ("ru", "в {}")],
)
def test_the_clinics_hours_tell_the_halves_of_the_day_apart(
    hour: int, opens: int, closes: int, language: str, words: str
) -> None:
    found = read(words.format(hour), language, NOW, opens=opens, closes=closes)
    hours = [one.time.hour for one in found.readings if one.time is not None]
    if hour == 12:
        assert hours == [12]
        return
    last = closes - 1 if "半" in words else closes
    open_at = [at for at in (hour, hour + 12) if opens <= at <= last]
    assert hours == (open_at or [hour, hour + 12])
    assert found.ambiguous == (len(hours) > 1)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "text", ["", " ", "🙂" * 20, "\u202e明日\u202c?", "\x00\x01", "?", "---", "()"]
)
def test_what_is_no_sentence_is_no_reason_to_fail(language: str, text: str) -> None:
    assert_sound(read(text, language, NOW), NOW)


@pytest.mark.parametrize(
    ("language", "piece"),
    [
        ("en", "wensday or thrusday "),
        ("en", "12/"),
        ("en", "not "),
        ("ja", "3日か"),
        ("ja", "一二三四"),
        ("ja", "・月"),
        ("zh-Hant", "週一三五"),
        ("zh-Hant", "一"),
        ("ru", "понедельнк или "),
        ("ru", "в 3 "),
    ],
)
def test_5000_signs_take_no_long_work(language: str, piece: str) -> None:
    """Some 50 ms; a clock would tell of the machine, so the calls are counted."""
    text = (piece * 5000)[:5000]
    assert_sound(read(text, language, NOW), NOW)
    assert _calls(text, language) < 250_000


def _calls(text: str, language: str) -> int:
    profile = cProfile.Profile()
    profile.runcall(read, text, language, NOW)
    return sum(entry.callcount for entry in profile.getstats())


def test_a_story_of_more_than_1000_signs_gives_no_sure_date() -> None:
    found = read("I can come on Friday at 10. " + "It has been a long time. " * 50, "en", NOW)
    assert found.readings
    assert all(one.ambiguous for one in found.readings)


def test_a_language_that_is_none_of_the_five_is_refused() -> None:
    with pytest.raises(ValueError, match="de"):
        read("morgen", "de", NOW)


@pytest.mark.parametrize(
    ("text", "language", "meant"),
    [
        ("tomorrow 10am", "ja", "2026-11-25 10:00"),
        ("明天下午三点", "en", "2026-11-25 15:00"),
        ("あした", "en", "2026-11-25"),
        ("завтра", "ja", "2026-11-25"),
        ("10am", "ja", "10:00"),
    ],
)
def test_a_patient_may_write_in_another_language_than_usual(
    text: str, language: str, meant: str
) -> None:
    assert told(text, language) == meant


def test_a_reading_tells_only_what_applies() -> None:
    reading = DateReading(from_on=date(2026, 11, 30), except_weekdays=frozenset({2, 0}))
    assert reading.to_json() == {
        "from": "2026-11-30",
        "except_weekdays": [0, 2],
        "ambiguous": False,
    }


def test_at_the_turn_of_the_year_days_of_january_lie_ahead() -> None:
    now = datetime(2026, 12, 31, 9, 0, tzinfo=ZONE)
    assert told("1月5日", "ja", now) == "2027-01-05"
    assert told("the 3rd", "en", now) == "2027-01-03"
    assert told("下周五", "zh-Hans", now) == "2027-01-08"
    assert told("в конце месяца", "ru", now) == "2026-12-31?"


def test_a_day_that_no_calendar_has_is_not_moved_to_another() -> None:
    assert told("February 30", "en") == ""
    assert told("11月31日", "ja") == ""
    assert told("31 ноября", "ru") == ""


def test_hours_of_today_that_are_over_are_asked_back() -> None:
    assert told("today at 9", "en") == "2026-11-24 09:00?"
    assert told("今日の15時", "ja") == "2026-11-24 15:00"
