"""How many are ahead of me: asked by a button, with no network, database or clock."""

from dataclasses import replace

import pytest

from clinic.booking.types import AppointmentStatus
from clinic.reception.types import Place
from flows import queue, texts
from flows.effects import Choice
from flows.events import PressedAction
from flows.notice import action_flow
from flows.queue_effects import ReadQueue
from flows.queue_events import QueueRead
from flows.visit_card import how_it_stands
from tests.flows.talk import Talk
from tests.flows.world import CTX, HANA, KEN, VISIT

WAITING = Place(HANA.name, 12, 3, "waiting")


def told(*places: Place) -> Talk:
    """A patient who asks, and whom these places are the answer to."""
    talk = Talk(queue.flow, answers={ReadQueue: [QueueRead(places)]})
    assert talk.asked == [ReadQueue()]
    return talk


@pytest.mark.parametrize(
    ("place", "key"),
    [
        (WAITING, "queue.ahead"),
        (replace(WAITING, ahead=0), "queue.next"),
        (replace(WAITING, ahead=0, state="called"), "queue.is_called"),
        (replace(WAITING, state="started"), "queue.is_in"),
    ],
)
def test_a_place_is_said_as_it_stands_and_can_be_asked_again(place: Place, key: str) -> None:
    talk = told(place)
    assert talk.keys == [key]
    assert talk.choices == ["start:queue", "menu"]


def test_of_several_in_the_queue_each_is_named() -> None:
    talk = told(WAITING, Place(KEN.name, 13, 4, "waiting"))
    assert [say.params["name"] for say in talk.told] == [HANA.name, KEN.name]
    assert talk.told[0].choices == ()


def test_who_has_not_checked_in_is_told_so() -> None:
    talk = told()
    assert talk.keys == ["queue.none"]
    assert talk.choices == ["menu"]


def test_the_button_under_a_number_asks_the_same() -> None:
    assert action_flow(PressedAction("queue", 41, 0)) == (queue.flow, queue.AskPlace())


def test_a_visit_that_has_checked_in_offers_the_question() -> None:
    say = how_it_stands(replace(VISIT, status=AppointmentStatus.ARRIVED), CTX)
    assert say.text == "queue.checked_in"
    assert Choice("start:queue", "queue.ask", role="primary") in say.choices


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", "田中様（番号 12）：あと3人でお呼びします。"),
        ("en", "田中, number 12: 3 ahead of you."),
        ("ru", "田中, номер 12: перед вами 3 человека."),
    ],
)
def test_the_place_is_said_in_the_patients_language(language: str, words: str) -> None:
    params = {"name": "田中", "number": "12", "n": 3}
    assert texts.text("queue.ahead", params, language) == words
