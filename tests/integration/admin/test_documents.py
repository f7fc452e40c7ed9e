"""Documents in the panel: templates by version, filling in, issuing, sending, voiding."""

import hashlib
import re

import pytest

from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House
from tests.integration.admin.papers import paper, templates

EN = {"Accept-Language": "en"}


async def test_ready_made_templates_are_drafts_until_somebody_says_they_were_checked(
    house: House, chief: Browser
) -> None:
    for _ in range(2):
        await chief.post("/documents/ready-made")
    rows = await house.rows("select * from document_template")
    assert {(row["status"], row["checked_by_id"]) for row in rows} == {("draft", None)}
    assert {row["kind"] for row in rows} == {
        *("certificate", "referral", "consent", "care_plan", "contract")
    }
    assert all(set(row["texts"]) == {"ja", "en", "zh-Hant", "zh-Hans", "ru"} for row in rows)
    one = rows[0]["id"]
    assert "A clinician and a lawyer" in await chief.read(f"/documents/templates/{one}", headers=EN)
    patient = await house.patient("田中 花子")
    answer = await chief.get(f"/patients/{patient}/documents/new/{one}")
    assert answer.status == 404, "nothing is issued from a draft"
    assert (await chief.post(f"/documents/templates/{one}/activate")).status == 422
    await chief.post(f"/documents/templates/{one}/activate", checked="yes")
    assert await house.value("select status from document_template where id = $1", one) == "active"
    assert (await chief.get(f"/patients/{patient}/documents/new/{one}")).status == 200


async def test_a_version_in_use_never_changes_the_next_one_is_a_draft(
    house: House, chief: Browser
) -> None:
    one = (await templates(house))["referral"]
    before = await house.rows("select texts::text from document_template where id = $1", one)
    fields = {"kind": "referral", "title-en": "Letter", "text-en": "Dear {colleague}, {name}"}
    bad = await chief.send(f"/documents/templates/{one}", {"csrf": chief.csrf, **fields}, EN)
    assert bad.status == 422
    assert "Unknown place: colleague" in await bad.text()
    fields["fields-en"] = "colleague: Colleague"
    made = await chief.post(f"/documents/templates/{one}", **fields)
    two = int(re.findall(r"\d+", made.headers["Location"])[0])
    rows = await house.rows("select texts::text from document_template where id = $1", one)
    assert rows == before
    got = await house.rows("select version, status from document_template where id = $1", two)
    assert got == [{"version": 2, "status": "draft"}]
    await chief.post(f"/documents/templates/{two}/activate", checked="yes")
    status = await house.value("select status from document_template where id = $1", one)
    assert status == "retired"
    await chief.post(f"/documents/templates/{two}/retire")
    assert (await chief.post(f"/documents/templates/{two}/retire")).status == 409
    page = await chief.read(f"/documents/templates/{two}", headers=EN)
    assert "colleague: Colleague" in page


async def test_what_is_empty_stops_the_issue_and_is_named(house: House, desk: Browser) -> None:
    template = (await templates(house))["certificate"]
    patient = await house.patient("田中 花子", kana="タナカ ハナコ")
    path = f"/patients/{patient}/documents/new/{template}"
    answer = await desk.send(
        path, {"csrf": desk.csrf, "language": "en", "do": "issue", "place-period": "2 weeks"}, EN
    )
    page = await answer.text()
    assert answer.status == 422
    assert "Still empty:" in page
    for word in ("date of birth", "chart number", "diagnoses", "Findings and course"):
        assert word in page
    assert "2 weeks</textarea>" in page, "what was written is kept"
    assert await house.value("select count(*) from document") == 0


async def test_a_document_is_filled_from_the_record_and_stored_encrypted_with_its_hash(
    house: House, sign_in: SignIn
) -> None:
    doctor = await house.staff("佐藤 医師", Role.DOCTOR)
    template = (await templates(house))["care-plan"]
    patient = await house.patient("田中 花子", kana="タナカ ハナコ", chart="1001")
    practitioner = await house.practitioner("佐藤", doctor)
    await house.visit(patient, practitioner)
    await house.rows(
        """insert into condition (patient_id, system, code, name, icd10)
           values ($1, 'uke', '8833421', '高血圧症', 'I10'), ($1, 'uke', '1', '糖尿病', 'E11')""",
        patient,
    )
    await house.rows(
        """insert into observation (patient_id, kind, value, second, unit, source, measured_at)
           values ($1, 'blood_pressure', 128, 76, 'mmHg', 'staff', now())""",
        patient,
    )
    browser = await sign_in(doctor)
    path = f"/patients/{patient}/documents/new/{template}"
    assert "糖尿病" in await browser.read(path)
    written = {
        f"place-{name}": f"書いたこと {name}"
        for name in (
            *("goals", "diet", "exercise", "medicine", "habits", "tests"),
            *("birth_on", "next_visit"),
        )
    }
    chosen = {"language": "ja", "diagnoses": "高血圧症", "practitioner": str(practitioner)}
    look = await (await browser.post(path, do="look", **chosen, **written)).text()
    article = look[look.index("<article") :]
    for words in ("高血圧症", "128/76 mmHg", "書いたこと diet", "田中 花子", "1001"):
        assert words in article
    assert "糖尿病" not in article, "it was not ticked"
    made = await browser.post(path, do="issue", **chosen, **written)
    assert made.status == 303
    (row,) = await house.rows("select * from document")
    assert re.fullmatch(r"\d{4}-\d{6}", row["number"])
    assert row["issued_by_id"] == doctor.id
    assert b"%PDF" not in row["pdf"]
    pdf = await (await browser.get(f"/documents/{row['id']}/document.pdf")).read()
    assert pdf.startswith(b"%PDF")
    assert hashlib.sha256(pdf).hexdigest() == row["sha256"]
    assert row["number"] in await browser.read(f"/patients/{patient}/documents")
    page = await browser.read(f"/documents/{row['id']}")
    assert row["sha256"] in page
    assert "書いたこと goals" in page
    seen = await house.value("select count(*) from audit where action = 'staff:document:read'")
    assert seen == 2, "each view is written down"


