"""The record's timeline, a message from the record, who speaks for whom, and finding patients."""

from datetime import date, timedelta
from typing import Any

import pytest

from clinic.staff.access.timeline import SHOWN
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House


async def person(house: House, **more: Any) -> tuple[int, int]:
    """A patient whose chat agreed to everything, and their conversation."""
    patient = await house.patient("田中 花子", chart="1001", **more)
    talk = await house.conversation(patient, said="明日でもいいですか")
    await house.rows("update chat_account set consent_version = '2.1', language = 'ja'")
    return patient, talk


async def test_everything_that_happened_stands_in_one_list_the_newest_first(
    house: House, desk: Browser
) -> None:
    patient, talk = await person(house, phone="+819012345678")
    practitioner = await house.practitioner("佐藤")
    await house.visit(patient, practitioner, on=date(2026, 1, 5), status="fulfilled")
    await house.visit(patient, practitioner, on=date(2099, 1, 5))
    await house.visit(patient, practitioner, on=date(2026, 1, 6), status="expired")
    await house.care_plan(patient)
    await house.task("call", patient=patient)
    await house.escalation(talk, said="胸が痛い")
    await house.rows("update escalation set patient_id = $1", patient)
    await house.emergency(patient, (await house.staff("鈴木", Role.DOCTOR)).id, "no time")
    await house.response(patient, next(iter((await house.forms()).values())), {})
    for sql in (
        """insert into observation (patient_id, kind, value, second, unit, source, measured_at)
           values ($1, 'blood_pressure', 135, 85, 'mmHg', 'staff', now())""",
        """insert into encounter (patient_id, on_date, setting)
           values ($1, '2025-12-01', 'inpatient')""",
        """insert into consent (account_id, purpose, notice_version, given)
           select account_id, 'care', '1', true from link where patient_id = $1""",
        """insert into link (account_id, patient_id, relation, proof, ended_at)
           select account_id, $1, 'parent', 'staff', now() from link where patient_id = $1""",
    ):
        await house.rows(sql, patient)
    await house.clear_audit()
    page = await desk.read(f"/patients/{patient}/timeline")
    for words in (
        *(
            "2099年1月5日",
            "2026年1月5日",
            "来院（職員）",
            "入院",
            "135/85 mmHg",
        ),
        *(
            "緊急アクセスで閲覧",
            "緊急対応",
            "LINEを連携",
            "LINEの連携を終了",
            "最後の一言を見る",
            "問診票の回答",
        ),
        *("同意: ", "プラン: "),
    ):
        assert words in page, words
    assert page.index("2099年1月5日") < page.index("2026年1月5日") < page.index("2025年12月1日")
    assert "2026年1月6日" not in page  # expired
    for words in ("明日でも", "胸が痛い", "no time", "12345678"):
        assert words not in page, words
    audit = await house.rows("select action, subject_id from audit order by id")
    assert {"action": "staff:patient:timeline", "subject_id": patient} in audit
    visits = await desk.read(f"/patients/{patient}/timeline?only=visits")
    assert "2099年1月5日" in visits
    assert "緊急対応" not in visits.split('class="happenings"')[1].split("</ol>")[0]
    for only in ("messages", "chats", "forms", "health", "tasks", "plans", "notes", "access", "x"):
        await desk.read(f"/patients/{patient}/timeline?only={only}")
    assert "経過" in await desk.read(f"/patients/{patient}")


async def test_a_long_record_is_read_page_by_page_and_no_line_is_lost(
    house: House, desk: Browser
) -> None:
    patient, _ = await person(house)
    await house.rows(
        """insert into encounter (patient_id, on_date, setting)
           select $1, '2026-01-01'::date - n / 2, 'outpatient' from generate_series(1, 70) n""",
        patient,
    )
    path, seen = f"/patients/{patient}/timeline?only=visits", 0
    for _ in range(4):
        page = await desk.read(path, headers={"HX-Request": "true"})
        seen += page.count("<time ")
        assert page.count("<time ") <= SHOWN
        if "hx-get" not in page.split('<li class="d-print-none">')[-1] or "&amp;at=" not in page:
            break
        path = page.split('href="')[-1].split('"')[0].replace("&amp;", "&")
    assert seen == 70
    for broken in ("at=x&kind=visit&id=1", "at=2026-01-01&kind=visit&id=1", "at=&kind=x&id="):
        await desk.read(f"/patients/{patient}/timeline?{broken}")


