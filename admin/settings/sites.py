"""The places where the clinic sees patients."""

from collections.abc import Mapping
from zoneinfo import available_timezones

from aiohttp import web

from admin.keys import DATABASE, SETTINGS
from admin.page import go_to, staff_of
from admin.settings.shown import number, posted, setup_page
from clinic.booking import setup
from clinic.booking.setup_rules import LANGUAGES, Fault, SiteDraft, read_site
from clinic.db import Tx


async def listing(request: web.Request) -> web.Response:
    """All sites."""
    async with request.app[DATABASE].transaction() as tx:
        return await setup_page(request, tx, "sites", "sites", rows=await setup.sites(tx))


async def new(request: web.Request) -> web.Response:
    """The form of a site to add."""
    zone = request.app[SETTINGS].clinic.time_zone
    async with request.app[DATABASE].transaction() as tx:
        return await _form(request, tx, None, {"time_zone": zone, "active": "yes"}, ())


async def show(request: web.Request) -> web.Response:
    """The form of one."""
    async with request.app[DATABASE].transaction() as tx:
        site = next((x for x in await setup.sites(tx) if x.id == number(request, "site")), None)
        if site is None:
            raise web.HTTPNotFound
        values = {"time_zone": site.time_zone, **({"active": "yes"} if site.active else {})}
        for language in LANGUAGES:
            values[f"name.{language}"] = site.name.get(language, "")
            values[f"address.{language}"] = site.address.get(language, "")
        return await _form(request, tx, site, values, ())


async def save(request: web.Request) -> web.StreamResponse:
    """Add a site, or change one."""
    values = await posted(request)
    given = request.match_info.get("site")
    draft = read_site(values)
    async with request.app[DATABASE].transaction() as tx:
        if not isinstance(draft, SiteDraft):
            site = next((x for x in await setup.sites(tx) if str(x.id) == given), None)
            return await _form(request, tx, site, values, draft)
        saved = await setup.save_site(
            tx, staff_of(request).id, int(given) if given else None, draft
        )
    if saved is None:
        raise web.HTTPNotFound
    return go_to("/settings/sites?saved")


async def _form(
    request: web.Request,
    tx: Tx,
    site: setup.SiteRow | None,
    values: Mapping[str, str],
    faults: tuple[Fault, ...],
) -> web.Response:
    return await setup_page(
        request,
        tx,
        "site",
        "sites",
        status=422 if faults else 200,
        site=site,
        values=values,
        faults=faults,
        zones=sorted(zone for zone in available_timezones() if "/" in zone),
    )
