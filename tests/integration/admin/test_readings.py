"""The readings page: charts, what staff enter and strike out, and a patient's own limits."""

from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House


async def measured(house: House, patient: int, *values: int) -> None:
    """Pulses of the last days."""
    for days, value in enumerate(values):
        await house.rows(
            """insert into observation (patient_id, kind, value, unit, measured_at, source)
               values ($1, 'pulse', $2, '/min', now() - make_interval(days => $3), 'chat')""",
            patient,
            value,
            days,
        )


async def test_the_page_shows_the_course_and_every_reading(house: House, desk: Browser) -> None:
    patient = await house.patient("田中 花")
    await measured(house, patient, 70, 72)
    text = await desk.read(f"/patients/{patient}/readings")
    assert "<polyline" in text
    assert "72 /min" in text
    assert f'href="/patients/{patient}/readings"' in await desk.read(f"/patients/{patient}")


async def test_staff_enter_a_reading_in_any_manner(house: House, desk: Browser) -> None:
    patient = await house.patient("田中 花")
    path = f"/patients/{patient}/readings"
    answer = await desk.post(path, reading="血圧 190の125 脈72", at="2026-01-05T09:30")
    assert answer.status == 303
    rows = await house.rows(
        """select kind, value::int, second::int, level, source, written_by_id is not null as by
           from observation order by id"""
    )
    assert [tuple(row.values()) for row in rows] == [
        ("blood_pressure", 190, 125, 3, "staff", True),
        ("pulse", 72, None, 1, "staff", True),
    ]
    assert await house.value("select count(*) from task") == 0, "who enters it has seen it"
    assert (await desk.read(answer.headers["Location"])).count("level-3") == 1


async def test_what_is_no_reading_or_still_to_come_is_asked_for_again(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花")
    path = f"/patients/{patient}/readings"
    for reading, at in (
        ("35/80", "2026-01-05T09:30"),
        ("hello", "2026-01-05T09:30"),
        ("pulse 70", "2099-01-05T09:30"),
        ("pulse 70", "now"),
    ):
        assert (await desk.post(path, reading=reading, at=at)).status == 422
    assert await house.value("select count(*) from observation") == 0


async def test_a_reading_that_was_struck_out_stays_to_be_seen_and_counts_for_nothing(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花")
    await measured(house, patient, 70)
    reading = await house.value("select id from observation")
    path = f"/patients/{patient}/readings/{reading}/strike"
    assert (await desk.post(path)).status == 303
    assert await house.value("select status from observation") == "entered-in-error"
    assert "<del>" in await desk.read(f"/patients/{patient}/readings")
    again = await desk.post(path)
    assert "struck" not in again.headers["Location"]
    other = await house.patient("別 人")
    await desk.post(f"/patients/{other}/readings/{reading}/strike")
    assert await house.value("select count(*) from audit where action like '%strike'") == 1


async def test_a_patients_own_limits(house: House, desk: Browser) -> None:
    patient = await house.patient("田中 花")
    path = f"/patients/{patient}/readings/limits"
    answer = await desk.send(
        path, {"csrf": desk.csrf, "spo2-below-4": "85", "pulse-below-2": "-", "pulse-from-2": ""}
    )
    assert answer.status == 303
    rows = await house.rows(
        "select measure, side, level, at::int from observation_limit order by id"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("pulse", "below", 2, None),
        ("spo2", "below", 4, 85),
    ]
    assert 'value="85"' in await desk.read(f"/patients/{patient}/readings")
    for wrong in ("many", "-1", "NaN", "1e9"):
        bad = await desk.send(path, {"csrf": desk.csrf, "spo2-below-4": wrong})
        assert bad.status == 422
    await desk.send(path, {"csrf": desk.csrf})
    assert await house.value("select count(*) from observation_limit") == 0


async def test_a_doctor_sees_nothing_of_others_patients(house: House, sign_in: SignIn) -> None:
    patient = await house.patient("田中 花")
    doctor = await sign_in(await house.staff("佐藤 医師", Role.DOCTOR))
    path = f"/patients/{patient}/readings"
    assert (await doctor.get(path)).status == 404
    assert (await doctor.post(path, reading="pulse 70", at="2026-01-05T09:30")).status == 404
    assert (await doctor.post(f"{path}/limits")).status == 404
    assert (await doctor.post(f"{path}/1/strike")).status == 404


async def test_a_nurses_task_says_what_it_is_about(house: House, desk: Browser) -> None:
    patient = await house.patient("田中 花")
    await house.rows(
        """insert into task (key, kind, patient_id, detail)
           values ('reading:1', 'reading', $1, '{"reason": "reading_weight"}')""",
        patient,
    )
    text = await desk.read("/tasks", headers={"Accept-Language": "en"})
    assert "task.reading" not in text
    assert "reading_weight" not in text
