"""Sites, resources, services, schedules and appointments as stored.

Names are {language: words}; schedules keep local time of their site, appointments keep UTC.
"""

from tortoise import fields
from tortoise.indexes import Index, PartialIndex
from tortoise.models import Model

from clinic.fields import TstzRangeField, id_field, reference, written_field

Words = dict[str, str]


class Site(Model):
    """A place where the clinic sees patients."""

    id = id_field()
    code = fields.CharField(max_length=32, unique=True)
    name = fields.JSONField[Words]()
    address = fields.JSONField[Words](default=dict, db_default={})
    time_zone = fields.CharField(max_length=48)  # IANA
    active = fields.BooleanField(default=True, db_default=True)

    class Meta:
        table = "site"


class Resource(Model):
    """What a visit takes for itself: a practitioner, a room or a device."""

    id = id_field()
    code = fields.CharField(max_length=32, unique=True)
    kind = fields.CharField(max_length=12)  # practitioner, room, device
    name = fields.JSONField[Words]()
    site = reference("Site", null=True)  # null: goes where its schedule says
    staff = reference("Staff", null=True)  # the practitioner's own account
    active = fields.BooleanField(default=True, db_default=True)

    class Meta:
        table = "resource"


class Service(Model):
    """Something a patient can book (FHIR HealthcareService). Times in minutes."""

    id = id_field()
    code = fields.CharField(max_length=32, unique=True)
    name = fields.JSONField[Words]()
    duration = fields.IntField()
    buffer_before = fields.IntField(default=0, db_default=0)
    buffer_after = fields.IntField(default=0, db_default=0)
    step = fields.IntField(default=15, db_default=15)  # starts are cut by this
    minimum_notice = fields.IntField(default=60, db_default=60)
    horizon_days = fields.IntField(default=60, db_default=60)
    cancel_notice = fields.IntField(default=0, db_default=0)  # no moving or cancelling later
    reminders = fields.JSONField[list[int]](default=list, db_default=[])  # minutes before
    position = fields.IntField(default=0, db_default=0)
    active = fields.BooleanField(default=True, db_default=True)

    class Meta:
        table = "service"


class ServiceResource(Model):
    """A resource that can serve a service. A visit takes one of each kind named for it."""

    id = id_field()
    service = reference("Service")
    resource = reference("Resource")

    class Meta:
        table = "service_resource"
        unique_together = (("service", "resource"),)


class Schedule(Model):
    """Weekly working hours of a practitioner or device at a site, in the site's local time.

    A room without a schedule is open whenever its practitioners are.
    """

    id = id_field()
    resource = reference("Resource")
    site = reference("Site")
    weekday = fields.IntField()  # 0 is Monday
    opens_at = fields.CharField(max_length=5)  # 09:00
    closes_at = fields.CharField(max_length=5)
    valid_from = fields.DateField(null=True)
    valid_until = fields.DateField(null=True)

    class Meta:
        table = "schedule"


class ScheduleException(Model):
    """A day that differs: closed (all of it or from-to), or extra hours.

    Without a resource it holds for the whole site, such as a holiday; without a site for all sites.
    """

    id = id_field()
    resource = reference("Resource", null=True)
    site = reference("Site", null=True)
    on_date = fields.DateField(db_index=True)
    kind = fields.CharField(max_length=6)  # closed, extra
    opens_at = fields.CharField(max_length=5, null=True)  # null: the whole day
    closes_at = fields.CharField(max_length=5, null=True)
    reason = fields.CharField(max_length=80, default="", db_default="")

    class Meta:
        table = "schedule_exception"


class Appointment(Model):
    """A visit, only kept or booked, with FHIR's statuses. `version` rises with every change."""

    id = id_field()
    key = fields.UUIDField(unique=True)  # names the row in encryption and in the calendar file
    version = fields.IntField(default=1, db_default=1)
    status = fields.CharField(max_length=12)
    patient = reference("Patient")
    service = reference("Service")
    site = reference("Site")
    practitioner = reference("Resource")
    account = reference("ChatAccount", null=True)  # who booked it in the chat
    during = TstzRangeField()  # the visit itself, without buffers
    starts_at = fields.DatetimeField(db_index=True)
    ends_at = fields.DatetimeField()
    held_until = fields.DatetimeField(null=True)
    note = fields.BinaryField(null=True)  # encrypted
    confirmed_at = fields.DatetimeField(null=True)
    cancel_reason = fields.BinaryField(null=True)  # encrypted
    created_at = written_field()
    updated_at = written_field()

    class Meta:
        table = "appointment"
        indexes = (
            Index(fields=("patient_id", "starts_at"), name="appointment_patient"),
            PartialIndex(
                fields=("held_until",), name="appointment_held", condition={"status": "held"}
            ),
            PartialIndex(
                fields=("held_until",),
                name="appointment_proposed",
                condition={"status": "proposed"},
            ),
        )


class Allocation(Model):
    """One resource taken by one appointment, buffers included. The database forbids overlap."""

    id = id_field()
    appointment = reference("Appointment")
    resource = reference("Resource")
    during = TstzRangeField()
    status = fields.CharField(max_length=12)  # held, booked, released

    class Meta:
        table = "allocation"
