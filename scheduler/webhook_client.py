"""Posts one webhook to where staff said, and nowhere else: see docs/decisions/0015.

The address is resolved and judged here, and the connection goes to exactly what was judged.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from clinic.webhook.rules import may_connect, outcome_of, url_problem
from clinic.webhook.types import Arrived, Failed, Outcome

TIMEOUT = 5.0  # s for all of it
LARGEST_ANSWER = 4096  # bytes that are read of an answer, and thrown away
Lookup = Callable[[str, int], Awaitable[list[Any]]]  # as getaddrinfo


class RefusedAddress(OSError):
    """A name leads, or a connection would go, to an address that may not be connected to."""


async def look_up(host: str, port: int) -> list[Any]:
    """The system's resolver."""
    loop = asyncio.get_running_loop()
    return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)


class Resolver(AbstractResolver):
    """Names to public addresses; a name with any other address among its own is refused."""

    def __init__(self, lookup: Lookup, *, loopback: bool) -> None:
        """Resolve by `lookup`."""
        self._lookup, self._loopback = lookup, loopback

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name. Raises RefusedAddress, or OSError for an unknown name."""
        found = await self._lookup(host, port)
        usable = [it for it in found if family in (socket.AF_UNSPEC, it[0])]
        if not usable or not all(may_connect(it[4][0], loopback=self._loopback) for it in usable):
            raise RefusedAddress
        return [
            ResolveResult(
                hostname=host,
                host=it[4][0],
                port=port,
                family=it[0],
                proto=it[2],
                flags=socket.AI_NUMERICHOST,
            )
            for it in usable
        ]

    async def close(self) -> None:
        """Nothing is kept."""


class Client:
    """Posts webhooks. Closed with `close`."""

    def __init__(self, ports: tuple[int, ...], *, loopback: bool, lookup: Lookup = look_up) -> None:
        """`ports` of https; `loopback`: this machine may be told too, in the clear."""
        self._ports, self._loopback, self._lookup = ports, loopback, lookup
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """Post once, without following redirects; how it ended. Raises nothing of the network."""
        if url_problem(url, self._ports, loopback=self._loopback) is not None:
            return Failed("address")
        try:
            async with self._open().post(
                url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                await answer.content.read(LARGEST_ANSWER)
                return outcome_of(answer.status) or Arrived(answer.status)
        except TimeoutError:
            return Failed("timeout")
        except aiohttp.ClientSSLError:
            return Failed("tls")
        except aiohttp.ClientConnectorError as error:
            refused = isinstance(error.os_error, RefusedAddress)
            return Failed("address" if refused else "connect")
        except (aiohttp.ClientError, OSError, ValueError):
            return Failed("connect")

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=Resolver(self._lookup, loopback=self._loopback),
                use_dns_cache=False,  # it could give an old answer that nobody judged for this one
                force_close=True,
                socket_factory=self._socket,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=TIMEOUT),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                raise_for_status=False,
            )
        return self._session

    def _socket(self, address: Any) -> socket.socket:
        """The last look before a connection is made, whatever the address came from."""
        family, kind, proto, _, sockaddr = address
        if not may_connect(str(sockaddr[0]), loopback=self._loopback):
            raise RefusedAddress
        return socket.socket(family, kind, proto)
