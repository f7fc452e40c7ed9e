"""The practitioners, rooms and devices that visits take."""

from collections.abc import Mapping

from aiohttp import web

from admin.keys import DATABASE
from admin.page import go_to, staff_of
from admin.settings.shown import number, posted, setup_page
from clinic.booking import setup
from clinic.booking.setup_rules import KINDS, LANGUAGES, Fault, ResourceDraft, read_resource
from clinic.db import Tx
from clinic.staff.access.colleagues import access_colleagues


async def listing(request: web.Request) -> web.Response:
    """All of them by kind."""
    async with request.app[DATABASE].transaction() as tx:
        rows = await setup.resources(tx)
        return await setup_page(
            request,
            tx,
            "practitioners",
            "practitioners",
            groups=[(kind, [row for row in rows if row.kind == kind]) for kind in KINDS],
        )


async def new(request: web.Request) -> web.Response:
    """The form of one to add."""
    kind = next((x for x in KINDS if x == request.query.get("kind")), KINDS[0])
    async with request.app[DATABASE].transaction() as tx:
        return await _form(request, tx, None, {"kind": kind, "active": "yes"}, ())


async def show(request: web.Request) -> web.Response:
    """The form of one that is there."""
    async with request.app[DATABASE].transaction() as tx:
        one = await _find(tx, number(request, "resource"))
        if one is None:
            raise web.HTTPNotFound
        values = {
            "kind": one.kind,
            "site": str(one.site_id or ""),
            "staff": str(one.staff_id or ""),
            **({"active": "yes"} if one.active else {}),
            **{f"name.{language}": one.name.get(language, "") for language in LANGUAGES},
        }
        return await _form(request, tx, one, values, ())


async def save(request: web.Request) -> web.StreamResponse:
    """Add one, or change it."""
    values = await posted(request)
    given = request.match_info.get("resource")
    async with request.app[DATABASE].transaction() as tx:
        one = await _find(tx, int(given)) if given else None
        if given and one is None:
            raise web.HTTPNotFound
        draft = read_resource({**values, **({"kind": one.kind} if one else {})})
        outcome: int | tuple[Fault, ...] | None = None
        if isinstance(draft, ResourceDraft):
            acting = staff_of(request).id
            outcome = await setup.save_resource(tx, acting, one.id if one else None, draft)
        else:
            outcome = draft
        if isinstance(outcome, tuple):
            return await _form(request, tx, one, values, outcome)
    return go_to("/settings/practitioners?saved")


async def _find(tx: Tx, resource_id: int) -> setup.ResourceRow | None:
    return next((one for one in await setup.resources(tx) if one.id == resource_id), None)


async def _form(
    request: web.Request,
    tx: Tx,
    one: setup.ResourceRow | None,
    values: Mapping[str, str],
    faults: tuple[Fault, ...],
) -> web.Response:
    return await setup_page(
        request,
        tx,
        "practitioner",
        "practitioners",
        status=422 if faults else 200,
        one=one,
        kind=one.kind if one else next((x for x in KINDS if x == values.get("kind")), KINDS[0]),
        kinds=KINDS,
        values=values,
        faults=faults,
        sites=await setup.sites(tx),
        colleagues=await access_colleagues(tx),
    )
