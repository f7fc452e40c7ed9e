"""The panel on a free port, and browsers without a screen."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar
from aiohttp.test_utils import TestServer

from admin.app import create_app
from admin.security import PLAIN_COOKIE
from clinic.db import Database
from clinic.staff.types import Role, Staff
from tests.integration.admin.house import KEYS, SETTINGS, House


class Browser:
    """What a signed-in person's browser sends, without following redirects."""

    def __init__(self, http: ClientSession, server: TestServer, csrf: str) -> None:
        self._http = http
        self._server = server
        self.csrf = csrf

    async def get(self, path: str, **options: Any) -> ClientResponse:
        return await self._http.get(self._server.make_url(path), allow_redirects=False, **options)

    async def read(self, path: str, **options: Any) -> str:
        response = await self.get(path, **options)
        assert response.status == 200, (path, response.status)
        return await response.text()

    async def post(self, path: str, **fields: str) -> ClientResponse:
        return await self.send(path, {"csrf": self.csrf, **fields})

    async def send(
        self, path: str, fields: dict[str, str], headers: dict[str, str] | None = None
    ) -> ClientResponse:
        url = self._server.make_url(path)
        return await self._http.post(url, data=fields, headers=headers, allow_redirects=False)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url)
    yield database
    await database.close()


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


@pytest.fixture
async def server(database: Database) -> AsyncIterator[TestServer]:
    async with TestServer(create_app(database, KEYS, SETTINGS)) as server:
        yield server


SignIn = Callable[[Staff | None], Awaitable[Browser]]


@pytest.fixture
async def sign_in(house: House, server: TestServer) -> AsyncIterator[SignIn]:
    """Gives a browser for a staff member, or one of nobody."""
    async with AsyncExitStack() as stack:

        async def browser(staff: Staff | None) -> Browser:
            cookies, csrf = {}, ""
            if staff is not None:
                token = await house.session(staff)
                cookies = {PLAIN_COOKIE: token}
                csrf = await house.value(
                    "select csrf_token from staff_session order by id desc limit 1"
                )
            jar = CookieJar(unsafe=True)
            http = await stack.enter_async_context(ClientSession(cookies=cookies, cookie_jar=jar))
            return Browser(http, server, csrf)

        yield browser


@pytest.fixture
async def desk(house: House, sign_in: SignIn) -> Browser:
    return await sign_in(await house.staff("山田 受付"))


@pytest.fixture
async def chief(house: House, sign_in: SignIn) -> Browser:
    return await sign_in(await house.staff("鈴木 院長", Role.ADMIN))
