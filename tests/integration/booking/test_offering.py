"""Which services, days and slots are offered, on a real database."""

from clinic.booking import search
from clinic.booking.types import Held, Taken, Visit
from clinic.db import Database
from tests.integration.booking.clinic import Clinic, add_resource, make
from tests.integration.booking.deeds import book, confirm_hold, hold, move


async def test_names_come_in_the_language_asked_for_else_in_english(clinic: Clinic) -> None:
    async with clinic.db.transaction() as tx:
        assert [one.name for one in await search.list_services(tx, "ja")] == ["診察"]
        assert [one.name for one in await search.list_services(tx, "ru")] == ["Visit"]
        assert [one.name for one in await search.list_practitioners(tx, clinic.service, "ja")] == [
            "d0"
        ]
    assert search.in_language({"ja": "次"}, "ru") == "次"
    assert search.in_language({}, "ru") == ""


async def test_what_is_not_offered_any_more_has_no_slots(clinic: Clinic) -> None:
    slots = await clinic.slots()
    held = await hold(clinic, slots[0])
    assert isinstance(held, Held)
    visit = await book(clinic, slots[1], patient=1)
    await clinic.value("update service set active = false returning id")
    assert await clinic.slots() == []
    assert await hold(clinic, slots[2]) == Taken()
    assert await move(clinic, visit, slots[2], patient=1) == Taken()
    assert isinstance(await confirm_hold(clinic, held), Visit)  # it was promised
    await clinic.value(
        "update appointment set status = 'expired' where id = $1 returning id", held.appointment_id
    )
    assert await confirm_hold(clinic, held) == Taken()
    async with clinic.db.transaction() as tx:
        assert await search.list_services(tx, "en") == ()
        assert await search.list_practitioners(tx, clinic.service, "en") == ()
        on = clinic.day(1)
        assert await search.find_days(tx, "en", clinic.service, None, on, 5) == ((), False)


async def test_days_end_at_the_horizon(clinic: Clinic) -> None:
    async with clinic.db.transaction() as tx:
        days, more = await search.find_days(tx, "en", clinic.service, None, clinic.day(29), 5)
        beyond = await search.find_days(tx, "en", clinic.service, None, clinic.day(31), 5)
        first, later = await search.find_days(tx, "en", clinic.service, None, clinic.day(1), 2)
    assert [day.free for day in days] == [16, 16]
    assert not more
    assert beyond == ((), False)
    assert [day.free for day in first] == [16, 16]
    assert later
    assert await clinic.slots(ahead=31) == []


async def test_a_room_that_serves_less_elsewhere_is_used_first(db: Database) -> None:
    clinic = await make(db, rooms=2)
    async with db.transaction() as tx:
        other = await tx.fetchval(
            """insert into service (code, name, duration) values ('other', '{}'::jsonb, 30)
               returning id"""
        )
        await tx.execute(
            "insert into service_resource (service_id, resource_id) values ($1, $2)",
            other,
            clinic.rooms[0],
        )
        await add_resource(tx, "x1", "device", None, clinic.service)
    slot = (await clinic.slots())[0]
    assert clinic.rooms[1] in slot.resources
    assert len(slot.resources) == 3
