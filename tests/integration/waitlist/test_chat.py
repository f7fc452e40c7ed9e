"""Joining and leaving the waitlist in the chat, on real stores."""

import pytest

from clinic.waitlist import entries
from tests.integration.waitlist.house import AHEAD, House

pytestmark = pytest.mark.server
ENTRY = "select patient_id, part, weekdays, state, appointment_id from waitlist_entry"


async def test_under_a_visit_an_earlier_time_can_be_asked_for_and_given_up_again(
    house: House,
) -> None:
    (person,) = await house.several(1)
    visit = await house.books(person, (await house.slots(ahead=AHEAD + 3))[0])
    patient = person.patient
    await patient.says("my visits")
    await patient.presses("Tell me if earlier")
    await patient.presses("Mornings")
    await patient.presses("Any day")
    said = await patient.presses("Yes, please")
    assert "stays booked until you say yes" in said
    assert await house.rig.rows(ENTRY) == [(person.id, "morning", [], "waiting", visit.id)]
    await patient.says("menu")
    said = await patient.says("waitlist")
    assert "You are waiting for an earlier time" in said
    await patient.presses("1.")
    await patient.presses("Leave the list")
    assert await house.value("select state from waitlist_entry") == "left"
    assert await house.value("select status from appointment where id = $1", visit.id) == "booked"


async def test_while_booking_somebody_can_ask_to_be_told(house: House) -> None:
    (person,) = await house.several(1)
    patient = person.patient
    await patient.says("book")
    while not any(button.label == "Tell me if earlier" for button in patient.shown[-1].buttons):
        await patient.presses_first()
    await patient.presses("Tell me if earlier")
    await patient.presses("Afternoons")
    await patient.presses("Monday")
    await patient.presses("Friday")
    await patient.presses("That is all")
    await patient.presses("Two weeks")
    said = await patient.presses("Yes, please")
    assert "You are on the waiting list" in said
    assert await house.rig.rows(ENTRY) == [(person.id, "afternoon", [0, 4], "waiting", None)]
    assert patient.shown[-1].buttons, "and the booking goes on where it was"


async def test_joining_again_keeps_the_place_and_changes_the_wishes(house: House) -> None:
    (person,) = await house.several(1)
    first = await house.waits(person)
    since = await house.value("select created_at from waitlist_entry")
    assert await house.waits(person, part="evening") == first
    rows = await house.rig.rows("select part, created_at from waitlist_entry")
    assert rows == [("evening", since)]


async def test_nobody_joins_or_leaves_for_others(house: House) -> None:
    one, other = await house.several(2)
    entry = await house.waits(one)
    async with house.env.database.transaction() as tx:
        assert not await entries.leave(tx, house.actor(other), entry)
        assert await entries.list_waiting(tx, house.actor(other)) == ()
        (waiting,) = await entries.list_waiting(tx, house.actor(one))
        wanted = entries.Joining(one.id, house.clinic.service, None, waiting.wishes)
        assert await entries.join(tx, house.actor(other), wanted) is None
        strange = entries.Joining(one.id, house.clinic.service, 999, waiting.wishes)
        assert await entries.join(tx, house.actor(one), strange) is None
