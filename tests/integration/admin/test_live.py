"""Server-sent events: who hears of what, how soon, and when a stream ends."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from aiohttp import ClientResponse

from admin.live import topics_of
from clinic.staff.service import set_disabled
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House

SOON = 1.0  # s: what the panel promises
QUEUE = "update conversation set owner = 'queue' where id = $1"


class Heard:
    """A stream as a page reads it."""

    def __init__(self, response: ClientResponse) -> None:
        self._response = response

    async def next(self, within: float = 5.0) -> tuple[str, str]:
        """The next event and its data. Raises TimeoutError."""
        event = ""
        async with asyncio.timeout(within):
            while True:
                line = (await self._response.content.readline()).decode().rstrip("\n")
                if line.startswith("event: "):
                    event = line.removeprefix("event: ")
                elif line.startswith("data:") and event:
                    return event, line.removeprefix("data:").strip()
                elif not line and self._response.content.at_eof():
                    raise EOFError


@asynccontextmanager
async def stream(browser: Browser, topics: str) -> AsyncIterator[Heard]:
    """A stream that is ready: what changes from now on is told."""
    response = await browser.get(f"/live/events?topics={topics}")
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/event-stream"
    heard = Heard(response)
    try:
        assert await heard.next() == ("ready", "")
        yield heard
    finally:
        response.close()


async def account(house: House, talk: int) -> str:
    return str(await house.value("select account_id from conversation where id = $1", talk))


async def test_a_message_is_told_within_a_second_of_its_commit(house: House, desk: Browser) -> None:
    talk = await house.conversation(await house.patient("田中"), said="hello", owner="queue")
    took = []
    async with stream(desk, "conversations") as heard:
        for _ in range(5):
            await house.say(talk, "are you there?")
            await house.rows(
                "update conversation set turn = turn + 1, last_patient_at = now() where id = $1",
                talk,
            )
            began = time.monotonic()
            assert await heard.next() == ("conversations", await account(house, talk))
            took.append(time.monotonic() - began)
    assert statistics.median(took) < SOON  # the machine itself may stand still once


async def test_nothing_is_told_of_what_was_rolled_back(house: House, desk: Browser) -> None:
    talk = await house.conversation(said="hello")
    other = await house.conversation(said="hello")
    async with stream(desk, "conversations") as heard:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await house.rows(f"{QUEUE} and 1 / 0 = 1", talk)
        await house.rows(QUEUE, other)
        assert await heard.next() == ("conversations", await account(house, other))


async def test_what_the_other_screens_show_is_told_by_topic(house: House, desk: Browser) -> None:
    patient, doctor = await house.patient("田中"), await house.practitioner("佐藤")
    talk = await house.conversation(patient, said="hello")
    async with stream(desk, "tasks,escalations,visits,imports") as heard:
        await house.task("call", patient=patient)
        assert await heard.next() == ("tasks", "")
        await house.visit(patient, doctor)
        assert await heard.next() == ("visits", "")
        await house.escalation(talk)
        assert await heard.next() == ("escalations", "")


async def test_a_notice_is_told_to_its_reader_alone(
    house: House, desk: Browser, sign_in: SignIn
) -> None:
    colleague = await house.staff("鈴木")
    theirs, third = await sign_in(colleague), await sign_in(await house.staff("伊藤"))
    talk = await house.conversation(said="hello", owner="queue")
    async with stream(theirs, "notices") as heard, stream(third, "notices") as other:
        await desk.post(f"/conversations/{talk}/assign", colleague=str(colleague.id))
        assert await heard.next() == ("notices", "")
        with pytest.raises(TimeoutError):
            await other.next(0.3)


async def test_a_doctor_hears_of_own_patients_only(house: House, sign_in: SignIn) -> None:
    doctor = await house.staff("佐藤", Role.DOCTOR)
    own, other = await house.patient("自分の患者"), await house.patient("他人の患者")
    await house.visit(own, await house.practitioner("佐藤", doctor))
    hidden = await house.conversation(other, said="hello")
    seen = await house.conversation(own, said="hello")
    async with stream(await sign_in(doctor), "conversations,imports") as heard:
        for talk in (hidden, seen):
            await house.rows(QUEUE, talk)
        assert await heard.next() == ("conversations", await account(house, seen))


async def test_the_bots_own_talks_are_not_told_so_that_their_commits_do_not_wait_for_each_other(
    house: House, desk: Browser
) -> None:
    talk, other = await house.conversation(said="hello"), await house.conversation(said="hello")
    async with stream(desk, "conversations") as heard:
        await house.rows("update conversation set turn = 9 where id = $1", talk)
        await house.rows(QUEUE, other)
        assert await heard.next() == ("conversations", await account(house, other))


def test_topics_are_those_of_the_role() -> None:
    assert topics_of(Role.DOCTOR, "imports,visits,nonsense") == {"visits"}
    assert topics_of(Role.STAFF, "imports,visits,nonsense") == {"imports", "visits"}


async def test_nobody_who_is_not_signed_in_hears_anything(sign_in: SignIn) -> None:
    nobody = await sign_in(None)
    assert (await nobody.get("/live/events?topics=tasks")).status == 401


async def test_a_stream_ends_with_its_session_within_a_second(
    house: House, sign_in: SignIn
) -> None:
    boss, took = await house.staff("院長", Role.ADMIN), []
    for number, way in enumerate(("signed out", "disabled", "signed out", "disabled")):
        staff = await house.staff(f"受付 {number}")
        browser = await sign_in(staff)
        async with stream(browser, "tasks") as heard:
            if way == "signed out":
                await browser.post("/sign-out")
            else:
                async with house.database.transaction() as tx:
                    assert await set_disabled(tx, staff.id, True, by=boss)
            began = time.monotonic()
            assert await heard.next() == ("over", "")
            took.append(time.monotonic() - began)
            with pytest.raises(EOFError):
                await heard.next()
    assert statistics.median(took) < SOON


async def test_an_idle_session_is_told_nothing_and_its_stream_does_not_prolong_it(
    house: House, desk: Browser
) -> None:
    async with stream(desk, "tasks") as heard:
        before = await house.value("select max(seen_at) from staff_session")
        await house.task("call")
        assert await heard.next() == ("tasks", "")
        assert await house.value("select max(seen_at) from staff_session") == before
        await house.rows("update staff_session set seen_at = now() - interval '15 min'")
        await house.task("call")
        assert await heard.next() == ("over", "")


async def test_streams_end_where_nobody_hears_so_that_pages_poll(
    house: House, desk: Browser
) -> None:
    async with stream(desk, "tasks") as heard:
        await house.value(
            """select pg_terminate_backend(pid) from pg_stat_activity
               where application_name = 'kayoi_live' and datname = current_database()"""
        )
        assert await heard.next(10) == ("over", "")


async def test_a_session_has_so_many_streams_and_no_more(house: House, desk: Browser) -> None:
    opened = [await desk.get("/live/events?topics=tasks") for _ in range(13)]
    assert [one.status for one in opened] == [200] * 12 + [503]
    for one in opened:
        one.close()
