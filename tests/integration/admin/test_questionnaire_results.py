"""What patients answered: the table, one response beside the former one, and the exports."""

import csv
import io
import json
from datetime import timedelta

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from admin.questionnaires.export import cell
from clinic.questionnaire import service
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House

LOW = {"interest": 2, "mood": 2, "sleep": 3, "energy": 2, "appetite": 1}  # 10
BETTER = {"interest": 1, "mood": 2, "sleep": 1, "energy": 1}  # 5
GRAVE = {"self_harm": 1}


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Versions are kept in memory by id, and each test has a database of its own."""
    service._known.clear()


async def test_the_table_shows_scores_with_their_meaning_and_alerts(
    house: House, desk: Browser
) -> None:
    form = (await house.forms())["phq_9"]
    await house.response(await house.patient("田中 花子", chart="1001"), form, LOW)
    await house.response(await house.patient("王 小明"), form, GRAVE, days_ago=3)
    page = await desk.read(f"/questionnaires/{form}/results")
    for words in ("田中 花子", "診察券 1001", "<strong>10</strong>", "気分の落ち込みが中程度"):
        assert words in page
    assert "緊急度 3（4が最も緊急）: 死や自傷についての考え" in page
    assert page.index("田中 花子") < page.index("王 小明")  # newest first
    assert "回答済み：2" in await desk.read("/questionnaires")
    row = (await house.rows("select * from audit order by id desc limit 1"))[0]
    assert row["action"] == "staff:questionnaire_response:list"
    assert len(row["detail"]["responses"]) == 2


async def test_days_are_chosen_in_the_clinics_zone(house: House, desk: Browser) -> None:
    form = (await house.forms())["gad_7"]
    await house.response(await house.patient("田中 花子"), form, {}, days_ago=10)
    on = await house.value(
        "select (authored_at at time zone 'Asia/Tokyo')::date from questionnaire_response"
    )
    path = f"/questionnaires/{form}/results"
    assert "田中 花子" in await desk.read(f"{path}?from={on}&until={on}")
    assert "田中 花子" in await desk.read(f"{path}?from=x&until=9999-12-31")
    later = on + timedelta(days=1)
    page = await desk.read(f"{path}?from={later}&until={later}")
    assert "この期間の回答はありません" in page


async def test_one_response_is_shown_beside_the_former_one(house: House, desk: Browser) -> None:
    form = (await house.forms())["phq_9"]
    patient = await house.patient("田中 花子", chart="1001")
    first = await house.response(patient, form, LOW, days_ago=30)
    await house.response(await house.patient("他人"), form, {}, days_ago=5)
    second = await house.response(patient, form, BETTER)
    page = await desk.read(f"/questionnaires/responses/{second}")
    assert "<del>10</del> → <strong>5</strong>" in page
    assert page.count('class="is-changed"') == 4
    assert "<del>ほとんど毎日</del>" in page
    assert f'href="/questionnaires/responses/{first}"' in page
    alone = await desk.read(f"/questionnaires/responses/{first}")
    assert "is-changed" not in alone
    assert "<del>" not in alone
    read = await house.rows("select detail from audit where action like '%_response:read'")
    assert [row["detail"] for row in read] == [{"before": first}, {}]


async def test_a_doctor_sees_what_own_patients_answered(house: House, sign_in: SignIn) -> None:
    form = (await house.forms())["phq_9"]
    doctor = await house.staff("佐藤 医師", Role.DOCTOR)
    mine, other = await house.patient("田中 花子"), await house.patient("他人 太郎")
    await house.visit(mine, await house.practitioner("佐藤", doctor))
    seen, hidden = await house.response(mine, form, {}), await house.response(other, form, {})
    browser = await sign_in(doctor)
    for path in ("results", "results.csv", "results.json"):
        page = await browser.read(f"/questionnaires/{form}/{path}")
        assert "他人" not in page
        assert f"Patient/{other}" not in page
    assert (await browser.get(f"/questionnaires/responses/{seen}")).status == 200
    before = await house.value("select count(*) from audit")
    assert (await browser.get(f"/questionnaires/responses/{hidden}")).status == 404
    assert await house.value("select count(*) from audit") == before


async def test_the_csv_opens_in_a_spreadsheet_and_runs_nothing(house: House, desk: Browser) -> None:
    form = (await house.forms())["phq_9"]
    await house.response(await house.patient("=cmd|'/c calc'!A1", chart="@1001"), form, LOW)
    answer = await desk.get(f"/questionnaires/{form}/results.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    body = await answer.read()
    assert body.startswith(b"\xef\xbb\xbf")
    head, line = csv.reader(io.StringIO(body.decode("utf-8-sig")))
    row = dict(zip(head, line, strict=True))
    assert row["患者さん"] == "'=cmd|'/c calc'!A1"
    assert row["診察券番号"] == "'@1001"
    assert "10" in line
    assert "ほとんど毎日" in line
    assert await house.value("select detail->>'form' from audit order by id desc limit 1") == "csv"


@pytest.mark.parametrize("words", ["=1+1", "+81", "-cmd", "@x", "\tx", "\rx", "＝1", "－x", "-1-1"])
def test_what_a_spreadsheet_would_run_is_made_text(words: str) -> None:
    assert cell(words) == f"'{words}"


@pytest.mark.parametrize("words", ["", "5", "-5", "-2.5", "はい", "a=1"])
def test_numbers_and_words_stay_as_they_are(words: str) -> None:
    assert cell(words) == words


async def test_the_bundle_is_fhir(house: House, desk: Browser) -> None:
    form = (await house.forms())["phq_9"]
    patient = await house.patient("田中 花子", chart="1001")
    await house.response(patient, form, LOW)
    await house.response(patient, form, BETTER)
    answer = await desk.get(f"/questionnaires/{form}/results.json")
    bundle = json.loads(await answer.text())
    Bundle.model_validate(bundle)
    assert len(bundle["entry"]) == 2
    for entry in bundle["entry"]:
        QuestionnaireResponse.model_validate(entry["resource"])
        assert entry["resource"]["subject"]["reference"] == f"Patient/{patient}"
        assert entry["resource"]["questionnaire"].endswith("phq_9|1")
    assert "田中" not in await answer.text()
    empty = await desk.get(f"/questionnaires/{form}/results.json?from=2020-01-01&until=2020-01-01")
    Bundle.model_validate(json.loads(await empty.text()))


async def test_completed_requests_lead_to_the_answers(house: House, desk: Browser) -> None:
    form = (await house.forms())["gad_7"]
    patient = await house.patient("田中 花子")
    response = await house.response(patient, form, {})
    async with house.database.transaction() as tx:
        request = await service.request(tx, "staff:1", form, patient)
    await house.rows("update questionnaire_request set state = 'completed'")
    await house.rows("update questionnaire_response set request_id = $1", request)
    page = await desk.read("/questionnaires/requests?state=completed")
    assert f'href="/questionnaires/responses/{response}"' in page
