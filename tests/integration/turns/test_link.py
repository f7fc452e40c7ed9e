"""Link codes on real stores: the limits of tries, and what a wrong one tells."""

import asyncio

import pytest

from clinic.ids import new_key
from clinic.link.rules import TRIES_ALARM, TRIES_PER_ACCOUNT, new_code, read_code, shown
from clinic.link.service import Refusal, make_link_code, try_code, unbind
from clinic.patient.service import add_provisional
from tests.integration.turns.rig import Rig

pytestmark = pytest.mark.server


@pytest.fixture
async def record(rig: Rig) -> int:
    """A patient of the clinic with a canary for a name."""
    return int(
        await rig.value(
            "insert into patient (key, name) values ($1, 'Canary Tanaka') returning id", new_key()
        )
    )


async def code_for(rig: Rig, patient_id: int) -> str:
    async with rig.env.database.transaction() as tx:
        return await make_link_code(tx, rig.env.keys, patient_id, None)


async def attempt(rig: Rig, account_id: int, code: str) -> object:
    async with rig.env.database.transaction() as tx:
        return await try_code(tx, rig.env.keys, account_id, code)


async def test_a_code_from_the_desk_joins_the_chat_to_the_record(rig: Rig, record: int) -> None:
    patient = rig.patient()
    await patient.comes_in()
    said = await patient.starts(await code_for(rig, record))
    assert "Canary Tanaka" in said + "".join(str(m.card) for m in patient.shown)
    assert await rig.rows("select patient_id, proof from link") == [(record, "code")]
    assert await rig.value("select link_version from chat_account") == 1


async def test_a_code_typed_by_hand_is_read_as_it_looks(rig: Rig, record: int) -> None:
    patient = rig.patient()
    await patient.comes_in()
    await patient.says("menu")
    await patient.presses("Link my record")
    await patient.says(f" {shown(await code_for(rig, record)).lower()} ")
    assert await rig.rows("select proof from link") == [("code",)]


async def test_a_code_works_once_and_dies_after_ten_minutes(rig: Rig, record: int) -> None:
    one, other = rig.patient("a"), rig.patient("b")
    await one.comes_in()
    await other.comes_in()
    code = await code_for(rig, record)
    await attempt(rig, one.account_id, code)
    assert await attempt(rig, other.account_id, code) == Refusal("wrong")
    code = await code_for(rig, record)
    await rig.execute("update link_code set expires_at = now() where used_at is null")
    assert await attempt(rig, other.account_id, code) == Refusal("wrong")


async def test_a_new_code_kills_the_earlier_one(rig: Rig, record: int) -> None:
    patient = rig.patient()
    await patient.comes_in()
    old = await code_for(rig, record)
    await code_for(rig, record)
    assert await attempt(rig, patient.account_id, old) == Refusal("wrong")


async def test_after_five_wrong_tries_even_the_right_code_is_refused(rig: Rig, record: int) -> None:
    patient = rig.patient()
    await patient.comes_in()
    for _ in range(TRIES_PER_ACCOUNT):
        assert await attempt(rig, patient.account_id, new_code()) == Refusal("wrong")
    right = await code_for(rig, record)
    assert await attempt(rig, patient.account_id, right) == Refusal("too_many")
    await rig.execute("update link_attempt set at = at - interval '61 minutes'")
    assert not isinstance(await attempt(rig, patient.account_id, right), Refusal)


async def test_tries_at_once_are_counted_one_after_the_other(rig: Rig) -> None:
    patient = rig.patient()
    await patient.comes_in()
    outcomes = await asyncio.gather(
        *(attempt(rig, patient.account_id, new_code()) for _ in range(20))
    )
    assert outcomes.count(Refusal("wrong")) == TRIES_PER_ACCOUNT


async def test_guessing_from_many_chats_tells_staff(rig: Rig) -> None:
    patient = rig.patient()
    await patient.comes_in()
    await rig.execute(
        """insert into link_attempt (account_id, ok)
           select $1, false from generate_series(2, $2)""",
        patient.account_id,
        TRIES_ALARM,
    )
    other = rig.patient("b")
    await other.comes_in()
    await attempt(rig, other.account_id, new_code())
    assert await rig.value("select count(*) from task where kind = 'link_alarm'") == 1


async def test_the_code_itself_is_stored_nowhere(rig: Rig, record: int) -> None:
    code = await code_for(rig, record)
    assert (
        await rig.value("select count(*) from link_code where code_hash like $1", f"%{code}%") == 0
    )
    assert read_code(shown(code)) == code


async def test_after_an_unlink_nothing_queued_goes_to_the_old_chat(rig: Rig, record: int) -> None:
    patient = rig.patient()
    await patient.comes_in()
    await attempt(rig, patient.account_id, await code_for(rig, record))
    await rig.execute(
        """insert into outbox (key, dedup_key, account_id, purpose, delivery_class, content,
                               send_at, useful_until, link_version)
           select key, 'late', account_id, 'reminder', 'must_arrive', content, now(),
                  now() + interval '1 hour', 1
           from (select gen_random_uuid() as key, account_id, content from outbox limit 1) o"""
    )
    async with rig.env.database.transaction() as tx:
        assert await unbind(tx, patient.account_id, record)
    await rig.sender.sweep()
    rows = await rig.rows("select state, reason from outbox where dedup_key = 'late'")
    assert rows == [("skipped", "link_changed")]


async def test_a_proven_link_takes_over_whoever_the_chat_had_made_up_for_the_same_person(
    rig: Rig, record: int
) -> None:
    patient = rig.patient()
    await patient.comes_in()
    async with rig.env.database.transaction() as tx:
        made_up = await add_provisional(tx, patient.account_id, "canary  tanaka", "self", None)
        child = await add_provisional(tx, patient.account_id, "Hana Tanaka", "child", None)
    await attempt(rig, patient.account_id, await code_for(rig, record))
    merged = await rig.rows("select id, merged_into_id from patient order by id")
    assert [tuple(row) for row in merged] == [
        (record, None),
        (made_up.id, record),
        (child.id, None),
    ]
    spoken_for = await rig.rows("select patient_id from link where ended_at is null order by 1")
    assert [row[0] for row in spoken_for] == [record, child.id]


async def test_a_chat_that_spoke_for_the_patient_before_hears_of_a_new_one_and_staff_too(
    rig: Rig, record: int
) -> None:
    mother, stranger = rig.patient("mother"), rig.patient("stranger")
    await mother.comes_in()
    await stranger.comes_in()
    await mother.starts(await code_for(rig, record))
    assert await rig.value("select count(*) from task where kind = 'relinked'") == 0
    await stranger.starts(await code_for(rig, record))
    told = await rig.rows(
        "select account_id from outbox where dedup_key like 'relinked:%' and state = 'pending'"
    )
    assert [tuple(row) for row in told] == [(mother.account_id,)]
    assert await rig.rows("select patient_id from task where kind = 'relinked'") == [(record,)]
