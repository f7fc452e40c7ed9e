"""FHIR's JSON as strangers write it: everything may be missing, or of another kind."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from clinic.questionnaire.reasons import Param, Reason, Refused
from clinic.questionnaire.text import Unsafe, Words, text_of
from clinic.questionnaire.types import (
    Attachment,
    Coding,
    Problem,
    Quantity,
    Reference,
    Text,
    Value,
)

SCORES = ("ordinalValue", "itemWeight")
_HL7 = re.compile(r"https?://(?:www\.)?hl7\.org/fhir/(?:uv/sdc/)?StructureDefinition/([\w-]+)")


class Misread(Refused):
    """A value is missing or wrong; says how."""


@dataclass(frozen=True, slots=True)
class Source:
    """One element of the resource, with the item it belongs to and where problems go."""

    data: Mapping[str, Any]
    item: str
    problems: list[Problem]
    words: Words

    def problem(self, code: str, **params: Param) -> None:
        """Note why this cannot be played."""
        self.because(Reason.of(code, **params))

    def because(self, why: Reason) -> None:
        """Note this as why it cannot be played."""
        found = Problem(self.item, why)
        if found not in self.problems:
            self.problems.append(found)

    def of(self, data: Mapping[str, Any]) -> "Source":
        """Another element of the same item."""
        return Source(data, self.item, self.problems, self.words)

    def string(self, key: str) -> str:
        """ "" if there is none."""
        found = self.data.get(key, "")
        if isinstance(found, str):
            return found
        self.problem("no_string", part=key)
        return ""

    def flag(self, key: str) -> bool:
        """False if there is none."""
        found = self.data.get(key, False)
        if not isinstance(found, bool):
            self.problem("no_boolean", part=key)
        return found is True

    def many(self, key: str) -> list["Source"]:
        """The elements of a list."""
        found = self.data.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            self.problem("no_list", part=key)
            return []
        return [self.of(one) for one in found]

    def one(self, key: str) -> "Source":
        """An element, empty if there is none."""
        found = self.data.get(key, {})
        if not isinstance(found, dict):
            self.problem("no_object", part=key)
            return self.of({})
        return self.of(found)

    def text(self, key: str) -> Text:
        """Words with their translations, made plain."""
        self.string(key)
        try:
            return text_of(self.data, key, self.words)
        except Unsafe as error:
            self.problem("holds", part=key, why=error.reason)
            return Text()

    def extensions(self) -> Iterator[tuple[str, "Source"]]:
        """Each with its name if it is one of HL7's, else with its whole url."""
        for extension in self.many("extension"):
            url = extension.string("url")
            known = _HL7.fullmatch(url)
            yield (known[1] if known else url), extension

    def kinds(self, prefix: str = "value") -> list[str]:
        """Of a choice of types (`value[x]`) those that are there, such as `Coding`."""
        return [
            key.removeprefix(prefix)
            for key in self.data
            if key.startswith(prefix) and key[len(prefix) :][:1].isupper()
        ]

    def value(self, prefix: str = "value") -> tuple[str, Value]:
        """The type and value of a choice of types; raises Misread."""
        kinds = self.kinds(prefix)
        if len(kinds) != 1:
            raise Misread("several_values" if kinds else "no_value", part=f"{prefix}[x]")
        kind = kinds[0]
        found = self.data[prefix + kind]
        if kind not in _READERS:
            raise Misread("unsupported", part=f"{prefix}{kind}")
        if isinstance(found, Mapping) and kind in ("Coding", "CodeableConcept"):
            return kind, self.coding(self.of(found))
        return kind, _READERS[kind](found)

    def coding(self, source: "Source") -> Coding:
        """A code with its words and score; raises Misread without a code."""
        code = source.string("code")
        if not code:
            raise Misread("no_code")
        display = source.text("display") or Text(code)
        return Coding(source.string("system"), code, display, source.score())

    def score(self) -> Decimal | None:
        """ordinalValue or itemWeight of this element."""
        for name, extension in self.extensions():
            if name in SCORES:
                try:
                    return decimal(extension.data.get("valueDecimal", ""))
                except Misread as error:
                    self.problem("within", part=name, why=error.reason)
        return None


def decimal(found: object) -> Decimal:
    """A number of JSON, of at most 18 digits either side; raises Misread."""
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
        raise Misread("no_number")
    try:
        value = Decimal(str(found))
    except (InvalidOperation, ValueError):  # thousands of digits
        raise Misread("large_number") from None
    if not value.is_finite() or abs(value.adjusted()) > 18 or len(value.as_tuple().digits) > 18:
        raise Misread("large_number")
    return value


def whole(found: object) -> int:
    """An integer of FHIR (32 bits); raises Misread."""
    value = decimal(found)
    if value != int(value) or abs(value) >= 2**31:
        raise Misread("no_whole_number")
    return int(value)


def string(found: object) -> str:
    """A string that says something; raises Misread."""
    if not isinstance(found, str) or not found.strip():
        raise Misread("no_words")
    return found


_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?")


def day(found: object) -> str:
    """A date, also without day or month; raises Misread."""
    text = string(found)
    if not _DATE.fullmatch(text):
        raise Misread("wrong_date")
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :] if len(text) < 10 else text)
    except ValueError:
        raise Misread("wrong_date") from None
    return text


def instant(found: object) -> str:
    """A dateTime with its zone, or a date; raises Misread."""
    text = string(found)
    if not _DATE_TIME.fullmatch(text):
        return day(text)
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise Misread("wrong_date_time") from None
    return text


def clock(found: object) -> str:
    """A time of day; raises Misread."""
    text = string(found)
    if not _TIME.fullmatch(text):
        raise Misread("wrong_time")
    return text


def _boolean(found: object) -> bool:
    if not isinstance(found, bool):
        raise Misread("no_truth")
    return found


def _mapping(found: object) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise Misread("object_expected")
    return found


def quantity(found: object) -> Quantity:
    """A number with its unit; raises Misread."""
    data = _mapping(found)
    unit, system, code = (str(data.get(key, "")) for key in ("unit", "system", "code"))
    if data.get("comparator"):
        raise Misread("comparator")
    return Quantity(decimal(data.get("value", "")), unit, system, code)


def reference(found: object) -> Reference:
    """Another resource; raises Misread if neither it nor its name is given."""
    data = _mapping(found)
    if not (data.get("reference") or data.get("display")):
        raise Misread("empty_reference")
    return Reference(str(data.get("reference", "")), str(data.get("display", "")))


def attachment(found: object) -> Attachment:
    """A file that lies elsewhere; raises Misread for one within the resource."""
    data = _mapping(found)
    if "data" in data or "url" not in data:
        raise Misread("no_attachment_url")
    size = whole(data.get("size", 0))
    return Attachment(
        str(data.get("contentType", "")), size, string(data["url"]), str(data.get("title", ""))
    )


def _no_coding(_found: object) -> Coding:
    raise Misread("object_expected")


_READERS: Mapping[str, Any] = {
    "Boolean": _boolean,
    "Integer": whole,
    "Decimal": decimal,
    "Date": day,
    "DateTime": instant,
    "Time": clock,
    "String": string,
    "Uri": string,
    "Coding": _no_coding,
    "Quantity": quantity,
    "Reference": reference,
    "Attachment": attachment,
}
