"""The triage's rules with who signed them, and runs replayed step by step."""

import asyncio
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from clinic.staff.types import Role, Staff
from clinic.triage.document import digest
from clinic.triage.load import catalogue
from clinic.triage.signature import Signature
from tests.integration.admin.accounts import set_up
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House
from tests.integration.admin.runs import newer, rules_of_tomorrow, run_of

CHEST = "/triage/rules/chest_pain"
WELL: dict[str, Any] = {"first_check": "no", "function": "no", "getting_worse": "no", "severity": 2}


@pytest.fixture
async def doctor(house: House) -> Staff:
    return await house.staff("伊藤 医師", Role.DOCTOR)


@pytest.fixture
async def expert(sign_in: SignIn, doctor: Staff) -> Browser:
    return await sign_in(doctor)


async def sign(browser: Browser, house: House, name: str = "chest_pain", text: str = "") -> int:
    await house.rows("update staff_session set proved_at = now()")
    given = text or digest(catalogue()[name].content)
    return (await browser.post(f"/triage/rules/{name}/sign", digest=given)).status


# The rules ------------------------------------------------------------------------------------


async def test_the_list_has_every_presentation_with_version_and_standing(desk: Browser) -> None:
    page = await desk.read("/triage")
    for one in catalogue().values():
        assert f'href="/triage/rules/{one.id}"' in page
    assert page.count("医師の署名が必要です") == len(catalogue()) + 1
    assert f"署名済み：{len(catalogue()) + 1}件中0件" in page


@pytest.mark.parametrize("words", ["胸が痛い", "Chest pain", "胸口疼", "心绞痛", "стенокард", "2"])
async def test_a_presentation_is_found_in_every_language(desk: Browser, words: str) -> None:
    page = await desk.read("/triage", params={"q": words}, headers={"HX-Request": "true"})
    assert CHEST in page
    assert "/triage/rules/rash" not in page


@pytest.mark.parametrize("language", ["ja", "en", "zh-Hant", "zh-Hans", "ru"])
async def test_a_presentation_is_read_in_every_language(desk: Browser, language: str) -> None:
    one = catalogue()["chest_pain"]
    page = await desk.read(f"{CHEST}?language={language}")
    for asked in one.questions:
        assert asked.ask[language].replace("'", "&#39;") in page
    assert one.base.questions["first_check"].ask[language] in page
    assert one.come_back[language] in page
    base = await desk.read(f"/triage/rules/base?language={language}")
    assert one.base.questions["severity"].ask[language].replace("'", "&#39;") in base


async def test_a_doctor_signs_what_was_read_with_a_fresh_sign_in(
    house: House, expert: Browser
) -> None:
    assert await sign(expert, house) == 303
    page = await expert.read(f"{CHEST}?signed=1")
    assert "伊藤 医師が署名" in page
    assert f"{CHEST}/sign" not in page
    row = (await house.rows("select * from audit order by id desc limit 1"))[0]
    text = digest(catalogue()["chest_pain"].content)
    assert row["action"] == "staff:triage_rule:sign"
    assert row["detail"] == {"rule": "presentation:chest_pain", "version": 1, "digest": text}
    assert "署名済み：51件中1件" in await expert.read("/triage")
    assert CHEST not in await expert.read("/triage?unsigned=1")
    base = catalogue()["chest_pain"].base
    assert await sign(expert, house, "base", digest(base.content)) == 303
    assert "伊藤 医師が署名" in await expert.read("/triage/rules/base")


async def test_only_a_doctor_signs_and_only_what_was_read(
    house: House, expert: Browser, desk: Browser, chief: Browser
) -> None:
    assert await sign(expert, house, text="0" * 64) == 409
    for other in (desk, chief):
        assert await sign(other, house) == 403
    assert await house.value("select count(*) from rule_signature") == 0


