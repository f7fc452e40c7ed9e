"""Tells a patient that a document is there, and asks for a consent: by the policy, like all else.

Lock-screen safe: whose document it is, but not about what. What it says stands behind a one-time
link that the patient asks for by a button.
"""

from datetime import timedelta

from bot.tokens import Tokens
from clinic.audit.service import record
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.document.types import Document
from clinic.message.service import Outgoing, enqueue
from clinic.policy.service import choose
from clinic.policy.types import LeftOut, Wanted
from clinic.staff.types import Staff
from flows import texts
from flows.document import NUMBERS, choices_of
from flows.effects import Say

WANTED = Wanted("care", "form")
ACTION = "e"  # of `bot.tokens`
USEFUL = timedelta(days=30)
ONCE_IN = 600  # seconds: pressed twice is sent once


async def send_document(
    tx: Tx, keys: KeyRing, settings: Settings, staff: Staff, document: Document
) -> str | None:
    """Write to the patient about a document, which is locked; None if that is written, else why
    not: a reason of the policy, `too_often`, or `not_relevant` for a void one."""
    if document.state != "issued":
        return "not_relevant"
    now = await tx.fetchval("select now()")
    patient = document.patient_id
    chosen = (await choose(tx, settings, [patient], WANTED, now))[patient]
    if isinstance(chosen, LeftOut):
        return chosen.reason
    # What is behind the button is shown to nobody whom the clinic does not know.
    proven = await tx.fetchval(
        """select exists (select 1 from link where account_id = $1 and patient_id = $2
             and ended_at is null and proof <> 'none')""",
        chosen.account_id,
        patient,
    )
    if not proven:
        return "no_chat"
    name = await tx.fetchval("select name from patient where id = $1", patient)
    asks = document.kind == "consent"
    choices = choices_of(asks=asks)
    say = Say(
        "document.asks" if asks else "document.is_there",
        {"clinic": settings.clinic.name, "name": name},
        choices,
    )
    tokens = Tokens(keys, chosen.account_id)
    (message,), _ = texts.compose(
        [say],
        chosen.language,
        lambda i: tokens.standing(ACTION, document.id, NUMBERS[choices[i].value]),
    )
    written = await enqueue(
        tx,
        keys,
        Outgoing(
            account_id=chosen.account_id,
            message=message,
            dedup_key=f"document:{document.id}:{int(now.timestamp()) // ONCE_IN}",
            purpose=WANTED.kind,
            useful_for=USEFUL,
            link_version=chosen.link_version,
            consent_purpose=WANTED.purpose,
            patient_id=patient,
        ),
    )
    if written is None:
        return "too_often"
    await tx.execute("update document set sent_at = now() where id = $1", document.id)
    detail = {"document": document.id, "outbox": written}
    await record(tx, "staff", staff.id, "staff:document:send", patient, detail)
    return None
