"""What once kept a doctor from hearing of an escalation, or told them of the wrong person."""

import asyncio
import logging
from dataclasses import replace
from typing import get_args

import pytest

from clinic.escalation import service
from clinic.escalation.rules import shown_code
from clinic.escalation.types import Mine, Raised
from clinic.patient.types import Relation
from clinic.staff.access.alarm import access_alarm
from clinic.staff.service import set_disabled
from clinic.staff.types import Role, Staff
from scheduler.escalations import alert_due
from tests.integration.escalations.ward import Doctor, Ward
from tests.integration.turns.rig import Patient

pytestmark = pytest.mark.server
CHEST = "I have chest pain"
NOBODY = "nobody can be alerted"


async def speaks_for(ward: Ward, patient: Patient, name: str, relation: Relation = "child") -> int:
    """Link somebody to a patient's chat; their id."""
    return int(
        await ward.value(
            """with p as (insert into patient (key, name) values (gen_random_uuid(), $1)
                          returning id)
               insert into link (account_id, patient_id, relation, proof)
               select $2, id, $3, 'code' from p returning patient_id""",
            name,
            patient.account_id,
            relation,
        )
    )


async def raises(ward: Ward, patient: Patient, raised: Raised) -> int | None:
    talk = "select id from conversation where account_id = $1"
    async with ward.env.database.transaction() as tx:
        conversation = await tx.fetchval(talk, patient.account_id)
        return await service.raise_escalation(
            tx,
            ward.env.keys,
            patient.account_id,
            replace(raised, conversation_id=conversation),
        )


async def comes_in(ward: Ward) -> Patient:
    patient = ward.patient()
    await patient.comes_in()
    return patient


async def is_acknowledged(ward: Ward, patient: Patient, doctor: Doctor) -> None:
    """The patient's chest pain is the doctor's, and everybody knows."""
    await patient.says(CHEST)
    await ward.sweep()
    await doctor.answers("I take it")
    await ward.sweep()


async def time_passes(ward: Ward, minutes: int) -> None:
    """As `minutes_pass`, also for what the patient repeated."""
    await ward.execute(
        """update escalation set detail = detail || jsonb_build_object(
             'repeated_at', (detail ->> 'repeated_at')::float8 - 60 * $1::int)
           where detail ? 'repeated_at'""",
        minutes,
    )
    await ward.minutes_pass(minutes)


# Whom it is about ---------------------------------------------------------------------------------


async def test_the_fever_of_a_second_child_was_buried_under_that_of_the_first(ward: Ward) -> None:
    doctor = await ward.doctor("A")
    patient = await comes_in(ward)
    fever = Raised(0, "triage", "fever_infant", 4)
    for name in ("Aiko", "Ken"):
        child = await speaks_for(ward, patient, name)
        assert await raises(ward, patient, replace(fever, patient_id=child, said=f"{name} is hot"))
        await ward.sweep()
        assert f"\n{name}" in (await doctor.inbox())[-1].text
        await doctor.answers("I take it")
        await ward.sweep()
    assert await raises(ward, patient, fever)  # somebody whom nobody knows
    assert await ward.value("select count(*) from escalation where state = 'open'") == 1
    assert await ward.value("select count(*) from escalation") == 3


async def test_an_escalation_that_got_graver_told_of_it_in_the_old_words(ward: Ward) -> None:
    doctor = await ward.doctor("A")
    patient = await comes_in(ward)
    first = Raised(0, "triage", "fever_infant", 3, reasons=("one",), said="a little hot")
    await raises(ward, patient, first)
    await ward.sweep()
    await doctor.answers("I take it")
    graver = Raised(0, "questionnaire", "fever_infant", 4, reasons=("two",), said="he is limp")
    await raises(ward, patient, graver)
    rows = await ward.rows(
        "select source, level, detail -> 'reasons', state, owner_id from escalation"
    )
    assert rows == [("questionnaire", 4, ["two"], "open", None)]
    await ward.sweep()
    assert "he is limp" in (await doctor.inbox())[-1].text


