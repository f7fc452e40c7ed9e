"""The figures' pages: who sees what, what the files hold, and what the survey calls for."""

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson

from clinic.figures import rules, survey
from clinic.figures.recompute import months_known, recompute, today_of
from clinic.ids import new_key
from clinic.questionnaire import codec
from clinic.questionnaire.types import Answers, Coding
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, House

ZONE = "Asia/Tokyo"


async def work_out(house: House) -> None:
    async with house.database.transaction() as tx:
        # Minutes ago may have been last month, of which nothing else is known.
        last = rules.later(rules.month_of(await today_of(tx, ZONE)), -1)
        for month in {last, *await months_known(tx, ZONE)}:
            await recompute(tx, KEYS, month, ZONE)


async def answer(house: House, patient: int, marks: dict[str, int | str], words: str = "") -> int:
    """A survey after a visit, answered today."""
    forms = await house.forms()
    form = survey.CONDUCT if "polite" in marks else survey.SATISFACTION
    key = new_key()
    async with house.database.transaction() as tx:
        today = await today_of(tx, ZONE)
    values: list[Any] = []
    for item, mark in marks.items():
        if item == "recommend":
            values.append((((item, 0),), (mark,)))
        else:
            score = Decimal(mark) if isinstance(mark, int) else None
            values.append((((item, 0),), (Coding("s", str(mark), score=score),)))
    if words:
        values.append(((("note", 0),), (words,)))
    answers = Answers(on=today, values=tuple(values))
    made: int = await house.value(
        """insert into questionnaire_response (key, questionnaire_id, patient_id, language, answers)
           values ($1, $2, $3, 'ja', $4) returning id""",
        key,
        forms[form],
        patient,
        KEYS.seal(orjson.dumps(codec.dump(answers)), "questionnaire_response.answers", key),
    )
    return made


async def just_now(house: House) -> None:
    """Every visit ended now."""
    await house.rows(
        """update appointment set starts_at = now() - interval '1 hour', ends_at = now(),
             during = tstzrange(now() - interval '1 hour', now())"""
    )


async def rows(browser: Browser, path: str) -> list[dict[str, str]]:
    text = (await browser.read(path, headers={"Accept-Language": "en"})).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


async def test_a_doctor_sees_figures_of_own_visits_only(house: House, sign_in: SignIn) -> None:
    doctor = await house.staff("佐藤 医師", Role.DOCTOR)
    own = await house.practitioner("佐藤", doctor)
    other = await house.practitioner("鈴木")
    for number in range(4):
        patient = await house.patient("x", chart=str(number))
        await house.visit(
            patient, own if number == 0 else other, at=f"1{number}:00", status="arrived"
        )
    await work_out(house)
    theirs = await sign_in(doctor)
    everybodys = await sign_in(await house.staff("受付"))

    async def arrivals(browser: Browser) -> int:
        told = await rows(browser, "/figures/visits.csv?period=months_3")
        return sum(int(one["Value"]) for one in told if one["Column"] == "Arrivals")

    # Over time and by doctor: each visit stands in two tables.
    assert await arrivals(theirs) == 2
    assert await arrivals(everybodys) == 8
    page = await theirs.read(f"/figures/visits?doctor={other}")
    assert "鈴木" not in page
    assert (
        sum(
            int(one["Value"])
            for one in await rows(theirs, f"/figures/visits.csv?period=months_3&doctor={other}")
            if one["Column"] == "Arrivals"
        )
        == 2
    )
    assert (await theirs.get("/figures/chats")).status == 403


async def test_money_and_comments_are_for_the_admin(
    desk: Browser, chief: Browser, house: House
) -> None:
    for path in ("/figures/money", "/figures/money.csv", "/figures/survey/comments"):
        assert (await desk.get(path)).status == 403, path
        assert (await chief.get(path)).status == 200, path
    assert "/figures/money" not in await desk.read("/figures")


async def test_a_file_has_no_formula_from_what_staff_wrote(house: House, desk: Browser) -> None:
    patient = await house.patient("x")
    await house.rows("update patient set acquired_by = '=1+1' where id = $1", patient)
    await work_out(house)
    told = await rows(desk, "/figures/patients.csv?period=months_3")
    assert "'=1+1" in {one["Line"] for one in told}
    assert "=1+1" not in {one["Line"] for one in told}


