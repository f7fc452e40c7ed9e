"""What a turn costs: the engine has a millisecond for an answer to a questionnaire of 30 items."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from clinic.questionnaire import rules
from clinic.questionnaire.read import parse, read
from clinic.questionnaire.types import Answers, Questionnaire
from tests.unit.clinic.questionnaire.answerer import ON, values_for
from tests.unit.clinic.questionnaire.making import Json, expressed, item, resource, when

FIXTURES = Path(__file__).with_name("fixtures")
MOST = 0.001  # seconds an answer, with the question after it
USUAL = 0.002  # seconds that `_plain_work` takes on a core of 2020 that nobody else uses


def _seconds_an_answer(questionnaire: Questionnaire) -> float:
    random = Random(3)
    answers, count, spent = rules.begin(ON), 0, 0.0
    while (question := rules.next_question(questionnaire, answers)) is not None:
        values = (False,) if question.another else tuple(values_for(question.item, random))
        begun = time.thread_time()
        taken = rules.answer(questionnaire, answers, question, values)
        assert isinstance(taken, Answers)
        rules.next_question(questionnaire, taken)
        spent += time.thread_time() - begun
        answers, count = taken, count + 1
    return spent / count


def _plain_work() -> float:
    """Seconds of work that has nothing to do with us: how slow the machine is just now."""
    begun, kept = time.thread_time(), {}
    for number in range(20_000):
        kept[number % 97] = (number, str(number))
    return time.thread_time() - begun


@pytest.fixture
def untraced() -> Iterator[None]:
    """Counting covered lines takes ten times what is measured here."""
    tracer = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(tracer)


@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize("name", ["thirty_items", "total_by_ordinals", "body_mass_index"])
def test_an_answer_costs_less_than_a_millisecond(name: str) -> None:
    content = parse((FIXTURES / f"{name}.json").read_bytes())
    assert not isinstance(content, tuple)
    questionnaire = read(content)
    assert isinstance(questionnaire, Questionnaire)
    # The best of several, and this thread's own time: others may be at work on the machine. Who
    # shares a core with them is slower even so: that is measured at the same moment.
    seconds, usual = zip(
        *((_seconds_an_answer(questionnaire), _plain_work()) for _ in range(8)), strict=True
    )
    assert min(seconds) < MOST * max(1.0, min(usual) / USUAL)


@pytest.mark.usefixtures("untraced")
def test_a_thousand_items_are_read_and_played_in_time() -> None:
    items: list[Json] = [item("q0", "boolean")]
    for number in range(1, 1000):
        condition = when(f"q{number - 1}", "exists", answerBoolean=True)
        items.append(item(f"q{number}", "boolean", enableWhen=[condition]))
    begun = time.thread_time()
    questionnaire = read(resource(*items))
    assert isinstance(questionnaire, Questionnaire)
    answers = rules.begin(ON)
    for _ in range(20):
        question = rules.next_question(questionnaire, answers)
        assert question is not None
        taken = rules.answer(questionnaire, answers, question, (True,))
        assert isinstance(taken, Answers)
        answers = taken
    assert time.thread_time() - begun < 5


@pytest.mark.usefixtures("untraced")
def test_the_worst_expressions_of_a_stranger_end_soon() -> None:
    """A question hangs on each of two hundred, and each takes all the steps that there are."""
    source = "%resource.descendants().select(%questionnaire.descendants()).distinct().empty()"
    items: list[Json] = [item("q", "boolean")]
    items += [expressed(f"e{n}", "boolean", "enableWhenExpression", source) for n in range(200)]
    questionnaire = read(resource(*items))
    assert isinstance(questionnaire, Questionnaire)
    begun = time.thread_time()
    question = rules.next_question(questionnaire, rules.begin(ON))
    assert question is not None
    taken = rules.answer(questionnaire, rules.begin(ON), question, (True,))
    assert isinstance(taken, Answers)
    assert time.thread_time() - begun < 3