@pytest.mark.parametrize("relation", get_args(Relation))
async def test_whoever_wrote_for_a_child_was_taken_for_the_child(
    ward: Ward, relation: Relation
) -> None:
    patient = await comes_in(ward)
    person = await speaks_for(ward, patient, "Hana", relation)
    await patient.says(CHEST)
    about = await ward.value("select patient_id from escalation")
    assert about == (person if relation == "self" else None)


# Said again ---------------------------------------------------------------------------------------


async def test_what_came_back_while_somebody_had_it_was_told_to_nobody(ward: Ward) -> None:
    doctor, other = await ward.doctor("A"), await ward.doctor("B")
    patient = await comes_in(ward)
    await is_acknowledged(ward, patient, doctor)
    await time_passes(ward, 50)
    before, others = len(await doctor.inbox()), len(await other.inbox())
    await patient.says(f"{CHEST} again, much worse")
    await ward.sweep()
    inbox = await doctor.inbox()
    assert len(inbox) == before + 1
    assert "again, much worse" in inbox[-1].text
    assert "Nobody has answered" not in inbox[-1].text
    assert len(await other.inbox()) == others  # who has it they know
    row = await ward.rows(
        """select o.state, o.dedup_key = 'alert:' || e.id || ':1:' || e.owner_id, e.state
           from outbox o join escalation e on e.id = o.escalation_id order by o.id desc limit 1"""
    )
    assert row == [("sent", True, "acknowledged")]
    acts = [row[0] for row in await ward.rows("select action from audit order by id")]
    assert "patient:escalation:repeat" in acts
    assert "system:escalation:repeat" in acts


async def test_one_patient_cannot_flood_the_owner_and_the_newest_words_are_not_lost(
    ward: Ward,
) -> None:
    doctor = await ward.doctor("A")
    patient = await comes_in(ward)
    await is_acknowledged(ward, patient, doctor)
    before = len(await doctor.inbox())
    for n in range(5):
        await patient.says(f"{CHEST}, number {n}")
        await ward.sweep()
    await time_passes(ward, 4)
    assert [it.text.count("number 0") for it in (await doctor.inbox())[before:]] == [1]
    await time_passes(ward, 2)
    assert [it.text.count("number 4") for it in (await doctor.inbox())[before:]] == [0, 1]
    await time_passes(ward, 30)
    assert len(await doctor.inbox()) == before + 2
    await time_passes(ward, 30)
    assert "Still open" in (await doctor.inbox())[-1].text


async def test_who_has_it_is_told_once_however_often_it_is_said(ward: Ward) -> None:
    doctor, other = await ward.doctor("A"), await ward.doctor("B")
    patient = await comes_in(ward)
    await patient.says(CHEST)
    await ward.sweep()
    await doctor.answers("I take it")
    for _ in range(3):  # the first time before anybody was told
        await patient.says(CHEST)
        await time_passes(ward, 6)
    told = [it for it in await other.inbox() if "A has taken this" in it.text]
    assert len(told) == 1
    assert sum(it.urgent for it in await doctor.inbox()) == 4


# An owner who is not there ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "gone",
    [
        "update staff set disabled_at = now() where name = 'A'",
        "delete from staff_account where staff_id = (select id from staff where name = 'A')",
        """update chat_account set unreachable_at = now() where id = (
             select account_id from staff_account o join staff s on s.id = o.staff_id
             where s.name = 'A')""",
    ],
    ids=["disabled", "unlinked", "unreachable"],
)
async def test_an_owner_who_cannot_be_reached_was_reminded_for_ever(ward: Ward, gone: str) -> None:
    doctor, other = await ward.doctor("A"), await ward.doctor("B")
    await is_acknowledged(ward, await comes_in(ward), doctor)
    await ward.execute(gone)
    await ward.minutes_pass(61)
    assert await ward.rows("select state, owner_id from escalation") == [("open", None)]
    assert await ward.rows(
        "select detail from audit where action = 'system:escalation:reopen'"
    ) == [({"owner": doctor.staff.id, "reason": "owner_unreachable"},)]
    await ward.sweep()
    assert (await other.inbox())[-1].urgent
    await other.answers("I take it")
    assert await ward.value("select owner_id from escalation") == other.staff.id


