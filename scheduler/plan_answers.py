"""What came back: answers are settled with their step, and what they call for is begun at once.

All in one transaction with the mark that the answer was judged, so that it is judged once.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson

from bot.environment import Environment
from bot.tokens import Tokens
from clinic.audit.service import record
from clinic.db import Tx
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import Button, Message
from clinic.plan import rules
from clinic.plan.alert import RULE, call_doctor
from clinic.plan.service import take_back
from clinic.plan.types import Given, Threshold
from clinic.policy.service import judge
from clinic.policy.types import Go, Wanted
from clinic.questionnaire import codec, scoring
from flows import texts
from scheduler.due import FAILED, safely
from scheduler.plan_steps import ROW, call, end, step_of

AT_ONCE = 100
BOOK = 3  # the version of the button that opens the booking


async def settle_answers(tx: Tx, env: Environment) -> int:
    """Take over the answers to questionnaires, from the chat or from staff's telephone."""
    rows = await tx.fetch(
        f"""{ROW} join questionnaire_response r on r.request_id = a.request_id
            where a.state = 'asked' and a.response_id is null and q.state = 'completed'
            order by a.id limit {AT_ONCE} for update of a skip locked"""
    )
    for row in rows:
        reason = await safely(tx, "plan answer", row["id"], _settle(tx, env, row))
        if reason == FAILED:  # a person looks at the answer instead
            await call(tx, row, "plan_failed")
            await end(tx, row["id"], "completed", FAILED)
    return len(rows)


async def _settle(tx: Tx, env: Environment, row: Any) -> str | None:
    answered = await tx.fetchrow(
        """select id, key, account_id, answers, scores, flags, source
           from questionnaire_response where request_id = $1 order by id desc limit 1""",
        row["request_id"],
    )
    step = step_of(row)
    await tx.execute(
        "update care_plan_activity set response_id = $2 where id = $1", row["id"], answered["id"]
    )
    found = rules.crossed(step.thresholds, _given(env, answered))
    await end(
        tx,
        row["id"],
        "completed",
        "answered_phone" if answered["source"] == "phone" else "answered",
    )
    open_rows = {"outbox_id": row["outbox_id"], "request_id": None, "task_id": row["task_id"]}
    await take_back(tx, [open_rows], "answered")
    await _act(tx, env, row, answered, found)
    return None


def _given(env: Environment, answered: Any) -> Given:
    plain = env.keys.open(answered["answers"], "questionnaire_response.answers", answered["key"])
    return Given(
        scores={name: Decimal(str(one)) for name, one in answered["scores"].items()},
        answers=scoring.plain(codec.load(orjson.loads(plain))),
        alert=max((level for _, level in answered["flags"]), default=0),
    )


async def _act(
    tx: Tx, env: Environment, row: Any, answered: Any, found: tuple[Threshold, ...]
) -> None:
    """What the answer calls for: a nurse's task, a doctor, an earlier visit."""
    called = rules.deeds(found)
    if not called:
        return
    detail = {"deeds": sorted(called), "activity": row["id"]}
    await record(tx, "system", None, "system:care_plan:threshold", row["plan_id"], detail)
    if "doctor" in called:
        # The chat has raised what the form itself is alarmed by: that stands for this.
        own = any(one.do == "doctor" and one.alert for one in found)
        flags = sorted(answered["flags"], key=lambda flag: -flag[1])
        rule = flags[0][0] if own else RULE
        account = answered["account_id"]
        await call_doctor(tx, env.keys, row["id"], rule, called["doctor"], account_id=account)
    if "nurse" in called:
        await _task(tx, row, "plan_nurse", called["nurse"])
    if "slot" in called:
        await _offer_visit(tx, env, row)


async def _task(tx: Tx, row: Any, reason: str, level: int) -> None:
    await tx.execute(
        """insert into task (key, kind, patient_id, detail) values ($1, 'plan_alert', $2, $3)
           on conflict (key) do nothing""",
        f"plan:{row['id']}:{reason}",
        row["patient_id"],
        {
            "reason": reason,
            "level": level,
            "plan": row["plan_id"],
            "activity": row["id"],
        },
    )


async def _offer_visit(tx: Tx, env: Environment, row: Any) -> None:
    """An earlier visit: a button that opens the booking; by telephone where nobody can be
    written to."""
    what = Wanted(purpose="care", kind="question")
    patient = row["patient_id"]
    decided = (await judge(tx, env.settings, env.zone, [patient], what, row["now"]))[patient]
    if not isinstance(decided, Go):
        await _task(tx, row, "plan_slot", 2)
        return
    words = {"name": row["name"], "clinic": env.settings.clinic.name}
    token = Tokens(env.keys, decided.account_id).standing("l", row["id"], BOOK)
    label = texts.text("plan.slot_choose", {}, decided.language)
    message = Message(
        texts.text("plan.slot_offer", words, decided.language),
        decided.language,
        buttons=(Button(label, token, "primary"),),
    )
    await enqueue(
        tx,
        env.keys,
        Outgoing(
            account_id=decided.account_id,
            message=message,
            dedup_key=f"plan:{row['id']}:slot",
            purpose="question",
            useful_for=timedelta(days=3),
            link_version=decided.link_version,
            consent_purpose="care",
            patient_id=patient,
        ),
    )


async def settle_readings(tx: Tx) -> int:
    """Readings that came in since they were asked for; they were judged as they were kept."""
    rows = await tx.fetch(
        f"""{ROW} join lateral (
              select array_agg(o.kind) as kinds from observation o
              where o.patient_id = p.patient_id and o.status = 'final'
                and o.created_at >= a.asked_at) o on o.kinds is not null
            where a.state = 'asked' and a.request_id is null
              and exists (
                select from jsonb_array_elements(coalesce(p.steps, d.content -> 'steps')) s
                where s ->> 'id' = a.step and s ->> 'what' = 'readings'
                  and s -> 'readings' ?| o.kinds)
            order by a.id limit {AT_ONCE} for update of a skip locked"""  # noqa: S608  # constants
    )
    for row in rows:
        await end(tx, row["id"], "completed", "answered")
        open_rows = {"outbox_id": row["outbox_id"], "request_id": None, "task_id": row["task_id"]}
        await take_back(tx, [open_rows], "answered")
    return len(rows)


async def settle_tasks(tx: Tx) -> int:
    """Staff closed a task: a call was made, a document given, or nobody was reached."""
    rows = await tx.fetch(
        f"""{ROW} join task t on t.id = a.task_id
            where a.state = 'asked' and t.state = 'closed' and q.state is distinct from 'completed'
            order by a.id limit {AT_ONCE} for update of a skip locked"""
    )
    for row in rows:
        step = step_of(row)
        done = step.kind in ("call", "document")
        await end(tx, row["id"], "completed" if done else "unanswered", "by_staff")
        open_rows = {"outbox_id": None, "request_id": row["request_id"], "task_id": None}
        await take_back(tx, [open_rows], "plan_ended")
    return len(rows)
