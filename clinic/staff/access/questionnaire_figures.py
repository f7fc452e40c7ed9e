"""What the patients of a staff member answered to a questionnaire, for counting; nobody is named.

A doctor counts what own patients answered, the desk and admins count all, as in the table of
results; what patients say of how they were treated is not for those who treated them.
"""

# ruff: noqa: S608  # what is put together is fixed texts; values are bound

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.figures.survey import CONDUCT, SATISFACTION
from clinic.questionnaire import codec
from clinic.questionnaire.service import open_item
from clinic.questionnaire.types import Answers
from clinic.staff.access import OWN_PATIENTS
from clinic.staff.access.questionnaire_results import Period
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

MOST = 1_000  # responses that are opened; of more every second, third ... is
_MOST_DRAFTS = 200


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which responses. `version`: an id of the questionnaire's versions."""

    period: Period
    version: int | None = None
    service: int | None = None
    practitioner: int | None = None


@dataclass(frozen=True, slots=True)
class One:
    """A response without whose it is."""

    on: date
    answers: Answers
    scores: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Asked:
    """How many were asked and what became of it. `begun`: expired ones that had answered something;
    `stops`: the questions at which those, and who has not gone on yet, stand."""

    asked: int
    completed: int
    open: int
    expired: int
    begun: int
    cancelled: int
    stops: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Responses:
    """`total` responses, of which every `every`-th (1: all) is in `opened`, drawn by lot."""

    total: int
    every: int
    opened: tuple[One, ...]
    asked: Asked


# $1 and $2: see clinic.staff.access; $3 a version of the questionnaire, $4 to $6 the days and their
# zone, $7 a version, $8 a service, $9 a practitioner (null: all).
_URL = f"""join questionnaire q on q.id = x.questionnaire_id
    and q.url = (select url from questionnaire where id = $3)
    where ($2 or q.name not in ('{SATISFACTION}', '{CONDUCT}')
           and x.patient_id in ({OWN_PATIENTS}))
      and ($7::bigint is null or q.id = $7)"""
_DAYS = """>= ($4::date::timestamp at time zone $6)
    and {at} < (($5::date + 1)::timestamp at time zone $6)"""
# The visit that answers belong to: the one that they were asked for, or the last before them.
_VISIT = """($8::bigint is null and $9::bigint is null or exists (
    select from appointment v where ($8::bigint is null or v.service_id = $8)
      and ($9::bigint is null or v.practitioner_id = $9) and (
        v.id = {appointment} or {appointment} is null and v.patient_id = x.patient_id
          and v.status in ('arrived', 'fulfilled') and v.starts_at <= {at}
          and v.starts_at > {at} - interval '14 days')))"""
_RESPONSES = f"""from questionnaire_response x
    left join questionnaire_request o on o.id = x.request_id {_URL}
      and x.authored_at {_DAYS.format(at="x.authored_at")}
      and {_VISIT.format(appointment="o.appointment_id", at="x.authored_at")}"""
_ASKED_AT = "coalesce(x.sent_at, x.created_at)"
_REQUESTS = f"""from questionnaire_request x {_URL}
      and {_ASKED_AT} {_DAYS.format(at=_ASKED_AT)}
      and {_VISIT.format(appointment="x.appointment_id", at=_ASKED_AT)}"""


async def access_counted(
    tx: Tx, keys: KeyRing, staff: Staff, questionnaire_id: int, wanted: Narrowed
) -> Responses:
    """The responses to any version of a questionnaire, for counting. At most `MOST` are opened."""
    period = wanted.period
    given = (
        staff.id,
        sees_all_patients(staff.role),
        questionnaire_id,
        period.first,
        period.last,
        period.zone,
        wanted.version,
        wanted.service,
        wanted.practitioner,
    )
    total = await tx.fetchval(f"select count(*) {_RESPONSES}", *given)
    every = max(1, -(-total // MOST))
    rows = await tx.fetch(
        f"""select x.key, x.answers, x.scores, (x.authored_at at time zone $6)::date as on_date
            {_RESPONSES} and (hashtextextended(x.id::text, 0) & 9223372036854775807) % $10 = 0""",
        *given,
        every,
    )
    return Responses(
        total, every, tuple(_one(keys, row) for row in rows), await _asked(tx, keys, given)
    )


def _one(keys: KeyRing, row: Mapping[str, Any]) -> One:
    plain = keys.open(row["answers"], "questionnaire_response.answers", row["key"])
    scores = {name: Decimal(str(value)) for name, value in row["scores"].items()}
    return One(row["on_date"], codec.load(orjson.loads(plain)), scores)


async def _asked(tx: Tx, keys: KeyRing, given: tuple[object, ...]) -> Asked:
    rows = await tx.fetch(
        f"""select x.state, x.last_item, count(*) as n {_REQUESTS}
            group by x.state, x.last_item""",
        *given,
    )
    states: Counter[str] = Counter()
    stops: Counter[str] = Counter()
    for row in rows:
        states[row["state"]] += row["n"]
        if row["last_item"]:
            stops[row["last_item"]] += row["n"]
    begun = stops.total()
    drafts = await tx.fetch(
        f"""select x.id, x.key, x.questionnaire_id, x.draft {_REQUESTS}
              and x.state = 'in_progress' and x.draft is not null
            order by x.id desc limit {_MOST_DRAFTS}""",
        *given,
    )
    for row in drafts:
        if item := await open_item(tx, keys, row):
            stops[item] += 1
    waiting = sum(states[one] for one in ("waiting", "sent", "in_progress"))
    return Asked(
        asked=states.total(),
        completed=states["completed"],
        open=waiting,
        expired=states["expired"],
        begun=begun,
        cancelled=states["cancelled"],
        stops=stops,
    )
