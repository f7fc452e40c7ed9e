"""What models cannot say of campaigns, plans, waitlists and readings: known states, hand-made indexes."""

from tortoise.migrations import operations as ops

from clinic import migrating

STATES: dict[tuple[str, str], tuple[str, ...]] = {
    ("campaign", "state"): (
        "draft",
        "waiting",
        "running",
        "paused",
        "cancelled",
        "finished",
    ),
    ("recipient", "state"): (
        "pending",
        "queued",
        "sent",
        "refused",
        "unknown",
        "expired",
        "skipped",
        "held_out",
        "cancelled",
    ),
    ("chunk", "state"): (
        "pending",
        "leased",
        "inflight",
        "sent",
        "refused",
        "unknown",
        "expired",
        "skipped",
    ),
}
CONSTRAINTS: dict[tuple[str, str], str] = {
    ("campaign", "campaign_share"): "CHECK (hold_out BETWEEN 0 AND 500)",
    **{
        (table, f"{table}_{column}_known"): f"CHECK ({column} IN ({', '.join(map(repr, values))}))"
        for (table, column), values in STATES.items()
    },
}
INDEXES: dict[str, str] = {}


class Migration(migrating.Migration):
    """Adds the constraints above."""

    dependencies = [("clinic", "0009_campaigns")]
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
