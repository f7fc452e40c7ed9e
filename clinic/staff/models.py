"""Staff accounts, what they sign in with, and their sessions as stored."""

from tortoise import fields
from tortoise.indexes import Index
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
    password_hash = fields.CharField(max_length=255, null=True)  # argon2id
    totp_secret = fields.BinaryField(null=True)  # encrypted; null: no second step yet
    totp_pending = fields.BinaryField(null=True)  # encrypted; shown, not yet confirmed by a code
    totp_step = fields.BigIntField(null=True)  # of the last code that was accepted

    class Meta:
        table = "staff"


class RecoveryCode(Model):
    """Stands in for a code of the app, once. Only its keyed hash is stored."""

    id = id_field()
    staff = reference("Staff")
    code_index = fields.CharField(max_length=64, unique=True)
    created_at = written_field()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "recovery_code"


class Passkey(Model):
    """A key that a device or browser keeps (WebAuthn). Ids are base64url."""

    id = id_field()
    staff = reference("Staff")
    credential_id = fields.CharField(max_length=1400, unique=True)
    public_key = fields.BinaryField()
    sign_count = fields.BigIntField(default=0, db_default=0)
    name = fields.CharField(max_length=60)
    created_at = written_field()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "passkey"


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


class SignInStep(Model):
    """Somebody proved one thing (a link, a password) and is asked for the second one."""

    id = id_field()
    token_hash = fields.CharField(max_length=64, unique=True)
    staff = reference("Staff")
    created_at = written_field()
    wrong = fields.IntField(default=0, db_default=0)  # codes
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "sign_in_step"


class SignInTry(Model):
    """One try to sign in that was not right, or is still looked at.

    What was typed as a name is kept as a keyed hash: people type passwords there.
    """

    id = id_field()
    name_index = fields.CharField(max_length=64)
    address = fields.CharField(max_length=45)  # of the network for IPv6
    at = written_field()

    class Meta:
        table = "sign_in_try"
        indexes = (
            Index(fields=("name_index", "at"), name="sign_in_try_name"),
            Index(fields=("address", "at"), name="sign_in_try_address"),
            Index(fields=("at",), name="sign_in_try_at"),
        )


class StaffSession(Model):
    """A signed-in browser."""

    id = id_field()
    token_hash = fields.CharField(max_length=64, unique=True)
    staff = reference("Staff")
    csrf_token = fields.CharField(max_length=64)
    created_at = written_field()
    seen_at = written_field()
    ended_at = fields.DatetimeField(null=True)
    proved_at = fields.DatetimeField(null=True)  # when a code or passkey was last shown
    address = fields.CharField(max_length=45, null=True)
    browser = fields.CharField(max_length=40, null=True)  # such as Firefox, Linux

    class Meta:
        table = "staff_session"


class EmergencyAccess(Model):
    """A doctor looks after somebody else's patient for an hour, and said why."""

    id = id_field()
    key = fields.UUIDField(unique=True)  # names the row in encryption
    staff = reference("Staff")
    patient = reference("Patient")
    reason = fields.BinaryField(null=True)  # encrypted
    created_at = written_field()
    until_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    told_at = fields.DatetimeField(null=True)  # when admins were told in their own chats

    class Meta:
        table = "emergency_access"
