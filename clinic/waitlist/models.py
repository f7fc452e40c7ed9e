"""Who waits for an earlier time, and freed slots with whom they were offered to, as stored."""

from tortoise import fields
from tortoise.indexes import Index, PartialIndex
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class WaitlistEntry(Model):
    """Somebody who would take an earlier time. States: waiting, offered, booked, left, ended.

    Of a patient and a service one is open at most. `appointment`: the later visit that an accepted
    time stands in for; without it a new visit is booked.
    """

    id = id_field()
    patient = reference("Patient")
    account = reference("ChatAccount", null=True)  # who asked; null: staff did
    service = reference("Service", index=False)
    practitioner = reference("Resource", null=True, index=False)  # null: any
    appointment = reference("Appointment", null=True)
    weekdays = fields.JSONField[list[int]](default=list, db_default=[])  # 0 is Monday; []: any
    part = fields.CharField(max_length=9, default="any", db_default="any")
    from_on = fields.DateField()  # in the site's zone
    until_on = fields.DateField()
    state = fields.CharField(max_length=7, default="waiting", db_default="waiting")
    reason = fields.CharField(max_length=32, null=True)  # why it ended
    added_by = reference("Staff", null=True, index=False)
    created_at = written_field()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "waitlist_entry"
        indexes = (
            PartialIndex(
                fields=("service_id", "created_at"),
                name="waitlist_waiting",
                condition={"state": "waiting"},
            ),
        )


class SlotRescue(Model):
    """A time that a visit gave free, until somebody has it. States: open, rescued, ended.

    Which rooms and devices it needs is told by the service. `due_at` is when it is looked at next,
    `hold` keeps the time while a wave of offers lasts.
    """

    id = id_field()
    key = fields.CharField(max_length=48, unique=True)  # the visit and the version that it had
    appointment = reference("Appointment")
    cause = fields.CharField(max_length=8)  # clinic.waitlist.types.Cause
    service = reference("Service", index=False)
    site = reference("Site", index=False)
    practitioner = reference("Resource", index=False)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    minutes = fields.IntField()
    depth = fields.IntField(default=0, db_default=0)  # how many rescues led to this one
    state = fields.CharField(max_length=7, default="open", db_default="open")
    reason = fields.CharField(max_length=32, null=True)  # why it ended without a visit
    wave = fields.IntField(default=0, db_default=0)
    hold = reference("Appointment", null=True)
    booked = reference("Appointment", null=True)  # the visit that has the time now
    due_at = fields.DatetimeField()
    created_at = written_field()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "slot_rescue"
        indexes = (
            PartialIndex(fields=("due_at",), name="slot_rescue_due", condition={"state": "open"}),
            Index(fields=("created_at",), name="slot_rescue_created"),
        )


class SlotOffer(Model):
    """What became of one person of a freed slot's waves.

    States: offered, accepted, declined, late (a yes after the time was up), lapsed (no answer, or
    not delivered), taken (somebody was quicker), left_out (never asked; `reason` says why).
    """

    id = id_field()
    rescue = reference("SlotRescue", index=False)
    wave = fields.IntField()
    patient = reference("Patient")
    account = reference("ChatAccount", null=True)  # null: left out
    entry = reference("WaitlistEntry", null=True)  # null: due for the service
    moving = reference("Appointment", null=True)  # the later visit that would be moved
    held_until = fields.DatetimeField()
    state = fields.CharField(max_length=8, default="offered", db_default="offered")
    reason = fields.CharField(max_length=48, null=True)
    outbox = reference("Outbox", null=True)
    created_at = written_field()
    answered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "slot_offer"
        unique_together = (("rescue", "patient"),)


class RescueGroup(Model):
    """Patients of a group who are due may be offered a freed time of a service."""

    id = id_field()
    service = reference("Service", index=False)
    group = reference("CareGroup", index=False)

    class Meta:
        table = "rescue_group"
        unique_together = (("service", "group"),)
