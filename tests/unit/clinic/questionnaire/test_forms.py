"""The shipped questionnaires: whole, in every language, readable, and what they add up to."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from clinic.questionnaire import scoring
from clinic.questionnaire.scoring import Condition, forms

HERE = Path(scoring.__file__).parent / "forms"
SHIPPED = {
    "audit_c",
    "blood_pressure_diary",
    "copd_check",
    "gad_7",
    "glucose_diary",
    "infection_screening",
    "medicine_side_effects",
    "phq_9",
    "pre_visit_intake",
    "quality_of_life",
    "staff_conduct",
    "teleconsultation",
    "visit_satisfaction",
}
NAMES = sorted(SHIPPED)
NOT_CLINICAL = {"staff_conduct", "visit_satisfaction"}
LANGUAGES = {"en", "ja", "zh-Hant", "zh-Hans", "ru"}
LONGEST = 140  # signs of a text that a patient of 78 reads on a small screen
OWN_RULES = {
    "call_back",
    "conduct_complaint",
    "infection_risk",
    "medicine_changed",
    "phlegm_changed",
    "side_effect",
    "worse_since_visit",
}
HL7 = "http://hl7.org/fhir/StructureDefinition/"
CALCULATED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
COMPARED = {"integer": "answerInteger", "decimal": "answerDecimal"}


@cache
def resource(name: str) -> Any:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def extensions(element: dict[str, Any], name: str) -> list[dict[str, Any]]:
    url = name if name.startswith("http") else HL7 + name
    return [found for found in element.get("extension", ()) if found["url"] == url]


def elements(element: Any) -> Iterator[dict[str, Any]]:
    """The resource and every object within it, but for those that only translate."""
    if isinstance(element, dict):
        yield element
        for key, value in element.items():
            if not key.startswith("_"):
                yield from elements(value)
    elif isinstance(element, list):
        for value in element:
            yield from elements(value)


def words(element: dict[str, Any], key: str) -> dict[str, str]:
    """A text in every language it stands in."""
    found = {"en": element[key]}
    for translation in extensions(element.get("_" + key, {}), "translation"):
        parts = {part["url"]: part for part in translation["extension"]}
        found[parts["lang"]["valueCode"]] = parts["content"]["valueString"]
    return found


def texts(name: str) -> Iterator[dict[str, str]]:
    for element in elements(resource(name)):
        for key in ("title", "text", "display"):
            if isinstance(element.get(key), str):
                yield words(element, key)


def items(name: str) -> dict[str, Any]:
    """The items by linkId; no shipped form nests them."""
    return {item["linkId"]: item for item in resource(name)["item"]}


def codes(item: dict[str, Any]) -> dict[str, Any]:
    """The codes of an item's options, with the score of each."""
    found = {}
    for option in item.get("answerOption", ()):
        score = extensions(option["valueCoding"], "ordinalValue")
        found[option["valueCoding"]["code"]] = score[0]["valueDecimal"] if score else None
    return found


def scored(item: dict[str, Any]) -> bool:
    return any(score is not None for score in codes(item).values())


def test_these_forms_are_shipped() -> None:
    assert {path.stem for path in HERE.iterdir()} == SHIPPED
    assert set(forms()) <= SHIPPED


@pytest.mark.parametrize("name", NAMES)
def test_a_form_is_valid_fhir(name: str) -> None:
    from fhir.resources.R4B.questionnaire import Questionnaire  # slow to import

    written = (HERE / f"{name}.json").read_text(encoding="utf-8")
    Questionnaire.model_validate_json(written)
    assert written == json.dumps(resource(name), ensure_ascii=False, indent=2) + "\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_form_says_what_it_is(name: str) -> None:
    form = resource(name)
    assert form["url"] == f"https://kayoi.example/fhir/Questionnaire/{name}"
    assert (form["name"], form["version"], form["status"]) == (name, "1", "active")
    signature = extensions(form, "https://kayoi.example/fhir/needs-signature")
    assert [found["valueBoolean"] for found in signature] == [True] * (name not in NOT_CLINICAL)


@pytest.mark.parametrize("name", NAMES)
def test_every_text_stands_in_every_language_and_is_short(name: str) -> None:
    for text in texts(name):
        assert set(text) == LANGUAGES, text
        for language, content in text.items():
            assert content.strip() == content, text
            assert 0 < len(content) <= LONGEST, (language, content)


