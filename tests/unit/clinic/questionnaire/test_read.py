"""What cannot be played is refused, with the item and the reason."""

import json
from typing import Any

import pytest

from clinic.questionnaire.read import LARGEST_FILE, parse, read
from clinic.questionnaire.types import Coding, Questionnaire, Text
from tests.unit.clinic.questionnaire.making import (
    Json,
    expression,
    extension,
    form,
    hidden,
    item,
    limited,
    option,
    problems,
    resource,
)

Q = item("q", "boolean")
CHOICE = item("c", "choice", answerOption=[option("a"), option("b")])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (b"hello", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[1]", "no resource"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b" " * (LARGEST_FILE + 1), "larger than 2 MB"),
    ],
    ids=["empty", "text", "bytes", "a list", "NaN", "a huge number", "brackets", "size"],
)
def test_a_file_that_holds_no_resource_is_refused(content: bytes, reason: str) -> None:
    found = parse(content)
    assert isinstance(found, tuple)
    assert reason in found[0].reason


def test_a_byte_order_mark_does_no_harm() -> None:
    assert parse(b'\xef\xbb\xbf{"resourceType": "Patient"}') == {"resourceType": "Patient"}


@pytest.mark.parametrize("found", [{}, {"resourceType": "Patient"}, {"resourceType": None}])
def test_another_resource_is_refused(found: Json) -> None:
    assert not isinstance(read(found), Questionnaire)


@pytest.mark.parametrize("kind", [None, 5, "x", [], {}, [5], [[]], True])
@pytest.mark.parametrize(
    "key",
    ["item", "type", "text", "linkId", "extension", "enableWhen", "answerOption", "initial",
     "required", "answerValueSet", "maxLength", "enableBehavior", "_text", "prefix"],
)  # fmt: skip
def test_no_wrong_kind_of_value_breaks_the_reader(key: str, kind: Any) -> None:
    """Whatever it answers, it answers."""
    for item_type in ("choice", "string", "group"):
        read(resource({"linkId": "q", "type": item_type, "text": "Q", key: kind}))
    translated = [extension("translation", extension=[{"url": kind, "valueCode": kind}])]
    read(resource(item("q", "boolean", _text={"extension": translated})))
    for part in ("contained", "title", "language", "url", "extension", "item"):
        read(resource(Q, **{part: kind}))


def test_all_problems_are_told_at_once() -> None:
    found = problems(item("a", "group"), item("b", "choice"), item("c", "thing"))
    assert [link_id for link_id, _ in found] == ["a", "b", "c"]


def test_what_changes_nothing_is_left_aside_and_noted() -> None:
    shown_open = {"coding": [{"code": "open-choice"}]}
    found = form(
        limited("a", "string", **{"https://vendor.example/fancy": {"valueBoolean": True}}),
        limited("b", "string", **{"questionnaire-choiceOrientation": {"valueCode": "vertical"}}),
        item("c", "string", extension=[expression("initialExpression", "%patient.name.family")]),
        item(
            "d",
            "choice",
            answerOption=[option("x")],
            extension=[extension("questionnaire-itemControl", valueCodeableConcept=shown_open)],
        ),
        item("e", "string", extension=[hidden()]),
    )
    assert [note.item for note in found.notes] == ["a", "d", "c", "e"]


def test_a_language_that_is_not_wholly_spoken_is_noted() -> None:
    def said(**by_language: str) -> Json:
        return {
            "extension": [
                extension(
                    "translation",
                    extension=[
                        {"url": "lang", "valueCode": language},
                        {"url": "content", "valueString": words},
                    ],
                )
                for language, words in by_language.items()
            ]
        }

    raw = resource(
        item("a", "boolean", _text=said(ja="はい?", ru="Да?")),
        item("b", "boolean", _text=said(ja="いいえ?")),
    )
    found = read(raw, ["en", "ja", "ru"])
    assert isinstance(found, Questionnaire)
    assert found.languages == ("en", "ja")
    assert [note.reason for note in found.notes] == ["it is not wholly translated into ru"]
    words = {"ru": {"b?": "Нет?"}}
    again = read(raw, ["en", "ja", "ru"], words)
    assert isinstance(again, Questionnaire)
    assert again.languages == ("en", "ja", "ru")
    assert again.every["b"].text.get("ru") == "Нет?"


def test_a_value_set_may_be_uploaded_beside() -> None:
    value_set = {
        "resourceType": "ValueSet",
        "url": "http://x.example/vs",
        "compose": {"include": [{"system": "urn:s", "concept": [{"code": "a"}, {"code": "b"}]}]},
    }
    raw = resource(item("c", "choice", answerValueSet="http://x.example/vs|2"))
    found = read(raw, value_sets={"vs.json": value_set})
    assert isinstance(found, Questionnaire)
    assert [one.value for one in found.every["c"].options] == [
        Coding("urn:s", "a"),
        Coding("urn:s", "b"),
    ]


@pytest.mark.parametrize(
    ("value_set", "reason"),
    [
        ({"compose": {"include": [{"system": "urn:s", "filter": [{}]}]}}, "filters"),
        ({"compose": {"include": [{"system": "urn:s"}]}}, "CodeSystem urn:s is not contained"),
        ({"compose": {"include": [{"concept": []}], "exclude": [{}]}}, "excludes"),
        ({"compose": {"include": [{"valueSet": ["#vs"]}]}}, "leads back to itself"),
        ({"compose": {"include": [{}]}}, "names no codes"),
        ({"compose": {"include": []}}, "is empty"),
        ({"expansion": {"contains": [{"code": f"c{n}"} for n in range(501)]}}, "more than 500"),
        ({"compose": {"include": [{"concept": [{"display": "A"}]}]}}, "without code"),
    ],
)
def test_a_value_set_that_cannot_be_unfolded_is_refused(value_set: Json, reason: str) -> None:
    contained = [{"resourceType": "ValueSet", "id": "vs", **value_set}]
    found = problems(item("c", "choice", answerValueSet="#vs"), contained=contained)
    assert any(reason in why for _, why in found), found


def test_a_circle_of_ten_thousand_value_sets_ends() -> None:
    contained = [
        {
            "resourceType": "ValueSet",
            "id": f"v{n}",
            "compose": {"include": [{"valueSet": [f"#v{(n + k) % 50}" for k in range(1, 30)]}]},
        }
        for n in range(50)
    ]
    assert problems(item("c", "choice", answerValueSet="#v0"), contained=contained)


def test_decimals_of_a_file_stay_exact() -> None:
    raw = resource(item("n", "decimal", initial=[{"valueDecimal": 0}]))
    content = json.dumps(raw).replace('"valueDecimal": 0', '"valueDecimal": 1.10')
    parsed = parse(content.encode())
    assert not isinstance(parsed, tuple)
    found = read(parsed)
    assert isinstance(found, Questionnaire)
    assert str(found.every["n"].initial[0]) == "1.10"


def test_chinese_is_found_by_its_script_and_by_its_country() -> None:
    text = Text("pain", (("zh-Hant", "痛嗎"), ("zh-Hans", "痛吗"), ("ja", "痛み")))
    assert [text.get(language) for language in ("zh-TW", "zh-CN", "zh", "ja-JP", "ru", None)] == [
        "痛嗎", "痛吗", "痛吗", "痛み", "pain", "pain",
    ]  # fmt: skip
