"""Sending through a gateway as strict as the real one: what each ending means."""

from uuid import UUID

import pytest

from bot.channels.channel import NotSent, Refused, Sent, Unknown
from bot.channels.rate_limit import Bucket, RateLimiter
from bot.channels.sms.client import SEGMENTS, SmsChannel
from bot.local.simulators.sms import ACCOUNT, SENDER, TOKEN, SmsSimulator
from clinic.message.types import Link, Message

KEY = UUID(int=1)
PHONE = "+819012345678"
HELLO = Message("こんにちは & hello", "ja", links=(Link("Answer here:", "https://c.example/l/x"),))


async def send(channel, message=HELLO, to=PHONE):
    return await channel.send(to, message, key=KEY)


async def test_an_sms_arrives_as_it_was_written(gateway, channel):
    before = SEGMENTS._value.get()
    outcome = await send(channel)
    (entry,) = gateway.ledger.entries
    assert outcome == Sent(entry["sid"])
    assert gateway.texts(PHONE) == ["こんにちは & hello\nAnswer here: https://c.example/l/x"]
    assert SEGMENTS._value.get() == before + 1


async def test_less_than_one_sms_a_second_still_lets_them_out(gateway):
    channel = SmsChannel(ACCOUNT, TOKEN, SENDER, gateway.url, rate=0.25)
    assert channel.rate is not None
    limiter, bucket = RateLimiter(None), Bucket("sms", channel.rate, channel.burst)
    waits = [await limiter.take("sms", bucket, now=now) for now in (0.0, 0.0, 4.0)]
    assert waits == [0, 4, 0]


@pytest.mark.parametrize("to", ["+", "090-1234-5678", "hello"])
async def test_what_is_no_number_is_refused_for_good(gateway, channel, to):
    assert await send(channel, to=to) == Refused("400 21211", gone=True)


async def test_a_landline_takes_no_sms(gateway, channel):
    gateway.landlines.add(PHONE)
    assert await send(channel) == Refused("400 21614", gone=True)


async def test_who_wrote_stop_to_the_gateway_gets_nothing_more(gateway, channel):
    gateway.stopped.add(PHONE)
    assert await send(channel) == Refused("opted_out", gone=True)


async def test_too_many_requests_hold_up_the_whole_channel(gateway, channel):
    gateway.faults.once("429")
    assert await send(channel) == NotSent("rate_limited", 2.0, whole_channel=True)
    assert gateway.ledger.entries == []


@pytest.mark.parametrize("fault", ["500", "accept_then_500", "reset", "accept_then_reset"])
async def test_a_failure_on_their_side_tells_nothing(gateway, channel, fault):
    gateway.faults.once(fault)
    assert isinstance(await send(channel), Unknown)


async def test_a_wrong_token_is_no_patients_fault(gateway):
    channel = SmsChannel(ACCOUNT, "wrong", SENDER, gateway.url)
    outcome = await send(channel)
    assert isinstance(outcome, NotSent)
    assert outcome.whole_channel
    await channel.close()


async def test_a_sender_that_is_not_ours_is_no_patients_fault(gateway):
    channel = SmsChannel(ACCOUNT, TOKEN, "+815099999999", gateway.url)
    assert isinstance(await send(channel), NotSent)
    await channel.close()


async def test_no_gateway_means_surely_not_sent():
    async with SmsSimulator() as gone:
        url = gone.url
    channel = SmsChannel(ACCOUNT, TOKEN, SENDER, url)
    assert await send(channel) == NotSent("not connected")
    await channel.close()


async def test_a_messaging_service_stands_in_for_a_number(gateway):
    channel = SmsChannel(ACCOUNT, TOKEN, "MG" + "0" * 32, gateway.url)
    assert isinstance(await send(channel), Sent)
    await channel.close()
