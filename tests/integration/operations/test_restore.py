"""The restore drill: what was backed up comes back whole, silent, and without those who were
erased since."""

import json
import os
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.commands.backup import back_up, check
from bot.commands.restore import let_go, restore
from clinic.audit.anchor import anchor
from clinic.audit.check import check as check_audit
from clinic.audit.service import record, seal
from clinic.config import Settings
from clinic.errors import KayoiError
from clinic.installation.file import read_instance
from clinic.installation.service import keep, muted, recognise
from clinic.record.erased import keep_erasures
from clinic.record.erasure import erase
from tests.integration.admin.house import KEYS, House
from tests.integration.record.canary import CANARIES, NAME, Canary, told


def put(file: Path, text: str) -> None:
    file.write_text(text)


async def whole(house: House) -> Canary:
    """A clinic with rows in nearly every table, and an audit chain."""
    canary = await Canary(house).write()
    async with house.database.transaction() as tx:
        for n in range(50):
            await record(tx, "system", None, "system:patient:read", n)
        await seal(tx, timedelta(0))
    return canary


async def counts(house: House) -> dict[str, int]:
    tables = await house.rows("select tablename as t from pg_tables where schemaname = 'public'")
    return {one["t"]: await house.value(f"select count(*) from {one['t']}") for one in tables}


async def test_what_was_backed_up_comes_back_with_every_row_and_the_whole_audit_chain(
    house: House, settings: Settings, restored: House, elsewhere: Settings, tmp_path: Path
) -> None:
    await whole(house)
    before, words = await counts(house), await told(house)
    file = tmp_path / "clinic.backup"
    made = await back_up(settings, file, None)
    assert (made["rows"], made["tables"]) == (sum(before.values()), len(before))
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one for one in os.listdir(tmp_path) if "backup" in one] == ["clinic.backup"]
    assert (await check(settings, file))["verified"]
    done = await restore(elsewhere, file, None, release=False)
    assert (done["rows"], done["audit"], done["muted"]) == (made["rows"], made["audit"], True)
    after = await counts(restored)
    changed = {table for table in before if before[table] != after[table]}
    assert changed <= {"audit", "task", "heartbeat", "webhook_event"}  # that it was muted
    found = await told(restored)
    assert {place for place, text in words.items() if found.get(place) != text} <= {
        place for place in words if place.startswith(("installation.", "campaign."))
    }
    async with restored.database.transaction() as tx:
        checked = await check_audit(tx, elsewhere.data_dir)
    assert (checked.whole, checked.sealed) == (True, made["audit"])
    written = "select action from audit where action like 'system:installation:%'"
    assert [row["action"] for row in await restored.rows(written)] == ["system:installation:mute"]


async def test_no_backup_holds_the_master_key(
    house: House, settings: Settings, key_file: Path, tmp_path: Path
) -> None:
    put(key_file, f"1:{bytes(32).hex()}\n2:{b'k'.hex() * 32}\n")
    await back_up(settings, tmp_path / "b", None)
    with zipfile.ZipFile(tmp_path / "b") as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"k" * 32 not in everything
    assert (b"k".hex() * 32).encode() not in everything


async def test_who_was_erased_after_the_backup_stays_erased(
    house: House, settings: Settings, restored: House, elsewhere: Settings, tmp_path: Path
) -> None:
    canary = await whole(house)
    await back_up(settings, tmp_path / "b", None)
    async with house.database.transaction() as tx:
        assert await erase(tx, KEYS, canary.id, None) is None
    async with house.database.transaction() as tx:
        assert await keep_erasures(tx, settings.data_dir) >= 1
        assert await keep_erasures(tx, settings.data_dir) == 0
    # The file is taken to the new machine, as the runbook says.
    kept = (settings.data_dir / "erasures").read_text()
    assert NAME not in kept
    (elsewhere.data_dir / "erasures").write_text(kept)
    done = await restore(elsewhere, tmp_path / "b", None, release=False)
    assert done["erased_again"] >= 1
    assert "not_erased" not in done
    texts = await told(restored)
    assert {p for p, text in texts.items() if any(one in text for one in CANARIES)} == set()


