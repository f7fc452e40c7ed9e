"""The record page of a patient, what staff change there, and what they take out."""

import base64
import re
import zlib
from datetime import date

import orjson
import pytest

from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, House
from tests.integration.record.canary import (
    CHART,
    INSURER,
    KANA,
    MAIL,
    NAME,
    PHONE,
    PLACE,
    WORDS,
    Canary,
)


async def actions(house: House) -> list[tuple[str, int, dict[str, object]]]:
    rows = await house.rows("select action, subject_id, detail from audit order by id")
    return [(row["action"], row["subject_id"], row["detail"]) for row in rows]


async def test_the_page_shows_all_that_is_known_and_masks_what_is_sealed(
    house: House, chief: Browser
) -> None:
    patient = await Canary(house).write()
    await house.task("call", patient=patient.id)
    html = await chief.read(f"/patients/{patient.id}", headers={"Accept-Language": "en"})
    for words in (
        *(NAME, KANA, CHART, "1977-07-07", f"{WORDS}アレルギー", "カナリア病", "カナリア印"),
        *("unknown (CANARYACT)", "unknown (CANARYDRUG)", "カナリア飼い", "カナリアの紹介"),
        *(f"/conversations/{patient.talk}", f"/conversations/{patient.shared}", "••••7777"),
        *("speaks for others too", "Visit booked elsewhere", "GAD", "G</strong>", f"{CHART}OLD"),
    ):
        assert words in html, words
    for sealed in (PHONE, MAIL, PLACE, INSURER):
        assert sealed not in html
    assert await chief.get(f"/patients/{patient.alias}")
    answer = await chief.get(f"/patients/{patient.alias}")
    assert (answer.status, answer.headers["Location"]) == (303, f"/patients/{patient.id}")
    assert (await chief.get("/patients/999999")).status == 404


