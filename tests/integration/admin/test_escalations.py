"""Emergencies in the panel: the alarm on every page, the list, one of them, and its end."""

import asyncio
import re
from datetime import date

import pytest

from clinic.escalation.types import DISPOSITIONS
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House

BAR = re.compile(r'id="alarm-bar"[^>]* data-count="(\d+)" data-newest="(\d+)"')
SEEN = re.compile(r"seen=([\w.-]+)")


async def rings(browser: Browser, path: str = "/today") -> int:
    """How many emergencies the alarm of a page tells of."""
    found = BAR.search(await browser.read(path))
    assert found is not None
    return int(found[1])


@pytest.fixture
async def doctor(house: House, sign_in: SignIn) -> Browser:
    return await sign_in(await house.staff("佐藤 医師", Role.DOCTOR))


# The alarm ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("level", "alarms"), [(4, 1), (3, 1), (2, 0)])
async def test_what_is_grave_rings_for_everybody_and_what_is_not_does_not(
    house: House, desk: Browser, doctor: Browser, level: int, alarms: int
) -> None:
    talk = await house.conversation()
    assert await rings(desk) == 0
    await house.escalation(talk, level=level)
    for browser in (desk, doctor):
        assert await rings(browser) == alarms


async def test_the_polled_menu_brings_the_alarm_only_when_it_changed(
    house: House, desk: Browser
) -> None:
    found = SEEN.search(await desk.read("/today"))
    assert found is not None
    quiet = found[1]
    assert (await desk.get(f"/live/menu?seen={quiet}")).status == 204
    one = await house.escalation(await house.conversation())
    answer = await desk.read(f"/live/menu?seen={quiet}")
    assert f'href="/escalations/{one}"' in answer
    assert "hx-swap-oob" in answer
    found = SEEN.search(answer)
    assert found is not None
    assert (await desk.get(f"/live/menu?seen={found[1]}")).status == 204
    await house.conversation(owner="queue")
    assert "alarm-bar" not in await desk.read(f"/live/menu?seen={found[1]}")


async def test_who_acknowledges_stops_the_ringing_and_not_the_badge(
    house: House, desk: Browser
) -> None:
    one = await house.escalation(await house.conversation())
    await desk.post(f"/escalations/{one}/acknowledge")
    page = await desk.read("/today")
    assert BAR.search(page)[1] == "0"  # type: ignore[index]  # it is on every page
    assert 'data-count="escalations">1<' in page


async def test_two_emergencies_lead_to_the_list(house: House, desk: Browser) -> None:
    for _ in range(2):
        await house.escalation(await house.conversation())
    assert 'id="alarm-link" href="/escalations"' in await desk.read("/today")


# The list and one of them -------------------------------------------------------------------------


async def test_a_doctor_sees_the_emergency_of_anybodys_patient(
    house: House, doctor: Browser
) -> None:
    patient = await house.patient(
        "田中 花子", chart="1001", phone="+819012345678", birth_on=date(1950, 1, 1)
    )
    await house.rows("update patient set sex = 'female'")
    talk = await house.conversation(patient, said="胸がとても痛いです")
    one = await house.escalation(talk, patient=patient, said="胸がとても痛いです")
    listed = await doctor.read("/escalations")
    for words in (
        "田中 花子",
        "女性",
        "歳",
        "レベル4",
        "胸の痛み",
        "まだ担当者がいません",
        "data-countdown",
    ):
        assert words in listed, words
    page = await doctor.read(f"/escalations/{one}")
    for words in ("+819012345678", "1950-01-01", "私が対応します", 'id="thread"', 'id="messages"'):
        assert words in page, words
    assert page.count("胸がとても痛いです") == 2, "as it was said, and in the transcript"


