"""What patients answered to questionnaires, as staff see it.

A doctor sees what own patients answered, the desk and admins see all. What patients say of how they
were treated is not for those who treated them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import orjson

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.figures.survey import CONDUCT, SATISFACTION
from clinic.questionnaire import codec
from clinic.questionnaire.types import Answers
from clinic.staff.access import OWN_PATIENTS
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

SHOWN_AT_MOST = 200
EXPORTED_AT_MOST = 5_000


@dataclass(frozen=True, slots=True)
class Period:
    """Days of a time zone, the first and the last one too."""

    first: date
    last: date
    zone: str


@dataclass(frozen=True, slots=True)
class Respondent:
    """Whom the answers are about."""

    id: int
    name: str
    chart: str | None
    birth_on: date | None
    sex: str | None


@dataclass(frozen=True, slots=True)
class Response:
    """One answered questionnaire without its answers. `scores` by linkId; `flags` are the rules
    that it raised, with their levels, gravest first."""

    id: int
    key: UUID
    questionnaire_id: int
    url: str
    title: Mapping[str, str]
    version: int
    patient: Respondent
    language: str
    authored_at: datetime
    scores: Mapping[str, Decimal]
    flags: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """One answered questionnaire, with its answers."""

    response: Response
    answers: Answers


@dataclass(frozen=True, slots=True)
class Compared:
    """A response, and the one that the same patient gave to the same questionnaire before it."""

    now: Answered
    before: Answered | None


_RESPONSE = f"""select a.id, a.key, a.questionnaire_id, q.url, q.title, q.version, a.patient_id,
      p.name, p.chart, p.birth_on, p.sex, a.language, a.authored_at, a.scores, a.flags, a.answers
    from questionnaire_response a join questionnaire q on q.id = a.questionnaire_id
    join patient p on p.id = a.patient_id
    where ($2 or q.name not in ('{SATISFACTION}', '{CONDUCT}')
           and a.patient_id in ({OWN_PATIENTS}))"""  # noqa: S608  # constants
_IN_PERIOD = """q.url = (select url from questionnaire where id = $3)
    and a.authored_at >= ($4::date::timestamp at time zone $6)
    and a.authored_at < (($5::date + 1)::timestamp at time zone $6)
    order by a.authored_at desc, a.id desc"""


async def access_results(
    tx: Tx, staff: Staff, questionnaire_id: int, period: Period
) -> list[Response]:
    """What was answered to any version of a questionnaire, newest first; see `SHOWN_AT_MOST`."""
    rows = await _within(tx, staff, questionnaire_id, period, SHOWN_AT_MOST)
    if rows:
        await _record(tx, staff, "list", questionnaire_id, rows)
    return [_response(row) for row in rows]


async def access_export(
    tx: Tx,
    keys: KeyRing,
    staff: Staff,
    questionnaire_id: int,
    period: Period,
    form: Literal["csv", "fhir"],
) -> list[Answered]:
    """The same with all answers, to be taken out of the panel; `EXPORTED_AT_MOST` at most."""
    rows = await _within(tx, staff, questionnaire_id, period, EXPORTED_AT_MOST)
    await _record(tx, staff, "export", questionnaire_id, rows, form=form)
    return [_answered(keys, row) for row in rows]


async def access_response(tx: Tx, keys: KeyRing, staff: Staff, response_id: int) -> Compared | None:
    """One response beside the former one; None if there is none that this staff member may see."""
    row = await tx.fetchrow(
        f"{_RESPONSE} and a.id = $3", staff.id, sees_all_patients(staff.role), response_id
    )
    if row is None:
        return None
    former = await tx.fetchrow(
        f"""{_RESPONSE} and a.patient_id = $3 and q.url = $4 and (a.authored_at, a.id) < ($5, $6)
            order by a.authored_at desc, a.id desc limit 1""",
        staff.id,
        sees_all_patients(staff.role),
        row["patient_id"],
        row["url"],
        row["authored_at"],
        row["id"],
    )
    detail = {"before": former["id"]} if former else {}
    await record(tx, "staff", staff.id, "staff:questionnaire_response:read", response_id, detail)
    return Compared(_answered(keys, row), _answered(keys, former) if former else None)


async def _within(
    tx: Tx, staff: Staff, questionnaire_id: int, period: Period, most: int
) -> list[Mapping[str, Any]]:
    return list(
        await tx.fetch(
            f"{_RESPONSE} and {_IN_PERIOD} limit {most}",
            staff.id,
            sees_all_patients(staff.role),
            questionnaire_id,
            period.first,
            period.last,
            period.zone,
        )
    )


async def _record(
    tx: Tx,
    staff: Staff,
    deed: str,
    questionnaire_id: int,
    rows: list[Mapping[str, Any]],
    **detail: str,
) -> None:
    responses = {"responses": [row["id"] for row in rows]}
    action = f"staff:questionnaire_response:{deed}"
    await record(tx, "staff", staff.id, action, questionnaire_id, {**responses, **detail})


def _response(row: Mapping[str, Any]) -> Response:
    return Response(
        id=row["id"],
        key=row["key"],
        questionnaire_id=row["questionnaire_id"],
        url=row["url"],
        title=row["title"],
        version=row["version"],
        patient=Respondent(
            row["patient_id"], row["name"], row["chart"], row["birth_on"], row["sex"]
        ),
        language=row["language"],
        authored_at=row["authored_at"],
        scores={name: Decimal(str(value)) for name, value in row["scores"].items()},
        flags=tuple(sorted(((rule, level) for rule, level in row["flags"]), key=lambda it: -it[1])),
    )


def _answered(keys: KeyRing, row: Mapping[str, Any]) -> Answered:
    plain = keys.open(row["answers"], "questionnaire_response.answers", row["key"])
    return Answered(_response(row), codec.load(orjson.loads(plain)))
