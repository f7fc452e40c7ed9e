import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest

from bot.channels.channel import Channel, Inbound, Sent, Started
from bot.channels.webchat.channel import WebChatChannel
from bot.channels.webchat.hub import Hub, TooManyStreams
from clinic.errors import DatabaseDown
from clinic.message.types import Message

KEY = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")


async def test_sending_wakes_the_pages_of_the_address_and_no_other() -> None:
    woken: list[str] = []

    async def wake(address: str) -> None:
        woken.append(address)

    channel: Channel = WebChatChannel(wake)
    assert await channel.send("a1", Message("x", "ja"), key=KEY) == Sent()
    assert woken == ["a1"]
    assert await channel.profile("a1") == {}
    await channel.acknowledge(Inbound(Started(""), datetime(2026, 11, 24, tzinfo=UTC)), "a1")
    await channel.close()


async def test_a_message_is_sent_even_if_no_page_can_be_woken() -> None:
    async def wake(address: str) -> None:
        raise DatabaseDown("gone")

    channel = WebChatChannel(wake)
    assert await channel.send("a1", Message("x", "ja"), key=KEY) == Sent()


def test_a_message_of_any_length_is_one_message() -> None:
    async def wake(address: str) -> None: ...

    message = Message("長い" * 10_000, "ja")
    assert WebChatChannel(wake).split(message) == (message,)


async def test_a_wake_up_before_the_wait_is_not_lost_and_several_count_as_one() -> None:
    hub = Hub()
    with hub.subscribe("a") as wakes:
        hub.wake("a")
        hub.wake("a")
        await asyncio.wait_for(wakes.wait(60), 10)
        await wakes.wait(0)
        hub.wake("b")
        waiting = asyncio.create_task(wakes.wait(60))
        await asyncio.sleep(0)
        assert not waiting.done()
        hub.wake_all()
        await asyncio.wait_for(waiting, 10)


def test_streams_are_limited_by_conversation_and_overall() -> None:
    hub = Hub(per_conversation=2, overall=3)
    with hub.subscribe("a"), hub.subscribe("a"):
        with pytest.raises(TooManyStreams) as reached, hub.subscribe("a"):
            pass
        assert reached.value.here
        with hub.subscribe("b"):
            with pytest.raises(TooManyStreams) as reached, hub.subscribe("c"):
                pass
            assert not reached.value.here
    with hub.subscribe("a"), hub.subscribe("a"), hub.subscribe("b"):
        pass


async def test_a_closed_hub_ends_its_streams_and_takes_no_more() -> None:
    hub = Hub()
    with hub.subscribe("a") as wakes:
        hub.close()
        await asyncio.wait_for(wakes.wait(60), 10)
        assert wakes.over
    with pytest.raises(TooManyStreams), hub.subscribe("a"):
        pass


async def test_the_sign_of_a_person_who_writes_never_fails() -> None:
    async def down(_: str) -> None:
        raise DatabaseDown("test")

    told: list[str] = []

    async def typing(address: str) -> None:
        told.append(address)

    await WebChatChannel(down, typing=typing).show_typing("a")
    await WebChatChannel(down, typing=down).show_typing("a")
    assert told == ["a"]
