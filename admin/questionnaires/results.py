"""What patients answered: a table, one response on a page, and both ways out of the panel."""

from datetime import date, timedelta
from typing import Any

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import page, speech_of, staff_of
from admin.questionnaires import export, shown
from admin.questionnaires.views import version_of
from clinic.db import Tx
from clinic.questionnaire.service import load
from clinic.questionnaire.types import Questionnaire
from clinic.staff.access.questionnaire_results import (
    EXPORTED_AT_MOST,
    SHOWN_AT_MOST,
    Answered,
    Period,
    Response,
    access_export,
    access_response,
    access_results,
)
from clinic.staff.access.visits import today

DAYS = timedelta(days=90)  # shown unless somebody asks for others
FAR = timedelta(days=36_500)


async def table(request: web.Request) -> web.Response:
    """Scores and alerts, newest first."""
    staff, speech = staff_of(request), speech_of(request)
    country = request.app[SETTINGS].clinic.country
    async with request.app[DATABASE].transaction() as tx:
        form, period = await version_of(request, tx), await period_of(request, tx)
        found = await access_results(tx, staff, form.id, period)
        forms = await _forms(tx, found)
        rows = [
            {
                "response": one,
                "scores": shown.scores(forms[one.questionnaire_id], one, speech, country),
                "flags": shown.flags(one.url, one.flags, speech.language),
            }
            for one in found
        ]
        return await page(
            request,
            tx,
            "questionnaires/templates/results.html",
            "questionnaires",
            form=form,
            period=period,
            rows=rows,
            most=SHOWN_AT_MOST,
            most_exported=EXPORTED_AT_MOST,
        )


async def as_csv(request: web.Request) -> web.Response:
    """A table for spreadsheets, with all answers."""
    answered, forms = await _exported(request, "csv")
    speech, settings = speech_of(request), request.app[SETTINGS]
    body = export.csv_of(answered, forms, speech, settings.clinic)
    return _file(body, "text/csv", f"questionnaire-{_id(request)}.csv")


async def as_fhir(request: web.Request) -> web.Response:
    """A FHIR Bundle of QuestionnaireResponses."""
    answered, forms = await _exported(request, "fhir")
    body = export.bundle_of(answered, forms)
    return _file(body, "application/fhir+json", f"questionnaire-{_id(request)}.json")


async def one(request: web.Request) -> web.Response:
    """One response on one page, with what differs from last time."""
    staff, speech = staff_of(request), speech_of(request)
    country = request.app[SETTINGS].clinic.country
    async with request.app[DATABASE].transaction() as tx:
        response_id = int(request.match_info["response"])
        found = await access_response(tx, request.app[KEYS], staff, response_id)
        if found is None:
            raise web.HTTPNotFound
        now, before = found.now.response, found.before
        form = await load(tx, now.questionnaire_id)
        values: dict[str, Any] = {"before": None, "dropped": (), "scores_before": ()}
        former = None
        if before is not None:
            older = await load(tx, before.response.questionnaire_id)
            former = shown.by_path(older, before.answers, speech.language)
            values = {
                "before": before.response,
                "dropped": shown.dropped(before, older, found.now.answers, speech.language),
                "scores_before": shown.scores(older, before.response, speech, country),
            }
        return await page(
            request,
            tx,
            "questionnaires/templates/response.html",
            "questionnaires",
            response=now,
            title=form.title.get(speech.language),
            scores=shown.scores(form, now, speech, country),
            flags=shown.flags(now.url, now.flags, speech.language),
            lines=shown.lines(form, found.now.answers, former, speech.language),
            **values,
        )


async def _exported(
    request: web.Request, kind: export.Kind
) -> tuple[list[Answered], dict[int, Questionnaire]]:
    async with request.app[DATABASE].transaction() as tx:
        form, period = await version_of(request, tx), await period_of(request, tx)
        found = await access_export(tx, request.app[KEYS], staff_of(request), form.id, period, kind)
        return found, await _forms(tx, [one.response for one in found])


async def _forms(tx: Tx, responses: list[Response]) -> dict[int, Questionnaire]:
    return {number: await load(tx, number) for number in {it.questionnaire_id for it in responses}}


async def period_of(request: web.Request, tx: Tx) -> Period:
    """The days that the address asks for, by default the last ninety."""
    zone = request.app[SETTINGS].clinic.time_zone
    now_on = await today(tx, zone)
    last = _day(request.query.get("until", ""), now_on, now_on)
    first = _day(request.query.get("from", ""), last - DAYS, now_on)
    return Period(min(first, last), max(first, last), zone)


def _day(text: str, default: date, near: date) -> date:
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return default
    return on if abs(on - near) < FAR else default


def _id(request: web.Request) -> int:
    return int(request.match_info["questionnaire"])


def _file(body: bytes, kind: str, name: str) -> web.Response:
    return web.Response(
        body=body,
        headers={
            "Content-Type": f"{kind}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )
