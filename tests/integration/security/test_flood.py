"""One chat cannot fill the lists that staff work from."""

import pytest

from bot.environment import Environment
from tests.integration.turns.rig import Rig

pytestmark = pytest.mark.server


async def test_a_red_flag_said_again_and_again_does_not_bury_those_of_others(
    env: Environment,
) -> None:
    rig = Rig(env)
    chat, other = rig.patient("a"), rig.patient("b")
    for _ in range(3):
        await chat.says("I have chest pain")
    await other.says("I have chest pain")
    open_flags = "select count(*) from escalation where state = 'open'"
    assert await rig.value(open_flags) == 2
    await rig.execute("update escalation set state = 'closed', disposition = 'advice'")
    await chat.says("I have chest pain")
    assert await rig.value(open_flags) == 1


async def test_a_request_to_be_linked_stands_for_the_earlier_ones_of_its_chat(
    env: Environment,
) -> None:
    rig = Rig(env)
    chat = rig.patient()
    await chat.comes_in()
    for _ in range(2):
        await chat.says("menu")
        await chat.presses("Link my record")
        await chat.presses("I have no code")
        for words in ("Maria Ito", "1980-02-03", "+819012345678"):
            await chat.says(words)
        await chat.presses_first()
    states = await rig.rows("select state from task where kind = 'link_request' order by id")
    assert states == [("closed",), ("open",)]
