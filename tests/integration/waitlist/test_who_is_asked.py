"""Whom a freed time is offered to, and whom it is not."""

import pytest

from clinic.booking.staff import close_time
from clinic.config import Policy
from clinic.ids import new_key
from scheduler.waitlist import rescue_due
from tests.integration.booking.clinic import quiet_now
from tests.integration.waitlist.house import AHEAD, House

pytestmark = pytest.mark.server


async def only_rescue(house: House) -> tuple[object, ...]:
    """How the oldest rescue stands: state and reason."""
    rows = await house.rig.rows("select state, reason from slot_rescue order by id limit 1")
    return rows[0]


async def asked(house: House) -> list[int]:
    """The patients who got an offer."""
    return [patient for patient, _, state in await house.offers() if state != "left_out"]


async def make_due(house: House, patient_id: int, expected_ago: int = 10) -> None:
    """Put somebody on the list of those who are due for what the clinic offers."""
    await house.value(
        """with grouped as (
             insert into care_group (code, name, definition, mode)
             values ('recall', '{"en": "Recall"}', '{}', 'fixed')
             on conflict (code) do update set code = 'recall' returning id),
           mapped as (
             insert into rescue_group (service_id, group_id)
             select $2, id from grouped on conflict do nothing)
           insert into lapse (patient_id, group_id, state, expected_on)
           select $1, id, 'due', current_date - $3::int from grouped returning id""",
        patient_id,
        house.clinic.service,
        expected_ago,
    )


async def test_the_waitlist_comes_before_who_is_due(house: House) -> None:
    house.with_waitlist(wave_size=3)
    long_due, due, waits = await house.several(3)
    await make_due(house, due.id, 5)
    await make_due(house, long_due.id, 50)
    await house.waits(waits)
    await house.freed()
    await house.wave()
    assert await asked(house) == [waits.id, long_due.id, due.id]
    rows = await house.rig.rows(
        "select distinct consent_purpose from outbox where purpose = 'offer'"
    )
    assert sorted(rows) == [("care",), ("reminders",)]


async def test_who_is_only_due_is_asked_once_in_a_week(house: House) -> None:
    (due,) = await house.several(1)
    await make_due(house, due.id)
    await house.freed()
    await house.wave()
    await house.presses(due, take=False)
    await house.freed(ahead=AHEAD + 1)
    await house.wave()
    assert len(await asked(house)) == 1


async def test_after_stop_nobody_is_offered_anything(house: House) -> None:
    (person,) = await house.several(1)
    await house.waits(person)
    await person.patient.says("stop")
    await house.freed()
    await house.wave()
    assert await house.value("select count(*) from outbox where purpose = 'offer'") == 0
    rows = await house.rig.rows("select state, reason from slot_offer")
    assert rows == [("left_out", "opted_out")], "and the desk sees why"
    assert await only_rescue(house) == ("ended", "nobody")


async def test_who_stops_before_the_offer_goes_out_does_not_get_it(house: House) -> None:
    (person,) = await house.several(1)
    await house.waits(person)
    await house.freed()
    await house.rig.sender.sweep()
    await rescue_due(house.env)
    await house.value(
        "update chat_account set opted_out_at = now() where id = $1 returning id", person.account_id
    )
    await house.sent()
    rows = await house.rig.rows("select state, reason from outbox where purpose = 'offer'")
    assert rows == [("skipped", "opted_out")]
    await house.value("update slot_rescue set due_at = now() returning id")
    await house.wave()
    assert await house.rig.rows("select state, reason from slot_offer") == [("lapsed", "opted_out")]


@pytest.mark.parametrize(
    ("wishes", "fits"),
    [({"part": "evening"}, False), ({"part": "morning"}, True), ({"weekdays": ()}, True)],
)
async def test_only_times_that_were_wished_for_are_offered(
    house: House, wishes: dict[str, object], fits: bool
) -> None:
    (person,) = await house.several(1)
    await house.waits(person, **wishes)
    await house.freed()
    await house.wave()
    assert bool(await asked(house)) is fits


