"""The limits of readings for the whole clinic: changed by an admin, never loosened where it is
grave, in force at once, and signed anew."""

import re
from decimal import Decimal

import pytest

from admin.app import create_app
from admin.keys import SETTINGS as IN_FORCE
from clinic.config import Settings
from clinic.db import Database
from clinic.observation.house import SHIPPED_AT
from clinic.staff.access.signatures import digest
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, SETTINGS, House

PATH = "/settings/readings"
SHIPPED = {name: str(at) for name, at in SHIPPED_AT.items()}


async def save(browser: Browser, seen: int = 0, **changed: str) -> tuple[int, str]:
    """Post the form as the page sends it; the status, and where to or the page."""
    fields = {**SHIPPED, **{name.replace("__", "."): at for name, at in changed.items()}}
    answer = await browser.post(PATH, seen=str(seen), **fields)
    return answer.status, answer.headers.get("Location") or await answer.text()


async def test_a_reading_is_judged_by_what_the_clinic_set(house: House, chief: Browser) -> None:
    patient = await house.patient("田中 花子")
    await chief.post(f"/patients/{patient}/readings", reading="165/80", at="2026-01-05T09:30")
    status, where = await save(chief, systolic__from__3__0="160", weight__rise="1,5")
    assert (status, where.partition("=")[0]) == (303, f"{PATH}?done")
    await chief.post(f"/patients/{patient}/readings", reading="165/80", at="2026-01-06T09:30")
    rows = await house.rows("select level from observation order by id")
    assert [row["level"] for row in rows] == [2, 3]
    page = await chief.read(f"/patients/{patient}/readings")
    assert "160" in page.split('id="limits"')[1], "beside the patient's own"
    changes = await house.rows("select key, value from setting_change")
    assert changes == [
        {"key": "readings.limits", "value": [{"systolic.from.3.0": "160", "weight.rise": "1.5"}]}
    ]
    audit = "select detail from audit where action = 'staff:setting:change'"
    assert [row["detail"] for row in await house.rows(audit)] == [{"key": "readings.limits"}]


async def test_a_patients_own_limit_holds_instead(house: House, chief: Browser) -> None:
    patient = await house.patient("田中 花子")
    path = f"/patients/{patient}/readings"
    await chief.post(f"{path}/limits", **{"systolic-from-3": "200"})
    await save(chief, systolic__from__3__0="160")
    await chief.post(path, reading="170/80", at="2026-01-05T09:30")
    assert await house.value("select level from observation") == 2, "by the mean alone"


@pytest.mark.parametrize(
    ("name", "typed", "why"),
    [
        ("spo2.below.4.0", "90", "93～96"),
        ("systolic.from.3.0", "200", "140～180"),
        ("pulse.from.4.6574", "0", "120～151"),
        ("pulse.from.4.6574", "-5", "120～151"),
        ("temperature.from.3.182", "熱", "数値ではありません"),
        ("temperature.from.3.182", "9" * 400, "数値ではありません"),
        ("glucose.from.3.0", "200", "重い基準が軽い基準より先"),
    ],
)
async def test_nonsense_and_what_is_looser_where_it_is_grave_is_refused_in_words(
    house: House, chief: Browser, name: str, typed: str, why: str
) -> None:
    status, page = await save(chief, **{name.replace(".", "__"): typed})
    assert status == 422
    assert why in page
    assert f'name="{name}" value="{typed[:20]}"' in page, "to be mended"
    assert await house.value("select count(*) from setting_change") == 0


async def test_an_empty_field_and_what_is_shipped_are_no_change(
    house: House, chief: Browser
) -> None:
    assert await save(chief, systolic__from__3__0="", spo2__below__3__0="95.0") == (
        303,
        f"{PATH}?done=0",
    )
    assert await house.value("select count(*) from setting_change") == 0


async def test_a_changed_limit_is_signed_anew_by_a_doctor_who_saw_it(
    house: House, chief: Browser, sign_in: SignIn
) -> None:
    doctor = await sign_in(await house.staff("佐藤 医師", Role.DOCTOR))
    before = digest(SETTINGS.readings.house)
    await doctor.post(f"{PATH}/sign", seen=before)
    assert 'class="is-good"' in await chief.read(PATH)
    await save(chief, 2, systolic__from__3__0="160")
    assert 'class="is-bad"' in await chief.read(PATH)
    refused = await doctor.post(f"{PATH}/sign", seen=before)
    assert refused.status == 409, "signed as shown, and another is in force"
    page = await refused.text()
    seen = re.findall(r'/sign">.*?name="seen" value="([0-9a-f]{64})"', page, re.DOTALL)[0]
    assert (await doctor.post(f"{PATH}/sign", seen=seen)).status == 303
    assert 'class="is-good"' in await chief.read(PATH)
    change = await house.value("select max(id) from setting_change where key = 'readings.limits'")
    await chief.post("/settings/undo", changes=str(change), back="readings")
    assert 'class="is-bad"' in await chief.read(PATH), "what is signed was taken back"
    assert "初期値：" not in await chief.read(PATH)


async def test_the_history_tells_limits_in_words(chief: Browser) -> None:
    await save(chief, systolic__from__3__0="160")
    page = await chief.read("/settings/history")
    assert "測定値の基準" in page
    assert "systolic.from" not in page
    assert ": 160" in page


async def test_only_admins_change_them_and_not_over_a_colleagues_change(
    house: House, chief: Browser, desk: Browser, sign_in: SignIn
) -> None:
    doctor = await sign_in(await house.staff("佐藤 医師", Role.DOCTOR))
    for browser in (desk, doctor):
        assert (await save(browser, systolic__from__3__0="160"))[0] == 403
        assert 'name="systolic.from.3.0"' not in await browser.read(PATH)
        assert "180 mmHg" in await browser.read(PATH)
    await save(chief, systolic__from__3__0="160")
    status, page = await save(chief, systolic__from__3__0="170")
    assert status == 409
    assert "alert-danger" in page
    assert await house.value("select count(*) from setting_change") == 1


async def test_what_a_file_sets_is_in_force_and_a_looser_one_stops_the_start(
    database: Database,
) -> None:
    settings = Settings(readings={"limits": {"systolic.from.3.0": 170}})  # type: ignore[arg-type]  # as YAML has it
    app = create_app(database, KEYS, settings)
    systolic = [it for it in app[IN_FORCE].readings.house.limits if it.measure == "systolic"]
    assert systolic[0].at == Decimal(170)
    with pytest.raises(ValueError, match="cannot be limits"):
        Settings(readings={"limits": {"systolic.from.3.0": "200"}})  # type: ignore[arg-type]
