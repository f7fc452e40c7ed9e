"""How much of a channel's month is left for what is not urgent, and how long it lasts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Month:
    """Messages of this month: how many there may be (None: no limit), and how many there were."""

    limit: int | None
    used: int


@dataclass(frozen=True, slots=True)
class Lasting:
    """`left`: what campaigns may still send this month before these messages; None: no limit.

    `out_on`: the first day on which not all of them fit; `short`: how many do not, in the months
    looked at. A campaign is paused on that day, and tells staff.
    """

    left: int | None
    out_on: date | None = None
    short: int = 0


def quota_left(limit: int | None, used: int, reserve: int, planned: int = 0) -> int | None:
    """How many messages campaigns may still send this month; None: as many as they like.

    `limit`: of the month, None without one; `used`: messages sent so far; `reserve`: per cent of
    the limit that stay for what must arrive; `planned`: are to go this month and not counted yet.
    """
    if limit is None:
        return None
    return max(0, limit - -(-limit * reserve // 100) - used - planned)


def lasting(
    month: Month, reserve: int, waiting: int, days: Mapping[date, int], today: date
) -> Lasting:
    """How long the quota of today's month lasts if so many messages go out on these days.

    `waiting`: messages that stand in line before them. In a new month the whole of it is there
    again, but for the reserve.
    """
    left = quota_left(month.limit, month.used, reserve, waiting)
    if left is None:
        return Lasting(None)
    whole = quota_left(month.limit, 0, reserve) or 0
    room, out_on, short, before = left, None, 0, today
    for on, count in sorted(days.items()):
        if (on.year, on.month) != (before.year, before.month):
            room = whole
        before = on
        over = max(0, count - room)
        room = max(0, room - count)
        short += over
        out_on = on if over and out_on is None else out_on
    return Lasting(left, out_on, short)
