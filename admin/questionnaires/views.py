"""Questionnaires: their versions, how patients see them, whom they are sent to."""

from functools import partial
from typing import Any

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, is_partial, page, part, speech_of, staff_of, words_of
from admin.questionnaires import preview, shown
from clinic.booking.search import list_services
from clinic.db import Tx
from clinic.questionnaire.service import load
from clinic.staff.access.patients import FOUND_AT_MOST, access_patients
from clinic.staff.access.questionnaires import (
    LISTED_AT_MOST,
    MOST_DAYS,
    TABS,
    Form,
    Relation,
    Tab,
    access_activate,
    access_add_rule,
    access_ask,
    access_cancel_request,
    access_form_rules,
    access_forms,
    access_reachable,
    access_requests,
    access_retire,
    access_switch_rule,
    access_versions,
)

AT = "questionnaires"  # the menu's entry
DONE = ("uploaded", "activated", "retired", "rule", "asked", "already", "cancelled")
RELATIONS: tuple[Relation, ...] = ("before", "after")


async def listing(request: web.Request) -> web.Response:
    """All questionnaires of the clinic."""
    async with request.app[DATABASE].transaction() as tx:
        forms = await access_forms(tx, staff_of(request), speech_of(request).language)
        return await page(request, tx, "questionnaires/templates/list.html", AT, forms=forms)


async def show(request: web.Request) -> web.Response:
    """One version: what it asks, as a patient sees it, the other versions, and its rules."""
    async with request.app[DATABASE].transaction() as tx:
        return await _show(request, tx)


async def play(request: web.Request) -> web.Response:
    """The next screen of the preview. Changes nothing."""
    posted = await request.post()
    pressed = preview.Pressed(
        choice=str(posted.get("choice", "")),
        said=str(posted.get("said", "")),
        day=str(posted.get("day", "")),
        photo=posted.get("photo") == "yes",
    )
    async with request.app[DATABASE].transaction() as tx:
        return await _show(
            request,
            tx,
            language=str(posted.get("language", "")),
            played=(str(posted.get("state", "")), pressed),
        )


async def activate(request: web.Request) -> web.StreamResponse:
    """Ask this version from now on."""
    async with request.app[DATABASE].transaction() as tx:
        if not await access_activate(tx, staff_of(request), _id(request)):
            raise web.HTTPNotFound
    return go_to(f"/questionnaires/{_id(request)}?done=activated")


async def retire(request: web.Request) -> web.StreamResponse:
    """Do not ask it any more."""
    async with request.app[DATABASE].transaction() as tx:
        if not await access_retire(tx, staff_of(request), _id(request)):
            raise web.HTTPNotFound
    return go_to(f"/questionnaires/{_id(request)}?done=retired")


async def add_rule(request: web.Request) -> web.StreamResponse:
    """Send it by itself before or after visits of a service."""
    posted = await request.post()
    relation = next((one for one in RELATIONS if one == posted.get("relation")), None)
    service, days = _whole(posted.get("service")), _whole(posted.get("days"))
    if relation is None or service is None or days is None:
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        if not await access_versions(tx, staff_of(request), _id(request), "en"):
            raise web.HTTPNotFound
        if not await access_add_rule(tx, staff_of(request), _id(request), service, relation, days):
            raise web.HTTPUnprocessableEntity
    return go_to(f"/questionnaires/{_id(request)}?done=rule#rules")


async def switch_rule(request: web.Request) -> web.StreamResponse:
    """Switch a rule off, or on again."""
    posted = await request.post()
    active, back = posted.get("active") == "yes", _whole(posted.get("back"))
    rule_id = int(request.match_info["rule"])
    async with request.app[DATABASE].transaction() as tx:
        if not await access_switch_rule(tx, staff_of(request), rule_id, active):
            raise web.HTTPNotFound
    return go_to(f"/questionnaires/{back}?done=rule#rules" if back else "/questionnaires")


