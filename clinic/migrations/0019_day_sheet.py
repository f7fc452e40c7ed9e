from orjson import loads
from tortoise import fields
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import Now
from tortoise.migrations import operations as ops

from clinic import migrating


class Migration(migrating.Migration):
    dependencies = [("clinic", "0015_round_constraints")]

    initial = False

    operations = [
        ops.CreateModel(
            name="DaySheet",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("on_day", fields.DateField(unique=True)),
                ("tries", fields.IntField(default=1, db_default=1)),
                (
                    "tried_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("made_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("fault", fields.CharField(default="", db_default="", max_length=64)),
                (
                    "appointments",
                    fields.JSONField(
                        default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "mailed",
                    fields.JSONField(
                        default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "mail_tried_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("mail_fault", fields.CharField(default="", db_default="", max_length=64)),
            ],
            options={
                "table": "day_sheet",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A sheet of a day that the worker makes by itself, kept as long as its file.",
            },
            bases=["Model"],
        ),
    ]
