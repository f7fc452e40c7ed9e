"""A restored copy reads what patients write, and answers nobody."""

from pathlib import Path

import pytest

from clinic.installation.service import mute, recognise
from tests.integration.turns.rig import Rig

pytestmark = pytest.mark.server


async def test_the_answer_to_a_patient_waits_in_a_muted_copy(rig: Rig, tmp_path: Path) -> None:
    async with rig.env.database.transaction() as tx:
        await recognise(tx, tmp_path)
        await mute(tx, "restored")
    await rig.patient().does(kind="start", payload="")
    assert await rig.value("select turn from conversation") == 1
    await rig.sender.sweep()
    await rig.sender.finish()
    states = {tuple(row) for row in await rig.rows("select state, reason from outbox")}
    assert states == {("pending", "muted")}
