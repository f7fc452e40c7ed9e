"""Segments: filters over the patients, counted while they are written, saved under a name."""

import json
from typing import Any

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, is_partial, page, part, speech_of, staff_of
from admin.segments import shown
from clinic.db import Tx
from clinic.segment.read import read_text
from clinic.segment.rules import dump
from clinic.segment.service import LONGEST_NAME
from clinic.segment.types import FIELDS, OPS, Fault
from clinic.staff.access.segments import (
    Segment,
    access_count,
    access_retire_segment,
    access_save_segment,
    access_segment,
    access_segments,
)

AT = "base"  # the menu's entry
EXAMPLE = """{"and": [
  {"field": "lapse", "op": "any", "value": ["at_risk", "lapsed"]},
  {"field": "age", "op": "at_least", "value": 40}
]}"""


async def listing(request: web.Request) -> web.Response:
    """All segments in use."""
    async with request.app[DATABASE].transaction() as tx:
        segments = await access_segments(tx, staff_of(request))
        return await page(request, tx, "segments/templates/list.html", AT, segments=segments)


async def new(request: web.Request) -> web.Response:
    """A filter that is not saved yet."""
    async with request.app[DATABASE].transaction() as tx:
        return await _form(request, tx, None, "", EXAMPLE, await _counted(request, tx, EXAMPLE))


async def show(request: web.Request) -> web.Response:
    """A saved filter, counted now."""
    async with request.app[DATABASE].transaction() as tx:
        segment = await _segment(request, tx)
        text = json.dumps(dump(segment.saved.tree), ensure_ascii=False, indent=2)
        counted = await _counted(request, tx, text)
        return await _form(request, tx, segment, segment.saved.name, text, counted)


async def count(request: web.Request) -> web.Response:
    """How many a filter finds that is just being written."""
    posted = await request.post()
    name, text = str(posted.get("name", "")), str(posted.get("tree", ""))
    async with request.app[DATABASE].transaction() as tx:
        counted = await _counted(request, tx, text)
        if is_partial(request):
            return part(request, "segments/templates/count.html", **counted)
        return await _form(request, tx, None, name, text, counted)


async def save(request: web.Request) -> web.StreamResponse:
    """Save a filter, new or as the next version of one."""
    posted = await request.post()
    name, text = str(posted.get("name", "")), str(posted.get("tree", ""))
    named = request.match_info.get("segment")
    tree = read_text(text)
    async with request.app[DATABASE].transaction() as tx:
        segment = await _segment(request, tx) if named else None
        if isinstance(tree, tuple):
            counted = await _counted(request, tx, text)
            return await _form(request, tx, segment, name, text, counted, status=422)
        saved = await access_save_segment(
            tx, staff_of(request), name, tree, segment.id if segment else None
        )
        if isinstance(saved, Fault):
            counted = await _counted(request, tx, text)
            counted["faults"] = [shown.fault(speech_of(request), Fault("", saved.reason))]
            return await _form(request, tx, segment, name, text, counted, status=422)
        if saved is None:
            raise web.HTTPNotFound
    return go_to(f"/segments/{saved.id}?done=saved")


async def retire(request: web.Request) -> web.StreamResponse:
    """Take a segment off the list."""
    async with request.app[DATABASE].transaction() as tx:
        segment_id = int(request.match_info["segment"])
        if not await access_retire_segment(tx, staff_of(request), segment_id):
            raise web.HTTPNotFound
    return go_to("/segments")


async def _segment(request: web.Request, tx: Tx) -> Segment:
    found = await access_segment(tx, staff_of(request), int(request.match_info["segment"]))
    if found is None:
        raise web.HTTPNotFound
    return found


async def _counted(request: web.Request, tx: Tx, text: str) -> dict[str, Any]:
    """What is told of a filter: its words and how many it finds, or what is wrong with it."""
    speech, tree = speech_of(request), read_text(text)
    if isinstance(tree, tuple):
        faults = [shown.fault(speech, one) for one in tree]
        return {"faults": faults, "counted": None, "lines": ()}
    app = request.app
    found = await access_count(tx, app[KEYS], app[SETTINGS], staff_of(request), tree)
    if found is None:
        raise web.HTTPForbidden(reason="role")
    lines = shown.described(speech, tree)
    if isinstance(found, Fault):
        return {"faults": [shown.fault(speech, found)], "counted": None, "lines": lines}
    return {"faults": (), "counted": found, "lines": lines}


async def _form(
    request: web.Request,
    tx: Tx,
    segment: Segment | None,
    name: str,
    text: str,
    counted: dict[str, Any],
    *,
    status: int = 200,
) -> web.Response:
    speech = speech_of(request)
    fields = [
        {
            "name": field.name,
            "words": speech(f"segment_field_{field.name}"),
            "ops": OPS[field.kind],
            "choices": field.choices,
            "options": [option.name for option in field.options],
        }
        for field in FIELDS.values()
    ]
    return await page(
        request,
        tx,
        "segments/templates/form.html",
        AT,
        status=status,
        segment=segment,
        name=name,
        text=text,
        fields=fields,
        longest=LONGEST_NAME,
        saved=request.query.get("done") == "saved",
        **counted,
    )
