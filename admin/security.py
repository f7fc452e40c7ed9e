"""What guards every request of the panel: headers, sessions, roles and forged forms.

The cookie is `__Host-kayoi` under https. Over plain http, which only a browser on the same machine
may use, browsers refuse that prefix, so there it is `kayoi_admin` without Secure.
"""

import hmac
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from admin.keys import DATABASE, SESSION, SETTINGS, TABLE
from admin.table import Handler, Row
from clinic.staff.rules import ABSOLUTE, browser_of
from clinic.staff.sessions import session_of
from clinic.staff.types import Came, Session

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "media-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; "
        "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # With no-referrer browsers would call the origin of our own forms "null".
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=31536000"
SECURE_COOKIE = "__Host-kayoi"
PLAIN_COOKIE = "kayoi_admin"
SAFE = frozenset({"GET", "HEAD"})
LOOPBACK = ("127.0.0.0/8", "::1/128")
PROXIED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP")
SET_UP = "/account/second-step"
FORM = "application/x-www-form-urlencoded"
FILES = "multipart/form-data"
MOST_FIELDS = 120  # of a form with files: a thousand would hold everybody up for 0.2 s


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler: every response of the application, errors too."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.popall("Server", None)
    if is_https(request):
        response.headers["Strict-Transport-Security"] = HSTS


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request through only if its row in the table allows it.

    Raises HTTPUnauthorized without a good session, HTTPForbidden for another role, a foreign
    origin or a missing token.
    """
    if request.match_info.http_exception is not None:  # no such page
        return await handler(request)
    row = row_of(request)
    _refuse_zeros(request.query.values())
    if request.method not in SAFE:
        _refuse_foreign(request, row)
    if row.roles is None:
        return await handler(request)
    session = await _session(request, row)
    request[SESSION] = session
    if session.staff.role not in row.roles:
        raise web.HTTPForbidden(reason="role")
    first = _needed_first(request, row, session)
    if first is not None:
        return first
    if request.method not in SAFE:
        if row.files:
            request = request.clone(client_max_size=row.files, client_max_fields=MOST_FIELDS)
        await _check_token(request, session)
    return await handler(request)


def row_of(request: web.Request) -> Row:
    """The table's row for a request. Raises KeyError, which start-up rules out."""
    resource = request.match_info.route.resource
    method = "GET" if request.method == "HEAD" else request.method
    return request.app[TABLE][method, resource.canonical if resource else ""]


def may_put_off(request: web.Request) -> bool:
    """Whether somebody without a second step may work all the same: on the panel's own machine,
    with no proxy between, where the clinic has not ruled that out."""
    between = any(name in request.headers for name in PROXIED)
    here = _within(request.remote, *LOOPBACK) and not is_https(request) and not between
    return here and request.app[SETTINGS].admin.second_step == "remote"


def came_from(request: web.Request) -> Came:
    """The browser's address, as the nearest proxies of ours saw it, and what it calls itself."""
    trusted = request.app[SETTINGS].server.trusted_proxies
    chain = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    remote = request.remote or ""
    while any(_within(remote, one) for one in trusted) and chain:
        remote = chain.pop().strip() or remote
    return Came(remote[:45], browser_of(request.headers.get("User-Agent", "")))


def is_https(request: web.Request) -> bool:
    """Whether the browser's own connection is encrypted, as a trusted proxy tells."""
    if request.secure:
        return True
    forwarded = request.headers.get("X-Forwarded-Proto", "").lower() == "https"
    trusted = request.app[SETTINGS].server.trusted_proxies
    return forwarded and any(_within(request.remote, network) for network in trusted)


def may_carry_cookie(request: web.Request) -> bool:
    """Whether a session cookie may be set: not over a network in the clear."""
    return is_https(request) or _within(request.remote, *LOOPBACK)


def set_cookie(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Give the browser its session.

    Lax, not Strict: who follows a link to a page of the panel while signed in arrives signed in.
    """
    secure = is_https(request)
    response.set_cookie(
        SECURE_COOKIE if secure else PLAIN_COOKIE,
        token,
        max_age=int(ABSOLUTE.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """Take the session away from the browser."""
    secure = is_https(request)
    response.del_cookie(
        SECURE_COOKIE if secure else PLAIN_COOKIE,
        path="/",
        secure=secure,
        httponly=True,
        samesite="Lax",
    )


async def session_again(request: web.Request) -> Session | None:
    """The session of a request that goes on for long, as it is now; None once it is over."""
    try:
        return await _session(request, row_of(request))
    except web.HTTPUnauthorized:
        return None


async def _session(request: web.Request, row: Row) -> Session:
    token = request.cookies.get(SECURE_COOKIE if is_https(request) else PLAIN_COOKIE)
    if not token:
        raise web.HTTPUnauthorized
    async with request.app[DATABASE].transaction() as tx:
        session = await session_of(tx, token, prolong=row.by_person)
    if session is None:
        raise web.HTTPUnauthorized
    return session


def _needed_first(request: web.Request, row: Row, session: Session) -> web.Response | None:
    """Where somebody is sent before this: to set a second step up, or to show a code anew."""
    if not session.secured:
        if row.unfinished or may_put_off(request):
            return None
        path = SET_UP
    elif row.fresh and not session.proved:
        path = f"/prove?{urlencode({'back': _way_back(request)})}"
    else:
        return None
    if request.headers.get("HX-Request") == "true":
        return web.Response(headers={"HX-Redirect": path})
    return web.Response(status=303, headers={"Location": path})


def _way_back(request: web.Request) -> str:
    """The page that somebody is on or wants, to come back to it."""
    if request.method in SAFE:
        return request.rel_url.path_qs
    before = urlsplit(request.headers.get("Referer", ""))
    return before.path if before.netloc == request.host and before.path else "/"


def _refuse_foreign(request: web.Request, row: Row) -> None:
    """A browser says which site a form was on; ours are all on this one."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    if site != "same-origin" or (origin is not None and urlsplit(origin).netloc != request.host):
        raise web.HTTPForbidden(reason="origin")
    charset = (request.charset or "utf-8").lower()
    kinds = (FORM, FILES) if row.files else (FORM,)
    if request.body_exists and (request.content_type not in kinds or charset != "utf-8"):
        raise web.HTTPUnsupportedMediaType


async def _check_token(request: web.Request, session: Session) -> None:
    try:
        form = await request.post()
    except (ValueError, HttpProcessingError) as error:  # a form with files that is torn
        raise web.HTTPBadRequest from error
    token = request.headers.get("X-CSRF-Token") or str(form.get("csrf", ""))
    given = token.encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(given, session.csrf_token.encode()):
        for field in form.values():
            if isinstance(field, web.FileField):
                field.file.close()
        raise web.HTTPForbidden(reason="token")
    _refuse_zeros((*form.keys(), *form.values()))


def _refuse_zeros(values: Iterable[object]) -> None:
    """No text of PostgreSQL holds the sign zero, and no browser sends it."""
    if any(isinstance(value, str) and "\0" in value for value in values):
        raise web.HTTPBadRequest


def _within(address: str | None, *networks: str) -> bool:
    try:
        return any(ip_address(address or "") in ip_network(one, strict=False) for one in networks)
    except ValueError:
        return False
