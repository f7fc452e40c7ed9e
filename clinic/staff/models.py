"""Staff accounts and their sessions as stored."""

from tortoise import fields
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class Staff(Model):
    """One person who works at the clinic. Names are never shared."""

    id = id_field()
    name = fields.CharField(max_length=80, unique=True)
    role = fields.CharField(max_length=8)  # admin, staff, doctor
    language = fields.CharField(max_length=7, null=True)
    disabled_at = fields.DatetimeField(null=True)
    created_at = written_field()

    class Meta:
        table = "staff"


class SignInLink(Model):
    """A one-time link that signs a staff member in. Only its hash is stored."""

    id = id_field()
    token_hash = fields.CharField(max_length=64, unique=True)
    staff = reference("Staff")
    created_at = written_field()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "sign_in_link"


class StaffSession(Model):
    """A signed-in browser."""

    id = id_field()
    token_hash = fields.CharField(max_length=64, unique=True)
    staff = reference("Staff")
    csrf_token = fields.CharField(max_length=64)
    created_at = written_field()
    seen_at = written_field()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "staff_session"
