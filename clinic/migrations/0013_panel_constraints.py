"""Constraints and indexes on what 0012 adds, which models cannot say."""

from tortoise.migrations import operations as ops

from clinic import migrating

# The codes that a column may hold, by table and column.
STATES: dict[tuple[str, str], tuple[str, ...]] = {}
# By table and name.
CONSTRAINTS: dict[tuple[str, str], str] = {
    **{
        (table, f"{table}_{column}_known"): f"CHECK ({column} IN ({', '.join(map(repr, values))}))"
        for (table, column), values in STATES.items()
    },
}
# By name: the statement that makes it.
INDEXES: dict[str, str] = {}


class Migration(migrating.Migration):
    """Adds the constraints above."""

    dependencies = [("clinic", "0012_panel")]
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
