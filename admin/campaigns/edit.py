"""Writing a campaign: whom, when and what, in one form."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from zoneinfo import ZoneInfo

from aiohttp import web

from admin.campaigns import form, phone, pictures, shown
from admin.campaigns.look import looked, tested
from admin.campaigns.unsaved import posted_again, said_in, turn_of
from admin.campaigns.views import AT, in_button, names, only_patient
from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, speech_of, staff_of
from admin.schedule.look import read_id
from admin.segments import building
from admin.segments.builder import BLANK, Sketch, filter_of
from clinic.campaign import read, trigger
from clinic.campaign.types import DOES, MOST_BUTTONS, PLACEHOLDERS, Campaign, Draft, Fault
from clinic.campaign.unsaved import Typed
from clinic.db import Tx
from clinic.lapse.types import LISTED
from clinic.occasion.data import OCCASIONS
from clinic.picture.making import Wrong
from clinic.picture.types import Made
from clinic.staff.access import campaigns as access
from clinic.staff.access.composing import (
    access_coded_services,
    access_forget_typed,
    access_keep_picture,
    access_totals,
    access_typed,
)
from clinic.staff.access.questionnaires import access_forms
from clinic.staff.access.segments import access_frozen, access_segments

SPLIT, LOOK, TEST, SEASON = "split", "look", "test", "season"  # what buttons do beside saving
PICTURE, NO_PICTURE = "picture", "no_picture"
TOO_MANY = (Fault("audience", "too_many_frozen"),)


async def edit(request: web.Request) -> web.Response:
    """The form of a draft. `when` in the address asks for a trigger of another kind."""
    async with request.app[DATABASE].transaction() as tx:
        one = await _draft(request, tx)
        typed = await access_typed(tx, staff_of(request), one.id)
        if typed is not None:
            return await _left(request, tx, one, typed)
        draft, when = one.draft, request.query.get("when")
        if when in trigger.KINDS and when != draft.trigger.get("kind"):
            now = await tx.fetchval("select now()")
            zone = ZoneInfo(request.app[SETTINGS].clinic.time_zone)
            draft = replace(draft, trigger=form.start_of(str(when), now.astimezone(zone)))
        return await _form(request, tx, one, draft)


async def _left(request: web.Request, tx: Tx, one: Campaign, typed: Typed) -> web.Response:
    """The form as its writer left it without saving; `when` still asks for another trigger."""
    posted, when = posted_again(typed), request.query.get("when")
    said = said_in(posted)

    def all_of(name: str) -> list[str]:
        return [str(value) for value in posted.getall(name, [])]

    before = one.draft
    if said.get("when") != before.trigger.get("kind"):
        before = replace(before, trigger={"kind": said.get("when", "")})
    clinic = request.app[SETTINGS].clinic
    draft = form.draft_of(said, all_of, before, clinic.languages)
    draft, _ = form.in_season(draft, said, clinic.country)
    if when in trigger.KINDS and when != draft.trigger.get("kind"):
        now = await tx.fetchval("select now()")
        zone = ZoneInfo(clinic.time_zone)
        draft = replace(draft, trigger=form.start_of(str(when), now.astimezone(zone)))
    built = building.posted(posted) if said.get("audience") == form.OWN else None
    return await _form(request, tx, one, draft, built=built, deed=LOOK, typed=typed)


async def save(request: web.Request) -> web.StreamResponse:
    """Write the draft anew; what was typed stays in the form while something is wrong with it."""
    posted = await request.post()
    clinic = request.app[SETTINGS].clinic
    said = said_in(posted)
    made = await pictures.brought(posted) if said.get("then") == PICTURE else None

    def all_of(name: str) -> list[str]:
        return [str(value) for value in posted.getall(name, [])]

    async with request.app[DATABASE].transaction() as tx:
        one = await _draft(request, tx)
        before = one.draft
        if said.get("when") != before.trigger.get("kind"):
            before = replace(before, trigger={"kind": said.get("when", "")})
        draft = form.draft_of(said, all_of, before, clinic.languages)
        draft, chosen = form.in_season(draft, said, clinic.country)
        if said.get("then") == SPLIT:
            draft = form.split(draft)
        seen: dict[str, object] = {"chosen": chosen} if said.get("then") == SEASON else {}
        if made is not None:
            draft, seen = await _pictured(request, tx, draft, made)
        if said.get("then") == NO_PICTURE:
            draft, seen = form.with_picture(draft, None), {"pictured": ""}
        if said.get("then") == LOOK:
            seen["look"] = await looked(request, tx, one.id, draft, said)
        if said.get("then") == TEST:
            seen["told"] = await tested(request, tx, one.id, draft)
        if seen:
            built = building.posted(posted) if said.get("audience") == form.OWN else None
            return await _form(request, tx, one, draft, built=built, deed=LOOK, seen=seen)
        if said.get("audience") == form.OWN:
            sketch = building.posted(posted)
            tree, deed = filter_of(sketch), said.get("do", "")
            if deed or isinstance(tree, tuple):
                return await _form(request, tx, one, draft, built=sketch, deed=deed)
            if said.get("freeze"):
                ids = await access_frozen(
                    tx, request.app[KEYS], request.app[SETTINGS], staff_of(request), tree
                )
                if ids is None:
                    return await _form(request, tx, one, draft, TOO_MANY, built=sketch)
                draft = replace(draft, audience={"patients": ids})
        version = read_id(said.get("version", "")[:9]) or 0
        staff = staff_of(request)
        done = await access.access_change_campaign(tx, staff, one.id, version, draft)
        if not isinstance(done, Campaign):
            return await _form(request, tx, one, draft, done)
        await access_forget_typed(tx, staff, one.id, turn_of(posted))
    return go_to(f"/campaigns/{one.id}/{'edit' if said.get('then') == SPLIT else 'preview'}")


async def _pictured(
    request: web.Request, tx: Tx, draft: Draft, made: Made | Wrong
) -> tuple[Draft, dict[str, object]]:
    """The draft with the picture that was brought, and what to tell if it was none."""
    if not isinstance(made, Made):
        return draft, {"pictured": speech_of(request)(f"picture.wrong.{made}")}
    stored = await access_keep_picture(tx, request.app[KEYS], staff_of(request), made)
    return form.with_picture(draft, stored), {"pictured": ""}


async def _draft(request: web.Request, tx: Tx) -> Campaign:
    wanted = int(request.match_info["campaign"])
    found = await access.access_campaign(tx, staff_of(request), wanted)
    if found is None:
        raise web.HTTPNotFound
    if found.campaign.state != "draft":
        raise web.HTTPConflict
    return found.campaign


async def _form(
    request: web.Request,
    tx: Tx,
    one: Campaign,
    draft: Draft,
    faults: tuple[Fault, ...] = (),
    *,
    built: Sketch | None = None,
    deed: str = "",
    seen: Mapping[str, object] = MappingProxyType({}),
    typed: Typed | None = None,
) -> web.Response:
    """The form; `built`: the audience as it stands in the builder after the button `deed`.

    `typed`: the form as it was left without saving.
    """
    speech, staff = speech_of(request), staff_of(request)
    audience = form.OWN if built is not None else form.audience_of(draft)
    sketch = built or form.sketch_in(draft) or BLANK
    builder = await building.shown_builder(
        request,
        tx,
        sketch,
        here=f"/campaigns/{one.id}/edit",
        names=deed == building.SAMPLE,
        count=audience == form.OWN,
    )
    groups, segments = await names(request, tx)
    saved = [one.saved for one in await access_segments(tx, staff)]
    known = await access_forms(tx, staff, speech.language)
    forms = [(row.url, row.title) for row in known if row.status == "active"]
    totals, services = list[tuple[str, str]](), list[tuple[str, str]]()
    if draft.trigger.get("kind") == "relative":
        totals = shown.totals(draft.trigger, await access_totals(tx, staff), known)
        services = await access_coded_services(tx, staff, speech.language)
    clinic = request.app[SETTINGS].clinic
    return await page(
        request,
        tx,
        "campaigns/templates/form.html",
        AT,
        status=422 if faults or seen.get("pictured") or (built and not deed) else 200,
        one=one,
        draft=draft,
        trigger=draft.trigger,
        audience=audience,
        built=builder,
        look=seen.get("look"),
        told=seen.get("told"),
        pictured=seen.get("pictured"),
        picture=draft.content.get("picture"),
        longest_alt=read.LONGEST_ALT,
        public=(request.app[SETTINGS].server.public_url or "").startswith("https://"),
        typed=typed,
        version=typed.version if typed else one.version,
        channels=phone.SHOWN,
        kept=shown.whom(speech, draft, groups, segments),
        only=await only_patient(request, tx, draft),
        groups=groups,
        segments=[(f"segment:{row.key}:{row.version}", row.name) for row in saved],
        listed=LISTED,
        kinds=trigger.KINDS,
        lates=trigger.LATES,
        bases=trigger.BASES,
        leaps=[(day, shown.month_day(speech, day)) for day in trigger.LEAPS],
        services=services,
        totals=totals,
        own_channels=form.CHANNELS,
        lapse_states=trigger.LAPSE_STATES,
        occasions=[(name, shown.occasion(speech, name)) for name in OCCASIONS],
        variants=form.texts_of(draft),
        most=read.LONGEST_TEXT,
        spoken=clinic.languages,
        seasons=shown.seasons(speech, clinic.country, draft.trigger),
        concerned=shown.concerned(speech, draft.trigger),
        chosen=seen.get("chosen"),
        buttons=list(draft.content.get("buttons", [])),
        places=MOST_BUTTONS,
        does=DOES,
        forms=forms,
        placeholders=PLACEHOLDERS,
        button=in_button,
        faults=shown.faults(speech, faults),
    )
