"""The buttons under a follow-up plan's messages."""

import pytest

from flows import booking, plan
from flows.effects import Handoff
from flows.events import PressedAction
from flows.notice import action_flow
from flows.plan_effects import AnswerPlan
from flows.plan_events import PlanAnswered, PlanGone
from tests.flows.talk import Talk


def talk(number: int, answer: object) -> Talk:
    _, step = plan.pressed(7, number)
    return Talk(plan.flow, step=step, answers={AnswerPlan: [answer]})


def test_whoever_is_fine_is_thanked_once() -> None:
    said = talk(1, PlanAnswered("Hana"))
    assert said.asked == [AnswerPlan(7, "fine")]
    assert said.keys == ["plan.thanks"]
    assert talk(1, PlanGone()).keys == ["plan.gone"]


@pytest.mark.parametrize("answer", [PlanAnswered("Hana"), PlanGone()])
def test_whoever_needs_help_comes_to_a_person_even_where_the_question_is_over(
    answer: object,
) -> None:
    said = talk(2, answer)
    assert said.asked == [AnswerPlan(7, "help")]
    assert [deed for deed in said.deeds if isinstance(deed, Handoff)] == [Handoff("plan_help")]


def test_an_earlier_visit_is_booked_as_ever() -> None:
    flow, _ = action_flow(PressedAction("plan", 7, 3))
    assert flow is booking.flow
    assert action_flow(PressedAction("plan", 7, 1))[0] is plan.flow
