"""Which patients a row of the audit trail is about: an action names the kind of its subject, and
`detail` may list more ids."""

# ruff: noqa: S608  # what is put together is fixed texts

# Kinds of subjects (the middle word of an action) whose id leads to patients, each with the query
# that gives pairs (id, patient_id).
_OF_CONVERSATION = """select c.id, l.patient_id from conversation c
    join link l on l.account_id = c.account_id"""
PAIRS: dict[str, str] = {
    "patient": "select id, id as patient_id from patient",
    "appointment": "select id, patient_id from appointment",
    "care_plan": "select id, patient_id from care_plan",
    "care_plan_activity": """select a.id, p.patient_id from care_plan_activity a
        join care_plan p on p.id = a.plan_id""",
    "cohort": "select cohort_id, patient_id from cohort_member",
    "conversation": _OF_CONVERSATION,
    "escalation": """select e.id, coalesce(e.patient_id, l.patient_id) from escalation e
        join conversation c on c.id = e.conversation_id
        left join link l on l.account_id = c.account_id""",
    "merge": """select id, kept_id from patient_merge
        union all select id, lost_id from patient_merge""",
    "quality": f"""select r.id, of.patient_id from quality_review r
        join ({_OF_CONVERSATION}) of on of.id = r.conversation_id""",
    "questionnaire_request": "select id, patient_id from questionnaire_request",
    "questionnaire_response": "select id, patient_id from questionnaire_response",
    "review": "select id, patient_id from match_review",
    "task": f"""select t.id, coalesce(t.patient_id, of.patient_id) from task t
        left join ({_OF_CONVERSATION}) of on of.id = t.conversation_id""",
    "triage_run": "select id, patient_id from triage_run",
}
# Words of actions that stand for another kind.
SAME: dict[str, str] = {
    **dict.fromkeys(
        ("observation", "link", "link_code", "emergency", "contact", "document", "survey"),
        "patient",
    ),
    **dict.fromkeys(("note", "message"), "conversation"),
}
# Actions whose subject is of another kind than their middle word says.
EXCEPT: dict[str, str] = {
    "staff:cohort:enrol": "patient",
    "staff:cohort:status": "patient",
    "staff:questionnaire_response:list": "",
    "staff:questionnaire_response:export": "",
}
# What `detail` may name, one id or a list of them.
DETAIL: dict[str, str] = {
    "patient": "patient",
    "patients": "patient",
    "lost": "patient",
    "appointments": "appointment",
    "conversation": "conversation",
    "conversations": "conversation",
    "escalations": "escalation",
    "merges": "merge",
    "plans": "care_plan",
    "requests": "questionnaire_request",
    "responses": "questionnaire_response",
    "before": "questionnaire_response",
    "reviews": "review",
    "tasks": "task",
    "triage_runs": "triage_run",
}
# What is about the house, or about counts: no patient is shown.
OF_THE_HOUSE = frozenset(
    {
        *("account", "api_key", "audit", "calendar_feed", "campaign", "canned", "channel", "delay"),
        *("faq", "figures", "import", "installation", "lapse", "schedule", "setting", "tag"),
        "webhook",
        *("lapse_group", "offer", "plan_definition", "policy", "quality_finding", "questionnaire"),
        *("questionnaire_rule", "rota", "segment", "session", "waitlist", "document_template"),
        *("triage_rule", "picture"),
    }
)


def kind_sql(action: str) -> str:
    """The word of an action (a column) that says what its subject is."""
    other = " ".join(f"when '{name}' then '{kind}'" for name, kind in EXCEPT.items())
    return f"case {action} {other} else split_part({action}, ':', 2) end"


def kind_of(action: str) -> str:
    """The kind of an action's subject, "" where it leads to no patient."""
    kind = action.split(":")[1] if action.count(":") else ""
    kind = EXCEPT.get(action, SAME.get(kind, kind))
    return kind if kind in PAIRS else ""


def ids_sql(rows: str) -> str:
    """Every (kind, id, at, action) that the audit rows of the query `rows` are about."""
    kinds = ", ".join(f"('{name}', '{kind}')" for name, kind in {**_own(), **SAME}.items())
    details = ", ".join(f"('{key}', '{kind}')" for key, kind in DETAIL.items())
    other = ", ".join(f"('{action}', '{kind}')" for action, kind in EXCEPT.items())
    return f"""select coalesce(o.kind, k.kind) as kind, r.subject_id as id, r.at, r.action
        from ({rows}) r
        left join (values {other}) o (action, kind) on o.action = r.action
        left join (values {kinds}) k (name, kind) on k.name = split_part(r.action, ':', 2)
        where r.subject_id is not null
      union all
      select d.kind, one.id::bigint, r.at, r.action
      from ({rows}) r join (values {details}) d (key, kind) on r.detail ? d.key
      cross join lateral jsonb_array_elements_text({listed_sql("r.detail", "d.key")}) one (id)
      where one.id ~ '^[0-9]{{1,18}}$'"""


def listed_sql(detail: str, key: str) -> str:
    """The ids that a key of `detail` (both columns) names, as a JSON array: one, or a list of them.
    A number under a plural is how many there were."""
    return f"""case jsonb_typeof({detail} -> {key}) when 'array' then {detail} -> {key}
        when 'number' then case when {key} like '%s' then '[]'
                                else jsonb_build_array({detail} -> {key}) end
        else '[]' end"""


def patients_sql(rows: str) -> str:
    """Every (patient_id, at, action) that the audit rows of the query `rows` are about."""
    pairs = " union all ".join(
        f"select '{kind}' as kind, p.* from ({query}) p (id, patient_id)"
        for kind, query in PAIRS.items()
    )
    return f"""select of.patient_id, ids.at, ids.action
        from ({ids_sql(rows)}) ids join ({pairs}) of on of.kind = ids.kind and of.id = ids.id
        where of.patient_id is not null"""


def _own() -> dict[str, str]:
    return {kind: kind for kind in PAIRS}
