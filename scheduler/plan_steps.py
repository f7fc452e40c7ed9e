"""One due step of a plan: said, asked or given to staff; and what follows where nobody answers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.channels.channel import SendsTogether
from bot.environment import Environment
from bot.tokens import Tokens
from clinic.campaign.company import HELD_FOR, expected
from clinic.db import Tx
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import Button, DeliveryClass, Message
from clinic.observation.types import KINDS as READINGS
from clinic.plan import rules
from clinic.plan.definitions import going_by
from clinic.plan.types import Step
from clinic.policy.service import judge
from clinic.policy.types import Decision, Go, Later, LeftOut, Wanted
from clinic.questionnaire.service import request
from flows import texts

ROW = """select a.*, p.patient_id, p.code, p.steps, p.anchor_on, d.content, who.name, now() as now,
      q.state as request_state
    from care_plan_activity a join care_plan p on p.id = a.plan_id
    join plan_definition d on d.id = p.definition_id join patient who on who.id = p.patient_id
    left join questionnaire_request q on q.id = a.request_id"""
# Nobody can be written to, but the telephone is left.
CALLED = frozenset({"no_chat", "unreachable", "call_only"})
MOST_TRIES = 8  # messages of one step; more would be a fault
FOR_A_CALL = timedelta(days=30)  # that a questionnaire stays open for the one who telephones
BUTTONS = {"plan.fine": 1, "plan.help": 2}  # what they carry as version


def step_of(row: Any) -> Step:
    """The step of an activity, as its plan has it. Raises StopIteration if it is dropped."""
    definition = going_by(row["content"], row["steps"])
    return next(step for step in definition.steps if step.id == row["step"])


async def carry_out(tx: Tx, env: Environment, row: Any) -> str | None:
    """Do what is due; why it is not done any more, or None."""
    step = step_of(row)
    if row["state"] == "asked":
        return await _climb(tx, env, row, step)
    if step.kind in ("call", "document"):  # staff's work is not over because it is late
        await call(tx, row, "plan_call" if step.kind == "call" else "plan_document")
        return None
    if row["asked_at"] is None and row["useful_until"] <= row["now"]:
        return "too_late"
    return await _say(tx, env, row, step, row["tried"])


async def _climb(tx: Tx, env: Environment, row: Any, step: Step) -> str | None:
    """Nobody answered so far: the next rung, or the end of it."""
    rung = rules.next_rung(step, row["rung"])
    if rung is None:
        await end(tx, row["id"], "unanswered", "no_answer")
        return None
    if rung.do == "call":
        await call(tx, row, "plan_no_answer", step)
        return None
    await tx.execute("update care_plan_activity set rung = rung + 1 where id = $1", row["id"])
    climbed = {**row, "rung": row["rung"] + 1}
    # By the same way once more: an account that did not take it is left out by the policy itself.
    tried = row["tried"] if rung.do == "channel" else []
    decision = await _judge(tx, env, row, step, tried)
    another = isinstance(decision, Go | Later)
    if rules.rung_now(rung, another=another) == "again" and rung.do == "channel":
        decision = await _judge(tx, env, row, step, [])
    return await _decided(tx, env, climbed, step, decision)


async def _say(tx: Tx, env: Environment, row: Any, step: Step, tried: list[int]) -> str | None:
    return await _decided(tx, env, dict(row), step, await _judge(tx, env, row, step, tried))


def kind_of(step: Step) -> str:
    """The outbox's purpose. Caps hold back what is only said; a daily question must go out."""
    return "question" if step.answerable else "plan"


async def _judge(tx: Tx, env: Environment, row: Any, step: Step, tried: list[int]) -> Decision:
    patient = row["patient_id"]
    what = Wanted(purpose="care", kind=kind_of(step), tried={patient: tuple(tried)})
    return (await judge(tx, env.settings, env.zone, [patient], what, row["now"]))[patient]


async def _decided(
    tx: Tx, env: Environment, row: dict[str, Any], step: Step, decision: Decision
) -> str | None:
    match decision:
        case Later(until, reason):
            await tx.execute(
                """update care_plan_activity set next_at = $2, reason = $3,
                     rung = greatest(rung - case when state = 'asked' then 1 else 0 end, 0)
                   where id = $1""",
                row["id"],
                until,
                reason,
            )
            return None
        case LeftOut(reason) if reason in CALLED and step.answerable:
            await call(tx, row, f"plan_{reason}", step)
            return None
        case LeftOut(reason):
            return reason
        case Go():
            return await _write(tx, env, row, step, decision)


