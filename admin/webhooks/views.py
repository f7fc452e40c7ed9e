"""Where other systems are told what happens here, and what became of what was told."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from multidict import MultiDictProxy

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, staff_of
from clinic.db import Tx
from clinic.staff.access.webhooks import (
    TURNS,
    access_add_endpoint,
    access_catch_up,
    access_change_endpoint,
    access_deliveries,
    access_endpoint,
    access_endpoints,
    access_passed,
    access_redeliver,
    access_rotate,
    access_test,
    access_turn,
)
from clinic.webhook.catching_up import AT_MOST
from clinic.webhook.rules import LONGEST_NAME, LONGEST_URL, ROTATION, read_kinds
from clinic.webhook.types import Endpoint, Kind, Wanted

AT = "webhooks"  # the menu's entry
PATH = "/settings/webhooks"
MOST = 50  # deliveries on a page
FILTERS: Mapping[str, tuple[Any, ...]] = {
    "all": (),
    "waiting": ("pending", "leased"),
    "dead": ("dead",),
    "delivered": ("delivered",),
}
DONE = ("saved", "sent", "again", "pause", "resume", "restore")
BACK = (1, 6, 24, 72, 168, 720)  # hours that an endpoint may catch up
NOTHING = Wanted("", "https://", ())


async def listing(request: web.Request) -> web.Response:
    """All endpoints, and the form for a new one."""
    async with request.app[DATABASE].transaction() as tx:
        return await _listing(request, tx, NOTHING)


async def add(request: web.Request) -> web.Response:
    """Add an endpoint and show its secret, this once."""
    wanted = _wanted(await request.post())
    async with request.app[DATABASE].transaction() as tx:
        made = await access_add_endpoint(
            tx, request.app[KEYS], request.app[SETTINGS].webhooks, staff_of(request), wanted
        )
        match made:
            case (int(endpoint_id), secret):
                return await _secret(request, tx, endpoint_id, str(secret), fresh=True)
        return await _listing(request, tx, wanted, problems=made)


async def show(request: web.Request) -> web.Response:
    """One endpoint with what went to it."""
    async with request.app[DATABASE].transaction() as tx:
        return await _show(request, tx, await _endpoint(request, tx))


async def save(request: web.Request) -> web.StreamResponse:
    """Write an endpoint anew."""
    wanted = _wanted(await request.post())
    async with request.app[DATABASE].transaction() as tx:
        one = await _endpoint(request, tx)
        problems = await access_change_endpoint(
            tx, request.app[KEYS], request.app[SETTINGS].webhooks, staff_of(request), one.id, wanted
        )
        if problems:
            return await _show(request, tx, one, wanted=wanted, problems=problems)
    return go_to(f"{PATH}/{one.id}?done=saved")


async def act(request: web.Request) -> web.StreamResponse:
    """Test, pause, resume, remove, bring back, change the secret, send dead letters again."""
    posted = await request.post()
    wanted = str(posted.get("act", ""))
    endpoint_id, staff = int(request.match_info["endpoint"]), staff_of(request)
    async with request.app[DATABASE].transaction() as tx:
        if wanted == "rotate":
            secret = await access_rotate(tx, request.app[KEYS], staff, endpoint_id)
            if secret is None:
                raise web.HTTPNotFound
            return await _secret(request, tx, endpoint_id, secret, fresh=False)
        if wanted == "test":
            done, told = await access_test(tx, staff, endpoint_id), "sent"
        elif wanted == "catch_up":
            hours = next((n for n in BACK if str(n) == posted.get("hours")), BACK[0])
            within = timedelta(hours=hours)
            done, told = bool(await access_catch_up(tx, staff, endpoint_id, within)), "again"
        elif wanted == "redeliver":
            done, told = bool(await access_redeliver(tx, staff, endpoint_id)), "again"
        else:
            turn = next((one for one in TURNS if one == wanted), None)
            if turn is None:
                raise web.HTTPUnprocessableEntity
            done, told = await access_turn(tx, staff, endpoint_id, turn), turn
    if not done:
        raise web.HTTPConflict
    if told == "remove":
        return go_to(f"{PATH}?removed={endpoint_id}")
    return go_to(f"{PATH}/{endpoint_id}?done={told}")


async def redeliver(request: web.Request) -> web.StreamResponse:
    """Send one delivery again, under the id it had."""
    endpoint_id = int(request.match_info["endpoint"])
    delivery_id = int(request.match_info["delivery"])
    async with request.app[DATABASE].transaction() as tx:
        if not await access_redeliver(tx, staff_of(request), endpoint_id, delivery_id):
            raise web.HTTPConflict
    return go_to(f"{PATH}/{endpoint_id}?done=again")


# Inside -------------------------------------------------------------------------------------------


def _wanted(form: "MultiDictProxy[Any]") -> Wanted:
    kinds = read_kinds([str(one) for one in form.getall("kind", [])])
    name = " ".join(str(form.get("name", "")).split())
    return Wanted(name, str(form.get("url", "")).strip(), kinds)


async def _endpoint(request: web.Request, tx: Tx) -> Endpoint:
    found = await access_endpoint(
        tx, request.app[KEYS], staff_of(request), int(request.match_info["endpoint"])
    )
    if found is None:
        raise web.HTTPNotFound
    return found


async def _listing(
    request: web.Request, tx: Tx, wanted: Wanted, problems: tuple[Any, ...] = ()
) -> web.Response:
    removed = request.query.get("removed", "")
    rows = await access_endpoints(tx, request.app[KEYS], staff_of(request))
    return await page(
        request,
        tx,
        "webhooks/templates/list.html",
        AT,
        status=422 if problems else 200,
        rows=[(one, urlsplit(one.url).netloc) for one in rows],
        removed=int(removed) if removed.isdecimal() and len(removed) < 19 else None,
        **_form(wanted, problems),
    )


async def _show(
    request: web.Request,
    tx: Tx,
    one: Endpoint,
    *,
    wanted: Wanted | None = None,
    problems: tuple[str, ...] = (),
) -> web.Response:
    chosen = request.query.get("show", "all")
    before = request.query.get("before", "")
    rows = await access_deliveries(
        tx,
        staff_of(request),
        one.id,
        FILTERS.get(chosen, ()),
        int(before) if before.isdecimal() and len(before) < 19 else None,
        MOST,
    )
    done = request.query.get("done", "")
    passed = [
        (hours, n)
        for hours in BACK
        if (n := await access_passed(tx, staff_of(request), one.id, timedelta(hours=hours)))
    ]
    return await page(
        request,
        tx,
        "webhooks/templates/show.html",
        AT,
        status=422 if problems else 200,
        one=one,
        rows=rows,
        filters=FILTERS,
        chosen=chosen if chosen in FILTERS else "all",
        passed=passed,
        at_most=AT_MOST,
        more=rows[-1].id if len(rows) == MOST else None,
        done=done if done in DONE else "",
        **_form(wanted or Wanted(one.name, one.url, one.kinds), problems),
    )


async def _secret(
    request: web.Request, tx: Tx, endpoint_id: int, secret: str, *, fresh: bool
) -> web.Response:
    return await page(
        request,
        tx,
        "webhooks/templates/secret.html",
        AT,
        endpoint=endpoint_id,
        secret=secret,
        fresh=fresh,
        hours=int(ROTATION.total_seconds() // 3600),
    )


def _form(wanted: Wanted, problems: tuple[Any, ...]) -> dict[str, Any]:
    """What the form of an endpoint shows."""
    return {
        "wanted": wanted,
        "problems": problems,
        "kinds": list(Kind),
        "longest_name": LONGEST_NAME,
        "longest_url": LONGEST_URL,
    }
