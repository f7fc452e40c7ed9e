"""Whom a campaign concerns, one by one: how that ended, who is tried again, and the list as a
table for a spreadsheet."""

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from admin.campaigns import shown
from admin.campaigns.standing import WAYS, standing
from admin.campaigns.views import AT, campaign_of, whole
from admin.i18n import Speech
from admin.keys import DATABASE
from admin.page import go_to, page, part, speech_of, staff_of
from clinic.campaign.rules import may_try_again
from clinic.campaign.types import Fault
from clinic.db import Tx
from clinic.importer.export import csv_lines
from clinic.staff.access import recipients as access

COLUMNS = ("chart", "patient", "due", "state", "why", "channel", "ended", "answer")
LONGEST_REASON = 48


async def listing(request: web.Request) -> web.Response:
    """Those who stand in a way, for a reason."""
    async with request.app[DATABASE].transaction() as tx:
        return await _show(request, tx, ())


async def again(request: web.Request) -> web.StreamResponse:
    """Have those who stand so for a reason tried again, if they surely got nothing."""
    posted = await request.post()
    state, reason = _chosen(posted.get("state"), posted.get("reason"))
    async with request.app[DATABASE].transaction() as tx:
        found = await campaign_of(request, tx)
        done = await access.access_try_again(
            tx, staff_of(request), found.campaign.id, state or "", reason
        )
        if isinstance(done, tuple):
            return await _show(request, tx, done)
    query = urlencode({"state": "pending", "again": done})
    return go_to(f"/campaigns/{found.campaign.id}/recipients?{query}")


async def export(request: web.Request) -> web.Response:
    """The same list as a CSV: audited, and nothing in it is a formula."""
    speech = speech_of(request)
    state, reason = _chosen(request.query.get("state"), request.query.get("reason"))
    async with request.app[DATABASE].transaction() as tx:
        found = await campaign_of(request, tx)
        rows = await access.access_recipients(
            tx,
            staff_of(request),
            found.campaign.id,
            state=state,
            reason=reason,
            most=access.EXPORTED_AT_MOST,
            export=True,
        )
    titles = [speech(f"campaign_column.{name}") for name in COLUMNS]
    body = "".join(csv_lines(titles, (_cells(speech, row) for row in rows)))
    return web.Response(
        body=body.encode(),
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="campaign-{found.campaign.id}.csv"',
        },
    )


async def live(request: web.Request) -> web.Response:
    """How a campaign's people stand, for its page while it is under way."""
    speech = speech_of(request)
    async with request.app[DATABASE].transaction() as tx:
        found = await campaign_of(request, tx)
        sendings = await access.access_sendings(tx, staff_of(request), found.campaign.id)
    values: dict[str, Any] = standing(speech, found, sendings)
    return part(request, "campaigns/templates/people.html", **values)


async def _show(request: web.Request, tx: Tx, faults: tuple[Fault, ...]) -> web.Response:
    speech = speech_of(request)
    state, reason = _chosen(request.query.get("state"), request.query.get("reason"))
    offset = whole(request.query.get("from", "0"))
    found = await campaign_of(request, tx)
    one, counts = found.campaign, found.counts
    rows = await access.access_recipients(
        tx, staff_of(request), one.id, state=state, reason=reason, offset=offset
    )
    reasons = {
        code: shown.why(speech, code)
        for way, of in counts.reasons.items()
        if state in (None, way)
        for code in of
    }
    n = counts.states.get(state or "", 0)
    if reason:
        n = counts.reasons.get(state or "", {}).get(reason, 0)
    whole_group = bool(n) and (reason is not None or not counts.reasons.get(state or ""))
    return await page(
        request,
        tx,
        "campaigns/templates/recipients.html",
        AT,
        status=409 if faults else 200,
        one=one,
        rows=[(row, shown.why(speech, row.reason)) for row in rows],
        ways=[way for way in WAYS if counts.states.get(way)],
        reasons=sorted(reasons.items(), key=lambda row: row[1]),
        state=state,
        reason=reason,
        offset=offset,
        most=access.SHOWN_AT_MOST,
        again=n if whole_group and may_try_again(one.state, state or "", reason) else 0,
        tried=whole(request.query.get("again", "")),
        faults=shown.faults(speech, faults),
    )


def _chosen(state: object, reason: object) -> tuple[str | None, str | None]:
    known = next((one for one in WAYS if one == state), None)
    return known, str(reason)[:LONGEST_REASON] if reason else None


def _cells(speech: Speech, row: access.RecipientRow) -> tuple[object, ...]:
    answer = "booked" if row.booked_id else "answered" if row.answered_at else ""
    return (
        row.chart or "",
        row.name,
        row.due_at.isoformat(timespec="minutes"),
        speech(f"campaign_way.{row.state}"),
        shown.why(speech, row.reason),
        speech.code("channel", row.channel) if row.channel else "",
        row.settled_at.isoformat(timespec="seconds") if row.settled_at else "",
        speech(f"campaigns.{answer}") if answer else "",
    )
