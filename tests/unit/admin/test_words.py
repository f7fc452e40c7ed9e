"""The panel's catalogues."""

import re
import string
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path

import pytest

import admin
from admin.i18n import LANGUAGES, OWN_NAMES, accepted, catalogue, choose, speech
from admin.questionnaires.views import DONE
from clinic.conversation.types import Owner
from clinic.questionnaire.reasons import ENGLISH
from clinic.questionnaire.types import ItemType
from clinic.staff.types import Role, StaffProblem

FOLDER = Path(admin.__file__).parent
# Keys that are put together, as far as codes of other parts make them.
FAMILIES = (
    "menu.", "role.", "error.", "visit.", "step.", "channel.", "handoff.", "relation.", "proof.",
    "side.", "kind.", "inbound.", "delivery.", "why.", "task.", "given.", "by.", "talk.problem.",
    "staff.problem.", "me.password.problem.", "emergency.problem.", "audit.actor.",
    "audit.column.", "owner.", "wait.", "faq.topic.", "faq.why.",
    "faq.try.", "faq.likeness.", "faq.problem.", "escalation.level.", "escalation.source.",
    "escalation.problem.", "disposition.", "sex.", "age.", "questionnaires.status.",
    "questionnaires.rule.", "questionnaires.relation.", "questionnaires.if",
    "questionnaires.total", "questionnaires.type.", "questionnaires.done.",
    "questionnaires.tab.", "questionnaires.state.", "questionnaires.why.",
    "questionnaires.column.", "questionnaires.problem.", "lapse_board.column.", "timeline.",
    "lapse_reason_", "lapse_fault_", "lapse.state.", "lapse.column.", "lapse.window.",
    "lapse.mode.", "import_reason_", "imports.charts.", "imports.state.", "imports.kind.",
    "imports.field.", "imports.patients.", "imports.visits.", "imports.records.",
    "imports.master.", "imports.severity.", "imports.problem.", "imports.confirm.",
    "segments.fault.", "segments.left_out.", "segment_", "builder.", "phone.", "funnel.",
    "imports.column.", "reviews.reason.", "reviews.row.", "reviews.problem.", "reviews.done.",
    "webhooks.", "documents.", "api_keys.", "inbox.", "canned.problem.", "record.", "readings.",
    "cohorts.", "plans.", "waitlist.", "calendar.", "setup.", "campaign_", "left_out_",
    "figures.", "mute.", "settings.", "channels.", "tags.", "limits.", "checklist.", "health.",
    "sheet.", "tasks.done.", "tasks.in.", "today.unconfirmed.", "today.walk_in.problem.",
    "picture.wrong.", "triage.answer.", "triage.checked_in.", "triage.disposition.",
    "triage.part.", "questionnaires.figures.", "trends.", "quality.stratum.", "quality.kind.",
    "quality.state.", "quality.script.", "quality.set.",
)  # fmt: skip
STATES = import_module("clinic.migrations.0002_constraints").STATES
CARE_STATES = import_module("clinic.migrations.0005_escalation_constraints").STATES
LITERAL = re.compile(r"""\bt\(\s*["']([^"']+)["']\s*[,)]|\bself\(["']([^"']+)["']""")


def keys(language: str) -> set[str]:
    return {
        entry.id if isinstance(entry.id, str) else entry.id[0]
        for entry in catalogue(language)
        if entry.id
    }


