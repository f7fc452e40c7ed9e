"""The course of a patient's scores and readings, with thresholds and in words."""

import pytest

from clinic.questionnaire import service
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House

LOW = {"interest": 2, "mood": 2, "sleep": 3, "energy": 2, "appetite": 1}  # 10
BETTER = {"interest": 1, "mood": 2, "sleep": 1, "energy": 1}  # 5


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Versions are kept in memory by id, and each test has a database of its own."""
    service._known.clear()


async def reading(house: House, patient: int, upper: int, lower: int, days_ago: int) -> None:
    await house.rows(
        """insert into observation (patient_id, kind, value, second, unit, source, measured_at)
           values ($1, 'blood_pressure', $2, $3, 'mmHg', 'chat',
                   now() - make_interval(days => $4))""",
        patient,
        upper,
        lower,
        days_ago,
    )


async def test_scores_are_drawn_with_thresholds_and_told_in_words(
    house: House, desk: Browser
) -> None:
    form = (await house.forms())["phq_9"]
    patient = await house.patient("田中 花子")
    first = await house.response(patient, form, LOW, days_ago=30)
    await house.response(patient, form, BETTER)
    await house.response(await house.patient("他人"), form, {}, days_ago=5)
    page = await desk.read(f"/patients/{patient}/trends")
    assert page.count("data-figure=") == 1
    for at in ("5.0", "10.0", "15.0", "20.0"):
        assert f"&#34;at&#34;: {at}" in page
    assert "5少なくなりました" in page
    assert "気分の落ち込みが中程度」から" in page
    assert f'href="/questionnaires/responses/{first}"' in page
    row = (await house.rows("select * from audit order by id desc limit 1"))[0]
    assert (row["action"], row["subject_id"]) == ("staff:patient:trends", patient)
    assert len(row["detail"]["responses"]) == 2
    assert f'href="/patients/{patient}/trends"' in await desk.read(f"/patients/{patient}")


async def test_readings_are_drawn_with_the_limits_that_hold_for_the_patient(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子")
    await reading(house, patient, 128, 80, 3)
    await reading(house, patient, 141, 78, 0)
    page = await desk.read(f"/patients/{patient}/trends")
    assert "+13/−2 mmHg" in page
    assert "&#34;at&#34;: 180.0" in page
    await desk.post(f"/patients/{patient}/readings/limits", **{"systolic-from-3": "150"})
    own = await desk.read(f"/patients/{patient}/trends")
    assert "&#34;at&#34;: 150.0" in own
    assert "&#34;at&#34;: 180.0" not in own


async def test_one_value_is_told_without_a_curve_and_none_with_the_next_step(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子")
    assert "まだ値がありません" in await desk.read(f"/patients/{patient}/trends")
    await house.response(patient, (await house.forms())["gad_7"], {})
    page = await desk.read(f"/patients/{patient}/trends")
    assert "最新：0" in page
    assert "data-figure=" not in page


async def test_a_doctor_sees_the_course_of_own_patients_only(house: House, sign_in: SignIn) -> None:
    doctor = await house.staff("佐藤 医師", Role.DOCTOR)
    mine, other = await house.patient("田中 花子"), await house.patient("他人")
    await house.visit(mine, await house.practitioner("佐藤", doctor))
    browser = await sign_in(doctor)
    await browser.read(f"/patients/{mine}/trends")
    assert (await browser.get(f"/patients/{other}/trends")).status == 404
