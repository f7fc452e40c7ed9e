"""What the engine refuses: flows that contradict themselves, and events that come too late."""

from dataclasses import dataclass

import pytest

from flows.effects import ListServices
from flows.engine import (
    MAX_HISTORY,
    MAX_MOVES_PER_TURN,
    Flow,
    FlowError,
    advance,
    done,
    goto,
    request,
    start,
    wait,
)
from flows.events import Chose, ServicesListed, VisitsListed
from tests.flows.world import CHECK_UP, CTX


@dataclass(frozen=True)
class Asks:
    """Asks the world for the services, and ends with its answer."""

    def on(self, event, ctx):
        if isinstance(event, ServicesListed):
            return done(self)
        return request(self, ListServices())


@dataclass(frozen=True)
class Runs:
    """Goes on to itself for so many moves, then waits."""

    left: int

    def on(self, event, ctx):
        return goto(Runs(self.left - 1)) if self.left else wait(self)


@dataclass(frozen=True)
class Counts:
    """Goes on to the next number at each choice."""

    number: int = 0

    def on(self, event, ctx):
        return goto(Counts(self.number + 1)) if isinstance(event, Chose) else wait(self)


ASKING = Flow("asking", 1, Asks, (Asks,))


def running(moves):
    return Flow("running", 1, lambda: Runs(moves), (Runs,))


def test_a_session_that_is_over_takes_no_event():
    over = advance(start(ASKING, CTX).session, ServicesListed((CHECK_UP,)), CTX).session
    with pytest.raises(FlowError, match="asking: session is over"):
        advance(over, Chose("1"), CTX)


@pytest.mark.parametrize("event", [VisitsListed(()), Chose("1")])
def test_a_request_takes_nothing_but_its_answer(event):
    with pytest.raises(FlowError, match=f"{type(event).__name__} does not answer"):
        advance(start(ASKING, CTX).session, event, CTX)


def test_a_turn_that_comes_to_no_wait_is_an_error():
    assert len(start(running(MAX_MOVES_PER_TURN - 1), CTX).path) == MAX_MOVES_PER_TURN
    with pytest.raises(FlowError, match=f"no wait in {MAX_MOVES_PER_TURN} steps, at Runs"):
        start(running(MAX_MOVES_PER_TURN), CTX)


def test_the_way_back_is_as_long_as_the_last_answers():
    session = start(Flow("counting", 1, Counts, (Counts,)), CTX).session
    for _ in range(MAX_HISTORY + 5):
        session = advance(session, Chose("next"), CTX).session
    assert session.history == tuple(Counts(number) for number in range(5, MAX_HISTORY + 5))
