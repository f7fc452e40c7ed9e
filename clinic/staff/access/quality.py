"""The quality audit as experts see it: admins and doctors.

Who audits reads every conversation of the sample, also those of others' patients. Every function
gives None, or nothing, to the desk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import orjson

from clinic.audit.service import record
from clinic.conversation.types import Line
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.message.service import transcript
from clinic.quality.rules import is_expert, may_review
from clinic.quality.service import BEGINS, ENDS, checklist, draw
from clinic.quality.types import Outcome, Stratum
from clinic.questionnaire import codec
from clinic.questionnaire.types import Answers
from clinic.staff.access.colleagues import Colleague, access_colleagues
from clinic.staff.access.quality_findings import Finding, findings_of
from clinic.staff.types import Role, Staff

LINES = 400  # of a month's transcript


@dataclass(frozen=True, slots=True)
class Month:
    """A month that a sample was drawn of."""

    month: date
    drawn: int
    reviewed: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """One conversation of a sample. `score` in per cent, None while nobody has reviewed it."""

    id: int
    month: date
    conversation_id: int
    channel: str
    language: str | None
    stratum: Stratum
    rules: Mapping[str, str]
    score: int | None
    reviewer: str | None
    reviewed_at: datetime | None
    findings: int
    may_change: bool  # the acting staff member may fill the checklist in
    assigned_to: int | None  # who is to review it; None: anybody
    assigned_name: str | None


@dataclass(frozen=True, slots=True)
class Grave:
    """An escalation of the month."""

    level: int
    rule: str
    reasons: tuple[str, ...]
    created_at: datetime
    until_acknowledged: float | None  # s


@dataclass(frozen=True, slots=True)
class RunSeen:
    """A run of a triage. `asked` and `reasons` are ids of the presentation's questions."""

    id: int
    presentation: str
    version: str
    level: int
    asked: tuple[str, ...]
    reasons: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FormSeen:
    """An answered questionnaire of the month."""

    questionnaire_id: int
    url: str
    answers: Answers
    flags: tuple[tuple[str, int], ...]
    authored_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation of a sample with all that happened in it in its month.

    `cut`: the month had more messages than are shown.
    """

    drawn: Drawn
    lines: tuple[Line, ...]
    cut: bool
    escalations: tuple[Grave, ...]
    runs: tuple[RunSeen, ...]
    forms: tuple[FormSeen, ...]
    answers: Answers | None  # of the checklist
    findings: tuple[Finding, ...]


_DRAWN = """select v.*, c.account_id, a.channel, a.language, s.name as reviewer,
      w.name as assigned_name,
      (select count(*) from quality_finding f where f.review_id = v.id) as findings
    from quality_review v join conversation c on c.id = v.conversation_id
    join chat_account a on a.id = c.account_id left join staff s on s.id = v.reviewer_id
    left join staff w on w.id = v.assigned_to_id"""


async def access_draw(
    tx: Tx, keys: KeyRing, staff: Staff, month: date, zone: str, red_flags: str
) -> int | None:
    """Draw the sample of a month, or what is missing in it; how many conversations that were.

    None for a month that has not begun, and for who may not.
    """
    begun = await tx.fetchval(f"select {BEGINS} <= now()", month, zone)
    if not is_expert(staff.role) or not begun:
        return None
    drawn = await draw(tx, keys, month, zone, red_flags)
    detail = {"month": f"{month:%Y-%m}", "drawn": drawn}
    await record(tx, "staff", staff.id, "staff:quality:draw", None, detail)
    return drawn


async def access_months(tx: Tx) -> list[Month]:
    """The months that have a sample, newest first. Nobody's data."""
    rows = await tx.fetch(
        """select month, count(*) as drawn, count(reviewed_at) as reviewed
           from quality_review group by month order by month desc"""
    )
    return [Month(*row) for row in rows]


