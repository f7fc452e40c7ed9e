"""Calendar feeds, as calendar programs read them."""

import logging
from typing import Any

import pytest
from icalendar import Calendar

from bot.api import calendar
from clinic.calendar_feed.service import access_add_feed, access_revoke_feed
from clinic.staff.service import add_staff
from clinic.staff.types import Role, Staff
from tests.integration.api.house import House

pytestmark = pytest.mark.server


async def feed(house: House, *, initials: bool = False) -> tuple[Staff, str]:
    """A feed of the clinic's doctor: who made it, and its path."""
    async with house.env.database.transaction() as tx:
        chief = await add_staff(tx, f"chief {initials}", Role.ADMIN)
        assert isinstance(chief, Staff)
        token = await access_add_feed(
            tx, chief, house.clinic.doctors[0], initials=initials, language="en"
        )
    return chief, f"/calendar/{token}.ics"


def entries(file: bytes) -> list[Any]:
    return list(Calendar.from_ical(file).walk("VEVENT"))


async def test_a_feed_shows_when_and_what_for_and_not_who(house: House) -> None:
    first, second = await house.booked(0), await house.booked(2)
    await house.good("POST", f"/appointments/{second['id']}/cancel", {"version": 2})
    _, path = await feed(house)
    answer = await house.client.get(path)
    file = await answer.read()
    assert (answer.status, answer.content_type) == (200, "text/calendar")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    (event,) = entries(file)
    assert (str(event["uid"]), str(event["summary"])) == (first["id"], "Visit")
    assert str(event["location"]) == "Main"
    assert event["dtstart"].dt.isoformat() == first["starts_at"]
    assert b"Patient" not in file
    _, path = await feed(house, initials=True)
    (event,) = entries(await (await house.client.get(path)).read())
    assert str(event["summary"]) == "Visit P. 0."


async def test_a_calendar_without_visits_is_a_calendar(house: House) -> None:
    _, path = await feed(house)
    assert entries(await (await house.client.get(path)).read()) == []


async def test_what_has_not_changed_is_not_sent_again(house: House) -> None:
    visit = await house.booked()
    _, path = await feed(house)
    mark = (await house.client.get(path)).headers["ETag"]
    again = await house.client.get(path, headers={"If-None-Match": mark})
    assert (again.status, await again.read(), again.headers["ETag"]) == (304, b"", mark)
    later = await house.slot(4)
    move = {"version": visit["version"], "starts_at": later["starts_at"]}
    await house.good("POST", f"/appointments/{visit['id']}/move", move)
    moved = await house.client.get(path, headers={"If-None-Match": mark})
    assert moved.status == 200
    (event,) = entries(await moved.read())
    assert event["dtstart"].dt.isoformat() == later["starts_at"]


async def test_a_revoked_feed_is_gone_at_once(house: House) -> None:
    chief, path = await feed(house)
    assert (await house.client.get(path)).status == 200
    number = await house.value("select id from calendar_feed")
    async with house.env.database.transaction() as tx:
        assert await access_revoke_feed(tx, chief, number)
    for other in (path, "/calendar/x.ics", f"/calendar/{'A' * 43}.ics", "/calendar/.ics"):
        assert (await house.client.get(other)).status == 404


async def test_a_token_is_in_no_log_and_no_table(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    _, path = await feed(house)
    token = path.removeprefix("/calendar/").removesuffix(".ics")
    await house.client.get(path)

    async def breaks(*_: object) -> None:
        raise RuntimeError(path)

    monkeypatch.setattr(calendar, "feed_file", breaks)
    assert (await house.client.get(path)).status == 500
    assert token not in caplog.text
    for table in ("calendar_feed", "audit"):
        assert token not in str(await house.rows(f"select * from {table}"))


async def test_who_guesses_is_slowed_down(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "BURST", 2)
    monkeypatch.setattr(calendar, "RATE", 0.01)
    answers = [await house.client.get(f"/calendar/{'A' * 43}.ics") for _ in range(3)]
    assert [one.status for one in answers] == [404, 404, 429]
    assert int(answers[2].headers["Retry-After"]) >= 1
