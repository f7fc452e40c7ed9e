"""The audit trail as stored."""

from tortoise import fields
from tortoise.indexes import Index, PartialIndex
from tortoise.models import Model

from clinic.fields import id_field, written_field


class Audit(Model):
    """Who did what to whom: codes and ids, never words of patients.

    Written in the transaction of the deed. `position` and `chain` are set afterwards by the sealing
    job, so that writers do not wait for each other: see clinic.audit.service.
    """

    id = id_field()
    at = written_field()
    actor_kind = fields.CharField(max_length=8)  # patient, staff, system, api_key
    actor_id = fields.BigIntField(null=True)
    action = fields.CharField(max_length=48)  # source:subject:action
    subject_id = fields.BigIntField(null=True)
    detail = fields.JSONField[dict[str, object]](default=dict, db_default={})
    position = fields.BigIntField(null=True, unique=True)  # in the chain
    chain = fields.BinaryField(null=True)

    class Meta:
        table = "audit"
        indexes = (
            Index(fields=("at",), name="audit_at"),
            PartialIndex(
                fields=("actor_id", "at"), name="audit_staff", condition={"actor_kind": "staff"}
            ),
        )