async def test_the_record_told_visits_questionnaires_and_tasks_twice(
    house: House, desk: Browser
) -> None:
    patient, _ = await person(house)
    await house.visit(patient, await house.practitioner("佐藤"), on=date(2099, 1, 5))
    await house.response(patient, next(iter((await house.forms()).values())), {})
    task = await house.task("call", patient=patient)
    page = await desk.read(f"/patients/{patient}")
    lines = page.split('class="happenings"')[1].split("</ol>")[0]
    for once in ("2099年1月5日", "/questionnaires/responses/", f"/tasks#task-{task}"):
        assert (lines.count(once), page.count(once)) == (1, 1), once


async def test_a_visit_says_where_it_is_known_from(house: House, desk: Browser) -> None:
    patient, _ = await person(house)
    for number, kind in enumerate(("uke", "table")):
        await house.rows(
            """with run as (
                 insert into import_run (key, kind, state, digest, size, name)
                 values (gen_random_uuid(), $2, 'committed', 'd', 1, '') returning id),
               source as (
                 insert into source_record (run_id, patient_id, key, digest, setting)
                 select id, $1, $2, 'd', 'outpatient' from run returning id)
               insert into encounter (patient_id, on_date, setting, record_id)
               select $1, '2025-12-01'::date + $3::int, 'outpatient', id from source""",
            patient,
            kind,
            number,
        )
    page = await desk.read(f"/patients/{patient}")
    assert page.index("来院（一覧）") < page.index("来院（レセプト）")


async def test_the_card_on_the_record_leads_not_to_the_record(house: House, desk: Browser) -> None:
    patient, talk = await person(house)
    glance = (
        (await desk.read(f"/patients/{patient}")).split('id="glance"')[1].split("</article>")[0]
    )
    assert f'href="/patients/{patient}"' not in glance
    assert f"/calendar/book?patient={patient}" in glance
    assert f'href="/patients/{patient}"' in await desk.read(f"/conversations/{talk}")


async def test_the_last_line_of_a_chat_is_shown_to_whoever_asks_for_it(
    house: House, desk: Browser, sign_in: SignIn
) -> None:
    patient, talk = await person(house)
    other = await house.conversation(await house.patient("高橋"), said="ひみつ")
    answer = await desk.post(f"/patients/{patient}/chats/{talk}/last")
    assert "明日でもいいですか" in await answer.text()
    assert await house.value("select true from audit where action = 'staff:conversation:read'")
    assert (await desk.post(f"/patients/{patient}/chats/{other}/last")).status == 404
    doctor = await sign_in(await house.staff("佐藤", Role.DOCTOR))
    for path in ("timeline", "message"):
        assert (await doctor.get(f"/patients/{patient}/{path}")).status == 404
    assert (await doctor.post(f"/patients/{patient}/chats/{talk}/last")).status == 404
    assert (await doctor.post(f"/patients/{patient}/message", text="x")).status == 404
    assert (await doctor.post(f"/patients/{patient}/chats/{talk}/end")).status == 403


