"""Figures as stored: sums of days, kept so that a page of two years is a short query.

Nothing here tells of a person: numbers by day, doctor, service and chapter of ICD-10.
"""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from clinic.fields import id_field, reference, written_field


class FigureDay(Model):
    """A sum of one day: `n` of what `figure` and `kind` say, with `total` minutes, points or days.

    What each figure counts is told in clinic.figures.recompute, which can write all of it again;
    only `step`, `left` and `goal` are folded from FigureEvent and stay.
    """

    id = id_field()
    figure = fields.CharField(max_length=12)
    on_date = fields.DateField()
    kind = fields.CharField(max_length=64, default="", db_default="")
    chapter = fields.CharField(max_length=5, default="", db_default="")
    doctor = reference("Resource", null=True, index=False)
    service = reference("Service", null=True, index=False)
    n = fields.IntField()
    total = fields.BigIntField(default=0, db_default=0)

    class Meta:
        table = "figure_day"
        indexes = (Index(fields=("figure", "on_date"), name="figure_day_figure"),)


class FigureMonth(Model):
    """A month whose days were last worked out at `computed_at`."""

    id = id_field()
    month = fields.DateField(unique=True)  # its first day
    computed_at = written_field()

    class Meta:
        table = "figure_month"


class FigureEvent(Model):
    """Something that a turn tells the figures, by codes only: `step`, `left`, `goal`, `nothing`
    (no time was free), `queued`. `subject`, a number: the service of `nothing`, the conversation
    of `left` and `queued`.

    Steps of a day that is over are folded into FigureDay and deleted; `left` becomes `left_in`,
    by which staff find the conversations behind a sum.
    """

    id = id_field()
    at = written_field()
    figure = fields.CharField(max_length=12)
    kind = fields.CharField(max_length=64, default="", db_default="")
    subject = fields.BigIntField(null=True)

    class Meta:
        table = "figure_event"
        indexes = (Index(fields=("figure", "at"), name="figure_event_figure"),)
