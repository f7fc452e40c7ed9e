"""What buttons under a campaign's messages do in the base."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinic.campaign import store
from clinic.campaign.read import read_content
from clinic.campaign.types import Does, Fault
from clinic.db import Tx
from clinic.questionnaire.service import request

DAYS = 60  # after which a button says that it is too old


@dataclass(frozen=True, slots=True)
class Reply:
    """What was pressed. `request_id`: of the questionnaire that it opens."""

    does: Does
    request_id: int | None = None


async def press(
    tx: Tx,
    recipient_id: int,
    number: int,
    account_id: int,
    patient_ids: Sequence[int],
    conversation_id: int,
) -> Reply | None:
    """Note that a button was pressed, and prepare what it starts: a questionnaire, or a call task.

    None, and nothing is noted, if the message went to another account, if that speaks for its
    patient no more, or if the message is too old.
    """
    row = await tx.fetchrow(
        f"""select r.patient_id, c.content from recipient r
            join campaign c on c.id = r.campaign_id
            where r.id = $1 and r.account_id = $2 and r.patient_id = any($3::bigint[])
              and r.state in ('queued', 'sent', 'unknown')
              and coalesce(r.settled_at, r.due_at) > now() - interval '{DAYS} days'
            for no key update of r""",  # noqa: S608  # a constant
        recipient_id,
        account_id,
        list(patient_ids),
    )
    if row is None:
        return None
    content = read_content(row["content"])
    if isinstance(content, Fault) or not 0 <= number < len(content.buttons):
        return None
    button, request_id = content.buttons[number], None
    if button.form:
        request_id = await _form(tx, button.form, recipient_id, number, row["patient_id"])
        if request_id is None:
            return None
    if button.does == "call_me":
        await tx.execute(
            """insert into task (key, kind, patient_id, conversation_id, detail)
               values ($1, 'call_me', $2, $3, $4) on conflict (key) do nothing""",
            f"call_me:{recipient_id}",
            row["patient_id"],
            conversation_id,
            {"recipient": recipient_id},
        )
    await tx.execute(
        "update recipient set answered_at = coalesce(answered_at, now()) where id = $1",
        recipient_id,
    )
    return Reply(button.does, request_id)


async def _form(tx: Tx, url: str, recipient_id: int, number: int, patient_id: int) -> int | None:
    """The request for a questionnaire that a button opens, made when it is pressed first."""
    key = f"campaign:{recipient_id}:{number}"
    made: int | None = await tx.fetchval("select id from questionnaire_request where key = $1", key)
    if made is not None:
        return made
    form = await store.active_form(tx, url)
    return None if form is None else await request(tx, key, form, patient_id)
