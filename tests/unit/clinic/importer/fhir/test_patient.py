"""Who a FHIR Patient is."""

from datetime import date
from typing import Any

import pytest

from clinic.importer.types import Issue, Numbering, Person
from tests.unit.clinic.importer.fhir.making import (
    PATIENT,
    REPRESENTATION,
    bundle,
    entries,
    identifier,
    issues,
    only,
    parts,
    synthea_patient,
    told,
)


def person(**more: Any) -> Person:
    return only(parts(bundle(synthea_patient(**more)))).person


def written(code: str, family: str, given: str, **more: Any) -> dict[str, Any]:
    extension = [{"url": REPRESENTATION, "valueCode": code}]
    return {"extension": extension, "family": family, "given": [given], **more}


def test_a_patient_of_synthea_is_read_whole() -> None:
    assert told().person == Person(
        chart="MR-0042",
        name="Maria750 Bauch723",
        birth_on=date(1960, 1, 15),
        sex="female",
        phone="555-114-8925",
        language="en-US",
        address="02101 MA Boston 1 Main St",
    )


@pytest.mark.parametrize("kind", ["SS", "DL", "PPN", "PI", ""])
def test_only_a_medical_record_number_is_a_chart_number(kind: str) -> None:
    assert person(identifier=[identifier(kind, "1")]).chart == ""


def test_an_identifier_system_the_clinic_names_is_its_chart_number() -> None:
    own = "urn:oid:1.2.392.100495.20.3.51.11234567890"
    patient = synthea_patient(
        identifier=[identifier("MR", "other"), {"system": own, "value": "00042"}]
    )
    assert only(parts(bundle(patient), charts=(own,))).person.chart == "00042"


def test_it_is_told_what_the_chart_number_was_taken_from() -> None:
    own = {"system": "https://clinic.example/ids", "value": "7"}
    both = synthea_patient(identifier=[identifier("MR", "1"), own])
    named = only(parts(bundle(both), charts=("https://clinic.example/ids",)))
    assert named.chart_from == Numbering("named", "https://clinic.example/ids")
    typed = only(parts(bundle(both)))
    assert typed.chart_from is not None
    assert (typed.chart_from.kind, typed.passed_over) == ("MR", ())
    neither = only(parts(bundle(synthea_patient(identifier=[own, own]))))
    assert neither.chart_from is None
    assert neither.passed_over == (Numbering("", "https://clinic.example/ids"),)


def test_an_old_chart_number_is_not_taken() -> None:
    old = {**identifier("MR", "1"), "use": "old"}
    assert person(identifier=[old, identifier("MR", "2")]).chart == "2"


def test_two_chart_numbers_are_told_and_the_first_is_taken() -> None:
    patient = synthea_patient(identifier=[identifier("MR", "1"), identifier("MR", "2")])
    read = parts(bundle(patient))
    assert entries(read)[0].person.chart == "1"
    assert issues(read) == [
        Issue("warn", "several_charts", 1, "Patient", "identifier", {"count": 1})
    ]


KANJI, READING = written("IDE", "見本", "太郎"), written("SYL", "ミホン", "タロウ")


@pytest.mark.parametrize(
    ("names", "name", "kana", "kana_only"),
    [
        # JP Core
        ([KANJI, READING], "見本 太郎", "ミホン タロウ", False),
        ([READING, KANJI], "見本 太郎", "ミホン タロウ", False),
        ([READING], "ミホン タロウ", "ミホン タロウ", True),
        ([KANJI, written("ABC", "Mihon", "Taro")], "見本 太郎", "", False),
        ([written("ABC", "Mihon", "Taro")], "Taro Mihon", "", False),
        # Without saying which is which
        ([{"text": "見本 太郎"}, {"text": "ﾐﾎﾝ ﾀﾛｳ"}], "見本 太郎", "ﾐﾎﾝ ﾀﾛｳ", False),
        ([{"text": "見本 太郎"}], "見本 太郎", "", False),
        ([{"use": "maiden", "text": "A"}, {"use": "usual", "text": "B"}], "B", "", False),
        ([{"use": "maiden", "text": "A"}], "A", "", False),
        ([{"text": "B"}, {"use": "official", "text": "C"}], "C", "", False),
        ([], "", "", False),
        (["Bauch", None, {"family": 3, "given": "x"}], "", "", False),
        ([{"text": "x" * 201}], "", "", False),
        ([{"text": "見本\x00太郎\ud800"}], "見本 太郎", "", False),
    ],
)  # fmt: skip
def test_a_name_is_written_as_the_source_says(
    names: list[Any], name: str, kana: str, kana_only: bool
) -> None:
    read = person(name=names)
    assert (read.name, read.kana, read.kana_only) == (name, kana, kana_only)


