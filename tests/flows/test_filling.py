"""Several answers in one text: only what is missing is asked; what was said can be corrected."""

from dataclasses import replace

import pytest

from clinic.patient.types import PatientOption
from flows import booking, visits
from flows.events import Said
from flows.visits import move_step
from nlu.reading import Entity, Reading
from tests.flows.bookings import SEVERAL
from tests.flows.talk import Talk
from tests.flows.world import CTX, DENTAL, HANA, ITO, KEN, SATO, World, at, day

FAMILY = replace(CTX, patients=(HANA, KEN))
WEEK = replace(
    SEVERAL, days=tuple(day(n) for n in range(1, 12)), starts=((10, 0), (10, 30), (15, 0), (17, 30))
)


def said(text: str, **named: str) -> Said:
    """A text with what an interpreter finds named in it."""
    entities = tuple(Entity(kind, value, value) for kind, value in named.items())
    return Said(text, Reading((("book", 0.99),), entities))


def asked_for(event: Said, world: World = WEEK, ctx=FAMILY) -> Talk:
    return Talk(booking.flow, world, ctx, step=booking.hoped(event, ctx))


def test_one_sentence_fills_all_answers_that_are_certain():
    talk = asked_for(
        said(
            "tomorrow at 10 with Dr Sato for my son, a check-up",
            service="1",
            practitioner="11",
            person="son",
        )
    )
    assert talk.at == "AskNote"
    step = talk.session.step
    assert step.goal.service.id == 1
    assert step.goal.patient == KEN
    assert step.goal.practitioner == SATO
    assert step.slot.starts_at == at(day(1), 10)


def test_what_is_missing_is_asked_and_the_rest_is_kept():
    talk = asked_for(said("tomorrow at 10 for my son", person="son"))
    assert talk.at == "PickService"
    talk.do("1")
    assert talk.at == "PickPractitioner"
    assert talk.do("anyone").at == "AskNote"
    assert talk.session.step.slot.starts_at == at(day(1), 10)


def test_what_is_not_offered_is_asked():
    talk = asked_for(said("with Dr Nobody, teleportation", service="99", practitioner="98"))
    assert talk.at == "PickService"
    assert talk.do("1", "21").at == "PickPractitioner"


def test_a_child_that_is_not_known_yet_is_asked_for_by_name():
    talk = asked_for(said("a check-up for my daughter", service="1", person="daughter"), ctx=CTX)
    assert talk.at == "AskName"
    assert talk.session.step.relation == "child"


def test_of_two_children_the_one_is_asked_for():
    two = replace(CTX, patients=(HANA, KEN, PatientOption(23, "山田 美咲", "child", False)))
    talk = asked_for(said("for my daughter", service="1", person="daughter"), ctx=two)
    assert talk.at == "PickPerson"
    assert talk.do("23").at == "PickPractitioner"


def test_who_goes_back_is_asked_and_not_carried_forward_again():
    talk = asked_for(said("tomorrow at 10", service="1")).do("22", "anyone")
    assert talk.at == "AskNote"
    assert talk.do("back").at == "PickPractitioner"


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("Friday afternoon", [day(4)]),
        ("any day but Friday", [day(n) for n in (1, 2, 3, 5, 6, 7, 8)]),
        ("next week", [day(n) for n in (7, 8, 9, 10, 11)]),
        ("Thursday or Friday", [day(3), day(4)]),
    ],
)
def test_days_that_fit_the_words_are_offered(words, days):
    talk = asked_for(said("a check-up", service="1")).do("21", "anyone", Said(words))
    if len(days) == 1:
        assert talk.at == "PickTime"
        assert talk.session.step.day == days[0]
        starts = [slot.starts_at for slot in talk.session.step.slots]
        assert starts == [at(days[0], 15)]
    else:
        assert talk.at == "PickDay"
        offered = [choice.value for choice in talk.told[-1].choices][: len(days)]
        assert offered == [one.isoformat() for one in days]


def test_no_day_that_fits_is_said_so_and_the_next_ones_are_offered():
    two = replace(WEEK, days=(day(1), day(2)))
    talk = asked_for(said("a check-up", service="1"), two)
    talk.do("21", "anyone", Said("only on weekends"))
    assert talk.keys == ["booking.none_fit", "booking.ask_day"]
    assert talk.choices[:2] == [day(1).isoformat(), day(2).isoformat()]


