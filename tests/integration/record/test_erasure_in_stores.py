"""Somebody who wrote by every chat and was then erased is in no key or value of Valkey, and in no
file of the data folder (R29)."""

import json
import time
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.channels.telegram import webhook
from bot.environment import Environment
from clinic.installation.service import recognise
from clinic.record.erased import keep_erasures
from clinic.record.erasure import erase
from scheduler.sweeps import Sweeps
from tests.integration.operations.crowd import hits
from tests.integration.security.conftest import client, env
from tests.integration.turns.rig import Rig

__all__ = ["client", "env"]
pytestmark = pytest.mark.server
NAME, WORDS = "Zyxomma Quibberwick", "my plumbago is crepuscular"
ADDRESS, TELEGRAM = "c4a7e1c4", 777555333
CANARIES = ("Zyxomma", "Quibberwick", "plumbago", "crepuscular", ADDRESS, str(TELEGRAM))


async def chats(env: Environment) -> list[int]:
    """The patient writes in the web chat and by Telegram, whose answers do not arrive; accounts."""
    rig = Rig(env)
    web = rig.patient(ADDRESS)
    await web.comes_in()
    for words in (WORDS, f"my name is {NAME}"):
        await web.says(words)
    person = {"id": TELEGRAM, "is_bot": False, "first_name": NAME, "language_code": "en"}
    said = {"message_id": 1, "date": int(time.time()), "text": WORDS, "from": person}
    said["chat"] = {"id": TELEGRAM, "type": "private", "first_name": NAME}
    body = json.dumps({"update_id": 7, "message": said}).encode()
    (received,) = webhook.read(
        {"X-Telegram-Bot-Api-Secret-Token": "telegram-secret"}, body, "telegram-secret"
    )
    stored = await rig.inbox.accept("telegram", received)
    assert stored.account_id is not None
    rig.turns.wake(stored.account_id)
    await rig.turns.idle()
    sweeps = Sweeps(env, rig.runner, rig.sender)
    await sweeps.inbox()
    await sweeps.outbox()
    return [web.account_id, stored.account_id]


async def everything(url: str) -> bytes:
    """Names and contents of all keys, as they are dumped."""
    async with Redis.from_url(url) as redis:
        names = [name async for name in redis.scan_iter()]
        return b"\n".join([*names, *[await redis.dump(name) or b"" for name in names]])


def contents(folder: Path) -> dict[Path, bytes]:
    """Of every file below a folder."""
    return {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()}


async def test_valkey_and_the_files_tell_nothing_of_who_was_erased(
    env: Environment, redis_url: str, tmp_path: Path
) -> None:
    accounts = await chats(env)
    async with env.database.transaction() as tx:
        await recognise(tx, env.settings.data_dir)
        patient = await tx.fetchval(
            "insert into patient (key, name) values (gen_random_uuid(), $1) returning id", NAME
        )
        await tx.execute(
            """insert into link (account_id, patient_id, relation, proof)
               select a, $2, 'self', 'code' from unnest($1::bigint[]) a""",
            accounts,
            patient,
        )
    async with Redis.from_url(redis_url) as redis:
        assert await redis.dbsize() > 0, "something is kept there"
    assert {"patient", "inbound.text"} <= await hits(env.database, CANARIES, env.keys)
    async with env.database.transaction() as tx:
        assert await erase(tx, env.keys, patient, None) is None
    async with env.database.transaction() as tx:
        assert await keep_erasures(tx, env.settings.data_dir) == 1
    assert await hits(env.database, CANARIES, env.keys) == set()
    stored = await everything(redis_url)
    files = contents(tmp_path)
    assert {"erasures", "instance"} <= {one.name for one in files}
    for place, content in {"Valkey": stored, **files}.items():
        for canary in CANARIES:
            assert canary.encode() not in content, (place, canary)
