"""Every encrypted column changes to a new key while everybody works on, and the old key may go."""

import argparse
import asyncio
from importlib import import_module
from pathlib import Path

import pytest
from tortoise import fields
from tortoise.models import Model

from bot.commands import keys
from clinic import sealed
from clinic.config import Settings
from clinic.crypto import KeyRing, Sealed
from clinic.db import tortoise_config
from clinic.errors import KayoiError
from clinic.patient.phone_end import mark_ends
from clinic.setting.live import LiveSettings, Pulse
from clinic.staff.access.patients import access_patients
from tests.integration.admin.house import KEYS, House
from tests.integration.record.canary import Canary, told


def test_every_column_of_bytes_is_declared_as_encrypted_or_in_the_clear() -> None:
    modules = tortoise_config("postgres://h/d")["apps"]["clinic"]["models"]
    found = {
        f"{model.Meta.table}.{name}"
        for module in map(import_module, modules)
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, Model) and model is not Model
        for name, column in model._meta.fields_map.items()
        if isinstance(column, fields.BinaryField)
    }
    declared = {f"{one.table}.{one.name}" for one in sealed.SEALED}
    assert found == declared | sealed.IN_THE_CLEAR
    assert declared & sealed.IN_THE_CLEAR == set()


async def words(house: House, ring: KeyRing) -> dict[str, str]:
    """Everything but the trail, which tells of the change."""
    found = await told(house, ring)
    return {place: text for place, text in found.items() if not place.startswith("audit.")}


async def do(settings: Settings, act: str, **given: object) -> dict[str, object]:
    return await keys.carry_out(settings, argparse.Namespace(act=act, **given))


async def test_all_there_is_reads_the_same_by_the_new_key_and_the_old_one_may_go(
    house: House, settings: Settings, key_file: Path
) -> None:
    canary = await Canary(house).write()
    before = await words(house, KEYS)
    at_work = settings.key_ring()  # of a process that knows nothing of the change
    assert (await do(settings, "status"))["newest"] == 1
    done = await do(settings, "rotate", resume=False)
    assert done["unreadable"] == 0
    status = await do(settings, "status")
    assert status == {
        "newest": 2,
        "values": {"1": 0, "2": done["encrypted"]},
        "missing": [],
    }
    assert await words(house, at_work) == before
    with pytest.raises(AssertionError, match="does not open"):
        await told(house, KEYS)
    index = at_work.index("phone", "+81")
    assert await do(settings, "remove", id=1) == {"removed": 1}
    alone = settings.key_ring()
    assert await words(house, alone) == before
    assert (alone.index("phone", "+81"), alone.mark("m", "x")) == (index, KEYS.mark("m", "x"))
    assert canary.id


async def test_nothing_is_encrypted_anew_before_every_process_knows_the_key(
    house: House, settings: Settings, key_file: Path
) -> None:
    """A value that a process writes with the old key behind the rotation would be lost with it."""
    await Canary(house).write()
    ring = settings.key_ring()  # of a process that is at work
    pulse = Pulse(house.database, LiveSettings(settings), "web", keys=ring)
    await pulse.beat()
    rotating = asyncio.create_task(do(settings, "rotate", resume=False))
    added = "select count(*) from audit where action = 'system:installation:key'"
    while not await house.value(added):  # noqa: ASYNC110  # of another task
        await asyncio.sleep(0)
    values = (await do(settings, "status"))["values"]
    assert isinstance(values, dict)
    assert (values["2"], ring.current, rotating.done()) == (0, 1, False)
    index = await house.value("select address_index from chat_account order by id limit 1")
    late = ring.seal(b"late", "chat_account.address", index)  # by the key that it still knows
    await house.rows("update chat_account set address = $1 where address_index = $2", late, index)
    await pulse.beat()
    assert ring.current == 2
    await rotating
    left = (await do(settings, "status"))["values"]
    assert isinstance(left, dict)
    assert left["1"] == 0


async def test_a_rotation_that_was_cut_off_goes_on_where_it_was(
    house: House, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed, "BATCH", 1)
    await Canary(house).write()
    before = await words(house, KEYS)
    ring = settings.key_ring()
    await do(settings, "status")
    keys.key_file.add_key(settings.key_file)
    ring.refresh()
    n = 0
    async for _ in sealed.rotate(house.database, ring):
        n += 1
        if n == 5:
            break
    mixed = (await do(settings, "status"))["values"]
    assert mixed["2"] == 5
    assert mixed["1"] > 0
    with pytest.raises(KayoiError, match="still encrypts"):
        await do(settings, "remove", id=1)
    with pytest.raises(KayoiError, match="in use"):
        await do(settings, "remove", id=2)
    assert await words(house, ring) == before
    await do(settings, "rotate", resume=True)
    assert (await do(settings, "status"))["values"] == {"1": 0, "2": sum(mixed.values())}


async def test_a_value_that_was_moved_to_another_row_is_refused_100_times_of_100(
    house: House,
) -> None:
    for n in range(2):
        await house.patient(f"患者{n}", chart=str(n), phone=f"+8190{n:08}")
    rows = await house.rows("select key, phone from patient where phone is not null order by id")
    assert len(rows) == 2
    for n in range(100):
        mine, other = rows[n % 2], rows[(n + 1) % 2]
        with pytest.raises(Sealed):
            KEYS.open(other["phone"], "patient.phone", mine["key"])
        with pytest.raises(Sealed):
            KEYS.open(mine["phone"], "patient.email", mine["key"])


async def test_the_end_of_a_number_finds_the_patient_after_the_old_key_is_gone(
    house: House, settings: Settings
) -> None:
    """Its mark is made with the key of the blind indexes, which stays when keys change."""
    await house.patient("前", phone="+819012345678")
    async with house.database.transaction() as tx:
        assert await mark_ends(tx, settings.key_ring()) == 1
    await do(settings, "rotate", resume=False)
    await do(settings, "remove", id=1)
    ring = settings.key_ring()
    await house.patient("後", phone="+819099995678")
    staff = await house.staff("受付")
    async with house.database.transaction() as tx:
        assert await mark_ends(tx, KEYS) == 1
        names = {one.name for one in await access_patients(tx, ring, staff, "5678")}
        longer = [one.name for one in await access_patients(tx, ring, staff, "12345678")]
    assert names == {"前", "後"}
    assert longer == ["前"]
