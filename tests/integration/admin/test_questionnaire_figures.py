"""The figures of a questionnaire: scores, questions, and who came to the end; for whom they are."""

import csv
import io
from datetime import timedelta

import orjson
import pytest

from clinic.questionnaire import codec, rules, service
from clinic.questionnaire.service import expire, load
from clinic.questionnaire.types import Coding, Question
from clinic.staff.access import questionnaire_figures
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, House


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Versions are kept in memory by id, and each test has a database of its own."""
    service._known.clear()


async def answered(house: House, form: int, *marks: int) -> list[int]:
    """A patient for each mark of the item `interest`; their ids."""
    patients = []
    for number, mark in enumerate(marks):
        patients.append(await house.patient(f"患者 {number}"))
        await house.response(patients[-1], form, {"interest": mark, "mood": mark})
    return patients


async def told(browser: Browser, form: int, query: str = "") -> dict[tuple[str, str, str], str]:
    """The CSV: value by figure, line and column."""
    answer = await browser.get(f"/questionnaires/{form}/figures.csv?{query}")
    assert answer.status == 200
    rows = list(csv.reader(io.StringIO((await answer.read()).decode("utf-8-sig"))))
    return {(row[0], row[2], row[3]): row[4] for row in rows[1:]}


async def test_scores_and_answers_are_counted_with_tables_beside_the_charts(
    house: House, desk: Browser
) -> None:
    form = (await house.forms())["phq_9"]
    await answered(house, form, 0, 1, 1, 2, 3, 3)
    page = await desk.read(f"/questionnaires/{form}/figures")
    assert page.count("data-figure=") > 9
    assert "ほとんど毎日" in page
    found = await told(desk, form)
    shares = {key: value for key, value in found.items() if "興味" in key[0] and key[2] == "件数"}
    assert sorted(shares.values()) == ["1", "1", "2", "2"]
    assert ("お願いと回答", "回答した", "件数") in found
    (mean,) = [value for key, value in found.items() if key[2] == "平均"]
    assert float(mean) == pytest.approx(20 / 6, abs=0.01)
    (middle,) = [value for key, value in found.items() if key[2] == "中央値"]
    assert float(middle) == 3
    assert "患者 0" not in page


async def test_who_stopped_and_where_is_told_after_the_request_has_expired(
    house: House, desk: Browser
) -> None:
    form = (await house.forms())["gad_7"]
    patient = await house.patient("田中 花子")
    async with house.database.transaction() as tx:
        for key in ("a", "b", "c"):
            await service.request(tx, f"staff:{key}", form, patient)
        read = await load(tx, form)
        answers = rules.begin((await tx.fetchval("select now()")).date())
        question = rules.next_question(read, answers)
        assert isinstance(question, Question)
        option = question.item.options[0].value
        assert isinstance(option, Coding)
        more = rules.answer(read, answers, question, (option,))
        assert isinstance(more, type(answers))
        second = rules.next_question(read, more)
        assert second is not None
        for key in ("a", "b"):
            await tx.execute(
                "update questionnaire_request set state = 'in_progress', draft = $2 where key = $1",
                f"staff:{key}",
                KEYS.seal(
                    orjson.dumps(codec.dump(more)), "questionnaire_request.draft", f"staff:{key}"
                ),
            )
    words = second.item.text.get("ja")
    assert (await told(desk, form))[next(k for k in await told(desk, form) if words in k[1])] == "2"
    await house.rows(
        """update questionnaire_request set useful_until = now() - interval '1 hour'
           where key <> 'staff:b'"""
    )
    async with house.database.transaction() as tx:
        await expire(tx, KEYS)
    rows = await house.rows(
        "select state, draft, last_item from questionnaire_request order by key"
    )
    link = second.item.link_id
    assert [(row["state"], row["last_item"]) for row in rows] == [
        ("expired", link),
        ("in_progress", None),
        ("expired", None),
    ]
    assert rows[0]["draft"] is None
    found = await told(desk, form)
    title = "お願いと回答"
    assert found[title, "途中でやめた", "件数"] == "1"
    assert found[title, "始めなかった", "件数"] == "1"
    assert found[title, "まだ待っている", "件数"] == "1"
    assert found[next(key for key in found if words in key[1])] == "2"


async def test_figures_are_narrowed_by_period_version_service_and_practitioner(
    house: House, desk: Browser
) -> None:
    form = (await house.forms())["phq_9"]
    seen, _ = await answered(house, form, 1, 2)
    practitioner = await house.practitioner("佐藤")
    visit = await house.visit(seen, practitioner)
    await house.rows(
        """update appointment set status = 'fulfilled', starts_at = t, ends_at = t + half,
             during = tstzrange(t, t + half)
           from (select now() - interval '2 days' as t, interval '30 min' as half) x
           where id = $1""",
        visit,
    )
    service_id = await house.value("select service_id from appointment where id = $1", visit)

    async def responses(query: str) -> str:
        page = await desk.read(f"/questionnaires/{form}/figures?{query}")
        return page.split("<dd><strong>")[1].split("<")[0]

    assert await responses("") == "2"
    assert await responses(f"doctor={practitioner}") == "1"
    assert await responses(f"service={service_id}&version={form}") == "1"
    assert await responses("doctor=999&version=x") == "2"  # nobody said that
    on = await house.value(
        "select (authored_at at time zone 'Asia/Tokyo')::date from questionnaire_response limit 1"
    )
    later = on + timedelta(days=1)
    page = await desk.read(f"/questionnaires/{form}/figures?from={later}&until={later}")
    assert "この期間の回答はありません" in page


async def test_a_doctor_counts_own_patients_and_no_survey_about_the_staff(
    house: House, sign_in: SignIn
) -> None:
    forms = await house.forms()
    doctor = await house.staff("佐藤 医師", Role.DOCTOR)
    mine, _ = await answered(house, forms["phq_9"], 1, 2)
    await house.visit(mine, await house.practitioner("佐藤", doctor))
    survey = await house.response(mine, forms["phq_9"], {})
    await house.rows(
        "update questionnaire_response set questionnaire_id = $2 where id = $1",
        survey,
        forms["visit_satisfaction"],
    )
    browser = await sign_in(doctor)
    page = await browser.read(f"/questionnaires/{forms['phq_9']}/figures")
    assert "<dd><strong>1<" in page
    hidden = await browser.read(f"/questionnaires/{forms['visit_satisfaction']}/figures")
    assert "この期間の回答はありません" in hidden


async def test_few_answers_are_told_without_a_rate_or_a_curve(house: House, desk: Browser) -> None:
    form = (await house.forms())["phq_9"]
    await answered(house, form, 1, 2, 3)
    page = await desk.read(f"/questionnaires/{form}/figures")
    assert "data-figure=" not in page


async def test_of_very_many_responses_a_part_is_drawn_by_lot(
    house: House, desk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = (await house.forms())["phq_9"]
    await answered(house, form, *(number % 4 for number in range(12)))
    monkeypatch.setattr(questionnaire_figures, "MOST", 4)
    first = await desk.read(f"/questionnaires/{form}/figures")
    assert "<dd><strong>12<" in first
    assert "無作為に選んだ" in first
    assert first == await desk.read(f"/questionnaires/{form}/figures")
