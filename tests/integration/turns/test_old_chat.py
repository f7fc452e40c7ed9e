"""A chat that no longer speaks for a patient gets nothing about them, neither what waited for it
already nor what falls due later (R20)."""

from collections.abc import Awaitable, Callable

import pytest

from bot.outbox_lanes import Lanes
from clinic.link.service import bind, make_link_code, unbind
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import DeliveryClass, Message
from clinic.questionnaire import service
from clinic.record.erasure import erase
from scheduler.sweeps import Sweeps
from tests.integration.turns.rig import Patient, Rig

pytestmark = pytest.mark.server
CANARY = "Zyxomma Quibberwick"
# Everything that goes to a patient unasked, and what staff or the bot wrote to them.
PURPOSES = ("dialogue", "staff", "queue", "reminder", "offer", "form", "check_in", "question")
PURPOSES += ("plan", "greeting", "education", "marketing")
Ending = Callable[[Rig, Patient, int], Awaitable[None]]


async def kept(rig: Rig, old: Patient, patient: int) -> None:
    """Nothing changes: what waits goes out."""


async def unlinked(rig: Rig, old: Patient, patient: int) -> None:
    """Staff take the chat from the record."""
    async with rig.env.database.transaction() as tx:
        assert await unbind(tx, old.account_id, patient)


async def moved(rig: Rig, old: Patient, patient: int) -> None:
    """The patient has a new chat, and the old one speaks for them no more."""
    new = rig.patient("new")
    await new.comes_in()
    async with rig.env.database.transaction() as tx:
        code = await make_link_code(tx, rig.env.keys, patient, None)
        assert await unbind(tx, old.account_id, patient)
    await new.starts(code)
    assert await rig.value("select count(*) from link where ended_at is null") == 1


async def given_to_another(rig: Rig, old: Patient, patient: int) -> None:
    """The chat turned out to be somebody else's."""
    other = await rig.value(
        "insert into patient (key, name) values (gen_random_uuid(), 'Olga Brown') returning id"
    )
    async with rig.env.database.transaction() as tx:
        assert await unbind(tx, old.account_id, patient)
        await bind(tx, rig.env.keys, old.account_id, other, "self", "staff")


async def erased(rig: Rig, old: Patient, patient: int) -> None:
    """The patient wants to be forgotten."""
    async with rig.env.database.transaction() as tx:
        assert await erase(tx, rig.env.keys, patient, None) is None


async def linked(rig: Rig) -> tuple[Patient, int]:
    """A chat that speaks for a patient of the clinic by a code of the desk."""
    chat = rig.patient("old")
    await chat.comes_in()
    async with rig.env.database.transaction() as tx:
        patient = await tx.fetchval(
            "insert into patient (key, name) values (gen_random_uuid(), $1) returning id", CANARY
        )
        code = await make_link_code(tx, rig.env.keys, patient, None)
    await chat.starts(code)
    for purpose in ("care", "marketing"):
        await rig.execute(
            """insert into consent (account_id, purpose, notice_version, given)
               values ($1, $2, '1', true)""",
            chat.account_id,
            purpose,
        )
    return chat, patient


async def queue(rig: Rig, chat: Patient, patient: int) -> None:
    """A message of every purpose waits for the chat; one is with a worker that died."""
    version = await rig.value(
        "select link_version from chat_account where id = $1", chat.account_id
    )
    for purpose in PURPOSES:
        written = Outgoing(
            chat.account_id,
            Message(f"{CANARY}: {purpose}", "en"),
            f"late:{purpose}",
            purpose,
            link_version=version,
            patient_id=patient,
            delivery_class=DeliveryClass.CAMPAIGN
            if purpose in ("greeting", "education", "marketing")
            else DeliveryClass.MUST_ARRIVE,
        )
        async with rig.env.database.transaction() as tx:
            assert await enqueue(tx, rig.env.keys, written) is not None
    await rig.execute(
        """update outbox set state = 'leased', lease_token = gen_random_uuid(),
             lease_until = now() - interval '1 second' where dedup_key = 'late:staff'"""
    )


async def falls_due(rig: Rig, chat: Patient, patient: int) -> None:
    """A visit of tomorrow has its reminder due, and a questionnaire is to be asked for."""
    visit = await chat.books(CANARY)
    assert await rig.value("select patient_id from appointment where id = $1", visit) == patient
    await rig.execute(
        """update appointment set starts_at = now() + interval '23 hours',
             ends_at = now() + interval '24 hours',
             during = tstzrange(now() + interval '23 hours', now() + interval '24 hours')"""
    )
    await rig.execute(
        """update timer set due_at = now() where id = (
             select id from timer where kind = 'reminder' order by due_at limit 1)"""
    )
    async with rig.env.database.transaction() as tx:
        form = await tx.fetchval("select id from questionnaire where name = 'gad_7'")
        await service.request(tx, "staff:gad_7", form, patient)


async def work(rig: Rig) -> None:
    """What a worker does, some times over."""
    sweeps = Sweeps(rig.env, rig.runner, rig.sender)
    for _ in range(3):
        for sweep in (sweeps.reminders, sweeps.forms, sweeps.check_ins, sweeps.plans):
            await sweep()
        while await rig.sender.sweep():
            pass
        lanes = Lanes(rig.env, rig.sender)
        while await lanes.sweep():
            pass
        await lanes.finish()


async def arrived(rig: Rig, chat: Patient, since: int) -> list[str]:
    """The purposes of what went to the chat after a message."""
    rows = await rig.rows(
        """select purpose from outbox where account_id = $1 and id > $2
             and state in ('sent', 'delivered', 'inflight') order by purpose""",
        chat.account_id,
        since,
    )
    return [row[0] for row in rows]


ENDINGS = [unlinked, moved, given_to_another, erased]


@pytest.mark.parametrize("ending", [kept, *ENDINGS], ids=lambda it: it.__name__)
async def test_what_waited_for_the_old_chat_never_goes_there(clinic: Rig, ending: Ending) -> None:
    chat, patient = await linked(clinic)
    since = await clinic.value("select max(id) from outbox")
    await queue(clinic, chat, patient)
    await ending(clinic, chat, patient)
    await work(clinic)
    got = await arrived(clinic, chat, since)
    if ending is kept:
        assert set(got) >= {"dialogue", "staff", "reminder", "form", "plan", "question"}, got
        return
    assert got == []
    waits = "select count(*) from outbox where id > $1 and state in ('pending', 'leased')"
    assert await clinic.value(f"{waits} and account_id = $2", since, chat.account_id) == 0


@pytest.mark.parametrize("ending", [kept, *ENDINGS], ids=lambda it: it.__name__)
async def test_what_falls_due_afterwards_does_not_go_to_the_old_chat(
    clinic: Rig, ending: Ending
) -> None:
    chat, patient = await linked(clinic)
    await falls_due(clinic, chat, patient)
    since = await clinic.value("select max(id) from outbox")
    await ending(clinic, chat, patient)
    await work(clinic)
    got = await arrived(clinic, chat, since)
    assert got == (["form", "reminder"] if ending is kept else [])
    if ending is moved:
        told = await clinic.rows(
            """select o.purpose from outbox o join link l on l.account_id = o.account_id
               where l.patient_id = $1 and l.ended_at is null and o.state = 'sent'
                 and o.purpose in ('form', 'reminder') order by 1""",
            patient,
        )
        assert [row[0] for row in told] == ["form", "reminder"]
