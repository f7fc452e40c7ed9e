"""Research cohorts: only with consent, asked in rounds, followed to the curve and its files."""

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import start
from bot.environment import Environment
from clinic.cohort import service
from clinic.cohort.types import USUAL_ARMS, USUAL_ROUNDS, Draft
from clinic.config import Settings
from clinic.questionnaire.service import install_shipped
from clinic.staff.types import Role
from scheduler.cohorts import ask_rounds
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House


@pytest.fixture
async def env(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Environment]:
    settings = Settings(
        database_url=SecretStr(database_url), redis_url=SecretStr(redis_url), data_dir=tmp_path
    )
    found = await start.environment(settings)
    yield found
    await start.close(found)


async def agreeing(house: House, name: str, chart: str, *said: bool) -> int:
    """A patient whose chat said so of research, oldest first."""
    patient = await house.patient(name, chart=chart)
    account = await house.value(
        """insert into chat_account (channel, address_index, address)
           values ('webchat', $1, '') returning id""",
        chart,
    )
    await house.rows(
        """insert into link (account_id, patient_id, relation, proof)
           values ($1, $2, 'self', 'code')""",
        account,
        patient,
    )
    for given in said:
        await house.rows(
            """insert into consent (account_id, purpose, notice_version, given)
               values ($1, 'research', '1', $2)""",
            account,
            given,
        )
    return patient


async def founded(house: House, draft: Draft | None = None) -> int:
    """A cohort."""
    staff = await house.staff("研究 係")
    async with house.database.transaction() as tx:
        made = await service.create(
            tx, draft or Draft("心不全", USUAL_ARMS, USUAL_ROUNDS), staff.id
        )
    assert isinstance(made, int)
    return made


async def test_a_cohort_is_made_in_the_panel(house: House, desk: Browser) -> None:
    answer = await desk.post(
        "/cohorts",
        name="心不全",
        arms="study, control",
        rounds="1,3",
        lost_after_days="365",
        form="",
    )
    assert answer.status == 303
    assert "心不全" in await desk.read("/cohorts")
    text = await desk.read(answer.headers["Location"])
    assert "<svg" in text
    bad = await desk.post(
        "/cohorts", name="", arms="a", rounds="x", lost_after_days="365", form="no"
    )
    assert bad.status == 422


async def test_only_who_agreed_to_research_is_enrolled(house: House, desk: Browser) -> None:
    cohort = await founded(house)
    await agreeing(house, "同意 する", "1", True)
    await agreeing(house, "同意 撤回", "2", True, False)
    await agreeing(house, "同意 なし", "3")
    today = date.today().isoformat()
    outcomes = {}
    for chart in ("1", "2", "3", "99"):
        answer = await desk.post(
            f"/cohorts/{cohort}/members", chart=chart, arm="study", enrolled_on=today
        )
        outcomes[chart] = answer.headers["Location"].partition("?")[2].partition("#")[0]
    assert outcomes == {
        "1": "done=enrolled",
        "2": "why=no_consent",
        "3": "why=no_consent",
        "99": "why=gone",
    }
    again = await desk.post(f"/cohorts/{cohort}/members", chart="1", arm="study", enrolled_on=today)
    assert "why=enrolled" in again.headers["Location"]
    assert await house.value("select count(*) from cohort_round") == 4


async def enrolled(house: House, cohort: int, patient: int, back: int, arm: str = "study") -> int:
    """A member who was enrolled so many days ago."""
    async with house.database.transaction() as tx:
        today = await tx.fetchval("select (now() at time zone 'Asia/Tokyo')::date")
        made = await service.enrol(tx, cohort, patient, arm, today - timedelta(days=back), today, 1)
    assert isinstance(made, int)
    return made