async def test_signing_asks_for_the_code_anew(house: House, expert: Browser, doctor: Staff) -> None:
    await set_up(house, expert, doctor)
    await house.rows("update staff_session set proved_at = now() - interval '11 minutes'")
    answer = await expert.post(f"{CHEST}/sign", digest=digest(catalogue()["chest_pain"].content))
    assert answer.headers["Location"].startswith("/prove?")
    assert await house.value("select count(*) from rule_signature") == 0


async def test_a_changed_file_loses_its_signature(house: House, expert: Browser) -> None:
    await sign(expert, house)
    one = catalogue()["chest_pain"]
    texts = dict(deepcopy(one.content["come_back"])) | {"en": "Come back."}
    with rules_of_tomorrow(newer("chest_pain", come_back=texts)):
        page = await expert.read(CHEST)
        assert "伊藤 医師の署名（版1）のあとに変更されました" in page
    with rules_of_tomorrow(newer("chest_pain", come_back=texts, version=1)):
        page = await expert.read(CHEST)  # even if nobody raised the version
        assert "のあとに変更されました" in page
        changed = newer("chest_pain", come_back=texts, version=1)
        assert await sign(expert, house, text=digest(changed.content)) == 303
        assert "伊藤 医師が署名" in await expert.read(CHEST)
    assert "のあとに変更されました" in await expert.read(CHEST)


async def test_a_signature_that_came_with_the_file_is_shown_until_one_is_given_here(
    house: House, expert: Browser
) -> None:
    one = replace(catalogue()["chest_pain"], signature=Signature("Dr Publisher", date(2026, 11, 1)))
    with rules_of_tomorrow(one):
        assert "Dr Publisherが署名" in await expert.read(CHEST)
        assert await sign(expert, house) == 303
        page = await expert.read(CHEST)
        assert "伊藤 医師が署名" in page
        assert "Dr Publisher" not in page


async def test_doctors_who_sign_at_once_leave_one_signature(house: House, expert: Browser) -> None:
    await asyncio.gather(*(sign(expert, house) for _ in range(5)))
    assert await house.value("select count(*) from rule_signature") == 1
    assert await house.value("select count(*) from triage_rule") == 1


async def test_the_versions_that_were_in_force_are_told_with_their_runs(
    house: House, desk: Browser
) -> None:
    talk = await house.conversation()
    await run_of(house, talk, **WELL)
    await run_of(house, talk, **WELL)
    with rules_of_tomorrow(newer("cough")):
        page = await desk.read("/triage/rules/cough")
        assert "現在の内容" not in page
        assert "/triage/runs?presentation=cough&amp;version=1" in page
    page = await desk.read("/triage/rules/cough")
    assert "現在の内容" in page
    assert await house.value("select count(*) from triage_rule") == 2  # cough, and the base


# The runs -------------------------------------------------------------------------------------


