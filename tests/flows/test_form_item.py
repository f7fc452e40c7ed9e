"""Each kind of item is answered in the patient's own manner."""

from datetime import date
from typing import Any

import pytest

from clinic.questionnaire import codec
from clinic.questionnaire.types import Reference, Refusal
from flows.effects import Say
from flows.events import (
    Chose,
    PickedDate,
    Said,
    SentMedia,
)
from flows.form_item import refusal, shown
from tests.flows.forms import form, item, options, talk
from tests.flows.talk import Talk


def answers(talk: Talk) -> dict[str, Any]:
    """What stands in the session, by linkId."""
    data = codec.load(talk.session.step.answers)
    return {path[-1][0]: values for path, values in data.values}


def test_many_options_are_paged_and_several_may_be_picked() -> None:
    labels = [f"Sign {n}" for n in range(12)]
    asked = form(item("signs", "choice", repeats=True, answerOption=options(*labels)))
    patient = talk(asked)
    assert len([it for it in patient.choices if it.startswith("option:")]) == 8
    patient.do("option:2", "page:1", "option:11")
    assert patient.told[-1].params["chosen"] == "Sign 2, Sign 11"
    assert "option:2" not in patient.choices
    patient.do("done")
    assert [it.code for it in answers(patient)["signs"]] == ["sign 2", "sign 11"]


def test_all_options_picked_need_no_done() -> None:
    asked = form(item("signs", "choice", repeats=True, answerOption=options("Cough", "Fever")))
    patient = talk(asked).do("option:0", "option:1")
    assert patient.at == "Summary"


def test_none_of_these_stands_alone() -> None:
    exclusive = "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive"
    none = {
        "valueCoding": {"code": "none", "display": "None of these"},
        "extension": [{"url": exclusive, "valueBoolean": True}],
    }
    asked = form(
        item("signs", "choice", repeats=True, answerOption=[*options("Cough", "Fever"), none])
    )
    assert talk(asked).do("option:2").at == "Summary"
    patient = talk(asked).do("option:0", "option:2", "done")
    assert patient.keys[0] == "form.refused_exclusive"


def test_several_options_are_typed_by_number_or_label() -> None:
    asked = form(
        item("signs", "choice", repeats=True, answerOption=options("Cough", "Fever", "Rash"))
    )
    for said in ("1, 3", "1 3", "cough and rash", "Cough、Rash"):
        patient = talk(asked).do(Said(said))
        assert [it.code for it in answers(patient)["signs"]] == ["cough", "rash"], said
    assert talk(asked).do(Said("1, 9")).keys[0] == "nav.choose"


def test_an_open_choice_takes_the_patients_own_words() -> None:
    asked = form(item("drug", "open-choice", answerOption=options("Aspirin", "Insulin")))
    assert answers(talk(asked).do(Said("Metformin")))["drug"] == ("Metformin",)
    assert answers(talk(asked).do(Said("insulin")))["drug"][0].code == "insulin"
    assert talk(asked).do(SentMedia("sticker")).keys[0] == "form.hint_open_choice"


@pytest.mark.parametrize(
    ("kind", "said", "value"),
    [
        ("integer", "３", 3),
        ("string", "  Hana  ", "Hana"),
        ("text", "a long story", "a long story"),
        ("url", "https://example.com/a", "https://example.com/a"),
        ("date", "1948-03-05", "1948-03-05"),
        ("date", "tomorrow", "2026-11-24"),
        ("dateTime", "tomorrow at 14:30", "2026-11-24T14:30:00+09:00"),
        ("dateTime", "tomorrow", "2026-11-24"),
        ("dateTime", "?!", None),
        ("time", "14:30", "14:30:00"),
        ("time", "?!", None),
        ("integer", "?!", None),
        ("date", "?!", None),
        ("boolean", "?!", None),
    ],
)
def test_typed_answers_are_read_by_the_kind_of_question(
    kind: str, said: str, value: object
) -> None:
    patient = talk(form(item("q", kind), item("r", "boolean"))).do(Said(said))
    if value is None:
        assert patient.keys[-1] == "form.ask"
        assert patient.keys[0] != "form.ask"
        assert "q" not in answers(patient)
    else:
        assert answers(patient)["q"] == (value,)


def test_a_number_is_the_answer_and_not_the_number_of_a_choice() -> None:
    assert talk(form(item("q", "decimal"))).session.step.free_text
    assert not talk(form(item("q", "boolean"))).session.step.free_text


def test_a_decimal_is_read_in_the_patients_manner() -> None:
    patient = talk(form(item("temp", "decimal", "Temperature?")), language="ja").do(Said("38度5分"))
    assert str(answers(patient)["temp"][0]) == "38.5"


UNIT = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption"


def units(*codes: str) -> list[dict[str, Any]]:
    """Units to choose from."""
    system = "http://unitsofmeasure.org"
    return [
        {"url": UNIT, "valueCoding": {"system": system, "code": it, "display": it}} for it in codes
    ]


def test_the_unit_of_a_quantity_must_be_known() -> None:
    one = form(item("weight", "quantity", extension=units("kg")))
    (weight,) = answers(talk(one).do(Said("65,5")))["weight"]
    assert (str(weight.value), weight.code) == ("65.5", "kg")
    two = form(item("sugar", "quantity", extension=units("mg/dL", "mmol/L")))
    assert talk(two).do(Said("110")).keys[0] == "form.hint_unit"
    assert talk(two).do(Said("high")).keys[0] == "form.hint_unit"
    (sugar,) = answers(talk(two).do(Said("6.1 mmol/l")))["sugar"]
    assert sugar.code == "mmol/L"


