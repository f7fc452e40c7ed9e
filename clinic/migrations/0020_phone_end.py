"""Finding patients by the last digits of a telephone number.

The worker makes the marks, also of the patients who are there already: see clinic.patient.phone_end.
"""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from clinic import migrating

# Whose mark is missing: hardly anybody, once all are made.
MISSING = """CREATE INDEX patient_phone_unmarked ON patient (id)
    WHERE phone IS NOT NULL AND phone_end IS NULL"""
FORGET = """CREATE FUNCTION patient_phone_moved() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  NEW.phone_end := NULL;
  RETURN NEW;
END $body$"""
# Whoever wrote the new mark as well goes on having it.
TRIGGER = """CREATE TRIGGER patient_phone_moved BEFORE UPDATE ON patient FOR EACH ROW
    WHEN (NEW.phone_index IS DISTINCT FROM OLD.phone_index
      AND NEW.phone_end IS NOT DISTINCT FROM OLD.phone_end)
    EXECUTE FUNCTION patient_phone_moved()"""


class Migration(migrating.Migration):
    """Adds the column, its indexes, and what empties it."""

    dependencies = [("clinic", "0019_day_sheet")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Patient",
            name="phone_end",
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddIndex(
            model_name="Patient",
            index=Index(fields=["phone_end"], name="patient_phone_end"),
        ),
        ops.RunSQL(MISSING, "DROP INDEX patient_phone_unmarked"),
        ops.RunSQL(FORGET, "DROP FUNCTION patient_phone_moved"),
        ops.RunSQL(TRIGGER, "DROP TRIGGER patient_phone_moved ON patient"),
    ]
