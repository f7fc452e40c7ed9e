"""Why a doctor is called, in words: of a red-flag rule, a presentation, or a questionnaire."""

import logging

from clinic.escalation.rules import parts
from clinic.observation import rules as observation
from clinic.triage.load import catalogue
from clinic.triage.types import Presentation
from flows import texts
from flows.readings import LABELS
from nlu.red_flags.lexicon import rules

log = logging.getLogger(__name__)
# Rules that belong to no presentation.
OWN = {
    "ambulance": "on_call.reason_ambulance",
    "bad_colour": "on_call.reason_bad_colour",
    "drowning": "on_call.reason_drowning",
    "no_pulse": "on_call.reason_no_pulse",
    "oxygen_low": "on_call.reason_oxygen_low",
    "plan_answer": "on_call.reason_plan",
    "self_harm_now": "on_call.reason_self_harm",
    "self_harm_thoughts": "on_call.reason_self_harm",
    "self_harm_triage": "on_call.reason_self_harm",
    "triage_medicine": "on_call.reason_medicine",
}

READINGS = {observation.rule(kind): label for kind, label in LABELS.items()}


def reason(rule: str, details: tuple[str, ...], language: str) -> str:
    """The reason in a language, with those of other rules that came beside it.

    `details`: ids of what was answered yes to, gravest first, and other rules as
    clinic.escalation.rules.joined writes them. Never fails: an alert goes out with the code of a
    rule where nobody wrote its words.
    """
    return " + ".join(_one(name, codes, language) for name, codes in parts(rule, details))


def _one(rule: str, details: tuple[str, ...], language: str) -> str:
    try:
        return _reason(rule, details, language)
    except Exception as error:  # a fault of the catalogue must not keep a doctor from being called
        log.error("reason: %s %s", rule, type(error).__name__)
        return texts.text("on_call.reason_other", {"rule": rule}, language)


def _reason(rule: str, details: tuple[str, ...], language: str) -> str:
    if kind := READINGS.get(rule):
        measured = {"reason": texts.text(kind, {}, language), "details": "; ".join(details)}
        return texts.text("on_call.reason", measured, language)
    if rule in OWN:
        return texts.text(OWN[rule], {}, language)
    presentation = _presentation(rule)
    if presentation is None:
        return texts.text("on_call.reason_other", {"rule": rule}, language)
    base = {one.id: one.reason for one in presentation.base.questions.values()}
    own = {one.id: one.reason for one in presentation.questions}
    options = {one.id: one.text for one in presentation.base.questions["modifiers"].options}
    asked = {**options, **base, **presentation.base.reasons, **own}
    told = "; ".join(asked[one][language] for one in details if one in asked)
    params = {"reason": presentation.title[language], "details": told}
    return texts.text("on_call.reason", params, language)


def _presentation(rule: str) -> Presentation | None:
    """The presentation of a rule: itself, or the one that a red-flag rule belongs to."""
    name = rule.removeprefix("triage_").removeprefix("silence_")
    if name in catalogue():
        return catalogue()[name]
    number = rules()[rule].presentation if rule in rules() else 0
    return next((one for one in catalogue().values() if number and one.number == number), None)