async def test_a_run_is_shown_step_by_step_and_replayed_to_the_same_result(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子", chart="1001")
    talk = await house.conversation(patient)
    run = await run_of(house, talk, patient, first_check="no", blood_chest="yes", unwell="unsure")
    page = await desk.read(f"/triage/runs/{run}")
    for words in ("田中 花子", "同じ結果です", "level-3", "当てはまったルール"):
        assert words in page
    one = catalogue()["cough"]
    for asked in ("blood_chest", "unwell"):
        question = next(it for it in one.questions if it.id == asked)
        assert question.ask["ja"] in page
        assert question.reason["ja"] in page
    assert "ルールは当時から変わっていません" in page
    row = (await house.rows("select action, subject_id from audit order by id desc limit 1"))[0]
    assert row == {"action": "staff:triage_run:read", "subject_id": run}


async def test_an_old_run_goes_by_the_rules_kept_with_it_and_beside_it_by_those_of_today(
    house: House, desk: Browser
) -> None:
    run = await run_of(house, await house.conversation(), **WELL, blood_chest="no", unwell="yes")
    one = catalogue()["cough"]
    questions = deepcopy([*one.content["questions"]])
    graver = next(it for it in questions if it["id"] == "unwell")
    graver["level"] = 4
    questions.sort(key=lambda it: -it["level"])
    with rules_of_tomorrow(newer("cough", questions=questions)):
        page = await desk.read(f"/triage/runs/{run}")
    assert "同じ結果です" in page  # by the rules of then
    assert "今なら違う結果になります" in page
    assert "<del>3</del>" in page
    assert "<strong>4</strong>" in page


async def test_a_new_question_is_marked_as_one_that_was_not_asked(
    house: House, desk: Browser
) -> None:
    run = await run_of(house, await house.conversation(), **WELL)
    one = catalogue()["cough"]
    questions = deepcopy([*one.content["questions"]])
    questions.insert(0, questions[0] | {"id": "brand_new", "level": 4})
    with rules_of_tomorrow(newer("cough", questions=questions[:5])):
        page = await desk.read(f"/triage/runs/{run}")
    assert "今のルールで新しい質問" in page


async def test_a_run_whose_rules_nobody_kept_says_so(house: House, desk: Browser) -> None:
    run = await run_of(house, await house.conversation(), **WELL)
    await house.rows("""update triage_run set rules = rules - 'digests'""")
    assert "同じ結果です" in await desk.read(f"/triage/runs/{run}")  # the version is today's
    with rules_of_tomorrow(newer("cough")):
        page = await desk.read(f"/triage/runs/{run}")
        assert "当時のルールの文面が残っていない" in page
        assert "今のルールでも同じ結果になります" in page
    await house.rows("""update triage_run set rules = rules || '{"engine": 0}'""")
    assert "当時のルールの文面が残っていない" in await desk.read(f"/triage/runs/{run}")


async def test_runs_are_listed_by_level_presentation_version_and_days(
    house: House, desk: Browser
) -> None:
    talk = await house.conversation()
    calm = await run_of(house, talk, **WELL)
    grave = await run_of(house, talk, None, "chest_pain", first_check="yes")
    old = await run_of(house, talk, **WELL)
    await house.rows(
        "update triage_run set created_at = now() - interval '40 days' where id = $1", old
    )
    for query, seen, hidden in (
        ("", (calm, grave), (old,)),
        ("level=4", (grave,), (calm, old)),
        ("presentation=chest_pain", (grave,), (calm, old)),
        ("from=2020-01-01", (calm, grave, old), ()),
        ("version=2", (), (calm, grave, old)),
        (f"before={grave}", (calm,), (grave, old)),
        ("level=9&presentation=x&version=x&from=x&until=9999-12-31", (calm, grave), (old,)),
    ):
        page = await desk.read(f"/triage/runs?{query}")
        assert all(f'/triage/runs/{run}"' in page for run in seen), query
        assert not any(f'/triage/runs/{run}"' in page for run in hidden), query


async def test_a_doctor_opens_a_run_by_the_patient_the_escalation_or_the_audit(
    house: House, expert: Browser
) -> None:
    patient = await house.patient("田中 花子")
    talk = await house.conversation(patient)
    run = await run_of(house, talk, patient, "chest_pain", first_check="yes")
    path = f"/triage/runs/{run}"
    assert (await expert.get(path)).status == 404
    assert path not in await expert.read("/triage/runs")
    review = await house.review(talk)
    await house.rows(
        "update quality_review set month = date_trunc('month', now() at time zone 'Asia/Tokyo')"
    )
    assert path in await expert.read(f"/quality/reviews/{review}")
    await expert.read(path)
    await house.rows("delete from quality_review")
    assert (await expert.get(path)).status == 404
    case = await house.escalation(talk, level=4)
    await house.rows("update triage_run set created_at = now()")  # in the same transaction
    assert path in await expert.read(f"/escalations/{case}")
    await expert.read(path)
    assert await house.value("select count(*) from audit where action like '%triage_run:read'") == 2


async def test_the_timeline_leads_to_the_run(house: House, desk: Browser) -> None:
    patient = await house.patient("田中 花子")
    run = await run_of(house, await house.conversation(patient), patient, **WELL)
    assert f'/triage/runs/{run}"' in await desk.read(f"/patients/{patient}/timeline")