async def access_sample(tx: Tx, staff: Staff, month: date) -> list[Drawn]:
    """The sample of a month: what nobody has reviewed first, the gravest stratum first."""
    if not is_expert(staff.role):
        return []
    rows = await tx.fetch(
        f"""{_DRAWN} where v.month = $1
            order by v.reviewed_at is not null,
              array_position(array['level_4', 'triage', 'handoff', 'questionnaire'],
                             v.stratum::text), v.id""",
        month,
    )
    if rows:
        ids = [row["id"] for row in rows]
        await record(tx, "staff", staff.id, "staff:quality:list", None, {"reviews": ids})
    return [_drawn(staff, row) for row in rows]


async def access_review(
    tx: Tx, keys: KeyRing, staff: Staff, review_id: int, zone: str
) -> Opened | None:
    """One conversation of a sample; None if there is none, or for who may not."""
    row = await _find(tx, staff, review_id)
    if row is None:
        return None
    detail = {"conversation": row["conversation_id"]}
    await record(tx, "staff", staff.id, "staff:quality:read", review_id, detail)
    begins, ends = await tx.fetchrow(f"select {BEGINS}, {ENDS}", row["month"], zone)
    lines = await transcript(
        tx, keys, row["account_id"], limit=LINES + 1, before=round(ends.timestamp() * 1000)
    )
    lines = [line for line in lines if line.at >= begins]
    return Opened(
        drawn=_drawn(staff, row),
        lines=tuple(lines[-LINES:]),
        cut=len(lines) > LINES,
        escalations=await _escalations(tx, row["conversation_id"], begins, ends),
        runs=await _runs(tx, row["conversation_id"], begins, ends),
        forms=await _forms(tx, keys, row["account_id"], begins, ends),
        answers=_answers(keys, row["answers"], row["key"]),
        findings=await findings_of(tx, keys, review_id),
    )


async def access_save_review(
    tx: Tx, keys: KeyRing, staff: Staff, review_id: int, answers: Answers, score: int
) -> Literal["saved", "theirs"] | None:
    """Keep an answered checklist. "theirs": a colleague was quicker. None as `access_review`."""
    row = await _find(tx, staff, review_id, lock=True)
    if row is None:
        return None
    if not may_review(staff.role, staff.id, row["reviewer_id"]):
        return "theirs"
    await tx.execute(
        """update quality_review set answers = $2, score = $3, reviewer_id = $4,
             reviewed_at = now() where id = $1""",
        review_id,
        keys.seal(orjson.dumps(codec.dump(answers)), "quality_review.answers", row["key"]),
        score,
        staff.id,
    )
    detail = {"score": score, "checklist": checklist().version}
    await record(tx, "staff", staff.id, "staff:quality:review", review_id, detail)
    return "saved"


async def access_assign_review(tx: Tx, staff: Staff, review_id: int, to: int | None) -> bool:
    """Give a conversation that nobody has reviewed to an expert, or to anybody. False if there is
    none, or no such expert, and for who may not."""
    row = await _find(tx, staff, review_id, lock=True)
    if row is None or row["reviewed_at"] is not None:
        return False
    if to is not None and to not in [one.id for one in await access_experts(tx)]:
        return False
    await tx.execute("update quality_review set assigned_to_id = $2 where id = $1", review_id, to)
    await record(tx, "staff", staff.id, "staff:quality:assign", review_id, {"to": to})
    return True


async def access_share_out(tx: Tx, staff: Staff, month: date) -> int | None:
    """Give what nobody has in a month's sample to its experts in turn, who has least first; how
    many conversations that were. None for who may not."""
    if not is_expert(staff.role):
        return None
    rows = await tx.fetch(
        """select id, assigned_to_id from quality_review where month = $1 and reviewed_at is null
           order by id for update""",
        month,
    )
    load = {one.id: 0 for one in await access_experts(tx)}
    for row in rows:
        if row["assigned_to_id"] in load:
            load[row["assigned_to_id"]] += 1
    given = 0
    for row in rows:
        if row["assigned_to_id"] not in load and load:
            to = min(load, key=lambda one: (load[one], one))
            load[to] += 1
            await access_assign_review(tx, staff, row["id"], to)
            given += 1
    return given


