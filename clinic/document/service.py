"""Templates and documents in the database. Who may do what is asked before."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.document import rules
from clinic.document.types import Block, Content, Document, Draft, Field, Given, Template
from clinic.ids import new_key

LISTED_AT_MOST = 200
_SHIPPED = Path(__file__).parent / "shipped.json"
_TEMPLATE = """select t.id, t.code, t.version, t.kind, t.status, t.titles, t.texts, t.places,
    t.checked_at, s.name as checked_by
    from document_template t left join staff s on s.id = t.checked_by_id"""
_DOCUMENT = """select d.id, d.key, d.number, d.patient_id, t.kind, t.version, d.language,
    d.state, d.sha256, d.content, d.issued_at, s.name as issued_by, d.sent_at, d.voided_at,
    (select coalesce(sum(l.views), 0)::int from document_link l where l.document_id = d.id) as views
    from document d join document_template t on t.id = d.template_id
    join staff s on s.id = d.issued_by_id"""


async def templates(tx: Tx) -> list[Template]:
    """All versions, the newest of each first; those that were retired last."""
    rows = await tx.fetch(
        f"""{_TEMPLATE} order by t.status = 'retired', t.kind, t.code, t.version desc
            limit {LISTED_AT_MOST}"""
    )
    return [_template(row) for row in rows]


async def find_template(tx: Tx, template_id: int) -> Template | None:
    """One version; None if there is none of that id."""
    row = await tx.fetchrow(f"{_TEMPLATE} where t.id = $1", template_id)
    return _template(row) if row else None


async def save_template(
    tx: Tx, staff_id: int | None, template_id: int | None, draft: Draft, code: str = ""
) -> int | None:
    """Write a draft: a new template (under `code`, if that is free), a changed draft, or the next
    version of one that is in use or was. Its id; None if there is no such one, or the code is
    taken."""
    places = [{"name": one.name, "labels": dict(one.labels)} for one in draft.fields]
    said = (draft.kind, dict(draft.titles), dict(draft.texts), places, staff_id)
    if template_id is None:
        made: int | None = await tx.fetchval(
            """insert into document_template
                 (code, version, kind, titles, texts, places, written_by_id)
               values ($1, 1, $2, $3, $4, $5, $6) on conflict (code, version) do nothing
               returning id""",
            code or new_key().hex,
            *said,
        )
        return made
    row = await tx.fetchrow(
        "select code, status from document_template where id = $1 for update", template_id
    )
    if row is None:
        return None
    if row["status"] == "draft":
        await tx.execute(
            """update document_template set kind = $2, titles = $3, texts = $4, places = $5,
                 written_by_id = $6, written_at = now() where id = $1""",
            template_id,
            *said,
        )
        return template_id
    # Two who write at once get two versions.
    await tx.execute("select pg_advisory_xact_lock(hashtextextended($1, 7))", row["code"])
    next_version: int = await tx.fetchval(
        """insert into document_template
             (code, version, kind, titles, texts, places, written_by_id)
           select $1::text, max(version) + 1, $2, $3, $4, $5, $6
           from document_template where code = $1::text returning id""",
        row["code"],
        *said,
    )
    return next_version


async def activate(tx: Tx, staff_id: int, template_id: int) -> bool:
    """Take a draft into use in the place of the version before. False if it is none."""
    code = await tx.fetchval(
        "select code from document_template where id = $1 and status = 'draft' for update",
        template_id,
    )
    if code is None:
        return False
    await tx.execute(
        "update document_template set status = 'retired' where code = $1 and status = 'active'",
        code,
    )
    await tx.execute(
        """update document_template set status = 'active', checked_by_id = $2, checked_at = now()
           where id = $1""",
        template_id,
        staff_id,
    )
    return True


async def retire(tx: Tx, template_id: int) -> bool:
    """Take a version out of use. False if it is not in use."""
    done = await tx.fetchval(
        """update document_template set status = 'retired' where id = $1 and status <> 'retired'
           returning id""",
        template_id,
    )
    return done is not None


async def install_shipped(tx: Tx, languages: tuple[str, ...]) -> int:
    """Put in the templates that come with Kayoi, as drafts to be checked; how many are new."""
    made = 0
    for code, one in _shipped().items():
        spoken = [tag for tag in languages if tag in one["texts"]]
        draft = Draft(
            one["kind"],
            {tag: one["titles"][tag] for tag in spoken},
            {tag: one["texts"][tag] for tag in spoken},
            tuple(
                Field(name, {tag: labels[tag] for tag in spoken})
                for name, labels in one["fields"].items()
            ),
        )
        if spoken and await save_template(tx, None, None, draft, code) is not None:
            made += 1
    return made


async def reserve(tx: Tx, year: int) -> tuple[int, str]:
    """The id and the number of the next document."""
    id: int = await tx.fetchval("select nextval(pg_get_serial_sequence('document', 'id'))")
    return id, rules.number_of(year, id)


async def issue(
    tx: Tx,
    keys: KeyRing,
    staff_id: int,
    reserved: tuple[int, str],
    patient_id: int,
    template_id: int,
    content: Content,
    pdf: bytes,
) -> None:
    """Store a document under its reserved number."""
    id, number = reserved
    key = new_key()
    await tx.execute(
        """insert into document (id, key, number, patient_id, template_id, language, content, pdf,
                                 sha256, issued_by_id)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        id,
        key,
        number,
        patient_id,
        template_id,
        content.language,
        keys.seal(dump(content), "document.content", key),
        keys.seal(pdf, "document.pdf", key),
        hashlib.sha256(pdf).hexdigest(),
        staff_id,
    )


