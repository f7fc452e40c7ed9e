"""Who an entry speaks of, and which of its fields may be written. Pure.

No rule joins two people by a telephone number or mail address alone (families share them), nor by a
surname with a birth date (twins), and a new insurer's number parts nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from clinic.importer import normal
from clinic.importer.types import Kind, Person, Sex

Source = Literal["staff", "emr", "uke", "chat"]
SOURCES: dict[Kind, Source] = {"uke": "uke", "table": "emr", "fhir": "emr", "hl7": "emr"}
SOURCE_NAMES: tuple[Source, ...] = ("staff", "emr", "uke", "chat")
CONTACT = ("phone", "email", "address", "language")
CLEARED = "\x00clear"  # what a reader writes for "this is to be empty"; nobody's name holds a NUL
# Who is believed, the first most. Of contact data patients and staff know more than any list.
_IDENTITY_RANK: dict[Source, int] = {"staff": 4, "emr": 3, "uke": 2, "chat": 1}
_CONTACT_RANK: dict[Source, int] = {"staff": 3, "chat": 3, "emr": 2, "uke": 1}


@dataclass(frozen=True, slots=True)
class Likeness:
    """A person as far as the rules compare: keys of `clinic.importer.normal`, and blind indexes."""

    chart: str = ""
    chart_loose: str = ""
    name: str = ""  # as written: long ones are compared by their beginning
    name_key: str = ""
    kana_key: str = ""
    birth_on: date | None = None
    sex: Sex | None = None
    phone: str = ""
    insured: str = ""
    kana_only: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A patient of the base."""

    id: int
    like: Likeness


@dataclass(frozen=True, slots=True)
class Same:
    """The entry speaks of this patient."""

    id: int


@dataclass(frozen=True, slots=True)
class New:
    """Nobody of the base."""


Doubt = Literal[
    "birth_differs", "name_differs", "double_chart", "several", "not_proven", "merge_asked"
]


@dataclass(frozen=True, slots=True)
class Review:
    """No rule says; a person decides between the candidates, or makes a new patient."""

    reason: Doubt
    candidates: tuple[int, ...]


Verdict: TypeAlias = Same | New | Review


def likeness(person: Person, phone: str, insured: str) -> Likeness:
    """What of an entry's person is compared. `phone` and `insured` are blind indexes, or empty."""
    return Likeness(
        chart=normal.chart_key(person.chart),
        chart_loose=normal.chart_loose(person.chart) if person.chart else "",
        name=person.name,
        name_key=normal.name_key(person.name),
        kana_key=normal.kana_key(person.kana),
        birth_on=person.birth_on,
        sex=person.sex,
        phone=phone,
        insured=insured,
        kana_only=person.kana_only,
    )


def match(wanted: Likeness, candidates: Sequence[Known]) -> Verdict:
    """Who `wanted` is among the candidates: the rules in their order, the first that speaks wins.

    Candidates share a chart number (with or without leading zeros), or birth date and reading or
    name, with the wanted person; none is provisional.
    """
    if wanted.chart:
        by_chart = _by_chart(wanted, candidates)
        if by_chart is not None:
            return by_chart
    alike = [one for one in candidates if _is_alike(wanted, one.like)]
    if not alike:
        return New()
    if len(alike) > 1:
        return Review("several", _ids(alike))
    (one,) = alike
    if wanted.chart:
        if one.like.chart:
            return Review("double_chart", _ids(alike))
        return Review("not_proven", _ids(alike)) if _differs(wanted, one.like) else Same(one.id)
    if _is_proven(wanted, one.like):
        return Same(one.id)
    return Review("not_proven", _ids(alike))


def _by_chart(wanted: Likeness, candidates: Sequence[Known]) -> Verdict | None:
    exact = [one for one in candidates if one.like.chart == wanted.chart]
    if exact:
        (one,) = exact[:1]  # a chart number is unique
        if wanted.birth_on is None:
            # A list of telephone numbers by chart number: a name, if there is one, must fit.
            fits = not (wanted.name_key or wanted.kana_key) or _is_same_name(wanted, one.like)
            return Same(one.id) if fits else Review("name_differs", _ids(exact))
        if one.like.birth_on is None:
            fits = _is_same_name(wanted, one.like)
            return Same(one.id) if fits else Review("name_differs", _ids(exact))
        same_day = one.like.birth_on == wanted.birth_on
        return Same(one.id) if same_day else Review("birth_differs", _ids(exact))
    loose = [
        one
        for one in candidates
        if one.like.chart_loose == wanted.chart_loose
        and one.like.chart
        and wanted.birth_on is not None
        and one.like.birth_on == wanted.birth_on
    ]
    if len(loose) == 1:
        return Same(loose[0].id)
    return Review("several", _ids(loose)) if loose else None


def _is_alike(wanted: Likeness, known: Likeness) -> bool:
    """Whether name or reading, birth date and, where both tell, sex are the same."""
    if wanted.birth_on is None or wanted.birth_on != known.birth_on:
        return False
    if wanted.sex and known.sex and wanted.sex != known.sex:
        return False
    return _is_same_name(wanted, known)


def _is_same_name(wanted: Likeness, known: Likeness) -> bool:
    if wanted.kana_key and known.kana_key:
        # Another reading of the same kanji is another person, as far as a list can tell.
        return _loose(wanted.kana_key) == _loose(known.kana_key)
    return normal.same_name(wanted.name, known.name)


def _loose(kana_key: str) -> str:
    return kana_key.replace("ー", "")


def _is_proven(wanted: Likeness, known: Likeness) -> bool:
    """Whether something beside reading, birth date and sex is the same."""
    if not (wanted.sex and known.sex and wanted.kana_key and known.kana_key):
        return _shares_number(wanted, known)
    kana_only = wanted.kana_only or known.kana_only
    return kana_only or normal.same_name(wanted.name, known.name) or _shares_number(wanted, known)


def _differs(wanted: Likeness, known: Likeness) -> bool:
    """Whether the same reading is written in other characters, and nothing else is the same."""
    if wanted.kana_only or known.kana_only or not (wanted.name_key and known.name_key):
        return False
    return not (normal.same_name(wanted.name, known.name) or _shares_number(wanted, known))


def _shares_number(wanted: Likeness, known: Likeness) -> bool:
    same_phone = bool(wanted.phone) and wanted.phone == known.phone
    return same_phone or (bool(wanted.insured) and wanted.insured == known.insured)


def _ids(known: Sequence[Known]) -> tuple[int, ...]:
    return tuple(one.id for one in known)


def may_write(
    field: str, value: object, source: Source, *, old: object, old_source: str | None
) -> bool:
    """Whether a source may write a patient's field over what stands there.

    An empty value never empties a field: for that there is CLEARED. `old_source` is who wrote what
    stands there; None if that is not known (a record made before there were imports: staff).
    """
    if value is None or value == "" or value == old:
        return False
    if old is None or old == "":
        return value != CLEARED
    rank = _CONTACT_RANK if field in CONTACT else _IDENTITY_RANK
    was = old_source if old_source in SOURCE_NAMES else "staff"
    return rank[source] >= rank[was]


def keeps_kanji(person: Person, old_name: str) -> bool:
    """Whether the name of an entry must not replace the one that stands: kana never does kanji."""
    return person.kana_only and bool(old_name)


def replaces(new_version: str, old_version: str, old_is_later: bool = False) -> bool:
    """Whether a record of this version takes the place of the one of that version.

    Versions are compared as text: months and instants are written so that this is their order. Of
    the same version the one that was imported later stands; that may be the old one.
    """
    return new_version > old_version or (new_version == old_version and not old_is_later)
