"""A clock for codes of the app: tests compute them as a telephone does, from the stored secret."""

import re
from dataclasses import dataclass

import pyotp
from aiohttp import ClientResponse

from clinic.staff.types import Staff
from tests.integration.admin.conftest import Browser
from tests.integration.admin.house import KEYS, House

PASSWORD = "lavender ships at dawn"
DESKTOP = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


@dataclass
class Phone:
    """Somebody's authenticator app. Each code is of a later half minute than the one before."""

    house: House
    staff: Staff
    secret: str

    async def code(self) -> str:
        """A code that is good now and was not used: what was accepted before is put back."""
        await self.house.rows(
            "update staff set totp_step = totp_step - 2 where id = $1", self.staff.id
        )
        return await self.shown()

    async def shown(self) -> str:
        """What the app shows at this moment of PostgreSQL's clock."""
        now = await self.house.value("select now()")
        return pyotp.TOTP(self.secret).at(now)


def token_of(page: str, name: str) -> str:
    """A hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


async def follow_csrf(house: House, browser: Browser) -> None:
    """The browser got a new session: its forms carry the token of that."""
    browser.csrf = await house.value(
        "select csrf_token from staff_session order by id desc limit 1"
    )


async def set_up(house: House, browser: Browser, staff: Staff) -> tuple[Phone, list[str]]:
    """Password and app, as somebody sets them up; the telephone and the recovery codes."""
    answer = await browser.post("/account/password", password=PASSWORD, again=PASSWORD)
    assert (answer.status, answer.headers["Location"]) == (303, "/account/app")
    await follow_csrf(house, browser)
    sealed = await house.value("select totp_pending from staff where id = $1", staff.id)
    secret = KEYS.open(sealed, "staff.totp_pending", staff.id).decode()
    assert " ".join(re.findall(".{4}", secret)) in await browser.read("/account/app")
    phone = Phone(house, staff, secret)
    page = await (await browser.post("/account/app/confirm", code=await phone.shown())).text()
    codes = re.findall(r"<li><code>([^<]+)</code>", page)
    assert len(set(codes)) == 10, page
    await follow_csrf(house, browser)
    return phone, codes


async def by_password(
    browser: Browser, name: str, password: str = PASSWORD, **headers: str
) -> ClientResponse:
    """The first page of signing in."""
    return await browser.send("/sign-in/password", {"name": name, "password": password}, headers)


async def by_code(browser: Browser, answer: ClientResponse, code: str) -> ClientResponse:
    """The second one."""
    step = token_of(await answer.text(), "step")
    return await browser.send("/sign-in/code", {"step": step, "code": code})
