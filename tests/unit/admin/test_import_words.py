"""Why something of an imported file is not used has words in the panel, and nothing else has."""

import ast
import re
from pathlib import Path
from typing import TypeGuard, get_args

import clinic.importer
from admin.i18n import speech
from admin.imports import shown, upload
from admin.imports.views import PROBLEMS
from admin.lapse.views import MODES, NUMBERS, STATES
from admin.reviews import views as reviews
from admin.segments import shown as segments
from clinic.importer.rules import Doubt
from clinic.importer.table.types import FIELDS
from clinic.importer.types import Issue, Kind
from clinic.importer.uke.records import FOREIGN, SCHEMES
from clinic.segment import read
from clinic.segment.rules import keys as segment_keys
from clinic.segment.service import REASONS

SOURCES = [*Path(clinic.importer.__file__).parent.rglob("*.py"), Path(upload.__file__)]
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
TELLS = re.compile("reject|refuse|warn|doubt|once|issue", re.IGNORECASE)
# What stands in the same calls and is none: severities, records, fields and elements.
NO_REASONS = {
    *("refuse", "reject", "warn", "row"),
    *(set(FIELDS) - {"sex", "supply_days"}),
    *("code", "count", "duration", "identifier", "medication", "period", "start", "subject"),
}


def constants(tree: ast.AST) -> set[str]:
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CODE.fullmatch(node.value)
    }


def _holds_reasons(node: ast.AST) -> TypeGuard[ast.keyword | ast.Assign]:
    if isinstance(node, ast.keyword):
        return node.arg == "doubts"
    return isinstance(node, ast.Assign) and "reason" in ast.unparse(node.targets[0]).lower()


def told_by_code() -> set[str]:
    """Reasons as calls, `doubts` and variables called `reason` name them."""
    found = {*FOREIGN.values(), *SCHEMES.values(), "scheme_other"}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if path.name == "review.py":  # its doubts are of people
                continue
            if isinstance(node, ast.Call) and TELLS.search(ast.unparse(node.func)):
                found |= {one for it in node.args for one in constants(it)}
            elif _holds_reasons(node):
                found |= constants(node.value)
    return found - NO_REASONS


def test_every_reason_of_an_issue_has_words() -> None:
    words = speech("en")
    assert {one for one in told_by_code() if f"import_reason_{one}" not in words} == set()
    assert len(told_by_code()) > 70


def test_no_reason_has_words_that_the_code_does_not_know() -> None:
    known = set()
    for path in SOURCES:
        known |= constants(ast.parse(path.read_text()))
    prefix = "import_reason_"
    told = {key.removeprefix(prefix) for key in speech("en")._keys if key.startswith(prefix)}
    assert told - known == set()


def test_every_code_of_the_patient_base_has_words() -> None:
    words = speech("en")
    keys = [f"imports.kind.{one}" for one in get_args(Kind)]
    keys += [f"imports.field.{one}" for one in FIELDS]
    keys += [f"imports.problem.{one}" for one in PROBLEMS]
    keys += [f"reviews.reason.{one}" for one in get_args(Doubt)]
    keys += [f"reviews.problem.{one}" for one in reviews.PROBLEMS]
    keys += [f"reviews.done.{one}" for one in reviews.DONE]
    keys += [f"lapse.state.{one}" for one in STATES]
    keys += [f"lapse.mode.{one}" for one in MODES]
    keys += [f"lapse.window.{one}" for one in (*NUMBERS, "mode")]
    keys += [f"segments.left_out.{one}" for one in REASONS]
    keys += segment_keys()
    for family, names in (
        ("patients", shown.PATIENTS),
        ("visits", shown.VISITS),
        ("records", shown.RECORDS),
    ):
        keys += [f"imports.{family}.{one}" for one in names]
    assert [key for key in keys if key not in words] == []


def test_every_fault_of_a_filter_has_words() -> None:
    found = {"too_slow", "no_name", "unknown_segment"}
    for node in ast.walk(ast.parse(Path(read.__file__).read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Fault":
            found |= constants(node.args[1])
        elif isinstance(node, ast.Return) and node.value is not None:
            found |= {one for one in constants(node.value) if one.startswith("no_")}
    assert {one for one in found if f"segments.fault.{one}" not in speech("en")} == set()


def test_a_filter_is_told_in_plain_words() -> None:
    tree = read.read(
        {
            "and": [
                {"field": "age", "op": "between", "value": [40, 74]},
                {"not": {"field": "sex", "op": "any", "value": ["male", "unknown"]}},
                {"field": "act", "op": "any", "value": ["1"], "days": 90},
                {"field": "next_visit", "op": "known"},
                {"field": "last_visit", "op": "on_or_before", "value": "2026-05-31"},
                {"field": "tag", "op": "any", "value": ["segment_x"]},
            ]
        }
    )
    assert not isinstance(tree, tuple)
    assert [(one.depth, one.words) for one in segments.described(speech("en"), tree)] == [
        (0, "all of these:"),
        (1, "Age: 40–74"),
        (1, "not:"),
        (2, "Sex: male, not known"),
        (1, "Act: 1 (within days: 90)"),
        (1, "Next visit: known"),
        (1, "Last visit: on or before Sun, May 31, 2026"),
        (1, "Tag: segment_x"),
    ]


def test_a_reason_says_how_often_and_a_new_one_its_code() -> None:
    words = speech("en")
    assert shown.told(words, "quotes", {"count": 3}) == "Quotation marks were removed. (×3)"
    assert shown.told(words, "quotes", {"count": 1}) == "Quotation marks were removed."
    assert shown.told(words, "brand_new") == "brand_new"


def test_a_field_of_a_list_is_named_in_the_staffs_language() -> None:
    assert shown.place(speech("ru"), Issue("warn", "bad_phone", column="phone")) == "Телефон"
    assert shown.place(speech("ru"), Issue("warn", "sex", column="男女区分")) == "男女区分"


def test_a_size_is_written_for_people() -> None:
    assert [shown.megabytes(n) for n in (0, 12_345, 1_250_000)] == ["1 kB", "12 kB", "1.2 MB"]
