"""Who is drifting away, in the panel: groups, lists, windows."""

import pytest

from tests.integration.admin.conftest import Browser
from tests.integration.admin.house import House
from tests.integration.admin.test_imports import bring
from tests.unit.clinic.importer.uke.making import EXAMPLE

# A year later somebody else came, so that the data reach so far.
EARLIER = EXAMPLE.replace("202608", "202508").replace("202607", "202507").encode("cp932")
LATER = (
    EXAMPLE.replace("見本　太郎", "別　花子")
    .replace("ミホンタロウ", "ベツハナコ")
    .replace("00042", "00043")
).encode("cp932")


@pytest.fixture
async def group(house: House, desk: Browser) -> int:
    """The group of lifestyle diseases, with one patient who is there and one who is not."""
    await bring(house, desk, EARLIER)
    await bring(house, desk, LATER, "later.uke")
    found: int = await house.value("select id from care_group where code = 'lifestyle'")
    return found


async def test_a_list_names_who_is_missed_and_why(house: House, desk: Browser, group: int) -> None:
    page = await desk.read("/lapse")
    assert "生活習慣病" in page
    page = await desk.read(f"/lapse/{group}")
    assert "見本 太郎" in page
    assert "2025年7月17日" in page
    assert "薬" in page  # medicine until
    seen = await house.value("select detail from audit where action = 'staff:lapse:list'")
    assert len(seen["patients"]) >= 1
    for state in ("due", "at_risk", "dormant", "booked", "active", "excluded", "nonsense"):
        await desk.read(f"/lapse/{group}?state={state}&from=0")
    assert "見本 太郎" not in await desk.read(f"/lapse/{group}?state=active")
    assert "見本" not in str(await house.rows("select * from audit"))


async def test_a_list_leaves_as_a_csv(house: House, desk: Browser, group: int) -> None:
    answer = await desk.get(f"/lapse/{group}/list.csv?state=lapsed")
    assert "lifestyle-" in answer.headers["Content-Disposition"]
    lines = (await answer.read()).decode("utf-8-sig").splitlines()
    assert lines[0].startswith('"カルテ番号","患者"')
    assert lines[1].startswith('"00042","見本 太郎","ミホンタロウ","離脱","2025-07-17"')
    assert await house.value("select count(*) from audit where action = 'staff:lapse:export'") == 1


async def test_other_windows_change_who_is_missed(house: House, desk: Browser, group: int) -> None:
    assert "生活習慣病" in await desk.read(f"/lapse/{group}/windows")
    fields = {
        "mode": "fixed",
        "at_risk_months": "20",
        "lapsed_months": "24",
        "grace_days": "14",
        "interval_days": "",
        "refill_days": "90",
        "active": "yes",
    }
    bad = await desk.post(f"/lapse/{group}/windows", **{**fields, "lapsed_months": "3"})
    assert bad.status == 422
    assert "離脱予備群より後に" in await bad.text()
    for wrong in ("x", "", "-1", "9999999"):
        bad = await desk.post(f"/lapse/{group}/windows", **{**fields, "grace_days": wrong})
        assert bad.status == 422
    bad = await desk.post(f"/lapse/{group}/windows", **{**fields, "mode": "x"})
    assert bad.status == 422
    answer = await desk.post(f"/lapse/{group}/windows", **fields)
    assert answer.headers["Location"] == f"/lapse/{group}?done=saved"
    assert "見本 太郎" not in await desk.read(f"/lapse/{group}")
    assert await house.value("select version from care_group where id = $1", group) == 2
    detail = await house.value("select detail from audit where action = 'staff:lapse_group:set'")
    assert detail["at_risk_months"] == 20


async def test_a_group_that_is_not_there_is_not_found(desk: Browser) -> None:
    for path in ("/lapse/999", "/lapse/999/list.csv", "/lapse/999/windows"):
        assert (await desk.get(path)).status == 404
    assert (await desk.post("/lapse/999/windows", grace_days="1", refill_days="1")).status == 404
    assert "グループはまだありません" in await desk.read("/lapse")
