"""How many questions a page asks does not depend on how much there is: the short form of
`kayoi bench panel`, which measures time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestServer

from admin.app import create_app
from bot.commands.bench_panel import DOCTORS, PAGES
from clinic import db
from clinic.db import Database
from clinic.lapse.service import install
from clinic.staff.types import Role, Staff
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, SETTINGS, House

pytestmark = pytest.mark.server

FEW, MANY = 2, 9
LEFT_OUT = frozenset({"campaign", "campaign, log"})  # there is none
MOST = 60  # questions of any page


@dataclass(slots=True)
class Asked:
    """What was asked of the database."""

    statements: list[str] = field(default_factory=list)

    def hear(self, query: Any) -> None:
        self.statements.append(" ".join(query.query.split()))


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
async def database(
    database_url: str, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Database]:
    prepare = db._prepare

    async def listening(connection: asyncpg.Connection) -> None:
        await prepare(connection)
        connection.add_query_logger(asked.hear)

    monkeypatch.setattr(db, "_prepare", listening)
    database = await Database.open(database_url)
    yield database
    await database.close()


@pytest.fixture
async def server(database: Database) -> AsyncIterator[TestServer]:
    async with TestServer(create_app(database, KEYS, SETTINGS)) as server:
        yield server


async def grow(house: House, doctor: int, first: int, last: int) -> dict[str, int]:
    """Patients with a visit of today, a talk that waits, a task, an answer and a place on a list;
    ids for PAGES, those of the first."""
    form = (await house.forms())["gad_7"]
    group = await house.value("select id from care_group order by id limit 1")
    found = []
    for n in range(first, last):
        patient = await house.patient(f"佐藤 {n}", kana="サトウ", chart=f"7{n}")
        talk = await house.conversation(patient, said="予約", owner="queue", waiting=n)
        await house.tell(talk, "はい")
        # The first are the last of the day: whatever the hour, they lie ahead if others do.
        visit = await house.visit(patient, doctor, at=f"{23 - n}:00")
        await house.task("call", patient=patient, conversation=talk, visit=visit)
        await house.response(patient, form, {})
        await house.escalation(talk, patient=patient)
        await house.rows(
            """insert into lapse (patient_id, group_id, state, last_visit_on, expected_on,
                 at_risk_on, lapsed_on, reason)
               values ($1, $2, 'lapsed', '2025-01-01', '2025-03-01', '2025-03-01', '2025-06-01',
                 '{"key": "months", "months": 2}')""",
            patient,
            group,
        )
        found.append({"patient": patient, "conversation": talk, "visit": visit})
    return {**found[0], "questionnaire": form, "group": group} if found else {}


async def counted(browser: Browser, asked: Asked, page: str, there: dict[str, int]) -> list[str]:
    """What a page asks, when it is opened again."""
    path, form = PAGES[page]
    for _ in range(2):
        asked.statements.clear()
        if form is None:
            answer = await browser.get(path.format(**there))
        else:
            answer = await browser.post(path, **{**form, **({"q": "佐藤"} if "q" in form else {})})
        assert answer.status == 200, (page, answer.status)
    return list(asked.statements)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.DOCTOR])
async def test_no_page_asks_more_questions_the_more_there_is(
    house: House, sign_in: SignIn, asked: Asked, role: Role
) -> None:
    staff: Staff = await house.staff("鈴木", role)
    doctor = await house.practitioner("佐藤", staff)
    async with house.database.transaction() as tx:
        await install(tx)
    there = await grow(house, doctor, 0, FEW)
    browser = await sign_in(staff)
    pages = [one for one in (PAGES if role is Role.ADMIN else DOCTORS) if one not in LEFT_OUT]
    before = {page: await counted(browser, asked, page, there) for page in pages}
    await grow(house, doctor, FEW, MANY)
    for page in pages:
        after = await counted(browser, asked, page, there)
        more = [one for one in after if after.count(one) > before[page].count(one)]
        assert len(after) <= len(before[page]), (page, sorted(set(more)))
        assert len(after) <= MOST, (page, len(after))