async def test_a_doctor_issues_and_sees_documents_of_own_patients_alone(
    house: House, sign_in: SignIn
) -> None:
    doctor = await house.staff("佐藤 医師", Role.DOCTOR)
    patient = await house.patient("よその 患者")
    await house.conversation(patient)
    made = await paper(house, patient, "秘密")
    browser = await sign_in(doctor)
    document = f"/documents/{made['document']}"
    for path in (
        f"/patients/{patient}/documents",
        f"/patients/{patient}/documents/new/{made['template']}",
        document,
        f"{document}/document.pdf",
        f"{document}/answers/{made['reply']}",
    ):
        assert (await browser.get(path)).status == 404, path
    for deed in ("send", "void"):
        assert (await browser.post(f"{document}/{deed}", reason="x")).status == 404
    assert await house.value("select state from document") == "issued"


async def test_a_document_could_be_issued_in_a_colleagues_name(
    house: House, sign_in: SignIn
) -> None:
    doctor, patient = await house.staff("佐藤 医師", Role.DOCTOR), await house.patient("田中 花子")
    await house.practitioner("鈴木", await house.staff("鈴木 医師", Role.DOCTOR))
    await house.visit(patient, await house.practitioner("佐藤", doctor))
    referral = (await templates(house))["referral"]
    page = f"/patients/{patient}/documents/new/{referral}"
    shown = await (await sign_in(doctor)).read(page)
    assert "佐藤" in shown
    assert "鈴木" not in shown


async def test_a_document_is_voided_with_a_reason_once(house: House, desk: Browser) -> None:
    patient = await house.patient("田中 花子")
    await house.conversation(patient)
    document = (await paper(house, patient, "本文"))["document"]
    assert (await desk.post(f"/documents/{document}/void", reason=" ")).status == 422
    assert (await desk.post(f"/documents/{document}/void", reason="日付の誤り")).status == 303
    assert (await desk.post(f"/documents/{document}/void", reason="また")).status == 422
    page = await desk.read(f"/documents/{document}?done=void")
    assert "日付の誤り" in page
    sealed = await house.value("select void_note from document")
    assert "日付".encode() not in sealed
    answer = await desk.post(f"/documents/{document}/send")
    assert answer.headers["Location"].endswith("?why=not_relevant")


@pytest.mark.parametrize("code", ["certificate", "consent"])
async def test_the_message_says_nothing_of_what_the_document_is(
    house: House, desk: Browser, code: str
) -> None:
    patient = await house.patient("田中 花子")
    talk = await house.conversation(patient)
    await house.rows(
        """update chat_account set consent_version = '2.1', language = 'ja' where id = (
             select account_id from conversation where id = $1)""",
        talk,
    )
    document = (await paper(house, patient, "妊娠について", code))["document"]
    sent = await desk.post(f"/documents/{document}/send")
    assert sent.headers["Location"].endswith("?done=sent")
    again = await desk.post(f"/documents/{document}/send")
    assert again.headers["Location"].endswith("?why=too_often")
    page = await desk.read(f"/conversations/{talk}")
    assert "書類を開く" in page
    assert ("同意します" in page) is (code == "consent")
    assert "妊娠" not in page
    assert await house.value("select sent_at is not null from document")


async def test_who_cannot_be_written_to_is_said(house: House, desk: Browser) -> None:
    patient = await house.patient("田中 花子")
    await house.conversation(patient)
    document = (await paper(house, patient, "本文"))["document"]
    await house.rows("update link set ended_at = now()")
    answer = await desk.post(f"/documents/{document}/send")
    why = answer.headers["Location"]
    assert why.endswith("?why=no_chat")
    assert "Not sent:" in await desk.read(why, headers=EN)
