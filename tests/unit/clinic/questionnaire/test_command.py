"""`kayoi questionnaire`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from bot.commands.questionnaire import check, play
from clinic.errors import KayoiError
from tests.unit.clinic.questionnaire.making import ON, Json, item, option, resource

FIXTURES = Path(__file__).with_name("fixtures")


def kayoi(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "questionnaire", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_each_file_gets_a_line_and_an_unplayable_one_is_said_on_stderr(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(resource(item("q", "thing"))))
    text = tmp_path / "text.json"
    text.write_text("hello")
    done = kayoi("check", FIXTURES / "all_types.json", broken, text, tmp_path / "missing.json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 2
    assert done.stderr == "kayoi: 3 of 4 cannot be played\n"
    assert [line["supported"] for line in lines] == [True, False, False, False]
    assert [line["items"] for line in lines] == [16, 1, 0, 0]
    assert lines[0]["problems"] == []
    assert lines[1]["problems"] == [
        {"item": "q", "reason": "the type 'thing' is not one of FHIR R4"}
    ]
    assert "not JSON" in lines[2]["problems"][0]["reason"]
    assert "cannot be read" in lines[3]["problems"][0]["reason"]


def test_all_of_ours_can_be_played() -> None:
    check(sorted(FIXTURES.glob("*.json")), [])


PLAYED: dict[str, tuple[str, Json, Json]] = {
    "a choice by code, a total": (
        "total_by_ordinals",
        {"g1": "daily", "g2": "Half", "g3": "some", "g4": "never", "g5": "never", "hard": "very"},
        {"total": [6], "hard": ["very"]},
    ),
    "a group as a list of objects": (
        "repeating_group",
        {
            "any": True,
            "medicine": [
                {"name": "A", "daily": True, "times": 2},
                {"name": "B", "daily": False, "reason": "pain"},
            ],
        },
        {"name": ["A", "B"], "daily": [True, False], "times": [2], "reason": ["pain"]},
    ),
    "a group as a list of lists": (
        "repeating_group",
        {"any": True, "medicine": [["A", True, 2], ["B", False]], "trip": [["Peru"]]},
        {"name": ["A", "B"], "times": [2], "country": ["Peru"]},
    ),
    "a group by its questions": (
        "repeating_group",
        {"any": True, "name": ["A", "B"], "daily": [True, True], "times": [1, 2]},
        {"name": ["A", "B"], "times": [1, 2]},
    ),
    "groups within groups": (
        "repeating_groups_nested",
        {
            "child": [
                {"child-name": "A", "vaccine": [["X", False], ["Y", True, "rash"]], "well": True},
                {"child-name": "B", "well": False},
            ]
        },
        {"child-name": ["A", "B"], "vaccine-name": ["X", "Y"], "which": ["rash"]},
    ),
    "items under answers": (
        "items_under_answers",
        {"organs": ["heart", "eye"], "year": [2001, 2010], "hospital": ["Tokyo"], "smoker": False},
        {"year": [2001, 2010], "hospital": ["Tokyo"]},
    ),
    "quantities": (
        "quantity_units",
        {
            "height": {"value": 70, "unit": "inch"},
            "weight": 71.5,
            "dose": {"value": 5, "unit": "mg"},
        },
        {"weight": [71.5]},
    ),
    "an attachment": (
        "attachment_limits",
        {"photo": {"contentType": "image/png", "size": 10, "url": "urn:uuid:1"}},
        {},
    ),
    "initial values, and null": (
        "initial_values",
        {"cups": None, "languages": ["ja"]},
        {"country": ["tw"], "languages": ["ja"], "on": ["2026-11-25"]},
    ),
    "values in the patient's language": (
        "translated",
        {"pain": "強い", "word": "はい"},
        {"pain": ["bad"], "word": ["yes"]},
    ),
    "a group as an object": ("nested_groups", {"1": {"1.2": "x", "1.1.1.1": True}}, {"1.2": ["x"]}),
    "a date and today": (
        "age_by_expression",
        {"born": "2020-01-01", "parent": "Mother"},
        {"age": [6], "parent": ["Mother"]},
    ),
}


def values_of(items: list[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for one in items:
        for answer in one.get("answer", ()):
            for key, value in answer.items():
                if key.startswith("value"):
                    plain = (
                        value.get("value", value.get("code")) if isinstance(value, dict) else value
                    )
                    found.setdefault(one["linkId"], []).append(plain)
        for holder in (one, *one.get("answer", ())):
            for key, more in values_of(holder.get("item", [])).items():
                found.setdefault(key, []).extend(more)
    return found


@pytest.mark.parametrize("name", PLAYED)
def test_it_is_played_with_the_answers_of_a_file(name: str, tmp_path: Path) -> None:
    form, answers, expected = PLAYED[name]
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(answers))
    found = play(FIXTURES / f"{form}.json", file, (), None, ON)
    QuestionnaireResponse.model_validate(found)
    values = values_of(found["item"])
    assert {key: values.get(key) for key in expected} == expected
    assert "cups" not in values


@pytest.mark.parametrize(
    ("form", "answers", "says"),
    [
        ("boolean_and_display", {}, "pain: required"),
        ("boolean_and_display", {"pain": "yes"}, "pain: type"),
        ("boolean_and_display", {"pain": {"a": 1}}, "pain: an object is no answer"),
        ("boolean_and_display", {"pain": [[1]]}, "pain: [1] is no answer"),
        ("boolean_and_display", {"gain": 1}, "no item gain"),
        ("number_limits", {"age": 500}, "age: too_large (most 120)"),
        ("quantity_units", {"height": 170}, "height: unit (units cm/inch)"),
        ("initial_values", {"country": "de"}, "country: not_an_option"),
    ],
)
def test_an_answer_that_does_not_fit_is_said_in_one_line(
    form: str, answers: Json, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(answers))
    with pytest.raises(KayoiError) as refusal:
        play(FIXTURES / f"{form}.json", file, (), None, ON)
    assert str(refusal.value).startswith(says)


def test_what_was_answered_but_not_asked_is_said(tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    file.write_text('{"pain": false, "where": "head"}')
    done = kayoi("play", FIXTURES / "boolean_and_display.json", "--answers", file)
    assert (done.returncode, done.stderr) == (0, "kayoi: not asked: where\n")
    assert json.loads(done.stdout)["status"] == "completed"


def test_a_value_set_may_lie_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "q.json").write_text(
        json.dumps(resource(item("c", "choice", answerValueSet="urn:vs", required=True)))
    )
    include = [{"system": "urn:s", "concept": [option("a")["valueCoding"]]}]
    (tmp_path / "vs.json").write_text(
        json.dumps({"resourceType": "ValueSet", "url": "urn:vs", "compose": {"include": include}})
    )
    (tmp_path / "a.json").write_text('{"c": "a"}')
    with pytest.raises(KayoiError):
        check([tmp_path / "q.json"], [])
    check([tmp_path / "q.json"], [tmp_path / "vs.json"])
    found = play(tmp_path / "q.json", tmp_path / "a.json", [tmp_path / "vs.json"], "en", ON)
    assert values_of(found["item"]) == {"c": ["a"]}


@pytest.mark.parametrize("what", ["questionnaire", "answers"])
def test_a_file_that_cannot_be_used_is_said(what: str, tmp_path: Path) -> None:
    good = FIXTURES / "boolean_and_display.json"
    bad = tmp_path / "bad.json"
    bad.write_text("{" if what == "answers" else json.dumps(resource(item("g", "group"))))
    files = (good, bad) if what == "answers" else (bad, good)
    with pytest.raises(KayoiError) as refusal:
        play(*files, (), None, ON)
    assert "bad.json: " in str(refusal.value)
