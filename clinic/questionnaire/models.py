"""Questionnaires, who is asked to answer them, and the answers, as stored."""

from typing import Any

from tortoise import fields
from tortoise.indexes import PartialIndex
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class Questionnaire(Model):
    """One version of a questionnaire (FHIR Questionnaire). A version never changes.

    Status: draft (uploaded, for preview), active (at most one version of a url), retired.
    """

    id = id_field()
    url = fields.CharField(max_length=200)
    version = fields.IntField()
    name = fields.CharField(max_length=80)
    title = fields.JSONField[dict[str, str]]()
    status = fields.CharField(max_length=8, default="draft", db_default="draft")
    resource = fields.JSONField[dict[str, Any]]()
    created_by = reference("Staff", null=True, index=False)
    created_at = written_field()

    class Meta:
        table = "questionnaire"
        unique_together = (("url", "version"),)


class QuestionnaireRule(Model):
    """Whom a questionnaire is sent by itself: `days` before or after a visit of a service."""

    id = id_field()
    url = fields.CharField(max_length=200)
    service = reference("Service")
    relation = fields.CharField(max_length=6)  # before, after
    days = fields.IntField()
    active = fields.BooleanField(default=True, db_default=True)
    created_at = written_field()

    class Meta:
        table = "questionnaire_rule"
        unique_together = (("url", "service", "relation"),)


class QuestionnaireRequest(Model):
    """A patient is asked to answer a questionnaire (FHIR Task).

    States: waiting, sent, in_progress, completed, cancelled, expired. `key` makes it unique:
    `rule:{rule}:{appointment}` or `staff:{random}`. It stays with the version it was begun on.
    """

    id = id_field()
    key = fields.CharField(max_length=96, unique=True)
    questionnaire = reference("Questionnaire")
    patient = reference("Patient")
    appointment = reference("Appointment", null=True)
    state = fields.CharField(max_length=12, default="waiting", db_default="waiting")
    draft = fields.BinaryField(null=True)  # encrypted: what is answered so far
    reason = fields.CharField(max_length=32, null=True)
    last_item = fields.CharField(max_length=64, null=True)  # linkId asked last, where it expired
    send_at = fields.DatetimeField()
    useful_until = fields.DatetimeField(null=True)
    sent_at = fields.DatetimeField(null=True)
    requested_by = reference("Staff", null=True, index=False)
    created_at = written_field()

    class Meta:
        table = "questionnaire_request"
        indexes = (
            PartialIndex(
                fields=("send_at",),
                name="questionnaire_request_due",
                condition={"state": "waiting"},
            ),
        )


class QuestionnaireResponse(Model):
    """What a patient answered (FHIR QuestionnaireResponse). `answers` are encrypted.

    `scores` are totals by linkId and `flags` the alerts they raised: numbers and codes.
    """

    id = id_field()
    key = fields.UUIDField(unique=True)  # names the row in encryption
    questionnaire = reference("Questionnaire")
    patient = reference("Patient")
    account = reference("ChatAccount", null=True, index=False)  # null: told by telephone
    source = fields.CharField(max_length=8, default="chat", db_default="chat")  # chat, phone
    entered_by = reference("Staff", null=True, index=False)  # who asked by telephone
    request = reference("QuestionnaireRequest", null=True)
    language = fields.CharField(max_length=7)
    answers = fields.BinaryField()
    scores = fields.JSONField[dict[str, Any]](default=dict, db_default={})
    flags = fields.JSONField[list[Any]](default=list, db_default=[])
    authored_at = written_field()

    class Meta:
        table = "questionnaire_response"
