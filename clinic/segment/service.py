"""Segments in the database: saved, counted, looked into."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import orjson

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key
from clinic.link.rules import LIVE
from clinic.policy.types import EXPLICIT, Purpose
from clinic.segment import rules
from clinic.segment.compile import FROM, Compiled, When, compile_filter
from clinic.segment.read import read
from clinic.segment.types import Counted, Criterion, Fault, Filter, Saved

SEGMENT_LOCK = 7_205_131  # any fixed number: versions are given one after the other
LONGEST_NAME = 80
BATCH = 500  # answers decrypted at a time
# Tables whose order of joining is looked for, below 12, from where PostgreSQL guesses it. With its
# own 8 the chats of everybody were joined before it was known who is found.
ORDERED = "11"
TIMEOUT = 10.0  # s; nobody looks at a screen for longer
# Why somebody is not written to; the first that holds is told.
REASONS = (
    *("deceased", "moved", "call_only"),
    *("no_chat", "unreachable", "opted_out", "no_consent"),
)

# The same as clinic.policy.rules, for a million at a time. No subquery here asks about the row
# outside it, or only one process would do the work. Seen again is ours again; of several chats the
# best one counts. The newest word on a purpose counts: a yes where one is needed, else a no.
_COUNT = f"""
    select reason, count(*) as n from (
      select p.id, max(case
          when p.deceased_on is not null then 'deceased'
          when p.moved_on is not null and coalesce(s.last_visit_on <= p.moved_on, true) then 'moved'
          when f.call_only then 'call_only'
          when a.id is null then '0 no_chat'
          when a.unreachable_at is not null then '1 unreachable'
          when a.opted_out_at is not null then '2 opted_out'
          when a.consent_version is null or (c.id is null) = {{explicit}} then '3 no_consent'
          else '4 ' end) as reason
      {FROM}
      left join link l on l.patient_id = p.id and {LIVE}
      left join chat_account a on a.id = l.account_id
      left join contact_preference f on f.patient_id = p.id
      left join consent c on c.account_id = a.id and c.purpose = {{purpose}}
        and c.given = {{explicit}} and not exists (
          select 1 from consent d where d.account_id = c.account_id and d.purpose = c.purpose
            and d.id > c.id and d.given <> c.given)
      where {{where}} group by p.id) n
    group by reason
"""  # noqa: S608  # constants
# The same few every time, and no row of them near another.
_SAMPLE = f"""
    select p.id {FROM} where {{where}} order by hashint8extended(p.id, 0), p.id limit {{limit}}
"""  # constants
_ANSWERS = """
    select distinct on (r.patient_id) r.patient_id, r.key, r.answers, r.authored_at
    from questionnaire_response r join questionnaire q on q.id = r.questionnaire_id
    where q.name = $1 order by r.patient_id, r.authored_at desc, r.id desc
