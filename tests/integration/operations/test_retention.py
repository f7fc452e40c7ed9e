"""What is older than the clinic keeps it goes; what is younger, or still to be done, stays."""

import pytest

from clinic.config import Retention
from clinic.message.codec import load_message
from clinic.retention import service
from tests.integration.admin.house import KEYS, House

ALL = Retention(payloads=30, transcripts=60, access=10)


async def forget(house: House, kept: Retention = ALL) -> dict[str, int]:
    return await service.forget(house.database, KEYS, kept)


async def aged(house: House, days: int) -> int:
    """A conversation of so many days ago."""
    talk = await house.conversation()
    await house.say(talk, "昔の言葉")
    async with house.database.transaction() as tx:
        await tx.execute(
            """update inbound set received_at = now() - $1::int * interval '1 day', state = 'done',
                 payload = coalesce(payload, '\\x01'::bytea)
               where account_id = (select account_id from conversation where id = $2)""",
            days,
            talk,
        )
    return talk


async def test_payloads_and_words_go_when_their_days_are_over(house: House) -> None:
    for days in (5, 45, 90):
        await aged(house, days)
    assert await forget(house) == {"payloads": 2, "transcripts": 1}
    rows = await house.rows(
        "select payload is null as p, text is null as t from inbound order by id"
    )
    assert [(row["p"], row["t"]) for row in rows] == [(False, False), (True, False), (True, True)]
    assert await forget(house) == {}
    detail = await house.rows("select detail from audit where action like '%:forget'")
    assert [row["detail"] for row in detail] == [{"payloads": 2, "transcripts": 1}]


async def test_by_default_no_word_of_a_patient_is_lost(house: House) -> None:
    await aged(house, 3000)
    assert await forget(house, Retention()) == {"payloads": 1}
    assert await house.value("select text is not null from inbound")


async def test_an_event_that_waits_is_kept_however_old(house: House) -> None:
    await aged(house, 90)
    await house.rows("update inbound set state = 'new'")
    assert await forget(house) == {}


async def test_what_was_answered_goes_with_the_words_and_what_waits_stays(house: House) -> None:
    account = await house.value(
        "select account_id from conversation where id = $1", await house.conversation()
    )
    from clinic.message.service import Outgoing, enqueue
    from clinic.message.types import Message

    async with house.database.transaction() as tx:
        for name in ("old", "waits", "new"):
            await enqueue(tx, KEYS, Outgoing(account, Message(name, "en"), name, "dialogue"))
        await tx.execute(
            """update outbox set created_at = now() - interval '99 days'
               where dedup_key in ('old', 'waits')"""
        )
        await tx.execute(
            "update outbox set state = 'sent', settled_at = now() where dedup_key <> 'waits'"
        )
    assert await forget(house) == {"transcripts": 1}
    rows = await house.rows("select key, content from outbox order by id")
    texts = [load_message(KEYS.open(r["content"], "outbox.content", r["key"])).text for r in rows]
    assert texts == ["", "waits", "new"]
    assert await forget(house) == {}


async def test_links_and_sessions_go_some_days_after_their_end(house: House) -> None:
    staff = await house.staff("係")
    await house.session(staff)
    await house.session(staff)
    old = "now() - interval '11 days'"
    await house.rows(f"update sign_in_link set expires_at = {old} where id = 1")
    await house.rows(f"update staff_session set seen_at = {old} where id = 1")
    await house.rows(
        f"insert into sign_in_try (name_index, address, at) values ('x', '::1', {old})"
    )
    assert await forget(house) == {"access": 3}
    assert await house.value("select count(*) from staff_session") == 1


async def test_more_than_one_batch_goes_in_one_night(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BATCH", 2)
    for days in (90, 90, 90, 90, 90, 5):
        await aged(house, days)
    assert await forget(house) == {"payloads": 5, "transcripts": 5}
