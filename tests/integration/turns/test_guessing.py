"""Who guesses codes or forges buttons gets nowhere, and learns nothing (R18, R20)."""

import random

import pytest

from clinic.conversation.service import account_of
from clinic.ids import new_key
from clinic.link.rules import TRIES_ALARM, TRIES_PER_ACCOUNT, new_code
from clinic.link.service import Refusal, make_link_code, try_code
from clinic.record.edit import write_fields
from tests.integration.booking.clinic import make
from tests.integration.turns.rig import Rig

pytestmark = pytest.mark.server
CANARY = "Zyxomma Quibberwick"
LIVE = 100  # codes that are good at the moment
AT_ONCE = 50  # tries of a transaction


@pytest.mark.parametrize(
    ("chats", "guesses"),
    [
        pytest.param(30, 10, id="short"),
        pytest.param(10_000, 100, marks=pytest.mark.long),  # a million
    ],
)
async def test_of_all_guesses_of_an_hour_none_binds_a_chat(
    rig: Rig, chats: int, guesses: int
) -> None:
    async with rig.env.database.transaction() as tx:
        for number in range(LIVE):
            patient = await tx.fetchval(
                "insert into patient (key, name) values ($1, $2) returning id",
                new_key(),
                f"{CANARY} {number}",
            )
            await make_link_code(tx, rig.env.keys, patient, None)
    looked_at = refused = 0
    for number in range(chats):
        async with rig.env.database.transaction() as tx:
            account = await account_of(tx, rig.env.keys, "line", f"U{number:032}")
        for start in range(0, guesses, AT_ONCE):
            async with rig.env.database.transaction() as tx:
                for _ in range(start, min(start + AT_ONCE, guesses)):
                    got = await try_code(tx, rig.env.keys, account.account_id, new_code())
                    assert isinstance(got, Refusal)
                    looked_at += got.reason == "wrong"
                    refused += got.reason == "too_many"
    assert (looked_at, looked_at + refused) == (chats * TRIES_PER_ACCOUNT, chats * guesses)
    assert await rig.value("select count(*) from link") == 0
    assert await rig.value("select count(*) from link_code where used_at is not null") == 0
    assert looked_at > TRIES_ALARM
    assert await rig.value("select count(*) from task where kind = 'link_alarm'") >= 1


@pytest.mark.parametrize(
    "chats", [pytest.param(10, id="short"), pytest.param(1_000, marks=pytest.mark.long)]
)
async def test_name_birth_date_and_telephone_alone_bind_no_chat(rig: Rig, chats: int) -> None:
    async with rig.env.database.transaction() as tx:
        patient = await tx.fetchval(
            """insert into patient (key, name, birth_on) values ($1, $2, '1961-05-04')
               returning id""",
            new_key(),
            CANARY,
        )
        await write_fields(tx, rig.env.keys, patient, {"phone": "+819055577731"})
    for number in range(chats):
        chat = rig.patient(f"{number}-")
        await chat.comes_in()
        await chat.says("menu")
        await chat.presses("Link my record")
        await chat.presses("I have no code")
        for words in (CANARY, "1961-05-04", "+819055577731"):
            await chat.says(words)
        await chat.presses("Yes, send it")
        assert "look for the record" in chat.shown[-1].text
    asked = "select count(*) from task where kind = 'link_request' and state = 'open'"
    assert await rig.value(asked) == chats
    assert await rig.value("select count(*) from link") == 0


@pytest.mark.parametrize(
    "forged", [pytest.param(60, id="short"), pytest.param(1_000, marks=pytest.mark.long)]
)
async def test_no_forged_button_and_none_of_another_chat_does_anything(
    rig: Rig, forged: int
) -> None:
    await make(rig.env.database, patients=0, minimum_notice=3 * 24 * 60)
    owner, other = rig.patient("a"), rig.patient("b")
    await owner.comes_in()
    await owner.books(CANARY)
    await owner.says("my visits")
    good = sorted(
        {
            button.token
            for line in await owner.lines()
            if line.message
            for button in line.message.buttons
        }
    )
    assert len(good) > 5
    await other.comes_in()
    chance = random.Random(11)
    visits = "select id, status, version, confirmed_at, starts_at from appointment order by id"
    before = await rig.rows(visits), await rig.rows("select * from link order by id")
    shown = []
    for number in range(forged):
        token = good[number % len(good)]
        if number >= len(good):  # these are no longer whole
            at = chance.randrange(len(token))
            token = token[:at] + chance.choice("Aa0_-Zz9") + token[at + 1 :]
        shown.append(await other.does(kind="press", token=token, label="Yes"))
        shown += [str(message) for message in other.shown]
    assert (await rig.rows(visits), await rig.rows("select * from link order by id")) == before
    assert not [one for one in shown if "Zyxomma" in one or "Quibberwick" in one]
    # The owner of the buttons may press them still.
    await owner.says("my visits")
    assert CANARY in "".join(str(message) for message in owner.shown)
