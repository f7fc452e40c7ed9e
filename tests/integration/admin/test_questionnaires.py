"""Questionnaires in the panel: uploaded, tried out, activated, sent, and taken back."""

import io
import json
from html import unescape
from typing import Any

import pytest
from aiohttp import FormData

from clinic.questionnaire import service
from clinic.questionnaire.read import LARGEST_FILE
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House

SHIPPED = list(service.FORMS.glob("*.json"))
KIND = "application/json"
URL = "https://clinic.example/fhir/Questionnaire/smoking"


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Versions are kept in memory by id, and each test has a database of its own."""
    service._known.clear()


def smoking(**changes: Any) -> dict[str, Any]:
    """A small questionnaire with a condition."""
    return {
        "resourceType": "Questionnaire",
        "url": URL,
        "status": "draft",
        "title": "Smoking",
        "item": [
            {"linkId": "smokes", "text": "Do you smoke?", "type": "boolean", "required": True},
            {
                "linkId": "number",
                "text": "How many a day?",
                "type": "integer",
                "enableWhen": [{"question": "smokes", "operator": "=", "answerBoolean": True}],
            },
        ],
        **changes,
    }


async def upload(browser: Browser, *files: bytes | dict[str, Any], csrf: str | None = None) -> Any:
    form = FormData()
    form.add_field("csrf", browser.csrf if csrf is None else csrf)
    for number, file in enumerate(files):
        content = file if isinstance(file, bytes) else json.dumps(file).encode()
        form.add_field("files", io.BytesIO(content), filename=f"{number}.json", content_type=KIND)
    return await browser.send("/questionnaires/upload", form)  # type: ignore[arg-type]  # a form too


async def test_an_uploaded_questionnaire_is_tried_out_and_then_used(
    house: House, desk: Browser
) -> None:
    answer = await upload(desk, smoking())
    assert answer.status == 303
    page = await desk.read(answer.headers["Location"])
    assert "Smoking" in page
    assert "下書きとして保存しました" in page
    assert "Do you smoke?" in page  # the phone and the outline
    assert "「Do you smoke?」= はい のときだけ" in page
    assert "回答待ち：0" in await desk.read("/questionnaires")

    form_id = await house.value("select id from questionnaire where url = $1", URL)
    assert (await desk.get(f"/questionnaires/{form_id}/ask")).status == 409  # a draft is not sent
    assert (await desk.post(f"/questionnaires/{form_id}/activate")).status == 303
    assert await house.value("select status from questionnaire") == "active"
    deeds = await house.rows("select action from audit where action like 'staff:questionnaire%'")
    assert [row["action"] for row in deeds] == [
        "staff:questionnaire:upload",
        "staff:questionnaire:activate",
    ]


async def test_the_same_url_makes_a_new_version_and_running_requests_stay_on_theirs(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子", chart="1001")
    ids = []
    for title in ("Smoking", "Smoking again"):
        await upload(desk, smoking(title=title))
        ids.append(await house.value("select max(id) from questionnaire"))
    first, second = ids
    await desk.post(f"/questionnaires/{first}/activate")
    await desk.post(f"/questionnaires/{first}/ask", patient=str(patient), days="0")
    await desk.post(f"/questionnaires/{second}/activate")
    rows = await house.rows("select version, status from questionnaire order by version")
    assert rows == [{"version": 1, "status": "retired"}, {"version": 2, "status": "active"}]
    assert await house.value("select questionnaire_id from questionnaire_request") == first
    page = await desk.read(f"/questionnaires/{second}")
    assert "第1版" in page
    assert "第2版" in page
    await desk.post(f"/questionnaires/{first}/activate")  # and back
    await desk.post(f"/questionnaires/{first}/retire")
    assert await house.value("select count(*) from questionnaire where status <> 'retired'") == 0


def _nested(depth: int) -> bytes:
    return b'{"resourceType":"Questionnaire","item":' + b"[" * depth + b"]" * depth + b"}"


HOSTILE: dict[str, tuple[bytes | dict[str, Any], str]] = {
    "no JSON": (b"\x89PNG", "JSON ではありません"),
    "half of it": (json.dumps(smoking()).encode()[:-20], "JSON ではありません"),
    "another resource": ({"resourceType": "Patient"}, "Questionnaire ではありません"),
    "a list": (b"[]", "リソースがありません"),
    "no url": (smoking(url=""), "200 文字以内の url が必要です"),
    "a type that is none": (
        smoking(item=[{"linkId": "a", "type": "x", "text": "?"}]),
        "型「x」は FHIR R4 にありません",
    ),
    "a script": (
        smoking(item=[{"linkId": "a", "type": "string", "text": "<script>alert(1)</script>"}]),
        "script",
    ),
    "NUL": (smoking(publisher="a\0b"), "NUL"),
    "half a character": (smoking(publisher="\ud800"), "保存できません"),
    "a number out of bounds": (
        json.dumps(smoking()).replace('"draft"', "1e999").encode(),
        "保存できません",
    ),
    "10,000 items": (
        smoking(item=[{"linkId": str(n), "type": "string", "text": "?"} for n in range(10_000)]),
        "1000 個を超える",
    ),
    "nested deeply": (_nested(100_000), ""),
    "too large": (b'{"a":"' + b"x" * LARGEST_FILE + b'"}', "2 MB を超えています"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_file_that_cannot_be_played_is_refused_with_the_reason_and_nothing_is_stored(
    house: House, desk: Browser, name: str
) -> None:
    content, reason = HOSTILE[name]
    answer = await upload(desk, content)
    assert answer.status == 422
    page = await answer.text()
    assert reason in page
    assert "<script>alert" not in page
    assert await house.value("select count(*) from questionnaire") == 0


async def test_every_item_that_is_wrong_is_named(desk: Browser) -> None:
    items = [{"linkId": f"q{n}", "type": "nonsense", "text": "?"} for n in range(3)]
    page = await (await upload(desk, smoking(item=items))).text()
    for number in range(3):
        assert f"<td>q{number}</td>" in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "minLength for the type boolean"),
        ("ja", "boolean 型に minLength は使えません"),
        ("zh-Hant", "minLength 不能用於 boolean 類型"),
        ("zh-Hans", "minLength 不能用于 boolean 类型"),
        ("ru", "minLength не подходит к типу boolean"),
    ],
)
async def test_the_reason_of_a_refusal_was_in_english_for_everybody(
    desk: Browser, language: str, words: str
) -> None:
    await desk.post("/language", language=language, back="/questionnaires")
    shortest = {"url": "http://hl7.org/fhir/StructureDefinition/minLength", "valueInteger": 3}
    item = {"linkId": "q1", "type": "boolean", "text": "?", "extension": [shortest]}
    page = await (await upload(desk, smoking(item=[item]))).text()
    assert f"<td>0.json</td><td>q1</td><td>{words}</td>" in page
    assert 'lang="en"' not in page.partition("<main")[2] or language == "en"


async def test_a_note_of_what_was_left_aside_is_in_the_readers_language(desk: Browser) -> None:
    fancy = {"url": "https://vendor.example/fancy", "valueBoolean": True}
    item = {"linkId": "q1", "type": "boolean", "text": "?", "extension": [fancy]}
    answer = await upload(desk, smoking(item=[item]))
    page = await desk.read(answer.headers["Location"])
    assert "https://vendor.example/fancy は知らない拡張なので、使いません" in page


async def test_a_file_far_too_large_is_not_even_read(desk: Browser) -> None:
    assert (await upload(desk, b"x" * (2 * LARGEST_FILE + 1))).status == 413


async def test_a_torn_form_is_refused(desk: Browser) -> None:
    torn = {"Content-Type": "multipart/form-data; boundary=x"}
    for body in (b"", b"--x\r\n\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--"):
        answer = await desk.send("/questionnaires/upload", body, torn)  # type: ignore[arg-type]
        assert answer.status in (400, 403), body


async def test_an_upload_needs_the_token_and_no_other_route_takes_files(
    house: House, desk: Browser
) -> None:
    assert (await upload(desk, smoking(), csrf="x" * 43)).status == 403
    form = FormData({"csrf": desk.csrf})
    form.add_field("files", b"x", filename="x")
    assert (await desk.send("/touch", form)).status == 415  # type: ignore[arg-type]  # a form too
    assert await house.value("select count(*) from questionnaire") == 0


async def test_value_sets_uploaded_beside_it_stay_with_it(house: House, desk: Browser) -> None:
    colours = {
        "resourceType": "ValueSet",
        "url": "https://clinic.example/colours",
        "compose": {"include": [{"system": "urn:c", "concept": [{"code": "r", "display": "Red"}]}]},
    }
    item = {
        "linkId": "c",
        "text": "Colour?",
        "type": "choice",
        "answerValueSet": "https://clinic.example/colours",
    }
    assert (await upload(desk, smoking(item=[item]))).status == 422
    answer = await upload(desk, smoking(item=[item]), colours)
    assert answer.status == 303
    service._known.clear()
    assert "Red" in await desk.read(answer.headers["Location"])
    two = await upload(desk, smoking(), smoking())
    assert two.status == 422


async def test_the_preview_plays_it_as_a_patient_meets_it_and_keeps_nothing(
    house: House, desk: Browser
) -> None:
    form_id = (await house.forms())["phq_9"]
    page = await desk.read(f"/questionnaires/{form_id}?language=ru")
    assert 'lang="ru"' in page
    state = "{}"
    for _ in range(20):
        answer = await desk.send(
            f"/questionnaires/{form_id}/preview",
            {"csrf": desk.csrf, "state": state, "language": "en", "choice": "option:1"},
            {"HX-Request": "true"},
        )
        page = await answer.text()
        if "Is everything right?" in page:
            break
        state = _hidden(page, "state")
    assert "Is everything right?" in page
    sent = await desk.post(
        f"/questionnaires/{form_id}/preview", state=_hidden(page, "state"), choice="yes"
    )
    assert sent.status == 200
    assert await house.value("select count(*) from questionnaire_response") == 0
    for state in ("", "[]", "{}", '{"flow":"booking","version":1}', "\ud7ff" * 50, "[" * 10_000):
        again = await desk.post(f"/questionnaires/{form_id}/preview", state=state, choice="x")
        assert again.status == 200, state[:20]


async def test_the_preview_says_where_staff_would_be_alerted(house: House, desk: Browser) -> None:
    form_id = (await house.forms())["phq_9"]
    state, alarmed = "{}", 0
    for number in range(11):
        answer = await desk.post(
            f"/questionnaires/{form_id}/preview", state=state, choice="option:1" if number else ""
        )
        page = await answer.text()
        state = _hidden(page, "state")
        alarmed += "ここでスタッフに知らせます" in page
    assert alarmed == 1


def _hidden(page: str, name: str) -> str:
    return unescape(page.split(f'name="{name}" value="')[1].split('"')[0])


async def test_a_patient_is_asked_once_now_or_in_some_days(house: House, desk: Browser) -> None:
    forms = await house.forms()
    patient, other = await house.patient("田中 花子", chart="1001"), await house.patient("王 小明")
    await house.conversation(patient)
    await house.rows("update chat_account set consent_version = '2.1'")
    path = f"/questionnaires/{forms['gad_7']}/ask"
    found = await (await desk.post(f"{path}/find", q="王")).text()
    assert "送れるチャットがない" in found
    other_one = await (await desk.post(f"{path}/find", q="1001")).text()
    assert "送れるチャットがない" not in other_one
    done = await desk.post(path, patient=str(patient), days="0")
    assert done.headers["Location"].endswith("done=asked")
    again = await desk.post(path, patient=str(patient), days="0")
    assert again.headers["Location"].endswith("done=already")
    await desk.post(path, patient=str(other), days="5")
    rows = await house.rows(
        """select patient_id, state, key like 'staff:%' as by_staff,
             requested_by_id is not null as who,
             round(extract(epoch from send_at - now()) / 86400) as days
           from questionnaire_request order by id"""
    )
    assert [(row["patient_id"], int(row["days"])) for row in rows] == [(patient, 0), (other, 5)]
    assert all(row["by_staff"] and row["who"] and row["state"] == "waiting" for row in rows)
    for wrong in ({"patient": "x"}, {"patient": str(patient), "days": "9999"}, {}):
        assert (await desk.post(path, **wrong)).status == 422
    assert (await desk.post(path, patient="999999", days="0")).status == 404

    page = await desk.read("/questionnaires/requests")
    assert "田中 花子" in page
    request = await house.value("select min(id) from questionnaire_request")
    assert (await desk.post(f"/questionnaires/requests/{request}/cancel")).status == 303
    assert (await desk.post(f"/questionnaires/requests/{request}/cancel")).status == 404
    assert "田中 花子" not in await desk.read("/questionnaires/requests")
    assert "スタッフによる" in await desk.read("/questionnaires/requests?state=cancelled")


async def test_a_rule_is_added_changed_and_switched_off(house: House, desk: Browser) -> None:
    form_id = (await house.forms())["infection_screening"]
    practitioner = await house.practitioner("佐藤")
    await house.visit(await house.patient("田中"), practitioner)
    service_id = await house.value("select id from service")
    await house.rows(
        "insert into service_resource values (default, $1, $2)", service_id, practitioner
    )
    path = f"/questionnaires/{form_id}/rules"
    for days in ("1", "2"):
        done = await desk.post(path, service=str(service_id), relation="before", days=days)
        assert done.status == 303
    rule = await house.rows("select id, relation, days, active from questionnaire_rule")
    assert [(one["relation"], one["days"], one["active"]) for one in rule] == [("before", 2, True)]
    assert "一般診察：予約の2日前" in await desk.read(f"/questionnaires/{form_id}")
    for wrong in (
        {"service": str(service_id), "relation": "before", "days": "0"},
        {"service": str(service_id), "relation": "during", "days": "1"},
        {"service": "999999", "relation": "after", "days": "1"},
        {"service": str(service_id), "relation": "after", "days": "366"},
        {},
    ):
        assert (await desk.post(path, **wrong)).status == 422
    switch = f"/questionnaires/rules/{rule[0]['id']}"
    await desk.post(switch, active="no", back=str(form_id))
    assert await house.value("select active from questionnaire_rule") is False
    assert "停止中" in await desk.read(f"/questionnaires/{form_id}")


async def test_doctors_look_and_the_desk_decides(house: House, sign_in: SignIn) -> None:
    form_id = (await house.forms())["phq_9"]
    doctor = await house.staff("佐藤 医師", Role.DOCTOR)
    mine, other = await house.patient("田中 花子"), await house.patient("他人 太郎")
    await house.visit(mine, await house.practitioner("佐藤", doctor))
    for patient in (mine, other):
        async with house.database.transaction() as tx:
            await service.request(tx, f"staff:{patient}", form_id, patient)
    browser = await sign_in(doctor)
    assert "回答待ち：1" in await browser.read("/questionnaires")
    page = await browser.read("/questionnaires/requests")
    assert "田中 花子" in page
    assert "他人" not in page
    form = await browser.read(f"/questionnaires/{form_id}")
    assert "/activate" not in form
    assert "/retire" not in form
    for path in ("activate", "retire", "rules", "ask"):
        assert (await browser.post(f"/questionnaires/{form_id}/{path}")).status == 403
    assert (await upload(browser, smoking())).status == 403


async def test_a_form_without_a_doctors_signature_is_marked(house: House, desk: Browser) -> None:
    await house.forms()
    page = await desk.read("/questionnaires")
    assert page.count('class="form-line"') == len(SHIPPED)
    assert page.count("医師の確認がまだです") >= 1
