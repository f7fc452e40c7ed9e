"""Everybody's own account: language, password, code app, recovery codes, browsers."""

from aiohttp import web

from admin.keys import DATABASE, KEYS, SESSION, SETTINGS
from admin.page import go_to, is_language, page, part, staff_of
from admin.patients.deep_links import picture
from admin.security import drop_cookie, may_put_off, set_cookie
from admin.signin.passkey import site_of
from admin.signin.views import ours
from clinic.staff import second_step, service, sessions
from clinic.staff.passwords import common_words, hash_password
from clinic.staff.rules import LONGEST, SHORTEST, normal_password, password_problem
from clinic.staff.types import PasswordProblem

FOLDER = "account/templates"


async def show(request: web.Request) -> web.Response:
    """What somebody signs in with, and where."""
    session = request[SESSION]
    async with request.app[DATABASE].transaction() as tx:
        return await page(
            request,
            tx,
            f"{FOLDER}/account.html",
            "account",
            account=await service.access_account(tx, session),
            passkeys=site_of(request) is not None,
        )


async def language(request: web.Request) -> web.StreamResponse:
    """Choose the language of the panel and go back to the page."""
    form = await request.post()
    tag = str(form.get("language", ""))
    if not is_language(tag):
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        await service.set_language(tx, staff_of(request), tag)
    return go_to(ours(str(form.get("back", "/"))))


async def set_up(request: web.Request) -> web.StreamResponse:
    """The next page of setting a password and a second step up."""
    async with request.app[DATABASE].transaction() as tx:
        account = await service.access_account(tx, request[SESSION])
    if not account.password:
        return go_to("/account/password")
    return go_to("/account" if account.secured else "/account/app")


async def ask_password(request: web.Request) -> web.Response:
    """The form for a new password."""
    return _password(request)


async def set_password(request: web.Request) -> web.StreamResponse:
    """Set the own password. All other browsers are signed out."""
    form, session = await request.post(), request[SESSION]
    given = str(form.get("password", ""))
    problem = _problem(request, given, str(form.get("again", "")))
    if problem is not None:
        return _password(request, 422, problem)
    stored = await hash_password(given)
    async with request.app[DATABASE].transaction() as tx:
        token = await service.set_password(tx, session, stored)
        if not session.secured:
            await second_step.begin_app(tx, request.app[KEYS], session.staff)
    response = go_to("/account" if session.secured else "/account/app")
    set_cookie(request, response, token)
    return response


async def ask_app(request: web.Request) -> web.Response:
    """The QR code of a new secret, and the field for its first code."""
    return await _app(request)


async def begin_app(request: web.Request) -> web.StreamResponse:
    """Make a new secret. The old one counts until a code of the new one was given."""
    async with request.app[DATABASE].transaction() as tx:
        await second_step.begin_app(tx, request.app[KEYS], staff_of(request))
    return go_to("/account/app")


async def confirm_app(request: web.Request) -> web.StreamResponse:
    """Take the new secret into use, and show the recovery codes once."""
    typed = str((await request.post()).get("code", ""))
    async with request.app[DATABASE].transaction() as tx:
        done = await service.finish_app(tx, request.app[KEYS], request[SESSION], typed)
    if done is None:
        return await _app(request, 422)
    token, codes = done
    response = part(request, f"{FOLDER}/codes.html", codes=codes)
    set_cookie(request, response, token)
    return response


async def new_codes(request: web.Request) -> web.Response:
    """Ten new recovery codes, shown once."""
    if not request[SESSION].secured:
        raise web.HTTPConflict
    async with request.app[DATABASE].transaction() as tx:
        codes = await second_step.new_recovery_codes(tx, request.app[KEYS], staff_of(request))
    return part(request, f"{FOLDER}/codes.html", codes=codes)


async def end_session(request: web.Request) -> web.StreamResponse:
    """Sign one of the own browsers out."""
    async with request.app[DATABASE].transaction() as tx:
        ended = await sessions.end_one(tx, staff_of(request), int(request.match_info["session"]))
    if not ended:
        raise web.HTTPNotFound
    return go_to("/account")


async def end_everywhere(request: web.Request) -> web.StreamResponse:
    """Sign all own browsers out, this one too."""
    async with request.app[DATABASE].transaction() as tx:
        await sessions.end_all(tx, staff_of(request).id)
    response = go_to("/sign-in")
    drop_cookie(request, response)
    return response


def _problem(request: web.Request, given: str, again: str) -> PasswordProblem | None:
    if normal_password(given) != normal_password(again):
        return "differs"
    own = (request.app[SETTINGS].clinic.name, staff_of(request).name)
    return password_problem(given, common_words(), own)


def _password(
    request: web.Request, status: int = 200, problem: PasswordProblem | None = None
) -> web.Response:
    return part(
        request,
        f"{FOLDER}/password.html",
        status=status,
        problem=problem,
        later=may_put_off(request),
        shortest=SHORTEST,
        longest=LONGEST,
    )


async def _app(request: web.Request, status: int = 200) -> web.Response:
    clinic = request.app[SETTINGS].clinic.name
    async with request.app[DATABASE].transaction() as tx:
        found = await second_step.pending_app(tx, request.app[KEYS], staff_of(request), clinic)
    secret, address = found or ("", "")
    return part(
        request,
        f"{FOLDER}/app.html",
        status=status,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        picture=picture(address) if address else "",
        wrong=status != 200,
        later=may_put_off(request),
    )
