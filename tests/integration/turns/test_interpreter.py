"""An interpreter in another process is asked about a text while nobody waits for the answer."""

from dataclasses import replace
from typing import Any

import pytest

from nlu.reading import Reading
from tests.integration.turns.rig import Rig

pytestmark = pytest.mark.server


class Elsewhere:
    """Reads everything as a wish to see one's visits, and looks whether the lock is free."""

    local = False

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.asked: list[str] = []
        self.locks: list[int] = []
        self.meanwhile: Any = None

    async def read(self, text: str, language: str) -> Reading:
        self.asked.append(text)
        self.locks.append(
            len(
                await self.rig.rows(
                    "select id from conversation where account_id is not null"
                    " for no key update skip locked"
                )
            )
        )
        if self.meanwhile:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        return Reading((("my_visits", 0.99),))

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def elsewhere(rig: Rig) -> tuple[Rig, Elsewhere]:
    found = Elsewhere(rig)
    return Rig(replace(rig.env, interpreter=found)), found


async def test_the_conversation_is_not_locked_while_another_process_reads(
    elsewhere: tuple[Rig, Elsewhere],
) -> None:
    rig, interpreter = elsewhere
    patient = rig.patient()
    await patient.comes_in()
    said = await patient.says("qqq what about me")
    assert interpreter.asked == ["qqq what about me"]
    assert interpreter.locks == [1]
    assert "no coming visits" in said.lower() or "visit" in said


async def test_presses_are_not_sent_to_be_read(elsewhere: tuple[Rig, Elsewhere]) -> None:
    rig, interpreter = elsewhere
    patient = rig.patient()
    await patient.comes_in()
    await patient.presses_first()
    assert interpreter.asked == []


async def test_an_event_that_another_process_handled_meanwhile_is_not_handled_again(
    elsewhere: tuple[Rig, Elsewhere],
) -> None:
    rig, interpreter = elsewhere
    patient = rig.patient()
    await patient.comes_in()
    before = await rig.value("select turn from conversation")

    async def the_other() -> None:
        await rig.runner.handle_next(patient.account_id)

    interpreter.meanwhile = the_other
    await patient.says("qqq what about me")
    assert await rig.value("select turn from conversation") == before + 1
    assert interpreter.asked == ["qqq what about me"] * 2


async def test_what_patients_write_to_staff_is_read_by_nobody_else(
    elsewhere: tuple[Rig, Elsewhere],
) -> None:
    rig, interpreter = elsewhere
    patient = rig.patient()
    await patient.comes_in()
    await rig.execute("update conversation set owner = 'queue'")
    await patient.says("it is a private matter")
    assert interpreter.asked == []