async def test_days_are_those_of_the_clinic_and_not_of_the_server(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子")
    await house.visit(patient, await house.practitioner("佐藤"), at="08:30", on=date(2036, 1, 2))
    assert "2036年1月2日(水) 8:30" in await desk.read(f"/patients/{patient}")


async def test_every_look_and_every_reveal_is_audited(house: House, desk: Browser) -> None:
    patient = await Canary(house).write()
    await house.clear_audit()
    await desk.read(f"/patients/{patient.id}")
    answer = await desk.send(
        f"/patients/{patient.id}/reveal",
        {"csrf": desk.csrf, "field": "phone"},
        {"HX-Request": "true"},
    )
    assert PHONE in await answer.text()
    looks = await actions(house)
    assert looks[0] == ("staff:patient:record", patient.id, {})
    assert {one[0] for one in looks[1:-1]} == {
        *("staff:patient:timeline", "staff:patient:card", "staff:patient:others"),
    }
    assert looks[-1] == ("staff:patient:reveal", patient.id, {"field": "phone"})
    whole = await desk.post(f"/patients/{patient.id}/reveal", field="email")
    assert MAIL in await whole.text()
    assert (await desk.post(f"/patients/{patient.id}/reveal", field="key")).status == 422


async def test_a_doctor_sees_own_patients_and_changes_no_identity(
    house: House, sign_in: SignIn
) -> None:
    staff = await house.staff("佐藤", Role.DOCTOR)
    own, other = await house.patient("田中 花子"), await house.patient("他人")
    await house.visit(own, await house.practitioner("佐藤", staff))
    doctor = await sign_in(staff)
    assert "田中 花子" in await doctor.read(f"/patients/{own}")
    assert (
        await doctor.post(f"/patients/{own}/notes", kind="visit", note="白衣高血圧")
    ).status == 303
    assert (await doctor.post(f"/patients/{own}/tags", tag="要フォロー")).status == 303
    before = await house.value("select count(*) from audit")
    for path, fields in (
        (f"/patients/{other}/notes", {"kind": "visit", "note": "x"}),
        (f"/patients/{other}/tags", {"tag": "x"}),
        (f"/patients/{other}/reveal", {"field": "phone"}),
        (f"/patients/{other}/notes/1/end", {}),
    ):
        assert (await doctor.post(path, **fields)).status == 404, path
    assert (await doctor.get(f"/patients/{other}")).status == 404
    for path in ("edit", "export.json", "export.pdf", "erase"):
        assert (await doctor.get(f"/patients/{own}/{path}")).status == 403, path
    assert (await doctor.post(f"/patients/{own}/flag", flag="moved")).status == 403
    assert await house.value("select count(*) from audit") == before


async def test_what_staff_say_of_identity_and_contact_is_found_again_and_marked_as_theirs(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子", kana="タナカ ハナコ", chart="1", phone=PHONE)
    answer = await desk.post(
        f"/patients/{patient}/edit",
        name="髙橋 花子",
        kana="タカハシ ハナコ",
        chart="００42",
        birth_on="1980-02-03",
        sex="female",
        language="ru",
        zone="Europe/Moscow",
        phone="090-1234-5678",
        email="",
        address="",
        acquired_by="紹介",
        occupation="教員",
        membership="corporate",
    )
    assert answer.status == 303
    row = (await house.rows("select * from patient where id = $1", patient))[0]
    assert (row["name"], row["chart"], row["birth_on"]) == ("髙橋 花子", "0042", date(1980, 2, 3))
    assert (row["name_key"], row["chart_loose"]) == ("高橋花子", "42")
    assert (row["kana_key"], row["zone"]) == ("タカハシハナコ", "Europe/Moscow")
    assert KEYS.open(row["phone"], "patient.phone", row["key"]) == b"+819012345678"
    assert row["phone_index"] == KEYS.index("phone", "+819012345678")
    assert {row["field_sources"][name] for name in ("name", "phone", "membership")} == {"staff"}
    assert "email" not in row["field_sources"]
    deed, subject, detail = (await actions(house))[-1]
    assert (deed, subject) == ("staff:patient:edit", patient)
    assert "phone" in detail["fields"]  # type: ignore[operator]  # a list of names
    await desk.post(f"/patients/{patient}/edit", name="髙橋 花子", clear_phone="yes", phone="")
    assert await house.value("select phone is null and phone_index is null from patient")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": " "}, "Something has to stand here."),
        ({"name": "x" * 201}, "That is too long."),
        ({"birth_on": "2026-02-30"}, "There is no such day"),
        ({"birth_on": "1700-01-01"}, "There is no such day"),
        ({"phone": "12"}, "no telephone number"),
        ({"email": "a@b"}, "no mail address"),
        ({"sex": "x"}, "not one of the choices"),
        ({"zone": "Atlantis/Poseidonis"}, "not one of the choices"),
        ({"chart": "2"}, "Another patient has this chart number."),
    ],
    ids=str,
)
async def test_what_cannot_be_is_refused_with_its_field_and_nothing_is_saved(
    house: House, desk: Browser, fields: dict[str, str], words: str
) -> None:
    await house.rows("update staff set language = 'en'")
    patient = await house.patient("田中 花子", chart="1")
    await house.patient("他人", chart="2")
    before = await house.rows("select p::text from patient p order by id")
    answer = await desk.post(f"/patients/{patient}/edit", **{"name": "田中", **fields})
    assert answer.status == 422
    assert words in await answer.text()
    assert await house.rows("select p::text from patient p order by id") == before


async def queued(house: House) -> dict[str, int]:
    rows = await house.rows("select state, count(*) as n from outbox group by 1")
    return {row["state"]: row["n"] for row in rows}


