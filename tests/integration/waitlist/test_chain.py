"""An earlier time instead of a later visit: the later one becomes free, and so on, not for ever."""

import pytest

from clinic.booking import service
from clinic.booking.types import Visit
from tests.integration.waitlist.house import AHEAD, House, Person

pytestmark = pytest.mark.server


async def later_visit(house: House, person: Person, ahead: int) -> Visit:
    """Somebody with a visit on a later day, who would rather come earlier."""
    visit = await house.books(person, (await house.slots(ahead=ahead))[0])
    await house.waits(person, instead_of=visit.id)
    return visit


async def test_a_yes_moves_the_later_visit_and_frees_its_time(house: House) -> None:
    (person,) = await house.several(1)
    later = await later_visit(house, person, AHEAD + 4)
    freed = await house.freed()
    await house.wave()
    said = await house.presses(person)
    assert said.startswith("Your visit is now at this earlier time"), said
    visits = await house.rig.rows(
        "select id, starts_at, version from appointment where status = 'booked'"
    )
    assert visits == [(later.id, freed.starts_at, later.version + 1)]
    rescues = await house.rig.rows(
        "select cause, state, depth, starts_at from slot_rescue order by id"
    )
    assert rescues == [
        ("cancel", "rescued", 0, freed.starts_at),
        ("moved", "open", 1, later.starts_at),
    ]
    assert await house.clinic.overlaps() == 0


async def test_a_chain_of_earlier_times_comes_to_an_end(house: House) -> None:
    house.with_waitlist(chain=2)
    people = await house.several(4)
    for n, person in enumerate(people):
        await later_visit(house, person, AHEAD + 2 + n)
    await house.freed()
    for person in people[:3]:
        await house.wave()
        await house.presses(person)
    rescues = await house.rig.rows("select depth, state, reason from slot_rescue order by id")
    assert rescues == [
        (0, "rescued", None),
        (1, "rescued", None),
        (2, "rescued", None),
        (3, "ended", "chain"),
    ]


async def test_an_earlier_time_than_their_visit_only(house: House) -> None:
    (person,) = await house.several(1)
    await later_visit(house, person, AHEAD)
    await house.freed(ahead=AHEAD + 1)
    await house.wave()
    assert await house.offers() == []


async def test_who_gave_up_the_later_visit_meanwhile_gets_a_new_one(house: House) -> None:
    (person,) = await house.several(1)
    later = await later_visit(house, person, AHEAD + 4)
    await house.freed()
    await house.wave()
    await house.cancels(person, later)
    said = await house.presses(person)
    assert said.startswith("The time is yours"), said


async def test_a_moved_visit_frees_its_time_too(house: House) -> None:
    mover, waits = await house.several(2)
    await house.waits(waits)
    slots = await house.slots()
    visit = await house.books(mover, slots[0])
    async with house.env.database.transaction() as tx:
        await service.move_visit(tx, house.actor(mover), visit.id, visit.version, slots[5])
    await house.wave()
    assert await house.rig.rows("select cause, state from slot_rescue") == [("moved", "open")]
    assert [patient for patient, *_ in await house.offers()] == [waits.id]


async def test_a_no_to_a_reminder_is_told_from_a_cancellation(house: House) -> None:
    (person,) = await house.several(1)
    visit = await house.books(person, (await house.slots())[0])
    await house.value(
        """insert into outbox (key, dedup_key, account_id, purpose, delivery_class, content, state,
             send_at, useful_until, appointment_id)
           values (gen_random_uuid(), 'r', $1, 'reminder', 'must_arrive', '', 'sent', now(), now(),
             $2) returning id""",
        person.account_id,
        visit.id,
    )
    await house.cancels(person, visit)
    assert await house.value("select cause from slot_rescue") == "said_no"
