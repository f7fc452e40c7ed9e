"""What staff have to do, as stored (FHIR Task)."""

from tortoise import fields
from tortoise.indexes import PartialIndex
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class Task(Model):
    """Kinds: call (no reply to a reminder), link_request, flow_error, undelivered.

    `detail` holds codes and ids, never words of patients; `note` and `result` are encrypted.
    `outcome`: how it ended, a code of `clinic.task.types`. Nobody needs to look before `due_at`.
    """

    id = id_field()
    key = fields.CharField(max_length=96, unique=True)
    kind = fields.CharField(max_length=16)
    conversation = reference("Conversation", null=True)
    patient = reference("Patient", null=True)
    appointment = reference("Appointment", null=True)
    detail = fields.JSONField[dict[str, object]](default=dict, db_default={})
    note = fields.BinaryField(null=True)
    state = fields.CharField(max_length=8, default="open", db_default="open")  # open, closed
    created_at = written_field()
    closed_at = fields.DatetimeField(null=True)
    closed_by = reference("Staff", null=True, index=False)
    assigned_to = reference("Staff", null=True, index=False)  # who does it; null: anybody
    due_at = fields.DatetimeField(null=True)  # null: at once
    tries = fields.IntField(default=0, db_default=0)  # calls that reached nobody
    outcome = fields.CharField(max_length=12, null=True)
    result = fields.BinaryField(null=True)

    class Meta:
        table = "task"
        indexes = (
            PartialIndex(fields=("created_at",), name="task_open", condition={"state": "open"}),
        )
