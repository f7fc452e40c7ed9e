"""How a patient wants to be written to, as stored."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class ContactPreference(Model):
    """What a patient, or staff for them, chose. Without a row the clinic's policy holds."""

    id = id_field()
    patient: Any = fields.OneToOneField(
        "clinic.Patient", related_name=False, on_delete=fields.RESTRICT
    )
    channel = fields.CharField(max_length=16, null=True)  # tried first
    no_greetings = fields.BooleanField(default=False, db_default=False)  # mourning, wish
    call_only = fields.BooleanField(default=False, db_default=False)  # nothing is written
    # Blind index of a telephone number that turned out to be somebody else's.
    wrong_phone = fields.CharField(max_length=64, null=True)
    chosen_by = reference("Staff", null=True, index=False)  # null: the patient
    chosen_at = written_field()

    class Meta:
        table = "contact_preference"
