"""Documents as stored: templates by version, what was issued from them, links, answers."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class DocumentTemplate(Model):
    """One version. Only a draft changes; whoever makes it active says that it was checked."""

    id = id_field()
    code = fields.CharField(max_length=40)
    version = fields.IntField()
    kind = fields.CharField(max_length=12)  # clinic.document.types.KINDS
    status = fields.CharField(max_length=8, default="draft", db_default="draft")
    titles = fields.JSONField[dict[str, str]]()  # by language
    texts = fields.JSONField[dict[str, str]]()  # by language
    places = fields.JSONField[list[Any]](default=list, db_default=[])  # fields that staff fill in
    written_by = reference("Staff", null=True, index=False)  # null: came with Kayoi
    written_at = written_field()
    checked_by = reference("Staff", null=True, index=False)
    checked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "document_template"
        unique_together = (("code", "version"),)


class Document(Model):
    """A document of a patient. States: issued, void. It never changes but for that."""

    id = id_field()
    key = fields.UUIDField(unique=True)  # names the row in encryption
    number = fields.CharField(max_length=24, unique=True)
    patient = reference("Patient")
    template = reference("DocumentTemplate", index=False)
    language = fields.CharField(max_length=8)
    content = fields.BinaryField()  # encrypted: title and blocks
    pdf = fields.BinaryField()  # encrypted
    sha256 = fields.CharField(max_length=64)  # of the PDF
    state = fields.CharField(max_length=8, default="issued", db_default="issued")
    issued_by = reference("Staff", index=False)
    issued_at = written_field()
    sent_at = fields.DatetimeField(null=True)
    void_note = fields.BinaryField(null=True)  # encrypted: why
    voided_by = reference("Staff", null=True, index=False)
    voided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "document"


class DocumentLink(Model):
    """A one-time link to a document. `session_hash` names the browser that used it up; the PDF
    opens there until `expires_at`."""

    id = id_field()
    token_hash = fields.CharField(max_length=64, unique=True)
    session_hash = fields.CharField(max_length=64, null=True)
    document = reference("Document")
    account = reference("ChatAccount", index=False)
    created_at = written_field()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    views = fields.IntField(default=0, db_default=0)

    class Meta:
        table = "document_link"


class DocumentAnswer(Model):
    """What somebody said to a document in the chat, with a PDF of it. Rows never change."""

    id = id_field()
    key = fields.UUIDField(unique=True)  # names the row in encryption
    document = reference("Document", index=False)
    account = reference("ChatAccount", index=False)
    relation = fields.CharField(max_length=8)  # clinic.patient.types.Relation
    answer = fields.CharField(max_length=10)  # clinic.document.types.ANSWERS
    version = fields.IntField()  # of the template
    sha256 = fields.CharField(max_length=64)  # of the PDF that was answered to
    pdf = fields.BinaryField()  # encrypted: the document with the answer below
    answered_at = written_field()

    class Meta:
        table = "document_answer"
        indexes = (Index(fields=("document_id", "id")),)
