"""A patient of a plan is telephoned: the script, the number, and what the patient tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.plan import rules as plans
from clinic.plan.alert import call_doctor
from clinic.plan.definitions import going_by
from clinic.plan.service import take_back
from clinic.questionnaire import codec, rules
from clinic.questionnaire.service import Submitted, load, submit
from clinic.staff.access import OWN_PATIENTS
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

How = Literal["fine", "help", "unreached"]
HOWS: tuple[How, ...] = ("fine", "help", "unreached")


@dataclass(frozen=True, slots=True)
class Call:
    """What a call is about. `script`: what to say, in the staff's language."""

    activity_id: int
    plan_id: int
    title: Mapping[str, str]
    patient_id: int
    name: str
    chart: str | None
    phone: str | None  # E.164
    language: str | None  # the patient's
    script: str
    kind: str
    state: str
    request_id: int | None
    questionnaire_id: int | None
    response_id: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """What the patient told on the telephone, as the questionnaire's flow sends it."""

    language: str
    given: Mapping[str, Any]
    scores: Mapping[str, str]
    flags: tuple[tuple[str, int], ...]


async def access_call(
    tx: Tx, keys: KeyRing, staff: Staff, activity_id: int, language: str, clinic: Mapping[str, str]
) -> Call | None:
    """The call, with the number, which pages mask; None if there is none that this staff member may
    make."""
    row = await _find(tx, staff, activity_id)
    if row is None:
        return None
    definition = going_by(row["content"], row["steps"])
    step = next((one for one in definition.steps if one.id == row["step"]), None)
    words = (step.script or step.text) if step else {}
    phone = _phone(keys, row)
    await record(tx, "staff", staff.id, "staff:care_plan_activity:call", activity_id)
    return Call(
        activity_id=activity_id,
        plan_id=row["plan_id"],
        title=row["title"],
        patient_id=row["patient_id"],
        name=row["name"],
        chart=row["chart"],
        phone=phone,
        language=row["language"],
        script=plans.filled(words, language, {"name": row["name"], **clinic}) if words else "",
        kind=step.kind if step else "message",
        state=row["state"],
        request_id=row["request_id"],
        questionnaire_id=row["questionnaire_id"],
        response_id=row["response_id"],
    )


async def access_call_phone(tx: Tx, keys: KeyRing, staff: Staff, activity_id: int) -> str | None:
    """The number of whom a call is to, in full (E.164); None: there is none, or may not."""
    row = await _find(tx, staff, activity_id)
    phone = _phone(keys, row) if row is not None else None
    if row is None or phone is None:
        return None
    detail = {"patient": row["patient_id"]}
    action = "staff:care_plan_activity:reveal_phone"
    await record(tx, "staff", staff.id, action, activity_id, detail)
    return phone


async def access_alarm(
    tx: Tx, keys: KeyRing, staff: Staff, activity_id: int, rule: str, level: int
) -> None:
    """An answer on the telephone is grave: a doctor hears of it before the call is over."""
    if await _find(tx, staff, activity_id) is not None:
        await call_doctor(tx, keys, activity_id, rule, level)


async def access_answer(
    tx: Tx, keys: KeyRing, staff: Staff, activity_id: int, told: Told
) -> int | None:
    """Keep what the patient told as an answer to the same questionnaire; the response's id.

    None: it was answered meanwhile, something is not answered yet, or one may not.
    """
    row = await _find(tx, staff, activity_id)
    if row is None or row["request_id"] is None:
        return None
    form = await load(tx, row["questionnaire_id"])
    if rules.next_question(form, codec.load(told.given)) is not None:
        return None
    made = await submit(
        tx,
        keys,
        [row["patient_id"]],
        Submitted(
            request_id=row["request_id"],
            account_id=None,
            language=told.language,
            answers=orjson.loads(orjson.dumps(told.given)),
            scores=told.scores,
            flags=told.flags,
            staff_id=staff.id,
        ),
    )
    if made is None:
        return None
    # As in the chat: a doctor hears of whatever the form itself is alarmed by.
    for rule, level in told.flags:
        await call_doctor(tx, keys, activity_id, rule, level)
    await _close_task(tx, staff, row["task_id"])
    detail = {"activity": activity_id, "source": "phone"}
    await record(tx, "staff", staff.id, "staff:questionnaire_response:enter", made, detail)
    return made


async def access_told(tx: Tx, staff: Staff, activity_id: int, how: How) -> bool:
    """Note how a patient is who was telephoned, or that nobody was reached.

    Help is a task for a nurse. False if the step is over, or one may not.
    """
    row = await _find(tx, staff, activity_id)
    if row is None or row["state"] != "asked":
        return False
    if how == "help":
        detail = {"reason": "plan_help", "plan": row["plan_id"], "activity": activity_id}
        await tx.execute(
            """insert into task (key, kind, patient_id, detail) values ($1, 'plan_alert', $2, $3)
               on conflict (key) do nothing""",
            f"plan:{activity_id}:help",
            row["patient_id"],
            detail,
        )
    reached = how != "unreached"
    await tx.execute(
        """update care_plan_activity set state = $2, reason = $3, answer = $4, next_at = null,
             settled_at = now(), settled_by_id = $5 where id = $1""",
        activity_id,
        "completed" if reached else "unanswered",
        "answered_phone" if reached else "unreached",
        how if reached else None,
        staff.id,
    )
    ended = {"outbox_id": row["outbox_id"], "request_id": row["request_id"], "task_id": None}
    await take_back(tx, [ended], "plan_ended")
    await _close_task(tx, staff, row["task_id"])
    await record(tx, "staff", staff.id, f"staff:care_plan_activity:{how}", activity_id)
    return True


async def _close_task(tx: Tx, staff: Staff, task_id: int | None) -> None:
    closed = await tx.fetchval(
        """update task set state = 'closed', closed_at = now(), closed_by_id = $2
           where id = $1 and state = 'open' returning id""",
        task_id,
        staff.id,
    )
    if closed is not None:
        await record(tx, "staff", staff.id, "staff:task:close", closed)


async def _find(tx: Tx, staff: Staff, activity_id: int) -> Any:
    return await tx.fetchrow(
        f"""select a.plan_id, a.step, a.state, a.request_id, a.response_id, a.outbox_id, a.task_id,
                   p.patient_id, p.steps, d.content, d.title, w.name, w.chart, w.phone, w.key,
                   w.language, q.questionnaire_id
            from care_plan_activity a join care_plan p on p.id = a.plan_id
            join plan_definition d on d.id = p.definition_id
            join patient w on w.id = p.patient_id
            left join questionnaire_request q on q.id = a.request_id
            where a.id = $3 and ($2 or p.patient_id in ({OWN_PATIENTS}))
            for no key update of a""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
        activity_id,
    )


def _phone(keys: KeyRing, row: Mapping[str, Any]) -> str | None:
    sealed = row["phone"]
    return keys.open(sealed, "patient.phone", row["key"]).decode() if sealed else None
