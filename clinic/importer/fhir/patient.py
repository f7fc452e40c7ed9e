"""FHIR Patient: who an entry speaks of."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal

from clinic.importer.fhir.values import Node, code_of, day, node, nodes, number, text, word
from clinic.importer.names import LONGEST, Name, Writing, choose
from clinic.importer.types import Numbering, Person, Sex

_REPRESENTATION = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
_WRITINGS: dict[str, Writing] = {"IDE": "kanji", "SYL": "kana", "ABC": "latin"}
_NAME_USES = ("official", "usual", "", "temp", "nickname", "anonymous", "maiden", "old")
_TELECOM_USES = ("mobile", "home", "", "temp", "work")
_ADDRESS_USES = ("home", "", "temp", "work", "billing")
_SEXES: dict[str, Sex] = {"female": "female", "male": "male", "other": "other"}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?(?![A-Za-z])")
_MOST_LISTED = 100  # names, numbers or identifiers of one person that are looked at

Doubt = Literal["birth_unreadable", "several_charts", "death_unreadable"]


@dataclass(frozen=True, slots=True)
class Read:
    """A person, what the chart number was taken from, and what could not be used.

    `passed_over`: the identifiers there are, where none is a chart number.
    """

    person: Person
    chart_from: Numbering | None
    doubts: tuple[tuple[Doubt, str], ...] = ()  # with the element
    passed_over: tuple[Numbering, ...] = ()


def read_patient(patient: Node, zone: tzinfo, charts: Collection[str]) -> Read:
    """The person. `charts`: systems whose identifiers are the clinic's own chart numbers.

    Without them only identifiers of type MR are (Synthea's others are a state's and its own).
    """
    doubts: list[tuple[Doubt, str]] = []
    numbers, others = _chart_numbers(patient, charts)
    if len({value for _, value in numbers}) > 1:
        doubts.append(("several_charts", "identifier"))
    chart_from, chart = numbers[0] if numbers else (None, "")
    birth_on = day(patient.get("birthDate"), zone)
    if birth_on is None and patient.get("birthDate") is not None:
        doubts.append(("birth_unreadable", "birthDate"))
    died = patient.get("deceasedDateTime")
    died_on = day(died, zone)
    if died is not None and died_on is None:
        doubts.append(("death_unreadable", "deceasedDateTime"))
    named = choose([_name(one) for one in nodes(patient.get("name"))[:_MOST_LISTED]])
    person = Person(
        chart=chart,
        name=named.name,
        kana=named.kana,
        kana_only=named.kana_only,
        birth_on=birth_on,
        sex=_SEXES.get(word(patient.get("gender"))),
        phone=_telecom(patient, "phone") or _telecom(patient, "sms"),
        email=_telecom(patient, "email"),
        language=_language(patient),
        address=_address(patient),
        deceased=isinstance(died, str) or patient.get("deceasedBoolean") is True,
        deceased_on=died_on,
    )
    return Read(person, chart_from, tuple(doubts), () if numbers else others)


def _chart_numbers(
    patient: Node, charts: Collection[str]
) -> tuple[list[tuple[Numbering, str]], tuple[Numbering, ...]]:
    """The chart numbers, and which other identifiers there are."""
    found: list[tuple[Numbering, str]] = []
    others: list[Numbering] = []
    for one in nodes(patient.get("identifier"))[:_MOST_LISTED]:
        system, value = text(one.get("system")), text(one.get("value"), 32)
        if not value or word(one.get("use")) == "old":
            continue
        kind = code_of(one.get("type"))
        if system in charts:
            found.append((Numbering("named", system), value))
        elif kind == "MR":
            found.append((Numbering("MR", system), value))
        else:
            others.append(Numbering(kind, system))
    # The clinic's own number, where it says which that is, needs no other beside it.
    own = [one for one in found if one[0].kind == "named"]
    return own or found, tuple(dict.fromkeys(others))


def _name(name: Node) -> Name:
    given = name.get("given")
    parts = given if isinstance(given, list) else []
    writing: Writing = ""
    for extension in nodes(name.get("extension")):
        if extension.get("url") == _REPRESENTATION:
            told = word(extension.get("valueCode")) or word(extension.get("valueString"))
            writing = _WRITINGS.get(told, "")
    use = word(name.get("use"))
    return Name(
        family=text(name.get("family"), LONGEST),
        given=" ".join(part for one in parts[:10] if (part := text(one, LONGEST))),
        text=text(name.get("text"), LONGEST),
        writing=writing,
        rank=_NAME_USES.index(use) if use in _NAME_USES else len(_NAME_USES),
    )


def _telecom(patient: Node, system: str) -> str:
    found: list[tuple[int, float, str]] = []
    for one in nodes(patient.get("telecom"))[:_MOST_LISTED]:
        use, value = word(one.get("use")), text(one.get("value"))
        if word(one.get("system")) == system and use in _TELECOM_USES and value:
            rank = number(one.get("rank"))
            found.append((_TELECOM_USES.index(use), 99.0 if rank is None else rank, value))
    return min(found, key=lambda one: one[:2])[2] if found else ""


def _address(patient: Node) -> str:
    found: list[tuple[int, str]] = []
    for one in nodes(patient.get("address"))[:_MOST_LISTED]:
        use = word(one.get("use"))
        lines = one.get("line")
        parts = [
            *(one.get(name) for name in ("postalCode", "state", "city")),
            *(lines[:10] if isinstance(lines, list) else ()),
        ]
        whole = text(one.get("text"), 400) or " ".join(
            told for part in parts if (told := text(part))
        )
        if use in _ADDRESS_USES and whole:
            found.append((_ADDRESS_USES.index(use), whole))
    return min(found, key=lambda one: one[0])[1] if found else ""


def _language(patient: Node) -> str:
    spoken = nodes(patient.get("communication"))[:_MOST_LISTED]
    preferred = [one for one in spoken if one.get("preferred") is True] or spoken
    told = next((t for one in preferred if (t := code_of(node(one).get("language")))), "")
    found = _LANGUAGE.match(told)
    return found.group() if found else ""
