"""What the web chat's page is told of each line, by the ledgers."""

import pytest

from bot.webchat_backend import WebChatBackend
from clinic.message.service import write_staff_message
from clinic.staff.service import add_staff
from clinic.staff.types import Role, Staff
from tests.integration.turns.rig import Rig

pytestmark = pytest.mark.server


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.STAFF])
async def test_a_doctors_line_said_staff_instead_of_who_writes(rig: Rig, role: Role) -> None:
    patient = rig.patient()
    await patient.comes_in()
    talk = await rig.value("select id from conversation")
    async with rig.env.database.transaction() as tx:
        staff = await add_staff(tx, "Dr. Sato", role)
        assert isinstance(staff, Staff)
        await write_staff_message(tx, rig.env.keys, talk, staff.id, "How are you?")
    await rig.sender.sweep()
    backend = WebChatBackend(rig.env, rig.inbox, rig.turns)
    lines = await backend.history(patient.address, None, 50)
    assert [(it.side, it.name, it.doctor) for it in lines if it.side == "staff"] == [
        ("staff", "Dr. Sato", role is Role.DOCTOR)
    ]
    assert {it.name for it in lines if it.side != "staff"} == {""}
