"""The day at the desk: presses and their undoing, numbers, the queue's messages, delays."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestServer

from admin.app import create_app
from bot.reception import tell_queue
from clinic.config import Policy, Settings
from clinic.db import Database
from clinic.message.service import open_message
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, House

LINE = {"HX-Request": "true"}
NEVER_QUIET = Settings(policy=Policy(quiet_hours=("00:00", "00:00")))


@pytest.fixture
async def server(database: Database) -> AsyncIterator[TestServer]:
    """A clinic whose patients may be written to at the hour of the test."""
    async with TestServer(create_app(database, KEYS, NEVER_QUIET)) as server:
        yield server


async def press(browser: Browser, visit: int, step: str, version: int) -> str:
    """A press on a visit that is shown as `version`; the line that comes back."""
    answer = await browser.send(
        f"/visits/{visit}/status",
        {"csrf": browser.csrf, "status": step, "version": str(version)},
        LINE,
    )
    assert answer.status == 200
    return await answer.text()


async def queue_of(house: House, *ats: str) -> list[int]:
    """Visits of one practitioner today, whose patients can be written to."""
    sato, made = await house.practitioner("佐藤"), []
    for n, at in enumerate(ats):
        patient = await house.patient(f"患者 {n}")
        await house.conversation(patient)
        made.append(await house.visit(patient, sato, at=at))
    await house.rows("update chat_account set consent_version = '2.1', language = 'en'")
    return made


async def told(house: House) -> list[str]:
    rows = await house.rows("select dedup_key from outbox order by id")
    return [row["dedup_key"].split(":", 1)[1] for row in rows]


async def test_who_checks_in_gets_the_next_number_of_the_day_at_the_site(
    house: House, desk: Browser
) -> None:
    first, second = await queue_of(house, "00:00", "00:30")
    assert "番号 1" in await press(desk, second, "arrived", 1)
    assert "番号 2" in await press(desk, first, "arrived", 1)
    rows = await house.rows("select action from audit where action like 'staff:appointment:arr%'")
    assert len(rows) == 2


async def test_a_press_is_undone_and_the_number_stays_the_patients_own(
    house: House, desk: Browser
) -> None:
    first, second = await queue_of(house, "00:00", "00:30")
    assert "元に戻す" in await press(desk, first, "arrived", 1)
    assert (await desk.post(f"/visits/{first}/undo")).status == 303
    assert await house.value("select status from appointment where id = $1", first) == "booked"
    assert "番号 2" in await press(desk, second, "arrived", 1)
    assert "番号 1" in await press(desk, first, "arrived", 3)
    actions = {row["action"] for row in await house.rows("select action from audit")}
    assert "staff:appointment:undo" in actions


async def test_what_is_a_minute_old_or_was_changed_since_is_not_undone(
    house: House, desk: Browser
) -> None:
    (visit,) = await queue_of(house, "00:00")
    await press(desk, visit, "arrived", 1)
    await house.rows("update visit_step set at = now() - interval '61 s'")
    await desk.post(f"/visits/{visit}/undo")
    assert await house.value("select status from appointment") == "arrived"
    await house.rows("update visit_step set at = now()")
    await house.rows("update appointment set version = version + 1")
    await desk.post(f"/visits/{visit}/undo")
    assert await house.value("select status from appointment") == "arrived"


async def test_no_show_late_start_and_finish_are_one_press_each_with_their_undo(
    house: House, desk: Browser
) -> None:
    (visit,) = await queue_of(house, "00:00")
    assert "遅れると連絡あり" in await press(desk, visit, "late", 1)
    await desk.post(f"/visits/{visit}/undo")
    assert "遅れると連絡あり" not in await desk.read("/today")
    await press(desk, visit, "noshow", 1)
    assert await house.value("select status from appointment") == "noshow"
    await desk.post(f"/visits/{visit}/undo")
    await press(desk, visit, "arrived", 3)
    assert "診察中" in await press(desk, visit, "started", 4)
    await desk.post(f"/visits/{visit}/undo")
    assert "診察中" not in await desk.read("/today")
    await press(desk, visit, "started", 4)
    assert await house.value("select started_at is not null from queue_ticket")
    await press(desk, visit, "fulfilled", 4)
    assert await house.value("select status from appointment") == "fulfilled"
    assert "番号 1" not in await desk.read("/today")  # nobody waits any more


async def test_patients_hear_their_number_then_at_three_then_at_one_then_when_called(
    house: House, desk: Browser
) -> None:
    visits = await queue_of(house, "00:00", "00:30", "01:00", "01:30", "02:00", "02:30")
    for visit in visits:
        await press(desk, visit, "arrived", 1)
    last = await house.value("select max(id) from queue_ticket")
    for visit in visits:
        assert (await _call_next(house, desk, visit)).status == 303
    steps = [one.partition(":")[2] for one in await told(house) if one.startswith(f"{last}:")]
    assert steps == ["number", "3", "1", "called"]
    reminders = await house.rows("select distinct purpose, consent_purpose from outbox")
    assert reminders == [{"purpose": "queue", "consent_purpose": "reminders"}]


async def test_told_again_and_again_the_queue_writes_nothing_twice(
    house: House, desk: Browser
) -> None:
    (visit,) = await queue_of(house, "00:00")
    await press(desk, visit, "arrived", 1)
    for _ in range(2):
        await desk.post(f"/visits/{visit}/call")
        async with house.database.transaction() as tx:
            site = await tx.fetchval("select id from site")
            assert await tell_queue(tx, KEYS, NEVER_QUIET, site) == 0
    assert [one.partition(":")[2] for one in await told(house)] == ["number", "called"]


async def test_who_wants_no_messages_waits_in_the_queue_without_them(
    house: House, desk: Browser
) -> None:
    (visit,) = await queue_of(house, "00:00")
    await house.rows("update chat_account set opted_out_at = now()")
    assert "番号 1" in await press(desk, visit, "arrived", 1)
    assert await told(house) == []


async def test_a_doctor_calls_and_checks_in_own_patients_only(
    house: House, sign_in: SignIn
) -> None:
    doctor = await house.staff("佐藤 医師", Role.DOCTOR)
    mine, other = await house.practitioner("佐藤", doctor), await house.practitioner("伊藤")
    own = await house.visit(await house.patient("田中"), mine, at="00:00")
    foreign = await house.visit(await house.patient("高橋"), other, at="00:00")
    browser = await sign_in(doctor)
    assert "番号 1" in await press(browser, own, "arrived", 1)
    for path in (f"/visits/{foreign}/undo", f"/visits/{foreign}/call"):
        assert (await browser.post(path)).status == 404
    sent = {"status": "arrived", "version": "1"}
    assert (await browser.post(f"/visits/{foreign}/status", **sent)).status == 404
    assert (await browser.post(f"/queue/next/{mine}", visit=str(own))).status == 303
    assert (await browser.post(f"/queue/next/{other}", visit=str(foreign))).status == 409
    assert (await browser.get(f"/today/late/{other}")).status == 404
    assert (await browser.post(f"/today/late/{other}", minutes="20")).status == 404


async def test_a_delay_is_told_once_to_those_who_may_be_told(house: House, desk: Browser) -> None:
    visits = await queue_of(house, "00:00", "00:30")
    await house.rows("update chat_account set opted_out_at = now() where id = 2")
    await house.begins_in(30, *visits)
    doctor = await _doctor(house)
    assert (await desk.post(f"/today/late/{doctor}/tell")).status == 409  # no delay is set
    assert (await desk.post(f"/today/late/{doctor}", minutes="20")).status == 303
    page = await desk.read(f"/today/late/{doctor}")
    assert "1人に遅れを知らせる" in page
    assert "20分遅れ" in await desk.read("/today")
    for _ in range(2):
        await desk.post(f"/today/late/{doctor}/tell")
    written = await house.rows("select dedup_key, appointment_version, consent_purpose from outbox")
    assert written == [
        {
            "dedup_key": f"late:{visits[0]}:1:20",
            "appointment_version": 1,
            "consent_purpose": "reminders",
        }
    ]
    assert "この遅れはお知らせ済み" in await desk.read(f"/today/late/{doctor}")
    await desk.post(f"/today/late/{doctor}", minutes="40")
    await desk.post(f"/today/late/{doctor}/tell")
    assert len(await told(house)) == 2
    actions = {row["action"] for row in await house.rows("select action from audit")}
    assert {"staff:delay:set", "staff:delay:preview"} <= actions


@pytest.mark.parametrize("minutes", ["", "x", "-5", "481", "٣", "9" * 30])
async def test_no_nonsense_is_taken_for_a_delay(house: House, desk: Browser, minutes: str) -> None:
    doctor = await house.practitioner("佐藤")
    assert (await desk.post(f"/today/late/{doctor}", minutes=minutes)).status == 422


async def test_the_strip_says_what_waits(house: House, desk: Browser) -> None:
    visits = await queue_of(house, "00:00")
    await house.begins_in(30, *visits)
    await house.task("call", visit=visits[0])
    later = await house.task("call", visit=visits[0])
    await house.rows("update task set due_at = now() + interval '1 hour' where id = $1", later)
    page = await desk.read("/today")
    assert "<strong>1</strong> <span>やること" in page
    assert "<strong>1</strong> <span>返事待ちの予約" in page
    assert "<strong>0</strong> <span>返信待ちの会話" in page


async def test_the_page_is_sent_again_only_when_something_changed(
    house: House, desk: Browser
) -> None:
    (visit,) = await queue_of(house, "00:00")
    page = await desk.read("/today")
    path = page.split('hx-get="/live/today')[1].split('"')[0].replace("&amp;", "&")
    assert (await desk.get(f"/live/today{path}")).status == 204
    await press(desk, visit, "arrived", 1)
    assert "番号 1" in await desk.read(f"/live/today{path}")


async def test_the_sheet_of_a_day_is_a_pdf_and_leaves_a_trace(house: House, desk: Browser) -> None:
    on = date(2027, 3, 1)
    patient = await house.patient("田中 花子", kana="タナカ", chart="1001", phone="+819012345678")
    await house.visit(patient, await house.practitioner("佐藤"), on=on)
    answer = await desk.get(f"/today/sheet.pdf?on={on}")
    assert (await answer.read()).startswith(b"%PDF")
    assert answer.headers["Content-Disposition"].endswith('day-sheet-2027-03-01.pdf"')
    trail = await house.rows("select detail from audit where action like '%day_sheet'")
    assert trail[0]["detail"]["on"] == "2027-03-01"
    empty = await desk.get(f"/today/sheet.pdf?on={on + timedelta(days=1)}")
    assert (await empty.read()).startswith(b"%PDF")


async def test_a_second_press_on_call_next_calls_nobody_else(house: House, desk: Browser) -> None:
    first, second = await queue_of(house, "00:00", "00:30")
    for visit in (first, second):
        await press(desk, visit, "arrived", 1)
    called = "select appointment_id from queue_ticket where called_at is not null order by id"
    for _ in range(2):
        assert (await _call_next(house, desk, first)).status == 303
        assert await house.value(f"select array({called})") == [first]
    assert (await _call_next(house, desk, second)).status == 303
    assert (await _call_next(house, desk, second)).status == 303  # nobody waits any more
    assert await house.value(f"select array({called})") == [first, second]
    assert (await desk.post(f"/queue/next/{await _doctor(house)}")).status == 422


async def _call_next(house: House, desk: Browser, visit: int) -> ClientResponse:
    """A press on "call next" where a visit is shown as the next."""
    return await desk.post(f"/queue/next/{await _doctor(house)}", visit=str(visit))


async def _doctor(house: House) -> int:
    found: int = await house.value("select practitioner_id from appointment limit 1")
    return found


async def test_each_patient_in_the_queue_hears_their_own_name_and_number(
    house: House, desk: Browser
) -> None:
    visits = await queue_of(house, "00:00", "00:30", "01:00", "01:30", "02:00", "02:30")
    for visit in reversed(visits):
        await press(desk, visit, "arrived", 1)
    for visit in reversed(visits):  # each call tells several: who is called, next, third
        await _call_next(house, desk, visit)
    rows = await house.rows(
        """select o.key, o.content, p.name, t.number, o.patient_id = p.id as own,
             o.account_id = (select account_id from link where patient_id = p.id) as chat
           from outbox o
           join queue_ticket t on t.id = split_part(o.dedup_key, ':', 2)::bigint
           join appointment a on a.id = t.appointment_id join patient p on p.id = a.patient_id"""
    )
    names = {row["name"] for row in rows}
    assert len(names) == len(visits)
    assert len(rows) > 2 * len(visits)
    for row in rows:
        text = open_message(KEYS, row["key"], row["content"]).text
        assert (row["own"], row["chat"]) == (True, True), text
        assert {name for name in names if name in text} <= {row["name"]}
        assert str(row["number"]) in text