@pytest.mark.parametrize(
    ("level", "state", "shown"), [(3, "open", True), (2, "open", False), (4, "closed", False)]
)
async def test_the_number_of_what_is_grave_and_open_is_shown_at_once_every_other_by_a_press(
    house: House, doctor: Browser, level: int, state: str, shown: bool
) -> None:
    patient = await house.patient("田中 花子", phone="+819012345678")
    case = await house.escalation(await house.conversation(patient), level=level, patient=patient)
    if state == "closed":
        await doctor.post(f"/escalations/{case}/close", disposition="advice")
    page = await doctor.read(f"/escalations/{case}")
    assert ("tel:+819012345678" in page) is shown
    assert ("+81 •••• 678" in page) is not shown
    detail = await house.value(
        "select detail from audit where action = 'staff:escalation:read' order by id desc limit 1"
    )
    assert detail == ({"phone": "clear"} if shown else {})
    number = await doctor.post(f"/escalations/{case}/phone")
    assert "tel:+819012345678" in await number.text()
    reveals = "select count(*) from audit where action = 'staff:escalation:reveal_phone'"
    assert await house.value(reveals) == 1


async def test_the_age_of_a_small_child_is_told_in_months(house: House, desk: Browser) -> None:
    child = await house.patient("あかり")
    await house.rows("update patient set birth_on = current_date - interval '100 days'")
    await house.escalation(await house.conversation(child), patient=child)
    assert "生後3か月" in await desk.read("/escalations")


async def test_nobody_is_named_as_the_patient_who_may_be_somebody_else(
    house: House, desk: Browser
) -> None:
    holder = await house.patient("田中 花子")
    one = await house.escalation(await house.conversation(holder))
    assert "別の方のことかもしれません" in await desk.read(f"/escalations/{one}")


async def test_an_open_list_is_sent_again_only_when_it_changed_and_leaves_no_rows_meanwhile(
    house: House, desk: Browser
) -> None:
    one = await house.escalation(await house.conversation())
    for path in ("/escalations", f"/escalations/{one}"):
        found = re.search(rf"/live{path}\?seen=(\w+)", await desk.read(path))
        assert found is not None
        audit = await house.value("select count(*) from audit")
        assert (await desk.get(f"/live{path}?seen={found[1]}")).status == 204
        assert await house.value("select count(*) from audit") == audit
        assert "hx-get" in await desk.read(f"/live{path}?seen=0")


# What is done about it ----------------------------------------------------------------------------


async def test_exactly_one_of_many_who_press_at_once_has_it(house: House, sign_in: SignIn) -> None:
    one = await house.escalation(await house.conversation())
    browsers = [await sign_in(await house.staff(f"医師{n}", Role.DOCTOR)) for n in range(6)]
    answers = await asyncio.gather(*(it.post(f"/escalations/{one}/acknowledge") for it in browsers))
    targets = sorted(it.headers["Location"] for it in answers)
    assert targets == [f"/escalations/{one}"] + [f"/escalations/{one}?problem=theirs"] * 5
    late = await browsers[0].read(f"/escalations/{one}?problem=theirs")
    assert "すでに別の職員が引き受けています" in late


async def test_a_call_is_noted_and_makes_the_caller_the_owner(
    house: House, doctor: Browser
) -> None:
    one = await house.escalation(await house.conversation())
    await doctor.post(f"/escalations/{one}/called")
    page = await doctor.read(f"/escalations/{one}")
    assert "あなたが担当です" in page
    assert "患者さんに電話しました" in page
    assert 'id="called"' not in page


async def test_taking_over_leads_to_the_chat_where_the_patient_is_answered(
    house: House, doctor: Browser
) -> None:
    talk = await house.conversation(said="胸が痛い")
    one = await house.escalation(talk)
    taken = await doctor.post(f"/escalations/{one}/take-over")
    assert taken.headers["Location"] == f"/conversations/{talk}"
    chat = await doctor.read(f"/conversations/{talk}")
    assert 'name="text"' in chat
    assert f'href="/escalations/{one}"' in chat
    assert f'id="to-chat" href="/conversations/{talk}"' in await doctor.read(f"/escalations/{one}")


async def test_a_chat_that_a_colleague_has_is_not_taken(
    house: House, desk: Browser, doctor: Browser
) -> None:
    talk = await house.conversation(said="胸が痛い")
    one = await house.escalation(talk)
    await desk.post(f"/conversations/{talk}/take-over")
    taken = await doctor.post(f"/escalations/{one}/take-over")
    assert taken.headers["Location"] == f"/escalations/{one}?problem=busy"
    assert "山田 受付が患者さんとチャット中です" in await doctor.read(f"/escalations/{one}")


