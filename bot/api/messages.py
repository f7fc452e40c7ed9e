"""Messages to patients: through the policy and the outbox like all others."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from bot.api.models import Message as Told
from bot.api.models import MessageNew
from bot.api.patients import find as find_patient
from bot.api.problem import NOT_FOUND, Problem, invalid
from bot.api.route import Call, Done
from clinic.ids import new_key
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import DeliveryClass, Message
from clinic.policy.service import choose
from clinic.policy.types import LeftOut, Wanted

# What the outbox calls a message of a purpose, by which it is held back and put in order.
KINDS: Mapping[str, str] = {"care": "plan", "education": "education", "marketing": "marketing"}
# Rows of ours are known by how their dedup_key begins.
MARK = "api:"
_COLUMNS = """o.id, o.key, p.key as patient, o.consent_purpose as purpose, a.channel, o.state,
    o.reason, o.created_at, o.settled_at"""
_FROM = f"""from outbox o join chat_account a on a.id = o.account_id
    left join patient p on p.id = o.patient_id and p.merged_into_id is null
    where o.dedup_key like '{MARK}%'"""


async def send(call: Call) -> Done | Problem:
    """Let words wait to be sent, by the way that the patient prefers."""
    wanted: MessageNew = call.body
    if not wanted.text.strip():
        return invalid(("/text", "empty"))
    patient_id = await find_patient(call.tx, wanted.patient)
    if patient_id is None:
        return invalid(("/patient", "unknown"))
    env = call.env
    what = Wanted(wanted.purpose, KINDS[wanted.purpose])
    now = env.local(await call.tx.fetchval("select now()"))
    chosen = (await choose(call.tx, env.settings, [patient_id], what, now))[patient_id]
    if isinstance(chosen, LeftOut):
        return Problem(409, "left_out", reason=chosen.reason)
    care = wanted.purpose == "care"
    outbox_id = await enqueue(
        call.tx,
        env.keys,
        Outgoing(
            account_id=chosen.account_id,
            message=Message(wanted.text.strip(), chosen.language),
            dedup_key=f"{MARK}{call.key.id}:{new_key()}",
            purpose=what.kind,
            delivery_class=DeliveryClass.MUST_ARRIVE if care else DeliveryClass.CAMPAIGN,
            useful_for=timedelta(hours=wanted.useful_hours),
            link_version=chosen.link_version,
            consent_purpose=wanted.purpose,
            patient_id=patient_id,
        ),
    )
    assert outbox_id is not None
    done = await again(call, outbox_id)
    if isinstance(done, Problem):
        return done
    return Done(done.content, outbox_id, {"patient": patient_id}, account=chosen.account_id)


async def read(call: Call) -> Done | Problem:
    """What became of a message that came by the API; not its words."""
    key: UUID | None = call.uuid("id")
    found = await call.tx.fetchval(f"select o.id {_FROM} and o.key = $1", key)
    return NOT_FOUND if found is None else await again(call, found)


async def again(call: Call, outbox_id: int) -> Done | Problem:
    """The message of a row, as it stands now."""
    row: Any = await call.tx.fetchrow(
        f"select {_COLUMNS} {_FROM} and o.id = $1",  # constants
        outbox_id,
    )
    return NOT_FOUND if row is None else Done(_told(row), outbox_id)


def _told(row: Mapping[str, Any]) -> Told:
    return Told(
        id=row["key"],
        patient=row["patient"],
        purpose=row["purpose"],
        channel=row["channel"],
        state=row["state"],
        reason=row["reason"],
        created_at=row["created_at"],
        settled_at=row["settled_at"],
    )
