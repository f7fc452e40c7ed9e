"""The rules of the triage: what there is, who signed it, and what each of them asks."""

from typing import Any

from aiohttp import web

from admin.keys import DATABASE, SETTINGS
from admin.page import WORDS_LENGTH, go_to, is_partial, page, part, speech_of, staff_of
from admin.triage import shown
from clinic.db import Tx
from clinic.staff.access.triage import access_sign_rule, access_signatures
from clinic.triage.load import catalogue
from clinic.triage.rules import ENGINE
from clinic.triage.texts import BASE, in_force, rule_of
from clinic.triage.types import LEVELS, Base, Presentation

AT = "triage"  # the menu's entry


async def listing(request: web.Request) -> web.Response:
    """All presentations, or those that hold what was typed."""
    words = request.query.get("q", "")[:WORDS_LENGTH]
    unsigned = request.query.get("unsigned") == "1"
    async with request.app[DATABASE].transaction() as tx:
        signed = await access_signatures(tx)
        rows = [(one, shown.standing(one, signed)) for one in shown.found(catalogue(), words)]
        values: dict[str, Any] = {
            "rows": [(one, it) for one, it in rows if not (unsigned and it.valid)],
            "stops": shown.stops,
            "q": words,
            "unsigned": unsigned,
        }
        if is_partial(request):
            return part(request, "triage/templates/rows.html", **values)
        known = [shown.standing(one, signed) for one in catalogue().values()]
        base = shown.base_standing(_base(), signed)
        return await page(
            request,
            tx,
            "triage/templates/list.html",
            AT,
            base=base,
            signed=sum(one.valid for one in (*known, base)),
            total=len(known) + 1,
            **values,
        )


async def show(request: web.Request) -> web.Response:
    """One presentation, or what everybody is asked, to be read in any language."""
    async with request.app[DATABASE].transaction() as tx:
        return await _show(request, tx)


async def sign(request: web.Request) -> web.StreamResponse:
    """A doctor stands for the text that was read."""
    rule, version, content, digest = _text(request)
    if (await request.post()).get("digest") != digest:  # it has changed since it was opened
        raise web.HTTPConflict
    async with request.app[DATABASE].transaction() as tx:
        if not await access_sign_rule(tx, staff_of(request), rule, version, content):
            raise web.HTTPForbidden(reason="role")
    return go_to(f"{request.path.removesuffix('/sign')}?signed=1")


async def _show(request: web.Request, tx: Tx) -> web.Response:
    speech, settings = speech_of(request), request.app[SETTINGS]
    wanted = request.query.get("language", speech.language)
    tongue = next((tag for tag in settings.clinic.languages if tag == wanted), speech.language)
    signed = await access_signatures(tx)
    presentation = _presentation(request)
    base = presentation.base if presentation else _base()
    return await page(
        request,
        tx,
        "triage/templates/rule.html" if presentation else "triage/templates/base.html",
        AT,
        one=presentation,
        base=base,
        standing=shown.standing(presentation, signed)
        if presentation
        else shown.base_standing(base, signed),
        base_standing=shown.base_standing(base, signed),
        versions=await in_force(tx, presentation.id) if presentation else [],
        engine=ENGINE,
        levels=LEVELS,
        tongue=tongue,
        done="signed" in request.query,
    )


def _presentation(request: web.Request) -> Presentation | None:
    """The presentation of the address; None: it is the base. Raises HTTPNotFound."""
    name = request.match_info["topic"]
    if name != BASE and name not in catalogue():
        raise web.HTTPNotFound
    return catalogue().get(name)


def _text(request: web.Request) -> tuple[str, int, Any, str]:
    one = _presentation(request)
    if one is not None:
        its = shown.standing(one, {})
        return rule_of(one.id), one.version, one.content, its.digest
    base = _base()
    return BASE, base.version, base.content, shown.base_standing(base, {}).digest


def _base() -> Base:
    return next(iter(catalogue().values())).base