async def test_a_restored_copy_knows_that_it_is_one_until_a_person_releases_it(
    house: House, settings: Settings, restored: House, elsewhere: Settings, tmp_path: Path
) -> None:
    await house.rows(
        """insert into campaign (key, name, kind, purpose, audience, trigger, content, state)
           values (gen_random_uuid(), 'c', 'notice', 'marketing', '{}', '{}', '{}', 'running')"""
    )
    await back_up(settings, tmp_path / "b", None)
    await restore(elsewhere, tmp_path / "b", None, release=False)
    assert await restored.value("select state from campaign") == "paused"
    async with restored.database.transaction() as tx:
        await recognise(tx, elsewhere.data_dir)
        since = await muted(tx)
    assert since is not None
    assert since.reason == "restored"
    assert (await let_go(elsewhere))["released"]
    async with restored.database.transaction() as tx:
        await recognise(tx, elsewhere.data_dir)
        assert await muted(tx) is None
    assert read_instance(elsewhere.data_dir) != read_instance(settings.data_dir)
    with pytest.raises(KayoiError, match="nothing is held back"):
        await let_go(elsewhere)
    async with house.database.transaction() as tx:  # the clinic goes on all the while
        assert await muted(tx) is None


async def test_a_database_that_was_copied_by_hand_is_muted(house: House, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    async with house.database.transaction() as tx:
        await recognise(tx, tmp_path / "other")
        found = await muted(tx)
    assert found is not None
    assert found.reason == "copied"
    assert read_instance(tmp_path / "other") is None


async def test_a_second_machine_joins_the_processes_that_are_at_work(
    house: House, settings: Settings, tmp_path: Path
) -> None:
    async with house.database.transaction() as tx:
        await tx.execute("insert into heartbeat (name, kind, release) values ('w', 'web', '1')")
        await recognise(tx, tmp_path / "second")
        assert await muted(tx) is None
        (tmp_path / "second" / "instance").write_text("torn")
        await keep(tx, tmp_path / "second")
    assert read_instance(tmp_path / "second") == read_instance(settings.data_dir)


async def test_a_database_that_is_not_empty_is_replaced_only_by_its_name(
    house: House, settings: Settings, tmp_path: Path
) -> None:
    await house.patient("前からの人", chart="OLD")
    await back_up(settings, tmp_path / "b", None)
    with pytest.raises(KayoiError, match="is not empty"):
        await restore(settings, tmp_path / "b", None, release=False)
    with pytest.raises(KayoiError, match="is not empty"):
        await restore(settings, tmp_path / "b", "kayoi", release=False)
    name = await house.value("select current_database()")
    await house.rows("insert into heartbeat (name, kind, release) values ('w', 'web', '1')")
    with pytest.raises(KayoiError, match="at work"):
        await restore(settings, tmp_path / "b", name, release=False)
    await house.rows("delete from heartbeat")
    await house.patient("後からの人", chart="NEW")
    done = await restore(settings, tmp_path / "b", name, release=True)
    assert done["muted"] is False
    assert [row["chart"] for row in await house.rows("select chart from patient")] == ["OLD"]


async def test_links_of_the_chain_after_the_backup_are_put_aside(
    house: House, settings: Settings, tmp_path: Path
) -> None:
    await whole(house)
    await back_up(settings, tmp_path / "b", None)
    async with house.database.transaction() as tx:
        await record(tx, "system", None, "system:patient:read", 1)
        await seal(tx, timedelta(0))
        await anchor(tx, settings.data_dir)
    name = await house.value("select current_database()")
    await restore(settings, tmp_path / "b", name, release=False)
    async with house.database.transaction() as tx:
        assert (await check_audit(tx, settings.data_dir)).whole
    assert len(list(settings.data_dir.glob("audit-anchors.before-*"))) == 1


async def test_a_damaged_backup_or_one_of_another_key_is_refused(
    house: House,
    settings: Settings,
    restored: House,
    elsewhere: Settings,
    key_file: Path,
    tmp_path: Path,
) -> None:
    await whole(house)
    file = tmp_path / "b"
    await back_up(settings, file, None)
    good = file.read_bytes()
    broken = bytearray(good)
    broken[len(good) // 2] ^= 1
    for bad in (bytes(broken), good[:-200], b"none"):
        file.write_bytes(bad)
        with pytest.raises(KayoiError, match=r"not a whole backup|damaged"):
            await restore(elsewhere, file, None, release=False)
    file.write_bytes(good)
    put(key_file, f"1:{(b'x' * 32).hex()}\n")
    with pytest.raises(KayoiError, match="master key"):
        await restore(elsewhere, file, None, release=False)
    assert await restored.rows("select 1 from pg_tables where schemaname = 'public'") == []


async def test_of_a_folder_of_backups_the_generations_stay(
    house: House, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in range(1, 29):
        (folder / f"kayoi-200001{day:02}T030000Z.backup").touch()
    (folder / "README").touch()
    done = await back_up(settings, folder, "3,0,0")
    assert len(done["removed"]) == 26
    assert len(list(folder.iterdir())) == 4
    assert await house.value("select backed_up_at is not null from installation")
    with pytest.raises(KayoiError, match="7,4,6"):
        await back_up(settings, folder, "many")
    with pytest.raises(KayoiError, match="folder"):
        await back_up(settings, tmp_path / "x", "7,4,6")


async def test_a_backup_that_is_not_what_it_says_does_not_pass(
    house: House, settings: Settings, tmp_path: Path
) -> None:
    await whole(house)
    await back_up(settings, tmp_path / "b", None)
    with pytest.raises(KayoiError, match="its sum is not the one in it"):
        await check(settings, changed(tmp_path / "b", more=b"\0"))
    with pytest.raises(KayoiError, match="patient"):
        await check(settings, changed(tmp_path / "b", patients=1))


async def test_what_does_not_come_back_whole_is_said_and_sends_nothing(
    house: House, settings: Settings, restored: House, elsewhere: Settings, tmp_path: Path
) -> None:
    await whole(house)
    await back_up(settings, tmp_path / "b", None)
    with pytest.raises(KayoiError, match=r"not whole: .*patient"):
        await restore(elsewhere, changed(tmp_path / "b", patients=1), None, release=True)
    async with restored.database.transaction() as tx:
        assert await muted(tx) is not None


async def test_a_backup_of_a_trail_that_somebody_changed_does_not_pass(
    house: House, settings: Settings, tmp_path: Path
) -> None:
    await whole(house)
    row = await house.value("select id from audit where position = 7")
    await house.tamper("update audit set subject_id = 99 where id = $1", row)
    await back_up(settings, tmp_path / "b", None)
    with pytest.raises(KayoiError, match=f"broken at row {row}"):
        await check(settings, tmp_path / "b")


def changed(backup: Path, *, more: bytes = b"", patients: int = 0) -> Path:
    """A backup with more in its dump, or which says that it has more patients."""
    with zipfile.ZipFile(backup) as archive:
        dump, said = archive.read("database.dump"), json.loads(archive.read("manifest.json"))
    next(found for found in _maps(said) if "patient" in found)["patient"] += patients
    file = backup.with_suffix(".changed")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("database.dump", dump + more)
        archive.writestr("manifest.json", json.dumps(said))
    return file


def _maps(said: object) -> Iterator[dict[str, int]]:
    """Every object in a piece of JSON."""
    if isinstance(said, dict):
        yield said
        for value in said.values():
            yield from _maps(value)
