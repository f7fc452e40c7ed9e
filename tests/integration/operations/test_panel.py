"""What the panel shows of a copy and of backups, and what /metrics tells an alarm."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from admin.app import create_app
from bot.commands.backup import back_up
from clinic.config import Settings
from clinic.installation.service import mute, muted
from clinic.staff.types import Role
from tests.integration.admin import conftest as panel
from tests.integration.admin.conftest import SignIn
from tests.integration.admin.house import KEYS, House


@pytest.fixture
async def server(house: House, settings: Settings) -> AsyncIterator[TestServer]:
    async with TestServer(create_app(house.database, KEYS, settings)) as server:
        yield server


sign_in = panel.sign_in


async def test_every_page_of_a_copy_says_so_until_an_admin_releases_it(
    house: House, settings: Settings, sign_in: SignIn
) -> None:
    admin, desk = (
        await sign_in(await house.staff("鈴木", Role.ADMIN)),
        await sign_in(await house.staff("係")),
    )
    assert "data-muted" not in await admin.read("/today")
    async with house.database.transaction() as tx:
        await mute(tx, "restored")
    for path in ("/today", "/settings/health", "/patients"):
        assert "data-muted" in await admin.read(path)
    page = await desk.read("/today")
    assert "data-muted" in page
    assert 'action="/release"' not in page
    assert (await desk.post("/release")).status == 403
    assert (await admin.post("/release")).status == 303
    assert "data-muted" not in await admin.read("/today")
    async with house.database.transaction() as tx:
        assert await muted(tx) is None
    rows = await house.rows(
        """select s.name from audit a join staff s on s.id = a.actor_id
           where a.action = 'staff:installation:release'"""
    )
    assert [row["name"] for row in rows] == ["鈴木"]


async def test_the_health_page_says_when_the_last_backup_was_made(
    house: House, settings: Settings, sign_in: SignIn, tmp_path: Path
) -> None:
    admin = await sign_in(await house.staff("鈴木", Role.ADMIN))
    assert "docs/operations.md" in await admin.read("/settings/health")
    await back_up(settings, tmp_path / "b", None)
    assert "docs/operations.md" not in await admin.read("/settings/health")


async def test_metrics_tell_what_an_operator_is_woken_for(
    house: House, settings: Settings, sign_in: SignIn, tmp_path: Path
) -> None:
    admin = await sign_in(await house.staff("鈴木", Role.ADMIN))
    await back_up(settings, tmp_path / "b", None)
    async with house.database.transaction() as tx:
        await mute(tx, "copied")
        await tx.execute(
            """insert into heartbeat (name, kind, release, detail)
               values ('w', 'worker', '1', '{"outbox": 7.5, "inbox": null}')"""
        )
    text = await admin.read("/metrics")
    for line in (
        "kayoi_muted 1.0",
        'kayoi_outbox_late_seconds{priority="0"} 0.0',
        "kayoi_escalations_unanswered 0.0",
        'kayoi_processes{kind="worker"} 1.0',
        'kayoi_sweep_late_seconds{sweep="outbox"} 7.5',
        'kayoi_webhook_deliveries{state="dead"} 0.0',
    ):
        assert line in text, line
    age = float(text.split("\nkayoi_backup_age_seconds ")[1].split("\n")[0])
    assert 0 <= age < 60
