"""Triage runs as stored, and the check-ins that follow them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal
from uuid import UUID

import orjson

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key
from clinic.policy.hours import is_quiet, quiet_end
from clinic.triage.load import catalogue
from clinic.triage.replay import from_json, to_json
from clinic.triage.rules import known
from clinic.triage.steps import Walked, renewed, replayed
from clinic.triage.texts import digests, keep_texts, rules_of_run
from clinic.triage.types import Facts, Presentation, Run

KIND = "check_in"  # of the timers
How = Literal["better", "same", "worse"]


@dataclass(frozen=True, slots=True)
class Finished:
    """A run to be kept. `asked`: ids of the questions, in order; `before`: the run it follows."""

    conversation_id: int
    run: Run
    asked: Sequence[str]
    patient_id: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """A run that somebody told how it went on. `times`: how often they were asked."""

    presentation: str
    who: Facts
    patient_id: int | None
    name: str
    times: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """A kept run, and what comes of its answers: `then` by the rules that it went by (None: nobody
    knows them any more), `now` by those of today (None: there are none). `changed`: the rules are
    other ones now."""

    run: Run
    went_by: Presentation | None
    then: Walked | None
    now: Walked | None
    changed: bool

    @property
    def same(self) -> bool:
        """Whether the rules that it went by lead to the same result again."""
        return self.then is not None and self.then.outcome == self.run.outcome


async def keep(tx: Tx, keys: KeyRing, finished: Finished) -> int:
    """Keep a finished run with all it came from; its id.

    The texts of the rules are kept with it, so that it can be replayed by them when they change.
    """
    key, run = new_key(), finished.run
    versions, presentation = run.outcome.rules, catalogue().get(run.presentation)
    texts = await keep_texts(tx, presentation) if presentation else None
    written: int = await tx.fetchval(
        """insert into triage_run (key, conversation_id, patient_id, presentation, rules, answers,
                                   level, disposition, reasons, asked, before_id)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
                   (select id from triage_run where id = $11 and conversation_id = $2))
           returning id""",
        key,
        finished.conversation_id,
        finished.patient_id,
        run.presentation,
        {
            "presentation": versions.presentation,
            "base": versions.base,
            "engine": versions.engine,
            **({"digests": list(texts)} if texts else {}),
        },
        keys.seal(orjson.dumps(to_json(run)), "triage_run.answers", key),
        run.outcome.level,
        run.outcome.disposition,
        list(run.outcome.reasons),
        list(finished.asked),
        finished.before,
    )
    return written


async def replay_run(tx: Tx, keys: KeyRing, run_id: int) -> Replayed:
    """Replay a kept run. Raises KeyError if there is none."""
    row = await tx.fetchrow(
        "select key, answers, presentation, rules, asked from triage_run where id = $1", run_id
    )
    if row is None:
        raise KeyError(run_id)
    run = open_run(keys, row["answers"], row["key"])
    then = await rules_of_run(tx, row["presentation"], row["rules"])
    now = catalogue().get(row["presentation"])
    return Replayed(
        run=run,
        went_by=then,
        then=replayed(then, run, row["asked"]) if then else None,
        now=renewed(now, run) if now else None,
        changed=then is None or now is None or digests(then) != digests(now),
    )


def open_run(keys: KeyRing, sealed: bytes, key: UUID) -> Run:
    """A run as it was kept. `key` names its row."""
    return from_json(orjson.loads(keys.open(sealed, "triage_run.answers", key)))


def check_in_at(now: datetime, quiet: tuple[time, time]) -> datetime:
    """When to ask how it goes: the next day at the same hour, or after the quiet hours.

    `now` is aware and in the clinic's zone, so that "the same hour" is that of the clock.
    """
    then = now + timedelta(days=1)
    return quiet_end(then, quiet) if is_quiet(then, quiet) else then


async def schedule_check_in(
    tx: Tx, conversation_id: int, run_id: int | None, due_at: datetime
) -> None:
    """Have the bot ask how it goes after a run of this conversation; None: after its last one.

    One that waits already stands for both.
    """
    await tx.execute(
        """insert into timer (key, kind, due_at, conversation_id)
           select 'check_in:' || r.id || ':' || (
                    select count(*) from timer where key like 'check_in:' || r.id || ':%'),
                  $4, $3, $1
           from triage_run r
           where r.conversation_id = $1 and r.id = coalesce($2,
                   (select max(id) from triage_run where conversation_id = $1))
             and not exists (select from timer where state = 'waiting'
                               and key like 'check_in:' || r.id || ':%')
           on conflict (key) do nothing""",
        conversation_id,
        run_id,
        due_at,
        KIND,
    )


async def answer_check_in(
    tx: Tx, keys: KeyRing, conversation_id: int, run_id: int, how: How
) -> CheckedIn | None:
    """Note how it went on after a run; None if it is none of this conversation."""
    row = await tx.fetchrow(
        """update triage_run r set checked_in = $3 where id = $1 and conversation_id = $2
           returning key, answers, patient_id,
             (select name from patient where id = r.patient_id) as name,
             (select count(*) from timer where key like 'check_in:' || r.id || ':%'
                and state = 'fired') as times""",
        run_id,
        conversation_id,
        how,
    )
    if row is None:
        return None
    run = open_run(keys, row["answers"], row["key"])
    presentation = catalogue()[run.presentation]
    return CheckedIn(
        run.presentation,
        known(presentation, run.facts, run.answers),
        row["patient_id"],
        row["name"] or "",
        row["times"],
    )
