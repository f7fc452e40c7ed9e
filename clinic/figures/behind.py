"""The visits, patients and conversations behind a number of the figures.

What stands behind a sum is told by the very rows that clinic.figures.sql counts, as they are now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

from clinic.db import Tx
from clinic.figures import sql
from clinic.figures.types import By, Scope

Figure = Literal["visit", "arrival", "kept", "wanted", "source", "reply", "answer", "alert", "left"]
FIGURES: tuple[Figure, ...] = get_args(Figure)
# Kinds of which there is no end, or that are of no use alone, are not here.
KINDS: Mapping[Figure, tuple[str, ...]] = {
    "visit": ("came", "missed", "open", "late", "cancelled"),
    "arrival": ("first", "repeat"),
    "kept": ("back", "gone"),
    "wanted": ("booked", "waitlist"),
    "answer": ("answered", "nobody"),
    "alert": ("answered", "nobody"),
}
# What belongs to a doctor and a service; nothing else has such filters, or is shown to doctors.
OF_VISITS = frozenset({"visit", "arrival", "kept", "wanted"})
OF_TALKS = frozenset({"answer", "alert", "left"})
SECONDS = 60  # for a statement: a year of a large clinic
_SELDOM = "case when kind = '' then 'nobody' else 'answered' end"


def _within(rows: str, kind: str = "kind") -> str:
    return f"""select *, (at at time zone $3::text)::date as on_date, {kind} as told
        from ({rows}) found"""  # noqa: S608  # constants


# By figure: what comes before the rows, and the rows.
_ROWS: Mapping[str, tuple[str, str]] = {
    "visit": (
        f"with {sql.DUE}, {sql.DUE_DISEASE}",
        f"""select due.*, practitioner_id as doctor_id, kind as told, coalesce(chapter, '') as part
            from due {sql.OF_DISEASE.format(of="due")}""",  # noqa: S608  # constants
    ),
    "arrival": (
        f"with {sql.DAYS}, {sql.DAY_DISEASE}, {sql.SEEN}",
        f"select *, chapter as part, {sql.FIRST} as told from seen",  # noqa: S608  # constants
    ),
    "kept": (
        f"with {sql.DAYS}, {sql.DAY_DISEASE}, {sql.AGAIN}",
        f"""select a.*, coalesce(chapter, '') as part,
              case when back then 'back' else 'gone' end as told
            from again a {sql.OF_DISEASE.format(of="a")}""",  # noqa: S608  # constants
    ),
    "wanted": ("", _within(f"select * from ({sql.ASKED}) asked where kind <> 'nothing'")),  # noqa: S608  # constants
    "source": ("", _within(sql.FOUND_US)),
    "reply": ("", _within(sql.TOLD)),
    "answer": ("", _within(sql.QUEUED, _SELDOM)),
    "alert": ("", _within(sql.ALERTED, _SELDOM)),
    "left": ("", _within(sql.LEFT)),
}
# What the rows of a figure do not tell.
_LACKING: Mapping[str, tuple[str, ...]] = {
    "visit": ("at", "escalation_id", "conversation_id"),
    "arrival": ("at", "escalation_id", "conversation_id"),
    "kept": ("at", "escalation_id", "conversation_id"),
    "wanted": ("escalation_id", "conversation_id", "part"),
    "source": ("visit_id", "doctor_id", "service_id", "escalation_id", "conversation_id", "part"),
    "reply": ("doctor_id", "service_id", "escalation_id", "conversation_id", "part"),
    "answer": ("patient_id", "visit_id", "doctor_id", "service_id", "escalation_id", "part"),
    "alert": ("visit_id", "doctor_id", "service_id", "part"),
    "left": ("patient_id", "visit_id", "doctor_id", "service_id", "escalation_id", "part"),
}
_NULL = {"at": "null::timestamptz", "part": "''::text"}
_COLUMNS = (
    *("on_date", "at", "told", "patient_id", "visit_id", "conversation_id", "escalation_id"),
    *("doctor_id", "service_id", "part"),
)
_WANTED = """($3::text is not null and ($4::text[] is null or told = any($4::text[])))
    and ($5::bigint[] is null or doctor_id = any($5::bigint[]))
    and ($6::bigint is null or service_id = $6) and ($7::text is null or part = $7)
    and ($8::text <> 'doctor' or doctor_id is null)
    and ($8::text <> 'service' or service_id is null) and ($8::text <> 'chapter' or part = '')"""


@dataclass(frozen=True, slots=True)
class Behind:
    """What is asked for. `kinds`: of these only; () of all. `lacking`: what has no doctor, no
    service or no chapter; with it the scope names none."""

    figure: Figure
    scope: Scope
    kinds: tuple[str, ...] = ()
    lacking: By | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One of what was counted. `at` where an instant is told, not only a day."""

    on: date
    at: datetime | None
    kind: str
    patient: int | None
    visit: int | None
    conversation: int | None
    escalation: int | None
    doctor: int | None
    service: int | None
    chapter: str


