"""One patient of a hundred thousand is taken out, erased, and stays erased when an older backup is
restored; and a whole clinic of that size is restored on an empty machine in time (R29)."""

import shutil
import time
from pathlib import Path

import pytest

from bot.commands.backup import back_up
from bot.commands.restore import restore
from clinic.audit.check import check
from clinic.config import Settings
from clinic.record.erased import FILE, keep_erasures
from clinic.record.erasure import erase
from clinic.record.export import read_export
from tests.integration.admin.house import KEYS, House
from tests.integration.operations.crowd import fill, hits
from tests.integration.record.canary import CANARIES, CHART, KANA, NAME, WORDS, Canary

EXPORTED_WITHIN = 60.0  # s
RESTORED_WITHIN = 15 * 60.0  # s
# After a restore there is more of these: that it happened, and that it is silent.
GROWS = {"audit", "task", "webhook_event"}
sizes = pytest.mark.parametrize(
    "patients", [pytest.param(1_500, id="short"), pytest.param(100_000, marks=pytest.mark.long)]
)


async def counts(house: House) -> dict[str, int]:
    """Rows of every table."""
    tables = await house.rows("select tablename as t from pg_tables where schemaname = 'public'")
    return {one["t"]: await house.value(f"select count(*) from {one['t']}") for one in tables}


@sizes
async def test_an_erased_patient_is_nowhere_and_an_older_backup_does_not_bring_them_back(
    house: House,
    settings: Settings,
    restored: House,
    elsewhere: Settings,
    tmp_path: Path,
    patients: int,
) -> None:
    await fill(house, patients)
    canary = await Canary(house).write()
    begun = time.monotonic()
    async with house.database.transaction() as tx:
        taken = await read_export(tx, KEYS, settings, canary.id)
    assert taken is not None
    file = taken.as_json().decode()
    exported = time.monotonic() - begun
    assert [one for one in (NAME, KANA, CHART, WORDS) if one not in file] == []
    assert exported <= EXPORTED_WITHIN
    await back_up(settings, tmp_path / "older", None)
    before = await hits(house.database, CANARIES)
    assert {"patient", "patient.phone", "outbox.content", "inbound.text", "triage_run.answers"} <= (
        before
    )

    begun = time.monotonic()
    async with house.database.transaction() as tx:
        assert await erase(tx, KEYS, canary.id, None) is None
    erased = time.monotonic() - begun
    assert await hits(house.database, CANARIES) == set()
    assert await house.value("select count(*) from patient where name = '見本 太郎'") == patients

    async with house.database.transaction() as tx:
        await keep_erasures(tx, settings.data_dir)
    shutil.copy(settings.data_dir / FILE, elsewhere.data_dir / FILE)  # as the runbook says
    done = await restore(elsewhere, tmp_path / "older", None, release=False)
    assert done["erased_again"] >= 1
    assert "not_erased" not in done
    assert await hits(restored.database, CANARIES) == set()
    assert await restored.value("select count(*) from patient where name = '見本 太郎'") == patients
    print(f"{patients} patients: exported in {exported:.2f} s, erased in {erased:.2f} s")


@sizes
async def test_a_clinic_is_whole_on_an_empty_machine_within_a_quarter_of_an_hour(
    house: House,
    settings: Settings,
    restored: House,
    elsewhere: Settings,
    tmp_path: Path,
    patients: int,
) -> None:
    await fill(house, patients)
    before = await counts(house)
    file = tmp_path / "clinic.backup"
    made = await back_up(settings, file, None)
    begun = time.monotonic()
    done = await restore(elsewhere, file, None, release=False)
    took = time.monotonic() - begun
    print(f"{patients} patients, {made['rows']} rows: restored in {took:.1f} s")
    assert took <= RESTORED_WITHIN
    assert made["audit"] >= patients
    assert (done["rows"], done["audit"], done["muted"]) == (made["rows"], made["audit"], True)
    after = await counts(restored)
    assert {table for table in before if before[table] != after[table]} <= GROWS
    async with restored.database.transaction() as tx:
        await tx.execute("set local statement_timeout = 0")
        checked = await check(tx, elsewhere.data_dir)
    assert (checked.whole, checked.sealed) == (True, made["audit"])
    # What was sealed there opens here, with the key file alone.
    assert await hits(restored.database, ("見本の言葉 7",)) >= {"patient.phone", "appointment.note"}
