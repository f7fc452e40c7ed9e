"""What a text being written looks like: on a telephone with a patient's values, or to oneself."""

from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from admin.campaigns import form, phone, shown
from admin.campaigns.unsaved import said_in
from admin.campaigns.views import in_button
from admin.i18n import choose
from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import part, speech_of, staff_of
from clinic.campaign.consider import Setting
from clinic.campaign.read import read_audience, read_content
from clinic.campaign.types import Draft, Fault
from clinic.db import Tx
from clinic.staff.access import campaigns as access
from clinic.staff.access.composing import access_person, access_test
from flows.texts import shown as in_words


async def look(request: web.Request) -> web.Response:
    """The telephones beside the form, from what stands in it now."""
    posted = await request.post()
    said = said_in(posted)
    async with request.app[DATABASE].transaction() as tx:
        found = await access.access_campaign(
            tx, staff_of(request), int(request.match_info["campaign"])
        )
        if found is None:
            raise web.HTTPNotFound
        languages = request.app[SETTINGS].clinic.languages
        draft = form.draft_of(
            said,
            lambda name: [str(value) for value in posted.getall(name, [])],
            found.campaign.draft,
            languages,
        )
        seen = await looked(request, tx, found.campaign.id, draft, said)
        return part(request, "campaigns/templates/phones.html", look=seen)


async def looked(
    request: web.Request, tx: Tx, campaign_id: int, draft: Draft, said: dict[str, str]
) -> dict[str, Any]:
    """The telephones of a draft. `said`: the form, with the channel and the chosen patient."""
    settings, words = request.app[SETTINGS], speech_of(request)
    channel = next((one for one in phone.SHOWN if one == said.get("look-channel")), "line")
    values: dict[str, Any] = {"channel": channel, "channels": phone.SHOWN, "phones": (),
                              "person": None, "fault": "", "missing": ()}  # fmt: skip
    content, audience = read_content(draft.content), read_audience(draft.audience)
    if isinstance(content, Fault):
        return values | {"fault": shown.fault(words, content)}
    setting = Setting(settings, request.app[KEYS], in_words)
    chosen = said.get("look-as", "")
    person = await access_person(
        tx,
        setting,
        staff_of(request),
        campaign_id,
        None if isinstance(audience, Fault) else audience,
        int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else None,
    )
    if person is None:
        return values | {"fault": words("phone.nobody")}
    now = await tx.fetchval("select now()")
    year = now.astimezone(ZoneInfo(settings.clinic.time_zone)).year
    spoken = settings.clinic.languages
    return values | {
        "person": person,
        "phones": phone.phones(
            content,
            channel,
            spoken,
            person.facts,
            year,
            in_words,
            in_button,
            settings.server.public_url,
        ),
        "missing": phone.missing(content, spoken),
    }


async def tested(request: web.Request, tx: Tx, campaign_id: int, draft: Draft) -> str:
    """Send the texts to the person's own chat, marked as a test; what to tell of it."""
    settings, words, staff = request.app[SETTINGS], speech_of(request), staff_of(request)
    content = read_content(draft.content)
    if isinstance(content, Fault):
        return shown.fault(words, content)
    clinic = settings.clinic
    now = (await tx.fetchval("select now()")).astimezone(ZoneInfo(clinic.time_zone))
    facts = phone.made_up(staff.name, clinic.name, clinic.phone, now, words("phone.service"))
    texts = phone.trials(
        content,
        clinic.languages,
        facts,
        now.year,
        in_words,
        in_button,
        lambda language: choose([language])("phone.test.mark"),
        settings.server.public_url,
    )
    sent = await access_test(tx, request.app[KEYS], staff, campaign_id, texts)
    return words("phone.test.sent", n=sent) if sent else words("phone.test.no_chat")
