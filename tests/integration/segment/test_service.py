"""Segments are counted with whom they leave out, looked into, saved and retired."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.commands.segment import count as command
from clinic.config import Settings
from clinic.db import Database
from clinic.errors import KayoiError
from clinic.policy.service import judge
from clinic.policy.types import LeftOut, Purpose, Wanted
from clinic.segment import service
from clinic.segment.read import read
from clinic.segment.types import And, Counted, Criterion, Fault, Not
from tests.integration.segment.judge import covered, live
from tests.integration.segment.world import KEYS, NOW, Person, people, store
from tests.integration.segment.world import ZONE as NOW_ZONE

pytestmark = pytest.mark.server
ZONE = "Asia/Tokyo"
SETTINGS = Settings()
ALL = And(())
WOMEN = Criterion("sex", "any", ("female",))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty clinic."""
    database = await Database.open(database_url, connections=2)
    yield database
    await database.close()


def _calls_only(one: Person) -> bool:
    return one.id % 13 == 7


def _why_not(one: Person, purpose: str) -> str:
    if one.own.get("deceased_on"):
        return "deceased"
    seen = (one.summary or {}).get("last_visit_on")
    moved = one.own.get("moved_on")
    if moved and not (seen and seen > moved):
        return "moved"
    if _calls_only(one):
        return "call_only"
    if not live(one):
        return "no_chat"
    reachable = [chat for chat in live(one) if not chat["unreachable"]]
    if not reachable:
        return "unreachable"
    willing = [chat for chat in reachable if not chat["opted_out"]]
    if not willing:
        return "opted_out"
    return "" if any(covered(chat, purpose) for chat in willing) else "no_consent"


async def test_everybody_who_is_left_out_is_told_with_the_first_reason(
    database: Database,
) -> None:
    everybody = people(300, 11)
    for n, one in enumerate(everybody):
        one.own["deceased_on"] = NOW.date() if n % 17 == 3 else None
        one.own["moved_on"] = NOW.date().replace(month=6) if n % 11 == 5 else None
    async with database.transaction() as tx:
        await store(tx, everybody)
        await tx.execute(
            """insert into contact_preference (patient_id, call_only)
               select unnest($1::bigint[]), true""",
            [one.id for one in everybody if _calls_only(one)],
        )
        purposes: tuple[Purpose, ...] = ("care", "education", "marketing", "research")
        for purpose in purposes:
            found = await service.count(tx, KEYS, ZONE, ALL, purpose)
            assert isinstance(found, Counted)
            ours = [one for one in everybody if one.own["merged_into_id"] is None]
            right = Counter(_why_not(one, purpose) for one in ours)
            judged = await judge(
                tx, SETTINGS, NOW_ZONE, [one.id for one in ours], Wanted(purpose, "plan"), NOW
            )
            reasons = [it.reason if isinstance(it, LeftOut) else "" for it in judged.values()]
            assert Counter(reasons) == right, "who sends judges as who counts"
            assert found.matched == len(ours)
            assert found.reachable == right.pop("", 0)
            assert found.left_out == dict(right)
            assert list(found.left_out) == list(service.REASONS)
    assert found.reachable + sum(found.left_out.values()) == found.matched


async def test_a_sample_is_of_those_found_and_the_same_every_time(database: Database) -> None:
    async with database.transaction() as tx:
        await store(tx, people(80, 3))
        asked = Not(WOMEN)
        found = await service.sample(tx, KEYS, ZONE, asked, 5)
        assert found == await service.sample(tx, KEYS, ZONE, asked, 5)
        assert len(set(found)) == 5
        sexes = await tx.fetch("select sex from patient where id = any($1::bigint[])", found)
        assert "female" not in {row["sex"] for row in sexes}


async def test_a_change_is_a_new_version_and_the_old_one_stays(database: Database) -> None:
    async with database.transaction() as tx:
        first = await service.save(tx, "  Women  of ours ", WOMEN, None)
        assert not isinstance(first, Fault)
        assert (first.version, first.name) == (1, "Women of ours")
        assert await service.save(tx, "Women of ours", WOMEN, None, first.key) == first
        second = await service.save(tx, "All", ALL, None, first.key)
        assert not isinstance(second, Fault)
        assert (second.key, second.version) == (first.key, 2)
        assert await service.find(tx, first.key) == second
        assert await service.find(tx, first.key, 1) == first
        other = await service.save(tx, "Aaa", Not(WOMEN), None)
        assert not isinstance(other, Fault)
        assert await service.listing(tx) == [other, second]
        actions = await tx.fetch("select action from audit order by id")
        assert [row["action"] for row in actions] == ["system:segment:save"] * 3


