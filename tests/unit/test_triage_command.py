"""`kayoi triage`, as a script meets it."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from clinic.triage.load import catalogue


def kayoi(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command; its exit code."""
    monkeypatch.setattr(sys, "argv", ["kayoi", *arguments])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    return tmp_path / "answers.json"


def denied(name: str) -> dict[str, Any]:
    """Answers of somebody who is well."""
    own = {one.id: False for one in catalogue()[name].questions}
    base = {"first_check": False, "function": False, "getting_worse": "no", "medicine": "no"}
    return own | base | {"severity": 1, "age": 40, "sex": "male", "temperature": 36.6}


def test_the_list_has_a_line_for_each_presentation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kayoi(monkeypatch, "triage", "list") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["number"] for line in lines] == list(range(1, 51))
    chest = next(line for line in lines if line["presentation"] == "chest_pain")
    assert {key: chest[key] for key in ("version", "title", "level_always")} == {
        "version": 1,
        "title": "Chest pain",
        "level_always": None,
    }
    assert set(chest["questions"][0]) == {"id", "level", "ask"}
    assert "first_check" in [one["id"] for one in chest["base"]]


def test_the_list_speaks_other_languages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kayoi(monkeypatch, "triage", "list", "--language", "ja") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    titles = {line["presentation"]: line["title"] for line in lines}
    assert titles["chest_pain"] == catalogue()["chest_pain"].title["ja"]


def test_a_well_patient_is_left_to_self_care(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answers: Path
) -> None:
    answers.write_text(json.dumps(denied("cough")))
    assert kayoi(monkeypatch, "triage", "play", "cough", "--answers", str(answers)) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["level"], told["disposition"], told["reasons"]) == (1, "self_care", [])
    assert told["asked"][0] == "first_check"
    assert {one.id for one in catalogue()["cough"].questions} <= set(told["asked"])


def test_nothing_is_asked_after_a_red_flag(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answers: Path
) -> None:
    flag = catalogue()["chest_pain"].questions[0].id
    answers.write_text(json.dumps(denied("chest_pain") | {flag: "yes"}))
    play = ("triage", "play", "chest_pain", "--answers", str(answers), "--age", "40")
    assert kayoi(monkeypatch, *play, "--sex", "male") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["level"], told["disposition"]) == (4, "emergency_now")
    assert told["asked"] == ["first_check", flag]
    assert flag in told["reasons"]


def test_what_is_not_answered_counts_as_unknown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answers: Path
) -> None:
    answers.write_text("{}")
    assert kayoi(monkeypatch, "triage", "play", "cough", "--answers", str(answers)) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["level"], told["disposition"]) == (3, "same_day")
    assert "first_check" in told["unknown"]


def test_an_answer_to_what_was_not_asked_is_not_lost(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answers: Path
) -> None:
    # Danger signs of pregnancy, of somebody who says she is not pregnant.
    answers.write_text(json.dumps(denied("cough") | {"pregnancy_signs": True}))
    assert kayoi(monkeypatch, "triage", "play", "cough", "--answers", str(answers)) == 0
    assert json.loads(capsys.readouterr().out)["level"] == 4


@pytest.mark.parametrize(
    ("presentation", "more", "against"),
    [
        ("cough", {}, []),
        ("cough", {"medicine": "yes"}, ["medicine"]),
        ("cough", {"first_check": "yes"}, ["too_grave"]),
        ("cough", {"age": 9}, ["child_alone"]),
        ("limb_injury", {}, ["needs_hands"]),
    ],
)
def test_it_tells_whether_a_remote_consultation_is_possible_and_which_rules_forbid_it(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answers: Path,
    presentation: str,
    more: dict[str, Any],
    against: list[str],
) -> None:
    own = {one.id for one in catalogue()[presentation].questions}
    base = set(catalogue()[presentation].base.questions)
    said = {name: it for name, it in (denied(presentation) | more).items() if name in own | base}
    answers.write_text(json.dumps(said))
    assert kayoi(monkeypatch, "triage", "play", presentation, "--answers", str(answers)) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["remote"], told["against_remote"]) == (not against, against)


@pytest.mark.parametrize(
    ("presentation", "content", "more", "said"),
    [
        ("weather", "{}", (), "no presentation weather"),
        ("cough", "[", (), "no JSON"),
        ("cough", "[]", (), "no object of answers"),
        ("cough", '{"weather": true}', (), "cough has no question weather"),
        ("cough", '{"severity": 11}', (), "11 is no answer to severity"),
        ("cough", '{"first_check": "maybe"}', (), '"maybe" is no answer to first_check'),
        ("cough", '{"first_check": null}', (), "null is no answer to first_check"),
        ("cough", '{"first_check": true, "first_check": false}', (), "twice"),
        ("cough", "[" * 100_000, (), "no JSON"),
        ("cough", "{}", ("--age", "-1"), "--age -1.0 is no age"),
        ("cough", "{}", ("--age", "nan"), "--age nan is no age"),
    ],
)
def test_what_cannot_be_played_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answers: Path,
    presentation: str,
    content: str,
    more: tuple[str, ...],
    said: str,
) -> None:
    answers.write_text(content)
    play = ("triage", "play", presentation, "--answers", str(answers), *more)
    assert kayoi(monkeypatch, *play) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_file_that_is_not_there_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answers: Path
) -> None:
    assert kayoi(monkeypatch, "triage", "play", "cough", "--answers", str(answers)) == 2
    assert "No such file" in capsys.readouterr().err