@pytest.mark.parametrize("name", NAMES)
def test_every_question_is_written_in_the_script_of_its_language(name: str) -> None:
    for item in items(name).values():
        text = words(item, "text")
        assert re.search("[а-я]", text["ru"]), text
        assert re.search("[ぁ-ゖ]", text["ja"]) or item.get("readOnly"), text
        assert not re.search("[ぁ-ゖァ-ヺа-я]", text["zh-Hant"] + text["zh-Hans"]), text
        assert not re.search("[^\x00-\x7f–°]", text["en"]), text


@pytest.mark.parametrize("name", NAMES)
def test_a_form_is_short_and_its_items_are_told_apart(name: str) -> None:
    found = resource(name)["item"]
    assert 5 <= len(found) <= 15
    assert len(items(name)) == len(found)
    for item in found:
        assert len(codes(item)) == len(item.get("answerOption", ()))
        assert ("answerOption" in item) == (item["type"] in ("choice", "open-choice"))


@pytest.mark.parametrize("name", NAMES)
def test_a_condition_asks_for_an_earlier_item_and_an_option_that_it_has(name: str) -> None:
    known: dict[str, Any] = {}
    for item in resource(name)["item"]:
        conditions = item.get("enableWhen", ())
        assert ("enableBehavior" in item) == (len(conditions) > 1)
        for condition in conditions:
            asked = known[condition["question"]]
            (answer,) = (key for key in condition if key.startswith("answer"))
            if answer == "answerCoding":
                assert condition["answerCoding"]["code"] in codes(asked)
            elif answer == "answerBoolean":
                assert asked["type"] == "boolean"
            else:
                assert answer == COMPARED[asked["type"]]
        known[item["linkId"]] = item


@pytest.mark.parametrize("name", NAMES)
def test_what_has_scores_adds_up_to_the_hidden_total(name: str) -> None:
    parts = {link for link, item in items(name).items() if scored(item)}
    if not parts or name == "visit_satisfaction":
        assert "total" not in items(name)
        return
    total = items(name)["total"]
    assert (total["type"], total["readOnly"]) == ("integer", True)
    assert extensions(total, "questionnaire-hidden")[0]["valueBoolean"]
    (calculated,) = extensions(total, CALCULATED)
    assert set(re.findall("'(.+?)'", calculated["valueExpression"]["expression"])) == parts
    assert all(items(name)[link]["required"] for link in parts)
    assert forms()[name].total == "total"


@pytest.mark.parametrize("name", sorted(forms()))
def test_an_alert_looks_at_items_and_answers_that_there_are(name: str) -> None:
    for alert in forms()[name].alerts:
        for condition in (*alert.when, *alert.unless):
            assert fits(condition, items(name)[condition.item]), condition


def fits(condition: Condition, item: dict[str, Any]) -> bool:
    """Whether an item can have answers that the condition looks for."""
    limit = condition.below if condition.at_least is None else condition.at_least
    if limit is not None:
        return item["type"] in ("integer", "decimal") or scored(item)
    if isinstance(condition.equals, bool):
        return item["type"] == "boolean"
    wanted = condition.any_of or {condition.equals}
    return not scored(item) and set(wanted) <= set(codes(item))


def test_a_rule_is_a_red_flag_or_one_of_the_forms() -> None:
    flags = Path(scoring.__file__).parents[2] / "nlu" / "red_flags" / "rules.yml"
    red = {rule["id"] for rule in yaml.safe_load(flags.read_text(encoding="utf-8"))["rules"]}
    raised = {alert.rule for form in forms().values() for alert in form.alerts}
    assert raised - red == OWN_RULES


def test_the_meaning_of_scores_needs_a_signature_and_diagnoses_nothing() -> None:
    written = (HERE.parent / "scores.yml").read_text(encoding="utf-8")
    assert written.startswith("# NEEDS A CLINICIAN'S SIGNATURE.")
    assert not re.search("depress|うつ病|抑[鬱郁]症|депресси|disorder|障害|расстройств", written)
    assert {form.signed_by for form in forms().values()} == {None}
