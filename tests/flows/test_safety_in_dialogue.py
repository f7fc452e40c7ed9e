"""Red flags are heard wherever they are written."""

from flows.dialogue import Dialogue, receive
from flows.effects import Escalate, Say
from flows.events import Edited
from tests.flows.world import CTX


def test_a_message_changed_into_an_emergency_is_heard() -> None:
    reaction = receive(Dialogue(), Edited("I have chest pain"), CTX)
    assert any(isinstance(effect, Escalate) for effect in reaction.effects)
    assert any(isinstance(effect, Say) and effect.urgent for effect in reaction.effects)


def test_a_message_changed_into_anything_else_changes_nothing() -> None:
    assert receive(Dialogue(), Edited("tomorrow instead"), CTX).effects == ()