async def find(tx: Tx, keys: KeyRing, document_id: int, *, lock: bool = False) -> Document | None:
    """One document; None if there is none of that id."""
    row = await tx.fetchrow(
        f"{_DOCUMENT} where d.id = $1{' for update of d' if lock else ''}", document_id
    )
    return _document(keys, row) if row else None


async def documents_of(tx: Tx, keys: KeyRing, patient_id: int) -> list[Document]:
    """The documents of a patient, the newest first."""
    rows = await tx.fetch(
        f"{_DOCUMENT} where d.patient_id = $1 order by d.id desc limit {LISTED_AT_MOST}",
        patient_id,
    )
    return [_document(keys, row) for row in rows]


async def content_of(tx: Tx, keys: KeyRing, document_id: int) -> Content:
    """What stands in a document that there is."""
    row = await tx.fetchrow("select key, content from document where id = $1", document_id)
    return load(keys.open(row["content"], "document.content", row["key"]))


async def pdf_of(tx: Tx, keys: KeyRing, document_id: int) -> bytes:
    """The PDF of a document that there is."""
    row = await tx.fetchrow("select key, pdf from document where id = $1", document_id)
    return keys.open(row["pdf"], "document.pdf", row["key"])


async def void(tx: Tx, keys: KeyRing, staff_id: int, document: Document, why: str) -> bool:
    """Say that a document holds no more. It stays. False if that was said before."""
    done = await tx.fetchval(
        """update document set state = 'void', voided_by_id = $2, voided_at = now(), void_note = $3
           where id = $1 and state = 'issued' returning id""",
        document.id,
        staff_id,
        keys.seal(why.encode(), "document.void_note", document.key),
    )
    return done is not None


async def void_note(tx: Tx, keys: KeyRing, document: Document) -> str:
    """Why a document was voided, "" if it was not."""
    sealed = await tx.fetchval("select void_note from document where id = $1", document.id)
    return keys.open(sealed, "document.void_note", document.key).decode() if sealed else ""


async def answers_of(tx: Tx, document_id: int) -> list[Given]:
    """What was answered to a document, the newest first."""
    rows = await tx.fetch(
        """select g.id, g.answer, g.relation, a.channel, g.account_id, g.answered_at as at
           from document_answer g join chat_account a on a.id = g.account_id
           where g.document_id = $1 order by g.id desc limit 100""",
        document_id,
    )
    return [Given(**row) for row in rows]


def dump(content: Content) -> bytes:
    """Content as it is stored."""
    blocks = [[one.kind, one.text] for one in content.blocks]
    return orjson.dumps({"language": content.language, "title": content.title, "blocks": blocks})


def load(stored: bytes) -> Content:
    """What `dump` wrote."""
    read = orjson.loads(stored)
    blocks = tuple(Block(kind, text) for kind, text in read["blocks"])
    return Content(read["language"], read["title"], blocks)


def _document(keys: KeyRing, row: Mapping[str, Any]) -> Document:
    told = dict(row)
    content = load(keys.open(told.pop("content"), "document.content", row["key"]))
    return Document(**told, title=content.title)


def _template(row: Mapping[str, Any]) -> Template:
    fields = tuple(Field(one["name"], one["labels"]) for one in row["places"])
    draft = Draft(row["kind"], row["titles"], row["texts"], fields)
    named = (row["id"], row["code"], row["version"], row["status"])
    return Template(*named, draft, row["checked_by"], row["checked_at"])


@cache
def _shipped() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_SHIPPED.read_text())
    return found
