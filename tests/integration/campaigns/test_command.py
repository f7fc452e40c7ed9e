"""`kayoi campaign`, as scripts use it."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.commands.campaign import carry_out
from clinic.errors import KayoiError
from tests.integration.campaigns.clinic import HELLO, ONCE, Clinic

pytestmark = pytest.mark.server

DRAFT = {
    "name": "Greeting",
    "kind": "notice",
    "audience": {"filter": {"and": []}},
    "trigger": ONCE,
    "content": HELLO,
}


def written(folder: Path, **fields: Any) -> Path:
    file = folder / "campaign.json"
    file.write_text(json.dumps({**DRAFT, **fields}))
    return file


async def test_a_campaign_from_a_file_to_its_end(clinic: Clinic, tmp_path: Path) -> None:
    await clinic.patient()
    await clinic.staff("Sato")

    async def do(act: str, key: str | None = None, file: Path | None = None) -> Any:
        return await carry_out(clinic.env.settings, act, key, file, "Sato")

    made = await do("create", file=written(tmp_path))
    key = made["key"]
    assert made["state"] == "draft"
    assert [it["key"] for it in await do("list")] == [key]
    seen = await do("preview", key)
    assert (seen["go"], seen["left_out"], seen["faults"]) == (1, {}, [])
    assert seen["samples"][0]["text"] == "山田 花子様、お元気ですか。"
    assert json.dumps(seen)
    assert (await do("start", key))["state"] == "running"
    assert (await do("pause", key))["state"] == "paused"
    assert (await do("resume", key))["state"] == "running"
    await clinic.work()
    status = await do("status", key)
    assert (status["state"], status["states"]) == ("finished", {"sent": 1})
    with pytest.raises(KayoiError, match="is_finished"):
        await do("cancel", key)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"kind": "party"}, "kind: unknown_choice"),
        ({"colour": "red"}, "colour: unknown_key"),
        ({"hold_out": "5"}, "hold_out: no_int"),
        ({"audience": []}, "audience: no_dict"),
        ({"content": {"texts": {"de": "x"}}}, "content.variants.0.texts.de: unknown_language"),
    ],
)
async def test_what_is_wrong_with_a_file_is_told_in_one_line(
    clinic: Clinic, tmp_path: Path, fields: dict[str, Any], told: str
) -> None:
    with pytest.raises(KayoiError, match=told):
        await carry_out(clinic.env.settings, "create", None, written(tmp_path, **fields), None)


async def test_who_or_what_is_not_there_is_told(clinic: Clinic, tmp_path: Path) -> None:
    settings, file = clinic.env.settings, tmp_path / "x.json"
    file.write_text("{")
    with pytest.raises(KayoiError, match="no JSON"):
        await carry_out(settings, "create", None, file, None)
    file.write_text("[]")
    with pytest.raises(KayoiError, match="no_object"):
        await carry_out(settings, "create", None, file, None)
    with pytest.raises(KayoiError, match="no campaign"):
        await carry_out(settings, "start", "nothing", None, None)
    with pytest.raises(KayoiError, match="nobody is called"):
        await carry_out(settings, "create", None, written(tmp_path), "Nobody")


async def test_the_command_prints_json(clinic: Clinic, tmp_path: Path) -> None:
    url = clinic.env.settings.database_url
    assert url is not None
    command = [sys.executable, "-m", "bot", "campaign"]
    environment = {"KAYOI_DATABASE_URL": url.get_secret_value(), "KAYOI_DATA_DIR": str(tmp_path)}

    async def said(*words: str) -> Any:
        done = await asyncio.to_thread(
            subprocess.run,
            [*command, *words],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    made = await said("create", str(written(tmp_path)))
    assert made["state"] == "draft"
    assert [one["key"] for one in await said("list")] == [made["key"]]
