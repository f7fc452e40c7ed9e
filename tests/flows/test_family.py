"""The people an account speaks for, and adding one."""

from dataclasses import replace
from datetime import date

import pytest

from clinic.patient.types import PatientOption
from flows import booking, family
from flows.effects import AddPatient, Row
from flows.events import Chose, PickedDate, Said, SentMedia
from flows.family import MAX_PEOPLE
from flows.reading import read_birth_date, read_day, read_time
from nlu.reading import Entity, Reading
from tests.flows.bookings import SEVERAL
from tests.flows.talk import Talk
from tests.flows.walk import assert_safe, walk
from tests.flows.world import CTX, HANA, KEN, TODAY, World, at, day

NOBODY = replace(CTX, patients=())


def to_name(relation="child", ctx=CTX):
    """Somebody who is asked for a name."""
    return Talk(family.flow, ctx=ctx).do("add", relation)


def test_the_list_names_everybody_with_their_relation():
    talk = Talk(family.flow, ctx=replace(CTX, patients=(HANA, KEN)))
    assert talk.told[-1].rows == (Row("family.self", HANA.name), Row("family.child", KEN.name))
    assert talk.choices == ["add", "back", "menu"]


def test_an_empty_list_offers_to_add():
    talk = Talk(family.flow, ctx=NOBODY)
    assert talk.keys == ["family.nobody"]
    assert talk.do(Said("hm")).keys == ["nav.choose", "family.nobody"]


def test_somebody_is_added_and_then_on_the_list():
    talk = to_name().do(Said(" 山田   あい "), PickedDate(date(2020, 2, 3)))
    assert talk.asked == [AddPatient("山田 あい", "child", date(2020, 2, 3))]
    assert talk.keys == ["family.added", "family.list"]
    assert talk.told[-1].rows[-1] == Row("family.child", "山田 あい")


def test_the_name_is_asked_in_words_that_fit():
    assert to_name("parent").keys == ["family.ask_name"]
    assert to_name("self", NOBODY).keys == ["family.ask_own_name"]


def test_there_is_but_one_self():
    assert "self" not in Talk(family.flow).do("add").choices
    assert Talk(family.flow).do("add", Chose("self")).keys[0] == "nav.choose"


def test_a_name_that_is_on_the_list_is_not_added_twice():
    talk = to_name().do(Said("山田花"))
    assert talk.keys == ["family.known", "family.list"]
    assert talk.asked == []


@pytest.mark.parametrize("words", ["", "12345", "あ" * 61, "..."])
def test_what_cannot_be_a_name_gets_a_hint(words):
    assert to_name().do(Said(words)).keys == ["family.hint_name", "family.ask_name"]


def test_a_picture_is_no_name():
    assert to_name().do(SentMedia("image")).keys == ["family.hint_name", "family.ask_name"]


@pytest.mark.parametrize(
    "event", [Said("long ago"), PickedDate(day(1)), PickedDate(date(1850, 1, 1))]
)
def test_what_cannot_be_a_birth_date_gets_a_hint(event):
    talk = to_name().do(Said("山田 あい"), event)
    assert talk.keys == ["family.hint_birth", "family.ask_birth"]


def test_the_birth_date_may_be_left_out():
    assert to_name().do(Said("Ann Lee"), "skip").asked == [AddPatient("Ann Lee", "child")]


def test_the_date_picker_starts_where_the_person_may_have_been_born():
    child = to_name("child").do(Said("Ann Lee")).told[-1].date_range.initial
    parent = to_name("parent").do(Said("Ann Lee")).told[-1].date_range.initial
    assert child.year - parent.year == 70


def test_every_turn_is_safe():
    words = (Said("山田 太郎"), Said("1948-03-05"), Said("?!"), SentMedia("image"))
    steps = set()
    for passed in walk(family.flow, CTX, World().answers, words):
        assert_safe(passed)
        steps.update(passed.turn.path)
    assert steps == {it.__name__ for it in family.flow.steps}


# Reading what is typed ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "1948-03-05",
        "1948/3/5",
        "1948.3.5",
        "1948年3月5日",
        "１９４８年３月５日",
        "19480305",
        "昭和23年3月5日",
        "S23.3.5",
        "民國37年3月5日",
        "05.03.1948",
        " 5. 3. 1948 ",
    ],
)
def test_a_birth_date_is_read(words):
    assert read_birth_date(words, TODAY) == date(1948, 3, 5)


@pytest.mark.parametrize(
    "words", ["05/03/1948", "1948", "1948-13-05", "1948-02-30", "2050-01-01", "1850-01-01", "x", ""]
)
def test_an_ambiguous_or_impossible_birth_date_is_not_read(words):
    assert read_birth_date(words, TODAY) is None


