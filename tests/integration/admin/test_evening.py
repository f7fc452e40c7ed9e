"""The sheet of tomorrow, made by itself: once, again after a failure, to whom it may go."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestServer

from admin.app import create_app
from admin.keys import SETTINGS
from bot.channels.email.client import EmailChannel
from bot.commands import day_sheet
from bot.commands.evening import Evenings
from bot.environment import Environment
from clinic.config import Settings
from clinic.db import Database
from clinic.reception import sheets
from clinic.staff.types import Role
from tests.channels.email.server import MailServer
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, House

ENGLISH = {"Accept-Language": "en"}
STAFF = ("desk@clinic.example", "chief@clinic.example")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Always evening."""
    return Settings(data_dir=tmp_path, day_sheet={"at": "00:00"})  # type: ignore[arg-type]


@pytest.fixture
async def server(database: Database, settings: Settings) -> AsyncIterator[TestServer]:
    async with TestServer(create_app(database, KEYS, settings)) as server:
        yield server


@pytest.fixture
async def tomorrow(house: House) -> date:
    found: date = await house.value("select (now() at time zone 'Asia/Tokyo')::date + 1")
    await house.visit(await house.patient("田中 花子"), await house.practitioner("佐藤"), on=found)
    return found


def worker(database: Database, settings: Settings, **channels: Any) -> Evenings:
    nothing = cast(Any, None)
    return Evenings(Environment(database, KEYS, settings, channels, nothing, nothing, nothing))


def wish(settings: Settings, panel: TestServer) -> None:
    """The clinic wishes mail, in every process."""
    mail = settings.day_sheet.model_copy(update={"mail": True, "mail_to": STAFF})
    for held in (settings, panel.app[SETTINGS]):
        held.become(held.model_copy(update={"day_sheet": mail}))


async def look(*evenings: Evenings) -> None:
    """Twice each: the first look of a process only tidies."""
    for _ in range(2):
        await asyncio.gather(*(one.look() for one in evenings))


async def later(house: House) -> None:
    """Six minutes on."""
    await house.rows(
        """update day_sheet set tried_at = tried_at - interval '6 minutes',
             mail_tried_at = mail_tried_at - interval '6 minutes' returning id"""
    )


async def test_it_is_made_once_by_several_workers_and_kept_to_its_owner(
    database: Database, house: House, settings: Settings, tomorrow: date
) -> None:
    await look(worker(database, settings), worker(database, settings))
    await later(house)
    await look(worker(database, settings))
    file = sheets.place(settings.data_dir, tomorrow)
    assert file.read_bytes().startswith(b"%PDF")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [one.name for one in file.parent.iterdir()] == [file.name]
    trail = await house.rows("select actor_kind from audit where action like '%day_sheet'")
    assert trail == [{"actor_kind": "system"}]
    [row] = await house.rows("select tries, fault, appointments from day_sheet")
    assert (row["tries"], row["fault"], len(row["appointments"])) == (1, "", 1)


@pytest.fixture
async def erased(
    database: Database, house: House, settings: Settings, tomorrow: date
) -> tuple[Evenings, Path, Path]:
    """Somebody was erased after the sheet of tomorrow, and one of the past, were made."""
    evenings = worker(database, settings)
    await look(evenings)
    file = sheets.place(settings.data_dir, tomorrow)
    past = sheets.place(settings.data_dir, tomorrow - timedelta(days=3))
    past.write_bytes(b"with a name")
    for one in (file, past):
        made = one.stat().st_mtime - 3600
        os.utime(one, (made, made))
    patient = await house.value("select patient_id from appointment limit 1")
    await house.rows("insert into erasure (patient_id) values ($1) returning id", patient)
    await house.rows("update patient set name = '' where id = $1 returning id", patient)
    return evenings, file, past


async def test_a_sheet_made_before_somebody_was_erased_is_drawn_without_them(
    house: House, erased: tuple[Evenings, Path, Path]
) -> None:
    evenings, file, past = erased
    before = file.read_bytes()
    await evenings.look()
    assert not past.exists()
    assert file.read_bytes() != before
    later = file.stat().st_mtime + 3600
    os.utime(file, (later, later))
    drawn = await house.value("select count(*) from audit where action like '%day_sheet'")
    await evenings.look()
    assert drawn == await house.value("select count(*) from audit where action like '%day_sheet'")


