"""Who is drifting away, in the panel: groups, lists, windows."""

from datetime import date

import pytest

from admin.i18n import speech
from tests.integration.admin.conftest import Browser
from tests.integration.admin.house import KEYS, House
from tests.integration.admin.test_imports import bring
from tests.unit.clinic.importer.uke.making import EXAMPLE

# A year later somebody else came, so that the data reach so far.
EARLIER = EXAMPLE.replace("202608", "202508").replace("202607", "202507").encode("cp932")
LATER = (
    EXAMPLE.replace("見本　太郎", "別　花子")
    .replace("ミホンタロウ", "ベツハナコ")
    .replace("00042", "00043")
).encode("cp932")


@pytest.fixture
async def group(house: House, desk: Browser) -> int:
    """The group of lifestyle diseases, with one patient who is there and one who is not."""
    await bring(house, desk, EARLIER)
    await bring(house, desk, LATER, "later.uke")
    found: int = await house.value("select id from care_group where code = 'lifestyle'")
    return found


async def test_a_list_names_who_is_missed_and_why(house: House, desk: Browser, group: int) -> None:
    page = await desk.read("/lapse")
    assert "生活習慣病" in page
    page = await desk.read(f"/lapse/{group}")
    assert "見本 太郎" in page
    assert "2025年7月17日" in page
    assert "薬" in page  # medicine until
    seen = await house.value("select detail from audit where action = 'staff:lapse:list'")
    assert len(seen["patients"]) >= 1
    for state in ("due", "at_risk", "dormant", "booked", "active", "excluded", "nonsense"):
        await desk.read(f"/lapse/{group}?state={state}&from=0")
    assert "見本 太郎" not in await desk.read(f"/lapse/{group}?state=active")
    assert "見本" not in str(await house.rows("select * from audit"))


async def test_a_list_leaves_as_a_csv(house: House, desk: Browser, group: int) -> None:
    answer = await desk.get(f"/lapse/{group}/list.csv?state=lapsed")
    assert "lifestyle-" in answer.headers["Content-Disposition"]
    lines = (await answer.read()).decode("utf-8-sig").splitlines()
    assert lines[0].startswith('"カルテ番号","患者"')
    assert lines[1].startswith('"00042","見本 太郎","ミホンタロウ","離脱","2025-07-17"')
    assert await house.value("select count(*) from audit where action = 'staff:lapse:export'") == 1


async def test_other_windows_change_who_is_missed(house: House, desk: Browser, group: int) -> None:
    assert "生活習慣病" in await desk.read(f"/lapse/{group}/windows")
    fields = {
        "mode": "fixed",
        "at_risk_months": "20",
        "lapsed_months": "24",
        "grace_days": "14",
        "interval_days": "",
        "refill_days": "90",
        "active": "yes",
    }
    bad = await desk.post(f"/lapse/{group}/windows", **{**fields, "lapsed_months": "3"})
    assert bad.status == 422
    assert "離脱予備群より後に" in await bad.text()
    for wrong in ("x", "", "-1", "9999999"):
        bad = await desk.post(f"/lapse/{group}/windows", **{**fields, "grace_days": wrong})
        assert bad.status == 422
    bad = await desk.post(f"/lapse/{group}/windows", **{**fields, "mode": "x"})
    assert bad.status == 422
    answer = await desk.post(f"/lapse/{group}/windows", **fields)
    assert answer.headers["Location"] == f"/lapse/{group}?done=saved"
    assert "見本 太郎" not in await desk.read(f"/lapse/{group}")
    assert await house.value("select version from care_group where id = $1", group) == 2
    detail = await house.value("select detail from audit where action = 'staff:lapse_group:set'")
    assert detail["at_risk_months"] == 20


async def test_a_group_that_is_not_there_is_not_found(desk: Browser) -> None:
    for path in ("/lapse/999", "/lapse/999/list.csv", "/lapse/999/windows"):
        assert (await desk.get(path)).status == 404
    assert (await desk.post("/lapse/999/windows", grace_days="1", refill_days="1")).status == 404
    assert "グループはまだありません" in await desk.read("/lapse")


async def test_a_list_says_how_each_can_be_reached_and_masks_the_telephone(
    house: House, desk: Browser, group: int
) -> None:
    patient = await house.value("select id from patient where name = '見本 太郎'")
    await with_phone(house, patient, "+819012345678")
    page, words = await desk.read(f"/lapse/{group}"), speech("ja")("left_out_no_chat")
    assert "•••• 5678" in page
    assert "9012345678" not in page
    assert words in page  # there is none
    await house.conversation(patient)
    await house.rows("update chat_account set consent_version = '2.1'")
    assert "LINE" in (await desk.read(f"/lapse/{group}")).split("<table")[1]


