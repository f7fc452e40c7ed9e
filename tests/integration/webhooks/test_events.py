"""What happens in the clinic is told by the code that does it, and says nothing of what people
wrote."""

from pathlib import Path
from typing import Any

import pytest

import clinic as product
from bot.environment import Environment
from clinic.booking import service as booking
from clinic.booking.types import Visit
from clinic.db import Database
from clinic.escalation import service as escalations
from clinic.link.service import make_link_code, try_code
from clinic.questionnaire.service import Submitted, submit
from clinic.staff.service import add_staff
from clinic.staff.types import Role, Staff
from clinic.webhook import service
from clinic.webhook.types import Kind, Wanted
from tests.integration.booking.clinic import KEYS, Clinic, make
from tests.integration.booking.deeds import book, cancel, move
from tests.integration.turns.rig import Rig
from tests.integration.webhooks.receiver import EVERYTHING, Receiver, Teller

pytestmark = pytest.mark.server


async def told(db: Database) -> list[tuple[str, dict[str, Any]]]:
    async with db.transaction() as tx:
        rows = await tx.fetch("select kind, data from webhook_event order by id")
    return [(row["kind"], row["data"]) for row in rows]


@pytest.fixture
async def clinic(env: Environment) -> Clinic:
    """A small clinic one other system of which wants to hear of everything."""
    async with env.database.transaction() as tx:
        await service.add(tx, KEYS, Wanted("Sheet", "https://example.com/", EVERYTHING))
    return await make(env.database)


async def test_a_visit_is_told_from_its_booking_to_its_end(clinic: Clinic) -> None:
    slots = await clinic.slots()
    visit = await book(clinic, slots[0], note="canary of a knee")
    async with clinic.db.transaction() as tx:
        await booking.book_held(tx, clinic.actor(), visit.id)  # again: nothing happens
    moved = await move(clinic, visit, slots[1])
    assert isinstance(moved, Visit)
    async with clinic.db.transaction() as tx:
        await booking.confirm_visit(tx, clinic.actor(), moved.id, moved.version)
        await booking.confirm_visit(tx, clinic.actor(), moved.id, moved.version)
    await cancel(clinic, moved)
    ids = {"appointment_id": visit.id, "patient_id": clinic.patients[0]}
    heard = await told(clinic.db)
    assert [kind for kind, _ in heard] == [
        "appointment.booked",
        "appointment.moved",
        "appointment.confirmed",
        "appointment.cancelled",
    ]
    assert all(data == ids for _, data in heard)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("arrived", "appointment.arrived"),
        ("fulfilled", "appointment.fulfilled"),
        ("noshow", "appointment.missed"),
    ],
)
async def test_what_became_of_a_visit_is_told(clinic: Clinic, status: Any, kind: str) -> None:
    visit = await book(clinic, (await clinic.slots())[0])
    async with clinic.db.transaction() as tx:
        await tx.execute(
            """update appointment set starts_at = starts_at - interval '10 days',
                 ends_at = ends_at - interval '10 days',
                 during = tstzrange(starts_at - interval '10 days', ends_at - interval '10 days')"""
        )
        await booking.set_status(tx, clinic.staff(), visit.id, visit.version, status)
    assert (await told(clinic.db))[-1][0] == kind


async def test_a_hold_that_ran_out_and_is_taken_again_is_told_once(clinic: Clinic) -> None:
    visit = await book(clinic, (await clinic.slots())[0])
    async with clinic.db.transaction() as tx:
        await tx.execute("update appointment set status = 'expired'")
        await tx.execute("update allocation set status = 'released'")
        await tx.execute("delete from webhook_delivery")
        await tx.execute("delete from webhook_event")
    async with clinic.db.transaction() as tx:
        assert isinstance(await booking.book_held(tx, clinic.actor(), visit.id), Visit)
    assert [kind for kind, _ in await told(clinic.db)] == ["appointment.booked"]


