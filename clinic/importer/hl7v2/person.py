"""PID: who a message speaks of."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import tzinfo

from clinic.importer.hl7v2.message import Field, Segment, day
from clinic.importer.names import Name, Writing, choose
from clinic.importer.types import Numbering, Person, Sex

_WRITINGS: dict[str, Writing] = {"I": "kanji", "P": "kana", "A": "latin"}
_LEGAL = ("L", "", "D", "U")  # legal first; not maiden, nick or other names unless alone
_SEXES: dict[str, Sex] = {
    "M": "male", "1": "male", "F": "female", "2": "female", "O": "other", "A": "other",
}  # fmt: skip
_MOBILE = ("CP",)
_NO_PHONE = ("FX", "MD", "BP", "INTERNET", "X.400", "TDD")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?")
_LONGEST_CHART = 32
_LONGEST_KIND, _LONGEST_NAME = 10, 200
_CHARTS = ("MR", "PI", "")
# Types (HL7 table 0203) that number something else than the record: an account, a visit, a card, an
# insurance. The clinic's own authority may give those too.
_NO_CHARTS = frozenset(
    {"AN", "VN", "SS", "DL", "PPN", "CZ", "JHN", "MA", "MC", "NH", "NI", "NIIP", "SN", "SNO", "BA"}
)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart number, what it was taken from, and which identifiers were passed over."""

    number: str = ""
    taken: Numbering | None = None
    passed_over: tuple[Numbering, ...] = ()


def read_person(
    pid: Segment, zone: tzinfo, authorities: Collection[str]
) -> tuple[Person, Chart, list[str]]:
    """The person, where their number is from, and the fields that could not be read.

    `authorities` (CX-4) are those whose numbers are the clinic's chart numbers; none named: all.
    """
    doubts: list[str] = []
    born, died = pid.get(7), pid.get(29)
    birth_on, died_on = day(born, zone), day(died, zone)
    doubts += ["PID-7"] if born and birth_on is None else []
    doubts += ["PID-29"] if died and died_on is None else []
    named = choose([_name(one) for one in pid.each(5)])
    contacts = [*((0, one) for one in pid.each(13)), *((1, one) for one in pid.each(14))]
    language = _LANGUAGE.fullmatch(pid.get(15))
    numbered = chart(pid, 3, authorities)
    if not pid.each(3) and (old := _plain_number(pid.get(2))):
        numbered = Chart(old, Numbering("PID-2", ""))
    person = Person(
        chart=numbered.number,
        name=named.name,
        kana=named.kana,
        kana_only=named.kana_only,
        birth_on=birth_on,
        sex=_SEXES.get(pid.get(8).upper()),
        phone=_phone(contacts),
        email=_email(contacts),
        language=language.group() if language else "",
        address=_address(pid.each(11)),
        deceased=pid.get(30).upper() == "Y" or bool(died),
        deceased_on=died_on,
    )
    return person, numbered, doubts


def chart(segment: Segment, field: int, authorities: Collection[str]) -> Chart:
    """The chart number in a list of identifiers (CX): a medical record number (MR) before the
    sender's own patient number (PI), and one that says no type only where none says one. Of an
    authority that the clinic names other types count as well, after these.
    """
    found: list[tuple[int, str, Numbering]] = []
    others: list[Numbering] = []
    for one in segment.each(field):
        number, kind = _plain_number(one.get(1)), one.get(5).upper()
        names = [name for part in (1, 2) if (name := one.get(4, part))]
        is_own = not authorities or bool(set(names) & set(authorities))
        counts = kind in _CHARTS or (bool(authorities) and is_own and kind not in _NO_CHARTS)
        told = Numbering(kind[:_LONGEST_KIND], names[0][:_LONGEST_NAME] if names else "")
        if not number:
            continue
        if not counts or (names and not is_own):
            others.append(told)
            continue
        rank = _CHARTS.index(kind) if kind in _CHARTS else len(_CHARTS)
        found.append((rank * 2 + (not is_own), number, told))
    if not found:
        return Chart(passed_over=tuple(dict.fromkeys(others)))
    _, number, told = min(found, key=lambda one: one[0])
    return Chart(number, told)


def _plain_number(number: str) -> str:
    return number if len(number) <= _LONGEST_CHART else ""


def _name(name: Field) -> Name:
    kind = name.get(7).upper()
    return Name(
        family=name.get(1),
        given=" ".join(part for part in (name.get(2), name.get(3)) if part),
        writing=_WRITINGS.get(name.get(8).upper(), ""),
        rank=_LEGAL.index(kind) if kind in _LEGAL else len(_LEGAL),
    )


def _number(contact: Field) -> str:
    if contact.get(12) or contact.get(1):
        return contact.get(12) or contact.get(1)
    country, area, local = (contact.get(n) for n in (5, 6, 7))
    if not local:
        return ""
    return f"+{country} {area} {local}" if country else f"{area}{local}"


def _phone(contacts: list[tuple[int, Field]]) -> str:
    found = [
        (one.get(3).upper() not in _MOBILE, place, number)
        for place, one in contacts
        if one.get(3).upper() not in _NO_PHONE and one.get(2).upper() != "NET"
        if (number := _number(one)) and "@" not in number
    ]
    return min(found, key=lambda one: one[:2])[2] if found else ""


def _email(contacts: list[tuple[int, Field]]) -> str:
    told = [value for _, one in contacts for value in (one.get(4), one.get(1)) if "@" in value]
    return told[0] if told else ""


def _address(addresses: list[Field]) -> str:
    at_home = [one for one in addresses if one.get(7).upper() == "H"]
    for one in at_home or addresses:
        # Code, state, city, street, and what Japan writes in their place as a whole (XAD-8).
        parts = [one.get(n) for n in (5, 4, 3, 1, 2, 8)]
        if any(parts):
            return " ".join(part for part in parts if part)
    return ""
