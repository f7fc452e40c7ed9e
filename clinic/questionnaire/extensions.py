"""The extensions of FHIR R4 and SDC that questionnaires carry: which are played, which are not."""

from collections.abc import Iterable

from clinic.questionnaire import fhirpath
from clinic.questionnaire.reasons import Reason
from clinic.questionnaire.source import Misread, Source, whole
from clinic.questionnaire.types import Problem, Value

_UNDERSTOOD = {
    "questionnaire-hidden", "minLength", "regex", "entryFormat", "minValue", "maxValue",
    "maxDecimalPlaces", "questionnaire-minOccurs", "questionnaire-maxOccurs", "mimeType", "maxSize",
    "questionnaire-unit", "questionnaire-unitOption", "questionnaire-unitValueSet",
    "questionnaire-itemControl", "questionnaire-displayCategory", "variable",
    "questionnaire-optionExclusive", "questionnaire-optionPrefix", "ordinalValue", "itemWeight",
    "sdc-questionnaire-enableWhenExpression", "sdc-questionnaire-calculatedExpression",
    "sdc-questionnaire-initialExpression", "sdc-questionnaire-minQuantity",
    "sdc-questionnaire-maxQuantity", "https://kayoi.example/fhir/needs-signature",
}  # fmt: skip
# They change what is asked, or which answers are right.
_REFUSED = {
    "questionnaire-constraint": "answers_rule",
    "targetConstraint": "answers_rule",
    "sdc-questionnaire-answerExpression": "options_expression",
    "sdc-questionnaire-candidateExpression": "options_expression",
    "sdc-questionnaire-answerOptionsToggleExpression": "options_expression",
    "sdc-questionnaire-contextExpression": "options_expression",
    "sdc-questionnaire-subQuestionnaire": "part_elsewhere",
    "sdc-questionnaire-assembleContext": "part_of_another",
    "sdc-questionnaire-questionnaireAdaptive": "adaptive",
    "questionnaire-lookupQuestionnaire": "answer_by_another",
    "questionnaire-usageMode": "some_uses",
    "cqf-expression": "words_expression",
    "cqf-calculatedValue": "words_expression",
    "cqf-library": "expressions_elsewhere",
}
# They say how a form is laid out, filled in beforehand, or carried over into records.
_ASIDE = {
    "questionnaire-choiceOrientation", "questionnaire-sliderStepValue", "questionnaire-supportLink",
    "questionnaire-displayCategory", "questionnaire-fhirType", "questionnaire-baseType",
    "questionnaire-signatureRequired", "designNote", "display", "rendering-style",
    "rendering-xhtml",
    "rendering-markdown", "rendering-styleSensitive", "translation", "quantity-precision",
    "structuredefinition-standards-status", "structuredefinition-fmm", "preferredTerminologyServer",
    "sdc-questionnaire-shortText", "sdc-questionnaire-performerType", "sdc-questionnaire-keyboard",
    "sdc-questionnaire-width", "sdc-questionnaire-collapsible", "sdc-questionnaire-entryMode",
    "sdc-questionnaire-isSubject", "sdc-questionnaire-optionalDisplay",
    "sdc-questionnaire-endpoint",
    "sdc-questionnaire-preferredTerminologyServer", "sdc-questionnaire-openLabel",
    "sdc-questionnaire-observationExtract", "sdc-questionnaire-observationLinkPeriod",
    "sdc-questionnaire-observation-extract-category", "sdc-questionnaire-itemExtractionContext",
    "sdc-questionnaire-itemPopulationContext", "sdc-questionnaire-launchContext",
    "sdc-questionnaire-sourceQueries", "sdc-questionnaire-sourceStructureMap",
    "sdc-questionnaire-targetStructureMap", "sdc-questionnaire-definitionExtract",
}  # fmt: skip


class Extensions:
    """The extensions of one element by name; what cannot be played is noted as a problem."""

    def __init__(self, source: Source, notes: list[Problem]) -> None:
        self.source = source
        self._found: dict[str, list[Source]] = {}
        for name, extension in source.extensions():
            if name in _UNDERSTOOD:
                self._found.setdefault(name, []).append(extension)
            elif name in _REFUSED:
                source.problem("refused", part=name, why=Reason(_REFUSED[name]))
            elif name not in _ASIDE:
                notes.append(Problem(source.item, Reason.of("unknown_extension", part=name)))

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def all(self, name: str) -> Iterable[Source]:
        """Those of a name that may stand several times."""
        return self._found.get(name, ())

    def one(self, name: str) -> Source | None:
        """The one of a name that may stand once."""
        found = self._found.get(name, [])
        if len(found) > 1:
            self.source.problem("twice", part=name)
        return found[0] if found else None

    def flag(self, name: str) -> bool:
        """Whether it is there, and true."""
        found = self.one(name)
        return found is not None and found.flag("valueBoolean")

    def value(self, name: str, *kinds: str) -> Value | None:
        """Its value, which has to be of one of these types."""
        found = self.one(name)
        if found is None:
            return None
        try:
            kind, value = found.value()
            if kind not in kinds:
                raise Misread("instead", kind=kind, kinds=" / ".join(kinds))
        except Misread as error:
            self.source.problem("within", part=name, why=error.reason)
            return None
        return value

    def whole(self, name: str) -> int | None:
        """A count: 0 or more."""
        value = self.value(name, "Integer", "Decimal")
        if value is None:
            return None
        try:
            count = whole(value)
        except Misread as error:
            self.source.problem("within", part=name, why=error.reason)
            return None
        if count < 0:
            self.source.problem("negative", part=name)
        return count

    def expression(self, name: str, variables: Iterable[str]) -> fhirpath.Expression | None:
        """The FHIRPath of a valueExpression; `variables` are those declared here."""
        found = self.one(name)
        return None if found is None else read_expression(found, name, frozenset(variables))


def read_expression(
    extension: Source, name: str, variables: frozenset[str]
) -> fhirpath.Expression | None:
    """Parsed; None and a problem if that cannot be."""
    held = extension.one("valueExpression")
    language = held.string("language")
    if language != "text/fhirpath":
        extension.problem("expression_language", part=name, language=language)
        return None
    try:
        return fhirpath.parse(held.string("expression"), variables)
    except fhirpath.Unsupported as error:
        extension.problem("within", part=name, why=error.reason)
        return None
