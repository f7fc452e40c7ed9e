"""Who is who, and who is drifting away, in the panel."""

import pytest

from clinic.importer import service
from tests.integration.admin.conftest import Browser
from tests.integration.admin.house import House
from tests.integration.admin.test_imports import UKE, bring

OTHER = UKE.replace("見本　太郎".encode("cp932"), "別人".encode("cp932")).replace(
    b"19600115", b"19700115"
)


@pytest.fixture
async def doubt(house: House, desk: Browser) -> int:
    """A reused chart number: what the import does not dare to decide."""
    await bring(house, desk, UKE)
    await bring(house, desk, OTHER.replace(b"202607", b"202606"), "other.uke")
    found: int = await house.value("select id from match_review")
    return found


async def test_a_doubt_is_compared_side_by_side_and_decided(
    house: House, desk: Browser, doubt: int
) -> None:
    assert f"/reviews/{doubt}" in await desk.read("/reviews")
    page = await desk.read(f"/reviews/{doubt}")
    assert "カルテ番号は同じですが、生年月日が異なります" in page
    for words in ("別人", "見本 太郎", "1970-01-15", "1960-01-15"):
        assert words in page
    assert page.count("is-different") == 2  # name and birth date
    answer = await desk.post(f"/reviews/{doubt}")
    assert answer.status == 422
    assert (await desk.post(f"/reviews/{doubt}", decision="patient:999")).status == 422
    patient = await house.value("select id from patient")
    answer = await desk.post(f"/reviews/{doubt}", decision=f"patient:{patient}")
    assert answer.headers["Location"] == "/reviews?done=decided"
    assert await house.value("select decision from match_review") == "patient"
    assert await house.value("select count(*) from patient") == 1
    assert (await desk.post(f"/reviews/{doubt}", decision="new")).status == 409
    assert (await desk.get(f"/reviews/{doubt}")).status == 404
    actions = [row["action"] for row in await house.rows("select action from audit order by id")]
    assert {"staff:review:list", "staff:review:read", "staff:import:decide"} <= set(actions)
    assert "別人" not in str(await house.rows("select * from audit"))


async def test_a_chart_number_is_never_given_to_two(
    house: House, desk: Browser, doubt: int
) -> None:
    answer = await desk.post(f"/reviews/{doubt}", decision="new")
    assert answer.status == 422
    assert "このカルテ番号は別の患者が使っています" in await answer.text()
    assert (await desk.post(f"/reviews/{doubt}", decision="dropped")).status == 303
    assert await house.value("select count(*) from patient") == 1


async def test_somebody_new_becomes_a_patient(house: House, desk: Browser) -> None:
    await bring(house, desk, UKE)
    alike = UKE.replace("太郎".encode("cp932"), "太朗".encode("cp932")).replace(b"00042", b"")
    alike = alike.replace("１２,３４".encode("cp932"), "９９,８８".encode("cp932"))
    await bring(house, desk, alike.replace(b"202607", b"202606"), "alike.uke")
    doubt = await house.value("select id from match_review")
    assert (await desk.post(f"/reviews/{doubt}", decision="new")).status == 303
    rows = await house.rows("select name, chart from patient order by id")
    assert [row["chart"] for row in rows] == ["00042", None]


async def test_nothing_is_decided_while_an_import_is_at_work(
    house: House, desk: Browser, doubt: int
) -> None:
    async with house.database.transaction() as tx:
        await tx.execute("select pg_advisory_xact_lock($1)", service.IMPORT_LOCK)
        answer = await desk.post(f"/reviews/{doubt}", decision="dropped")
    assert answer.status == 422
    assert "取込が進行中です" in await answer.text()
    assert await house.value("select state from match_review") == "open"


async def test_two_records_are_joined_and_parted_again(house: House, desk: Browser) -> None:
    kept = await house.patient("田中 花子", chart="1", kana="タナカハナコ")
    lost = await house.patient("田中 華子", chart="2", kana="タナカハナコ")
    talk = await house.conversation(lost)
    answer = await desk.post("/merges/find", q="田中")
    assert answer.status == 200
    assert f'name="lost" value="{lost}"' in await answer.text()
    page = await desk.read(f"/merges/compare?kept={kept}&lost={lost}")
    assert page.count("is-different") == 2  # name and chart
    answer = await desk.post("/merges", kept=str(kept), lost=str(lost))
    assert answer.headers["Location"] == "/merges?done=merged"
    assert await house.value("select patient_id from link") == kept
    assert "田中 華子" in await desk.read("/merges")
    assert (await desk.post("/merges", kept=str(kept), lost=str(lost))).status == 409
    merge = await house.value("select id from patient_merge")
    answer = await desk.post(f"/merges/{merge}/part")
    assert answer.headers["Location"] == "/merges?done=parted"
    assert await house.value("select patient_id from link") == lost
    assert (await desk.post(f"/merges/{merge}/part")).status == 409
    assert talk
    deeds = [row["action"] for row in await house.rows("select action from audit order by id")]
    assert {"staff:patient:merge", "staff:patient:part", "staff:merge:list"} <= set(deeds)


async def test_one_record_is_not_joined_with_itself(house: House, desk: Browser) -> None:
    one = await house.patient("田中 花子")
    answer = await desk.get(f"/merges/compare?kept={one}&lost={one}")
    assert answer.status == 409
    assert "別々のカルテを2つ" in await answer.text()
    assert (await desk.post("/merges", kept=str(one), lost="x")).status == 422
    assert (await desk.get("/merges/compare?kept=x")).headers["Location"] == "/merges"
