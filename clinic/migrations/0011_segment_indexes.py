"""Indexes that hold all that a segment asks, so that counting a million does not read the tables."""

from tortoise.migrations import operations as ops

from clinic import migrating

INDEXES = {
    "condition_icd10": (
        "CREATE INDEX condition_icd10 ON condition (icd10 text_pattern_ops)"
        " INCLUDE (patient_id, month, record_id, suspected, outcome, ended_on)"
    ),
    "patient_birth": (
        "CREATE INDEX patient_birth ON patient (birth_on) INCLUDE (id, deceased_on, moved_on)"
        " WHERE merged_into_id IS NULL"
    ),
    "patient_summary_visit": (
        "CREATE INDEX patient_summary_visit ON patient_summary (last_visit_on)"
        " INCLUDE (patient_id, visits_year, newest_month)"
    ),
}


class Migration(migrating.Migration):
    """Makes the indexes above; the first one replaces that of 0007."""

    dependencies = [("clinic", "0010_campaign_constraints")]
    operations = [
        ops.RunSQL(
            "DROP INDEX condition_icd10",
            "CREATE INDEX condition_icd10 ON condition (icd10 text_pattern_ops)",
        ),
        *(ops.RunSQL(create, f"DROP INDEX {name}") for name, create in INDEXES.items()),
    ]
