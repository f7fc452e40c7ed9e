"""Another time for a visit that is booked, in the patient's own words. Whole dialogues."""

import pytest

from flows import move, visits
from flows.events import Said
from nlu.reading import Reading
from tests.flows.patient import with_visit
from tests.flows.talk import Talk
from tests.flows.world import VISIT

INSTEAD = [
    ("ja", "やっぱり来週の火曜の午後にしてください"),
    ("en", "could you make it next Tuesday afternoon instead"),
    ("en", "please move my appointment to next Tuesday"),
    ("ru", "давайте лучше в следующий вторник после обеда"),
    ("zh-Hans", "还是改到下周二下午吧"),
    ("zh-Hant", "還是改到下週二下午好了"),
]


@pytest.mark.parametrize(("language", "words"), INSTEAD)
def test_another_time_for_what_was_just_booked_was_not_understood(language, words):
    patient, visit = with_visit(language=language)
    patient.happen(Said(words, Reading((("book", 0.99),))))
    assert patient.flows == ["visits"]
    assert patient.step.goal.visit.id == visit.id
    assert isinstance(patient.step, move.PickDay | move.PickTime)


def test_a_day_under_the_question_of_a_move_began_a_second_booking():
    patient, visit = with_visit(language="ja")
    patient.types("予約を変更")
    assert isinstance(patient.step, move.PickDay)
    patient.happen(Said("来週の火曜の午後", Reading((("book", 0.99),))))
    assert isinstance(patient.step, move.PickTime)
    assert patient.step.goal.visit.id == visit.id
    assert patient.flows == ["visits"]


def test_a_day_said_under_a_visit_moves_it():
    patient, visit = with_visit()
    patient.types("my visits").types("Friday morning")
    assert patient.step.goal.visit.id == visit.id
    assert patient.flows == ["visits"]


def test_a_time_that_does_not_fit_is_not_the_one_to_move_to():
    patient, _ = with_visit(language="ja")
    patient.types("明日やっぱり行けません")
    assert patient.keys == ["dialogue.not_understood", "menu.ask"]


def test_of_several_visits_the_one_to_be_moved_is_asked_for_and_the_day_kept():
    talk = Talk(visits.flow, step=visits.PickVisit(wants="move"))
    talk.do(Said("Friday"))
    assert talk.keys[-1] == "visits.ask_which"
    talk.do(str(VISIT.id))
    assert talk.at in ("PickDay", "PickTime")
    assert talk.session.step.goal.visit == VISIT
