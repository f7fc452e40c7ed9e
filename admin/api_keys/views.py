"""Keys by which other programs use the API."""

from collections.abc import Sequence

from aiohttp import web

from admin.keys import DATABASE, SETTINGS
from admin.page import go_to, page, staff_of
from clinic.api_key.rules import NAME_LENGTH, RATE, RATES
from clinic.api_key.service import access_keys, add_key, revoke_key
from clinic.api_key.types import KeyProblem, MadeKey, Scope
from clinic.db import Tx

AT = "api_keys"  # the menu's entry
PATH = "/settings/api-keys"


async def listing(request: web.Request) -> web.Response:
    """All keys, and the form for a new one."""
    async with request.app[DATABASE].transaction() as tx:
        return await _show(request, tx)


async def add(request: web.Request) -> web.Response:
    """Make a key and show it, this once."""
    form = await request.post()
    name, scopes = str(form.get("name", "")), [str(one) for one in form.getall("scope", [])]
    rate = str(form.get("rate", ""))
    number = int(rate) if rate.isascii() and rate.isdigit() and len(rate) < 9 else 0
    async with request.app[DATABASE].transaction() as tx:
        made = await add_key(tx, name, scopes, number, by=staff_of(request))
        if made is None:
            raise web.HTTPForbidden
        if isinstance(made, KeyProblem):
            return await _show(
                request, tx, problem=made, name=name, chosen=scopes, rate=rate, status=422
            )
        return await _show(request, tx, made=made)


async def revoke(request: web.Request) -> web.StreamResponse:
    """End a key for good."""
    async with request.app[DATABASE].transaction() as tx:
        done = await revoke_key(tx, int(request.match_info["key"]), by=staff_of(request))
    if not done:
        raise web.HTTPConflict
    return go_to(f"{PATH}?revoked=yes")


def public_address(request: web.Request) -> str:
    """Where other programs find the clinic, without a slash at its end."""
    server = request.app[SETTINGS].server
    return (server.public_url or f"http://{server.host}:{server.port}").rstrip("/")


async def _show(
    request: web.Request,
    tx: Tx,
    *,
    status: int = 200,
    made: MadeKey | None = None,
    problem: KeyProblem | None = None,
    name: str = "",
    chosen: Sequence[str] = (),
    rate: str = str(RATE),
) -> web.Response:
    return await page(
        request,
        tx,
        "api_keys/templates/list.html",
        AT,
        status=status,
        rows=await access_keys(tx, staff_of(request)),
        scopes=list(Scope),
        made=made,
        problem=problem,
        name=name,
        chosen=chosen,
        rate=rate,
        rates=RATES,
        longest=NAME_LENGTH,
        revoked=request.query.get("revoked") == "yes",
        address=public_address(request),
    )