def test_a_part_of_the_day_is_kept_until_a_day_is_chosen_from_those_that_fit():
    talk = asked_for(said("next week after 4", service="1")).do("21", "anyone")
    assert talk.keys == ["booking.days_fit", "booking.ask_day"]
    talk.do(day(8).isoformat())
    assert [it.starts_at for it in talk.session.step.slots] == [at(day(8), 17, 30)]
    talk.do("all_times")
    assert len(talk.session.step.slots) == 4


def test_a_time_that_is_not_free_is_said_so():
    talk = asked_for(said("tomorrow at 11", service="1")).do("21", "anyone")
    assert talk.keys == ["booking.time_not_free", "booking.ask_time"]


def test_a_past_day_is_not_looked_for():
    talk = asked_for(said("a check-up", service="1")).do("21", "anyone", Said("yesterday"))
    assert talk.at == "PickDay"


def test_another_day_said_under_times_is_another_day():
    talk = asked_for(said("tomorrow", service="1")).do("21", "anyone")
    assert talk.at == "PickTime"
    talk.do(Said("no, Friday at 3"))
    assert talk.at == "AskNote"
    assert talk.session.step.slot.starts_at == at(day(4), 15)


def test_a_time_with_its_day_said_under_times_is_taken():
    talk = asked_for(said("tomorrow", service="1")).do("21", "anyone")
    talk.do(Said("tomorrow afternoon"))
    assert [it.starts_at for it in talk.session.step.slots] == [at(day(1), 15)]


def test_a_day_and_time_among_the_soonest_are_taken_and_others_are_looked_for():
    soonest = asked_for(said("a check-up", service="1")).do("21", "soonest")
    assert soonest.do(Said("tomorrow at 3 pm")).at == "AskNote"
    soonest = asked_for(said("a check-up", service="1")).do("21", "soonest")
    assert soonest.do(Said("Friday at 3 pm")).session.step.slot.starts_at == at(day(4), 15)


CARD = said("tomorrow at 10", service="1", practitioner="11", person="son")


def test_the_card_hears_another_day_another_doctor_and_another_person():
    talk = asked_for(CARD).do("skip")
    assert talk.at == "Confirm"
    talk.do(Said("no, Friday at 3"))
    assert talk.at == "Confirm"
    assert talk.session.step.slot.starts_at == at(day(4), 15)
    assert len(talk.held) == 1
    talk.do(said("with Dr Ito please", practitioner="12"))
    assert talk.at == "PickDay"
    assert talk.session.step.goal.practitioner == ITO
    again = asked_for(CARD).do("skip")
    again.do(said("it is for me", person="self"))
    assert again.session.step.goal.patient == HANA


def test_the_card_hears_another_service():
    talk = asked_for(CARD).do("skip")
    talk.do(said("rather the dental cleaning", service="2"))
    assert talk.at == "PickPractitioner"
    assert talk.session.step.draft.service == DENTAL


def test_words_in_the_place_of_a_choice_are_kept_for_later_questions():
    talk = asked_for(said("a visit"))
    talk.do(said("tomorrow at 10 for my son", person="son"))
    assert talk.at == "PickService"
    talk.do("1")
    assert talk.at == "PickPractitioner"
    assert talk.do(said("Dr Ito", practitioner="12")).at == "AskNote"


def test_the_person_may_be_said_where_a_person_is_asked_for():
    talk = asked_for(said("a check-up", service="1"))
    assert talk.at == "PickPerson"
    assert talk.do(said("my son", person="son")).at == "PickPractitioner"


def test_a_visit_is_moved_to_a_time_that_is_said_and_said_again():
    talk = Talk(visits.flow, WEEK, step=move_step(41, 3)).do(Said("Friday at 3 pm"))
    assert talk.at == "ConfirmMove"
    assert talk.session.step.slot.starts_at == at(day(4), 15)
    talk.do(Said("no, Thursday at 10"))
    assert talk.session.step.slot.starts_at == at(day(3), 10)