async def test_the_sheet_of_tomorrow_was_gone_when_it_could_not_be_drawn_anew(
    erased: tuple[Evenings, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    evenings, file, _ = erased
    before = file.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(day_sheet, "keep", _fail)
        await evenings.look()
    assert file.read_bytes() == before, "something to print in an outage"
    await evenings.look()
    assert file.read_bytes() != before


def _fail(file: Path, content: bytes) -> None:
    raise OSError("no space")


async def test_switched_off_or_in_a_copy_none_is_made_but_old_ones_go(
    database: Database, house: House, settings: Settings, tomorrow: date
) -> None:
    old = sheets.place(settings.data_dir, tomorrow - timedelta(days=9))
    kept = sheets.place(settings.data_dir, tomorrow - timedelta(days=8))
    old.parent.mkdir()
    for file in (old, kept):
        file.write_bytes(b"")
        on = date.fromisoformat(file.stem)
        await house.rows("insert into day_sheet (on_day) values ($1) returning id", on)
    off = settings.model_copy(
        update={"day_sheet": settings.day_sheet.model_copy(update={"enabled": False})}
    )
    await look(worker(database, off))
    assert (old.exists(), kept.exists()) == (False, True)
    assert await house.value("select count(*) from day_sheet") == 1
    await house.rows(
        "insert into installation (origin, instance, muted_at, mute_reason)"
        " values (gen_random_uuid(), gen_random_uuid(), now(), 'copied') returning id"
    )
    await look(worker(database, settings))
    assert await house.value("select count(*) from day_sheet where on_day = $1", tomorrow) == 0


async def test_a_failed_evening_is_tried_again_and_shown_until_it_is_made(
    database: Database, house: House, settings: Settings, tomorrow: date, chief: Browser
) -> None:
    (settings.data_dir / sheets.FOLDER).write_text("in the way")
    await look(worker(database, settings))
    page = await chief.read("/settings/health", headers=ENGLISH)
    assert "not made, tries: 1 (FileExistsError)" in page
    await look(worker(database, settings))
    assert await house.value("select tries from day_sheet") == 1, "not at once"
    (settings.data_dir / sheets.FOLDER).unlink()
    await later(house)
    await look(worker(database, settings))
    assert sheets.place(settings.data_dir, tomorrow).exists()
    assert "not made" not in await chief.read("/settings/health", headers=ENGLISH)


async def test_in_the_morning_it_is_made_up_for_but_not_on_the_first_day(
    database: Database, house: House, tomorrow: date
) -> None:
    async with database.transaction() as tx:
        assert not await sheets.claim(tx, tomorrow, evening=False)
        await house.rows(
            "insert into day_sheet (on_day) values ($1) returning id", tomorrow - timedelta(days=1)
        )
    async with database.transaction() as tx:
        assert await sheets.claim(tx, tomorrow, evening=False)
        assert not await sheets.claim(tx, tomorrow, evening=True)


async def test_it_is_on_today_for_those_who_see_all_patients(
    database: Database,
    house: House,
    settings: Settings,
    tomorrow: date,
    sign_in: SignIn,
    desk: Browser,
) -> None:
    link = f"/today/sheet.pdf?on={tomorrow}&amp;made=1"
    assert link not in await desk.read("/today")
    await look(worker(database, settings))
    made = sheets.place(settings.data_dir, tomorrow).read_bytes()
    assert link in await desk.read("/today")
    answer = await desk.get(f"/today/sheet.pdf?on={tomorrow}&made=1")
    assert await answer.read() == made
    doctor = await sign_in(await house.staff("伊藤 医師", Role.DOCTOR))
    assert link not in await doctor.read("/today")
    answer = await doctor.get(f"/today/sheet.pdf?on={tomorrow}&made=1")
    assert answer.status == 200
    assert await answer.read() != made
    read = await house.rows(
        "select detail from audit where action = 'staff:appointment:day_sheet' order by id"
    )
    assert [len(one["detail"]["appointments"]) for one in read] == [1, 0]
    sheets.place(settings.data_dir, tomorrow).unlink()
    answer = await desk.get(f"/today/sheet.pdf?on={tomorrow}&made=1")
    assert (await answer.read()).startswith(b"%PDF"), "another machine made it: drawn anew"


async def test_it_is_mailed_to_staff_once_each_and_what_was_not_taken_is_tried_again(
    database: Database,
    house: House,
    settings: Settings,
    server: TestServer,
    tomorrow: date,
    chief: Browser,
) -> None:
    async with MailServer() as post:
        email = EmailChannel(post.url, "desk@clinic.example", lambda: "Clinic", lambda _: None)
        await look(worker(database, settings, email=email))
        assert post.mails == [], "only if the clinic wishes"
        wish(settings, server)
        post.once("RCPT", "", "451 later")
        await look(worker(database, settings, email=email), worker(database, settings, email=email))
        assert post.recipients == [STAFF[0]]
        assert "not mailed (NotSent)" in await chief.read("/settings/health", headers=ENGLISH)
        await later(house)
        await look(worker(database, settings, email=email))
        await later(house)
        await look(worker(database, settings, email=email))
        assert post.recipients == list(STAFF)
    [paper] = post.mails[0].iter_attachments()
    assert paper.get_filename() == f"day-sheet-{tomorrow}.pdf"
    assert paper.get_content().startswith(b"%PDF")
    assert "田中" not in str(post.mails[0]["Subject"])
    assert "not mailed" not in await chief.read("/settings/health", headers=ENGLISH)


async def test_without_e_mail_the_page_of_the_health_says_so(
    database: Database, settings: Settings, server: TestServer, tomorrow: date, chief: Browser
) -> None:
    wish(settings, server)
    await look(worker(database, settings))
    assert "not mailed (no_email)" in await chief.read("/settings/health", headers=ENGLISH)
    assert sheets.place(settings.data_dir, tomorrow).exists()


async def test_admins_set_when_and_to_whom(house: House, chief: Browser) -> None:
    page = await chief.read("/settings/day_sheet", headers=ENGLISH)
    assert "holds names" in page
    fields = {"day_sheet.enabled": "1", "day_sheet.at": "17:30", "day_sheet.mail": "1"}
    bad = await chief.post("/settings/day_sheet", seen="0", **fields, **{"day_sheet.mail_to": "x"})
    assert bad.status == 422
    bad = await chief.post("/settings/day_sheet", seen="0", **{**fields, "day_sheet.at": "25:00"})
    assert bad.status == 422
    done = await chief.post(
        "/settings/day_sheet", seen="0", **fields, **{"day_sheet.mail_to": "\n".join(STAFF)}
    )
    assert done.status == 303
    saved = {
        one["key"]: one["value"][0] for one in await house.rows("select * from setting_change")
    }
    assert saved == {
        "day_sheet.at": "17:30",
        "day_sheet.mail": True,
        "day_sheet.mail_to": list(STAFF),
    }
