"""What is older than the clinic keeps it goes; what is younger, or still to be done, stays."""

import pytest

from clinic.config import Retention
from clinic.message.codec import load_message
from clinic.picture import service as pictures
from clinic.picture.types import Made
from clinic.retention import service
from clinic.staff.types import Role
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


# Pictures of campaigns ----------------------------------------------------------------------------


async def pictured(house: House, name: str, days: int) -> None:
    """A picture that was brought so many days ago."""
    await house.rows(
        """insert into campaign_picture (name, content, preview, width, height, created_at)
           values ($1, 'a', 'b', 1, 1, now() - $2::int * interval '1 day')""",
        name,
        days,
    )


async def campaign(house: House, picture: str, state: str) -> int:
    """A campaign that shows it."""
    return int(
        await house.value(
            """insert into campaign (key, name, kind, purpose, audience, trigger, content, state)
               values (gen_random_uuid(), 'c', 'notice', 'marketing', '{}', '{}',
                       jsonb_build_object('picture', jsonb_build_object('name', $1::text)), $2)
               returning id""",
            picture,
            state,
        )
    )


async def names(house: House) -> list[str]:
    rows = await house.rows("select name from campaign_picture order by name")
    return [row["name"] for row in rows]


async def test_a_picture_that_nothing_shows_goes_after_its_days(house: House) -> None:
    for name, days in (("old", 31), ("young", 29)):
        await pictured(house, name, days)
    assert await forget(house, Retention(pictures=None)) == {}
    assert await forget(house, Retention(pictures=30)) == {"pictures": 1}
    assert await names(house) == ["young"]
    detail = await house.rows("select detail from audit where action like '%:forget'")
    assert [row["detail"] for row in detail] == [{"pictures": 1}]


@pytest.mark.parametrize("state", ["draft", "waiting", "running", "finished", "cancelled"])
async def test_a_picture_stays_while_a_campaign_or_what_it_sent_shows_it(
    house: House, state: str
) -> None:
    await pictured(house, "shown", 3000)
    await campaign(house, "shown", state)
    assert await forget(house, Retention()) == {}
    assert await names(house) == ["shown"]


async def test_a_picture_of_a_form_that_was_left_unsaved_stays(house: House) -> None:
    await pictured(house, "typed", 3000)
    draft, staff = await campaign(house, "other", "draft"), await house.staff("desk", Role.STAFF)
    await house.rows(
        """insert into campaign_typing (campaign_id, staff_id, typed, version)
           values ($1, $2, '[["name", "x"], ["picture", "typed"]]', 1)""",
        draft,
        staff.id,
    )
    assert await forget(house, Retention()) == {}
    await house.rows("delete from campaign_typing")
    assert await forget(house, Retention()) == {"pictures": 1}


async def test_a_picture_that_somebody_saves_a_campaign_with_is_left_alone(house: House) -> None:
    await pictured(house, "saving", 3000)
    async with house.database.transaction() as tx:
        assert await pictures.find(tx, "saving") is not None
        assert await forget(house, Retention()) == {}
    assert await forget(house, Retention()) == {"pictures": 1}


async def test_a_picture_that_is_brought_again_counts_as_new(house: House) -> None:
    made = Made(b"content", b"preview", 200, 100)
    async with house.database.transaction() as tx:
        await pictures.keep(tx, KEYS, made, None)
    await house.rows("update campaign_picture set created_at = now() - interval '99 days'")
    async with house.database.transaction() as tx:
        await pictures.keep(tx, KEYS, made, None)
    assert await forget(house, Retention()) == {}
