"""What models cannot say of campaigns, plans, waitlists and readings: known states, hand-made indexes."""

from tortoise.migrations import operations as ops

from clinic import migrating

STATES: dict[tuple[str, str], tuple[str, ...]] = {
    ("observation", "status"): ("final", "entered-in-error"),
    ("cohort_member", "status"): ("alive", "died", "lost", "withdrew"),
    ("cohort_round", "state"): ("waiting", "asked", "skipped"),
    ("plan_definition", "status"): ("draft", "active", "retired"),
    ("care_plan", "state"): ("active", "completed", "revoked"),
    ("care_plan_activity", "state"): (
        "waiting",
        "to_decide",
        "asked",
        "completed",
        "skipped",
        "cancelled",
        "unanswered",
    ),
    ("questionnaire_response", "source"): ("chat", "phone"),
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
    # Of 0002, with one more: proposed, a time that is kept while several people are asked.
    ("appointment", "status"): (
        "held",
        "proposed",
        "booked",
        "arrived",
        "fulfilled",
        "cancelled",
        "noshow",
        "expired",
    ),
    ("waitlist_entry", "state"): ("waiting", "offered", "booked", "left", "ended"),
    ("waitlist_entry", "part"): ("any", "morning", "afternoon", "evening"),
    ("slot_rescue", "state"): ("open", "rescued", "ended"),
    ("slot_rescue", "cause"): ("cancel", "said_no", "silence", "moved"),
    ("slot_offer", "state"): (
        "offered",
        "accepted",
        "declined",
        "late",
        "lapsed",
        "taken",
        "left_out",
    ),
}
CONSTRAINTS: dict[tuple[str, str], str] = {
    ("observation", "observation_level"): "CHECK (level BETWEEN 1 AND 4)",
    ("cohort_member", "cohort_member_died"): "CHECK ((status = 'died') = (event_on IS NOT NULL))",
    ("campaign", "campaign_share"): "CHECK (hold_out BETWEEN 0 AND 500)",
    **{
        (table, f"{table}_{column}_known"): f"CHECK ({column} IN ({', '.join(map(repr, values))}))"
        for (table, column), values in STATES.items()
    },
}
INDEXES: dict[str, str] = {
    # What campaigns are due by: clinic/campaign/due_sql.py looks for days, never through a base.
    "patient_birthday": (
        "CREATE INDEX patient_birthday ON patient (((extract(month from birth_on) * 100"
        " + extract(day from birth_on))::int))"
    ),
    "patient_supply_until": "CREATE INDEX patient_supply_until ON patient_summary (supply_until)",
    "plan_date_day": "CREATE INDEX plan_date_day ON plan_date (on_date)",
    "encounter_inpatient": (
        "CREATE INDEX encounter_inpatient ON encounter (on_date, patient_id)"
        " WHERE setting = 'inpatient'"
    ),
    "appointment_created": "CREATE INDEX appointment_created ON appointment (created_at)",
    "response_authored": (
        "CREATE INDEX response_authored ON questionnaire_response (questionnaire_id, authored_at)"
    ),
    "lapse_entered": "CREATE INDEX lapse_entered ON lapse (group_id, state, computed_at)",
    # What nobody asked for, by patient: how much a week and a day still bear.
    "outbox_unasked": (
        "CREATE INDEX outbox_unasked ON outbox (patient_id, created_at)"
        " WHERE consent_purpose IS NOT NULL"
    ),
    "plan_definition_one_active": """CREATE UNIQUE INDEX plan_definition_one_active
        ON plan_definition (code) WHERE status = 'active'""",
    # What is sent next, one by one and in bulk: neither claim reads what is the other's.
    "outbox_next": (
        "CREATE INDEX outbox_next ON outbox (priority, send_at, id)"
        " WHERE state = 'pending' AND lane IS NULL"
    ),
    "outbox_lane": (
        "CREATE INDEX outbox_lane ON outbox (lane, priority, send_at, id)"
        " WHERE state = 'pending' AND lane IS NOT NULL"
    ),
    # A hundred thousand recipients are made at once: what they lack at first is not indexed.
    **{
        f"recipient_{column}": (
            f"CREATE INDEX recipient_{column} ON recipient ({column}_id)"
            f" WHERE {column}_id IS NOT NULL"
        )
        for column in ("outbox", "chunk", "booked")
    },
    "recipient_settled": (
        "CREATE INDEX recipient_settled ON recipient (campaign_id, settled_at)"
        " WHERE settled_at IS NOT NULL"
    ),
    # Of those who say yes to a freed time one has it.
    "slot_offer_one_accepted": (
        "CREATE UNIQUE INDEX slot_offer_one_accepted ON slot_offer (rescue_id)"
        " WHERE state = 'accepted'"
    ),
    "waitlist_one_open": (
        "CREATE UNIQUE INDEX waitlist_one_open ON waitlist_entry (patient_id, service_id)"
        " WHERE state IN ('waiting', 'offered')"
    ),
}


class Migration(migrating.Migration):
    """Adds the constraints above."""

    dependencies = [("clinic", "0009_campaigns")]
    operations = [
        ops.RunSQL("ALTER TABLE appointment DROP CONSTRAINT appointment_status_known"),
        *(
            ops.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}",
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            )
            for (table, name), rule in CONSTRAINTS.items()
        ),
        *(ops.RunSQL(create, f"DROP INDEX {name}") for name, create in INDEXES.items()),
    ]
