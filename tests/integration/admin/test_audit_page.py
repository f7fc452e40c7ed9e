"""The audit trail as admins see it, what nobody can do to it, how every change is found (R25)."""

import ast
import inspect
import re
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

import clinic
from clinic.audit.anchor import FILE, anchor, read_anchors
from clinic.audit.check import check
from clinic.audit.service import record, seal
from clinic.audit.subjects import DETAIL, EXCEPT, OF_THE_HOUSE, PAIRS, SAME, kind_of
from clinic.db import Database
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House

NOW = timedelta(0)
ROOT = Path(clinic.__file__).parents[1]


async def trail(database: Database, rows: int, folder: Path) -> None:
    """Sealed rows, with a mark of the last one outside of the database."""
    async with database.transaction() as tx:
        for number in range(rows):
            await record(tx, "system", None, "system:test:row", number)
    async with database.transaction() as tx:
        await seal(tx, NOW)
        assert await anchor(tx, folder)


@pytest.mark.parametrize(
    "sql",
    [
        "delete from audit",
        "delete from audit where id = (select min(id) from audit)",
        "truncate audit",
        "truncate audit cascade",
        "truncate staff, audit cascade",
        "update audit set subject_id = 99",
        "update audit set detail = '{}'",
        "update audit set at = now()",
        "update audit set action = 'x'",
        "update audit set actor_id = 1",
        "update audit set actor_kind = 'system'",
        "update audit set position = 1, chain = '\\x00', subject_id = 1 where position is null",
        "update audit set position = null, chain = null",
        "update audit set chain = '\\x00'",
        "update audit set position = -position",
        "update audit set id = -id",
        "with gone as (delete from audit returning id) select count(*) from gone",
        "insert into audit (id, actor_kind, action) select id, 'system', 'x' from audit"
        " on conflict (id) do update set action = 'x'",
        "merge into audit a using (select 1) x on true when matched then delete",
        "set local session_replication_role = replica; delete from audit",
    ],
)
async def test_no_statement_changes_or_removes_a_row(
    database: Database, house: House, tmp_path: Path, sql: str
) -> None:
    await trail(database, 3, tmp_path)
    async with database.transaction() as tx:
        await record(tx, "system", None, "system:test:row")
    before = await house.rows("select t::text from audit t order by id")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction() as tx:
            await tx.execute(sql)
    assert await house.rows("select t::text from audit t order by id") == before


@pytest.mark.parametrize(
    ("fault", "broken", "cut"),
    [
        ("update audit set subject_id = subject_id + 1 where position = 7", True, False),
        ("delete from audit where position = 7", True, False),
        ("delete from audit where position > 17", False, True),
        ("delete from audit", False, True),
    ],
)
async def test_a_changed_bit_a_removed_row_and_a_cut_tail_are_found(
    database: Database, house: House, tmp_path: Path, fault: str, broken: bool, cut: bool
) -> None:
    await trail(database, 20, tmp_path)
    async with database.transaction() as tx:
        assert (await check(tx, tmp_path)).whole
    await house.tamper(fault)
    async with database.transaction() as tx:
        found = await check(tx, tmp_path)
    assert (found.broken is not None, found.cut is not None) == (broken, cut)


async def test_a_tail_that_was_cut_and_grown_again_is_found(
    database: Database, house: House, tmp_path: Path
) -> None:
    await trail(database, 20, tmp_path)
    await house.tamper("delete from audit where position > 15")
    await trail(database, 10, tmp_path / "elsewhere")
    async with database.transaction() as tx:
        found = await check(tx, tmp_path)
    assert (found.broken, found.cut) == (None, 20)


async def test_the_newest_link_is_written_down_once_an_hour_for_its_owner_only(
    database: Database, tmp_path: Path
) -> None:
    await trail(database, 3, tmp_path)
    await trail(database, 3, tmp_path / "other")
    async with database.transaction() as tx:
        assert not await anchor(tx, tmp_path), "not yet"
        assert await anchor(tx, tmp_path, every=NOW)
    assert [one[0] for one in read_anchors(tmp_path)] == [3, 6]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    with (tmp_path / FILE).open("a") as file:
        file.write("torn li")
    assert len(read_anchors(tmp_path)) == 2
    assert read_anchors(tmp_path / "nowhere") == []


async def test_an_admin_searches_by_person_patient_deed_and_day(
    house: House, chief: Browser, sign_in: SignIn
) -> None:
    mine = await house.patient("田中 花子", chart="1001")
    other = await house.patient("山本 太郎", chart="2002")
    talk = await house.conversation(mine, said="こんにちは")
    clerk = await house.staff("伊藤")
    browser = await sign_in(clerk)
    for path in (f"/patients/{mine}", f"/patients/{other}", f"/conversations/{talk}"):
        await browser.read(path)
    by_person = await chief.read(f"/audit?staff={clerk.id}")
    assert by_person.count("staff:patient:record") == 2
    by_patient = await chief.read(f"/audit?staff={clerk.id}&chart=1001")
    assert by_patient.count("staff:patient:record") == 1
    assert "staff:conversation:read" in by_patient
    by_deed = await chief.read(f"/audit?staff={clerk.id}&action=staff:conversation")
    assert "staff:patient:record" not in by_deed
    assert "staff:conversation:read" in by_deed
    past = await chief.read("/audit?first=2020-01-01&last=2020-01-31")
    assert "staff:" not in past.replace('placeholder="staff:patient"', "")
    assert "staff:audit:search" in await chief.read("/audit"), "looking is written down, too"
    for nonsense in ("?first=x&last=9", "?staff=x", "?chart=nobody", "?before=99999999999999999"):
        assert (await chief.get(f"/audit{nonsense}")).status == 200
    assert (await browser.get("/audit")).status == 403