"""


async def count(
    tx: Tx, keys: KeyRing, zone: str, tree: Filter, purpose: Purpose = "care"
) -> Counted | Fault:
    """How many the filter finds, and who of them cannot be sent a message of a purpose, and why.

    Can be reached: by a chat whose link is proven or the patient's own, which is reachable, has not
    said stop and agreed to the purpose; as clinic.policy judges, but for what depends on the hour.
    The Fault is too_slow: the filter asks for too much.
    """
    began = time.perf_counter()
    try:
        async with tx.transaction():
            made = await compiled(tx, keys, zone, tree)
            await tx.fetchrow(
                """select set_config('join_collapse_limit', $1, true),
                     set_config('from_collapse_limit', $1, true)""",
                ORDERED,
            )
            statement = _COUNT.format(
                where=made.where,
                purpose=made.bind(purpose, "text"),
                explicit=made.bind(purpose in EXPLICIT, "bool"),
            )
            rows = await tx.fetch(statement, *made.values, timeout=TIMEOUT)
    except (asyncpg.QueryCanceledError, TimeoutError):
        return Fault("", "too_slow")
    counts = {row["reason"].split(" ")[-1]: row["n"] for row in rows}
    return Counted(
        matched=sum(counts.values()),
        reachable=counts.get("", 0),
        left_out={reason: counts[reason] for reason in REASONS if reason in counts},
        ms=round((time.perf_counter() - began) * 1000),
    )


async def sample(tx: Tx, keys: KeyRing, zone: str, tree: Filter, limit: int) -> list[int]:
    """The ids of a few patients whom the filter finds, the same few every time.

    To be looked at through clinic.staff.access only.
    """
    made = await compiled(tx, keys, zone, tree)
    statement = _SAMPLE.format(where=made.where, limit=made.bind(limit, "int"))
    return [row["id"] for row in await tx.fetch(statement, *made.values, timeout=TIMEOUT)]


async def compiled(tx: Tx, keys: KeyRing, zone: str, tree: Filter) -> Compiled:
    """The condition of a filter as of now, on what FROM of clinic.segment.compile joins."""
    # Another filter is another statement: no plan is of use to a later one. What is hashed may
    # be a million ids.
    now = await tx.fetchval(
        """select now() from (select set_config('plan_cache_mode', 'force_custom_plan', true),
             set_config('work_mem', '64MB', true)) n"""
    )
    when = When(now, now.astimezone(ZoneInfo(zone)).date(), zone)
    asked = {one for one in rules.criteria(tree) if one.field == "answer"}
    answers = {one: await _who_answered(tx, keys, when, one) for one in asked}
    return compile_filter(tree, when, answers)


async def _who_answered(tx: Tx, keys: KeyRing, when: When, asked: Criterion) -> Sequence[int]:
    """Whose newest answers to a questionnaire are as asked. They are encrypted: all are read."""
    back = asked.option("days")
    since = None if back is None else when.today - timedelta(int(back))
    zone = ZoneInfo(when.zone)
    found = []
    async for row in tx.cursor(_ANSWERS, asked.option("form"), prefetch=BATCH):
        if since is not None and row["authored_at"].astimezone(zone).date() < since:
            continue
        given = keys.open(row["answers"], "questionnaire_response.answers", row["key"])
        if rules.answer_holds(asked, orjson.loads(given)):
            found.append(row["patient_id"])
    return found


async def save(
    tx: Tx, name: str, tree: Filter, staff_id: int | None, key: str | None = None
) -> Saved | Fault:
    """Save a filter under a name: as a new segment, or as a new version of the one with this key.

    Nothing is written if nothing changed. Faults: a name that is none, a key that is not there.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        return Fault("name", "no_name")
    await tx.execute("select pg_advisory_xact_lock($1)", SEGMENT_LOCK)
    before = None
    if key is not None:
        before = await find(tx, key)
        if before is None or before.retired:
            return Fault("key", "unknown_segment")
        if (before.name, before.tree) == (name, tree):
            return before
    made = Saved(
        key=str(new_key()) if key is None else key,
        version=before.version + 1 if before is not None else 1,
        name=name,
        tree=tree,
        retired=False,
    )
    segment_id = await tx.fetchval(
        """insert into segment (key, version, name, tree, created_by_id)
           values ($1, $2, $3, $4, $5) returning id""",
        UUID(made.key),
        made.version,
        name,
        rules.dump(tree),
        staff_id,
    )
    await _tell(tx, staff_id, "save", segment_id, made.version)
    return made


async def find(tx: Tx, key: str, version: int | None = None) -> Saved | None:
    """A version of a segment, the newest if none is named; None if it is not there."""
    try:
        named = UUID(key)
    except ValueError:
        return None
    row = await tx.fetchrow(
        """select key, version, name, tree, retired from segment
           where key = $1 and version = coalesce($2, version) order by version desc limit 1""",
        named,
        version,
    )
    return None if row is None else _saved(row)


async def listing(tx: Tx) -> list[Saved]:
    """The newest version of each segment that is not retired, by name."""
    rows = await tx.fetch(
        """select * from (
             select distinct on (key) key, version, name, tree, retired from segment
             order by key, version desc) n
           where not retired order by name, key"""
    )
    return [_saved(row) for row in rows]


async def retire(tx: Tx, key: str, staff_id: int | None) -> bool:
    """Take a segment off the list; its versions stay. False if it is not on it."""
    found = await find(tx, key)
    if found is None or found.retired:
        return False
    await tx.execute("update segment set retired = true where key = $1", UUID(key))
    segment_id = await tx.fetchval("select max(id) from segment where key = $1", UUID(key))
    await _tell(tx, staff_id, "retire", segment_id, found.version)
    return True


async def _tell(tx: Tx, staff_id: int | None, deed: str, segment_id: int, version: int) -> None:
    actor: Literal["staff", "system"] = "system" if staff_id is None else "staff"
    await record(tx, actor, staff_id, f"{actor}:segment:{deed}", segment_id, {"version": version})


def _saved(row: asyncpg.Record) -> Saved:
    """A stored version. Raises ValueError if it is not understood any more: that is a bug."""
    tree = read(row["tree"])
    if isinstance(tree, tuple):
        raise ValueError("a stored segment is not understood any more")
    return Saved(str(row["key"]), row["version"], row["name"], tree, row["retired"])
