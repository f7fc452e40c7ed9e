"""Segments: filters over the patients, counted while they are written, saved under a name."""

import json
import re
from typing import Any

from aiohttp import web

from admin.keys import DATABASE
from admin.page import go_to, is_partial, page, part, speech_of, staff_of
from admin.segments import building, shown
from admin.segments.builder import BLANK, Sketch, filter_of, sketch_of
from clinic.db import Tx
from clinic.segment.read import read_text
from clinic.segment.rules import dump
from clinic.segment.service import LONGEST_NAME
from clinic.segment.types import FIELDS, OPS, Fault, Filter
from clinic.staff.access.segments import (
    Segment,
    access_offers,
    access_retire_segment,
    access_save_segment,
    access_segment,
    access_segments,
)

AT = "base"  # the menu's entry
ROWS, JSON = "rows", "json"  # the two views of a filter
_BACK = re.compile(r"/campaigns/[0-9]{1,18}/edit")  # where the builder stands in another form


async def listing(request: web.Request) -> web.Response:
    """All segments in use."""
    async with request.app[DATABASE].transaction() as tx:
        segments = await access_segments(tx, staff_of(request))
        return await page(request, tx, "segments/templates/list.html", AT, segments=segments)


async def new(request: web.Request) -> web.Response:
    """A filter that is not saved yet."""
    async with request.app[DATABASE].transaction() as tx:
        return await _rows(request, tx, None, "", BLANK)


async def show(request: web.Request) -> web.Response:
    """A saved filter, counted now."""
    async with request.app[DATABASE].transaction() as tx:
        segment = await _segment(request, tx)
        saved = segment.saved
        sketch = sketch_of(saved.tree)
        if sketch is None or request.query.get("view") == JSON:
            return await _json(request, tx, segment, saved.name, _text(saved.tree))
        return await _rows(request, tx, segment, saved.name, sketch)


async def count(request: web.Request) -> web.Response:
    """How many a filter finds that is just being written as JSON."""
    posted = await request.post()
    name, text = str(posted.get("name", "")), str(posted.get("tree", ""))
    async with request.app[DATABASE].transaction() as tx:
        if is_partial(request):
            counted = await _counted(request, tx, text)
            return part(request, "segments/templates/count.html", **counted)
        return await _json(request, tx, await _meant(request, tx), name, text)


async def build(request: web.Request) -> web.Response:
    """The builder after a change or one of its buttons: its rows, and how many they find now."""
    posted = await request.post()
    name, deed = str(posted.get("name", "")), str(posted.get("do", ""))
    async with request.app[DATABASE].transaction() as tx:
        if deed == ROWS:
            return await _to_rows(request, tx, name, str(posted.get("tree", "")))
        sketch, names = building.posted(posted), deed == building.SAMPLE
        if is_partial(request):
            back = str(posted.get("builder", ""))
            here = back if _BACK.fullmatch(back) else building.HERE
            shown_now = await building.shown_builder(request, tx, sketch, here=here, names=names)
            return part(request, "segments/templates/builder.html", **shown_now)
        segment = await _meant(request, tx)
        if deed == JSON:
            made = filter_of(sketch)
            if not isinstance(made, tuple):
                return await _json(request, tx, segment, name, _text(made))
        return await _rows(request, tx, segment, name, sketch, names=names)


async def words(request: web.Request) -> web.Response:
    """Codes and words that begin like what is being typed into a condition."""
    field = request.query.get("field", "")
    typed = next((text for name, text in request.query.items() if name != "field"), "")
    async with request.app[DATABASE].transaction() as tx:
        offers = await access_offers(tx, staff_of(request), field, typed.strip()[:80])
        return part(request, "segments/templates/words.html", offers=offers)