async def access_experts(tx: Tx) -> list[Colleague]:
    """Those who may review, by name. Nobody's data."""
    return [one for one in await access_colleagues(tx) if is_expert(Role(one.role))]


async def access_outcomes(tx: Tx) -> list[Outcome]:
    """All reviewed conversations as figures, in the order they were drawn. Nobody's data."""
    rows = await tx.fetch(
        """select v.month, v.score, v.rules,
             array(select distinct f.script from quality_finding f where f.review_id = v.id
                   order by f.script) as scripts
           from quality_review v where v.reviewed_at is not null order by v.id"""
    )
    return [
        Outcome(row["month"], row["score"], tuple(row["scripts"]), row["rules"]) for row in rows
    ]


async def _find(
    tx: Tx, staff: Staff, review_id: int, *, lock: bool = False
) -> Mapping[str, Any] | None:
    if not is_expert(staff.role):
        return None
    row: Mapping[str, Any] | None = await tx.fetchrow(
        f"{_DRAWN} where v.id = $1 {'for update of v' if lock else ''}", review_id
    )
    return row


async def _escalations(
    tx: Tx, conversation_id: int, begins: datetime, ends: datetime
) -> tuple[Grave, ...]:
    rows = await tx.fetch(
        """select level, rule, detail, created_at,
             extract(epoch from acknowledged_at - created_at)::float8 as took
           from escalation where conversation_id = $1 and created_at >= $2 and created_at < $3
           order by created_at""",
        conversation_id,
        begins,
        ends,
    )
    return tuple(
        Grave(
            row["level"],
            row["rule"],
            tuple(row["detail"].get("reasons", ())),
            row["created_at"],
            row["took"],
        )
        for row in rows
    )


async def _runs(
    tx: Tx, conversation_id: int, begins: datetime, ends: datetime
) -> tuple[RunSeen, ...]:
    rows = await tx.fetch(
        """select id, presentation, rules, level, asked, reasons, created_at from triage_run
           where conversation_id = $1 and created_at >= $2 and created_at < $3
           order by created_at""",
        conversation_id,
        begins,
        ends,
    )
    return tuple(
        RunSeen(
            row["id"],
            row["presentation"],
            str(row["rules"].get("presentation", "")),
            row["level"],
            tuple(row["asked"]),
            tuple(row["reasons"]),
            row["created_at"],
        )
        for row in rows
    )


async def _forms(
    tx: Tx, keys: KeyRing, account_id: int, begins: datetime, ends: datetime
) -> tuple[FormSeen, ...]:
    rows = await tx.fetch(
        """select a.key, a.questionnaire_id, q.url, a.answers, a.flags, a.authored_at
           from questionnaire_response a join questionnaire q on q.id = a.questionnaire_id
           where a.account_id = $1 and a.authored_at >= $2 and a.authored_at < $3
           order by a.authored_at""",
        account_id,
        begins,
        ends,
    )
    found = []
    for row in rows:
        plain = keys.open(row["answers"], "questionnaire_response.answers", row["key"])
        answers = codec.load(orjson.loads(plain))
        flags = tuple((rule, level) for rule, level in row["flags"])
        found.append(
            FormSeen(row["questionnaire_id"], row["url"], answers, flags, row["authored_at"])
        )
    return tuple(found)


def _drawn(staff: Staff, row: Mapping[str, Any]) -> Drawn:
    return Drawn(
        id=row["id"],
        month=row["month"],
        conversation_id=row["conversation_id"],
        channel=row["channel"],
        language=row["language"],
        stratum=row["stratum"],
        rules=row["rules"],
        score=row["score"],
        reviewer=row["reviewer"],
        reviewed_at=row["reviewed_at"],
        findings=row["findings"],
        may_change=may_review(staff.role, staff.id, row["reviewer_id"]),
        assigned_to=row["assigned_to_id"],
        assigned_name=row["assigned_name"],
    )


def _answers(keys: KeyRing, sealed: bytes | None, key: UUID) -> Answers | None:
    if sealed is None:
        return None
    return codec.load(orjson.loads(keys.open(sealed, "quality_review.answers", key)))
