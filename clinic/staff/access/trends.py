"""The course of one patient's scores and readings. Every look leaves an audit row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from clinic.audit.service import record
from clinic.config import Settings
from clinic.db import Tx
from clinic.figures.survey import CONDUCT, SATISFACTION
from clinic.observation.types import Limit
from clinic.staff.access.readings import Readings, access_readings
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

MOST = 300  # answered questionnaires


@dataclass(frozen=True, slots=True)
class Scored:
    """One answered questionnaire with its totals by linkId."""

    response_id: int
    questionnaire_id: int
    url: str
    title: Mapping[str, str]
    authored_at: datetime
    scores: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Trends:
    """`scored`: the oldest first. `limits`: those that hold for this patient, own ones too."""

    sex: str | None
    scored: tuple[Scored, ...]
    readings: Readings
    limits: tuple[Limit, ...]


async def access_trends(tx: Tx, settings: Settings, staff: Staff, patient_id: int) -> Trends | None:
    """The scores and readings of a patient; None if this staff member may not see them.

    What patients say of how they were treated is not for those who treated them.
    """
    readings = await access_readings(tx, settings, staff, patient_id)
    if readings is None:
        return None
    rows = await tx.fetch(
        """select a.id, a.questionnaire_id, q.url, q.title, a.authored_at, a.scores
           from questionnaire_response a join questionnaire q on q.id = a.questionnaire_id
           where a.patient_id = $1 and a.scores <> '{}' and ($2 or q.name <> all ($3::text[]))
           order by a.authored_at desc, a.id desc limit $4""",
        patient_id,
        sees_all_patients(staff.role),
        [SATISFACTION, CONDUCT],
        MOST,
    )
    await record(
        tx,
        "staff",
        staff.id,
        "staff:patient:trends",
        patient_id,
        {"responses": [row["id"] for row in rows]},
    )
    return Trends(
        await tx.fetchval("select sex from patient where id = $1", patient_id),
        tuple(
            Scored(
                row["id"],
                row["questionnaire_id"],
                row["url"],
                row["title"],
                row["authored_at"],
                {name: Decimal(str(value)) for name, value in row["scores"].items()},
            )
            for row in reversed(rows)
        ),
        readings,
        readings.holding,
    )
