"""A clinic whose patients and files hold nothing but harm, and the way to each of its pages."""

import re

import pytest

from admin.table import Row
from tests.integration.admin.house import House
from tests.integration.admin.runs import run_of
from tests.integration.record import canary
from tests.integration.security.payloads import (
    FORMULAS,
    QUOTES,
    SCRIPTS,
    SIGNS,
    TAGS,
    TEMPLATES,
)

LONGEST = 200  # signs of a name
TABLES = {
    "visit": "appointment",
    "plan": "care_plan",
    "activity": "care_plan_activity",
    "response": "questionnaire_response",
    "asked": "questionnaire_request",
    "doubt": "match_review",
    "merge": "patient_merge",
    "message": "outbox",
    "run": "import_run",
    "review": "quality_review",
    "note": "patient_note",
    "reading": "observation",
    "reply": "document_answer",
    "group": "care_group",
    "triage": "triage_run",
    "definition": "plan_definition",
    "member": "cohort_member",
    "finding": "quality_finding",
    "entry": "waitlist_entry",
    "template": "document_template",
    "practitioner": "resource",
}
PARAMETER = re.compile(r"\{(\w+)(?::[^{}]*(?:\{[^{}]*\})?[^{}]*)?\}")


async def world(house: House, text: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Write `text` wherever a patient or a file may write something; ids by parameter."""
    for name in ("NAME", "KANA", "PLACE", "INSURER", "WORDS"):
        monkeypatch.setattr(canary, name, text)
    patient = await canary.Canary(house).write()
    clean = text.replace("\0", "")
    await house.rows(
        """update patient set occupation = left($1, 48), acquired_by = left($1, 32), name = $1,
             kana = $1""",
        clean,
    )
    care = await house.care_plan(patient.id)  # those of the canary are of no real definition
    await house.rows("update care_plan set definition_id = $1", care["definition"])
    await house.rows("update care_plan_activity set step = 'week'")
    await house.rows("delete from plan_definition where code = 'p'")
    await house.rows("delete from triage_run")
    await run_of(house, patient.talk, patient.id, severity=1)
    await house.rows("update quality_review set answers = null")
    await house.rows("update quality_finding set kind = 'other', script = 'text:welcome.hello'")
    await house.rows("update condition set name = $1", clean)
    for column in ("procedure.code", "supply.code", "patient_tag.tag"):
        table, _, name = column.partition(".")
        await house.rows(f"update {table} set {name} = left($1, 32)", clean)
    today = await house.value("select (now() at time zone 'Asia/Tokyo')::date")
    doctor = await house.practitioner("高橋")
    await house.visit(patient.id, doctor, await house.room("1"), on=today, at="15:00")
    await house.escalation(patient.shared, said=text, patient=patient.id)
    await house.rows("update conversation set owner = 'queue', queued_at = now()")
    tables = {
        row["name"]
        for row in await house.rows(
            """select table_name::text as name from information_schema.columns
               where table_schema = 'public' and column_name = 'id'"""
        )
    }
    found = {"patient": patient.id, "conversation": patient.talk}
    for name in {*TABLES, *tables}:
        table = TABLES.get(name, name)
        if name not in found and table in tables and table != "tortoise_migrations":
            found[name] = int(await house.value(f"select coalesce(max(id), 0) from {table}"))
    return found


async def named_campaign(house: House, text: str) -> int:
    """The newest campaign, as the panel made it, under that name and with all people; its id."""
    made = int(await house.value("select max(id) from campaign"))
    await house.rows("update campaign set name = left($1, 80)", text)
    await house.rows("update recipient set campaign_id = $1", made)
    return made


async def crowd(house: House) -> list[str]:
    """Patients of all names of the corpus, who write just that; the names.

    Of what needs no place of its own a name holds as many as it has room for.
    """
    names = [""]
    for one in (*TAGS, *QUOTES):
        longer = f"{names[-1]} {one}"
        names[-1:] = [longer] if len(longer) <= LONGEST else [names[-1], one]
    names += [one.replace("\0", "") for one in (*SCRIPTS, *TEMPLATES, *FORMULAS, *SIGNS)]
    for number, name in enumerate(names):
        patient = await house.patient(name, kana=name, chart=f"E{number}")
        if number % 8 == 0:
            await house.conversation(patient, said=name, display_name=name, owner="queue")
    return names


def path_of(row: Row, there: dict[str, int]) -> str:
    """The address of a route, of what there is of it."""
    path = row.path.replace("{topic}", "today").replace("{name:.+}", "panel.css")
    return PARAMETER.sub(lambda name: str(there.get(name[1]) or "999999"), path)
