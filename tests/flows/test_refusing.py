"""Words that put off what is asked are no answer to it."""

import pytest

from flows import emergency, pause, triage
from flows.dialogue import alarm
from flows.effects import Escalate
from flows.events import Said
from nlu.reading import Reading
from nlu.red_flags import RedFlag
from tests.flows.patient import Patient, booking_patient, holding_patient, with_visit
from tests.flows.test_triage_dialogue import asked

PUT_OFF = [
    "not now",
    "Never mind.",
    "forget it",
    "no, not now",
    "やめます",
    "やっぱりやめます",
    "やめておきます",
    "算了",
    "算了吧",
    "先不要",
    "не надо",
    "Нет, не надо",
    "не сейчас",
]


def grave():
    """Somebody who answered yes to what is grave, and is asked on."""
    patient = asked("chest_pain", "chest")
    while patient.step.case.next().id != "breath_fever":
        patient.presses("no")
    return patient.presses("yes")


def denied(text):
    """Somebody's words, which an interpreter is sure to be a no."""
    return Said(text, Reading((("deny", 0.99),)))


@pytest.mark.parametrize("words", PUT_OFF)
def test_never_mind_was_taken_for_no_in_a_triage(words):
    patient = asked()
    answers = patient.step.case.answers
    patient.happen(denied(words))
    assert patient.keys == ["pause.cancel"]
    patient.presses("resume:triage")
    assert patient.step.case.answers == answers


@pytest.mark.parametrize(
    "words", ["不要", "不用了", "結構です", "no thanks", "今はちょっと", "答えたくない", "later"]
)
def test_to_want_none_was_taken_for_no_in_a_triage(words):
    patient = asked()
    answers = patient.step.case.answers
    patient.happen(denied(words))
    assert isinstance(patient.step, triage.Asking)
    assert patient.step.case.answers == answers


@pytest.mark.parametrize(
    "words",
    [
        "no",
        "いいえ",
        "没有",
        "不是",
        "нет",
        "нет, такого не было",
        "特にありません",
        "全然ないです",
    ],
)
def test_a_plain_no_is_an_answer_of_a_triage(words):
    patient = asked()
    answers = patient.step.case.answers
    patient.happen(denied(words))
    assert len(patient.step.case.answers) == len(answers) + 1
    assert patient.step.case.answers[-1][1] == "no"


def test_not_now_was_taken_for_none_of_the_signs():
    patient = Patient()
    patient.begin("triage")
    patient.presses("me").types("не надо")
    assert patient.keys == ["pause.cancel"]


def test_who_puts_off_a_grave_triage_is_looked_after():
    patient = grave().types("算了")
    assert patient.keys == ["pause.cancel"]
    assert patient.deeds_of(Escalate)[0].source == "silence"


@pytest.mark.parametrize("words", [*PUT_OFF, "不要", "no thanks"])
def test_never_mind_was_taken_for_no_where_it_was_asked_whether_it_is_so_now(words):
    patient = asked()
    reaction = alarm(patient.dialogue, RedFlag("chest_pain", 3, negated=True), patient.ctx)
    patient.dialogue = reaction.dialogue
    patient.happen(denied(words))
    assert isinstance(patient.step, emergency.AskNow)


def test_words_of_ones_own_stay_what_they_are():
    patient = holding_patient().types("не надо")
    assert patient.keys[0] == "booking.ask_yes"


def test_to_put_off_a_booking_asks_what_is_meant():
    patient = booking_patient().types("算了")
    assert isinstance(patient.step, pause.Paused)
    assert patient.step.why == "cancel"


def test_to_put_off_the_list_of_visits_cancels_nothing():
    patient, _ = with_visit()
    patient.types("my visits", "never mind")
    assert patient.flows == ["visits"]


@pytest.mark.parametrize("words", ["later", "not today"])
def test_another_day_is_asked_for_and_nothing_put_off(words):
    patient = booking_patient().presses("anyone").types(words)
    assert patient.flows == ["booking"]
