"""What flows ask to be done, done in the turn's transaction. Messages are the runner's own."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from bot.answers.asker import Asker
from bot.answers.booking import DEEDS as BOOKING
from bot.answers.faq import DEEDS as FAQ
from bot.answers.form import DEEDS as FORM
from bot.answers.subscription import DEEDS as SUBSCRIPTION
from bot.answers.triage import DEEDS as TRIAGE
from clinic.consent.service import record, stop
from clinic.db import Tx
from clinic.escalation.service import raise_escalation
from clinic.escalation.types import Raised
from clinic.ids import new_key
from clinic.message.service import last_words
from clinic.webhook.announce import announce
from clinic.webhook.types import Ids, Kind
from flows import effects


async def _set_language(tx: Tx, asker: Asker, deed: effects.SetLanguage) -> None:
    await tx.execute(
        "update chat_account set language = $2, language_chosen = true where id = $1",
        asker.account_id,
        deed.language,
    )


async def _give_consent(tx: Tx, asker: Asker, deed: effects.GiveConsent) -> None:
    await record(tx, asker.account_id, "messages", deed.notice_version, given=True)
    await tx.execute(
        "update chat_account set consent_version = $2, opted_out_at = null where id = $1",
        asker.account_id,
        deed.notice_version,
    )


async def _opt_out(tx: Tx, asker: Asker, deed: effects.OptOut) -> None:  # noqa: ARG001
    await stop(tx, asker.account_id, asker.settings.clinic.notice_in_force)


async def _opt_in(tx: Tx, asker: Asker, deed: effects.OptIn) -> None:  # noqa: ARG001
    version = asker.settings.clinic.notice_in_force
    await record(tx, asker.account_id, "messages", version, given=True)
    await tx.execute("update chat_account set opted_out_at = null where id = $1", asker.account_id)


async def _ask_for_link(tx: Tx, asker: Asker, deed: effects.AskForLink) -> None:
    """The request is for staff's eyes: what the patient typed is kept encrypted.

    It stands for the chat's earlier ones: nobody can fill the desk's list from one chat.
    """
    await tx.execute(
        """update task set state = 'closed', closed_at = now()
           where conversation_id = $1 and kind = 'link_request' and state = 'open'""",
        asker.conversation_id,
    )
    key = f"link:{new_key()}"
    words = {"name": deed.name, "birth_on": deed.birth_on.isoformat(), "phone": deed.phone}
    await tx.execute(
        "insert into task (key, kind, conversation_id, note) values ($1, 'link_request', $2, $3)",
        key,
        asker.conversation_id,
        asker.keys.seal(orjson.dumps(words), "task.note", key),
    )


async def _hand_off(tx: Tx, asker: Asker, deed: effects.Handoff) -> None:
    queued = await tx.fetchval(
        """update conversation set owner = 'queue', handoff_reason = $2,
             queued_at = coalesce(queued_at, now())
           where id = $1 and owner = 'bot' returning id""",
        asker.conversation_id,
        deed.reason[:32],
    )
    if queued is not None:
        ids: Ids = {"conversation_id": queued, "reason": deed.reason[:32]}
        await announce(tx, Kind.CONVERSATION_QUEUED, ids)
        await tx.execute(
            "insert into figure_event (figure, kind, subject) values ('queued', $1, $2)",
            deed.reason[:32],
            queued,
        )


async def _take_back(tx: Tx, asker: Asker, deed: effects.TakeBack) -> None:  # noqa: ARG001
    await tx.execute(
        """update conversation set owner = 'bot', queued_at = null, handoff_reason = null
           where id = $1 and owner = 'queue'""",
        asker.conversation_id,
    )


async def _escalate(tx: Tx, asker: Asker, deed: effects.Escalate) -> None:
    """Call a doctor: the worker alerts who is on call as soon as this turn is committed."""
    patient = deed.patient_id
    if patient is None and [one.relation for one in asker.patients] == ["self"]:
        # Of several, or of somebody else, nobody knows whom it is about.
        patient = asker.patients[0].id
    if patient is None and asker.scope is not None:
        patient = asker.scope.patient.id
    said = asker.said or await last_words(tx, asker.keys, asker.account_id)
    raised = Raised(
        asker.conversation_id, deed.source, deed.rule, deed.level, patient, deed.reasons, said
    )
    await raise_escalation(tx, asker.keys, asker.account_id, raised)


DEEDS: dict[type, Callable[[Tx, Asker, Any], Awaitable[None]]] = {
    effects.SetLanguage: _set_language,
    effects.GiveConsent: _give_consent,
    effects.OptOut: _opt_out,
    effects.OptIn: _opt_in,
    effects.AskForLink: _ask_for_link,
    effects.Handoff: _hand_off,
    effects.TakeBack: _take_back,
    effects.Escalate: _escalate,
    **BOOKING,
    **FAQ,
    **FORM,
    **SUBSCRIPTION,
    **TRIAGE,
}