async def choose(request: web.Request) -> web.Response:
    """Whom to ask."""
    staff, words = staff_of(request), await words_of(request)
    async with request.app[DATABASE].transaction() as tx:
        form = await version_of(request, tx)
        if form.status != "active":
            raise web.HTTPConflict
        found = await access_patients(tx, request.app[KEYS], staff, words)
        values: dict[str, Any] = {
            "form": form,
            "q": words,
            "found": found,
            "most": FOUND_AT_MOST,
            "most_days": MOST_DAYS,
            "reachable": await access_reachable(
                tx, request.app[SETTINGS], [one.id for one in found]
            ),
        }
        if is_partial(request):
            return part(request, "questionnaires/templates/patients.html", **values)
        return await page(request, tx, "questionnaires/templates/ask.html", AT, **values)


async def ask(request: web.Request) -> web.StreamResponse:
    """Ask a patient, now or in some days."""
    posted = await request.post()
    patient, days = _whole(posted.get("patient")), _whole(posted.get("days", "0"))
    if patient is None or days is None or days > MOST_DAYS:
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        outcome = await access_ask(tx, staff_of(request), _id(request), patient, days)
    if outcome is None:
        raise web.HTTPNotFound
    return go_to(f"/questionnaires/requests?done={outcome}")


async def requests(request: web.Request) -> web.Response:
    """Who is asked what, and what became of it."""
    tab: Tab = next((one for one in TABS if one == request.query.get("state")), "open")
    async with request.app[DATABASE].transaction() as tx:
        return await page(
            request,
            tx,
            "questionnaires/templates/requests.html",
            AT,
            tab=tab,
            tabs=tuple(TABS),
            rows=await access_requests(tx, staff_of(request), tab, speech_of(request).language),
            most=LISTED_AT_MOST,
            done=_done(request),
        )


async def cancel(request: web.Request) -> web.StreamResponse:
    """Take a request back."""
    request_id = int(request.match_info["asked"])
    async with request.app[DATABASE].transaction() as tx:
        if not await access_cancel_request(tx, staff_of(request), request_id):
            raise web.HTTPNotFound
    return go_to("/questionnaires/requests?done=cancelled")


async def _show(
    request: web.Request,
    tx: Tx,
    *,
    language: str = "",
    played: tuple[str, preview.Pressed] | None = None,
) -> web.Response:
    staff, speech, settings = staff_of(request), speech_of(request), request.app[SETTINGS]
    versions = await access_versions(tx, staff, _id(request), speech.language)
    if versions is None:
        raise web.HTTPNotFound
    version = next(one for one in versions if one.id == _id(request))
    form = await load(tx, version.id)
    wanted = language or request.query.get("language", speech.language)
    tongue = next((tag for tag in settings.clinic.languages if tag == wanted), speech.language)
    now = await tx.fetchval("select now()")
    ctx = preview.context(settings, now, tongue, version.id, form)
    screen = (
        preview.go_on(version.id, form, ctx, *played)
        if played
        else preview.begin(version.id, form, ctx)
    )
    values: dict[str, Any] = {
        "form": version,
        "tongue": tongue,
        "screen": screen,
        "alarm": shown.flags(version.url, [screen.alarm], speech.language)[0]
        if screen.alarm
        else None,
    }
    if is_partial(request):
        return part(request, "questionnaires/templates/phone.html", **values)
    return await page(
        request,
        tx,
        "questionnaires/templates/form.html",
        AT,
        versions=versions,
        outline=shown.outline(form, speech),
        notes=form.notes,
        worded=partial(shown.worded, speech),
        rules=await access_form_rules(tx, version.url, speech.language),
        services=await list_services(tx, speech.language),
        relations=RELATIONS,
        most_days=MOST_DAYS,
        done=_done(request),
        **values,
    )


async def version_of(request: web.Request, tx: Tx) -> Form:
    """The version that the address names. Raises HTTPNotFound."""
    language = speech_of(request).language
    versions = await access_versions(tx, staff_of(request), _id(request), language)
    if versions is None:
        raise web.HTTPNotFound
    return next(one for one in versions if one.id == _id(request))


def _done(request: web.Request) -> str | None:
    return next((one for one in DONE if one == request.query.get("done")), None)


def _id(request: web.Request) -> int:
    return int(request.match_info["questionnaire"])


def _whole(text: object) -> int | None:
    """A number of a form field, of at most 18 digits."""
    words = str(text)
    return int(words) if words.isascii() and words.isdecimal() and len(words) <= 18 else None
