"""What the buttons under a document's message do."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bot.answers.asker import Asker
from clinic.audit.service import record
from clinic.db import Tx
from clinic.document import answering, opening, service
from clinic.document.types import Document
from clinic.patient.types import PatientOption, Relation
from flows import events, texts
from flows.document_effects import AnswerDocument, OpenDocument
from flows.document_events import DocumentAnswered, DocumentGone, DocumentOpened

# What the copy says of an answer, and of who gave it.
OUTCOMES: dict[str, str] = {
    "agreed": "document.copy.agreed",
    "refused": "document.copy.refused",
    "asked": "document.copy.asked",
    "withdrawn": "document.copy.withdrawn",
}
RELATIONS: dict[Relation, str] = {
    "self": "document.relation.self",
    "child": "document.relation.child",
    "parent": "document.relation.parent",
    "partner": "document.relation.partner",
    "other": "document.relation.other",
}


async def _open(tx: Tx, asker: Asker, request: OpenDocument) -> events.Answer:
    document = await service.find(tx, asker.keys, request.document_id)
    if document is None or document.state != "issued" or _whose(asker, document) is None:
        return DocumentGone()
    token = await opening.hand_out(tx, asker.keys, document.id, asker.account_id)
    detail = {"document": document.id}
    await record(
        tx, "patient", asker.account_id, "patient:document:link", document.patient_id, detail
    )
    server = asker.settings.server
    base = (server.public_url or f"http://{server.host}:{server.port}").rstrip("/")
    return DocumentOpened(f"{base}/d/{token}", document.kind == "consent")


async def _answer(tx: Tx, asker: Asker, request: AnswerDocument) -> events.Answer:
    asked = await answering.ask(
        tx, asker.keys, request.document_id, asker.account_id, request.answer
    )
    patient = None if asked is None else _whose(asker, asked.document)
    if asked is None or patient is None:
        return DocumentGone()
    if asked.outcome not in ("unread", "same"):
        from clinic.document.drawing import draw  # 6 MB, for what is rarely done

        channel = await tx.fetchval(
            "select channel from chat_account where id = $1", asker.account_id
        )
        pdf = await asyncio.to_thread(
            draw,
            asked.content,
            asked.document.number,
            asker.settings.clinic.name,
            _told(asker, asked, patient, channel),
        )
        await answering.keep(
            tx,
            asker.keys,
            asked,
            asker.account_id,
            asker.conversation_id,
            patient.relation,
            pdf,
        )
    return DocumentAnswered(asked.outcome)


def _told(
    asker: Asker, asked: answering.Asked, patient: PatientOption, channel: str
) -> list[tuple[str, str]]:
    """What the copy says of the answer, in the document's language."""
    language, document = asked.content.language, asked.document
    at = asked.at.astimezone(asker.now.tzinfo)
    facts = {
        "document.copy.answer": texts.text(OUTCOMES[asked.outcome], {}, language),
        "document.copy.at": f"{at:%Y-%m-%d %H:%M:%S %Z}",
        "document.copy.for": patient.name,
        "document.copy.by": texts.text(RELATIONS[patient.relation], {}, language),
        "document.copy.through": f"{channel} {asker.account_id}",
        "document.copy.of": f"{document.number} ({document.version})",
        "document.copy.hash": document.sha256,
    }
    return [(texts.text(label, {}, language), said) for label, said in facts.items()]


def _whose(asker: Asker, document: Document) -> PatientOption | None:
    """The patient of the document, if the account was proven to speak for them."""
    return next(
        (one for one in asker.patients if one.id == document.patient_id and one.proven), None
    )


ANSWERS: dict[type, Callable[[Tx, Asker, Any], Awaitable[events.Answer]]] = {
    OpenDocument: _open,
    AnswerDocument: _answer,
}
