"""Whom a campaign concerns and when, as SQL over the whole base. Writing and previews share it."""

# ruff: noqa: S608  # what is put together is fixed texts; values are bound

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.campaign.due import looks_back
from clinic.campaign.due_sql import compile_due
from clinic.campaign.rules import GRACE
from clinic.campaign.trigger import Trigger
from clinic.campaign.types import Audience, OfFilter, OfLapse, OfPatients
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.segment import service as segments
from clinic.segment.compile import FROM, Compiled
from clinic.segment.read import read
from clinic.segment.types import Criterion, Filter

_PLACE = re.compile(r"\$(\d+)")
# What becomes of a time that was over when somebody came in: state and reason.
_LATE = {
    "send": ("pending", None),
    "skip": ("skipped", "too_late_on_enrolment"),
    "ask": ("skipped", "late_to_decide"),
}


async def compile_audience(tx: Tx, keys: KeyRing, zone: str, audience: Audience) -> Compiled:
    """The condition on `patient p` (joined as `clinic.segment.compile.FROM` has it).

    Raises ValueError if the segment is not there: it was when the campaign was saved.
    """
    if isinstance(audience, OfPatients):
        made = Compiled()
        ids = made.bind(list(audience.ids), "bigint[]")
        made.where = f"p.merged_into_id is null and p.id = any({ids})"
        return made
    return await segments.compiled(tx, keys, zone, await _tree(tx, audience))


async def _tree(tx: Tx, audience: Audience) -> Filter:
    match audience:
        case OfLapse(group, states):
            return Criterion("lapse", "any", states, (("group", group),))
        case OfFilter(said):
            tree = read(said)
            if isinstance(tree, tuple):
                raise ValueError("a stored filter is not understood any more")
            return tree
    assert not isinstance(audience, OfPatients)
    saved = await segments.find(tx, str(audience.key), audience.version)
    if saved is None:
        raise ValueError("no such segment")
    return saved.tree


async def people(tx: Tx, keys: KeyRing, zone: str, audience: Audience) -> int:
    """How many patients the audience finds now."""
    made = await compile_audience(tx, keys, zone, audience)
    found: int = await tx.fetchval(f"select count(*) {FROM} where {made.where}", *made.values)
    return found


async def still_in(
    tx: Tx, keys: KeyRing, zone: str, audience: Audience, patients: list[int]
) -> set[int]:
    """Who of these patients the audience finds now."""
    made = await compile_audience(tx, keys, zone, audience)
    asked = made.bind(patients, "bigint[]")
    query = f"select p.id {FROM} where p.id = any({asked}) and {made.where}"
    return {row["id"] for row in await tx.fetch(query, *made.values)}


@dataclass(frozen=True, slots=True)
class Look:
    """The time that a look covers: [since, until), and from `back` on what was over before."""

    since: datetime
    until: datetime
    back: datetime


def look(
    trigger: Trigger,
    starts_at: datetime,
    made_until: datetime | None,
    until: datetime,
    zone: ZoneInfo,
) -> Look:
    """What to look at, when all up to `made_until` was looked at before; None: nothing was."""
    since = starts_at if made_until is None else made_until
    return Look(since, until, looks_back(trigger, since, until, zone, made_until is None))


def is_empty(trigger: Trigger, seen: Look, zone: ZoneInfo) -> bool:
    """Whether nothing can be due in a look, of anybody, so that the base need not be asked."""
    return not compile_due(trigger, seen.since, seen.until, zone, seen.back).values


async def compile_points(
    tx: Tx,
    keys: KeyRing,
    zone: ZoneInfo,
    audience: Audience,
    trigger: Trigger,
    seen: Look,
    useful: timedelta,
) -> Compiled:
    """Rows of (patient_id, occurrence, due_at, useful_until, state, reason) of a look.

    What is late is decided as the trigger says; what was due while no worker ran and is of no use
    any more is expired. Nothing is left out in silence.
    """
    made = await compile_audience(tx, keys, zone.key, audience)
    due = compile_due(trigger, seen.since, seen.until, zone, seen.back)
    base = len(made.values)
    points = _PLACE.sub(lambda place: f"${int(place[1]) + base}", due.where)
    made.values += due.values
    useful_for, grace = made.bind(useful, "interval"), made.bind(GRACE, "interval")
    state, reason = _LATE[trigger.late]
    late_state, late_reason = made.bind(state, "text"), made.bind(reason, "text")
    made.where = f"""
        select d.patient_id, d.occurrence, n.due_at, n.due_at + {useful_for} as useful_until,
               case when n.late then {late_state}
                    when d.due_at + {useful_for} <= now() then 'expired'
                    else 'pending' end as state,
               case when n.late then {late_reason}
                    when d.due_at + {useful_for} <= now() then 'too_late' end as reason
        from ({points}) d join patient p on p.id = d.patient_id
        left join patient_summary s on s.patient_id = p.id
        cross join lateral (
          select l.late, case when l.late and {late_state} = 'pending' then now()
                              else d.due_at end as due_at
          from (select d.late and d.due_at <= now() - {grace} as late) l) n
        where {made.where}"""
    return made
