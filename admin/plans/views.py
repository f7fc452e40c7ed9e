"""Follow-up plans: their definitions, who is followed, what came to nothing."""

import json
from functools import partial
from typing import Any

from aiohttp import web

from admin.keys import DATABASE
from admin.page import go_to, page, speech_of, staff_of
from admin.plans import shown
from clinic.db import Tx
from clinic.plan.dump import dump
from clinic.plan.types import Fault
from clinic.segment import read as segment
from clinic.segment import rules as segments
from clinic.staff.access.care_plans import access_dropped, access_followed
from clinic.staff.access.plans import (
    access_activate,
    access_copy,
    access_definition,
    access_definitions,
    access_retire,
    access_save_definition,
    access_sign,
)

AT = "plans"  # the menu's entry
DONE = ("saved", "copied", "signed", "activated", "retired")
LONGEST = 200_000  # characters of a definition


async def listing(request: web.Request) -> web.Response:
    """All plans of the clinic."""
    async with request.app[DATABASE].transaction() as tx:
        return await page(
            request,
            tx,
            "plans/templates/list.html",
            AT,
            plans=await access_definitions(tx, staff_of(request)),
            **_words(request),
        )


async def show(request: web.Request) -> web.Response:
    """One version: its steps in words, who is on it, its other versions."""
    async with request.app[DATABASE].transaction() as tx:
        found = await access_definition(tx, staff_of(request), _id(request))
        if found is None:
            raise web.HTTPNotFound
        stored, versions = found
        done = request.query.get("done")
        return await page(
            request,
            tx,
            "plans/templates/definition.html",
            AT,
            plan=stored,
            definition=stored.definition,
            versions=versions,
            filter=_filter(request, stored.definition.applies),
            followed=await access_followed(tx, staff_of(request), stored.definition.code),
            done=done if done in DONE else None,
            **_words(request),
        )


async def edit(request: web.Request) -> web.Response:
    """A version as text, to be made the next one."""
    async with request.app[DATABASE].transaction() as tx:
        found = await access_definition(tx, staff_of(request), _id(request))
        if found is None:
            raise web.HTTPNotFound
        text = json.dumps(dump(found[0].definition), ensure_ascii=False, indent=1)
        return await _form(request, tx, text)


async def save(request: web.Request) -> web.StreamResponse:
    """Keep the text as the next version, a draft."""
    text = str((await request.post()).get("content", ""))[:LONGEST]
    async with request.app[DATABASE].transaction() as tx:
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            return await _form(request, tx, text, (Fault("", "no_json"),))
        if not isinstance(said, dict):
            return await _form(request, tx, text, (Fault("", "no_object"),))
        made = await access_save_definition(tx, staff_of(request), _id(request), said)
        if made is None:
            raise web.HTTPNotFound
        if not isinstance(made, int):
            return await _form(request, tx, text, made)
    return go_to(f"/plans/{made}?done=saved")


async def copy(request: web.Request) -> web.StreamResponse:
    """The same plan under a name of its own."""
    async with request.app[DATABASE].transaction() as tx:
        made = await access_copy(tx, staff_of(request), _id(request))
    if made is None:
        raise web.HTTPNotFound
    return go_to(f"/plans/{made}?done=copied")


async def sign(request: web.Request) -> web.StreamResponse:
    """A clinician read this version and stands for it."""
    async with request.app[DATABASE].transaction() as tx:
        if not await access_sign(tx, staff_of(request), _id(request)):
            raise web.HTTPConflict
    return go_to(f"/plans/{_id(request)}?done=signed")


async def activate(request: web.Request) -> web.StreamResponse:
    """Use this version from now on."""
    async with request.app[DATABASE].transaction() as tx:
        if not await access_activate(tx, staff_of(request), _id(request)):
            raise web.HTTPConflict
    return go_to(f"/plans/{_id(request)}?done=activated")


async def retire(request: web.Request) -> web.StreamResponse:
    """Enrol nobody any more."""
    async with request.app[DATABASE].transaction() as tx:
        if not await access_retire(tx, staff_of(request), _id(request)):
            raise web.HTTPConflict
    return go_to(f"/plans/{_id(request)}?done=retired")


async def dropped(request: web.Request) -> web.Response:
    """What came to nothing in the last 30 days, and why."""
    async with request.app[DATABASE].transaction() as tx:
        return await page(
            request,
            tx,
            "plans/templates/dropped.html",
            AT,
            rows=await access_dropped(tx, staff_of(request)),
            **_words(request),
        )


async def _form(
    request: web.Request, tx: Tx, text: str, faults: tuple[Fault, ...] = ()
) -> web.Response:
    speech = speech_of(request)
    return await page(
        request,
        tx,
        "plans/templates/edit.html",
        AT,
        status=422 if faults else 200,
        definition_id=_id(request),
        text=text,
        faults=[shown.fault(speech, one) for one in faults],
    )


def _filter(request: web.Request, applies: Any) -> str:
    """The filter as JSON: the words of segments are the segments' page's."""
    if applies is None:
        return ""
    tree = segment.read(dict(applies.filter))
    if isinstance(tree, tuple) or not any(segments.criteria(tree)):
        return speech_of(request)("plans.applies.everybody")
    return json.dumps(dict(applies.filter), ensure_ascii=False)


def _words(request: web.Request) -> dict[str, Any]:
    speech = speech_of(request)
    return {
        name: partial(getattr(shown, name), speech)
        for name in ("when", "repeats", "rung", "threshold", "end")
    } | {"words": lambda said: shown.in_words(said, speech.language)}


def _id(request: web.Request) -> int:
    return int(request.match_info["definition"])
