"""What models cannot say of questionnaires, triage and escalations: only known states."""

from tortoise.migrations import operations as ops

from clinic import migrating

STATES = {
    ("escalation", "state"): ("open", "acknowledged", "closed"),
    ("quality_finding", "state"): ("open", "closed"),
    ("questionnaire", "status"): ("draft", "active", "retired"),
    ("questionnaire_request", "state"): (
        "waiting",
        "sent",
        "in_progress",
        "completed",
        "cancelled",
        "expired",
    ),
    ("questionnaire_rule", "relation"): ("before", "after"),
}
CONSTRAINTS = {
    # Exactly one owner, and none lies closed without its disposition.
    ("escalation", "escalation_owned"): "CHECK (state <> 'acknowledged' OR owner_id IS NOT NULL)",
    ("escalation", "escalation_disposed"): "CHECK (state <> 'closed' OR disposition IS NOT NULL)",
    ("escalation", "escalation_level"): "CHECK (level BETWEEN 1 AND 4)",
    ("triage_run", "triage_run_level"): "CHECK (level BETWEEN 1 AND 4)",
    **{
        (table, f"{table}_{column}_known"): f"CHECK ({column} IN ({', '.join(map(repr, values))}))"
        for (table, column), values in STATES.items()
    },
}
ONE_ACTIVE = (
    "CREATE UNIQUE INDEX questionnaire_one_active ON questionnaire (url) WHERE (status = 'active')"
)


class Migration(migrating.Migration):
    """Adds the constraints above."""

    dependencies = [("clinic", "0004_escalations")]
    operations = [
        *(
            ops.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}",
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            )
            for (table, name), rule in CONSTRAINTS.items()
        ),
        ops.RunSQL(ONE_ACTIVE, "DROP INDEX questionnaire_one_active"),
    ]
