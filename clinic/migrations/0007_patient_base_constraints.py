"""What models cannot say of imports, records, groups and segments: known states, one current record."""

from tortoise.migrations import operations as ops

from clinic import migrating

STATES = {
    ("import_run", "state"): (
        "uploaded",
        "previewing",
        "previewed",
        "committing",
        "committed",
        "refused",
        "undone",
        "cancelled",
    ),
    ("import_issue", "severity"): ("refuse", "reject", "warn"),
    ("match_review", "state"): ("open", "decided"),
    ("encounter", "setting"): ("outpatient", "inpatient"),
    ("care_group", "mode"): ("fixed", "supply"),
    ("lapse", "state"): (
        "booked",
        "active",
        "due",
        "at_risk",
        "lapsed",
        "dormant",
        "excluded",
    ),
    ("patient_note", "kind"): ("allergy", "visit"),
}
CONSTRAINTS = {
    ("patient", "patient_not_into_itself"): "CHECK (merged_into_id <> id)",
    ("patient_merge", "patient_merge_two"): "CHECK (kept_id <> lost_id)",
    ("outreach", "outreach_share"): "CHECK (share BETWEEN 0 AND 1000)",
    **{
        (table, f"{table}_{column}_known"): f"CHECK ({column} IN ({', '.join(map(repr, values))}))"
        for (table, column), values in STATES.items()
    },
}
INDEXES = {
    # A record is current once: an import that replaces one says so, or the database refuses it.
    "source_record_current": "CREATE UNIQUE INDEX source_record_current"
    " ON source_record (patient_id, key) WHERE (replaced_by_id IS NULL)",
    # What is current is asked as "not among these few".
    "source_record_replaced": "CREATE INDEX source_record_replaced"
    " ON source_record (replaced_by_id, id) WHERE (replaced_by_id IS NOT NULL)",
    "condition_icd10": "CREATE INDEX condition_icd10 ON condition (icd10 text_pattern_ops)",
    "patient_kana": "CREATE INDEX patient_kana ON patient (kana_key text_pattern_ops)",
}


class Migration(migrating.Migration):
    """Adds the constraints above."""

    dependencies = [("clinic", "0006_patient_base")]
    operations = [
        *(
            ops.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}",
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            )
            for (table, name), rule in CONSTRAINTS.items()
        ),
        *(ops.RunSQL(create, f"DROP INDEX {name}") for name, create in INDEXES.items()),
    ]
