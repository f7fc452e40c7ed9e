"""Turns that hang on a visit, looked at again before they are released."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.campaign.anchor import Fallen, Moved, still, visit_of
from clinic.campaign.consider import Plan, Point
from clinic.campaign.due import Visited
from clinic.campaign.trigger import Relative
from clinic.db import Tx


@dataclass(frozen=True, slots=True)
class Standing:
    """Who may be judged, and the visits that are still to come: id and version, by recipient.

    `fallen`: whose visit is not what it was; they are not settled yet.
    """

    points: list[Point]
    fallen: list[Point]
    visits: Mapping[int | None, tuple[int, int]]


async def look_again(
    tx: Tx, plan: Plan, points: Sequence[Point], now: datetime, zone: ZoneInfo
) -> Standing:
    """Which of these turns still stand; those whose visit was moved wait for their new time."""
    anchors = {point.id: visit_of(plan.trigger, point.occurrence) for point in points}
    ids = [one for one in anchors.values() if one is not None]
    if not ids or not isinstance(plan.trigger, Relative):
        return Standing(list(points), [], {})
    rows = await tx.fetch(
        """select a.id, a.status, a.starts_at, a.created_at, a.version, v.code
           from appointment a join service v on v.id = a.service_id
           where a.id = any($1::bigint[])""",
        ids,
    )
    found = {
        row["id"]: Visited(
            row["id"], row["status"], row["code"], row["starts_at"], row["created_at"]
        )
        for row in rows
    }
    versions = {row["id"]: row["version"] for row in rows}
    useful = timedelta(hours=plan.campaign.draft.useful_hours)
    visits: dict[int | None, tuple[int, int]] = {}
    standing = Standing([], [], visits)
    moved: list[tuple[Point, Moved]] = []
    for point in points:
        visit = anchors[point.id]
        if visit is None:
            standing.points.append(point)
            continue
        match still(plan.trigger, found.get(visit), now, useful, zone):
            case Fallen():
                standing.fallen.append(point)
            case Moved() as other:
                moved.append((point, other))
            case stands:
                standing.points.append(point)
                if stands.ahead:
                    visits[point.id] = visit, versions[visit]
    await _put_off(tx, moved)
    return standing


async def _put_off(tx: Tx, moved: Sequence[tuple[Point, Moved]]) -> None:
    await tx.execute(
        """update recipient r set due_at = n.until, useful_until = n.useful, reason = 'visit_moved'
           from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[]) n (id, until, useful)
           where r.id = n.id""",
        [point.id for point, _ in moved],
        [one.until for _, one in moved],
        [one.useful_until for _, one in moved],
    )
