"""Patients as stored."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
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
    zone = fields.CharField(max_length=48, null=True)  # IANA; null: they live by the clinic's clock
    phone = fields.BinaryField(null=True)  # encrypted, E.164
    phone_index = fields.CharField(max_length=64, null=True, db_index=True)  # blind index
    phone_end = fields.CharField(max_length=64, null=True)  # the same of its last four digits
    provisional = fields.BooleanField(default=False, db_default=False)
    deceased_on = fields.DateField(null=True)
    moved_on = fields.DateField(null=True)  # went to another clinic for good
    merged_into: Any = fields.ForeignKeyField(
        "clinic.Patient", null=True, db_index=False, related_name=False, on_delete=fields.RESTRICT
    )
    # What an import finds a patient by (clinic.importer.normal), and from where each field is.
    chart_loose = fields.CharField(max_length=32, null=True)
    kana_key = fields.CharField(max_length=80, default="", db_default="")
    name_key = fields.CharField(max_length=80, default="", db_default="")
    field_sources = fields.JSONField[dict[str, str]](default=dict, db_default={})
    email = fields.BinaryField(null=True)  # encrypted
    email_index = fields.CharField(max_length=64, null=True)
    address = fields.BinaryField(null=True)  # encrypted
    insurer = fields.BinaryField(null=True)  # encrypted
    insured = fields.BinaryField(null=True)  # encrypted
    insured_index = fields.CharField(max_length=64, null=True)
    acquired_by = fields.CharField(max_length=32, null=True)  # how they found the clinic
    occupation = fields.CharField(max_length=48, null=True)
    membership = fields.CharField(max_length=10, null=True)  # private, corporate, member
    created_at = written_field()

    class Meta:
        table = "patient"
        indexes = (
            Index(fields=("birth_on", "kana_key"), name="patient_birth_kana"),
            Index(fields=("birth_on", "name_key"), name="patient_birth_name"),
            Index(fields=("chart_loose",), name="patient_chart_loose"),
            Index(fields=("email_index",), name="patient_email"),
            Index(fields=("merged_into_id",), name="patient_merged"),
            Index(fields=("phone_end",), name="patient_phone_end"),
        )
