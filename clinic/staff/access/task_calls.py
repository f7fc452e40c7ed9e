"""Working off a task: a number in full, who does it, later, and how a call ended."""

from datetime import timedelta
from typing import Literal

from clinic.audit.service import record
from clinic.booking.actor import Actor
from clinic.booking.service import cancel_visit, confirm_visit
from clinic.booking.types import Visit
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.staff.access.tasks import access_close_task, access_task, find_task
from clinic.staff.types import Staff
from clinic.task.types import Outcome


async def access_task_phone(tx: Tx, keys: KeyRing, staff: Staff, task_id: int) -> str | None:
    """The number that a task is about, in full (E.164); None: there is none, or may not."""
    task = await access_task(tx, keys, staff, task_id, "en")
    if task is None:
        return None
    phone = task.patient.phone if task.patient else task.note.get("phone")
    if phone:
        detail = {"patient": task.patient.id if task.patient else None}
        await record(tx, "staff", staff.id, "staff:task:reveal_phone", task_id, detail)
    return phone or None


async def access_assign(tx: Tx, staff: Staff, task_id: int, to: int | None) -> bool:
    """Give a task to a colleague, or to anybody; False: no such task or colleague."""
    if await find_task(tx, staff, task_id, lock=True) is None:
        return False
    if to is not None and not await tx.fetchval(
        "select exists (select from staff where id = $1 and disabled_at is null)", to
    ):
        return False
    await tx.execute("update task set assigned_to_id = $2 where id = $1", task_id, to)
    await record(tx, "staff", staff.id, "staff:task:assign", task_id, {"to": to})
    return True


async def access_snooze(tx: Tx, staff: Staff, task_id: int, minutes: int) -> bool:
    """Put a task off; 0: it is due again. False: no such task."""
    if await find_task(tx, staff, task_id, lock=True) is None:
        return False
    await tx.execute(
        "update task set due_at = case when $2 > '0 s'::interval then now() + $2 end where id = $1",
        task_id,
        timedelta(minutes=minutes),
    )
    await record(tx, "staff", staff.id, "staff:task:snooze", task_id, {"minutes": minutes})
    return True


async def access_call_result(
    tx: Tx,
    keys: KeyRing,
    staff: Staff,
    actor: Actor,
    task_id: int,
    outcome: Outcome,
    words: str = "",
    again: int = 0,
) -> Literal["gone", "changed"] | Visit | None:
    """Note how a call ended, and do what follows from it. None: done; a Visit: it was cancelled, so
    whoever booked it should hear of that.

    Who is coming has confirmed; who is not gives the time free; a wrong number is never written or
    called to again until the record has another; who was not reached is tried again in `again`
    minutes. "changed": the visit is another by now; "gone": no such task.
    """
    task = await find_task(tx, staff, task_id, lock=True)
    if task is None:
        return "gone"
    made: Visit | None = None
    if outcome in ("coming", "not_coming"):
        found = await _settle_visit(tx, actor, task["appointment"], outcome == "coming")
        if found is None:
            return "changed"
        made = None if outcome == "coming" else found
    if outcome == "wrong_number" and task["patient"] is not None:
        await _flag_number(tx, staff, task["patient"])
    if words:
        await tx.execute(
            "update task set result = $2 where id = $1",
            task_id,
            keys.seal(words.encode(), "task.result", task["key"]),
        )
    if outcome == "unreached" and again:
        await tx.execute(
            """update task set tries = tries + 1, due_at = now() + $2, outcome = $3
               where id = $1""",
            task_id,
            timedelta(minutes=again),
            outcome,
        )
    else:
        await access_close_task(tx, staff, task_id, outcome)
    await record(
        tx, "staff", staff.id, f"staff:task:{outcome}", task_id, {"again": again} if again else None
    )
    return made


async def _settle_visit(
    tx: Tx, actor: Actor, appointment_id: int | None, coming: bool
) -> Visit | None:
    """Confirm or cancel the visit that a call was about; None: it cannot be any more."""
    version = await tx.fetchval(
        "select version from appointment where id = $1 and status = 'booked'", appointment_id
    )
    if version is None or appointment_id is None:
        return None
    if coming:
        outcome = await confirm_visit(tx, actor, appointment_id, version)
    else:
        outcome = await cancel_visit(tx, actor, appointment_id, version, "by telephone")
    return outcome if isinstance(outcome, Visit) else None


async def _flag_number(tx: Tx, staff: Staff, patient_id: int) -> None:
    """A number that is somebody else's: no SMS goes there, and nobody calls it for this patient."""
    await tx.execute(
        """insert into contact_preference (patient_id, wrong_phone, chosen_by_id)
           select id, phone_index, $2 from patient where id = $1
           on conflict (patient_id) do update set wrong_phone = excluded.wrong_phone""",
        patient_id,
        staff.id,
    )
    await tx.execute(
        """update chat_account a set unreachable_at = coalesce(a.unreachable_at, now())
           where a.channel = 'sms' and exists (select from link l
             where l.account_id = a.id and l.patient_id = $1 and l.ended_at is null)""",
        patient_id,
    )
    await record(tx, "staff", staff.id, "staff:patient:wrong_number", patient_id)