async def rows(
    tx: Tx, zone: str, asked: Behind, *, most: int | None, offset: int = 0
) -> tuple[list[Row], int]:
    """What is behind the number, the newest first; how many there are in all. `zone`: the
    clinic's."""
    await tx.execute(f"set local statement_timeout = '{SECONDS}s'")
    head, told = _statement(asked)
    found = await tx.fetch(
        f"""{head} select *, count(*) over () as whole from ({told}) told where {_WANTED}
            order by on_date desc, at desc nulls last, visit_id desc nulls last, patient_id,
              conversation_id, escalation_id, told limit $9 offset $10""",  # noqa: S608  # constants
        *_given(zone, asked),
        most,
        offset,
        timeout=SECONDS,
    )
    whole = found[0]["whole"] if found else await _count(tx, zone, asked) if offset else 0
    return [Row(*(row[name] for name in _COLUMNS)) for row in found], whole


async def people(tx: Tx, zone: str, asked: Behind, most: int) -> tuple[int, ...]:
    """The patients behind the number, each once; at most so many of them."""
    await tx.execute(f"set local statement_timeout = '{SECONDS}s'")
    head, told = _statement(asked)
    found = await tx.fetch(
        f"""{head} select distinct patient_id from ({told}) told
            where {_WANTED} and patient_id is not null order by 1 limit $9""",  # noqa: S608  # constants
        *_given(zone, asked),
        most,
        timeout=SECONDS,
    )
    return tuple(row["patient_id"] for row in found)


async def left_by_kind(tx: Tx, zone: str, since: date, until: date) -> Mapping[str, int]:
    """How often conversations that are still known were left, by flow, step and reason."""
    found = await tx.fetch(
        f"select kind, count(*) as n from ({sql.LEFT}) told group by 1",  # noqa: S608  # constants
        since,
        until,
        zone,
    )
    return {row["kind"]: row["n"] for row in found}


async def _count(tx: Tx, zone: str, asked: Behind) -> int:
    head, told = _statement(asked)
    n: int = await tx.fetchval(
        f"{head} select count(*) from ({told}) told where {_WANTED}",  # noqa: S608  # constants
        *_given(zone, asked),
        timeout=SECONDS,
    )
    return n


def _statement(asked: Behind) -> tuple[str, str]:
    head, told = _ROWS[asked.figure]
    lacking = _LACKING[asked.figure]
    columns = (
        f"{_NULL.get(name, 'null::bigint')} as {name}" if name in lacking else name
        for name in _COLUMNS
    )
    return head, f"select {', '.join(columns)} from ({told}) rows"  # noqa: S608  # constants


def _given(zone: str, asked: Behind) -> Sequence[object]:
    scope = asked.scope
    return (
        scope.since,
        scope.until,
        zone,
        list(asked.kinds) or None,
        None if scope.doctors is None else list(scope.doctors),
        scope.service,
        scope.chapter,
        asked.lacking or "",
    )