def test_the_first_year_of_an_era_is_read():
    assert read_birth_date("令和元年5月1日", TODAY) == date(2019, 5, 1)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("今日", 0),
        ("あした", 1),
        ("Завтра", 1),
        ("後天", 2),
        ("послезавтра", 2),
        ("25", 2),
        ("25-го", 2),
        ("25th", 2),
        ("11月25日", 2),
        ("25.11", 2),
        ("26", None),
        ("12/25", None),
        ("soon", None),
    ],
)
def test_a_day_is_read_only_if_it_is_certain(words, expected):
    meant = read_day(words, TODAY, [day(1), day(2)])
    assert meant == (None if expected is None else day(expected))


def test_a_number_that_fits_two_days_is_not_read():
    assert read_day("24", TODAY, [date(2026, 11, 24), date(2026, 12, 24)]) is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("10", (10, 0)),
        ("10:00", (10, 0)),
        ("10 時", (10, 0)),
        ("10時半", (10, 30)),
        ("10点30", (10, 30)),
        ("午後3時", (15, 20)),
        ("3pm", (15, 20)),
        ("15", (15, 20)),
        ("15:00", None),
        ("11", None),
        ("noon", None),
    ],
)
def test_a_time_is_read_only_among_those_offered(words, expected):
    offered = [at(TODAY, 10), at(TODAY, 10, 30), at(TODAY, 15, 20)]
    assert read_time(words, offered) == (expected and at(TODAY, *expected))


def test_nobody_fills_the_calendar_with_people_from_one_chat():
    many = tuple(PatientOption(n, f"Person {n}", "other", False) for n in range(MAX_PEOPLE))
    full = replace(CTX, patients=many)
    assert "add" not in Talk(family.flow, ctx=full).choices
    talk = Talk(booking.flow, SEVERAL, full).do("1")
    assert "add" not in talk.choices
    assert talk.do(Chose("add")).at == "PickPerson"
    said = Said("for my son", Reading((("book", 1.0),), (Entity("person", "son", "my son"),)))
    assert (
        Talk(booking.flow, SEVERAL, full, step=booking.hoped(said, full)).do("1").at == "PickPerson"
    )


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("I'm John Smith", "John Smith"),
        ("Hello, my name is Anna.", "Anna"),
        ("田中健二です", "田中健二"),
        ("はじめまして、田中健二と申します。", "田中健二"),
        ("私は田中です", "田中"),
        ("Меня зовут Анна Котова", "Анна Котова"),
        ("我叫王小明", "王小明"),
        ("我是李四", "李四"),
        ("Ian Ambrose", "Ian Ambrose"),
        ("Яна Котова", "Яна Котова"),
        ("です", "です"),
    ],
)
def test_a_sentence_was_taken_for_a_name(words, name):
    assert family.read_name(words) == name


def test_a_name_that_was_misheard_can_be_corrected_where_it_is_shown():
    talk = Talk(family.flow).do("add", "child", Said("I'm Jon Smith"))
    assert talk.told[-1].params == {"name": "Jon Smith"}
    assert "family.fix_name" in [it.label for it in talk.told[-1].choices]
    talk.do("back", Said("John Smith"))
    assert talk.told[-1].params == {"name": "John Smith"}


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("5 March 1961", date(1961, 3, 5)),
        ("March 5th, 1961", date(1961, 3, 5)),
        ("I was born on 5 Mar 61", date(1961, 3, 5)),
        ("1961 March 5", date(1961, 3, 5)),
        ("5 марта 1961", date(1961, 3, 5)),
        ("5-го мая 1961 г.", date(1961, 5, 5)),
        ("昭和二十三年五月三日", date(1948, 5, 3)),
        ("1961年3月5日生まれです", date(1961, 3, 5)),
        ("一九六一年三月五日", date(1961, 3, 5)),
        ("13/5/61", date(1961, 5, 13)),
        ("05.03.61", date(1961, 3, 5)),
    ],
)
def test_a_birth_date_as_people_write_it_was_not_read(words, day):
    assert read_birth_date(words, TODAY) == day


@pytest.mark.parametrize("words", ["3/5/20", "5 foo 1961", "5 March 1", "31 April 1961", "March"])
def test_a_birth_date_of_two_centuries_or_none_is_not_read(words):
    assert read_birth_date(words, TODAY) is None


def test_a_birth_date_that_means_two_days_is_asked_about():
    talk = Talk(family.flow).do("add", "child", Said("Jon"), Said("3/5/61"))
    assert talk.keys == ["family.which_birth"]
    talk.do("1961-05-03")
    assert talk.asked[0] == AddPatient("Jon", "child", date(1961, 5, 3))
