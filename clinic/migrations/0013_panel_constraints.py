"""Constraints and indexes on what 0012 adds, which models cannot say."""

from tortoise.migrations import operations as ops

from clinic import migrating

# The codes that a column may hold, by table and column.
STATES: dict[tuple[str, str], tuple[str, ...]] = {
    ("webhook_endpoint", "state"): ("active", "paused", "removed"),
    ("webhook_delivery", "state"): ("pending", "leased", "delivered", "dead", "dropped"),
    ("conversation_event", "kind"): (
        *("taken", "assigned", "snoozed", "woken", "handed_back", "unanswered"),
    ),
    ("installation", "mute_reason"): ("restored", "copied"),
    ("staff_notice", "kind"): ("assigned", "mentioned"),
    ("task", "outcome"): (
        *("reached", "coming", "not_coming", "unreached", "wrong_number", "done", "freed"),
    ),
    ("document_template", "kind"): (
        *("certificate", "referral", "consent", "care_plan", "contract"),
    ),
    ("document_template", "status"): ("draft", "active", "retired"),
    ("document", "state"): ("issued", "void"),
    ("document_answer", "answer"): ("agreed", "refused", "asked", "withdrawn"),
    ("visit_step", "became"): ("arrived", "started", "fulfilled", "noshow", "late"),
}
# By table and name.
CONSTRAINTS: dict[tuple[str, str], str] = {
    **{
        (table, f"{table}_{column}_known"): f"CHECK ({column} IN ({', '.join(map(repr, values))}))"
        for (table, column), values in STATES.items()
    },
    ("queue_ticket", "queue_ticket_number"): "CHECK (number > 0)",
    ("delay", "delay_minutes"): "CHECK (minutes BETWEEN 1 AND 480)",
}
# By name: the statement that makes it.
INDEXES: dict[str, str] = {
    "installation_one": "CREATE UNIQUE INDEX installation_one ON installation ((true))",
    # Whose patients they are: see clinic/staff/access.
    "care_plan_started": """CREATE INDEX care_plan_started ON care_plan (started_by_id)
        WHERE started_by_id IS NOT NULL""",
    "questionnaire_request_asked": """CREATE INDEX questionnaire_request_asked
        ON questionnaire_request (requested_by_id) WHERE requested_by_id IS NOT NULL""",
    # Messages of a patient are found by the questionnaire that they ask for too.
    "outbox_request": """CREATE INDEX outbox_request ON outbox (request_id)
        WHERE request_id IS NOT NULL""",
    # What is still to be delivered, of each endpoint the oldest first.
    "webhook_delivery_due": (
        "CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, send_at)"
        " WHERE settled_at IS NULL"
    ),
    "document_template_one_active": """CREATE UNIQUE INDEX document_template_one_active
        ON document_template (code) WHERE status = 'active'""",
    "conversation_snoozed": """CREATE INDEX conversation_snoozed ON conversation (snoozed_until)
        WHERE snoozed_until IS NOT NULL""",
    "staff_notice_new": """CREATE INDEX staff_notice_new ON staff_notice (staff_id)
        WHERE seen_at IS NULL""",
}

