"""Questionnaires for the tests of the flow that plays them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from clinic.questionnaire.read import read
from clinic.questionnaire.types import Questionnaire
from flows import events, questionnaire
from flows.events import FormOption, FormsListed, FormSubmitted
from flows.form_effects import OpenForm, SubmitForm
from tests.flows.talk import Talk
from tests.flows.world import CTX, HANA

SHIPPED = Path(__file__).parents[2] / "clinic/questionnaire/forms"
REQUEST, FORM = 71, 81


def shipped(name: str) -> Questionnaire:
    """One of the questionnaires that come with the product."""
    return _read(json.loads((SHIPPED / f"{name}.json").read_text("utf-8")))


def form(*items: dict[str, Any], title: str = "A few questions") -> Questionnaire:
    """A questionnaire of these items."""
    return _read(
        {
            "resourceType": "Questionnaire",
            "status": "active",
            "url": "https://clinic.example/test",
            "title": title,
            "item": list(items),
        }
    )


def item(link_id: str, kind: str, text: str = "", **more: Any) -> dict[str, Any]:
    """One item as FHIR has it."""
    return {"linkId": link_id, "type": kind, "text": text or f"{link_id}?", **more}


def options(*labels: str) -> list[dict[str, Any]]:
    """The answers of a choice: codes in lower case."""
    return [{"valueCoding": {"code": it.lower(), "display": it}} for it in labels]


def talk(
    asked: Questionnaire, *, draft: dict[str, Any] | None = None, language: str = "en"
) -> Talk:
    """A patient who opened the request of a questionnaire."""
    opened = events.FormOpened(FORM, HANA.id, HANA.name, asked.title.get(language), draft, asked)
    ctx = replace(CTX, language=language, forms={FORM: asked})
    return Talk(
        questionnaire.flow,
        ctx=ctx,
        step=questionnaire.fill_step(REQUEST),
        answers={OpenForm: [opened], SubmitForm: [FormSubmitted()]},
    )


LISTED = FormsListed(
    (FormOption(REQUEST, "A few questions", HANA.name), FormOption(72, "Others", HANA.name))
)


def _read(resource: dict[str, Any]) -> Questionnaire:
    found = read(resource)
    assert isinstance(found, Questionnaire), found
    return found