async def test_rounds_that_are_due_are_asked_once_by_the_usual_requests(
    house: House, env: Environment
) -> None:
    async with house.database.transaction() as tx:
        await install_shipped(tx)
    form = await house.value("select url from questionnaire where name = 'phq_9'")
    cohort = await founded(house, Draft("追跡", USUAL_ARMS, (1, 3), form))
    patient = await agreeing(house, "同意 する", "1", True)
    gone = await agreeing(house, "同意 撤回", "2", True)
    await enrolled(house, cohort, patient, 32)
    await enrolled(house, cohort, gone, 32)
    await house.rows(
        """insert into consent (account_id, purpose, notice_version, given)
           select account_id, 'research', '1', false from link where patient_id = $1""",
        gone,
    )
    assert await ask_rounds(env) == 2
    assert await ask_rounds(env) == 0
    rows = await house.rows(
        """select m.patient_id, r.months, r.state, r.reason, q.patient_id as asked
           from cohort_round r join cohort_member m on m.id = r.member_id
           left join questionnaire_request q on q.id = r.request_id order by r.id"""
    )
    assert [tuple(row.values()) for row in rows] == [
        (patient, 1, "asked", None, patient),
        (patient, 3, "waiting", None, None),
        (gone, 1, "skipped", "no_consent", None),
        (gone, 3, "waiting", None, None),
    ]


async def test_a_round_that_was_long_past_at_the_enrolment_is_skipped_and_says_so(
    house: House,
) -> None:
    cohort = await founded(house)
    patient = await agreeing(house, "同意 する", "1", True)
    await enrolled(house, cohort, patient, 130)
    rows = await house.rows("select months, state, reason from cohort_round order by months")
    assert [tuple(row.values()) for row in rows] == [
        (1, "skipped", "too_late"),
        (3, "skipped", "too_late"),
        (6, "waiting", None),
        (12, "waiting", None),
    ]


async def test_the_last_contact_is_what_the_clinic_last_knew(house: House) -> None:
    cohort = await founded(house)
    patient = await agreeing(house, "同意 する", "1", True)
    await enrolled(house, cohort, patient, 100)
    await house.rows(
        """insert into observation (patient_id, kind, value, unit, measured_at, source)
           values ($1, 'pulse', 70, '/min', now() - interval '10 days', 'chat')""",
        patient,
    )
    async with house.database.transaction() as tx:
        ((member, _, _),) = await service.members(tx, cohort, "Asia/Tokyo")
        today = await tx.fetchval("select (now() at time zone 'Asia/Tokyo')::date")
    assert (today - member.contact_on).days == 10


async def test_a_death_is_noted_with_its_day_and_nobody_asks_any_more(
    house: House, desk: Browser
) -> None:
    cohort = await founded(house)
    patient = await agreeing(house, "同意 する", "1", True)
    member = await enrolled(house, cohort, patient, 60)
    path = f"/cohorts/{cohort}/members/{member}"
    without = await desk.post(path, status="died", on="")
    assert "unchanged" in without.headers["Location"]
    day = (date.today() - timedelta(days=20)).isoformat()
    assert "done=changed" in (await desk.post(path, status="died", on=day)).headers["Location"]
    assert await house.value("select count(*) from cohort_round where state = 'waiting'") == 0
    assert await house.value("select status from cohort_member") == "died"
    assert (await desk.post(path, status="nonsense")).status == 422


async def test_the_files_name_nobody_and_run_nothing(house: House, desk: Browser) -> None:
    cohort = await founded(house, Draft("=cmd()", ("=1+1", "b"), (1,)))
    patient = await agreeing(house, "同意 する", "CHART77", True)
    await enrolled(house, cohort, patient, 60, "=1+1")
    text = await desk.read(f"/cohorts/{cohort}/members.csv")
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert row["arm"] == "'=1+1"
    content = json.loads(await desk.read(f"/cohorts/{cohort}/members.json"))
    assert content["arms"][0]["enrolled"] == 1
    assert content["members"][0]["days"] == int(row["days"])
    for file in (text, json.dumps(content)):
        assert "同意" not in file
        assert "CHART77" not in file
    assert await house.value("select count(*) from audit where action = 'staff:cohort:export'") == 2


async def test_a_closed_cohort_takes_nobody_in(house: House, desk: Browser) -> None:
    cohort = await founded(house)
    await agreeing(house, "同意 する", "1", True)
    await desk.post(f"/cohorts/{cohort}/close")
    answer = await desk.post(
        f"/cohorts/{cohort}/members", chart="1", arm="study", enrolled_on="2026-01-01"
    )
    assert "why=closed" in answer.headers["Location"]


async def test_doctors_do_not_see_who_takes_part(house: House, sign_in: SignIn) -> None:
    cohort = await founded(house)
    doctor = await sign_in(await house.staff("佐藤 医師", Role.DOCTOR))
    for path in ("/cohorts", f"/cohorts/{cohort}", f"/cohorts/{cohort}/members.csv"):
        assert (await doctor.get(path)).status == 403