async def test_a_death_stops_what_waits_at_once_and_can_be_taken_back(
    house: House, desk: Browser
) -> None:
    patient, other = await house.patient("田中 花子"), await house.patient("田中 太郎")
    alone = await house.conversation(patient)
    family = await house.conversation(other, patient)
    visit = await house.visit(patient, await house.practitioner("佐藤"), on=date(2036, 1, 1))
    for talk, about in ((alone, None), (family, None), (family, visit)):
        row = await house.tell(talk, "お知らせ", "pending")
        await house.rows(
            "update outbox set purpose = 'reminder', appointment_id = $2 where id = $1", row, about
        )
    await house.tell(alone, "ご家族へのお返事", "pending")  # somebody waits for this answer
    refused = await desk.post(f"/patients/{patient}/flag", flag="deceased", on="2026-01-01")
    assert refused.status == 422, "nobody dies by one click"
    answer = await desk.post(
        f"/patients/{patient}/flag", flag="deceased", on="2026-01-01", confirm="yes"
    )
    assert answer.headers["Location"] == f"/patients/{patient}?done=flagged&n=2"
    assert await queued(house) == {"skipped": 2, "pending": 2}
    assert await house.value("select distinct reason from outbox where state = 'skipped'") == (
        "deceased"
    )
    assert "2026" in await desk.read(f"/patients/{patient}")
    await desk.post(f"/patients/{patient}/flag", flag="deceased", confirm="yes")
    assert await house.value("select deceased_on from patient where id = $1", patient) is None
    assert await queued(house) == {"skipped": 2, "pending": 2}


