"""Campaigns: what is under way, one campaign with its people, starting and stopping it."""

from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from aiohttp import web

from admin.campaigns import quotas, shown
from admin.campaigns.phone import unpictured
from admin.campaigns.standing import by_reason, standing
from admin.keys import CHANNELS, DATABASE, KEYS, SETTINGS
from admin.lapse.views import called
from admin.page import go_to, page, speech_of, staff_of
from clinic.campaign import shelf
from clinic.campaign.cautions import cautions
from clinic.campaign.read import read_content
from clinic.campaign.types import STATES, Act, Campaign, Draft, Fault
from clinic.db import Tx
from clinic.policy.quota import Month
from clinic.staff.access import campaigns as access
from clinic.staff.access.lapse import access_groups
from clinic.staff.access.patients import PatientFound, access_patient
from clinic.staff.access.recipients import access_sendings
from clinic.staff.access.segments import access_segments
from flows.texts import shown as in_words
from flows.texts import text

AT = "campaigns"  # the menu's entry
OWN_WORDS = "message"  # the template that says nothing yet
STOPS: tuple[Act, ...] = ("undo", "pause", "resume", "cancel")


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
    """What there is to begin with; for one patient, with a message in one's own words first."""
    speech, wanted = speech_of(request), request.query.get("patient")
    async with request.app[DATABASE].transaction() as tx:
        person = None
        if wanted is not None:
            person = await access_patient(tx, staff_of(request), whole(wanted))
            if person is None:
                raise web.HTTPNotFound
        groups, segments = await names(request, tx)
        now = await tx.fetchval("select now()")
        clinic = request.app[SETTINGS].clinic
        drafts = [
            (one, one.draft(speech.language, now, clinic.languages, clinic.country))
            for one in shelf.shelf().values()
        ]
        if person is not None:
            drafts.sort(key=lambda row: row[0].code != OWN_WORDS)
        return await page(
            request,
            tx,
            "campaigns/templates/shelf.html",
            AT,
            person=person,
            rows=[
                (
                    template.code,
                    draft,
                    shown.whom(speech, draft, groups, segments),
                    # What goes out once goes out when it is wished: no day is told yet.
                    shown.when(
                        speech,
                        template.trigger if template.trigger["kind"] == "once" else draft.trigger,
                    ),
                )
                for template, draft in drafts
            ],
        )


async def create(request: web.Request) -> web.StreamResponse:
    """A draft of a template; for one patient, or of a lapse list for those who stand on it or are
    ticked there.

    What is sent to a list or to one goes out once, whatever brings the template about otherwise.
    """
    posted = await request.post()
    audience: Mapping[str, object] | None = None
    ticked = [whole(str(one)) for one in posted.getall("patient", [])]
    if ticked:
        audience = {"patients": ticked[:1]}
    if group := str(posted.get("group", "")):
        states = [str(one) for one in posted.getall("states", [])]
        listed: Mapping[str, object] = {"lapse": group, "states": states}
        audience = {"patients": ticked, "group": group} if ticked else listed
    async with request.app[DATABASE].transaction() as tx:
        made = await begun(request, tx, str(posted.get("template")), audience)
    return go_to(f"/campaigns/{made.id}/{'preview' if posted.get('then') == 'preview' else 'edit'}")


async def begun(
    request: web.Request, tx: Tx, code: str, audience: Mapping[str, object] | None
) -> Campaign:
    """A draft of a template; with an audience of a list, to which it goes once.

    Raises HTTPNotFound of no template, HTTPBadRequest of an audience that cannot be.
    """
    template = shelf.shelf().get(code)
    if template is None:
        raise web.HTTPNotFound
    clinic, speech = request.app[SETTINGS].clinic, speech_of(request)
    now = (await tx.fetchval("select now()")).astimezone(ZoneInfo(clinic.time_zone))
    draft = template.draft(speech.language, now, clinic.languages, clinic.country)
    if audience is not None:
        at_once = draft.trigger if draft.trigger["kind"] == "once" else shelf.once(now)
        draft = replace(draft, audience=audience, trigger=at_once)
        match audience:
            case {"patients": [_]}:  # one is nobody to compare with
                draft = replace(draft, hold_out=0)
    made = await access.access_create_campaign(tx, staff_of(request), draft)
    if not isinstance(made, Campaign):
        raise web.HTTPBadRequest
    return made


async def show(request: web.Request) -> web.Response:
    """How it stands: counts by state and reason, and what may be done now."""
    async with request.app[DATABASE].transaction() as tx:
        return await _show(request, tx, ())


