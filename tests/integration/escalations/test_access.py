"""Escalations, the rota, own chats and notes, as the admin panel has them."""

from collections.abc import Awaitable, Callable
from datetime import time
from typing import TypeVar

import pytest

from clinic.db import Tx
from clinic.escalation.types import Gone, Mine, Shift, Taken, Theirs
from clinic.staff.access import conversations, escalations, inbox, notes, on_call
from clinic.staff.types import Role, Staff
from tests.integration.escalations.ward import Ward

pytestmark = pytest.mark.server
CHEST = "I have chest pain, since noon"
T = TypeVar("T")


async def do(ward: Ward, work: Callable[[Tx], Awaitable[T]]) -> T:
    async with ward.env.database.transaction() as tx:
        return await work(tx)


@pytest.fixture
async def escalation(ward: Ward) -> int:
    """An open one of level 4."""
    await ward.patient().says(CHEST)
    return int(await ward.value("select id from escalation"))


@pytest.fixture
async def staff(ward: Ward) -> dict[str, Staff]:
    """One of each role."""
    return {role: await ward.staff(f"The {role}", role) for role in Role}


async def test_everybody_sees_what_is_escalated_and_it_is_noted(
    ward: Ward, staff: dict[str, Staff], escalation: int
) -> None:
    keys = ward.env.keys
    for one in staff.values():
        (row,) = await do(ward, lambda tx, one=one: escalations.access_escalations(tx, keys, one))
        assert (row.id, row.level, row.rule, row.state) == (escalation, 4, "chest_pain", "open")
        opened = await do(
            ward, lambda tx, one=one: escalations.access_escalation(tx, keys, one, escalation)
        )
        assert opened is not None
        assert opened.said == CHEST
    acts = await ward.value("select count(*) from audit where action like 'staff:escalation:%'")
    assert acts == 6


async def test_a_doctor_opens_the_chat_of_an_escalation_and_of_no_other_stranger(
    ward: Ward, staff: dict[str, Staff], escalation: int
) -> None:
    await ward.patient("b").says("hello")
    keys, doctor = ward.env.keys, staff["doctor"]
    listed = await do(ward, lambda tx: inbox.access_conversations(tx, keys, doctor))
    assert listed is not None
    (head,) = listed.heads
    assert head.urgent
    await ward.execute("update escalation set state = 'closed', disposition = 'advice'")
    assert (
        await do(ward, lambda tx: conversations.access_conversation(tx, keys, doctor, head.id))
        is None
    )


async def test_the_panel_answers_as_the_chat_does(
    ward: Ward, staff: dict[str, Staff], escalation: int
) -> None:
    keys, desk, doctor, admin = (ward.env.keys, *(staff[it] for it in ("staff", "doctor", "admin")))
    assert await do(
        ward, lambda tx: escalations.access_acknowledge(tx, doctor, escalation)
    ) == Mine(True)
    assert await do(ward, lambda tx: escalations.access_called(tx, desk, escalation)) == Theirs(
        "acknowledged", "The doctor"
    )
    assert await do(
        ward, lambda tx: escalations.access_take_over(tx, doctor, escalation, 30)
    ) == Taken(True)
    close = escalations.access_close
    assert await do(ward, lambda tx: close(tx, keys, desk, escalation, "advice")) == Theirs(
        "acknowledged", "The doctor"
    )
    assert await do(ward, lambda tx: close(tx, keys, admin, escalation, "advice", "at ease")) == (
        Mine(False)
    )
    opened = await do(ward, lambda tx: escalations.access_escalation(tx, keys, admin, escalation))
    assert opened is not None
    assert (opened.note, opened.row.disposition) == ("at ease", "advice")
    assert opened.row.in_chat == opened.row.owner
    assert await do(ward, lambda tx: escalations.access_acknowledge(tx, desk, 9999)) == Gone()
    (row,) = await do(ward, lambda tx: escalations.access_escalations(tx, keys, desk, closed=True))
    assert row.id == escalation
    assert "at ease" not in await ward.value("select e::text from escalation e")


async def test_the_panel_shows_who_was_alerted_and_what_became_of_it(ward: Ward) -> None:
    doctor = await ward.doctor("Dr. Sato")
    await ward.patient().says(CHEST)
    await ward.sweep()
    opened = await do(
        ward,
        lambda tx: escalations.access_escalation(tx, ward.env.keys, doctor.staff, 1),
    )
    assert opened is not None
    assert [(it.round, it.name, it.state) for it in opened.alerts] == [(0, "Dr. Sato", "sent")]


async def test_only_an_admin_writes_the_rota(ward: Ward, staff: dict[str, Staff]) -> None:
    shift = Shift(staff["doctor"].id, 6, time(18), time(8), 1)
    write = on_call.access_write_rota
    assert not await do(ward, lambda tx: write(tx, staff["doctor"], [shift]))
    assert await do(ward, lambda tx: write(tx, staff["admin"], [shift]))
    assert await do(ward, lambda tx: on_call.access_rota(tx, staff["doctor"])) == [shift]


async def test_staff_see_and_end_their_own_links_and_an_admin_those_of_all(
    ward: Ward, staff: dict[str, Staff]
) -> None:
    doctor = await ward.doctor("Dr. Sato")
    code = await do(ward, lambda tx: on_call.access_staff_code(tx, ward.env.keys, staff["staff"]))
    assert code is not None
    assert "The staff" in await ward.patient("b").says(code)
    (own,) = await do(ward, lambda tx: on_call.access_linked_accounts(tx, staff["staff"]))
    everybody = await do(ward, lambda tx: on_call.access_linked_accounts(tx, staff["admin"]))
    assert len(everybody) == 2
    unlink = on_call.access_unlink_account
    assert not await do(ward, lambda tx: unlink(tx, doctor.staff, own.id))
    assert await do(ward, lambda tx: unlink(tx, staff["staff"], own.id))
    assert "119" in await ward.patient("b").says("I have chest pain")


async def test_internal_notes_are_sealed_and_no_patient_sees_them(
    ward: Ward, staff: dict[str, Staff], escalation: int
) -> None:
    talk = await ward.value("select conversation_id from escalation")
    keys, desk = ward.env.keys, staff["staff"]
    assert await do(ward, lambda tx: notes.access_write_note(tx, keys, desk, talk, "ask the son"))
    found = await do(ward, lambda tx: notes.access_notes(tx, keys, staff["doctor"], talk))
    assert [(it.staff_name, it.note) for it in found or ()] == [("The staff", "ask the son")]
    assert "son" not in await ward.value("select n::text from internal_note n")
    assert await ward.value("select count(*) from outbox where purpose = 'staff'") == 0
    await ward.patient("b").says("hello")
    other = await ward.value("select max(id) from conversation")
    assert await do(ward, lambda tx: notes.access_notes(tx, keys, staff["doctor"], other)) is None
    write = notes.access_write_note
    assert await do(ward, lambda tx: write(tx, keys, staff["doctor"], other, "x")) is None
