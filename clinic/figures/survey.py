"""What patients answered after a visit: marks for the figures, and words for the admin.

The forms are visit_satisfaction and staff_conduct of clinic/questionnaire/forms.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.figures import rules
from clinic.questionnaire import codec, scoring
from clinic.questionnaire.scoring import Plain

SATISFACTION, CONDUCT = "visit_satisfaction", "staff_conduct"
# Marks from 1 to 5, in the order of the form; `recommend` is from 0 to 10.
MARKS = ("overall", "booking", "waiting", "listened", "explained", "place")
RECOMMEND = "recommend"
# Answered by yes, partly, no or not_apply; `mistreated` by no, yes or unsaid.
CONDUCTS = ("polite", "heard", "privacy", "asked_first", "equal", "mistreated")
WORDS = ("wrong", "note", "what", "praise")
_AT_ONCE = 200
# $1 and $2 days, $3 the zone; null: all.
_ANSWERED = f"""
select r.id, r.key, r.answers, r.patient_id, q.name, a.practitioner_id, a.service_id,
  (r.authored_at at time zone $3::text)::date as on_date, r.authored_at
from questionnaire q join questionnaire_response r on r.questionnaire_id = q.id
left join questionnaire_request o on o.id = r.request_id
left join lateral (select v.practitioner_id, v.service_id
    from appointment v where v.id = o.appointment_id
      or (o.appointment_id is null and v.patient_id = r.patient_id
          and v.status in ('arrived', 'fulfilled') and v.starts_at <= r.authored_at
          and v.starts_at > r.authored_at - interval '14 days')
    order by v.id = o.appointment_id desc nulls last, v.starts_at desc limit 1) a on true
where q.name in ('{SATISFACTION}', '{CONDUCT}')
  and r.authored_at >= $1::date::timestamp at time zone $3::text
  and r.authored_at < ($2::date + 1)::timestamp at time zone $3::text"""  # noqa: S608  # constants


@dataclass(frozen=True, slots=True)
class Comment:
    """What a patient wrote under a survey. `item` is the question, one of WORDS."""

    response_id: int
    patient_id: int
    form: str
    item: str
    words: str
    authored_at: datetime


async def count_marks(tx: Tx, keys: KeyRing, since: date, until: date, zone: str) -> None:
    """Write the marks of these days: figure `mark`, kind form item and mark."""
    counts: Counter[tuple[date, str, int | None, int | None]] = Counter()
    async for row in tx.cursor(_ANSWERED, since, until, zone):
        for kind in kinds(row["name"], _plain(keys, row)):
            counts[row["on_date"], kind, row["practitioner_id"], row["service_id"]] += 1
    await tx.executemany(
        """insert into figure_day (figure, on_date, kind, doctor_id, service_id, n)
           values ('mark', $1, $2, $3, $4, $5)""",
        [(*key, n) for key, n in counts.items()],
    )


def kinds(form: str, answers: Mapping[str, tuple[Plain, ...]]) -> list[str]:
    """The marks of one answered form, as `item:mark`, and `form:` for the form itself."""
    found = [f"form:{form}"]
    for item in (*MARKS, RECOMMEND):
        marks = [one for one in answers.get(item, ()) if isinstance(one, Decimal)]
        found += [f"{item}:{int(mark)}" for mark in marks]
    if form == CONDUCT:
        for item in CONDUCTS:
            found += [f"{item}:{one}" for one in answers.get(item, ()) if isinstance(one, str)]
    return found


async def raise_tasks(tx: Tx, keys: KeyRing, since: date, until: date, zone: str) -> int:
    """Make a task of each low mark that has none; how many were made."""
    made = 0
    for row in await tx.fetch(
        f"""{_ANSWERED} and q.name = '{SATISFACTION}' and not exists (
              select from task t where t.key = 'survey:' || r.id)
            order by r.id desc limit {_AT_ONCE}""",  # constants
        since,
        until,
        zone,
    ):
        if _is_low(_plain(keys, row)):
            await tx.execute(
                """insert into task (key, kind, patient_id, detail)
                   values ($1, 'survey_low', $2, $3) on conflict (key) do nothing""",
                f"survey:{row['id']}",
                row["patient_id"],
                {"response": row["id"]},
            )
            made += 1
    return made


async def comments(tx: Tx, keys: KeyRing, since: date, until: date, zone: str) -> list[Comment]:
    """What was written in these days, newest first, at most 200 surveys."""
    rows = await tx.fetch(
        f"{_ANSWERED} order by r.authored_at desc, r.id desc limit {_AT_ONCE}",
        since,
        until,
        zone,
    )
    return [
        Comment(row["id"], row["patient_id"], row["name"], item, words, row["authored_at"])
        for row in rows
        for item, given in _plain(keys, row).items()
        if item in WORDS
        for words in given
        if isinstance(words, str) and words.strip()
    ]


def _is_low(answers: Mapping[str, tuple[Plain, ...]]) -> bool:
    marks = [int(one) for item in MARKS for one in answers.get(item, ()) if _is_mark(one)]
    recommend = next((int(one) for one in answers.get(RECOMMEND, ()) if _is_mark(one)), None)
    return rules.low_mark(marks, recommend)


def _is_mark(given: Plain) -> bool:
    return isinstance(given, Decimal)


def _plain(keys: KeyRing, row: Mapping[str, Any]) -> dict[str, tuple[Plain, ...]]:
    opened = keys.open(row["answers"], "questionnaire_response.answers", row["key"])
    return scoring.plain(codec.load(orjson.loads(opened)))
