"""Whether a name, telephone number or code is known to the clinic can be told neither by what the
chat answers nor by how long that takes (R19)."""

import time
from dataclasses import dataclass
from statistics import median

import pytest

from bot.environment import Environment
from clinic.link.rules import new_code
from clinic.link.service import make_link_code
from clinic.record.edit import write_fields
from tests.integration.turns.rig import Patient, Rig

LENGTHS = [pytest.param(8, id="short"), pytest.param(200, marks=pytest.mark.long, id="full")]
APART = 0.050  # s between the medians
OTHERS = 200  # patients, so that there is something to look through
KNOWN = ("Zyxomma Quibberwick", "1961-05-04", "+819055577731")
UNKNOWN = ("Zyxomne Quibberwock", "1961-04-05", "+819055577113")


@dataclass
class Timed:
    """Answers and times (s) of one kind of question."""

    texts: set[str]
    seconds: list[float]

    @classmethod
    def empty(cls) -> "Timed":
        return cls(set(), [])


@pytest.fixture
async def rig(env: Environment) -> Rig:
    """A clinic with many patients, one of whom is KNOWN."""
    rig = Rig(env)
    name, born, phone = KNOWN
    await rig.execute(
        """insert into patient (key, name, chart)
           select gen_random_uuid(), 'Patient ' || n, 'C' || n from generate_series(1, $1) n""",
        OTHERS,
    )
    async with env.database.transaction() as tx:
        known = await tx.fetchval(
            """insert into patient (key, name, birth_on, chart)
               values (gen_random_uuid(), $1, $2::text::date, 'Q77') returning id""",
            name,
            born,
        )
        await write_fields(tx, env.keys, known, {"phone": phone})
    return rig


async def at_the_code(chat: Patient) -> None:
    """Begin anew, with all tries left, and be asked for the code."""
    await chat.rig.execute("delete from link_attempt")
    await chat.rig.execute("update conversation set state = null")
    await chat.says("menu")
    await chat.presses("Link my record")


async def timed(chat: Patient, into: Timed, *said: str) -> None:
    """Say it, and keep what was answered, without the words themselves."""
    for words in said:
        began = time.perf_counter()
        await chat.does(kind="text", text=words)
        into.seconds.append(time.perf_counter() - began)
        shown = "".join(f"{one.text}{one.card}" for one in chat.shown)
        for typed in (*KNOWN, *UNKNOWN, "May 4, 1961", "Apr 5, 1961"):
            shown = shown.replace(typed, "…")
        into.texts.add(shown)


def told_apart(known: Timed, unknown: Timed) -> float:
    """The difference of the medians in s. That of pairs, since both halves of a pair met the same
    load of the machine."""
    pairs = zip(known.seconds, unknown.seconds, strict=True)
    return abs(median(one - other for one, other in pairs))


@pytest.mark.parametrize("tries", LENGTHS)
async def test_a_request_of_a_known_person_is_answered_as_one_of_an_unknown(
    rig: Rig, tries: int
) -> None:
    chat = rig.patient()
    await chat.comes_in()
    kinds = {KNOWN: Timed.empty(), UNKNOWN: Timed.empty()}
    for number in range(tries):
        # Each goes first half of the time.
        for person in (KNOWN, UNKNOWN)[:: 1 if number % 2 else -1]:
            await at_the_code(chat)
            await chat.presses("I have no code")
            await timed(chat, kinds[person], *person)
            await chat.presses("Yes, send it")
            kinds[person].texts.add(chat.shown[-1].text)
    assert kinds[KNOWN].texts == kinds[UNKNOWN].texts
    assert len(kinds[KNOWN].texts) == 4  # three questions, and the thanks
    assert told_apart(kinds[KNOWN], kinds[UNKNOWN]) <= APART
    # Only staff may join the chat to a record: who knows all three has nothing by that.
    assert await rig.value("select count(*) from link") == 0
    assert await rig.value("select count(*) from link_attempt") == 0


@pytest.mark.parametrize("tries", LENGTHS)
@pytest.mark.parametrize("spent", ["expired", "used"])
async def test_a_code_that_was_good_is_refused_as_one_that_never_was(
    rig: Rig, tries: int, spent: str
) -> None:
    chat = rig.patient()
    await chat.comes_in()
    known = await rig.value("select id from patient where chart = 'Q77'")
    once, never = Timed.empty(), Timed.empty()
    for number in range(tries):
        async with rig.env.database.transaction() as tx:
            code = await make_link_code(tx, rig.env.keys, known, None)
        await rig.execute(
            """update link_code set used_at = case when $1 = 'used' then now() end,
                 expires_at = case when $1 = 'used' then expires_at else now() end
               where id = (select max(id) from link_code)""",
            spent,
        )
        for kind, words in ((once, code), (never, new_code()))[:: 1 if number % 2 else -1]:
            await at_the_code(chat)
            await timed(chat, kind, words)
    assert once.texts == never.texts
    assert len(once.texts) == 1
    assert told_apart(once, never) <= APART
    assert await rig.value("select count(*) from link") == 0


@pytest.mark.parametrize("tries", LENGTHS)
@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        pytest.param(KNOWN[2], UNKNOWN[2], id="telephone number"),
        pytest.param("Q77", "Q78", id="patient number"),
        pytest.param(KNOWN[0], UNKNOWN[0], id="name"),
    ],
)
async def test_a_number_or_name_in_place_of_the_code_says_nothing(
    rig: Rig, tries: int, known: str, unknown: str
) -> None:
    chat = rig.patient()
    await chat.comes_in()
    kinds = {known: Timed.empty(), unknown: Timed.empty()}
    for number in range(tries):
        for words in (known, unknown)[:: 1 if number % 2 else -1]:
            await at_the_code(chat)
            await timed(chat, kinds[words], words)
    assert kinds[known].texts == kinds[unknown].texts
    assert told_apart(kinds[known], kinds[unknown]) <= APART
    assert await rig.value("select count(*) from link") == 0