async def test_what_is_retired_is_off_the_list_for_good(database: Database) -> None:
    async with database.transaction() as tx:
        saved = await service.save(tx, "Women", WOMEN, None)
        assert not isinstance(saved, Fault)
        await service.save(tx, "All", ALL, None, saved.key)
        assert await service.retire(tx, saved.key, None)
        assert not await service.retire(tx, saved.key, None)
        assert await service.listing(tx) == []
        assert await service.save(tx, "x", ALL, None, saved.key) == Fault("key", "unknown_segment")
        kept = await service.find(tx, saved.key, 1)
        assert kept is not None
        assert kept.tree == WOMEN


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x00b", "\u202eabc"])
async def test_a_name_that_is_none_is_refused(database: Database, name: str) -> None:
    async with database.transaction() as tx:
        assert await service.save(tx, name, ALL, None) == Fault("name", "no_name")


@pytest.mark.parametrize("key", ["x", "", "11111111-1111-4111-8111-111111111111"])
async def test_a_key_of_nothing_is_no_segment(database: Database, key: str) -> None:
    async with database.transaction() as tx:
        assert await service.find(tx, key) is None
        assert not await service.retire(tx, key, None)
        assert await service.save(tx, "x", ALL, None, key) == Fault("key", "unknown_segment")


async def test_two_who_save_at_once_get_versions_one_after_the_other(database: Database) -> None:
    import asyncio

    async with database.transaction() as tx:
        saved = await service.save(tx, "x", ALL, None)
    assert not isinstance(saved, Fault)

    async def again(name: str) -> int:
        async with database.transaction() as tx:
            found = await service.save(tx, name, ALL, None, saved.key)
            assert not isinstance(found, Fault)
            return found.version

    assert sorted(await asyncio.gather(again("y"), again("z"))) == [2, 3]


async def test_a_filter_that_asks_for_too_much_is_told_and_the_transaction_goes_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.transaction() as tx:
        await tx.execute("set local statement_timeout = 500")
        monkeypatch.setattr(service, "_COUNT", "select pg_sleep(5), {purpose}, {explicit} {where}")
        monkeypatch.setattr(service, "compile_filter", _nothing)
        found = await service.count(tx, KEYS, ZONE, ALL)
        assert found == Fault("", "too_slow")
        assert await tx.fetchval("select 1") == 1


def _nothing(*_: object) -> object:
    from clinic.segment.compile import Compiled

    return Compiled()


def _settings(url: str, folder: Path) -> Settings:
    return Settings.read(None, database_url=url, data_dir=folder)


async def test_the_command_counts_and_tells_what_is_wrong(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    async with database.transaction() as tx:
        await store(tx, people(40, 5))
    settings = _settings(database_url, tmp_path)
    found = await command(settings, '{"field":"sex","op":"any","value":"female"}')
    assert set(found) == {"matched", "reachable", "left_out", "ms"}
    assert found["matched"] == found["reachable"] + sum(found["left_out"].values()) > 0
    with pytest.raises(KayoiError, match=r"^filter: or\.0\.op: unknown_op; or\.1\.field: unknown"):
        await command(settings, '{"or":[{"field":"sex","op":"is"},{"field":"name"}]}')


def test_the_program_prints_json_and_says_why_not(database_url: str, tmp_path: Path) -> None:
    def run(text: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", "segment", "count", text, "--json"],
            env={
                **os.environ,
                "KAYOI_DATABASE_URL": database_url,
                "KAYOI_REDIS_URL": "redis://127.0.0.1:1",
                "KAYOI_DATA_DIR": str(tmp_path),
            },
            capture_output=True,
            text=True,
            check=False,
        )

    done = run('{"and": []}')
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told.pop("ms") >= 0
    assert told == {"matched": 0, "reachable": 0, "left_out": {}}
    done = run("{")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "kayoi: filter: no_json\n"


async def test_a_stored_segment_is_read_as_it_was_saved(database: Database) -> None:
    tree = read(
        {
            "or": [
                {"field": "score", "form": "f", "item": "i", "op": "is", "value": 4.5},
                {"and": []},
            ]
        }
    )
    assert not isinstance(tree, tuple)
    async with database.transaction() as tx:
        saved = await service.save(tx, "x", tree, None)
        assert isinstance(saved, service.Saved)
        assert await service.find(tx, saved.key) == saved
        await tx.execute("update segment set tree = $1", {"field": "gone"})
        with pytest.raises(ValueError, match="not understood"):
            await service.find(tx, saved.key)
