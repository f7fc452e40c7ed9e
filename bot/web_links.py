"""Opens a web chat by a one-time link, with the message that the link came with (decision 14)."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from bot.environment import Environment
from bot.tokens import Tokens
from clinic.audit.service import record
from clinic.contact import web_link
from clinic.conversation.service import account_of
from clinic.ids import new_secret
from clinic.message.service import Outgoing, enqueue, open_message
from clinic.message.types import Message
from flows import texts
from flows.effects import Choice, Say

LOOK = Choice("c", "letter.look", role="primary")  # an action that shows what changed meanwhile


@dataclass(frozen=True, slots=True)
class Session:
    """A web chat that was opened: the secret that names it to the browser, and its account."""

    secret: str
    account_id: int


async def redeem(env: Environment, token: str) -> Session | web_link.Found | None:
    """Use a link up. Found: it is used or over. None: we gave out no such one."""
    async with env.database.transaction() as tx:
        found = await web_link.find(tx, env.keys, token, lock=True)
        if found is None or found.state != "good":
            return found
        row = await tx.fetchrow(
            """select o.key, o.content, o.account_id, o.appointment_id, o.appointment_version,
                      o.request_id, o.useful_until - now() as useful_for, a.language,
                      a.consent_version, v.version, v.status, o.patient_id
               from outbox o join chat_account a on a.id = o.account_id
               left join appointment v on v.id = o.appointment_id
               where o.id = $1""",
            found.outbox_id,
        )
        secret = new_secret(256)
        address = hashlib.sha256(secret.encode()).hexdigest()
        account = await account_of(tx, env.keys, "webchat", address)
        # Who agreed to the notice there agreed to it here.
        await tx.execute(
            """update chat_account set language = $2, language_chosen = true, consent_version = $3
               where id = $1""",
            account.account_id,
            row["language"],
            row["consent_version"],
        )
        await web_link.use(tx, found.id, account.account_id)
        outgoing = Outgoing(
            account_id=account.account_id,
            message=_shown(env, row, account.account_id),
            dedup_key=f"web_link:{found.id}",
            # The patient asked for it, this moment: it waits for no quiet hours to end.
            purpose="dialogue",
            useful_for=row["useful_for"],
            patient_id=row["patient_id"],
        )
        await enqueue(tx, env.keys, outgoing)
        detail = {"outbox": found.outbox_id}
        await record(
            tx, "patient", account.account_id, "patient:web_link:open", row["patient_id"], detail
        )
    return Session(secret, account.account_id)


def _shown(env: Environment, row: Any, account_id: int) -> Message:
    """The message with buttons that work in the new chat. Of a visit that changed since, a button
    that shows how it stands: an old time must not be read as the right one."""
    message = open_message(env.keys, row["key"], row["content"])
    tokens = Tokens(env.keys, account_id)
    changed = (row["version"], row["status"]) != (row["appointment_version"], "booked")
    if row["appointment_id"] is not None and changed:
        visit = row["appointment_id"], row["appointment_version"] or 0
        (outdated,), _ = texts.compose(
            [Say("letter.outdated", choices=(LOOK,))],
            message.language,
            lambda _: tokens.standing(LOOK.value, *visit),
        )
        return outdated
    sent = Tokens(env.keys, row["account_id"])
    carried = ((button, sent.carried(button.token, tokens)) for button in message.buttons)
    return replace(
        message,
        buttons=tuple(replace(button, token=token) for button, token in carried if token),
        date_pick=None,
        contact_request=None,
    )
