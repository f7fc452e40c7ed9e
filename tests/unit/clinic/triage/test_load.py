"""The files of triage rules are read strictly: what is wrong is said, with the file's name."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from clinic.triage.base import BASE, read_base
from clinic.triage.document import RuleFault, digest
from clinic.triage.load import FOLDER, catalogue, read, read_folder
from tests.unit.clinic.triage.rulebook import asked, base, document, presentation, text, written


def fault(folder: Path, **changes: Any) -> str:
    """What is said of a file with these changes."""
    with pytest.raises(RuleFault) as raised:
        presentation(folder, **changes)
    said = str(raised.value)
    assert said.startswith("ache.yml: ")
    return said.removeprefix("ache.yml: ")


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    one = presentation(tmp_path, modifiers="3-4", fever=True, only={"sex": "male", "age_min": 0.25})
    assert (one.id, one.number, one.version, one.otherwise) == ("ache", 99, 3, 1)
    assert one.sources == ("J2", "◇")
    assert [(q.id, q.level, q.unsure) for q in one.questions] == [
        ("grave", 4, 3),
        ("serious", 3, 3),
        ("long", 2, 2),
    ]
    assert (one.modifiers, one.fever, one.always) == (True, True, None)
    assert (one.only.sex, one.only.age_min) == ("male", 0.25)
    assert one.care is not None


def test_a_digest_names_what_a_file_says_and_not_how_it_is_written(tmp_path: Path) -> None:
    first = digest(presentation(tmp_path).content)
    path = written(tmp_path, dict(reversed(document().items())))
    path.write_text(f"# a comment\n{path.read_text('utf-8')}\n", "utf-8")
    assert digest(read(path, base()).content) == first
    assert digest(presentation(tmp_path, come_back=text("Come back.")).content) != first
    assert len(first) == 64


def test_what_is_always_an_emergency_has_no_questions(tmp_path: Path) -> None:
    one = presentation(tmp_path, always=4, questions=None, otherwise=None, care=None)
    assert (one.always, one.otherwise, one.questions, one.care) == (4, 4, (), None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"colour": "red"}, "colour is unknown"),
        ({"come_back": None}, "come_back is missing; come_back is no text of five languages"),
        ({"id": "other"}, "id other is not the file's name"),
        ({"number": "2"}, "number is no whole number"),
        ({"version": 0}, "version is no whole number"),
        ({"version": True}, "version is no whole number"),
        ({"source": []}, "source is no list of marks"),
        ({"signature": "Dr Sato"},
            "signature is neither null nor a name, a day (on) and a digest"),
        ({"title": "Ache"}, "title is no text of five languages"),
        ({"title": {"en": "Ache"}}, "title: ja is missing; title: ru is missing; "
            "title: zh-Hans is missing; title: zh-Hant is missing"),
        ({"title": text("Ache") | {"fr": "Mal"}}, "title: fr is unknown"),
        ({"title": text("Ache") | {"ru": " "}}, "title: ru is no text"),
        ({"title": text("Ache") | {"ru": "x" * 81}}, "title: ru has 81 signs, 80 are the most"),
        ({"words": ["ache"]}, "words: not in en, ja, zh-Hant, zh-Hans, ru"),
        ({"words": document()["words"] | {"ja": ["one"]}},
            "words: ja is no list of 4 or more texts"),
        ({"words": document()["words"] | {"en": ["Ache", "b", "c", "c"]}},
            "words: en: Ache: not lower case; words: en: c twice"),
        ({"only": [1]}, "only is no mapping"),
        ({"only": {"race": 1}}, "only: race is unknown"),
        ({"only": {"sex": "other"}}, "only: sex is neither female nor male"),
        ({"only": {"pregnant": 1}}, "only: pregnant is neither true nor false"),
        ({"only": {"age_min": "12"}}, "only: an age is no number"),
        ({"only": {"age_min": 55, "age_max": 12}}, "only: age_min is above age_max"),
        ({"modifiers": "2-3"}, "modifiers is not 3-4"),
        ({"fever": "often"}, "fever is neither true nor false"),
        ({"otherwise": 4}, "otherwise is not 1, 2 or 3"),
        ({"otherwise": True}, "otherwise is not 1, 2 or 3"),
        ({"care": None}, "care is no text of five languages"),
        ({"care": text("x" * 298)}, "care: en has 301 signs, 300 are the most; "
            "care: ja has 301 signs, 300 are the most; care: zh-Hant has 306 signs, 300 are the "
            "most; care: zh-Hans has 306 signs, 300 are the most; care: ru has 301 signs, 300 are "
            "the most"),
        ({"otherwise": 2}, "care is never shown: otherwise is not 1"),
        ({"always": 2}, "always is neither 3 nor 4; questions beside always; "
            "otherwise beside always; care beside always"),
        ({"questions": []}, "questions is no list of questions"),
        ({"questions": ["grave"]}, "questions is no list of questions"),
        ({"questions": [asked("long", 2), asked("grave", 4)]}, "questions are not gravest first"),
        ({"questions": [asked("grave", 4), asked("grave", 4)]}, "question grave twice"),
        ({"questions": [asked("age", 4)]}, "question age: everybody is asked one of this id"),
        ({"questions": [asked(f"q{n}", 4) for n in range(6)]},
            "more than 5 questions of level 4"),
        ({"questions": [asked(f"q{n}", 3) for n in range(9)]}, "more than 8 questions"),
        ({"questions": [asked("Grave one", 4)]}, "question Grave one: id is no lower_snake name"),
        ({"questions": [asked("grave", 1)]}, "question grave: level is not 2, 3 or 4"),
        ({"questions": [asked("grave", "4")]}, "question grave: level is not 2, 3 or 4"),
        ({"questions": [asked("grave", 4, unless=1)]},
            "question grave: unless is unknown"),
        ({"questions": [asked("grave", 4, ask=text("x" * 140))]}, "question grave: ask: en has 143 "
            "signs, 140 are the most; question grave: ask: ja has 143 signs, 140 are the most; "
            "question grave: ask: zh-Hant has 148 signs, 140 are the most; question grave: ask: "
            "zh-Hans has 148 signs, 140 are the most; question grave: ask: ru has 143 signs, 140 "
            "are the most"),
        ({"questions": [asked("grave", 4, only={"sex": 1})]},
            "question grave: only: sex is neither female nor male"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_said(
    tmp_path: Path, changes: Mapping[str, Any], said: str
) -> None:
    assert fault(tmp_path, **changes) == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id: [", "while parsing"),
        ("id: a\nid: b", "id twice"),
        ("- a", "is no mapping"),
        ("{[a]: b}", "unhashable"),
        ("!!python/object/apply:os.getcwd []", "could not determine a constructor"),
    ],
)
def test_a_file_that_is_no_plain_mapping_is_refused(
    tmp_path: Path, content: str, said: str
) -> None:
    path = tmp_path / "ache.yml"
    path.write_text(content, "utf-8")
    with pytest.raises(RuleFault, match=said) as raised:
        read(path, base())
    assert str(raised.value).startswith("ache.yml: ")
    assert "\n" not in str(raised.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ache.yml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RuleFault, match=r"^ache\.yml: "):
        read(path, base())


def test_two_presentations_of_one_number_are_refused(tmp_path: Path) -> None:
    written(tmp_path, document("ache"), "ache")
    written(tmp_path, document("pain"), "pain")
    with pytest.raises(RuleFault, match=r"pain\.yml: number 99 is that of ache\.yml"):
        read_folder(tmp_path, base())


def test_the_fifty_presentations_stand_in_the_order_of_their_numbers() -> None:
    assert [one.number for one in catalogue().values()] == list(range(1, 51))
    assert {path.stem for path in FOLDER.glob("*.yml")} == set(catalogue())


def test_the_files_are_read_once() -> None:
    assert catalogue() is catalogue()


def test_all_presentations_are_read_in_half_a_second() -> None:
    took = []
    for _ in range(3):
        started = time.process_time()
        read_folder(FOLDER, base())
        took.append(time.process_time() - started)
    assert min(took) < 0.5


def test_the_base_names_only_presentations_that_there_are() -> None:
    found = base()
    named = {*found.pregnancy_asked, *found.person}.union(*(r.presentations for r in found.remote))
    assert named - set(catalogue()) == set()


def changed_base(folder: Path, change: dict[str, Any]) -> Path:
    """The shipped base with other values of some keys."""
    said = yaml.safe_load(BASE.read_text("utf-8")) | change
    return written(folder, said, "base")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": 1}, "is no mapping of "),
        ({"questions": []}, "question age is missing"),
        ({"questions": [{"id": "x", "kind": "song"}]}, "question x: kind song is unknown"),
        ({"questions": [{"id": "x", "level": 5}]}, "question x: level is not 1, 2, 3 or 4"),
        ({"questions": [asked("x", 1, kind="one", options=[{"id": "y", "text": text("y" * 20)}])]},
            "option y: en has 23 signs, 20 are the most"),
        ({"reasons": {"old": {}}}, "reason old is unknown"),
        ({"bands": {"severity": [{"above": 1}]}}, "band of severity: above is unknown"),
        ({"remote": [{"id": "x", "weather": 1}]}, "remote x: weather is unknown"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_base_is_said(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(RuleFault) as raised:
        read_base(changed_base(tmp_path, change))
    assert str(raised.value).startswith("base.yml: ")
    assert said in str(raised.value)
