"""The queue of a day on real stores: numbers, what patients ask in the chat, the public board."""

import asyncio

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.app import create_app
from bot.reception import tell_queue
from clinic.booking.actor import Actor
from clinic.booking.types import Visit
from clinic.db import Tx
from clinic.reception.board import open_anew
from clinic.reception.service import call, take_step, tickets
from tests.integration.booking.clinic import Clinic, make
from tests.integration.turns.rig import Patient, Rig

pytestmark = pytest.mark.server
WAITING = 12


@pytest.fixture
def at_any_hour(rig: Rig) -> None:
    """No quiet hours, so that the test does not depend on the time of day."""
    policy = rig.env.settings.policy.model_copy(update={"quiet_hours": ("00:00", "00:00")})
    settings = rig.env.settings.model_copy(update={"policy": policy})
    object.__setattr__(rig.env, "settings", settings)


@pytest.fixture
async def clinic(rig: Rig, at_any_hour: None) -> Clinic:
    return await make(rig.env.database, doctors=2, patients=WAITING)


def desk(rig: Rig) -> Actor:
    return Actor("staff", None, "en", rig.env.settings, rig.env.keys)


async def comes(rig: Rig, visit: int) -> None:
    """A visit of today checks in at the desk, whenever it was booked for."""
    await rig.execute("delete from allocation where appointment_id = $1", visit)
    await rig.execute(
        """update appointment set starts_at = now(), ends_at = now() + interval '5 min',
             during = tstzrange(now(), now() + interval '5 min') where id = $1""",
        visit,
    )
    async with rig.env.database.transaction() as tx:
        version = await tx.fetchval("select version from appointment where id = $1", visit)
        assert isinstance(await take_step(tx, desk(rig), visit, version, "arrived"), Visit)


async def others(rig: Rig, clinic: Clinic, number: int, doctor: int = 0) -> list[int]:
    """Visits of today of so many others, who have none yet."""
    made, busy = [], await rig.value("select count(*) from appointment")
    for patient in clinic.patients[busy : busy + number]:
        made.append(
            await rig.value(
                """insert into appointment (key, status, patient_id, service_id, site_id,
                     practitioner_id, starts_at, ends_at, during)
                   values (gen_random_uuid(), 'booked', $1, $2, $3, $4, now(),
                     now() + interval '5 min', tstzrange(now(), now() + interval '5 min'))
                   returning id""",
                patient,
                clinic.service,
                clinic.site,
                clinic.doctors[doctor],
            )
        )
    return made


async def a_visitor(rig: Rig) -> tuple[Patient, int]:
    """Somebody who booked in the chat."""
    patient = rig.patient()
    await patient.comes_in()
    return patient, await patient.books()


async def test_two_desks_never_give_the_same_number(rig: Rig, clinic: Clinic) -> None:
    visits = await others(rig, clinic, WAITING)

    async def check_in(visit: int) -> None:
        async def work(tx: Tx) -> None:
            await take_step(tx, desk(rig), visit, 1, "arrived")

        await rig.env.database.retrying(work)

    await asyncio.gather(*(check_in(visit) for visit in visits))
    rows = await rig.rows("select number from queue_ticket order by number")
    assert [number for (number,) in rows] == list(range(1, WAITING + 1))


async def test_the_chat_tells_how_many_of_ones_own_doctor_are_ahead(
    rig: Rig, clinic: Clinic
) -> None:
    patient, visit = await a_visitor(rig)
    doctor = await rig.value("select practitioner_id from appointment where id = $1", visit)
    own = clinic.doctors.index(doctor)
    for one in await others(rig, clinic, 2, own) + await others(rig, clinic, 1, 1 - own):
        await comes(rig, one)
    await comes(rig, visit)
    async with rig.env.database.transaction() as tx:
        await tell_queue(tx, rig.env.keys, rig.env.settings, clinic.site)
    await rig.sender.sweep()
    said = [line.message for line in await patient.lines() if line.message]
    assert "your number today is 4. 2 people are ahead of you" in said[-1].text
    patient.shown = said[-1:]
    assert "number 4: 2 ahead of you." in await patient.presses("How many")
    async with rig.env.database.transaction() as tx:
        for ticket in (await tickets(tx))[:2]:
            await call(tx, desk(rig), ticket)
    assert "number 4: you are next." in await patient.presses("How many")


async def test_nobody_is_told_of_a_place_that_is_not_theirs(rig: Rig, clinic: Clinic) -> None:
    for one in await others(rig, clinic, 1):
        await comes(rig, one)
    patient, visit = await a_visitor(rig)
    await comes(rig, visit)
    async with rig.env.database.transaction() as tx:
        await tell_queue(tx, rig.env.keys, rig.env.settings, clinic.site)
    await rig.execute("update appointment set status = 'fulfilled' where id = $1", visit)
    await rig.sender.sweep()
    patient.shown = [line.message for line in await patient.lines() if line.message][-1:]
    answer = await patient.presses("How many")
    assert "You are not in today's queue" in answer
    assert "Patient 0" not in answer


async def test_the_board_shows_numbers_and_no_names(rig: Rig, clinic: Clinic) -> None:
    for one in await others(rig, clinic, 3):
        await comes(rig, one)
    async with rig.env.database.transaction() as tx:
        token = await open_anew(tx, rig.env.keys, clinic.site)
        await call(tx, desk(rig), (await tickets(tx))[1])
    async with TestClient(TestServer(create_app(rig.env))) as client:
        answer = await client.get(f"/board/{token}?language=en")
        page = await answer.text()
        assert "<li>2</li>" in page.split("Waiting")[0]
        assert "<li>1</li><li>3</li>" in page.split("Waiting")[1]
        assert "Patient" not in page
        assert '<meta http-equiv="refresh"' in page  # without script
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        part = await (await client.get(f"/board/{token}?part=1&language=en")).text()
        assert part.startswith("<section>")
        assert part in page


async def test_a_guessed_old_or_closed_address_shows_nothing(rig: Rig, clinic: Clinic) -> None:
    async with rig.env.database.transaction() as tx:
        old = await open_anew(tx, rig.env.keys, clinic.site)
        new = await open_anew(tx, rig.env.keys, clinic.site)
    assert old is not None
    assert new is not None
    async with TestClient(TestServer(create_app(rig.env))) as client:
        guesses = (old, f"{clinic.site}-{'0' * 36}", f"{clinic.site}", "x", "٣-1", "9" * 40)
        for guess in (*guesses, new[:-1]):
            assert (await client.get(f"/board/{guess}")).status == 404
        assert (await client.get(f"/board/{new}")).status == 200
        await rig.execute("update queue_board set active = false")
        assert (await client.get(f"/board/{new}")).status == 404
