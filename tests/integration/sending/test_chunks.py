"""The same text for many in one call: to everybody once, and to nobody who may not get it."""

import pytest

from bot.local.simulators.line_platform import Answer
from tests.integration.sending.conftest import House, user

pytestmark = pytest.mark.server


async def test_a_chunk_is_one_call_and_reaches_everybody_in_it_once(house: House) -> None:
    campaign = await house.campaign()
    await house.chunk(await house.people(campaign, range(1200)))
    await house.sweep()
    assert sorted(house.received()) == sorted(user(n) for n in range(1200))
    assert house.line.calls["multicast 200"] == 3
    assert await house.states(campaign) == {"sent": 1200}


async def test_who_may_not_get_it_any_more_leaves_before_the_first_try(house: House) -> None:
    campaign = await house.campaign()
    recipients = await house.people(campaign, range(10))
    [chunk] = await house.chunk(recipients)
    for number, change in enumerate(
        (
            "update chat_account set opted_out_at = now() where id = $1",
            "update link set ended_at = now() where account_id = $1",
            "update chat_account set consent_version = null where id = $1",
            "update recipient set useful_until = now() where account_id = $1",
        )
    ):
        await house.execute(change, await _account(house, recipients[number]))
    await house.sweep()
    assert sorted(house.received()) == sorted(user(n) for n in range(4, 10))
    assert await house.states(campaign) == {"sent": 6, "skipped": 3, "expired": 1}
    assert await house.reasons(campaign) == {
        "opted_out": 1,
        "link_changed": 1,
        "no_consent": 1,
        "too_late": 1,
    }
    assert await house.value("select members from chunk where id = $1", chunk) == 6


async def test_a_second_try_is_the_same_call_whatever_changed_in_between(house: House) -> None:
    campaign = await house.campaign()
    recipients = await house.people(campaign, range(5))
    await house.chunk(recipients)
    house.line.faults.once("accept_then_500")
    await house.look_once()
    assert await house.states(campaign) == {"queued": 5}
    await house.execute(
        "update chat_account set opted_out_at = now() where id = $1",
        await _account(house, recipients[0]),
    )
    await house.execute("update chunk set send_at = now()")
    await house.sweep()
    assert house.line.calls["multicast 409"] == 1
    assert house.line.platform.changed_retries == []
    assert await house.states(campaign) == {"sent": 5}
    assert len(house.received()) == 5


async def test_what_surely_did_not_go_out_is_judged_anew(house: House) -> None:
    campaign = await house.campaign()
    recipients = await house.people(campaign, range(5))
    await house.chunk(recipients)
    house.line.faults.once("429")
    await house.look_once()
    await house.execute(
        "update chat_account set opted_out_at = now() where id = $1",
        await _account(house, recipients[0]),
    )
    await house.execute("update chunk set send_at = now()")
    await house.env.redis.flushdb()
    house.env.limiter._local._blocked.clear()
    await house.sweep()
    assert await house.states(campaign) == {"sent": 4, "skipped": 1}


async def test_one_wrong_address_shows_by_itself_and_costs_nobody_else_the_message(
    house: House,
) -> None:
    campaign = await house.campaign()
    house.line.platform.anyone = False
    house.line.platform.users.update(user(n) for n in range(9))
    await house.chunk(await house.people(campaign, range(10)))
    await house.sweep()
    assert house.line.calls["multicast 400"] == 1
    assert house.line.calls["push 200"] == 9
    assert await house.states(campaign) == {"sent": 9, "refused": 1}
    assert await house.value("select state from chunk") == "refused"
    assert await house.value("select count(*) from outbox") == 10


async def test_who_is_unreachable_is_judged_anew_by_another_way(house: House) -> None:
    campaign = await house.campaign()
    recipients = await house.people(campaign, range(2))
    await house.chunk(recipients)
    account = await _account(house, recipients[0])
    await house.execute("update chat_account set unreachable_at = now() where id = $1", account)
    await house.sweep()
    assert await house.states(campaign) == {"sent": 1, "pending": 1}
    assert await house.value(
        """select tried = to_jsonb(array[$1::bigint]) from recipient
           where state = 'pending' and chunk_id is null""",
        account,
    )


async def test_one_emergency_lets_the_others_go_and_waits_by_itself(house: House) -> None:
    campaign = await house.campaign()
    recipients = await house.people(campaign, range(3))
    await house.chunk(recipients)
    await _escalate(house, recipients[0])
    await house.sweep()
    assert await house.states(campaign) == {"sent": 2, "pending": 1}
    assert await house.reasons(campaign) == {"escalated": 1}
    assert await house.value(
        "select due_at > now() from recipient where state = 'pending' and chunk_id is null"
    )


