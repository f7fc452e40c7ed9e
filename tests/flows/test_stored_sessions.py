"""Sessions stored by any version of a flow load for ever and can be gone on with."""

import json

import pytest

from flows.codec import dump_session, load_session
from flows.engine import FlowError, advance
from flows.events import Entered
from tests.flows.store import FOLDER, sessions
from tests.flows.world import CTX, World

STORED = sorted(FOLDER.rglob("*.json"))


@pytest.mark.parametrize("path", STORED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_stored_session_loads_and_goes_on(path):
    session = load_session(json.loads(path.read_text(encoding="utf-8")))
    assert load_session(dump_session(session)) == session
    event = World().good(session.request) if session.request else Entered()
    turn = advance(session, event, CTX)
    assert turn.effects or turn.session.request


def test_every_step_that_waits_has_a_stored_session():
    missing = [path.name for path, _ in sessions() if not path.exists()]
    assert missing == [], "add them: python -m tests.flows.store"


def test_a_session_of_an_unknown_flow_or_step_is_not_guessed():
    data = json.loads(STORED[0].read_text(encoding="utf-8"))
    with pytest.raises(FlowError, match="no flow"):
        load_session({**data, "version": 99})
    with pytest.raises(FlowError, match="no step"):
        load_session({**data, "step": {"is": "Gone"}})
