"""Bookings that may be empty: somebody calls, once for each visit."""

import pytest

from scheduler.waitlist import suspect
from tests.integration.waitlist.house import AHEAD, House

pytestmark = pytest.mark.server
TASKS = "select kind, detail->>'reason' from task order by id"


async def test_many_visits_of_one_chat_in_a_short_time(house: House) -> None:
    (person,) = await house.several(1)
    for ahead in range(AHEAD, AHEAD + 4):
        await house.books(person, (await house.slots(ahead=ahead))[0])
    assert await suspect(house.env) == 4
    assert set(await house.rig.rows(TASKS)) == {("call", "suspicious_many")}
    assert await suspect(house.env) == 0, "once for each visit"


async def test_two_visits_on_one_day(house: House) -> None:
    (person,) = await house.several(1)
    slots = await house.slots()
    await house.books(person, slots[0])
    await house.books(person, slots[4])
    assert await suspect(house.env) == 1
    assert await house.rig.rows(TASKS) == [("call", "suspicious_double")]


async def test_an_unconfirmed_visit_of_somebody_who_missed_others(house: House) -> None:
    (person,) = await house.several(1)
    slots = await house.slots()
    for slot in slots[:2]:
        missed = await house.books(person, slot)
        await house.value(
            """update appointment set status = 'noshow', starts_at = starts_at - interval '30 days',
                 ends_at = ends_at - interval '30 days',
                 during = tstzrange(starts_at - interval '30 days', ends_at - interval '30 days')
               where id = $1 returning id""",
            missed.id,
        )
    visit = await house.books(person, slots[5])
    assert await suspect(house.env) == 0, "there is time yet"
    await house.value(
        """update appointment set starts_at = now() + interval '20 hours',
             ends_at = now() + interval '21 hours',
             during = tstzrange(now() + interval '20 hours', now() + interval '21 hours')
           where id = $1 returning id""",
        visit.id,
    )
    assert await suspect(house.env) == 1
    assert await house.rig.rows(TASKS) == [("call", "suspicious_no_shows")]


async def test_the_same_telephone_under_many_names(house: House) -> None:
    people = await house.several(5)
    for n, person in enumerate(people):
        await house.value(
            "update patient set phone_index = 'same' where id = $1 returning id", person.id
        )
        await house.books(person, (await house.slots(ahead=AHEAD + n))[0])
    assert await suspect(house.env) == 5


async def test_a_family_that_books_one_visit_each_is_left_alone(house: House) -> None:
    people = await house.several(3)
    for n, person in enumerate(people):
        await house.value(
            "update patient set phone_index = 'home' where id = $1 returning id", person.id
        )
        await house.books(person, (await house.slots(ahead=AHEAD + n))[0])
    assert await suspect(house.env) == 0