async def test_an_owner_at_the_panel_without_a_chat_lost_the_escalation_at_the_reminder(
    ward: Ward,
) -> None:
    owner, other = await ward.staff("A"), await ward.doctor("B")
    await (await comes_in(ward)).says(CHEST)
    await ward.sweep()
    async with ward.env.database.transaction() as tx:
        await service.own(tx, owner.id, 1)
        await tx.execute(
            "insert into staff_session (token_hash, staff_id, csrf_token) values ('t', $1, 'c')",
            owner.id,
        )

    async def rings(staff: Staff) -> int:
        async with ward.env.database.transaction() as tx:
            return (await access_alarm(tx, staff)).count

    await ward.minutes_pass(1)
    assert await rings(owner) == 0
    await ward.minutes_pass(61)
    assert await ward.rows("select state, owner_id from escalation") == [("acknowledged", owner.id)]
    assert (await rings(owner), await rings(other.staff)) == (1, 0)
    async with ward.env.database.transaction() as tx:  # "I am still on it"
        assert await service.own(tx, owner.id, 1) == Mine(fresh=False)
    assert await rings(owner) == 0
    await ward.minutes_pass(61)
    assert await rings(owner) == 1
    await ward.minutes_pass(6)  # they do nothing, so it is for all again
    assert await ward.rows("select state, owner_id from escalation") == [("open", None)]
    await ward.sweep()
    assert (await other.inbox())[-1].urgent
    assert (await rings(owner), await rings(other.staff)) == (1, 1)


async def test_what_a_disabled_doctor_had_was_nobodys(ward: Ward) -> None:
    doctor, other = await ward.doctor("A"), await ward.doctor("B")
    admin = await ward.staff("Admin", Role.ADMIN)
    await is_acknowledged(ward, await comes_in(ward), doctor)
    async with ward.env.database.transaction() as tx:
        assert await set_disabled(tx, doctor.staff.id, True, by=admin)
    rows = await ward.rows(
        """select e.state, e.owner_id, e.xmin = s.xmin, a.actor_id
           from escalation e, staff s, audit a
           where s.name = 'A' and a.action = 'staff:escalation:reopen' and a.subject_id = e.id"""
    )
    assert rows == [("open", None, True, admin.id)]
    before = len(await other.inbox())
    await ward.sweep()
    assert (await other.inbox())[before].urgent


async def test_an_account_that_is_opened_again_takes_nothing_from_its_owner(ward: Ward) -> None:
    doctor, admin = await ward.doctor("A"), await ward.staff("Admin", Role.ADMIN)
    await is_acknowledged(ward, await comes_in(ward), doctor)
    async with ward.env.database.transaction() as tx:
        assert await set_disabled(tx, doctor.staff.id, False, by=admin)
    assert await ward.value("select state from escalation") == "acknowledged"


# Rows that cannot be read -------------------------------------------------------------------------


async def test_one_unreadable_row_stopped_every_alert(
    ward: Ward, caplog: pytest.LogCaptureFixture
) -> None:
    doctor = await ward.doctor("A")
    await ward.patient("a").says(f"{CHEST} canary")
    await ward.patient("b").says(f"{CHEST}, since noon")
    await ward.execute(
        "update escalation set said = 'x' where id = (select min(id) from escalation)"
    )
    with caplog.at_level(logging.ERROR):
        await ward.sweep()
    texts = [it.text for it in await doctor.inbox()]
    assert len(texts) == 2
    assert sum("since noon" in it for it in texts) == 1
    assert "escalation unreadable: escalation=1 Sealed" in caplog.text
    assert "canary" not in caplog.text


