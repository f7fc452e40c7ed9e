"""Who calls: the page that a telephone system opens."""

import logging

import pytest

from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House

EN = {"Accept-Language": "en"}


async def caller(house: House, desk: Browser, name: str, phone: str = "090-1234-5678") -> int:
    patient = await house.patient(name, chart=name)
    await desk.post(f"/patients/{patient}/edit", name=name, phone=phone)
    return patient


@pytest.mark.parametrize(
    "number", ["09012345678", "090-1234-5678", "%2B819012345678", "+819012345678", "819012345678"]
)
async def test_a_number_opens_the_patients_card_however_it_is_written(
    house: House, desk: Browser, number: str
) -> None:
    patient = await caller(house, desk, "田中")
    page = await desk.read(f"/lookup?tel={number}")
    assert f'id="card-{patient}"' in page
    assert "•••• 5678" in page


async def test_a_family_of_one_number_is_listed(house: House, desk: Browser) -> None:
    for name in ("田中 花子", "田中 太郎"):
        await caller(house, desk, name)
    page = await desk.read("/lookup?tel=09012345678", headers=EN)
    assert "2 patients have this number" in page
    assert "田中 太郎" in page
    assert "patient-card" not in page


async def test_a_new_callers_record_is_begun_with_the_number(house: House, desk: Browser) -> None:
    page = await desk.read("/lookup?tel=09012345678", headers=EN)
    assert "No patient has this number" in page
    assert 'value="09012345678"' in page
    made = await desk.post("/lookup", name="新田", kana="ニッタ", tel="09012345678")
    assert made.headers["Location"].startswith("/patients/")
    assert "新田" in await desk.read("/lookup?tel=09012345678")
    assert (await desk.post("/lookup", name="", tel="09012345678")).status == 422
    assert await house.value("select count(*) from patient") == 1
    assert await house.value("select count(*) from audit where action = 'staff:patient:add'") == 1


@pytest.mark.parametrize("number", ["", "withheld", "110", "%01", "'%20or%201=1--", "9" * 400])
async def test_what_is_no_number_finds_nobody(desk: Browser, number: str) -> None:
    assert "patient-card" not in await desk.read(f"/lookup?tel={number}")


async def test_a_doctor_sees_no_strangers_card(
    house: House, desk: Browser, sign_in: SignIn
) -> None:
    await caller(house, desk, "田中")
    doctor = await sign_in(await house.staff("佐藤", Role.DOCTOR))
    page = await doctor.read("/lookup?tel=09012345678")
    assert "田中" not in page
    assert "<h2" not in page.split("<main")[1].split("</main")[0], "and begins no record"
    assert (await doctor.post("/lookup", name="a", tel="09012345678")).status == 403


async def test_the_number_is_written_nowhere(
    house: House, desk: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    await caller(house, desk, "田中")
    caplog.set_level(logging.DEBUG)
    await desk.read("/lookup?tel=09012345678")
    for table in ("audit", "staff_session"):
        rows = await house.rows(f"select t::text from {table} t")
        assert "9012345678" not in str(rows), table
    ours = [one for one in caplog.records if one.name.split(".")[0] in ("admin", "clinic", "bot")]
    assert "9012345678" not in str([one.getMessage() for one in ours])