async def act(request: web.Request) -> web.StreamResponse:
    """Ask for approval, start, undo, pause, resume, cancel, copy, or decide about late ones."""
    posted, app = await request.post(), request.app
    campaign_id, staff = int(request.match_info["campaign"]), staff_of(request)
    wanted, version = str(posted.get("act")), whole(str(posted.get("version", "")))
    done: object
    async with app[DATABASE].transaction() as tx:
        match wanted:
            case "ask":
                done = await access.access_ask_approval(tx, staff, campaign_id, version)
            case "start":
                typed = "".join(sign for sign in str(posted.get("people", "")) if sign.isdigit())
                done = await access.access_start_campaign(
                    tx,
                    app[KEYS],
                    app[SETTINGS],
                    staff,
                    campaign_id,
                    version,
                    whole(typed) if typed else None,
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
            if any(fault.reason == "needs_number" for fault in done):
                return await _preview(request, tx, {}, done)
            return await _show(request, tx, done)
    to = done.id if isinstance(done, Campaign) else campaign_id
    return go_to(f"/campaigns/{to}?done={wanted}")


async def preview(request: web.Request) -> web.Response:
    """Who would get it and what each would read, and who would not and why."""
    months = await quotas.ask(request.app[CHANNELS])
    async with request.app[DATABASE].transaction() as tx:
        return await _preview(request, tx, months, ())


async def _preview(
    request: web.Request,
    tx: Tx,
    months: Mapping[str, Month | None],
    wrong: tuple[Fault, ...],
) -> web.Response:
    speech, app, staff = speech_of(request), request.app, staff_of(request)
    settings = app[SETTINGS]
    found = await campaign_of(request, tx)
    seen = await access.access_preview(tx, app[KEYS], settings, staff, found.campaign.id, in_words)
    assert seen is not None
    waiting = await access.access_standing_in_line(tx)
    now = await tx.fetchval("select now()")
    today = now.astimezone(ZoneInfo(settings.clinic.time_zone)).date()
    days = {on for of in seen.by_day.values() for on in of}
    content = read_content(found.campaign.draft.content)
    minded = (
        ()
        if isinstance(content, Fault)
        else cautions(
            found.campaign.draft.kind,
            content,
            seen,
            await access.access_closed_days(tx, staff, settings, days),
            shown.named(speech, days, settings.clinic.country),
        )
    )
    lines = quotas.lines(seen, months, waiting, settings.policy, today)
    public_url = settings.server.public_url
    pictured = not isinstance(content, Fault) and content.picture is not None
    return await page(
        request,
        tx,
        "campaigns/templates/preview.html",
        AT,
        status=409 if wrong else 200,
        one=found.campaign,
        may_start="start" in found.acts,
        when=shown.when(speech, found.campaign.draft.trigger),
        seen=seen,
        channels=lines,
        currency=settings.policy.currency,
        left_out=by_reason(speech, seen.left_out),
        later=by_reason(speech, seen.later),
        minded=[shown.caution(speech, one, seen, settings.clinic.time_zone) for one in minded],
        unshown=[
            (channel, n, why)
            for channel, n in seen.by_channel.items()
            if pictured and (why := unpictured(channel, public_url))
        ],
        unpictured=unpictured,
        public_url=public_url,
        wrong=shown.faults(speech, wrong),
        faults=shown.faults(speech, seen.faults),
        button=in_button,
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
            rows=[(day, known[day.campaign_id], by_reason(speech, day.left_out)) for day in days],
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


async def only_patient(request: web.Request, tx: Tx, draft: Draft) -> PatientFound | None:
    """Whom it is for, where it is for one; None where it is for several."""
    match draft.audience:
        case {"patients": [int(patient)]}:
            return await access_patient(tx, staff_of(request), patient)
    return None


def in_button(does: str, language: str) -> str:
    """What stands on a button that patients see."""
    return text(f"campaign.{does}", {}, language)


async def _show(request: web.Request, tx: Tx, faults: tuple[Fault, ...]) -> web.Response:
    speech = speech_of(request)
    found = await campaign_of(request, tx)
    groups, segments = await names(request, tx)
    counts = found.counts
    went = await access.access_funnel(tx, staff_of(request), found.campaign.id)
    sendings = await access_sendings(tx, staff_of(request), found.campaign.id)
    assert went is not None
    late = counts.reasons.get("skipped", {}).get("late_to_decide", 0)
    return await page(
        request,
        tx,
        "campaigns/templates/show.html",
        AT,
        status=409 if faults else 200,
        found=found,
        whom=shown.whom(speech, found.campaign.draft, groups, segments),
        only=await only_patient(request, tx, found.campaign.draft),
        when=shown.when(speech, found.campaign.draft.trigger),
        why=shown.why(speech, found.campaign.reason),
        **standing(speech, found, sendings),
        late=late,
        went=went,
        steps=shown.steps(speech, went),
        faults=shown.faults(speech, faults),
        done=request.query.get("done"),
    )


async def campaign_of(request: web.Request, tx: Tx) -> access.Shown:
    """The campaign of the address. Raises HTTPNotFound."""
    wanted = int(request.match_info["campaign"])
    found = await access.access_campaign(tx, staff_of(request), wanted)
    if found is None:
        raise web.HTTPNotFound
    return found


def whole(text: str) -> int:
    """A number as it is typed or stands in an address; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
