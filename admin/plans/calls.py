"""A patient of a plan is telephoned: the script, the number, and the questionnaire to fill in with
them. What they tell becomes an answer like any other, of the same series."""

from typing import Any

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, is_partial, page, part, speech_of, staff_of
from admin.plans import shown
from admin.questionnaires import preview
from admin.questionnaires.shown import flags
from admin.tasks.views import masked
from clinic.db import Tx
from clinic.questionnaire.service import load
from clinic.staff.access.plan_calls import (
    HOWS,
    Call,
    Told,
    access_alarm,
    access_answer,
    access_call,
    access_call_phone,
    access_told,
)

AT = "tasks"


async def show(request: web.Request) -> web.Response:
    """Whom to call, what to say, what to ask."""
    async with request.app[DATABASE].transaction() as tx:
        return await _show(request, tx, await _call(request, tx), None)


async def phone(request: web.Request) -> web.StreamResponse:
    """The patient's number in full, to be called."""
    async with request.app[DATABASE].transaction() as tx:
        number = await access_call_phone(tx, request.app[KEYS], staff_of(request), _id(request))
    if number is None:
        raise web.HTTPNotFound
    return part(request, "tasks/templates/number.html", number=number)


async def play(request: web.Request) -> web.StreamResponse:
    """The patient's next answer; the last one keeps them all."""
    posted = await request.post()
    pressed = preview.Pressed(
        choice=str(posted.get("choice", "")),
        said=str(posted.get("said", "")),
        day=str(posted.get("day", "")),
    )
    async with request.app[DATABASE].transaction() as tx:
        call = await _call(request, tx)
        if call.questionnaire_id is None or call.response_id is not None:
            raise web.HTTPConflict
        screen = await _screen(request, tx, call, (str(posted.get("state", "")), pressed))
        keys, staff = request.app[KEYS], staff_of(request)
        if screen.alarm is not None:
            await access_alarm(tx, keys, staff, call.activity_id, *screen.alarm)
        if screen.sent is None:
            return await _show(request, tx, call, screen)
        sent = screen.sent
        told = Told(speech_of(request).language, sent.given, sent.scores, sent.flags)
        made = await access_answer(tx, keys, staff, call.activity_id, told)
    if made is None:
        raise web.HTTPConflict
    if is_partial(request):
        return web.Response(headers={"HX-Redirect": f"/questionnaires/responses/{made}"})
    return go_to(f"/questionnaires/responses/{made}")


async def told(request: web.Request) -> web.StreamResponse:
    """How the patient is, or that nobody was reached."""
    how = (await request.post()).get("how")
    known = next((one for one in HOWS if one == how), None)
    if known is None:
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        if not await access_told(tx, staff_of(request), _id(request), known):
            raise web.HTTPConflict
    return go_to("/tasks")


async def _call(request: web.Request, tx: Tx) -> Call:
    clinic = request.app[SETTINGS].clinic
    found = await access_call(
        tx,
        request.app[KEYS],
        staff_of(request),
        _id(request),
        speech_of(request).language,
        {"clinic": clinic.name, "phone": clinic.phone},
    )
    if found is None:
        raise web.HTTPNotFound
    return found


async def _screen(
    request: web.Request, tx: Tx, call: Call, played: tuple[str, preview.Pressed] | None
) -> preview.Screen:
    """The questionnaire as its flow asks it, in the language of the one who telephones."""
    assert call.questionnaire_id is not None
    form = await load(tx, call.questionnaire_id)
    now = await tx.fetchval("select now()")
    language = speech_of(request).language
    ctx = preview.context(request.app[SETTINGS], now, language, call.questionnaire_id, form)
    if played is None:
        return preview.begin(call.questionnaire_id, form, ctx)
    return preview.go_on(call.questionnaire_id, form, ctx, *played)


async def _show(
    request: web.Request, tx: Tx, call: Call, screen: preview.Screen | None
) -> web.Response:
    speech = speech_of(request)
    asks = call.questionnaire_id is not None and call.response_id is None
    if screen is None and asks and call.state == "asked":
        screen = await _screen(request, tx, call, None)
    url = ""
    if screen is not None and screen.alarm:
        form = await load(tx, call.questionnaire_id or 0)
        url = form.url
    values: dict[str, Any] = {
        "call": call,
        "screen": screen,
        "alarm": flags(url, [screen.alarm], speech.language)[0]
        if screen is not None and screen.alarm
        else None,
        "masked": masked,
        "words": lambda said: shown.in_words(said, speech.language),
    }
    if is_partial(request):
        return part(request, "plans/templates/asking.html", **values)
    return await page(request, tx, "plans/templates/call.html", AT, **values)


def _id(request: web.Request) -> int:
    return int(request.match_info["activity"])
