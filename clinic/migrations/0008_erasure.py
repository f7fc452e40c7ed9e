from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.fields.db_defaults import Now
from tortoise.migrations import operations as ops

from clinic import migrating


class Migration(migrating.Migration):
    dependencies = [("clinic", "0007_patient_base_constraints")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "patient",
                    fields.OneToOneField(
                        "clinic.Patient",
                        source_field="patient_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("chart_mark", fields.CharField(null=True, db_index=True, max_length=64)),
                ("kana_mark", fields.CharField(null=True, db_index=True, max_length=64)),
                ("name_mark", fields.CharField(null=True, db_index=True, max_length=64)),
                (
                    "erased_by",
                    fields.ForeignKeyField(
                        "clinic.Staff",
                        source_field="erased_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "erased_at",
                    fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False),
                ),
                ("lifted_at", fields.DatetimeField(null=True)),
            ],
            options={
                "table": "erasure",
                "app": "clinic",
                "pk_attr": "id",
                "table_description": "A patient of whom nothing tells any more, and the keyed marks by which an import knows them.",
            },
            bases=["Model"],
        ),
    ]
