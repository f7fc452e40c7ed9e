"""What models cannot say: no overlap of resources or patients, and only known states."""

from tortoise.migrations import operations as ops

from clinic import migrating

STATES = {
    ("appointment", "status"): (
        "held",
        "booked",
        "arrived",
        "fulfilled",
        "cancelled",
        "noshow",
        "expired",
    ),
    ("allocation", "status"): ("held", "booked", "released"),
    ("conversation", "owner"): ("bot", "queue", "staff"),
    ("inbound", "state"): ("new", "done", "ignored", "failed"),
    ("outbox", "state"): (
        "pending",
        "leased",
        "inflight",
        "sent",
        "refused",
        "unknown",
        "expired",
        "skipped",
    ),
    ("outbox", "delivery_class"): ("must_arrive", "campaign"),
    ("resource", "kind"): ("practitioner", "room", "device"),
    ("schedule_exception", "kind"): ("closed", "extra"),
    ("staff", "role"): ("admin", "staff", "doctor"),
    ("task", "state"): ("open", "closed"),
    ("timer", "state"): ("waiting", "fired", "skipped", "expired"),
}
# The one-value range stands in for equality, which gist has only with btree_gist; the embedded
# PostgreSQL does not ship that extension.
CONSTRAINTS = {
    ("allocation", "allocation_no_overlap"): (
        "EXCLUDE USING gist (int8range(resource_id, resource_id, '[]') WITH &&, during WITH &&)"
        " WHERE (status IN ('held', 'booked'))"
    ),
    ("appointment", "appointment_one_at_a_time"): (
        "EXCLUDE USING gist (int8range(patient_id, patient_id, '[]') WITH &&, during WITH &&)"
        " WHERE (status IN ('held', 'booked'))"
    ),
    ("allocation", "allocation_bounded"): (
        "CHECK (NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during))"
    ),
    ("appointment", "appointment_during"): (
        "CHECK (starts_at < ends_at AND during = tstzrange(starts_at, ends_at))"
    ),
    **{
        (table, f"{table}_{column}_known"): f"CHECK ({column} IN ({', '.join(map(repr, values))}))"
        for (table, column), values in STATES.items()
    },
}


class Migration(migrating.Migration):
    """Adds the constraints above."""

    dependencies = [("clinic", "0001_initial")]
    operations = [
        ops.RunSQL(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}",
            f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        )
        for (table, name), rule in CONSTRAINTS.items()
    ]