async def test_other_weekdays_are_not_offered(house: House) -> None:
    (person,) = await house.several(1)
    other = (house.clinic.day(AHEAD).weekday() + 1) % 7
    await house.waits(person, weekdays=(other,))
    await house.freed()
    await house.wave()
    assert await asked(house) == []


async def test_in_quiet_hours_nobody_is_asked_and_the_time_is_everybodys(house: House) -> None:
    house.set(policy=Policy(quiet_hours=quiet_now()))
    (person,) = await house.several(1)
    await house.waits(person)
    visit = await house.freed()
    await house.wave()
    assert await house.offers() == []
    assert visit.starts_at in [slot.starts_at for slot in await house.slots()]
    later = "select due_at > now() + interval '50 minutes' from slot_rescue where state = 'open'"
    assert await house.value(later), "it is looked at again when they are over"


async def test_a_time_that_is_too_near_is_not_offered(house: House) -> None:
    house.with_waitlist(least_hours_ahead=24 * (AHEAD + 2))
    (person,) = await house.several(1)
    await house.waits(person)
    await house.freed()
    await house.wave()
    assert await only_rescue(house) == ("ended", "too_near")
    assert await house.offers() == []


async def test_a_time_that_was_booked_meanwhile_is_not_offered(house: House) -> None:
    waits, quick = await house.several(2)
    await house.waits(waits)
    await house.freed()
    await house.books(quick, (await house.slots())[0])
    await house.wave()
    assert await only_rescue(house) == ("ended", "not_free")
    assert await asked(house) == []


async def test_a_time_that_the_clinic_closed_meanwhile_cannot_be_taken(house: House) -> None:
    (person,) = await house.several(1)
    await house.waits(person)
    await house.freed()
    await house.wave()
    async with house.env.database.transaction() as tx:
        doctor = house.clinic.doctors[0]
        await close_time(tx, house.clinic.staff(), house.clinic.day(AHEAD), doctor)
    said = await house.presses(person)
    assert "cannot be given after all" in said
    assert await only_rescue(house) == ("ended", "impossible")
    assert await house.value("select count(*) from appointment where status = 'booked'") == 0
    assert await house.value("select state from waitlist_entry") == "waiting"


async def test_who_has_a_visit_then_is_not_asked(house: House) -> None:
    (person,) = await house.several(1)
    await house.waits(person)
    visit = await house.freed()
    await house.value(
        """insert into appointment (key, status, patient_id, service_id, site_id, practitioner_id,
             during, starts_at, ends_at)
           values ($1, 'booked', $2, $3, $4, $5, tstzrange($6, $7), $6, $7) returning id""",
        new_key(),
        person.id,
        house.clinic.service,
        house.clinic.site,
        house.clinic.doctors[0],
        visit.starts_at,
        visit.ends_at,
    )
    await house.wave()
    assert await asked(house) == []


async def test_whoever_gave_the_time_up_is_not_offered_it(house: House) -> None:
    (person,) = await house.several(1)
    visit = await house.books(person, (await house.slots())[0])
    await house.waits(person)
    await house.cancels(person, visit)
    await house.wave()
    assert await house.offers() == []


async def test_the_winners_visit_stands_though_their_chat_is_blocked(house: House) -> None:
    (person,) = await house.several(1)
    await house.waits(person)
    await house.freed()
    await house.wave()
    await house.value(
        """update chat_account set unreachable_at = now() where id = $1 returning id""",
        person.account_id,
    )
    await house.presses(person)
    booked = await house.value(
        "select count(*) from appointment where status = 'booked' and patient_id = $1", person.id
    )
    assert booked == 1


async def test_what_becomes_of_the_dead_and_of_old_wishes(house: House) -> None:
    gone, late = await house.several(2)
    await house.waits(gone)
    await house.waits(late)
    await house.value(
        "update patient set deceased_on = current_date where id = $1 returning id", gone.id
    )
    await house.value(
        """update waitlist_entry set from_on = current_date - 9, until_on = current_date - 2
           where patient_id = $1 returning id""",
        late.id,
    )
    await house.wave()
    rows = await house.rig.rows("select state, reason from waitlist_entry order by id")
    assert rows == [("ended", "patient"), ("ended", "over")]