# What open pages of the panel hear of (admin/live.py): topics and ids, at the commit of a change.
TELL = """CREATE FUNCTION kayoi_tell() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  PERFORM pg_notify('kayoi_live', TG_ARGV[0]);
  RETURN NULL;
END $body$"""
TELL_CHAT = """CREATE FUNCTION kayoi_tell_chat() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  PERFORM pg_notify('kayoi_live', 'conversations:' || NEW.account_id);
  RETURN NULL;
END $body$"""
TELL_STAFF = """CREATE FUNCTION kayoi_tell_staff() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  PERFORM pg_notify('kayoi_live', TG_ARGV[0] || ':' || NEW.staff_id);
  RETURN NULL;
END $body$"""
# By table: when it is told, and by which function.
TELLING: dict[str, tuple[str, str]] = {
    # Not the bot's own talks: telling makes commits wait for each other, and those are most turns.
    "conversation": (
        """AFTER UPDATE OF turn, owner, owner_staff_id, snoozed_until, last_patient_at
           ON conversation FOR EACH ROW WHEN (OLD.owner <> 'bot' OR NEW.owner <> 'bot')""",
        "kayoi_tell_chat()",
    ),
    # Not what goes out in bulk, nor each of the bot's own messages, whose turn was told already.
    "outbox": (
        """AFTER UPDATE OF state ON outbox FOR EACH ROW WHEN (
             NEW.lane IS NULL AND NEW.state IN ('sent', 'refused', 'unknown', 'expired', 'skipped')
             AND (NEW.state <> 'sent' OR NEW.staff_id IS NOT NULL))""",
        "kayoi_tell_chat()",
    ),
    "escalation": ("AFTER INSERT OR UPDATE", "kayoi_tell('escalations')"),
    "task": ("AFTER INSERT OR UPDATE OF state, due_at, assigned_to_id", "kayoi_tell('tasks')"),
    "queue_ticket": ("AFTER INSERT OR UPDATE OF called_at, started_at", "kayoi_tell('visits')"),
    "visit_step": ("AFTER INSERT OR UPDATE", "kayoi_tell('visits')"),
    "delay": ("AFTER INSERT OR UPDATE OR DELETE", "kayoi_tell('visits')"),
    "appointment": (
        """AFTER INSERT OR UPDATE OF status, starts_at, confirmed_at ON appointment FOR EACH ROW
           WHEN (NEW.status NOT IN ('held', 'proposed', 'expired')
                 AND NEW.starts_at < now() + interval '2 days')""",
        "kayoi_tell('visits')",
    ),
    "import_run": ("AFTER INSERT OR UPDATE OF state, progress", "kayoi_tell('imports')"),
    "staff_notice": ("AFTER INSERT", "kayoi_tell_staff('notices')"),
    "staff_session": (
        """AFTER UPDATE OF ended_at ON staff_session FOR EACH ROW
           WHEN (NEW.ended_at IS NOT NULL)""",
        "kayoi_tell_staff('sessions')",
    ),
}
# The audit trail is only added to; sealing sets two columns, once. It holds for the owner of the
# table too, and in sessions that switch other triggers off.
AUDIT = """CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.position IS NULL AND NEW.position IS NOT NULL AND NEW.chain IS NOT NULL
       AND (NEW.id, NEW.at, NEW.actor_kind, NEW.actor_id, NEW.action, NEW.subject_id, NEW.detail)
         IS NOT DISTINCT FROM
         (OLD.id, OLD.at, OLD.actor_kind, OLD.actor_id, OLD.action, OLD.subject_id, OLD.detail)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'the audit trail is only added to' USING ERRCODE = 'insufficient_privilege';
END $body$"""
AUDIT_TRIGGERS = {
    "audit_rows_kept": "BEFORE UPDATE OR DELETE ON audit FOR EACH ROW",
    "audit_not_emptied": "BEFORE TRUNCATE ON audit FOR EACH STATEMENT",
}


def _trigger(table: str) -> ops.RunSQL:
    when, tells = TELLING[table]
    where = "" if " ON " in when else f" ON {table} FOR EACH ROW"
    name = f"{table}_live"
    return ops.RunSQL(
        f"CREATE TRIGGER {name} {when}{where} EXECUTE FUNCTION {tells}",
        f"DROP TRIGGER {name} ON {table}",
    )


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
        ops.RunSQL(TELL, "DROP FUNCTION kayoi_tell"),
        ops.RunSQL(TELL_CHAT, "DROP FUNCTION kayoi_tell_chat"),
        ops.RunSQL(TELL_STAFF, "DROP FUNCTION kayoi_tell_staff"),
        *map(_trigger, TELLING),
        ops.RunSQL(AUDIT, "DROP FUNCTION audit_is_kept"),
        *(
            ops.RunSQL(
                [
                    f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION audit_is_kept()",
                    f"ALTER TABLE audit ENABLE ALWAYS TRIGGER {name}",
                ],
                f"DROP TRIGGER {name} ON audit",
            )
            for name, when in AUDIT_TRIGGERS.items()
        ),
    ]
