"""Enrols patients by the rules of the active definitions, once for each anchor."""

# ruff: noqa: S608  # what is put together is fixed texts; values are bound

from zoneinfo import ZoneInfo

from clinic.db import Tx
from clinic.plan import service
from clinic.plan.definitions import find
from clinic.plan.types import Anchor, Applies
from clinic.segment import read as segment
from clinic.segment.compile import CURRENT, FROM, Compiled, When, compile_filter

AT_ONCE = 500  # patients of one definition in one sweep
EVERY = "1 minute"  # between looks at one definition

# Rows of (patient_id, on_day). {days}: how long ago at most; {codes}: text[], empty for any.
_VISITS = """
  select v.patient_id, (v.ends_at at time zone {zone})::date as on_day
  from appointment v join service k on k.id = v.service_id
  where v.status = 'fulfilled' and v.ends_at > now() - make_interval(days => {days} + 1)
    and (cardinality({codes}) = 0 or k.code = any({codes}))
  union all
  select x.patient_id, x.on_date from encounter x
  where x.setting = 'outpatient' and cardinality({codes}) = 0 and x.on_date >= {today} - {days}
    and {current}"""
# The last day of a stay. Of the last day of a month a receipt does not tell whether the stay goes
# on: it counts once something later is known.
_DISCHARGES = """
  select x.patient_id, x.on_date as on_day from encounter x
  where x.setting = 'inpatient' and x.on_date >= {today} - {days} and x.on_date < {today}
    and {current}
    and not exists (select from encounter n where n.patient_id = x.patient_id
      and n.setting = 'inpatient' and n.on_date = x.on_date + 1)
    and (extract(day from x.on_date + 1) <> 1 or exists (
      select from encounter n where n.patient_id = x.patient_id and n.on_date > x.on_date))"""
_PROCEDURES = """
  select x.patient_id, x.on_date as on_day from procedure x
  where x.on_date >= {today} - {days} and x.on_date <= {today} and x.code = any({codes})
    and {current}"""
_BIRTHS = """
  select b.id as patient_id, b.birth_on as on_day from patient b
  where b.birth_on >= {today} - {days} and b.birth_on <= {today}"""
_EVENTS: dict[Anchor, str] = {
    "visit": _VISITS,
    "discharge": _DISCHARGES,
    "procedure": _PROCEDURES,
    "birth": _BIRTHS,
}


async def due_definitions(tx: Tx) -> list[int]:
    """The definitions that enrol by rule or have running plans, and that nobody has looked at for
    a while. Of several workers one looks at a definition.
    """
    rows = await tx.fetch(
        f"""update plan_definition set looked_at = now() where id in (
              select d.id from plan_definition d
              where (d.looked_at is null or d.looked_at < now() - interval '{EVERY}')
                and (d.status = 'active' and d.content ? 'applies'
                  or exists (select from care_plan p
                             where p.definition_id = d.id and p.state = 'active'))
              for update skip locked)
            returning id"""
    )
    return [row["id"] for row in rows]


async def apply(tx: Tx, definition_id: int, zone: ZoneInfo) -> int:
    """Enrol whom a definition's rule calls for; how many."""
    stored = await find(tx, definition_id)
    if stored is None or stored.status != "active" or stored.definition.applies is None:
        return 0
    code, anchor = stored.definition.code, stored.definition.anchor
    made = await _compiled(tx, stored.definition.applies, zone)
    found = await tx.fetch(
        _events(made, code, anchor, stored.definition.applies, zone), *made.values, timeout=30.0
    )
    count = 0
    for row in found:
        plan = await service.enrol(tx, definition_id, row["patient_id"], row["on_day"], zone)
        count += plan is not None
    return count


async def _compiled(tx: Tx, applies: Applies, zone: ZoneInfo) -> Compiled:
    tree = segment.read(dict(applies.filter))
    assert not isinstance(tree, tuple)  # it was read with its definition
    now = await tx.fetchval("select now()")
    return compile_filter(tree, When(now, now.astimezone(zone).date(), zone.key))


def _events(made: Compiled, code: str, anchor: Anchor, applies: Applies, zone: ZoneInfo) -> str:
    """Whose event is new: of each patient the last one, unless such a plan is running, or was
    ended because the patient wished so: then only staff begin it again."""
    places = {
        "zone": made.bind(zone.key, "text"),
        "days": made.bind(applies.days, "int"),
        "codes": made.bind(list(applies.codes), "text[]"),
    }
    today = f"(now() at time zone {places['zone']})::date"
    events = _EVENTS[anchor].format(**places, today=today, current=CURRENT)
    return f"""
        select distinct on (e.patient_id) e.patient_id, e.on_day
        from ({events}) e join (select p.id {FROM} where {made.where}
          and p.deceased_on is null and p.moved_on is null
          and not exists (select from erasure g where g.patient_id = p.id)) m
          on m.id = e.patient_id
        where {places["codes"]} is not null and not exists (
          select from care_plan c where c.patient_id = e.patient_id
            and c.code = {made.bind(code, "text")}
            and (c.state = 'active' or c.reason = 'patient_wish'
              or c.anchor_on >= e.on_day))
        order by e.patient_id, e.on_day desc limit {AT_ONCE}"""
