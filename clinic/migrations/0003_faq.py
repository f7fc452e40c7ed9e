from tortoise import fields
from tortoise.fields.db_defaults import Now
from tortoise.migrations import operations as ops

from clinic import migrating


class Migration(migrating.Migration):
    dependencies = [("clinic", "0002_constraints")]

    initial = False

    operations = [
        ops.CreateModel(
            name="FaqEntry",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("topic", fields.CharField(max_length=24)),
                ("language", fields.CharField(max_length=8)),
                ("answer", fields.TextField(unique=False)),
                ("helped", fields.IntField(default=0, db_default=0)),
                ("not_helped", fields.IntField(default=0, db_default=0)),
                (
                    "updated_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "faq_entry",
                "app": "clinic",
                "unique_together": (("topic", "language"),),
                "pk_attr": "id",
                "table_description": "One topic in one language. `helped` and `not_helped` count what patients said of it.",
            },
            bases=["Model"],
        ),
    ]