async def test_a_move_stops_all_but_what_tells_of_a_booked_visit(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子")
    talk = await house.conversation(patient)
    visit = await house.visit(patient, await house.practitioner("佐藤"), on=date(2036, 1, 1))
    for about in (None, visit):
        row = await house.tell(talk, "お知らせ", "pending")
        await house.rows(
            "update outbox set purpose = 'reminder', appointment_id = $2 where id = $1", row, about
        )
    await desk.post(f"/patients/{patient}/flag", flag="moved", on="2026-01-01", confirm="yes")
    rows = await house.rows("select state, reason from outbox order by id")
    assert [(row["state"], row["reason"]) for row in rows] == [
        ("skipped", "moved"),
        ("pending", None),
    ]
    late = await desk.post(
        f"/patients/{patient}/flag", flag="moved", on="2036-01-01", confirm="yes"
    )
    assert late.status == 422


async def test_notes_and_tags_come_and_go(house: House, desk: Browser) -> None:
    patient = await house.patient("田中 花子")
    await desk.post(f"/patients/{patient}/notes", kind="allergy", note="ペニシリン")
    await desk.post(f"/patients/{patient}/tags", tag=" VIP ")
    await desk.post(f"/patients/{patient}/tags", tag="VIP")
    assert await house.value("select count(*) from patient_tag") == 1
    assert b"\xe3\x83\x9a" not in await house.value("select content from patient_note")
    note = await house.value("select id from patient_note")
    assert "ペニシリン" in await desk.read(f"/patients/{patient}")
    await desk.post(f"/patients/{patient}/notes/{note}/end")
    assert "<del>" in await desk.read(f"/patients/{patient}")
    await desk.post(f"/patients/{patient}/tags", tag="VIP", remove="yes")
    assert await house.value("select count(*) from patient_tag") == 0
    assert (await desk.post(f"/patients/{patient}/notes", kind="x", note="y")).status == 422
    text = str(await house.rows("select * from audit"))
    assert "ペニシリン" not in text
    assert "VIP" not in text


async def test_the_export_holds_everything_and_is_audited(house: House, desk: Browser) -> None:
    patient = await Canary(house).write()
    answer = await desk.get(f"/patients/{patient.id}/export.json")
    assert "attachment" in answer.headers["Content-Disposition"]
    content = orjson.loads(await answer.read())
    assert content["format"] == 1
    assert content["person"]["phone"] == PHONE
    assert content["person"]["insurer"] == INSURER
    assert content["notes"][0]["content"] == f"{WORDS}アレルギー"
    assert content["answered"][0]["resource"]["resourceType"] == "QuestionnaireResponse"
    assert content["triage"][0]["run"] == {"words": WORDS}
    assert content["escalations"][0]["said"] == WORDS
    assert content["appointment_notes"][0]["note"] == WORDS
    chats = {chat["conversation"]: chat for chat in content["messages"]}
    assert any(WORDS in (line["text"] or "") for line in chats[patient.talk]["lines"])
    assert chats[patient.shared] == {
        "channel": "line",
        "conversation": patient.shared,
        "shared": True,
        "lines": [],
        "notes": [],
        "files": [],
    }
    assert ("staff:patient:export", patient.id, {"form": "json"}) in await actions(house)


def drawn(pdf: bytes) -> str:
    """The words of a PDF in a CID font, whose strings are UTF-16BE."""
    text = b""
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        text += zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>")))
    found = ""
    for raw in re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", text, re.DOTALL):
        plain = re.sub(
            rb"\\([0-7]{3}|.)",
            lambda it: bytes([int(it[1], 8)]) if len(it[1]) == 3 else _ESCAPES.get(it[1], it[1]),
            raw,
            flags=re.DOTALL,
        )
        found += plain.decode("utf-16-be", errors="replace")
    return found


_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@pytest.mark.parametrize(
    ("language", "font", "words"),
    [
        ("ja", b"HeiseiKakuGo-W5", "フリガナ"),
        ("ru", b"HeiseiKakuGo-W5", "Дата"),
        ("zh-Hans", b"STSong-Light", "出生日期"),
        ("zh-Hant", b"MSung-Light", "病歷號"),
    ],
)
async def test_the_pdf_says_it_in_the_language_of_the_panel(
    house: House, desk: Browser, language: str, font: bytes, words: str
) -> None:
    patient = await Canary(house).write()
    await house.rows("update staff set language = $1", language)
    answer = await desk.get(f"/patients/{patient.id}/export.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    pdf = await answer.read()
    assert pdf.startswith(b"%PDF-")
    assert font in pdf
    text = drawn(pdf)
    for said in (words, "鶴亀", PHONE, CHART, "カナリア病"):
        assert said in text, said
    assert ("staff:patient:export", patient.id, {"form": "pdf"}) in await actions(house)


@pytest.mark.parametrize("form", ["page", "labels"])
async def test_a_sheet_carries_a_code_that_works_once(
    house: House, desk: Browser, form: str
) -> None:
    patient = await house.patient("田中 花子", chart="1001")
    answer = await desk.post(f"/patients/{patient}/code.pdf", form=form, first="24")
    assert answer.status == 200
    text = drawn(await answer.read())
    code = re.search(r"[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}", text)
    assert code is not None
    assert "田中 花子" in text
    known = await house.value("select code_hash from link_code")
    assert known == KEYS.index("link_code", code[0].replace("-", ""))
    assert (await desk.post(f"/patients/{patient}/code.pdf", first="25")).status == 422
    assert "staff:link_code:make" in {deed for deed, _, _ in await actions(house)}


async def test_erasing_is_asked_twice_and_is_for_admins(
    house: House, chief: Browser, desk: Browser
) -> None:
    patient = await Canary(house).write()
    path = f"/patients/{patient.id}/erase"
    assert (await desk.get(path)).status == 403
    assert (await desk.post(path, typed=CHART, confirm="yes")).status == 403
    assert CHART in await chief.read(path)
    for fields in ({"typed": CHART}, {"typed": "1", "confirm": "yes"}, {}):
        answer = await chief.post(path, **fields)
        assert answer.status == 409
    assert await house.value("select name from patient where id = $1", patient.id) == NAME
    assert (await chief.post(path, typed=CHART, confirm="yes")).status == 303
    html = await chief.read(f"/patients/{patient.id}")
    assert "let-in" in html
    assert NAME not in html
    for gone in ("edit", "export.json", "export.pdf", "erase"):
        assert (await chief.get(f"/patients/{patient.id}/{gone}")).status == 404, gone
    assert (await chief.post(f"/patients/{patient.id}/let-in")).status == 303
    assert "let-in" not in await chief.read(f"/patients/{patient.id}")
    assert (await desk.post(f"/patients/{patient.id}/let-in")).status == 403


async def test_the_wish_to_be_forgotten_leads_from_chat_and_task_to_the_record(
    house: House, chief: Browser
) -> None:
    patient = await house.patient("田中 花子")
    talk = await house.conversation(patient, said="データを消して", owner="queue")
    await house.task("call", patient=patient)
    for path in (f"/conversations/{talk}", "/tasks"):
        assert f'href="/patients/{patient}"' in await chief.read(path), path
    found = await chief.post("/patients", q="田中")
    assert f'href="/patients/{patient}"' in await found.text()
    assert f"/patients/{patient}/erase" in await chief.read(f"/patients/{patient}")
