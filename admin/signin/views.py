"""Signing in by a one-time link, signing out, and what somebody sets for themselves."""

from aiohttp import web

from admin.keys import DATABASE, SESSION
from admin.page import go_to, is_language, part, staff_of
from admin.security import drop_cookie, may_carry_cookie, set_cookie
from clinic.staff.service import end_session, set_language, sign_in


async def ask(request: web.Request) -> web.Response:
    """The page behind a sign-in link. It uses nothing up: mail scanners open links too."""
    return part(request, "signin/templates/sign_in.html", token=request.query.get("token", ""))


async def begin(request: web.Request) -> web.StreamResponse:
    """Use the link up and open a session."""
    if not may_carry_cookie(request):
        raise web.HTTPForbidden(reason="clear")
    token = str((await request.post()).get("token", ""))
    async with request.app[DATABASE].transaction() as tx:
        session_token = await sign_in(tx, token)
    if session_token is None:
        return part(request, "signin/templates/sign_in.html", status=401, token=None)
    response = go_to("/")
    set_cookie(request, response, session_token)
    return response


async def end(request: web.Request) -> web.StreamResponse:
    """Sign out."""
    async with request.app[DATABASE].transaction() as tx:
        await end_session(tx, request[SESSION])
    response = go_to("/sign-in")
    drop_cookie(request, response)
    return response


async def touch(_request: web.Request) -> web.Response:
    """Somebody types or clicks without sending anything: the guard has prolonged the session."""
    return web.Response(status=204)


async def language(request: web.Request) -> web.StreamResponse:
    """Choose the language of the panel and go back to the page."""
    form = await request.post()
    tag, back = str(form.get("language", "")), str(form.get("back", "/"))
    if not is_language(tag):
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        await set_language(tx, staff_of(request), tag)
    # Only to our own pages: `//elsewhere` would be another site's, and browsers skip tabs.
    ours = back.isprintable() and back.startswith("/") and back[1:2] not in ("/", "\\")
    return go_to(back if ours else "/")