async def test_a_paused_chunk_waits_whole_and_a_cancelled_one_ends(house: House) -> None:
    paused, cancelled = await house.campaign("paused"), await house.campaign("cancelled")
    await house.chunk(await house.people(paused, range(3)))
    await house.chunk(await house.people(cancelled, range(3, 6)))
    await house.sweep()
    assert house.received() == []
    assert await house.states(paused) == {"queued": 3}
    assert await house.states(cancelled) == {"cancelled": 3}
    await house.execute("update campaign set state = 'running' where state = 'paused'")
    await house.execute("update chunk set send_at = now() where state = 'pending'")
    await house.sweep()
    assert await house.states(paused) == {"sent": 3}


async def test_a_chunk_that_may_have_gone_out_before_the_cancel_ends_as_unknown(
    house: House,
) -> None:
    campaign = await house.campaign()
    await house.chunk(await house.people(campaign, range(3)))
    await house.execute("update chunk set state = 'unknown', closed = true, unknowns = 1")
    await house.execute("update campaign set state = 'cancelled'")
    await house.sweep()
    assert house.received() == []
    assert await house.states(campaign) == {"unknown": 3}


async def test_a_chunk_whose_process_died_in_the_call_is_tried_again_as_it_was(
    house: House,
) -> None:
    campaign = await house.campaign()
    await house.chunk(await house.people(campaign, range(4)))
    call = house.line.platform.multicast

    def dies(*_: object) -> Answer:
        return Answer(200, {})

    house.line.platform.multicast = dies  # type: ignore[assignment,method-assign]  # lost on the way
    await house.sweep()
    house.line.platform.multicast = call  # type: ignore[method-assign]
    await house.execute(
        """update chunk set state = 'inflight', lease_token = gen_random_uuid(), send_at = now(),
             lease_until = now() - interval '1 s', settled_at = null"""
    )
    await house.execute("update recipient set state = 'queued', settled_at = null")
    await house.sweep()
    assert len(house.received()) == 4
    assert await house.states(campaign) == {"sent": 4}
    assert await house.value("select unknowns from chunk") == 1


async def test_a_wrong_key_of_ours_costs_no_chunk(house: House) -> None:
    campaign = await house.campaign()
    await house.chunk(await house.people(campaign, range(4)))
    right = house.line.channel_access_token
    house.line.channel_access_token = "another"
    await house.sweep()
    assert await house.value("select state || reason from campaign") == "pausedunauthorised"
    house.line.channel_access_token = right
    await house.execute("update campaign set state = 'running'")
    await house.execute("update chunk set send_at = now()")
    await house.sweep()
    assert await house.states(campaign) == {"sent": 4}


async def test_who_had_enough_this_week_leaves_and_what_only_waits_does_not_count(
    house: House,
) -> None:
    campaign = await house.campaign()
    recipients = await house.people(campaign, range(4))
    await house.chunk(recipients)
    for recipient, state in ((recipients[0], "sent"), (recipients[1], "pending")):
        await house.execute(WRITTEN_BEFORE, recipient, state, house.env.settings.policy.per_day)
    await house.sweep()
    assert sorted(house.received()) == sorted(user(n) for n in range(1, 4))
    assert await house.states(campaign) == {"sent": 3, "skipped": 1}
    assert await house.reasons(campaign) == {"too_often": 1}


async def test_who_opts_out_while_the_chunk_is_begun_leaves_it(house: House) -> None:
    campaign = await house.campaign()
    recipients = await house.people(campaign, range(3))
    await house.chunk(recipients)
    account = await _account(house, recipients[0])
    await house.sweep_behind("update chat_account set opted_out_at = now() where id = $1", account)
    assert sorted(house.received()) == sorted(user(n) for n in range(1, 3))
    assert await house.states(campaign) == {"sent": 2, "skipped": 1}


async def _account(house: House, recipient: int) -> int:
    found: int = await house.value("select account_id from recipient where id = $1", recipient)
    return found


async def _escalate(house: House, recipient: int) -> None:
    """A grave escalation of this patient, not closed."""
    async with house.env.database.transaction() as tx:
        account = await tx.fetchval("select account_id from recipient where id = $1", recipient)
        patient = await tx.fetchval("select patient_id from recipient where id = $1", recipient)
        conversation = await tx.fetchval(
            """insert into conversation (account_id) values ($1)
               on conflict (account_id) do update set turn = conversation.turn returning id""",
            account,
        )
        await tx.execute(ESCALATION, conversation, patient)


# So many messages that nobody asked for, of the day.
WRITTEN_BEFORE = """
  insert into outbox (key, dedup_key, account_id, patient_id, purpose, consent_purpose,
                      delivery_class, content, state, send_at, useful_until, settled_at)
  select gen_random_uuid(), gen_random_uuid()::text, account_id, patient_id, 'plan', 'care',
         'campaign', '', $2::text, now() + interval '1 hour', now() + interval '2 hours',
         case $2::text when 'sent' then now() end
  from recipient, generate_series(1, $3::int) where id = $1
"""
ESCALATION = """
  insert into escalation (key, conversation_id, patient_id, source, level, rule, state)
  values (gen_random_uuid(), $1, $2, 'red_flag', 4, 'chest_pain', 'open')
"""