async def save(request: web.Request) -> web.StreamResponse:
    """Save a filter, new or as the next version of one: from the builder, or from JSON."""
    posted = await request.post()
    name = str(posted.get("name", ""))
    named = request.match_info.get("segment")
    async with request.app[DATABASE].transaction() as tx:
        segment = await _segment(request, tx) if named else None
        text, sketch = str(posted.get("tree", "")), building.posted(posted)
        tree = read_text(text) if "tree" in posted else filter_of(sketch)

        async def again(*faults: str) -> web.Response:
            if "tree" in posted:
                return await _json(request, tx, segment, name, text, *faults)
            return await _rows(request, tx, segment, name, sketch, *faults, status=422)

        if isinstance(tree, tuple):
            return await again()
        saved = await access_save_segment(
            tx, staff_of(request), name, tree, segment.id if segment else None
        )
        if isinstance(saved, Fault):
            return await again(shown.fault(speech_of(request), Fault("", saved.reason)))
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


async def _meant(request: web.Request, tx: Tx) -> Segment | None:
    """The saved segment that an unsaved form is of, so that its buttons keep to it."""
    said = str((await request.post()).get("segment", ""))
    if not said.isdecimal() or len(said) > 18:
        return None
    return await access_segment(tx, staff_of(request), int(said))


def _text(tree: Filter) -> str:
    return json.dumps(dump(tree), ensure_ascii=False, indent=2)


async def _counted(request: web.Request, tx: Tx, text: str) -> dict[str, Any]:
    """What is told of a filter: its words and how many it finds, or what is wrong with it."""
    tree = read_text(text)
    if isinstance(tree, tuple):
        faults = [shown.fault(speech_of(request), one) for one in tree]
        return {"faults": faults, "counted": None, "lines": ()}
    return await building.counting(request, tx, tree)


async def _to_rows(request: web.Request, tx: Tx, name: str, text: str) -> web.Response:
    """From JSON to the builder, if it can show the filter."""
    segment, tree = await _meant(request, tx), read_text(text)
    sketch = None if isinstance(tree, tuple) else sketch_of(tree)
    if sketch is not None:
        return await _rows(request, tx, segment, name, sketch)
    faults = () if isinstance(tree, tuple) else (speech_of(request)("builder.too_deep"),)
    return await _json(request, tx, segment, name, text, *faults)


async def _rows(
    request: web.Request,
    tx: Tx,
    segment: Segment | None,
    name: str,
    sketch: Sketch,
    *faults: str,
    status: int = 200,
    names: bool = False,
) -> web.Response:
    # Everybody is counted when a condition asks for it: that takes longest, and is no news.
    shown_now = await building.shown_builder(
        request, tx, sketch, names=names, count=segment is not None or sketch != BLANK
    )
    if faults:
        shown_now["faults"] = faults
    return await _form(request, tx, segment, name, ROWS, status, **shown_now)


async def _json(
    request: web.Request,
    tx: Tx,
    segment: Segment | None,
    name: str,
    text: str,
    *faults: str,
) -> web.Response:
    counted = await _counted(request, tx, text)
    wrong = bool(counted["faults"] or faults)
    if faults:
        counted["faults"] = faults
    speech = speech_of(request)
    known = [
        {
            "name": field.name,
            "words": speech(f"segment_field_{field.name}"),
            "ops": OPS[field.kind],
            "choices": field.choices,
            "options": [option.name for option in field.options],
        }
        for field in FIELDS.values()
    ]
    status = 422 if wrong and request.method == "POST" else 200
    return await _form(request, tx, segment, name, JSON, status, text=text, known=known, **counted)


async def _form(
    request: web.Request,
    tx: Tx,
    segment: Segment | None,
    name: str,
    view: str,
    status: int,
    **values: Any,
) -> web.Response:
    return await page(
        request,
        tx,
        "segments/templates/form.html",
        AT,
        status=status,
        segment=segment,
        name=name,
        view=view,
        longest=LONGEST_NAME,
        saved=request.query.get("done") == "saved",
        **values,
    )
