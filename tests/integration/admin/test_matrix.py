"""Whose patients a role may see and touch, over every route of the table (R24).

The routes are taken from the table itself. A parameter that is declared neither as a patient's nor
as the house's fails, so that nobody can forget to say which it is.
"""

import re
from collections.abc import Mapping

import pytest

from admin.routes import ROUTES
from admin.table import Row
from clinic.ids import new_key
from clinic.staff.types import Role, Staff
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, House
from tests.integration.admin.papers import paper
from tests.integration.admin.runs import run_of

# Parameters that lead to one patient. `World` makes one of each for two patients.
OF_PATIENT = frozenset(
    {
        *("patient", "visit", "conversation", "task", "response", "plan", "activity", "reading"),
        *("note", "asked", "entry", "member", "doubt", "merge", "message", "inbound"),
        *("document", "reply", "triage"),
    }
)
# What a patient has not always: a voice message; a test message goes to nobody.
NOT_ALWAYS = frozenset({"inbound", "message"})
# Parameters of the house: lists and pages without patients, or with those that one may see anyway.
OF_THE_HOUSE = frozenset(
    {
        *("account", "answer", "campaign", "cohort", "definition", "delivery", "emergency"),
        *("endpoint", "exception", "feed", "finding", "group", "key", "name", "notice", "passkey"),
        *("practitioner", "questionnaire", "resource", "review", "rule", "run", "segment"),
        *("service", "session", "site", "staff", "topic", "template", "own"),
        "question",  # of anybody; the desk sees all patients
    }
)
# What is grave is nobody's own: every doctor may see and take any escalation.
OF_EVERYBODY = frozenset({"escalation"})
# What forms of all pages may hold, so that a request is refused for whom it is about, not for a
# field that is missing.
FIELDS = {
    "status": "arrived",
    "version": "1",
    "text": "ordinary words",
    "minutes": "15",
    "field": "phone",
    "tag": "tagged",
    "kind": "note",
    "words": "ordinary words",
    "do": "add",
    "relation": "self",
    "reason": "asked",
    "result": "reached",
    "outcome": "reached",
    "systolic": "120",
    "diastolic": "80",
    "send": "yes",
    "how": "told",
    "until": "1h",
    "note": "ordinary words",
    "staff": "1",
    "to": "1",
    "on": "2026-11-20",
    "at": "10:00",
    "measured_at": "2026-11-20T10:00",
    "step": "week",
    "anchor_on": "2026-11-20",
    "add": "yes",
}
STREAMS = ("/live", "/live/events", "/live/stream")  # answers that do not end; tested by themselves
MINE, THEIRS = "わたしの 患者", "よその 患者"
CHARTS = {MINE: "7001", THEIRS: "ZQ-9009-XW"}
PHONES = {MINE: "+819011112222", THEIRS: "+819099998888"}
CANARIES = (THEIRS, THEIRS.split()[0], CHARTS[THEIRS], PHONES[THEIRS], "秘密の言葉")
GUARDED = [row for row in ROUTES if row.roles is not None]
NAMES = re.compile(r"\{(\w+)(?::[^{}]*(?:\{[^{}]*\})?[^{}]*)?\}")


def parameters(row: Row) -> list[str]:
    return NAMES.findall(row.path)


def filled(row: Row, there: Mapping[str, int]) -> str:
    return NAMES.sub(lambda name: str(there.get(name[1], "999999")), row.path)


async def world(house: House, name: str, doctor: Staff | None) -> dict[str, int]:
    """A patient with one of everything, seen by a practitioner; ids by parameter."""
    patient = await house.patient(name, chart=CHARTS[name], phone=PHONES[name])
    said = "普通の言葉" if name == MINE else "秘密の言葉"
    talk = await house.conversation(patient, said=said, display_name=name)
    practitioner = await house.practitioner("佐藤" if doctor else "高橋", doctor)
    visit = await house.visit(patient, practitioner, at="10:00" if doctor else "14:00")
    task = await house.task("call", patient=patient, conversation=talk, visit=visit)
    form = (await house.forms())["gad_7"]
    response = await house.response(patient, form, {})
    care = await house.care_plan(patient)
    note = await house.value(
        """insert into patient_note (key, patient_id, kind, content)
           values ($2, $1, 'visit', $3) returning id""",
        patient,
        key := new_key(),
        KEYS.seal(b"quiet please", "patient_note.content", key),
    )
    reading = await house.value(
        """insert into observation (patient_id, kind, value, unit, source, measured_at)
           values ($1, 'pulse', 70, '/min', 'staff', now()) returning id""",
        patient,
    )
    message = await house.tell(talk, said)
    triage = await run_of(house, talk, patient, severity=1)
    inbound = await house.value("select max(id) from inbound")
    return {
        **await paper(house, patient, said),
        "patient": patient,
        "conversation": talk,
        "visit": visit,
        "task": task,
        "note": note,
        "response": response,
        "plan": care["plan"],
        "activity": care["activity"],
        "reading": reading,
        "message": message,
        "inbound": inbound,
        "triage": triage,
        "questionnaire": form,
        "definition": care["definition"],
        "practitioner": practitioner,
    }


def links(there: Mapping[str, int]) -> tuple[str, ...]:
    """Addresses of what is a patient's, as pages write them."""
    pages = {"patient": "patients", "conversation": "conversations", "plan": "care-plans"}
    return tuple(f'"/{page}/{there[name]}"' for name, page in pages.items())


async def send(browser: Browser, row: Row, path: str) -> tuple[int, str]:
    answer = await (browser.get(path) if row.method == "GET" else browser.post(path, **FIELDS))
    return answer.status, await answer.text(errors="replace")


