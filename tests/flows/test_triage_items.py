"""Every presentation, every question in it: where a grave or an unknown answer leads in the chat.

The engine's own walk tries all ways through the rules; here, in the conversation itself, each
question is once answered otherwise than denied.
"""

import pytest

from clinic.triage.load import catalogue
from clinic.triage.types import Facts, Outcome, Question
from flows import triage
from flows.effects import Alarm, Escalate
from flows.engine import Session, advance
from flows.events import Chose, Entered, Said
from flows.triage_case import Case
from flows.triage_effects import KeepTriage, ScheduleCheckIn
from tests.flows.world import CTX

WHO = {
    "man": Facts(40, "male"),
    "pregnant woman": Facts(30, "female", True),
    "old woman": Facts(78, "female"),
    "child": Facts(4, "female"),
    "baby": Facts(0.08, "male"),
    "stranger": Facts(),
}
MOST_QUESTIONS = 12  # on any way to level 4
DENIED = {"modifiers": Chose("none"), "sex": Chose("option:female"), "age": Said("40")}
NUMBERS = {"severity": Chose("number:0"), "temperature": Said("36.6")}


def denied(asked: Question):
    return {**DENIED, **NUMBERS}.get(asked.id, Chose("no"))


def play(name: str, who: Facts, otherwise: dict[str, str]):
    """Deny everything but `otherwise`: the deeds of the last turn, and the questions asked."""
    step = triage.Asking(case=Case(who, presentation=name))
    turn = advance(Session("triage", 1, step), Entered(), CTX)
    asked: list[Question] = []
    while not any(isinstance(it, KeepTriage) for it in turn.effects):
        question = turn.session.step.case.next()
        assert isinstance(question, Question)
        asked.append(question)
        answer = otherwise.get(question.id)
        event = denied(question) if answer is None else Chose(answer)
        turn = advance(turn.session, event, CTX)
        assert turn.effects, question.id
    return turn.effects, asked


def level_of(effects) -> int:
    """The level that the clinic learns of: what was alarmed or escalated, else below it."""
    called = [it.level for it in effects if isinstance(it, Alarm | Escalate)]
    return max(called, default=1)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("name", catalogue())
def test_each_answer_of_each_question_ends_at_its_level_or_above(name, who):
    effects, usual = play(name, WHO[who], {})
    assert level_of(effects) >= (3 if catalogue()[name].otherwise >= 3 else 1)
    for question in usual:
        if question.kind != "yes_no" or question.level < 3:
            continue
        effects, asked = play(name, WHO[who], {question.id: "yes"})
        assert level_of(effects) >= question.level, question.id
        if question.level == 4:
            assert asked[-1] == question, "no more questions"
            assert len(asked) <= MOST_QUESTIONS
        effects, _ = play(name, WHO[who], {question.id: "unsure"})
        assert not any(isinstance(it, ScheduleCheckIn) for it in effects), question.id
        if question.unsure >= 3:
            assert level_of(effects) >= 3, question.id


@pytest.mark.parametrize("name", catalogue())
def test_who_knows_nothing_at_all_is_seen_the_same_day(name):
    effects, _ = play(name, Facts(), dict.fromkeys(_ids(name), "unsure"))
    kept = next(it for it in effects if isinstance(it, KeepTriage))
    assert isinstance(kept.run.outcome, Outcome)
    assert kept.run.outcome.level >= 3
    assert level_of(effects) >= 3


def _ids(name: str) -> list[str]:
    presentation = catalogue()[name]
    return [one.id for one in (*presentation.base.questions.values(), *presentation.questions)]
