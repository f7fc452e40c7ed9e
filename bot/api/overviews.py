"""Campaigns and segments: lists and figures. Numbers only: nobody is named."""

from collections.abc import Sequence
from typing import TypeVar

from bot.api.models import (
    Campaign,
    CampaignFigures,
    Campaigns,
    Page,
    Segment,
    SegmentCount,
    Segments,
)
from bot.api.problem import NOT_FOUND, Problem, invalid
from bot.api.route import Call, Done
from clinic.campaign import store
from clinic.campaign import types as campaign
from clinic.segment import service as segments
from clinic.segment.types import Counted

T = TypeVar("T")


async def list_campaigns(call: Call) -> Done | Problem:
    """A page of campaigns, those under way first."""
    page = _page(call, "campaigns", await store.listing(call.tx))
    if isinstance(page, Problem):
        return page
    found, following = page
    items = [Campaign.model_validate(_told(one)) for one in found]
    return Done(Campaigns(items=items, next=following))


async def read_campaign(call: Call) -> Done | Problem:
    """A campaign with its figures."""
    found = await store.by_key(call.tx, call.path["id"])
    if found is None:
        return NOT_FOUND
    counts = await store.counts(call.tx, found.id)
    figures = CampaignFigures.model_validate(
        {
            **_told(found),
            "recipients": counts.recipients,
            "states": counts.states,
            "reasons": counts.reasons,
            "answered": counts.answered,
            "booked": counts.booked,
        }
    )
    return Done(figures, found.id)


async def list_segments(call: Call) -> Done | Problem:
    """A page of saved segments."""
    page = _page(call, "segments", await segments.listing(call.tx))
    if isinstance(page, Problem):
        return page
    found, following = page
    items = [Segment.model_validate(_named(one.key, one.version, one.name)) for one in found]
    return Done(Segments(items=items, next=following))


async def count_segment(call: Call) -> Done | Problem:
    """How many a segment finds now."""
    found = await segments.find(call.tx, call.path["id"])
    if found is None or found.retired:
        return NOT_FOUND
    zone = call.env.settings.clinic.time_zone
    counted = await segments.count(call.tx, call.env.keys, zone, found.tree)
    if not isinstance(counted, Counted):
        return Problem(503, "too_slow")
    told = SegmentCount(
        matched=counted.matched, reachable=counted.reachable, left_out=dict(counted.left_out)
    )
    return Done(told, detail={"matched": counted.matched})


def _page(call: Call, name: str, found: Sequence[T]) -> tuple[Sequence[T], str | None] | Problem:
    """A page of a short list."""
    query: Page = call.query
    try:
        place = call.place(name, query.cursor)
    except ValueError:
        return invalid(("cursor", "unknown"))
    first = place[0] if place else 0
    last = first + query.limit
    return found[first:last], call.cursor(name, [last]) if last < len(found) else None


def _told(one: campaign.Campaign) -> dict[str, object]:
    return {
        "id": one.key,
        "name": one.draft.name,
        "kind": one.draft.kind,
        "purpose": one.purpose,
        "state": one.state,
        "reason": one.reason,
        "starts_at": one.starts_at,
        "created_at": one.created_at,
        "ended_at": one.ended_at,
    }


def _named(key: str, version: int, name: str) -> dict[str, object]:
    return {"id": key, "version": version, "name": name}
