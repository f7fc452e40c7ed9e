"""Writing a campaign: whom, when and what, in one form."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from aiohttp import web

from admin.campaigns import form, shown
from admin.campaigns.views import AT, in_button, names
from admin.keys import DATABASE, SETTINGS
from admin.page import go_to, page, speech_of, staff_of
from admin.schedule.look import read_id
from clinic.campaign import read, trigger
from clinic.campaign.types import DOES, MOST_BUTTONS, PLACEHOLDERS, Campaign, Draft, Fault
from clinic.db import Tx
from clinic.lapse.types import LISTED
from clinic.occasion.data import OCCASIONS
from clinic.staff.access import campaigns as access
from clinic.staff.access.questionnaires import access_forms
from clinic.staff.access.segments import access_segments

# "score" is for scripts: which questionnaire and item is not to be chosen from a list.
BASES = tuple(base for base in trigger.BASES if base != "score")
SPLIT = "split"


async def edit(request: web.Request) -> web.Response:
    """The form of a draft. `when` in the address asks for a trigger of another kind."""
    async with request.app[DATABASE].transaction() as tx:
        one = await _draft(request, tx)
        draft, when = one.draft, request.query.get("when")
        if when in trigger.KINDS and when != draft.trigger.get("kind"):
            now = await tx.fetchval("select now()")
            zone = ZoneInfo(request.app[SETTINGS].clinic.time_zone)
            draft = replace(draft, trigger=form.start_of(str(when), now.astimezone(zone)))
        return await _form(request, tx, one, draft)


async def save(request: web.Request) -> web.StreamResponse:
    """Write the draft anew; what was typed stays in the form while something is wrong with it."""
    posted = await request.post()
    languages = request.app[SETTINGS].clinic.languages
    said = {name: str(value) for name, value in posted.items()}

    def all_of(name: str) -> list[str]:
        return [str(value) for value in posted.getall(name, [])]

    async with request.app[DATABASE].transaction() as tx:
        one = await _draft(request, tx)
        before = one.draft
        if said.get("when") != before.trigger.get("kind"):
            before = replace(before, trigger={"kind": said.get("when", "")})
        draft = form.draft_of(said, all_of, before, languages)
        if said.get("then") == SPLIT:
            draft = form.split(draft)
        version = read_id(said.get("version", "")[:9]) or 0
        staff = staff_of(request)
        done = await access.access_change_campaign(tx, staff, one.id, version, draft)
        if not isinstance(done, Campaign):
            return await _form(request, tx, one, draft, done)
    return go_to(f"/campaigns/{one.id}/{'edit' if said.get('then') == SPLIT else 'preview'}")


async def _draft(request: web.Request, tx: Tx) -> Campaign:
    wanted = int(request.match_info["campaign"])
    found = await access.access_campaign(tx, staff_of(request), wanted)
    if found is None:
        raise web.HTTPNotFound
    if found.campaign.state != "draft":
        raise web.HTTPConflict
    return found.campaign


async def _form(
    request: web.Request, tx: Tx, one: Campaign, draft: Draft, faults: tuple[Fault, ...] = ()
) -> web.Response:
    speech, staff = speech_of(request), staff_of(request)
    groups, segments = await names(request, tx)
    saved = [one.saved for one in await access_segments(tx, staff)]
    known = await access_forms(tx, staff, speech.language)
    forms = [(row.url, row.title) for row in known if row.status == "active"]
    languages = request.app[SETTINGS].clinic.languages
    return await page(
        request,
        tx,
        "campaigns/templates/form.html",
        AT,
        status=422 if faults else 200,
        one=one,
        draft=draft,
        trigger=draft.trigger,
        audience=form.audience_of(draft),
        kept=shown.whom(speech, draft, groups, segments),
        groups=groups,
        segments=[(f"segment:{row.key}:{row.version}", row.name) for row in saved],
        listed=LISTED,
        kinds=trigger.KINDS,
        lates=trigger.LATES,
        bases=BASES,
        lapse_states=trigger.LAPSE_STATES,
        occasions=[(name, shown.occasion(speech, name)) for name in OCCASIONS],
        variants=form.texts_of(draft),
        most=read.LONGEST_TEXT,
        spoken=languages,
        buttons=list(draft.content.get("buttons", [])),
        places=MOST_BUTTONS,
        does=DOES,
        forms=forms,
        placeholders=PLACEHOLDERS,
        button=in_button,
        faults=[shown.fault(speech, fault) for fault in faults],
    )