async def _write(tx: Tx, env: Environment, row: dict[str, Any], step: Step, to: Go) -> str | None:
    """The message into the outbox, and when it is looked for an answer."""
    if row["version"] >= MOST_TRIES:
        return "too_many_tries"
    asked_at = row["asked_at"] or row["now"]
    request_id = row["request_id"]
    if step.kind == "form" and request_id is None:
        request_id = await _request(tx, row, step)
        if request_id is None:
            return "no_form"
    message = compose(env, to, row, step, request_id)
    version = row["version"] + 1
    # What is only said may come along with a campaign's; a question is not kept waiting.
    company = (
        not step.answerable
        and isinstance(env.channels.get(to.channel), SendsTogether)
        and await expected(tx, [row["patient_id"]], plans=False)
    )
    outbox_id = await enqueue(
        tx,
        env.keys,
        Outgoing(
            account_id=to.account_id,
            message=message,
            dedup_key=f"plan:{row['id']}:{version}",
            purpose=kind_of(step),
            delivery_class=DeliveryClass.MUST_ARRIVE if step.answerable else DeliveryClass.CAMPAIGN,
            useful_for=timedelta(days=max(step.useful_days, 1)),
            link_version=to.link_version,
            request_id=request_id,
            consent_purpose="care",
            patient_id=row["patient_id"],
            at=row["now"] + HELD_FOR if company else None,
        ),
    )
    looks = rules.looks_at(step, row["rung"], asked_at, env.zone) if step.answerable else None
    await tx.execute(
        """update care_plan_activity set state = 'asked', reason = null, version = $2,
             outbox_id = $3, request_id = $4, asked_at = $5,
             next_at = case when $6::timestamptz is not null then greatest($6, now()) end,
             tried = (select jsonb_agg(distinct one) from jsonb_array_elements(
               tried || to_jsonb($7::bigint)) one)
           where id = $1""",
        row["id"],
        version,
        outbox_id,
        request_id,
        asked_at,
        looks,
        to.account_id,
    )
    return None


async def _request(tx: Tx, row: Any, step: Step) -> int | None:
    """Ask for the questionnaire; it is this message that tells of it, not the sweep of forms."""
    form_id = await tx.fetchval(
        "select id from questionnaire where url = $1 and status = 'active'", step.form
    )
    if form_id is None:
        return None
    days = timedelta(days=rules.answer_days(step))
    until = row["now"] + days + FOR_A_CALL
    made = await request(tx, f"plan:{row['id']}", form_id, row["patient_id"], useful_until=until)
    await tx.execute(
        "update questionnaire_request set state = 'sent', sent_at = now() where id = $1", made
    )
    return made


def compose(env: Environment, to: Go, row: Any, step: Step, request_id: int | None) -> Message:
    """The message in the patient's language, with its buttons."""
    clinic = env.settings.clinic
    values = {"name": row["name"], "clinic": clinic.name, "phone": clinic.phone}
    message = Message(rules.filled(step.text, to.language, values), to.language)
    tokens = Tokens(env.keys, to.account_id)

    def button(label: str, token: str, *, primary: bool = False) -> Button:
        words = texts.text(label, {}, to.language)
        return Button(words, token, "primary" if primary else "choice")

    if request_id is not None:
        opens = tokens.standing("f", request_id, 0)
        return replace(message, buttons=(button("form.request_open", opens, primary=True),))
    if step.kind == "readings":
        kind = READINGS.index(step.readings[0]) + 1
        opens = tokens.standing("r", row["patient_id"], kind)
        return replace(message, buttons=(button("plan.readings", opens, primary=True),))
    if step.asks:
        return replace(
            message,
            buttons=tuple(
                button(label, tokens.standing("l", row["id"], number))
                for label, number in BUTTONS.items()
            ),
        )
    return message


async def call(tx: Tx, row: Any, reason: str, step: Step | None = None) -> None:
    """Staff's turn: a task, with which the step ends or in which its answer is written down.

    A questionnaire is there for the one who telephones, though nobody was written to.
    """
    request_id = row["request_id"]
    if step is not None and step.kind == "form" and request_id is None:
        request_id = await _request(tx, row, step)
    kind = "plan_document" if reason == "plan_document" else "call"
    task_id = await tx.fetchval(
        """insert into task (key, kind, patient_id, detail) values ($1, $2, $3, $4)
           on conflict (key) do nothing returning id""",
        f"plan:{row['id']}:{kind}",
        kind,
        row["patient_id"],
        {"reason": reason, "plan": row["plan_id"], "activity": row["id"]},
    )
    await tx.execute(
        """update care_plan_activity set state = 'asked', reason = $3, next_at = null,
             task_id = coalesce($2, task_id), asked_at = coalesce(asked_at, now()),
             request_id = $4 where id = $1""",
        row["id"],
        task_id,
        reason,
        request_id,
    )


async def end(tx: Tx, activity_id: int, state: str, reason: str) -> None:
    """How a step ended."""
    await tx.execute(
        """update care_plan_activity set state = $2, reason = $3, next_at = null, settled_at = now()
           where id = $1 and state in ('waiting', 'asked')""",
        activity_id,
        state,
        reason[:48],
    )


async def follow(tx: Tx) -> int:
    """Take over how messages ended: what arrived is done where nothing is to come back; what did
    not is tried another way at once."""
    rows = await tx.fetch(
        """select a.id, a.useful_until, o.state, o.reason, o.account_id, now() as now
           from care_plan_activity a join outbox o on o.id = a.outbox_id
           where a.state = 'asked' and a.task_id is null
             and (o.state in ('refused', 'expired', 'skipped')
               or o.state in ('sent', 'unknown') and a.next_at is null)
           order by a.id limit 500 for update of a skip locked"""
    )
    for row in rows:
        if row["state"] in ("sent", "unknown"):
            await end(tx, row["id"], "completed", row["state"])
            continue
        await tx.execute(
            """update care_plan_activity set state = 'waiting', reason = $2, next_at = now(),
                 outbox_id = null where id = $1""",
            row["id"],
            (row["reason"] or row["state"])[:48],
        )
    return len(rows)