def number(value: str, use: str = "", system: str = "phone", **more: Any) -> dict[str, Any]:
    return {"system": system, "value": value, **({"use": use} if use else {}), **more}


@pytest.mark.parametrize(
    ("telecom", "phone", "email"),
    [
        ([number("1", "home"), number("2", "mobile")], "2", ""),
        ([number("1", "work"), number("2")], "2", ""),
        ([number("1", "old")], "", ""),
        ([number("1", "home", rank=2), number("2", "home", rank=1)], "2", ""),
        ([number("a@example.jp", "home", "email"), number("1", "home", "fax")], "", "a@example.jp"),
        ([number("3", "mobile", "sms")], "3", ""),
        ([], "", ""),
    ],
)
def test_a_mobile_number_comes_before_one_at_home_and_that_before_one_at_work(
    telecom: list[Any], phone: str, email: str
) -> None:
    read = person(telecom=telecom)
    assert (read.phone, read.email) == (phone, email)


@pytest.mark.parametrize(
    ("said", "deceased", "on"),
    [
        ({"deceasedDateTime": "2026-05-01T20:00:00Z"}, True, date(2026, 5, 2)),
        ({"deceasedDateTime": "2026-05-01"}, True, date(2026, 5, 1)),
        ({"deceasedBoolean": True}, True, None),
        ({"deceasedBoolean": False}, False, None),
        ({"deceasedBoolean": "false"}, False, None),
    ],
)
def test_death_is_read_in_the_clinics_day(
    said: dict[str, Any], deceased: bool, on: date | None
) -> None:
    read = person(**said)
    assert (read.deceased, read.deceased_on) == (deceased, on)


def test_a_death_without_its_day_still_counts_and_is_told() -> None:
    read = parts(bundle(synthea_patient(deceasedDateTime="2026")))
    assert entries(read)[0].person.deceased
    assert [one.reason for one in issues(read)] == ["death_unreadable"]


@pytest.mark.parametrize("birth", ["1960", "1960-01", "1960-02-30", "", 19600115, [], "９"])
def test_a_birth_date_that_is_no_day_is_told_and_left_empty(birth: object) -> None:
    read = parts(bundle(synthea_patient(birthDate=birth)))
    assert entries(read)[0].person.birth_on is None
    assert issues(read) == [
        Issue("warn", "birth_unreadable", 1, "Patient", "birthDate", {"count": 1})
    ]


@pytest.mark.parametrize(
    ("language", "read"),
    [("ja", "ja"), ("ja-JP", "ja-JP"), ("zh-Hant-TW", "zh-Hant"), ("Japanese words", ""), ("", "")],
)  # fmt: skip
def test_a_language_is_a_short_tag(language: str, read: str) -> None:
    spoken = [
        {"language": {"coding": [{"code": "en"}]}},
        {"language": {"coding": [{"code": language}]}, "preferred": True},
    ]
    assert person(communication=spoken).language == read


def test_somebody_without_number_and_birth_date_is_left_out() -> None:
    patient = {"resourceType": "Patient", "id": PATIENT, "name": [{"text": "見本"}]}
    assert parts(bundle(patient))[1:] == [Issue("reject", "nobody_named", 1, "Patient")]