def used() -> set[str]:
    sources = [*FOLDER.rglob("*.html"), *FOLDER.rglob("*.py")]
    found = set()
    for source in sources:
        for match in LITERAL.finditer(source.read_text()):
            found.add(match[1] or match[2])
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_stands_in_every_catalogue_with_all_its_forms(language: str) -> None:
    assert keys(language) == keys("en")
    for entry in catalogue(language):
        forms = entry.string if isinstance(entry.string, tuple) else (entry.string,)
        assert all(forms), entry.id
        if entry.id:
            assert len(forms) == (catalogue(language).num_plurals if entry.pluralizable else 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_has_the_same_placeholders(language: str) -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    english = {entry.id: entry for entry in catalogue("en")}
    for entry in catalogue(language):
        if entry.id:
            forms = entry.string if entry.pluralizable else (entry.string,)
            other = english[entry.id].string
            wanted = places(other[-1] if isinstance(other, tuple) else other)
            for form in forms:
                assert places(form) == wanted, entry.id


def test_every_word_that_pages_ask_for_is_there_and_no_other() -> None:
    known = keys("en")
    assert used() <= known
    assert {key for key in known - used() if not key.startswith(FAMILIES)} == set()


def test_every_code_that_the_panel_shows_has_words() -> None:
    known = keys("en")
    for role in Role:
        assert f"role.{role}" in known
    for problem in StaffProblem:
        assert f"staff.problem.{problem}" in known
    for state in STATES[("outbox", "state")]:
        assert f"delivery.{state}" in known
    for status in ["booked", "arrived", "fulfilled", "noshow", "cancelled"]:
        assert f"visit.{status}" in known
    for owner in Owner.__args__:
        assert any(key.startswith(f"owner.{owner}") for key in known)
    for kind in ItemType:
        assert f"questionnaires.type.{kind}" in known
    for state in CARE_STATES[("questionnaire_request", "state")]:
        assert f"questionnaires.state.{state}" in known
    for status in CARE_STATES[("questionnaire", "status")]:
        assert f"questionnaires.status.{status}" in known
    for code in ENGLISH:
        assert f"questionnaires.problem.{code}" in known
    for done in DONE:
        assert f"questionnaires.done.{done}" in known
    for status in (401, 404, 409, 413, 500, 503):
        assert {f"error.{status}.title", f"error.{status}.next"} <= known


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", ["1件", "3件", "5件"]),
        ("en", ["1 visit", "3 visits", "5 visits"]),
        ("ru", ["1 запись", "3 записи", "5 записей"]),
        ("zh-Hant", ["1 筆預約", "3 筆預約", "5 筆預約"]),
    ],
)
def test_numbers_take_the_form_of_their_language(language: str, words: list[str]) -> None:
    assert [speech(language)("visits", n=n) for n in (1, 3, 5)] == words


def test_dates_and_waits_are_written_as_each_language_writes_them() -> None:
    on, at = date(2026, 11, 25), datetime(2026, 11, 25, 1, 5, tzinfo=UTC)
    assert speech("ja").day(on) == "2026年11月25日(水)"
    assert speech("en").day(on) == "Wed, Nov 25, 2026"
    assert speech("ru").moment(at, "Asia/Tokyo") == "ср, 25 нояб. 10:05"
    assert speech("zh-Hans").time(at, "Asia/Shanghai") == "09:05"
    assert [speech("en").wait(s) for s in (-5, 59, 3_720, 200_000)] == [
        "0 min",
        "0 min",
        "1 h 2 min",
        "2 days",
    ]


def test_the_language_is_the_chosen_one_then_the_browsers_then_the_clinics() -> None:
    browser = accepted("zh-TW,zh;q=0.9,en;q=0.8, x;q=no")
    assert choose([None, *browser]).language == "zh-Hant"
    assert choose(["ru", *browser]).language == "ru"
    assert choose(accepted("zh-CN")).language == "zh-Hans"
    assert choose(accepted("fr,de"), "ja").language == "ja"
    assert choose(accepted("en;q=0.1, ru")).language == "ru"
    assert set(OWN_NAMES) == set(LANGUAGES)


def test_words_never_run_what_a_patients_name_says() -> None:
    assert speech("en")("who.new", name="{0.__class__} {n}") == "{0.__class__} {n} (not linked)"


def test_an_unknown_key_is_a_fault_and_not_a_blank() -> None:
    with pytest.raises(KeyError):
        speech("ja")("no.such.key")
