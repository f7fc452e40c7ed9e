"""Links between chat accounts and patients as stored."""

from tortoise import fields
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class Link(Model):
    """A chat account speaks for a patient. Ended links stay, for the record."""

    id = id_field()
    account = reference("ChatAccount")
    patient = reference("Patient")
    relation = fields.CharField(max_length=8)  # clinic.patient.types.Relation
    proof = fields.CharField(max_length=8)  # none (provisional), code, staff
    # Of an e-mail address or telephone: the patient's own index of it when it was written down.
    address_index = fields.CharField(max_length=64, null=True)
    run = reference("ImportRun", null=True, index=False)  # the import that told of the agreement
    created_at = written_field()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "link"


class LinkCode(Model):
    """A one-time code the clinic hands out. Only its keyed hash is stored."""

    id = id_field()
    code_hash = fields.CharField(max_length=64, unique=True)
    patient = reference("Patient")
    staff = reference("Staff", null=True)
    created_at = written_field()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "link_code"


class LinkAttempt(Model):
    """A try at a code, right or wrong: what the limits are counted by."""

    id = id_field()
    account = reference("ChatAccount", index=False)
    ok = fields.BooleanField()
    at = written_field()

    class Meta:
        table = "link_attempt"
        indexes = (("account_id", "at"), ("at",))