async def test_a_long_trail_is_shown_page_by_page(
    house: House, database: Database, chief: Browser
) -> None:
    async with database.transaction() as tx:
        for number in range(120):
            await record(tx, "system", None, f"system:test:row{number}")
    page, seen = await chief.read("/audit?action=system:test"), []
    while True:
        seen += re.findall(r"system:test:row(\d+)", page)
        older = re.search(r'href="(/audit\?[^"]*before=\d+)"', page)
        if older is None:
            break
        page = await chief.read(older[1].replace("&amp;", "&"))
    assert sorted(map(int, seen)) == list(range(120))


async def test_the_list_for_a_spreadsheet_runs_no_formula(
    house: House, database: Database, chief: Browser
) -> None:
    await house.staff("=1+1")
    async with database.transaction() as tx:
        who = await tx.fetchval("select id from staff where name = '=1+1'")
        await record(tx, "staff", who, "staff:test:row", 1, {"=cmd": "+1"})
    answer = await chief.get("/audit/list.csv?action=staff:test")
    text = await answer.text(encoding="utf-8-sig")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert '"\'=1+1"' in text
    assert '"\'=cmd: +1"' in text
    for line in text.splitlines():
        assert not re.search(r'(^|,)"[=+\-@]', line)


async def test_the_check_says_in_words_whether_the_trail_is_whole(
    house: House, database: Database, chief: Browser
) -> None:
    await chief.post("/language", language="en")
    async with database.transaction() as tx:
        await seal(tx, NOW)
    assert "all unchanged" in await (await chief.post("/audit/check")).text()
    await house.tamper("update audit set action = 'x' where position = 1")
    assert "The trail was changed" in await (await chief.post("/audit/check")).text()


async def test_which_patients_somebody_saw_is_told_whatever_page_they_were_seen_on(
    house: House, chief: Browser, sign_in: SignIn
) -> None:
    names = ["記録", "会話", "予約", "作業", "検索", "だれも見ない"]
    patients = [await house.patient(name, chart=f"70{n}") for n, name in enumerate(names)]
    clerk = await house.staff("伊藤")
    browser = await sign_in(clerk)
    talk = await house.conversation(patients[1], said="はい")
    await house.visit(patients[2], await house.practitioner("佐藤"))
    await house.task("call", patient=patients[3])
    for path in (f"/patients/{patients[0]}", f"/conversations/{talk}"):
        await browser.read(path)
    await browser.post("/patients", q="704")
    await browser.read("/today")
    await browser.read("/tasks")
    page = await chief.read(f"/audit/seen?staff={clerk.id}")
    for name in names[:-1]:
        assert name in page, name
    assert names[-1] not in page
    assert "70" not in (await chief.read("/audit/seen")).split("<main")[1]


def test_every_deed_of_staff_says_of_whom_it_is() -> None:
    """A new kind of subject must be declared, or a breach could not be told of."""
    kinds = set()
    for folder in ("clinic", "admin", "bot", "scheduler"):
        for path in (ROOT / folder).rglob("*.py"):
            kinds |= set(re.findall(r'f?"staff:([a-z_]+):[a-z_{}]+"', path.read_text()))
    assert kinds - {*PAIRS, *SAME, *OF_THE_HOUSE} == set()
    assert kind_of("staff:note:list") == "conversation"
    assert kind_of("staff:cohort:enrol") == "patient"
    assert kind_of("staff:questionnaire_response:list") == ""
    assert {*SAME.values(), *DETAIL.values()} <= set(PAIRS)
    assert {kind for kind in EXCEPT.values() if kind} <= set(PAIRS)


def test_nothing_but_sealing_changes_a_row() -> None:
    source = ast.parse(inspect.getsource(__import__("clinic.audit.service", fromlist=["x"])))
    texts = [node.value for node in ast.walk(source) if isinstance(node, ast.Constant)]
    changing = [text for text in texts if isinstance(text, str) and "update audit" in text]
    assert len(changing) == 1


async def test_doctors_and_the_desk_see_no_audit_trail(sign_in: SignIn, house: House) -> None:
    for role in (Role.DOCTOR, Role.STAFF):
        browser = await sign_in(await house.staff(str(role), role))
        for path in ("/audit", "/audit/seen", "/audit/list.csv"):
            assert (await browser.get(path)).status == 403
