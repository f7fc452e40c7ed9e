"""The calendar file that a patient may add to their own calendar."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from icalendar import Calendar

from clinic.booking import service
from clinic.booking.calendar_file import calendar_file
from clinic.booking.types import Held, Visit
from clinic.db import Database
from tests.integration.booking.clinic import KEYS, SETTINGS, Clinic, make


async def booked(clinic: Clinic) -> Visit:
    async with clinic.db.transaction() as tx:
        slot = (await clinic.slots())[0]
        held = await service.hold_slot(tx, clinic.actor(), slot, clinic.patients[0])
        assert isinstance(held, Held)
        visit = await service.book_held(tx, clinic.actor(), held.appointment_id)
    assert isinstance(visit, Visit)
    return visit


async def fetch(clinic: Clinic, url: str, mark: str | None = None) -> bytes | None:
    parts = urlsplit(url)
    key = UUID(parts.path.removeprefix("/visits/").removesuffix(".ics"))
    async with clinic.db.transaction() as tx:
        given = parse_qs(parts.query)["mark"][0] if mark is None else mark
        return await calendar_file(tx, KEYS, SETTINGS, key, given)


async def test_it_says_when_and_where_but_not_what_for(db: Database) -> None:
    clinic = await make(db)
    visit = await booked(clinic)
    assert visit.calendar_url.startswith("https://chat.example/visits/")
    content = await fetch(clinic, visit.calendar_url)
    assert content is not None
    calendar = Calendar.from_ical(content)
    event = calendar.walk("VEVENT")[0]
    assert event["DTSTART"].dt == visit.starts_at
    assert event["DTEND"].dt == visit.ends_at
    assert event["DTSTART"].params["TZID"] == "Asia/Tokyo"
    assert calendar.walk("VTIMEZONE")[0]["TZID"] == "Asia/Tokyo"
    assert event["SUMMARY"] == "Kayoi Clinic"
    assert event["LOCATION"] == "Main, 1 Hill St"
    assert (event["SEQUENCE"], event["STATUS"]) == (visit.version, "CONFIRMED")
    shown = content.replace(str(event["UID"]).encode(), b"")  # random, and may hold any two letters
    for private in (b"Patient 0", b"d0", b"Visit\r\n"):
        assert private not in shown


async def test_a_cancelled_visit_is_cancelled_in_the_calendar_too(db: Database) -> None:
    clinic = await make(db)
    visit = await booked(clinic)
    async with db.transaction() as tx:
        gone = await service.cancel_visit(tx, clinic.actor(), visit.id, visit.version)
    assert isinstance(gone, Visit)
    assert gone.calendar_url == visit.calendar_url
    content = await fetch(clinic, gone.calendar_url)
    assert content is not None
    event = Calendar.from_ical(content).walk("VEVENT")[0]
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", visit.version + 1)


async def test_nobody_gets_one_without_our_mark_or_for_a_hold(db: Database) -> None:
    clinic = await make(db)
    visit = await booked(clinic)
    assert await fetch(clinic, visit.calendar_url, mark="00" * 8) is None
    assert await fetch(clinic, visit.calendar_url, mark="é") is None
    await clinic.value("update appointment set status = 'expired' returning id")
    assert await fetch(clinic, visit.calendar_url) is None
    assert visit.ends_at - visit.starts_at == timedelta(minutes=30)


async def test_without_a_public_address_there_is_no_link(db: Database) -> None:
    clinic = await make(db)
    clinic.settings = SETTINGS.model_copy(
        update={"server": SETTINGS.server.model_copy(update={"public_url": None})}
    )
    assert (await booked(clinic)).calendar_url == ""
