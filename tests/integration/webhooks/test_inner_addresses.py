"""Nothing that staff type makes the server connect to something inside (SSRF)."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.environment import Environment
from clinic.webhook.types import Failed, Kind
from scheduler.webhook_client import Client
from tests.integration.webhooks.receiver import Receiver, Teller
from tests.unit.webhook.urls import ADDRESSES, REFUSED


class Inside:
    """A service on this machine that nobody may reach, on every address of it."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0

    async def connected(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.close()


@pytest.fixture
async def inside() -> AsyncIterator[Inside]:
    inside = Inside()
    server = await asyncio.start_server(inside.connected, "0.0.0.0", 0)
    inside.port = server.sockets[0].getsockname()[1]
    async with server:
        yield inside


def answering(*addresses: str) -> Any:
    """A name server that gives each list of addresses in its turn, the last for ever."""
    turns = [address.split() for address in addresses]
    asked: list[str] = []

    async def look_up(host: str, port: int) -> list[Any]:
        asked.append(host)
        return [
            (
                socket.AF_INET6 if ":" in one else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (one, port),
            )
            for one in turns[min(len(asked), len(turns)) - 1]
        ]

    return look_up


async def post(client: Client, url: str) -> Any:
    try:
        return await client.post(url, b"{}", {"webhook-id": "1"})
    finally:
        await client.close()


@pytest.mark.parametrize("url", REFUSED)
async def test_no_form_of_an_inner_address_makes_a_connection(inside: Inside, url: str) -> None:
    ported = url.replace("/", "\0\0", 2).replace("/", f":{inside.port}/", 1).replace("\0\0", "//")
    for one in (url, ported):
        asked = answering("127.0.0.1")
        client = Client((443, 8443, inside.port), loopback=False, lookup=asked)
        assert await post(client, one) == Failed("address")
    assert inside.connections == 0


@pytest.mark.parametrize("address", [one for one in ADDRESSES if one and " " not in one])
async def test_no_name_that_leads_inside_makes_a_connection(inside: Inside, address: str) -> None:
    for found in (address, f"93.184.216.34 {address}", f"{address} 2606:4700::1111"):
        client = Client((inside.port,), loopback=False, lookup=answering(found))
        url = f"https://rebound.example.com:{inside.port}/"
        assert await post(client, url) == Failed("address")
    assert inside.connections == 0


async def test_a_name_that_changes_between_two_looks_makes_no_connection(inside: Inside) -> None:
    """Rebinding: what was judged is what is connected to, for there is one look-up only."""
    client = Client((inside.port,), loopback=False, lookup=answering("2001:db8::1", "127.0.0.1"))
    for _ in range(2):
        outcome = await client.post(f"https://rebound.example.com:{inside.port}/", b"{}", {})
        assert outcome == Failed("address")
    await client.close()
    assert inside.connections == 0


async def test_an_address_that_nobody_judged_makes_no_connection(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if the form of the URL and the name server were fooled, the socket is not made."""
    monkeypatch.setattr("scheduler.webhook_client.url_problem", lambda *_, **__: None)
    for host in ("127.0.0.1", "[::ffff:127.0.0.1]", "0.0.0.0"):
        client = Client((inside.port,), loopback=False)
        outcome = await post(client, f"http://{host}:{inside.port}/")
        assert isinstance(outcome, Failed)
    assert inside.connections == 0


async def test_a_redirect_to_an_inner_address_is_not_followed(
    env: Environment, receiver: Receiver, inside: Inside
) -> None:
    teller = Teller(env)
    await teller.add(receiver.url)
    await teller.say(Kind.CAMPAIGN_STARTED, {"campaign_id": 1})
    receiver.status = 307
    receiver.headers = {"location": f"http://127.0.0.1:{inside.port}/latest/meta-data/"}
    await teller.deliver()
    assert len(receiver.heard) == 1
    (row,) = await teller.rows("select state, answered, reason from webhook_delivery")
    assert tuple(row) == ("pending", 307, "redirect")
    assert inside.connections == 0


async def test_no_proxy_of_the_environment_is_asked(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{inside.port}")
    client = Client((443,), loopback=False, lookup=answering("10.0.0.1"))
    assert await post(client, "https://example.com/") == Failed("address")
    assert inside.connections == 0


async def test_a_receiver_that_is_off_is_told_later() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        outcome = await post(Client((), loopback=True), f"http://127.0.0.1:{port}/")
    assert outcome == Failed("connect")


async def test_a_receiver_without_a_good_certificate_is_not_told(inside: Inside) -> None:
    outcome = await post(Client((), loopback=True), f"https://127.0.0.1:{inside.port}/")
    assert isinstance(outcome, Failed)
    assert outcome.reason in ("tls", "connect")
    assert inside.connections == 1