def test_a_day_can_be_picked() -> None:
    patient = talk(form(item("since", "date"), item("r", "boolean")))
    assert patient.told[-1].date_range is not None
    patient.do(PickedDate(date(2026, 11, 1)))
    assert answers(patient)["since"] == ("2026-11-01",)


def test_a_photo_is_an_answer_where_one_is_asked_for() -> None:
    patient = talk(form(item("photo", "attachment"), item("r", "boolean"))).do(
        SentMedia("image", "m1")
    )
    assert answers(patient)["photo"][0].url == "webchat:m1"
    assert (
        talk(form(item("photo", "attachment"))).do(SentMedia("sticker")).keys[0] == "form.hint_file"
    )


def test_a_reference_is_a_name() -> None:
    patient = talk(form(item("doctor", "reference"), item("r", "boolean"))).do(Said("Dr. Sato"))
    assert answers(patient)["doctor"][0].display == "Dr. Sato"
    assert talk(form(item("doctor", "reference"))).do(Said("  ")).at == "Asking"


def test_groups_are_told_and_repeated_as_often_as_the_patient_wants() -> None:
    group = item(
        "drugs", "group", "Medicines", repeats=True, item=[item("name", "string", "Name?")]
    )
    patient = talk(form(group))
    assert "form.ask_another" in patient.keys
    patient.do("yes", Said("Aspirin"), "yes", Said("Insulin"), "no")
    assert patient.at == "Summary"
    lines = [str(say.params["answer"]) for say in patient.told if say.text == "form.line"]
    assert lines == ["Aspirin", "Insulin"]
    names = [str(say.params["question"]) for say in patient.told if say.text == "form.line"]
    assert names == ["Name? (1)", "Name? (2)"]


@pytest.mark.parametrize(
    ("extension", "said", "refusal"),
    [
        ({"maxLength": 3}, "abcd", "form.refused_too_long"),
        (
            {
                "extension": [
                    {"url": "http://hl7.org/fhir/StructureDefinition/minLength", "valueInteger": 3}
                ]
            },
            "ab",
            "form.refused_too_short",
        ),
        (
            {
                "extension": [
                    {
                        "url": "http://hl7.org/fhir/StructureDefinition/regex",
                        "valueString": "[0-9]{4}",
                    }
                ]
            },
            "ab",
            "form.refused_pattern",
        ),
    ],
)
def test_an_answer_that_is_not_taken_says_why(extension: dict, said: str, refusal: str) -> None:
    patient = talk(form(item("q", "string", **extension))).do(Said(said))
    assert patient.keys == [refusal, "form.ask"]


def test_limits_are_told_with_their_numbers() -> None:
    low = {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": 1}
    patient = talk(form(item("q", "integer", extension=[low]))).do(Said("0"))
    assert patient.told[0] == Say(
        "form.refused_too_small", {"least": "1", "most": "", "format": "", "units": ""}
    )
    patient.do(Said("1.5"))
    assert patient.keys[0] == "form.refused_other"


def test_days_and_numbers_are_shown_as_the_language_writes_them() -> None:
    asked = form(
        item("day", "date"),
        item("at", "dateTime"),
        item("temp", "decimal"),
        item("photo", "attachment"),
    )
    patient = talk(asked, language="ru").do(
        Said("05.03.1948"), Said("завтра в 14:30"), Said("38,50"), SentMedia("image", "1")
    )
    shown = [str(say.params["answer"]) for say in patient.told if say.text == "form.line"]
    assert shown[0].startswith("5 мар")
    assert "14:30" in shown[1]
    assert shown[2:] == ["38,5", "фото или файл"]


def test_what_hangs_under_one_of_several_answers_names_that_answer() -> None:
    since = item("since", "string", "Since when?")
    signs = item(
        "signs", "choice", repeats=True, answerOption=options("Cough", "Rash"), item=[since]
    )
    patient = talk(form(signs)).do("option:0", "option:1")
    assert patient.told[-1].params["words"] == "Since when? (Cough)"
    patient.do(Said("Tea time"), Said("Today"))
    lines = {
        say.params["question"]: say.params["answer"]
        for say in patient.told
        if say.text == "form.line"
    }
    assert lines["Since when? (Rash)"] == "Today"


def test_a_choice_that_is_none_is_asked_again() -> None:
    asked = form(item("signs", "choice", repeats=True, answerOption=options("Cough", "Rash")))
    assert talk(asked).do(Chose("?")).keys == ["nav.choose", "form.ask"]


def test_names_and_lists_in_a_refusal_are_shown() -> None:
    said = refusal(Refusal("unit", {"units": ("kg", "g"), "least": None}), "en")
    assert (said.text, said.params["units"], said.params["least"]) == (
        "form.refused_unit",
        "kg, g",
        "None",
    )
    assert shown(Reference("Practitioner/1"), "en") == "Practitioner/1"


@pytest.mark.parametrize("words", ["糖尿病", "糖尿病也有", "還有糖尿病", "糖尿病も"])
@pytest.mark.parametrize("kind", ["choice", "open-choice"])
def test_what_was_pressed_was_lost_when_more_was_typed(words: str, kind: str) -> None:
    labels = options("高血压", "糖尿病", "哮喘")
    asked = form(item("ill", kind, repeats=True, answerOption=labels))
    patient = talk(asked).do("option:0", Said(words))
    assert [it.code for it in answers(patient)["ill"]] == ["高血压", "糖尿病"]


def test_own_words_add_to_what_was_pressed_and_what_is_said_twice_counts_once() -> None:
    asked = form(item("ill", "open-choice", repeats=True, answerOption=options("Asthma", "Gout")))
    patient = talk(asked).do("option:0", Said("hay fever"))
    assert answers(patient)["ill"][1] == "hay fever"
    assert talk(asked).do("option:0", Said("Asthma")).at == "Summary"