async def test_strange_questions_are_answered_with_the_usual_period(desk: Browser) -> None:
    for query in ("period=x&by=y&doctor=9&service=-1&chapter=Z", "period=own&since=9999-99-99"):
        assert (await desk.get(f"/figures?{query}")).status == 200
    long = await desk.get("/figures?period=own&since=2000-01-01&until=2100-01-01")
    assert long.status == 200


async def test_a_look_at_comments_leaves_a_row_for_each_patient(
    house: House, chief: Browser
) -> None:
    patient = await house.patient("x")
    await answer(house, patient, {"overall": 4, "recommend": 9}, "<b>親切</b>でした")
    page = await chief.read("/figures/survey/comments?period=months_3")
    assert "&lt;b&gt;親切&lt;/b&gt;でした" in page
    seen = await house.rows("select subject_id from audit where action = 'staff:survey:comments'")
    assert [one["subject_id"] for one in seen] == [patient]


async def test_a_low_mark_makes_one_task(house: House) -> None:
    patient = await house.patient("x")
    low = await answer(house, patient, {"overall": 2, "recommend": 8})
    await answer(house, patient, {"overall": 5, "recommend": 10})
    for made in (1, 0):
        async with house.database.transaction() as tx:
            today = await today_of(tx, ZONE)
            since = today - timedelta(days=3)
            assert await survey.raise_tasks(tx, KEYS, since, today, ZONE) == made
    tasks = await house.rows("select key, kind, patient_id, detail from task")
    assert tasks == [
        {
            "key": f"survey:{low}",
            "kind": "survey_low",
            "patient_id": patient,
            "detail": {"response": low},
        }
    ]


async def test_marks_are_told_by_the_doctor_of_the_visit(house: House, desk: Browser) -> None:
    doctor = await house.practitioner("佐藤")
    for number in range(6):
        patient = await house.patient("x", chart=str(number))
        await house.visit(patient, doctor, at=f"0{number}:00", status="fulfilled")
        await just_now(house)
        await answer(house, patient, {"waiting": 4, "recommend": 10 if number else 3})
        await answer(house, patient, {"polite": "yes", "mistreated": "no"})
    await work_out(house)
    told = await rows(desk, "/figures/survey.csv?period=months_3")
    of = {(one["Table"], one["Line"], one["Column"]): one["Value"] for one in told}
    assert of["By doctor", "佐藤", "Answers"] == "6"
    assert round(float(of["By doctor", "佐藤", "Net promoter score"])) == 67
    assert float(of["By doctor", "佐藤", "Waiting time"]) == 4
    assert of["Answers", "Polite", "Yes"] == "6"


async def test_response_times_run_from_the_queue_to_the_first_words_of_staff(
    house: House, desk: Browser
) -> None:
    staff = await house.staff("誰か")
    for waited in (4, 6, None):
        talk = await house.conversation()
        await house.rows(
            """insert into figure_event (figure, kind, subject, at)
               values ('queued', 'asked', $1, now() - interval '10 min')""",
            talk,
        )
        if waited is not None:
            said = await house.tell(talk, "はい")
            await house.rows(
                """update outbox set staff_id = $2,
                     created_at = now() - interval '10 min' + make_interval(mins => $3, secs => 5)
                   where id = $1""",
                said,
                staff.id,
                waited,
            )
    await work_out(house)
    told = await rows(desk, "/figures/chats.csv?period=months_3")
    of = {
        one["Column"]: one["Value"]
        for one in told
        if one["Figure"] == "From the queue to an answer"
    }
    assert (of["Answered"], of["Half within"], of["Nobody"]) == ("2", "4", "1")


async def test_a_doctor_cannot_guess_whose_the_few_answers_are(
    house: House, sign_in: SignIn
) -> None:
    doctor = await house.staff("佐藤 医師", Role.DOCTOR)
    own = await house.practitioner("佐藤", doctor)
    patient = await house.patient("x")
    await house.visit(patient, own, status="fulfilled")
    await just_now(house)
    await answer(house, patient, {"overall": 1, "recommend": 0})
    await work_out(house)
    assert await rows(await sign_in(doctor), "/figures/survey.csv?period=months_3") == []
    told = await rows(await sign_in(await house.staff("受付")), "/figures/survey.csv")
    assert {one["Value"] for one in told if one["Column"] == "0–6"} == {"–"}


async def test_an_empty_period_drew_axes_without_anything_on_them(chief: Browser) -> None:
    page = await chief.read("/figures/visits", headers={"Accept-Language": "en"})
    assert "Nothing to count in this period." in page
    assert "<canvas" not in page
    assert page.count("<table") == page.count('<details class="figure-table" open>') > 0