async def test_a_message_from_the_record_goes_by_the_preferred_chat_once(
    house: House, desk: Browser
) -> None:
    patient, talk = await person(house)
    page = await desk.read(f"/patients/{patient}/message")
    assert "LINEで届きます" in page
    key = page.split('name="key" value="')[1].split('"')[0]
    assert (await desk.post(f"/patients/{patient}/message", text=" ", key=key)).status == 409
    answer = await desk.post(f"/patients/{patient}/message", text="検査結果が出ました。", key=key)
    assert answer.headers["Location"] == f"/conversations/{talk}"
    again = await desk.post(f"/patients/{patient}/message", text="検査結果が出ました。", key=key)
    assert again.status == 409
    rows = await house.rows(
        "select patient_id, purpose, consent_purpose, link_version, staff_id from outbox"
    )
    assert [(row["patient_id"], row["purpose"], row["consent_purpose"]) for row in rows] == [
        (patient, "staff", "care")
    ]
    assert rows[0]["link_version"] is not None
    assert await house.value("select owner from conversation where id = $1", talk) == "staff"
    assert "スタッフからのメッセージ" in await desk.read(
        f"/patients/{patient}/timeline?only=messages"
    )
    assert "検査結果" not in str(await house.rows("select * from audit"))


async def test_who_cannot_be_written_to_is_told_with_the_reason(
    house: House, desk: Browser, sign_in: SignIn
) -> None:
    patient, talk = await person(house)
    colleague = await sign_in(await house.staff("伊藤"))
    await colleague.post(f"/conversations/{talk}/take-over")
    answer = await desk.post(f"/patients/{patient}/message", text="こんにちは")
    assert answer.status == 409
    assert "ほかのスタッフが対応中" in await answer.text()
    await house.rows("update chat_account set opted_out_at = now()")
    page = await desk.read(f"/patients/{patient}/message")
    assert "メッセージを送れません" in page
    assert "<textarea" not in page
    assert (await desk.post(f"/patients/{patient}/message", text="こんにちは")).status == 409
    assert await house.value("select count(*) from outbox where purpose = 'staff'") == 0


async def test_the_link_of_a_helper_is_seen_and_ended(house: House, desk: Browser) -> None:
    patient, talk = await person(house)
    child = await house.patient("田中 太郎")
    await house.rows(
        """insert into link (account_id, patient_id, relation, proof)
           select account_id, $1, 'child', 'staff' from conversation where id = $2""",
        child,
        talk,
    )
    page = await desk.read(f"/patients/{patient}")
    assert f'href="/patients/{child}">田中 太郎' in page
    answer = await desk.post(f"/patients/{patient}/chats/{talk}/end")
    assert answer.headers["Location"].startswith(f"/patients/{patient}?done=unlinked")
    assert await house.value("select ended_at from link where patient_id = $1", patient)
    assert await house.value("select link_version from chat_account") == 1
    assert (
        await house.value("select count(*) from audit where action = 'staff:patient:unlink'") == 1
    )
    assert (await desk.post(f"/patients/{patient}/chats/{talk}/end")).status == 404
    assert "連携を終了しました" in await desk.read(f"/patients/{patient}?done=unlinked")


@pytest.mark.parametrize("words", ["1950-03-04", "1950/3/4", "１９５０年３月４日", "19500304"])
async def test_a_patient_is_found_by_the_birth_date(
    house: House, desk: Browser, words: str
) -> None:
    await house.patient("田中 花子", birth_on=date(1950, 3, 4))
    await house.patient("高橋 一郎", birth_on=date(1950, 3, 4) + timedelta(1))
    page = await (await desk.post("/patients", q=words)).text()
    assert "田中 花子" in page
    assert "高橋 一郎" not in page


async def test_a_doctor_finds_own_patients_alone_and_no_words_are_in_addresses(
    house: House, sign_in: SignIn
) -> None:
    staff = await house.staff("佐藤", Role.DOCTOR)
    mine = await house.patient("田中 花子", chart="1001")
    await house.patient("田中 太郎", chart="1002")
    await house.visit(mine, await house.practitioner("佐藤", staff))
    doctor = await sign_in(staff)
    page = await (await doctor.post("/patients", q="田中")).text()
    assert "田中 花子" in page
    assert "田中 太郎" not in page
    assert f"/patients/{mine}/code" not in page
    assert "hx-get" not in page.split('id="q"')[1].split(">")[0]
    assert "田中 花子" not in await doctor.read("/patients?q=田中")  # an old bookmark
