"""Why an uploaded questionnaire is not understood: codes with what they are about, and English.

The panel has words for the same codes in its own languages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Union

Param = Union[str, int, "Reason"]


@dataclass(frozen=True, slots=True)
class Reason:
    """A code of `ENGLISH`, and what its text names; a Reason within another says more of it."""

    code: str
    params: tuple[tuple[str, Param], ...] = ()

    @classmethod
    def of(cls, code: str, **params: Param) -> "Reason":
        """With what the text names."""
        return cls(code, tuple(params.items()))

    def __str__(self) -> str:
        """In English, as `kayoi questionnaire check` tells it."""
        return ENGLISH[self.code].format(**dict(self.params))


class Refused(ValueError):
    """Something is not understood; says why."""

    def __init__(self, code: str, **params: Param) -> None:
        self.reason = Reason.of(code, **params)
        super().__init__(str(self.reason))


ENGLISH: Mapping[str, str] = {
    "adaptive": "a server chooses the questions",
    "answer_by_another": "an answer by another questionnaire",
    "answers_rule": "a rule between answers",
    "arguments": "{name}() with {count} arguments",
    "behavior": "enableBehavior {value!r}",
    "both": "both {part} and {other}",
    "by_expression": "{part} by an expression",
    "calculated_group": "a calculated value of a group, a display or a repeating item",
    "circular": "what it depends on depends on it",
    "circular_set": "the ValueSet {set} leads back to itself",
    "closed_choice": "a choice: only the listed options, though shown as open",
    "coding_expected": "a Coding is expected",
    "comparator": "a Quantity with a comparator",
    "compared_with": "{question!r} is of type {type}, compared with {kind}",
    "deep_codes": "codes are nested too deeply",
    "deep_expression": "nested too deeply",
    "deep_file": "the file is not JSON (nested too deeply)",
    "display_items": "a display with items under it",
    "empty_group": "a group without items",
    "empty_reference": "an empty Reference",
    "empty_set": "the ValueSet {set} is empty",
    "ends_early": "it ends too early",
    "excluding_set": "the ValueSet {set} excludes codes and has no expansion",
    "expression_language": "{part}: the language {language!r} is not supported",
    "expressions_elsewhere": "expressions that stand elsewhere",
    "filtering_set": "the ValueSet {set} filters codes and has no expansion",
    "for_type": "{part} for the type {type}",
    "from_records": "%{name} comes from records",
    "holds": "{part} holds {why}",
    "instead": "a {kind} instead of a {kinds}",
    "item_twice": "it stands more than once",
    "kind_for_type": "a {kind} for the type {type}",
    "large_file": "the file is larger than {most} MB",
    "large_number": "a number is too large",
    "length_order": "minLength is more than maxLength",
    "link_id_twice": "the linkId stands more than once",
    "long_expression": "longer than {most} characters",
    "long_number": "a number of more than {most} digits",
    "long_text": "a text of more than {most} characters",
    "many_expressions": "more than {most} expressions",
    "many_in_set": "more than {most} options in {set}",
    "many_items": "more than {most} items, or nested deeper than {deepest}",
    "many_options": "more than {most} options",
    "misplaced": "it does not stand here",
    "missing_sign": "{sign!r} is missing",
    "mixed_options": "options of several types",
    "modifies": "{part} may change the meaning of all else",
    "negative": "{part} is negative",
    "no_answer": "no answer to the question ({refusal})",
    "no_attachment_url": "an Attachment without url",
    "no_behavior": "several enableWhen without enableBehavior",
    "no_boolean": "{part} is neither true nor false",
    "no_code": "a Coding without code",
    "no_function": "the function {name}() is not supported",
    "no_item": "there is no such item",
    "no_items": "it has no items",
    "no_json": "the file is not JSON ({error})",
    "no_json_at": "the file is not JSON ({error}: line {line} column {column})",
    "no_link_id": "an item without linkId: {text!r}",
    "no_list": "{part} is no list of objects",
    "no_mime_type": "mimeType: a type such as image/png is missing",
    "no_moment": "{text} is no date or time",
    "no_number": "a number is missing",
    "no_object": "{part} is no object",
    "no_option": "{value!r} is not among the options",
    "no_options": "a choice without options",
    "no_pattern": "not a regular expression ({error})",
    "no_question": "enableWhen: {question!r} is no question of this questionnaire",
    "no_questionnaire": "it is not a FHIR Questionnaire",
    "no_resource": "the file holds no resource",
    "no_response": "it is not a FHIR QuestionnaireResponse",
    "no_string": "{part} is no string",
    "no_text": "a question without text",
    "no_title": "it has no title",
    "no_truth": "true or false is expected",
    "no_url": "it needs a url of at most {most} characters: versions share it",
    "no_value": "{part} is missing",
    "no_whole_number": "a whole number is expected",
    "no_words": "a string is missing",
    "not_asked": "answered, though it is not asked",
    "not_comparable": "{unit} cannot be compared with {units}",
    "not_prefilled": "not filled in beforehand",
    "nul": "it cannot be stored (it holds a NUL character)",
    "object_expected": "an object is expected",
    "occurs_once": "minOccurs or maxOccurs of an item that does not repeat",
    "occurs_small": "maxOccurs is too small",
    "one_expected": "one Questionnaire at a time is expected",
    "operator": "enableWhen: the operator {value!r}",
    "operator_with": "{operator} with {kind}",
    "option_of_type": "an option of the type {type}",
    "options_expression": "options by an expression",
    "options_for_type": "options for the type {type}",
    "part_elsewhere": "a part that stands elsewhere",
    "part_of_another": "a part of another questionnaire",
    "pattern_deep": "groups nested too deeply",
    "pattern_escape": "{sign}",
    "pattern_group": "look-around, flags or names in a group",
    "pattern_possessive": "possessive repetition",
    "pattern_repeats": "too many repetitions",
    "pattern_sign": "{sign!r} at {at}",
    "refused": "{part} is not supported ({why})",
    "required_unasked": "required, but not asked and without a value",
    "same_options": "two options are the same",
    "score_without_code": "a score of an option that is no Coding",
    "set_without_codes": "the ValueSet {set} names no codes",
    "several_initial": "several initial values for one answer",
    "several_units": "several units for a plain number",
    "several_values": "several {part}",
    "some_files": "1 to {most} files are expected",
    "some_uses": "shown in some uses only",
    "twice": "{part} stands more than once",
    "unasked": "not asked and without a value",
    "unasked_prefilled": "not asked, and its value is to come from records (initialExpression)",
    "unexpected": "{sign!r} is not expected",
    "unit_for_type": "a unit for the type {type}",
    "unknown_extension": "{part} is not known and left aside",
    "unknown_key": "{part} is not of FHIR R4",
    "unknown_set": "the ValueSet {set} is not contained in the questionnaire nor uploaded",
    "unknown_system": "the CodeSystem {system} is not contained nor uploaded",
    "unknown_type": "the type {type!r} is not one of FHIR R4",
    "unknown_variable": "an expression uses %{name}, not known in a chat",
    "unreadable": "it cannot be read: {error}",
    "unsafe_text": "a text with {what}",
    "unstorable": "it cannot be stored ({error})",
    "unsupported": "{part} is not supported",
    "untranslated": "it is not wholly translated into {language}",
    "uses_itself": "%{name} uses itself",
    "variable_name": "a variable without name, or one that is taken: {name!r}",
    "within": "{part}: {why}",
    "words_expression": "words or values by an expression",
    "wrong_date": "a date is wrong",
    "wrong_date_time": "a dateTime is wrong",
    "wrong_time": "a time is wrong",
}
