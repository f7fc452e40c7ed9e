"""Answers as a QuestionnaireResponse, and back; and as the JSON of a conversation's state."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from clinic.questionnaire import codec, response, rules
from clinic.questionnaire.types import Answers, Attachment, Coding, Quantity, Reference
from tests.unit.clinic.questionnaire.making import (
    ON,
    Json,
    form,
    given,
    item,
    option,
    path_of,
    when,
)

FORM = form(
    item("smoker", "boolean", required=True),
    item("packs", "decimal", enableWhen=[when("smoker", answerBoolean=True)]),
    item("often", "choice", answerOption=[option("never", 0), option("daily", 3)]),
    item("drug", "group", item("name", "string", required=True), repeats=True),
    url="https://clinic.example/q",
    version="7",
)
ANSWERS = given(FORM, True, Decimal("1.5"), Coding("", "daily"), True, "A", True, "B", False)


def test_it_names_its_questionnaire_its_patient_and_its_time() -> None:
    found = response.to_fhir(
        FORM,
        ANSWERS,
        status="completed",
        authored_at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
        subject="Patient/12",
    )
    QuestionnaireResponse.model_validate(found)
    assert json.loads(json.dumps(found)) == found
    assert found["questionnaire"] == "https://clinic.example/q|7"
    assert found["subject"] == {"reference": "Patient/12"}
    assert found["authored"] == "2026-11-22T09:30:00+00:00"
    often = found["item"][2]["answer"][0]["valueCoding"]
    assert often["display"] == "Daily"
    assert often["extension"][0]["valueDecimal"] == 3
    assert [group["item"][0]["answer"][0]["valueString"] for group in found["item"][3:]] == [
        "A",
        "B",
    ]


def test_nothing_answered_is_a_response_too() -> None:
    found = response.to_fhir(FORM, rules.begin(ON), status="in-progress")
    QuestionnaireResponse.model_validate(found)
    assert "item" not in found


def test_an_unfinished_response_goes_on_where_it_was() -> None:
    begun = given(FORM, True, Decimal(2))
    found = response.from_fhir(FORM, response.to_fhir(FORM, begun, status="in-progress"), ON)
    assert isinstance(found, Answers)
    assert path_of(FORM, found) == "often"


def _response(*items: Json) -> Json:
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": list(items)}


def _answered(link_id: str, **value: Any) -> Json:
    return {"linkId": link_id, "answer": [value]}


@pytest.mark.parametrize(
    ("found", "where", "reason"),
    [
        ({"resourceType": "Patient"}, "", "not a FHIR QuestionnaireResponse"),
        (_response(_answered("zz", valueBoolean=True)), "zz", "no such item"),
        (_response(_answered("name", valueString="A")), "name", "does not stand here"),
        (_response(*[_answered("smoker", valueBoolean=True)] * 2), "smoker", "more than once"),
        (_response(_answered("smoker", valueInteger=1)), "smoker", "type"),
        (_response(_answered("smoker")), "smoker", "is missing"),
        (_response(_answered("often", valueCoding={"code": "x"})), "often", "not_an_option"),
        (
            _response(_answered("smoker", valueBoolean=False), _answered("packs", valueDecimal=1)),
            "packs",
            "not asked",
        ),
    ],
)
def test_a_response_that_is_none_is_refused(found: Json, where: str, reason: str) -> None:
    problems = response.from_fhir(FORM, found, ON)
    assert isinstance(problems, tuple)
    assert [problem.item for problem in problems] == [where]
    assert reason in problems[0].reason


def test_every_kind_of_value_comes_back_from_json() -> None:
    values = (
        True, 0, -3, Decimal("1.50"), "文字", Coding("urn:s", "a", score=Decimal("0.5")),
        Coding("", "b"), Quantity(Decimal("38.5"), "°C", "urn:u", "Cel"),
        Reference("Practitioner/1", "Dr Sato"), Attachment("image/png", 5, "urn:uuid:1", "a.png"),
    )  # fmt: skip
    for value in values:
        loaded = codec.load_value(json.loads(json.dumps(codec.dump_value(value))))
        assert loaded == value
        assert type(loaded) is type(value)


def test_a_score_survives_json() -> None:
    """An alert looks at the score of an answer that lay in the conversation for days."""
    loaded = codec.load(json.loads(json.dumps(codec.dump(ANSWERS))))
    assert loaded == ANSWERS
    [often] = dict(loaded)[(("often", 0),)]
    assert isinstance(often, Coding)
    assert often.score == 3


def test_what_is_at_hand_is_small() -> None:
    assert len(json.dumps(codec.dump(ANSWERS))) < 400
    assert codec.dump(rules.begin(ON)) == {"on": "2026-11-22"}