async def test_a_patient_who_links_and_stops_is_told_by_number(clinic: Clinic) -> None:
    account, patient = clinic.accounts[1], clinic.patients[0]
    async with clinic.db.transaction() as tx:
        code = await make_link_code(tx, KEYS, patient, None)
        await try_code(tx, KEYS, account, code)
    assert await told(clinic.db) == [
        ("patient.linked", {"patient_id": patient, "account_id": account, "relation": "self"})
    ]


async def test_a_chat_tells_of_a_stop_a_queue_and_an_emergency_without_its_words(
    env: Environment, receiver: Receiver
) -> None:
    teller = Teller(env)
    await teller.add(receiver.url)
    rig = Rig(env)
    patient = rig.patient()
    await patient.comes_in()
    await patient.says("crushing chest pain, canary Hanako, I can't breathe")
    other = rig.patient("b")
    await other.comes_in()
    await other.says("I want to talk to a person")
    if await rig.value("select max(owner) from conversation") != "queue":
        await other.presses("Talk to staff")
    third = rig.patient("c")
    await third.comes_in()
    await third.says("stop")
    while await teller.deliver():
        pass
    kinds = {one.said["type"] for one in receiver.heard}
    assert {"escalation.raised", "conversation.queued", "patient.opted_out"} <= kinds
    everything = b"".join(one.body for one in receiver.heard)
    for word in (b"canary", b"Hanako", b"chest", b"breathe"):
        assert word not in everything


async def test_an_escalation_is_told_until_it_is_closed(env: Environment) -> None:
    async with env.database.transaction() as tx:
        await service.add(tx, env.keys, Wanted("Sheet", "https://example.com/", EVERYTHING))
        doctor = await add_staff(tx, "Sato", Role.DOCTOR)
    assert isinstance(doctor, Staff)
    rig = Rig(env)
    patient = rig.patient()
    await patient.comes_in()
    await patient.says("crushing chest pain, I can't breathe")
    case = await rig.value("select id from escalation")
    async with env.database.transaction() as tx:
        await escalations.own(tx, doctor.id, case)
        await escalations.close(tx, env.keys, doctor.id, case, "advice", "canary of a note")
    heard = [one for one in await told(env.database) if one[0].startswith("escalation")]
    assert heard == [
        ("escalation.raised", {"escalation_id": case, "level": 4, "source": "red_flag"}),
        ("escalation.acknowledged", {"escalation_id": case, "staff_id": doctor.id}),
        ("escalation.closed", {"escalation_id": case, "disposition": "advice"}),
    ]


async def test_answers_are_told_of_and_not_told(clinic: Clinic) -> None:
    patient = clinic.patients[0]
    async with clinic.db.transaction() as tx:
        form = await tx.fetchval(
            """insert into questionnaire (url, version, name, title, status, resource)
               values ('urn:x', 1, 'x', '{}', 'active', '{}') returning id"""
        )
        asked = await tx.fetchval(
            """insert into questionnaire_request (key, questionnaire_id, patient_id, state, send_at)
               values ('k', $1, $2, 'in_progress', now()) returning id""",
            form,
            patient,
        )
        answers = Submitted(asked, clinic.accounts[0], "en", {"canary": ["yes"]}, {}, ())
        response = await submit(tx, KEYS, [patient], answers)
    assert await told(clinic.db) == [
        (
            "questionnaire.completed",
            {"response_id": response, "questionnaire_id": form, "patient_id": patient},
        )
    ]


def test_every_kind_is_announced_by_the_code_that_does_it() -> None:
    root = Path(product.__file__).parent.parent
    sources = [
        source.read_text()
        for folder in ("clinic", "bot", "scheduler")
        for source in (root / folder).rglob("*.py")
        if source.name != "types.py"
    ]
    for kind in Kind:
        assert any(f"Kind.{kind.name}" in source for source in sources), kind
