"""The sheet of a day for an outage, as the command writes it."""

import stat
from datetime import date
from pathlib import Path

from pydantic import SecretStr

from bot.commands.day_sheet import FOLDER, write
from clinic.config import Settings
from clinic.db import Database
from clinic.reception.sheet import read_sheet
from tests.integration.admin.house import KEYS, House

ON = date(2027, 3, 1)


async def test_the_sheet_has_what_the_desk_needs_on_paper(house: House, database: Database) -> None:
    sato = await house.practitioner("佐藤")
    patient = await house.patient(
        "田中 花子", kana="タナカ ハナコ", chart="1001", phone="+819012345678"
    )
    key = await house.value("select gen_random_uuid()")
    await house.value(
        """insert into patient_note (key, patient_id, kind, content) values ($1, $2, 'allergy', $3)
           returning id""",
        key,
        patient,
        KEYS.seal("ペニシリン".encode(), "patient_note.content", key),
    )
    await house.visit(patient, sato, on=ON, at="10:00")
    await house.visit(await house.patient("高橋 一郎"), sato, on=ON, at="09:00", status="cancelled")
    async with database.transaction() as tx:
        (row,) = await read_sheet(tx, KEYS, ON, "ja")
    assert (row.kana, row.phone, row.notes, row.first) == (
        "タナカ ハナコ",
        "+819012345678",
        ("ペニシリン",),
        True,
    )


async def test_the_command_keeps_the_file_to_its_owner_and_forgets_old_ones(
    house: House, database_url: str, tmp_path: Path
) -> None:
    await house.visit(await house.patient("田中 花子"), await house.practitioner("佐藤"), on=ON)
    settings = Settings(database_url=SecretStr(database_url), data_dir=tmp_path)
    old = tmp_path / FOLDER / "2020-01-01.pdf"
    old.parent.mkdir()
    old.write_bytes(b"")
    told = await write(settings, ON, None, None)
    file = tmp_path / FOLDER / "2027-03-01.pdf"
    assert told == {"on": "2027-03-01", "visits": 1, "file": str(file)}
    assert file.read_bytes().startswith(b"%PDF")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not old.exists()
    again = await write(settings, ON, tmp_path / "sheet.pdf", "ru")
    assert again["file"] == str(tmp_path / "sheet.pdf")
    trail = await house.rows("select actor_kind from audit where action like '%day_sheet'")
    assert trail == [{"actor_kind": "system"}] * 2
