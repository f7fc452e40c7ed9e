"""Signing in by a one-time link, a password or a passkey, the second step, and signing out."""

from aiohttp import web

from admin.keys import DATABASE, KEYS, SESSION
from admin.page import go_to, part
from admin.security import came_from, drop_cookie, may_carry_cookie, set_cookie
from admin.signin.passkey import site_of
from clinic.staff import signing_in
from clinic.staff.passwords import is_password
from clinic.staff.rules import LONGEST
from clinic.staff.sessions import end_session
from clinic.staff.types import Asked, Later, Opened

PAGE = "signin/templates/sign_in.html"
CODE = "signin/templates/code.html"
PROVE = "signin/templates/prove.html"


async def ask(request: web.Request) -> web.Response:
    """The page behind a sign-in link, or the form for a name and password.

    It uses nothing up: mail scanners open links too.
    """
    return _form(request, token=request.query.get("token", ""))


async def begin(request: web.Request) -> web.StreamResponse:
    """Use the link up: open a session, or ask for a code."""
    _refuse_in_the_clear(request)
    token = str((await request.post()).get("token", ""))
    async with request.app[DATABASE].transaction() as tx:
        found = await signing_in.use_link(tx, token, came_from(request))
    if found is None:
        return _form(request, status=401, token=None)
    return _answered(request, found)


async def password(request: web.Request) -> web.StreamResponse:
    """Look at a name and password. Which of them is wrong nobody is told, not by the time either:
    one password is hashed whatever there is to compare it with."""
    _refuse_in_the_clear(request)
    form = await request.post()
    name, given = str(form.get("name", "")), str(form.get("password", ""))
    database, keys = request.app[DATABASE], request.app[KEYS]
    async with database.transaction() as tx:
        knocked = await signing_in.knock(tx, keys, name, came_from(request))
    if isinstance(knocked, Later):
        return _form(request, status=429, later=knocked.seconds)
    right = await is_password(knocked.password_hash, given[: LONGEST + 1])
    async with database.transaction() as tx:
        asked = await signing_in.answer(tx, knocked, right)
    if asked is None:
        return _form(request, status=401, wrong=True)
    return _answered(request, asked)


async def code(request: web.Request) -> web.StreamResponse:
    """Look at the code that follows a link or password."""
    _refuse_in_the_clear(request)
    form = await request.post()
    step, typed = str(form.get("step", "")), str(form.get("code", ""))
    async with request.app[DATABASE].transaction() as tx:
        found = await signing_in.give_code(tx, request.app[KEYS], step, typed, came_from(request))
    if found is None:
        return _form(request, status=401, over=True)
    if isinstance(found, Later):
        return part(request, CODE, status=429, step=step, wrong=False, later=found.seconds)
    if isinstance(found, Asked):
        return part(request, CODE, status=401, step=step, wrong=True, later=0)
    return _answered(request, found)


async def ask_proof(request: web.Request) -> web.Response:
    """The page that asks for a code before something that needs one anew."""
    return part(request, PROVE, back=ours(request.query.get("back", "/")), wrong=False, later=0)


async def prove(request: web.Request) -> web.StreamResponse:
    """Look at that code, and go on."""
    form, session = await request.post(), request[SESSION]
    back = ours(str(form.get("back", "/")))
    async with request.app[DATABASE].transaction() as tx:
        found = await signing_in.prove(tx, request.app[KEYS], session, str(form.get("code", "")))
    if found is True:
        return go_to(back)
    later = found.seconds if isinstance(found, Later) else 0
    return part(
        request, PROVE, status=429 if later else 401, back=back, wrong=not later, later=later
    )


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


def ours(path: str) -> str:
    """A path if it leads to a page of ours, else the start.

    `//elsewhere` would be another site's, and browsers skip tabs.
    """
    good = path.isprintable() and path.startswith("/") and path[1:2] not in ("/", "\\")
    return path if good else "/"


def _refuse_in_the_clear(request: web.Request) -> None:
    if not may_carry_cookie(request):
        raise web.HTTPForbidden(reason="clear")


def _answered(request: web.Request, found: Opened | Asked) -> web.StreamResponse:
    if isinstance(found, Asked):
        return part(request, CODE, step=found.token, wrong=False, later=0)
    response = go_to("/")
    set_cookie(request, response, found.token)
    return response


def _form(
    request: web.Request,
    *,
    status: int = 200,
    token: str | None = "",
    wrong: bool = False,
    over: bool = False,
    later: int = 0,
) -> web.Response:
    """`token` None: a link that was no good."""
    return part(
        request,
        PAGE,
        status=status,
        token=token,
        wrong=wrong,
        over=over,
        later=later,
        passkeys=site_of(request) is not None,
    )
