"""The settings that staff change: pages of fields, what was changed, and taking it back."""

from typing import Any

from aiohttp import web

from admin.keys import DATABASE, LIVE_SETTINGS, SETTINGS, TABLE
from admin.menu import SETTINGS_MENU, menu_of
from admin.page import go_to, page, speech_of, staff_of
from admin.settings import form
from admin.settings.readings import called
from admin.settings.texts import PLACES_SHOWN, samples
from clinic.consent.service import agreed
from clinic.db import Tx
from clinic.setting import service
from clinic.setting.types import SECTIONS
from clinic.staff.access.lapse import access_groups
from clinic.staff.access.settings import access_save_settings, access_undo_settings
from clinic.staff.types import Role

CHANGES_AT_ONCE = 40


async def index(request: web.Request) -> web.Response:
    """All settings that this role may see, under their headings."""
    groups = menu_of(SETTINGS_MENU, staff_of(request).role, request.app[TABLE])
    async with request.app[DATABASE].transaction() as tx:
        return await page(request, tx, "settings/templates/index.html", "settings", groups=groups)


async def show(request: web.Request) -> web.Response:
    """One page of fields."""
    return await _show(request, _section(request))


async def save(request: web.Request) -> web.StreamResponse:
    """Change what differs, all or nothing; then the page with a way to take it back."""
    section, posted_form = _section(request), await request.post()
    live, settings = request.app[LIVE_SETTINGS], request.app[SETTINGS]
    posted, wanted, faults = form.read(
        settings,
        SECTIONS[section],
        live.fixed,
        posted_form,
        lambda name: [str(one) for one in posted_form.getall(name, [])],
    )
    seen = str(posted_form.get("seen", ""))
    if faults or not seen.isdecimal() or len(seen) > 18:
        return await _show(request, section, status=422, posted=posted, faults=faults)
    if not wanted:
        return go_to(f"/settings/{section}?done=0")
    async with request.app[DATABASE].transaction() as tx:
        made = await access_save_settings(
            tx, staff_of(request), settings, wanted, live.fixed, int(seen)
        )
    if made is None:  # somebody else was quicker
        await _reload(request)
        return await _show(request, section, status=409, posted=posted, quicker=True)
    await _reload(request)
    return go_to(f"/settings/{section}?done={'-'.join(str(one) for one in made)}")


async def undo(request: web.Request) -> web.StreamResponse:
    """Give settings the values that they had before."""
    posted = await request.post()
    ids = _ids(str(posted.get("changes", "")))
    back = str(posted.get("back", ""))
    back = back if back in SECTIONS else "history"
    async with request.app[DATABASE].transaction() as tx:
        done = bool(ids) and await access_undo_settings(tx, staff_of(request), ids)
    await _reload(request)
    return go_to(f"/settings/{back}?{'undone=1' if done else 'late=1'}")


async def history(request: web.Request) -> web.Response:
    """Who changed what, newest first."""
    before = request.query.get("before", "")
    async with request.app[DATABASE].transaction() as tx:
        changes = await service.history(
            tx, int(before) if before.isdecimal() and len(before) < 19 else None
        )
        return await page(
            request,
            tx,
            "settings/templates/history.html",
            "settings_history",
            changes=changes,
            limit=lambda name: called(speech_of(request), name),
            more=changes[-1].id if len(changes) == service.HISTORY else None,
            undone="undone" in request.query,
            late="late" in request.query,
        )


async def _show(
    request: web.Request,
    section: str,
    *,
    status: int = 200,
    posted: dict[str, Any] | None = None,
    faults: dict[str, str] | None = None,
    quicker: bool = False,
) -> web.Response:
    live, settings = request.app[LIVE_SETTINGS], request.app[SETTINGS]
    async with request.app[DATABASE].transaction() as tx:
        if await live.refresh(tx):
            settings = request.app[SETTINGS]
        changed = await service.changed(tx)
        return await page(
            request,
            tx,
            "settings/templates/section.html",
            f"settings_{section}",
            status=status,
            section=section,
            fields=form.fields(settings, SECTIONS[section], live.fixed, changed, posted, faults),
            seen=live.version,
            done=_ids(request.query.get("done", "")),
            confirmed="confirmed" in request.query,
            saved="done" in request.query,
            undone="undone" in request.query,
            late="late" in request.query,
            wrong=bool(faults),
            quicker=quicker,
            **await _more(request, tx, section),
        )


async def _more(request: web.Request, tx: Tx, section: str) -> dict[str, Any]:
    """What a page shows below its fields."""
    settings = request.app[SETTINGS]
    found: dict[str, Any] = {"groups": [], "samples": [], "asked_again": None}
    if section == "groups":
        found["groups"] = await access_groups(tx, staff_of(request))
    if section == "texts":
        clinic = settings.clinic
        found["samples"] = samples(settings, clinic.own_greeting, clinic.own_notice)
        found["asked_again"] = await agreed(tx, clinic.notice_in_force)
        found["version"] = clinic.notice_in_force
        found["places"] = PLACES_SHOWN
    return found


async def _reload(request: web.Request) -> None:
    async with request.app[DATABASE].transaction() as tx:
        await request.app[LIVE_SETTINGS].reload(tx)


def _section(request: web.Request) -> str:
    section = request.path.rsplit("/", 1)[-1]
    assert section in SECTIONS
    assert staff_of(request).role is Role.ADMIN
    return section


def _ids(text: str) -> list[int]:
    parts = text.split("-")[:CHANGES_AT_ONCE]
    return [int(one) for one in parts if one.isdecimal() and 0 < len(one) < 19 and int(one)]
