"""Who is enrolled by rule: once for each patient and anchor, by events of the last days."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from scheduler import plans
from tests.integration.booking.clinic import make
from tests.integration.plans.ward import Ward, step

pytestmark = pytest.mark.server

EVERYBODY: dict[str, Any] = {"and": []}


async def condition(ward: Ward, patient: int, icd10: str = "I10") -> None:
    await ward.execute(
        """insert into condition (patient_id, code, system, icd10)
           values ($1, 'x', 'receipt', $2)""",
        patient,
        icd10,
    )


async def seen(ward: Ward, patient: int, ago: int, setting: str = "outpatient") -> date:
    day = await ward.today() - timedelta(days=ago)
    await ward.execute(
        "insert into encounter (patient_id, on_date, setting) values ($1, $2, $3)",
        patient,
        day,
        setting,
    )
    return day


async def looked(ward: Ward) -> list[tuple[int, str]]:
    """Whom the worker has enrolled when it looks, and by which anchor."""
    await ward.execute("update plan_definition set looked_at = null")
    await plans.sweep(ward.env)
    rows = await ward.rows("select patient_id, anchor_key from care_plan order by id")
    return [(patient, key) for patient, key in rows]


async def test_a_visit_of_a_patient_with_the_disease_enrols_once(ward: Ward) -> None:
    ill, well, long_ago = [await ward.patient("webchat") for _ in range(3)]
    for patient in (ill, long_ago):
        await condition(ward, patient)
    for patient, ago in ((ill, 1), (well, 1), (long_ago, 30)):
        await seen(ward, patient, ago)
    rule = {"filter": {"field": "condition", "op": "starts", "value": ["I10"]}, "days": 14}
    await ward.definition(step(days=20), applies=rule)
    day = await ward.today() - timedelta(days=1)
    assert await looked(ward) == [(ill, f"visit:{day}")]
    assert await looked(ward) == [(ill, f"visit:{day}")]
    await seen(ward, ill, 0)  # comes again while the plan runs
    assert len(await looked(ward)) == 1


async def test_two_schedulers_at_once_enrol_once(ward: Ward) -> None:
    for _ in range(20):
        await seen(ward, await ward.patient("webchat"), 1)
    await ward.definition(step(days=20), applies={"filter": EVERYBODY})
    await asyncio.gather(*(plans.sweep(ward.env) for _ in range(3)))
    assert await ward.value("select count(*) from care_plan") == 20
    assert await ward.value("select count(*) from care_plan_activity") == 20


async def test_a_visit_of_ours_enrols_by_its_service(ward: Ward) -> None:
    await make(ward.env.database, patients=1)
    patient = await ward.value("select max(id) from patient")
    await ward.execute(
        """insert into appointment (key, status, patient_id, service_id, site_id, practitioner_id,
                                    during, starts_at, ends_at)
           select gen_random_uuid(), 'fulfilled', $1, (select min(id) from service),
                  (select min(id) from site), (select min(id) from resource),
                  tstzrange(now() - interval '2 hours', now() - interval '1 hour'),
                  now() - interval '2 hours', now() - interval '1 hour'""",
        patient,
    )
    code = await ward.value("select code from service order by id limit 1")
    await ward.definition(
        step(days=20), code="other", applies={"filter": EVERYBODY, "codes": ["none"]}
    )
    assert await looked(ward) == []
    await ward.definition(step(days=20), applies={"filter": EVERYBODY, "codes": [code]})
    assert [found for found, _ in await looked(ward)] == [patient]


async def test_a_stay_ends_on_its_last_day_and_a_months_last_day_may_not_be_it(
    ward: Ward,
) -> None:
    left = await ward.patient("webchat")
    for ago in (5, 4, 3):
        await seen(ward, left, ago, "inpatient")
    there = await ward.patient("webchat")
    await seen(ward, there, 0, "inpatient")
    await ward.definition(step(days=20), anchor="discharge", applies={"filter": EVERYBODY})
    day = await ward.today() - timedelta(days=3)
    month_end = (day + timedelta(days=1)).day == 1
    expected = [] if month_end else [(left, f"discharge:{day}")]
    assert await looked(ward) == expected


async def test_an_act_and_a_birth_enrol(ward: Ward) -> None:
    patient, child = await ward.patient("webchat"), await ward.patient("webchat")
    today = await ward.today()
    await ward.execute(
        """insert into procedure (patient_id, code, system, on_date)
           values ($1, '160093810', 'receipt', $2)""",
        patient,
        today,
    )
    await ward.execute("update patient set birth_on = $2 where id = $1", child, today)
    act = {"filter": EVERYBODY, "codes": ["160093810"]}
    await ward.definition(step(days=20), code="scope", anchor="procedure", applies=act)
    await ward.definition(step(days=49), anchor="birth", applies={"filter": EVERYBODY})
    assert sorted(await looked(ward)) == sorted(
        [(patient, f"procedure:{today}"), (child, f"birth:{today}")]
    )


async def test_the_dead_and_those_who_moved_are_not_enrolled(ward: Ward) -> None:
    dead, away = await ward.patient("webchat"), await ward.patient("webchat")
    for patient in (dead, away):
        await seen(ward, patient, 1)
    await ward.execute("update patient set deceased_on = current_date where id = $1", dead)
    await ward.execute("update patient set moved_on = current_date where id = $1", away)
    await ward.definition(step(days=20), applies={"filter": EVERYBODY})
    assert await looked(ward) == []


async def test_a_draft_enrols_nobody(ward: Ward) -> None:
    await seen(ward, await ward.patient("webchat"), 1)
    await ward.definition(step(days=20), applies={"filter": EVERYBODY}, active=False)
    assert await looked(ward) == []