async def test_an_alert_that_cannot_be_written_goes_out_plain(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctor = await ward.doctor("A")
    await (await comes_in(ward)).says(f"{CHEST}, since noon")
    monkeypatch.setattr("bot.alerts._cut", lambda said: said if not said else 1 / 0)
    await ward.sweep()
    (alert,) = await doctor.inbox()
    assert alert.text.startswith("EMERGENCY NOW (level 4)\nChest pain")
    assert "noon" not in alert.text
    assert await ward.value("select round from escalation") == 1


# More than one chat, and none ---------------------------------------------------------------------


async def links(ward: Ward, doctor: Doctor, name: str, channel: str) -> int:
    """Link one more chat of a doctor's; its account."""
    chat = ward.patient(name)
    await chat.says(shown_code(await ward.code(doctor.staff)))
    return await of_channel(ward, chat.account_id, channel)


async def of_channel(ward: Ward, account_id: int, channel: str) -> int:
    await ward.execute("update chat_account set channel = $2 where id = $1", account_id, channel)
    return account_id


def with_channels(ward: Ward) -> Ward:
    """A ward in which LINE and Telegram are set up, too: nothing is sent through them here."""
    web = ward.env.channels["webchat"]
    return Ward(replace(ward.env, channels={"webchat": web, "line": web, "telegram": web}))


async def alerted(ward: Ward) -> list[int]:
    rows = await ward.rows("select account_id from outbox where purpose = 'alert' order by 1")
    return [row[0] for row in rows]


async def test_a_web_chat_that_was_linked_later_silenced_line(ward: Ward) -> None:
    ward = with_channels(ward)
    doctor = await ward.doctor("A")
    line = await of_channel(ward, doctor.account_id, "line")
    web = await links(ward, doctor, "web", "webchat")
    await ward.patient().says(CHEST)
    await alert_due(ward.env)
    assert await alerted(ward) == [line]
    await ward.execute("update chat_account set unreachable_at = now() where id = $1", line)
    await ward.minutes_pass(5)
    assert await alerted(ward) == [line, web]  # better than nothing


async def test_only_the_newest_of_a_doctors_chats_was_alerted(ward: Ward) -> None:
    ward = with_channels(ward)
    doctor, other = await ward.doctor("A"), await ward.doctor("B")
    line = await of_channel(ward, doctor.account_id, "line")
    telegram = await links(ward, doctor, "telegram", "telegram")
    await ward.patient().says(CHEST)
    done = await asyncio.gather(*(alert_due(ward.env) for _ in range(4)))
    assert sum(done) == 1
    assert await alerted(ward) == sorted([line, telegram, other.account_id])
    assert await ward.rows(
        """select account_id, dedup_key from outbox where purpose = 'alert'
           and account_id <> $1 order by id""",
        other.account_id,
    ) == [
        (line, f"alert:1:0:{doctor.staff.id}:{line}"),
        (telegram, f"alert:1:0:{doctor.staff.id}"),  # as the panel looks for it
    ]
    async with ward.env.database.transaction() as tx:
        await service.own(tx, other.staff.id, 1)
    await alert_due(ward.env)
    told = await ward.rows("select account_id from outbox where dedup_key like 'told:%' order by 1")
    assert told == [(it,) for it in sorted([line, telegram])]


async def test_with_nobody_to_alert_nobody_knew(
    ward: Ward, caplog: pytest.LogCaptureFixture
) -> None:
    await ward.staff("A")
    await ward.patient().says(CHEST)
    with caplog.at_level(logging.ERROR):
        await ward.sweep()
        await ward.minutes_pass(5)
    assert caplog.text.count(NOBODY) == 1
    task = "select kind, state, conversation_id is not null, detail from task"
    assert await ward.rows(task) == [
        ("undelivered", "open", True, {"escalation": 1, "reason": "nobody_reachable"})
    ]


async def test_a_channel_that_is_not_set_up_reaches_nobody(ward: Ward) -> None:
    doctor = await ward.doctor("A")
    await of_channel(ward, doctor.account_id, "line")
    web = await links(ward, doctor, "web", "webchat")
    await ward.patient().says(CHEST)
    await alert_due(ward.env)
    assert await alerted(ward) == [web]


def test_the_longest_name_of_an_alert_fits() -> None:
    longest = 2**63 - 1
    assert len(f"remind:{longest}:{2**31 - 1}:{longest}:{longest}") <= 96