@pytest.mark.parametrize(
    "fields", [{}, {"disposition": "gone"}, {"disposition": "advice", "note": "x" * 2_001}], ids=str
)
async def test_nothing_is_closed_without_how_it_ended_and_what_was_typed_stays(
    house: House, doctor: Browser, fields: dict[str, str]
) -> None:
    one = await house.escalation(await house.conversation())
    answer = await doctor.post(f"/escalations/{one}/close", **{"note": "書いたこと", **fields})
    assert answer.status == 422
    assert fields.get("note", "書いたこと") in await answer.text()
    assert await house.value("select state from escalation") == "open"


@pytest.mark.parametrize("end", DISPOSITIONS)
async def test_it_is_closed_with_how_it_ended_and_a_note(
    house: House, doctor: Browser, end: str
) -> None:
    one = await house.escalation(await house.conversation())
    await doctor.post(f"/escalations/{one}/close", disposition=end, note="救急へ\r\n連絡済み")
    page = await doctor.read(f"/escalations/{one}")
    assert "救急へ\n連絡済み" in page
    assert 'action="/escalations/' not in page
    assert "緊急の連絡はありません" in await doctor.read("/escalations")
    assert f'id="escalation-{one}"' in await doctor.read("/escalations?state=closed")
    stored = await house.rows("select disposition, note from escalation")
    assert stored[0]["disposition"] == end
    assert "救急".encode() not in stored[0]["note"]


async def test_a_colleagues_is_closed_by_nobody_but_an_admin(
    house: House, desk: Browser, doctor: Browser, chief: Browser
) -> None:
    one = await house.escalation(await house.conversation())
    await doctor.post(f"/escalations/{one}/acknowledge")
    refused = await desk.post(f"/escalations/{one}/close", disposition="advice")
    assert refused.headers["Location"] == f"/escalations/{one}?problem=theirs"
    assert "/close" not in await desk.read(f"/escalations/{one}")
    await chief.post(f"/escalations/{one}/close", disposition="advice")
    assert await house.value("select state from escalation") == "closed"


async def test_the_chat_of_a_closed_one_is_again_for_those_whose_patient_it_is(
    house: House, desk: Browser, doctor: Browser
) -> None:
    one = await house.escalation(await house.conversation(said="秘密のことば"))
    await desk.post(f"/escalations/{one}/close", disposition="false_alarm")
    page = await doctor.read(f"/escalations/{one}")
    assert "秘密のことば" not in page
    assert "やりとりは表示されません" in page


# Notes --------------------------------------------------------------------------------------------


async def test_a_note_is_seen_by_colleagues_and_never_sent(
    house: House, desk: Browser, doctor: Browser
) -> None:
    talk = await house.conversation(said="胸が痛い")
    await house.escalation(talk)
    await desk.post(f"/conversations/{talk}/notes", note="ご家族に\r\n電話済み")
    page = await doctor.read(f"/conversations/{talk}")
    assert "ご家族に\n電話済み" in page
    assert "山田 受付" in page
    assert "職員だけに見えます" in page
    assert await house.value("select count(*) from outbox") == 0
    thread = await doctor.read(f"/live/conversations/{talk}")
    assert "電話済み" in thread, "the thread holds notes, for staff"


@pytest.mark.parametrize("note", ["", " \r\n", "x" * 2_001], ids=len)
async def test_an_empty_or_endless_note_is_not_kept(house: House, desk: Browser, note: str) -> None:
    talk = await house.conversation()
    answer = await desk.post(f"/conversations/{talk}/notes", note=note)
    assert answer.headers["Location"].endswith("?problem=note")
    assert await house.value("select count(*) from internal_note") == 0


async def test_who_may_not_see_a_conversation_writes_no_note_about_it(
    house: House, doctor: Browser
) -> None:
    talk = await house.conversation(await house.patient("他人"))
    assert (await doctor.post(f"/conversations/{talk}/notes", note="x")).status == 404
