"""The audit trail: one row for every view, a chain that shows every change."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from clinic.audit.anchor import anchor
from clinic.audit.check import check
from clinic.audit.service import record, seal, verify
from clinic.db import Database
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House

NOW = timedelta(0)


async def test_every_view_of_patients_data_leaves_one_row(house: House, desk: Browser) -> None:
    patient = await house.patient("田中 花子", chart="1001", phone="+819012345678")
    talk = await house.conversation(patient, said="胸が痛い", display_name="はな")
    visit = await house.visit(patient, await house.practitioner("佐藤"), at="00:00")
    task = await house.task("link_request", conversation=talk, note={"name": "高橋"})
    staff_id = await house.value("select id from staff")
    await house.clear_audit()
    for path, rows in (
        (
            "/today",
            [
                ("staff:appointment:list", None, {"appointments": [visit]}),
                ("staff:task:list", None, {"tasks": [task]}),
            ],
        ),
        (
            "/conversations?tab=closed",
            [("staff:conversation:list", None, {"conversations": [talk]})],
        ),
        (
            f"/conversations/{talk}",
            [("staff:conversation:read", talk, {}), ("staff:patient:card", patient, {})],
        ),
        ("/tasks", [("staff:task:list", None, {"tasks": [task]})]),
        (f"/tasks/{task}/link", [("staff:task:read", task, {})]),
        ("/patients", []),
        ("/live/menu", []),
    ):
        await desk.read(path)
        found = await house.rows(
            "select actor_kind, actor_id, action, subject_id, detail from audit order by id"
        )
        assert [(one["action"], one["subject_id"], one["detail"]) for one in found] == rows, path
        assert {(one["actor_kind"], one["actor_id"]) for one in found} <= {("staff", staff_id)}
        await house.clear_audit()
    await desk.post("/patients", q="1001")
    await desk.post("/patients", q="nobody")
    found = await house.rows("select action, subject_id, detail from audit")
    assert [tuple(one.values()) for one in found] == [
        ("staff:patient:search", None, {"patients": [patient]})
    ]
    await desk.post(f"/visits/{visit}/status", status="arrived", version="1")
    await desk.post(f"/conversations/{talk}/take-over")
    await desk.post(f"/conversations/{talk}/answer", text="秘密の返事")
    await desk.post(f"/patients/{patient}/code")
    await desk.post(f"/tasks/{task}/link", patient=str(patient), relation="self")
    await desk.post(f"/conversations/{talk}/hand-back")
    actions = {one["action"] for one in await house.rows("select action from audit")}
    assert actions >= {
        "staff:appointment:arrived",
        "staff:conversation:take_over",
        "staff:conversation:answer",
        "staff:link_code:make",
        "staff:link:approve",
        "staff:task:close",
        "staff:conversation:hand_back",
    }
    text = str(await house.rows("select * from audit"))
    for words in ("田中", "はな", "胸が痛い", "秘密", "+8190", "1001"):
        assert words not in text


async def test_who_sees_nothing_leaves_no_row(house: House, sign_in: SignIn) -> None:
    other = await house.conversation(await house.patient("他人"), said="はい")
    browser = await sign_in(await house.staff("佐藤", Role.DOCTOR))
    before = await house.value("select count(*) from audit")
    await browser.get(f"/conversations/{other}")
    await browser.get("/conversations")
    assert await house.value("select count(*) from audit") == before


async def fill(database: Database, rows: int) -> None:
    async with database.transaction() as tx:
        for number in range(rows):
            await record(tx, "system", None, "system:test:row", number, {"b": number, "a": None})


async def test_a_sealed_trail_is_whole(database: Database) -> None:
    await fill(database, 30)
    async with database.transaction() as tx:
        assert await seal(tx) == 0, "rows of this very moment may still be written"
        assert await seal(tx, NOW) == 30
        assert await seal(tx, NOW) == 0
        assert await verify(tx) is None


@pytest.mark.parametrize(
    ("fault", "found_at"),
    [
        ("update audit set subject_id = 99 where id = $1", 0),
        ("update audit set detail = '{}' where id = $1", 0),
        ("update audit set at = at + interval '1 microsecond' where id = $1", 0),
        ("update audit set action = 'x' where id = $1", 0),
        ("update audit set actor_id = 1 where id = $1", 0),
        ("update audit set chain = '\\x00' where id = $1", 0),
        ("delete from audit where id = $1", 1),
    ],
)
async def test_every_change_of_a_sealed_row_is_found(
    database: Database, house: House, fault: str, found_at: int
) -> None:
    await fill(database, 12)
    async with database.transaction() as tx:
        await seal(tx, NOW)
    ids = [row["id"] for row in await house.rows("select id from audit order by position")]
    await house.tamper(fault, ids[5])
    async with database.transaction() as tx:
        assert await verify(tx) == ids[5 + found_at]


async def test_a_row_that_is_committed_late_is_chained_later(database: Database) -> None:
    async with database.transaction() as slow:
        await record(slow, "system", None, "system:test:slow")  # takes the smaller id
        await fill(database, 3)
        async with database.transaction() as tx:
            assert await seal(tx, NOW) == 3
    async with database.transaction() as tx:
        assert await seal(tx, NOW) == 1
        assert await verify(tx) is None


async def test_one_process_seals_at_a_time(database: Database) -> None:
    await fill(database, 40)

    async def sealer() -> int:
        async with database.transaction() as tx:
            return await seal(tx, NOW)

    assert sum(await asyncio.gather(*(sealer() for _ in range(6)))) == 40
    async with database.transaction() as tx:
        assert await verify(tx) is None


async def test_an_end_of_the_trail_that_was_cut_off_is_missed(
    database: Database, house: House, tmp_path: Path
) -> None:
    await fill(database, 12)
    async with database.transaction() as tx:
        await seal(tx, NOW)
        assert await anchor(tx, tmp_path)
        assert (await check(tx, tmp_path)).whole
    await house.tamper("delete from audit where position > 9")
    async with database.transaction() as tx:
        found = await check(tx, tmp_path)
    assert (found.broken, found.cut, found.whole) == (None, 12, False)