async def test_who_is_ticked_stays_ticked_on_other_pages_and_is_who_is_written_to(
    house: House, desk: Browser, group: int
) -> None:
    patient = await house.value("select id from patient where name = '見本 太郎'")
    other = await house.value("select id from patient where name = '別 花子'")
    page = await (await desk.post(f"/lapse/{group}?from=0", patient=str(patient))).text()
    assert f'name="patient" value="{patient}"' in page
    assert "checked" in page
    page = await (await desk.post(f"/lapse/{group}?from=200", patient=str(patient))).text()
    assert f'type="hidden" name="patient" value="{patient}"' in page
    assert "ほかのページで1名選択中" in page
    said = {"template": "insurance_lapse", "group": "lifestyle", "states": "lapsed"}
    answer = await desk.post("/campaigns", **said, patient=str(other), then="preview")
    path = answer.headers["Location"]
    assert path.endswith("/preview")
    made = (await house.rows("select audience, trigger, hold_out from campaign"))[0]
    assert made["audience"] == {"patients": [other], "group": "lifestyle"}
    assert made["trigger"]["kind"] == "once"
    page = await desk.read(path)
    assert 'value="start"' in page
    wrong = await desk.post("/campaigns", **{**said, "group": "nonsense"}, patient=str(other))
    assert wrong.status == 400
    assert (await desk.post("/campaigns", **said, patient="999999")).status == 400


async def test_those_without_a_chat_are_called_from_a_list(
    house: House, desk: Browser, group: int
) -> None:
    patient = await house.value("select id from patient where name = '見本 太郎'")
    await with_phone(house, patient, "+819012345678")
    await house.rows("update patient set name = '=cmd()' where id = $1", patient)
    page = await desk.read(f"/lapse/{group}/calls?state=lapsed")
    assert "+81 •••• 678" in page
    assert "+819012345678" not in page
    reveals = "select action, subject_id, detail from audit where action like 'staff:%:reveal%'"
    assert await house.rows(reveals) == []
    one = await desk.post(f"/patients/{patient}/phone")
    assert 'href="tel:+819012345678"' in await one.text()
    sheet = await desk.post(f"/lapse/{group}/calls?state=lapsed")
    assert 'href="tel:+819012345678"' in await sheet.text()
    assert [tuple(row.values()) for row in await house.rows(reveals)] == [
        ("staff:patient:reveal", patient, {"field": "phone"}),
        ("staff:lapse:reveal_phone", group, {"patients": [patient]}),
    ]
    answer = await desk.get(f"/lapse/{group}/calls.csv?state=lapsed")
    text = (await answer.read()).decode("utf-8-sig")
    assert '"\'=cmd()"' in text
    assert '"\'+819012345678"' in text
    assert await house.value("select count(*) from audit where action = 'staff:lapse:calls'") == 3
    assert len(await house.rows(reveals)) == 3
    assert "5678" not in str(await house.rows("select * from audit"))
    await house.conversation(patient)
    await house.rows("update chat_account set consent_version = '2.1'")
    assert "電話が必要な方はいません" in await desk.read(f"/lapse/{group}/calls?state=lapsed")


async def test_who_came_back_is_held_against_who_was_set_aside(
    house: House, desk: Browser, group: int
) -> None:
    assert "まだ送信がありません" in await desk.read("/lapse")
    sending = await house.value(
        """insert into outreach (key, label, group_id, purpose, share)
           values (gen_random_uuid(), 'x', $1, 'plan', 500) returning id""",
        group,
    )
    for n in range(40):
        came = date(2026, 6, 20) if n % 4 == 0 or (n < 20 and n % 2) else None
        await house.rows(
            """insert into outreach_member (outreach_id, patient_id, held_out, sent_on,
                 returned_on) values ($1, $2, $3, '2026-06-01', $4)""",
            sending,
            await house.patient(f"P{n}"),
            n >= 20,
            came,
        )
    page = (await desk.read("/lapse")).split('id="returns"')[1]
    assert "2026年6月" in page
    assert "15 (75 %)" in page
    assert "5 (25 %)" in page
    assert "+10.0人" in page
    assert 'href="/figures/patients"' in page


async def with_phone(house: House, patient: int, phone: str) -> None:
    """Give a patient a telephone number."""
    key = await house.value("select key from patient where id = $1", patient)
    sealed = KEYS.seal(phone.encode(), "patient.phone", key)
    await house.rows("update patient set phone = $2 where id = $1", patient, sealed)