async def everything(house: House) -> dict[str, object]:
    tables = await house.rows("select tablename as name from pg_tables where schemaname = 'public'")
    mute = ("audit", "staff_session", "sign_in_try", "conversation_reader")
    return {
        row["name"]: await house.rows(f"select t::text from {row['name']} t order by 1")
        for row in tables
        if row["name"] not in mute
    }


def test_every_parameter_is_declared_as_a_patients_or_the_houses() -> None:
    known = OF_PATIENT | OF_THE_HOUSE | OF_EVERYBODY
    for row in ROUTES:
        assert set(parameters(row)) <= known, row.path


async def test_a_doctor_reaches_own_patients_and_nobody_elses_by_any_address(
    house: House, sign_in: SignIn
) -> None:
    doctor = await house.staff("佐藤", Role.DOCTOR)
    mine, theirs = await world(house, MINE, doctor), await world(house, THEIRS, None)
    browser = await sign_in(doctor)
    before = await everything(house)
    reached = 0
    for row in GUARDED:
        names = [name for name in parameters(row) if name in OF_PATIENT]
        if not names:
            continue
        status, body = await send(browser, row, filled(row, theirs))
        if Role.DOCTOR not in (row.roles or ()):
            assert status == 403, row.path
            continue
        reached += 1
        assert row.method != "GET" or status in (404, 204), (row.path, status)
        assert status < 500, row.path
        for canary in CANARIES:
            assert canary not in body, (row.path, canary)
    assert reached > 25
    assert await everything(house) == before
    for row in GUARDED:
        if row.method == "GET" and Role.DOCTOR in (row.roles or ()):
            names = [name for name in parameters(row) if name in OF_PATIENT - NOT_ALWAYS]
            if names and all(name in mine for name in names):
                status, _ = await send(browser, row, filled(row, mine))
                assert status in (200, 204, 303), (row.path, status)


async def test_no_list_search_file_or_part_of_a_page_names_somebody_elses_patient_to_a_doctor(
    house: House, sign_in: SignIn
) -> None:
    doctor = await house.staff("佐藤", Role.DOCTOR)
    mine, theirs = await world(house, MINE, doctor), await world(house, THEIRS, None)
    assert mine["questionnaire"] == theirs["questionnaire"]
    browser = await sign_in(doctor)
    looked = 0
    for row in GUARDED:
        if row.method != "GET" or Role.DOCTOR not in (row.roles or ()) or row.path in STREAMS:
            continue
        if any(name in OF_PATIENT for name in parameters(row)):
            continue
        for words in ("", f"?q={THEIRS}&tel={PHONES[THEIRS]}&search={CHARTS[THEIRS]}&state=all"):
            status, body = await send(browser, row, filled(row, {**theirs, **mine}) + words)
            assert status < 500, row.path
            # A page may repeat what one looked for, and shows nothing that belongs to it.
            told = ("秘密の言葉", *links(theirs)) if words else (*CANARIES, *links(theirs))
            for canary in told:
                assert canary not in body, (row.path + words, canary)
        looked += 1
    assert looked > 20
    for row in GUARDED:
        if row.method == "POST" and row.path == "/palette":
            answer = await browser.post("/palette", q=THEIRS, words=THEIRS)
            assert f"/patients/{theirs['patient']}" not in await answer.text()


@pytest.mark.parametrize("role", [Role.ADMIN, Role.STAFF])
async def test_the_desk_reaches_every_patient(house: House, sign_in: SignIn, role: Role) -> None:
    theirs = await world(house, THEIRS, None)
    browser = await sign_in(await house.staff("山田", role))
    for row in GUARDED:
        names = [name for name in parameters(row) if name in OF_PATIENT - NOT_ALWAYS]
        if row.method != "GET" or not names or any(name not in theirs for name in names):
            continue
        status, _ = await send(browser, row, filled(row, theirs))
        allowed = role in (row.roles or ())
        assert (status == 403) is not allowed, row.path
        if allowed and "task" not in names:
            assert status in (200, 204, 303), (row.path, status)


@pytest.mark.parametrize(
    "theirs_by",
    ["visit", "escalation", "plan", "questionnaire", "emergency", "ended emergency"],
)
async def test_what_makes_a_patient_a_doctors_own(
    house: House, sign_in: SignIn, theirs_by: str
) -> None:
    doctor = await house.staff("佐藤", Role.DOCTOR)
    patient = await house.patient(MINE, chart="7001")
    browser = await sign_in(doctor)
    assert (await browser.get(f"/patients/{patient}")).status == 404
    if theirs_by == "visit":
        await house.visit(patient, await house.practitioner("佐藤", doctor))
    elif theirs_by == "escalation":
        talk = await house.conversation(patient)
        case = await house.escalation(talk, patient=patient)
        await browser.post(f"/escalations/{case}/acknowledge")
    elif theirs_by == "plan":
        plan = (await house.care_plan(patient))["plan"]
        await house.rows("update care_plan set started_by_id = $2 where id = $1", plan, doctor.id)
    elif theirs_by == "questionnaire":
        await house.rows(
            """insert into questionnaire_request
                 (key, questionnaire_id, patient_id, requested_by_id, state, send_at)
               values ('staff:1', $1, $2, $3, 'sent', now())""",
            (await house.forms())["gad_7"],
            patient,
            doctor.id,
        )
    else:
        assert await browser.post("/emergency", chart="7001", reason="unconscious at the door")
        if theirs_by == "ended emergency":
            await house.rows("update emergency_access set until_at = now()")
    wanted = 404 if theirs_by == "ended emergency" else 200
    assert (await browser.get(f"/patients/{patient}")).status == wanted
