"""Answers to consent documents from a chat: kept as they were given, with a PDF of each."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.document import rules, service
from clinic.document.types import Answer, Content, Document, Outcome
from clinic.ids import new_key

TASK = "document"  # somebody wants to ask before answering


@dataclass(frozen=True, slots=True)
class Asked:
    """A document that is asked about, locked, and what comes of the answer."""

    document: Document
    content: Content
    outcome: Outcome
    at: datetime


async def ask(
    tx: Tx, keys: KeyRing, document_id: int, account_id: int, pressed: Answer
) -> Asked | None:
    """What an answer would come to; None if the document holds no more, or asks for none."""
    document = await service.find(tx, keys, document_id, lock=True)
    if document is None or document.state != "issued" or document.kind != "consent":
        return None
    standing = await tx.fetchval(
        """select answer from document_answer where document_id = $1 and answer <> 'asked'
           order by id desc limit 1""",
        document_id,
    )
    read = await tx.fetchval(
        """select exists (select 1 from document_link
             where document_id = $1 and account_id = $2 and views > 0)""",
        document_id,
        account_id,
    )
    outcome = rules.outcome_of(standing, pressed, read=read)
    content = await service.content_of(tx, keys, document_id)
    return Asked(document, content, outcome, await tx.fetchval("select now()"))


async def keep(
    tx: Tx,
    keys: KeyRing,
    asked: Asked,
    account_id: int,
    conversation_id: int,
    relation: str,
    pdf: bytes,
) -> None:
    """Write the answer down, with the PDF that tells of it; a question becomes a task."""
    key, document = new_key(), asked.document
    made = await tx.fetchval(
        """insert into document_answer
             (key, document_id, account_id, relation, answer, version, sha256, pdf, answered_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id""",
        key,
        document.id,
        account_id,
        relation,
        asked.outcome,
        document.version,
        document.sha256,
        keys.seal(pdf, "document_answer.pdf", key),
        asked.at,
    )
    detail = {
        "document": document.id,
        "answer": made,
        "said": asked.outcome,
        "copy": hashlib.sha256(pdf).hexdigest(),
    }
    await record(tx, "patient", account_id, "patient:document:answer", document.patient_id, detail)
    if asked.outcome == "asked":
        await tx.execute(
            """insert into task (key, kind, patient_id, conversation_id, detail)
               values ($1, $2, $3, $4, $5) on conflict (key) do nothing""",
            f"{TASK}:{made}",
            TASK,
            document.patient_id,
            conversation_id,
            {"document": document.id},
        )
