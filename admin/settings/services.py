"""What patients can book."""

from collections.abc import Mapping

from aiohttp import web

from admin.keys import DATABASE
from admin.page import go_to, staff_of
from admin.settings.shown import number, posted, setup_page
from clinic.booking import setup
from clinic.booking.setup_rules import (
    BOUNDS,
    KINDS,
    LANGUAGES,
    REMINDERS,
    Fault,
    ServiceDraft,
    read_service,
)
from clinic.db import Tx

USUAL = {
    "duration": "15",
    "buffer_before": "0",
    "buffer_after": "0",
    "step": "15",
    "minimum_notice": "60",
    "horizon_days": "60",
    "cancel_notice": "120",
    "position": "0",
}


async def listing(request: web.Request) -> web.Response:
    """All services."""
    async with request.app[DATABASE].transaction() as tx:
        return await setup_page(request, tx, "services", "services", rows=await setup.services(tx))


async def new(request: web.Request) -> web.Response:
    """The form of one to add: what most services have, with all practitioners."""
    async with request.app[DATABASE].transaction() as tx:
        practitioners = [
            str(one.id)
            for one in await setup.resources(tx)
            if one.kind == "practitioner" and one.active
        ]
        usual = {"active": "yes", "reminders": "1440,120", "resources": ",".join(practitioners)}
        return await _form(request, tx, None, {**USUAL, **usual}, ())


async def show(request: web.Request) -> web.Response:
    """The form of one that is there."""
    async with request.app[DATABASE].transaction() as tx:
        one = await _find(tx, number(request, "service"))
        if one is None:
            raise web.HTTPNotFound
        values = {
            **{field: str(value) for field, value in one.numbers.items()},
            "reminders": ",".join(map(str, one.reminders)),
            "resources": ",".join(map(str, one.resources)),
            **({"active": "yes"} if one.active else {}),
            **{f"name.{language}": one.name.get(language, "") for language in LANGUAGES},
        }
        return await _form(request, tx, one, values, ())


async def save(request: web.Request) -> web.StreamResponse:
    """Add a service, or change one."""
    values = await posted(request)
    given = request.match_info.get("service")
    draft = read_service(values)
    async with request.app[DATABASE].transaction() as tx:
        one = await _find(tx, int(given)) if given else None
        if given and one is None:
            raise web.HTTPNotFound
        outcome: int | tuple[Fault, ...] | None = None
        if isinstance(draft, ServiceDraft):
            acting = staff_of(request).id
            outcome = await setup.save_service(tx, acting, one.id if one else None, draft)
        else:
            outcome = draft
        if isinstance(outcome, tuple):
            return await _form(request, tx, one, values, outcome)
    return go_to("/settings/services?saved")


async def _find(tx: Tx, service_id: int) -> setup.ServiceRow | None:
    return next((one for one in await setup.services(tx) if one.id == service_id), None)


async def _form(
    request: web.Request,
    tx: Tx,
    one: setup.ServiceRow | None,
    values: Mapping[str, str],
    faults: tuple[Fault, ...],
) -> web.Response:
    found = await setup.resources(tx)
    return await setup_page(
        request,
        tx,
        "service",
        "services",
        status=422 if faults else 200,
        one=one,
        values=values,
        faults=faults,
        bounds=BOUNDS,
        reminders=REMINDERS,
        chosen_reminders=values.get("reminders", "").split(","),
        chosen=values.get("resources", "").split(","),
        groups=[(kind, [row for row in found if row.kind == kind]) for kind in KINDS],
    )
