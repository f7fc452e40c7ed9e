"""What the reception notes while a day goes on, as stored."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class QueueTicket(Model):
    """The number of the day that a visit got when its patient came.

    It waits until it is called; it counts while the visit's status is `arrived`. `told`: the fewest
    ahead that its patient was told of, null: none yet.
    """

    id = id_field()
    appointment: Any = fields.OneToOneField(
        "clinic.Appointment", related_name=False, on_delete=fields.RESTRICT
    )
    site = reference("Site", index=False)
    on_date = fields.DateField()  # at the site
    number = fields.IntField()
    told = fields.IntField(null=True)
    made_at = written_field()
    called_at = fields.DatetimeField(null=True)
    started_at = fields.DatetimeField(null=True)

    class Meta:
        table = "queue_ticket"
        unique_together = (("site", "on_date", "number"),)


class VisitStep(Model):
    """One press at the desk: what a visit was and became, so that it can be taken back.

    Statuses of appointments, and `late` (the patient said so) and `started`, which are none.
    """

    id = id_field()
    appointment = reference("Appointment", index=False)
    version = fields.IntField()  # of the appointment, after it
    was = fields.CharField(max_length=12)
    became = fields.CharField(max_length=12)
    staff = reference("Staff", null=True, index=False)
    at = written_field()
    undone_at = fields.DatetimeField(null=True)

    class Meta:
        table = "visit_step"
        indexes = (Index(fields=("appointment_id", "id"), name="visit_step_of"),)


class Delay(Model):
    """How far behind a practitioner is on a day."""

    id = id_field()
    practitioner = reference("Resource", index=False)
    on_date = fields.DateField()  # of the clinic
    minutes = fields.IntField()
    set_by = reference("Staff", null=True, index=False)
    set_at = written_field()

    class Meta:
        table = "delay"
        unique_together = (("practitioner", "on_date"),)


class QueueBoard(Model):
    """The public page of a site's numbers. A new `version` makes its old address a dead one."""

    id = id_field()
    site: Any = fields.OneToOneField("clinic.Site", related_name=False, on_delete=fields.RESTRICT)
    version = fields.IntField(default=1, db_default=1)
    active = fields.BooleanField(default=True, db_default=True)

    class Meta:
        table = "queue_board"


class DaySheet(Model):
    """A sheet of a day that the worker makes by itself, kept as long as its file.

    `mailed`: the addresses of staff that are done with, sent or refused. `fault` and `mail_fault`:
    codes for staff.
    """

    id = id_field()
    on_day = fields.DateField(unique=True)
    tries = fields.IntField(default=1, db_default=1)
    tried_at = written_field()
    made_at = fields.DatetimeField(null=True)
    fault = fields.CharField(max_length=64, default="", db_default="")
    appointments = fields.JSONField[list[int]](default=list, db_default=[])  # that are on it
    mailed = fields.JSONField[list[str]](default=list, db_default=[])
    mail_tried_at = fields.DatetimeField(null=True)
    mail_fault = fields.CharField(max_length=64, default="", db_default="")

    class Meta:
        table = "day_sheet"
