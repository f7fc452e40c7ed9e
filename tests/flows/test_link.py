"""Joining the chat to a record: codes, and the request to staff."""

from datetime import date

import pytest

from clinic.link.rules import read_code
from flows import link
from flows.effects import AskForLink, Say, TryLinkCode
from flows.events import (
    Chose,
    Linked,
    LinkRefused,
    PickedDate,
    Said,
    SentMedia,
    SharedContact,
    TimedOut,
)
from tests.flows.patient import Patient
from tests.flows.talk import Talk
from tests.flows.walk import assert_safe, says, walk
from tests.flows.world import CTX, HANA, TODAY


@pytest.mark.parametrize(
    "typed",
    ["ABCD2345", "abcd-2345", "ＡＢＣＤ　２３４５", " a b c d 2 3 4 5 ", "ABCD‐2345", "АВСD2345"],
)
def test_a_code_is_taken_however_it_is_typed(typed):
    assert read_code(typed) == "ABCD2345"


def test_letters_that_look_alike_are_read_as_what_they_look_like():
    assert read_code("OIL0-1234") == "01101234"


@pytest.mark.parametrize(
    "typed", ["", "ABC", "A" * 33, "ABCDUUUU", "my code is lost", "山田花子です"]
)
def test_what_cannot_be_a_code_is_not_tried(typed):
    assert read_code(typed) is None


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("03-1234-5678", "0312345678"),
        ("０９０ー１２３４ー５６７８", "09012345678"),
        ("+81 (90) 1234.5678", "+819012345678"),
        ("12345", None),
        ("call me", None),
        ("1" * 16, None),
    ],
)
def test_a_telephone_number_is_read(typed, read):
    assert link.read_phone(typed) == read


def linked(reply):
    return Talk(link.flow, answers={TryLinkCode: [reply]})


def test_the_right_code_names_whose_record_it_is():
    talk = linked(Linked(HANA)).do(Said("abcd 2345"))
    assert talk.asked == [TryLinkCode("ABCD2345")]
    assert talk.told[0].params == {"name": HANA.name}
    assert talk.session.status == "completed"


def test_a_wrong_code_is_asked_for_again_and_is_kept_nowhere():
    talk = linked(LinkRefused("wrong")).do(Said("ABCD2345"))
    assert [say.text for say in talk.told] == ["link.wrong", "link.ask_code"]
    assert "ABCD2345" not in str(talk.session)


def test_after_too_many_tries_a_person_is_offered():
    talk = linked(LinkRefused("too_many")).do(Said("ABCD2345"))
    assert [say.text for say in talk.told] == ["link.too_many"]
    assert "person" in talk.choices
    talk.do("no_code")
    assert talk.session.step == link.AskName()


def test_without_a_code_staff_are_asked_and_nothing_of_a_record_is_shown():
    talk = Talk(link.flow).do("no_code", Said("Hana Yamada"), Said("S23.3.5"))
    talk.do(SharedContact("03-1234-5678", own=True))
    (check,) = talk.told
    assert [row.value for row in check.rows] == ["Hana Yamada", date(1948, 3, 5), "0312345678"]
    assert check.rows[1].with_year
    talk.do("yes")
    assert AskForLink("Hana Yamada", date(1948, 3, 5), "0312345678") in talk.deeds
    assert [say.text for say in talk.told] == ["link.asked"]


def test_the_code_of_a_link_is_tried_at_once():
    assert link.code_step("abcd-2345") == link.TryCode("ABCD2345")
    assert link.code_step("?") == link.TryCode("?")


WORDS = (
    Said("?!"),
    Said("Hana Yamada"),
    Said("1948-03-05"),
    Said("03-1234-5678"),
    Said("ABCD2345"),
    PickedDate(date(1948, 3, 5)),
    PickedDate(date(1800, 1, 1)),
    PickedDate(date(TODAY.year + 1, 1, 1)),
    SharedContact("03-1234-5678", own=False),
    SentMedia("image"),
    Chose("?"),
    TimedOut(),
)
ANSWERS = (Linked(HANA), LinkRefused("wrong"), LinkRefused("too_many"))


def test_every_turn_there_can_be():
    reached = set()
    for passed in walk(link.flow, CTX, lambda what: ANSWERS, WORDS):
        reached.update(passed.turn.path)
        assert_safe(passed)
        for deed in passed.turn.effects:
            if isinstance(
                deed, AskForLink
            ):  # nothing goes to staff but what was shown, after a yes
                assert passed.event == Chose("yes")
                shown = {row.value for row in passed.shown[-1].rows}
                assert shown == {deed.name, deed.birth_on, deed.phone}
        if passed.turn.session.status == "completed":
            assert all(isinstance(say, Say) for say in says(passed.turn))
    assert reached == {step.__name__ for step in link.flow.steps}


def test_a_birth_date_that_means_two_days_is_asked_about_before_staff_look():
    patient = Patient().types("link my record").presses("no_code").types("I'm Jon", "3/5/1961")
    assert patient.keys == ["family.which_birth"]
    patient.presses("1961-03-05")
    assert patient.step == link.AskPhone("Jon", date(1961, 3, 5))
