"""A conversation that staff put off."""

import asyncpg
import pytest

from clinic.conversation.service import snooze
from clinic.db import connect_arguments
from tests.integration.turns.rig import Rig

pytestmark = pytest.mark.server


async def put_off(rig: Rig) -> None:
    staff = await rig.value("insert into staff (name, role) values ('a', 'staff') returning id")
    async with rig.env.database.transaction() as tx:
        until = await tx.fetchval("select now() + interval '1 day'")
        await snooze(tx, await tx.fetchval("select id from conversation"), staff, until)


async def test_what_was_put_off_is_in_the_queue_when_the_patient_writes(rig: Rig) -> None:
    patient = rig.patient()
    await patient.comes_in()
    await put_off(rig)
    assert await patient.says("any news?") == "", "the bot stays silent"
    found = await rig.rows(
        "select owner, owner_staff_id, owner_until, snoozed_until, handoff_reason from conversation"
    )
    assert found == [("queue", None, None, None, "woken")]
    assert await rig.value("select queued_at is not null from conversation")
    kinds = await rig.rows("select kind from conversation_event order by id")
    assert kinds == [("snoozed",), ("woken",)]


async def test_a_turn_without_the_patient_wakes_nothing(rig: Rig) -> None:
    patient = rig.patient()
    await patient.comes_in()
    await put_off(rig)
    await rig.execute(
        """insert into timer (key, kind, due_at, conversation_id)
           select 'taken:' || id, 'taken', now(), id from conversation"""
    )
    await rig.runner.fire(await rig.value("select id from timer where kind = 'taken'"))
    assert await rig.value("select owner from conversation") == "staff"
    assert await rig.value("select snoozed_until is not null from conversation")


async def test_panels_are_told_of_a_turn_at_its_commit(rig: Rig, database_url: str) -> None:
    patient = rig.patient()
    await patient.comes_in()
    await rig.execute("update conversation set owner = 'queue'")
    told: list[str] = []
    listener = await asyncpg.connect(**connect_arguments(database_url))
    await listener.add_listener("kayoi_live", lambda *said: told.append(said[3]))
    await patient.says("hello")
    await listener.fetchval("select 1")  # what was told before its answer has come by then
    await listener.close()
    assert f"conversations:{patient.account_id}" in told
    assert all(one.split(":")[-1].isdecimal() or one.isalpha() for one in told), "ids only"
