"""Patients as stored."""

from tortoise import fields
from tortoise.models import Model

from clinic.fields import id_field, written_field


class Patient(Model):
    """A person the clinic looks after, or may come to (`provisional`: known from the chat only)."""

    id = id_field()
    key = fields.UUIDField(unique=True)  # names the row in encryption
    name = fields.TextField()
    kana = fields.TextField(default="", db_default="")
    chart = fields.CharField(max_length=32, null=True, unique=True)  # the clinic's own number
    birth_on = fields.DateField(null=True)
    sex = fields.CharField(max_length=7, null=True)  # FHIR AdministrativeGender
    language = fields.CharField(max_length=7, null=True)
    phone = fields.BinaryField(null=True)  # encrypted, E.164
    phone_index = fields.CharField(max_length=64, null=True, db_index=True)  # blind index
    provisional = fields.BooleanField(default=False, db_default=False)
    deceased_on = fields.DateField(null=True)
    created_at = written_field()

    class Meta:
        table = "patient"
