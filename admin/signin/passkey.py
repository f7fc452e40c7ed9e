"""Passkeys: signing in with one, adding one, taking one away. The browser's part is
static/passkey.js."""

from ipaddress import ip_address

from aiohttp import web

from admin.keys import DATABASE, KEYS, SESSION, SETTINGS
from admin.page import go_to, staff_of
from admin.security import came_from, is_https, may_carry_cookie, set_cookie
from clinic.staff import passkeys
from clinic.staff.passkeys import Site


def site_of(request: web.Request) -> Site | None:
    """The panel as browsers know it; None where they make no passkeys: under a bare IP address."""
    host = request.url.host or ""
    try:
        ip_address(host)
    except ValueError:
        scheme = "https" if is_https(request) else "http"
        return Site(host, f"{scheme}://{request.host}")
    return None


async def ask(request: web.Request) -> web.Response:
    """What the browser needs to sign in with a passkey."""
    site = _site(request)
    async with request.app[DATABASE].transaction() as tx:
        return _json(await passkeys.begin_sign_in(tx, request.app[KEYS], site))


async def begin(request: web.Request) -> web.StreamResponse:
    """Open a session for the owner of a passkey."""
    site, answer = _site(request), str((await request.post()).get("answer", ""))
    if not may_carry_cookie(request):
        raise web.HTTPForbidden(reason="clear")
    async with request.app[DATABASE].transaction() as tx:
        opened = await passkeys.sign_in(tx, request.app[KEYS], site, answer, came_from(request))
    if opened is None:
        raise web.HTTPUnauthorized
    response = go_to("/")
    set_cookie(request, response, opened.token)
    return response


async def ask_new(request: web.Request) -> web.Response:
    """What the browser needs to make a passkey."""
    site, clinic = _site(request), request.app[SETTINGS].clinic.name
    async with request.app[DATABASE].transaction() as tx:
        options = await passkeys.begin_adding(
            tx, request.app[KEYS], staff_of(request), site, clinic
        )
    return _json(options)


async def add(request: web.Request) -> web.StreamResponse:
    """Keep a passkey that the browser made."""
    form, site = await request.post(), _site(request)
    if not request[SESSION].secured:
        raise web.HTTPConflict
    async with request.app[DATABASE].transaction() as tx:
        kept = await passkeys.add(
            tx,
            request.app[KEYS],
            staff_of(request),
            site,
            str(form.get("answer", "")),
            str(form.get("name", "")),
        )
    if not kept:
        raise web.HTTPUnprocessableEntity
    return go_to("/account")


async def remove(request: web.Request) -> web.StreamResponse:
    """Take one of the own passkeys away."""
    passkey_id = int(request.match_info["passkey"])
    async with request.app[DATABASE].transaction() as tx:
        removed = await passkeys.remove(tx, staff_of(request), passkey_id)
    if not removed:
        raise web.HTTPNotFound
    return go_to("/account")


def _site(request: web.Request) -> Site:
    site = site_of(request)
    if site is None:
        raise web.HTTPNotFound
    return site


def _json(text: str) -> web.Response:
    return web.Response(text=text, content_type="application/json")
