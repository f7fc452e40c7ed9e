"""Every request has an answer and every deed somebody who does it."""

from typing import get_args

from bot.answers.every import ANSWERS
from bot.deeds import DEEDS
from flows import effects


def test_every_request_of_a_flow_is_answered() -> None:
    assert set(ANSWERS) == set(get_args(effects.Request))


def test_every_deed_of_a_flow_is_done() -> None:
    # Words are the runner's own, and an alarm is the dialogue's.
    assert set(DEEDS) | {effects.Say, effects.Alarm} == set(get_args(effects.Deed))
