"""Campaigns: what is under way, one campaign with its people, starting and stopping it."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from admin.campaigns import quotas, shown
from admin.i18n import Speech
from admin.keys import CHANNELS, DATABASE, KEYS, SETTINGS
from admin.lapse.views import called
from admin.page import go_to, page, speech_of, staff_of
from clinic.campaign import shelf
from clinic.campaign.types import ENDS, STATES, Act, Campaign, Fault
from clinic.db import Tx
from clinic.staff.access import campaigns as access
from clinic.staff.access.lapse import access_groups
from clinic.staff.access.segments import access_segments
from flows.texts import shown as in_words
from flows.texts import text

AT = "campaigns"  # the menu's entry
STOPS: tuple[Act, ...] = ("undo", "pause", "resume", "cancel")
WAYS = ("pending", "queued", *ENDS)  # how recipients stand, in the order of their way


async def listing(request: web.Request) -> web.Response:
    """All campaigns, those under way first."""
    speech = speech_of(request)
    async with request.app[DATABASE].transaction() as tx:
        groups, segments = await names(request, tx)
        found = await access.access_campaigns(tx, staff_of(request))
        return await page(
            request,
            tx,
            "campaigns/templates/list.html",
            AT,
            rows=[
                (
                    one,
                    shown.whom(speech, one.draft, groups, segments),
                    shown.when(speech, one.draft.trigger),
                    shown.why(speech, one.reason),
                )
                for one in found
            ],
            states=STATES,
        )


async def templates(request: web.Request) -> web.Response:
    """What there is to begin with."""
    speech = speech_of(request)
    async with request.app[DATABASE].transaction() as tx:
        groups, segments = await names(request, tx)
        now = await tx.fetchval("select now()")
        languages = request.app[SETTINGS].clinic.languages
        drafts = [
            (one, one.draft(speech.language, now, languages)) for one in shelf.shelf().values()
        ]
        return await page(
            request,
            tx,
            "campaigns/templates/shelf.html",
            AT,
            rows=[
                (
                    template.code,
                    draft,
                    shown.whom(speech, draft, groups, segments),
                    shown.when(speech, template.trigger),
                )
                for template, draft in drafts
            ],
        )


async def create(request: web.Request) -> web.StreamResponse:
    """A draft of a template; of a lapse list with those who stand on it, or are ticked there.

    What is sent to a list goes out once, whatever brings the template about otherwise.
    """
    posted, speech = await request.post(), speech_of(request)
    template = shelf.shelf().get(str(posted.get("template")))
    if template is None:
        raise web.HTTPNotFound
    settings = request.app[SETTINGS]
    async with request.app[DATABASE].transaction() as tx:
        now = (await tx.fetchval("select now()")).astimezone(ZoneInfo(settings.clinic.time_zone))
        draft = template.draft(speech.language, now, settings.clinic.languages)
        if group := str(posted.get("group", "")):
            states = [str(one) for one in posted.getall("states", [])]
            ticked = [_whole(str(one)) for one in posted.getall("patient", [])]
            listed = {"lapse": group, "states": states}
            draft = replace(
                draft,
                audience={"patients": ticked, "group": group} if ticked else listed,
                trigger=draft.trigger if draft.trigger["kind"] == "once" else shelf.once(now),
            )
        made = await access.access_create_campaign(tx, staff_of(request), draft)
    if not isinstance(made, Campaign):
        raise web.HTTPBadRequest
    return go_to(f"/campaigns/{made.id}/{'preview' if posted.get('then') == 'preview' else 'edit'}")


async def show(request: web.Request) -> web.Response:
    """How it stands: counts by state and reason, and what may be done now."""
    async with request.app[DATABASE].transaction() as tx:
        return await _show(request, tx, ())


async def act(request: web.Request) -> web.StreamResponse:
    """Ask for approval, start, undo, pause, resume, cancel, copy, or decide about late ones."""
    posted, app = await request.post(), request.app
    campaign_id, staff = int(request.match_info["campaign"]), staff_of(request)
    wanted, version = str(posted.get("act")), _whole(str(posted.get("version", "")))
    done: object
    async with app[DATABASE].transaction() as tx:
        match wanted:
            case "ask":
                done = await access.access_ask_approval(tx, staff, campaign_id, version)
            case "start":
                done = await access.access_start_campaign(
                    tx, app[KEYS], app[SETTINGS], staff, campaign_id, version
                )
            case "copy":
                done = await access.access_copy_campaign(tx, staff, campaign_id)
            case "send_late" | "skip_late":
                send = wanted == "send_late"
                done = await access.access_decide_late(tx, staff, campaign_id, send=send)
            case _:
                stop = next((one for one in STOPS if one == wanted), None)
                if stop is None:
                    raise web.HTTPBadRequest
                done = await access.access_stop_campaign(tx, staff, campaign_id, stop)
        if isinstance(done, tuple):
            return await _show(request, tx, done)
    to = done.id if isinstance(done, Campaign) else campaign_id
    return go_to(f"/campaigns/{to}?done={wanted}")


async def preview(request: web.Request) -> web.Response:
    """Who would get it and what each would read, and who would not and why."""
    speech, app = speech_of(request), request.app
    months = await quotas.ask(app[CHANNELS])
    async with app[DATABASE].transaction() as tx:
        found = await _campaign(request, tx)
        seen = await access.access_preview(
            tx, app[KEYS], app[SETTINGS], staff_of(request), found.campaign.id, in_words
        )
        assert seen is not None
        waiting = await access.access_standing_in_line(tx)
        now = await tx.fetchval("select now()")
        today = now.astimezone(ZoneInfo(app[SETTINGS].clinic.time_zone)).date()
        return await page(
            request,
            tx,
            "campaigns/templates/preview.html",
            AT,
            one=found.campaign,
            may_start="start" in found.acts,
            when=shown.when(speech, found.campaign.draft.trigger),
            seen=seen,
            channels=quotas.lines(seen, months, waiting, app[SETTINGS].policy, today),
            currency=app[SETTINGS].policy.currency,
            left_out=_by_reason(speech, seen.left_out),
            later=_by_reason(speech, seen.later),
            faults=[shown.fault(speech, fault) for fault in seen.faults],
            button=in_button,
        )


async def recipients(request: web.Request) -> web.Response:
    """Whom it concerns, one by one, and how that ended."""
    speech = speech_of(request)
    state = next((one for one in WAYS if one == request.query.get("state")), None)
    reason = request.query.get("reason") or None
    offset = _whole(request.query.get("from", "0"))
    async with request.app[DATABASE].transaction() as tx:
        found = await _campaign(request, tx)
        rows = await access.access_recipients(
            tx,
            staff_of(request),
            found.campaign.id,
            states=(state,) if state else (),
            reason=reason,
            offset=offset,
        )
        return await page(
            request,
            tx,
            "campaigns/templates/recipients.html",
            AT,
            one=found.campaign,
            rows=[(row, shown.why(speech, row.reason)) for row in rows],
            state=state,
            reason=reason,
            offset=offset,
            most=access.SHOWN_AT_MOST,
        )


async def calendar(request: web.Request) -> web.Response:
    """The next 60 days of the whole base: what goes out, to how many, and why not to others."""
    speech, app = speech_of(request), request.app
    async with app[DATABASE].transaction() as tx:
        staff = staff_of(request)
        days = await access.access_calendar(tx, app[KEYS], app[SETTINGS], staff, in_words)
        known = {one.id: one.draft.name for one in await access.access_campaigns(tx, staff)}
        return await page(
            request,
            tx,
            "campaigns/templates/calendar.html",
            AT,
            rows=[(day, known[day.campaign_id], _by_reason(speech, day.left_out)) for day in days],
        )


async def names(request: web.Request, tx: Tx) -> tuple[dict[str, str], dict[str, str]]:
    """Groups by code and segments by key, as the reader calls them."""
    speech, staff = speech_of(request), staff_of(request)
    groups = {
        one.group.code: called(speech, one.group.name, one.group.code)
        for one in await access_groups(tx, staff)
    }
    segments = {one.saved.key: one.saved.name for one in await access_segments(tx, staff)}
    return groups, segments


def in_button(does: str, language: str) -> str:
    """What stands on a button that patients see."""
    return text(f"campaign.{does}", {}, language)


async def _show(request: web.Request, tx: Tx, faults: tuple[Fault, ...]) -> web.Response:
    speech = speech_of(request)
    found = await _campaign(request, tx)
    groups, segments = await names(request, tx)
    counts = found.counts
    went = await access.access_funnel(tx, staff_of(request), found.campaign.id)
    assert went is not None
    late = counts.reasons.get("skipped", {}).get("late_to_decide", 0)
    return await page(
        request,
        tx,
        "campaigns/templates/show.html",
        AT,
        status=409 if faults else 200,
        found=found,
        one=found.campaign,
        whom=shown.whom(speech, found.campaign.draft, groups, segments),
        when=shown.when(speech, found.campaign.draft.trigger),
        why=shown.why(speech, found.campaign.reason),
        ways=[
            (way, counts.states[way], _by_reason(speech, counts.reasons.get(way, {})))
            for way in WAYS
            if counts.states.get(way)
        ],
        late=late,
        went=went,
        steps=shown.steps(speech, went),
        faults=[shown.fault(speech, fault) for fault in faults],
        done=request.query.get("done"),
    )


async def _campaign(request: web.Request, tx: Tx) -> access.Shown:
    wanted = int(request.match_info["campaign"])
    found = await access.access_campaign(tx, staff_of(request), wanted)
    if found is None:
        raise web.HTTPNotFound
    return found


def _by_reason(speech: Speech, counts: Any) -> list[tuple[str, str, int]]:
    """Code, words and number, the most first."""
    rows = ((code, shown.why(speech, code), n) for code, n in counts.items() if code)
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
