"""A thousand canaries, each a word of its own, said in every corner of the menu in every language,
while some turns fail, and sent as keys and tokens: no log, metric, key of Valkey or column in the
clear has one (R28)."""

import logging
from itertools import count
from typing import Any

import pytest
from aiohttp import ClientSession
from prometheus_client import generate_latest

from bot.app import create_app
from bot.environment import Environment
from flows.texts import LANGUAGES
from nlu.reading import Reading
from tests.integration.security.test_canaries import columns, overheard, work
from tests.integration.security.test_stalls import served
from tests.integration.turns.rig import Rig

pytestmark = pytest.mark.server
LOGGERS = ("bot", "clinic", "admin", "scheduler", "flows", "nlu", "aiohttp", "arq", "redis")
CORNERS = 6  # of the menu, at least
FAILING = 11  # of so many turns one


# What `{}` stands for is found again; none of it is a run of hex digits that chance could make.
FORMS = {
    "name": "{} Quibberwick",
    "phone": "+81{}",
    "mail": "{}@plumbago.example",
    "code": "{}",
    "words": "my plumbago {} hurts",
    "emergency": "I have chest pain {}",
}
# Staff search by these; whatever is said where a name is asked for is one.
NAMED = ("name", "kana", "name_key", "kana_key")


class Canaries:
    """Words that occur nowhere else, by what they stand for; `made` are those that were given."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self._numbers = count(73_900_001)

    def one(self, form: str) -> str:
        """A text of this form, with a mark of its own in it by which it is found."""
        mark = f"{'90' if form == 'phone' else 'zqw'}{next(self._numbers)}"
        self.made.append(mark)
        return FORMS[form].format(mark)

    def found_in(self, text: str) -> list[str]:
        """Those that a text holds."""
        text = text.lower()
        return [one for one in self.made if one in text]


async def wander(rig: Rig, canaries: Canaries, language: str, until: int) -> None:
    """A new patient goes into every corner of the menu and says something there in each form."""
    patient = rig.patient(canaries.one("words"))
    patient.language = language
    await patient.starts()
    await patient.presses_first()
    for number in count():
        await patient.says("menu")
        buttons = patient.shown[-1].buttons if patient.shown else ()
        if number >= max(len(buttons), CORNERS):
            return
        if number >= len(buttons):  # a failed turn shows none
            continue
        button = buttons[number]
        await patient.does(kind="press", token=button.token, label=button.label)
        for form in FORMS:
            await patient.says(canaries.one(form))
            if len(canaries.made) >= until:
                return


async def knock(client: ClientSession, canaries: Canaries) -> None:
    """Keys, signatures and secrets that are wrong, at every door that takes one."""
    for path, name, value in (
        ("/webhooks/line", "X-Line-Signature", "{}"),
        ("/webhooks/telegram", "X-Telegram-Bot-Api-Secret-Token", "{}"),
        ("/chat/api/events", "Authorization", "Bearer {}"),
        ("/api/v1/patients", "Authorization", "Bearer {}"),
    ):
        headers = {name: value.format(canaries.one("code")), "Content-Type": "application/json"}
        answer = await client.post(path, data=canaries.one("words").encode(), headers=headers)
        assert answer.status in (400, 401), path
    for path in ("/l/{}", "/u/{}", "/visits/{}.ics?mark={}", "/api/v1/nothing/{}?q={}"):
        answer = await client.get(path.format(canaries.one("code"), canaries.one("code")))
        assert answer.status < 500, path


@pytest.mark.parametrize(
    "wanted", [pytest.param(150, id="short"), pytest.param(1_000, marks=pytest.mark.long)]
)
async def test_of_a_thousand_canaries_none_is_found_where_it_does_not_belong(
    env: Environment,
    redis_url: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    wanted: int,
) -> None:
    for name in LOGGERS:
        caplog.set_level(logging.DEBUG, logger=name)
    turns, reader = count(1), type(env.interpreter)
    read = reader.read

    async def failing(self: Any, text: str, language: str) -> Reading:
        if next(turns) % FAILING == 0:
            raise RuntimeError(text)
        return await read(self, text, language)

    monkeypatch.setattr(reader, "read", failing)
    canaries, rig = Canaries(), Rig(env)
    async with (
        overheard(redis_url) as heard,
        served(create_app(env)) as port,
        ClientSession(f"http://127.0.0.1:{port}") as client,
    ):
        for n in count():
            if len(canaries.made) >= wanted:
                break
            share = wanted if wanted > 500 else len(canaries.made) + wanted // len(LANGUAGES)
            await knock(client, canaries)
            await wander(rig, canaries, LANGUAGES[n % len(LANGUAGES)], share)
        await work(env)
    assert n >= len(LANGUAGES), "every language had its turn"
    places = {
        "logs": caplog.text,
        "records": str([vars(one) for one in caplog.records]),
        "Valkey": "\n".join(heard),
        "metrics": generate_latest().decode(),
        **await columns(env),
    }
    print(f"{len(canaries.made)} canaries, {len(places['logs'])} characters of logs")
    assert "RuntimeError" in places["logs"], "some turns failed"
    found = {place: canaries.found_in(text) for place, text in places.items()}
    assert {place for place, those in found.items() if those} == set()
    said = await rig.value("select count(*) from inbound where text is not null")
    assert said > wanted / 2, "they came in"
    async with env.database.transaction() as tx:
        for (table,) in await tx.fetch(
            "select tablename from pg_tables where schemaname = 'public'"
        ):
            # Bytes are looked at above; as digits they hold any number by chance.
            query = f"""select regexp_replace((to_jsonb(t) - $1::text[])::text,
                          '\\\\x[0-9a-f]+', '', 'g') from {table} t"""
            rows = "\n".join(row[0] for row in await tx.fetch(query, NAMED))
            assert canaries.found_in(rows) == [], table
