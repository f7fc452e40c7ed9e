"""What the audit found: what is to be mended, and how the figures went."""

from collections.abc import Sequence
from itertools import groupby

from aiohttp import web

from admin.figures.shown import Plot, Series
from admin.i18n import Speech
from admin.keys import DATABASE, KEYS
from admin.page import go_to, page, speech_of, staff_of
from admin.quality.chart import chart
from admin.quality.scripts import called, known_scripts
from clinic.quality.rules import by_month, by_version
from clinic.quality.types import FINDING_STATES, FindingState, OfVersion
from clinic.staff.access.quality import access_outcomes
from clinic.staff.access.quality_findings import access_close_finding, access_findings


async def findings(request: web.Request) -> web.Response:
    """What is to be mended, or was, script by script."""
    wanted = request.query.get("state")
    state: FindingState = next((one for one in FINDING_STATES if one == wanted), "open")
    staff, speech = staff_of(request), speech_of(request)
    async with request.app[DATABASE].transaction() as tx:
        known = await known_scripts(tx, staff, speech)
        found = await access_findings(tx, request.app[KEYS], staff, state)
        found.sort(key=lambda it: it.script)
        scripts = [
            (script, called(script, known, speech), tuple(ones))
            for script, ones in groupby(found, key=lambda it: it.script)
        ]
        return await page(
            request,
            tx,
            "quality/templates/findings.html",
            "quality",
            tab="findings",
            state=state,
            states=FINDING_STATES,
            scripts=scripts,
        )


async def close(request: web.Request) -> web.StreamResponse:
    """It is mended."""
    async with request.app[DATABASE].transaction() as tx:
        finding = int(request.match_info["finding"])
        await access_close_finding(tx, staff_of(request), finding)
    return go_to("/quality/findings")


async def figures(request: web.Request) -> web.Response:
    """Mean scores and shares of conversations with a finding, by month and by version."""
    staff, speech = staff_of(request), speech_of(request)
    async with request.app[DATABASE].transaction() as tx:
        outcomes = await access_outcomes(tx)
        months = by_month(outcomes)
        known = await known_scripts(tx, staff, speech)
        courses = [
            (called(it.rule, known, speech), it.versions, _plot(it.versions, speech))
            for it in by_version(outcomes)
        ]
        return await page(
            request,
            tx,
            "quality/templates/figures.html",
            "quality",
            tab="figures",
            months=months,
            chart=chart(months),
            courses=courses,
        )


def _plot(versions: Sequence[OfVersion], speech: Speech) -> Plot | None:
    """A rule's versions beside each other; None while there is only one."""
    if len(versions) < 2:
        return None
    return Plot(
        "bar",
        tuple(f"{one.version} ({speech.month(one.since)})" for one in versions),
        (
            Series(speech("quality.mean"), tuple(one.figures.mean for one in versions)),
            Series(speech("quality.share"), tuple(one.figures.share for one in versions)),
        ),
        percent=True,
    )
