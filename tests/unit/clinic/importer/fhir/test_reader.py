"""Whole files: bundles and NDJSON, whose resources refer to each other in any order."""

import json
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from clinic.importer.fhir import outline
from clinic.importer.types import Encounter, Header, Issue
from tests.unit.clinic.importer.fhir.making import (
    PATIENT,
    about,
    bundle,
    concept,
    entries,
    identifier,
    issues,
    line_parts,
    only,
    parts,
    synthea_patient,
)

NESTED = "[" * 100_000 + "]" * 100_000


def visit(on: str = "2026-07-03", **more: Any) -> dict[str, Any]:
    return about(
        "Encounter",
        **{"status": "finished", "class": {"code": "AMB"}, "period": {"start": on}, **more},
    )


def test_a_file_says_first_that_it_is_fhir() -> None:
    assert parts(bundle(synthea_patient()))[0] == Header("fhir")
    assert line_parts(synthea_patient())[0] == Header("fhir")


@pytest.mark.parametrize("kind", ["transaction", "collection", "searchset", "batch", None])
def test_every_type_of_bundle_is_read(kind: str | None) -> None:
    assert only(parts(bundle(synthea_patient(), visit(), type=kind))).encounters


def test_a_patient_without_clinical_data_is_an_entry() -> None:
    entry = only(parts(bundle(synthea_patient())))
    assert entry.person.chart == "MR-0042"
    assert (entry.encounters, entry.conditions, entry.bookings) == ((), (), ())


@pytest.mark.parametrize(
    "content",
    [
        bundle(),
        {"resourceType": "Bundle", "type": "transaction"},
        bundle({"resourceType": "Organization", "id": "o1", "name": "Example"}),
        bundle({"resourceType": "Practitioner", "id": "p1", "name": [{"family": "Ishi"}]}),
        {"resourceType": "Practitioner", "id": "p1"},
    ],
)
def test_a_bundle_without_patients_is_said_and_no_error(content: dict[str, Any]) -> None:
    assert parts(content) == [Header("fhir"), Issue("warn", "no_patient")]


def test_resources_before_the_patient_and_by_every_form_of_reference_are_found() -> None:
    forms = [
        f"urn:uuid:{PATIENT}",
        f"Patient/{PATIENT}",
        f"Patient/{PATIENT}/_history/3",
        f"https://fhir.example/r4/Patient/{PATIENT}",
    ]
    days = [
        visit(f"2026-07-0{n}", id_=str(n), subject={"reference": form})
        for n, form in enumerate(forms, 1)
    ]
    assert len(only(parts(bundle(*days, synthea_patient()))).encounters) == 4


def test_what_other_resources_say_is_passed_over() -> None:
    noise = [about(name) for name in ("Observation", "Claim", "ExplanationOfBenefit", "Zebra")]
    assert only(parts(bundle(synthea_patient(), *noise))).conditions == ()


def test_patients_of_two_servers_with_the_same_id_stay_two() -> None:
    def searchset(base: str, chart: str) -> dict[str, Any]:
        patient = synthea_patient(id="1", identifier=[identifier("MR", chart, base)])
        seen = visit(id_="e1", subject={"reference": "Patient/1"})
        found = [
            {"fullUrl": f"{base}/{one['resourceType']}/{one['id']}", "resource": one}
            for one in (patient, seen)
        ]
        return {"resourceType": "Bundle", "type": "searchset", "entry": found}

    read = line_parts(searchset("http://a.example", "1"), searchset("http://b.example", "2"))
    assert issues(read) == []
    assert [(one.person.chart, len(one.encounters)) for one in entries(read)] == [
        ("1", 1),
        ("2", 1),
    ]
    first, second = entries(read)
    assert first.key != second.key


def test_what_refers_to_nobody_in_the_file_is_counted() -> None:
    strangers = [visit(id_=str(n), subject={"reference": "Patient/9"}) for n in range(3)]
    read = parts(bundle(synthea_patient(), *strangers, visit(id_="x", subject=None)))
    assert entries(read)[0].encounters == ()
    assert issues(read) == [
        Issue("warn", "patient_missing", 2, "Encounter", "subject", {"count": 4})
    ]


def test_one_patients_key_is_the_same_in_every_export_of_a_system() -> None:
    first = only(parts(bundle(synthea_patient(), visit())))
    later = only(parts(bundle(synthea_patient(gender="other"), visit("2026-08-01"))))
    lines = only(line_parts(synthea_patient(), visit()))
    assert first.key == later.key == lines.key
    assert first.key.startswith("fhir:")
    assert len(first.key) <= 96
    assert PATIENT not in first.key
    assert first.encounters != later.encounters


def test_another_system_or_another_patient_has_another_key() -> None:
    keys = {
        only(parts(bundle(synthea_patient()))).key,
        only(parts(bundle(synthea_patient()), source="b")).key,
        only(parts(bundle(synthea_patient(id="2")))).key,
        only(parts(bundle(synthea_patient(identifier=[identifier("MR", "1", "urn:other")])))).key,
    }
    assert len(keys) == 4


def test_the_newer_of_two_exports_wins_by_its_version() -> None:
    old = only(parts(bundle(synthea_patient(), timestamp="2026-07-01T00:00:00+09:00")))
    new = only(parts(bundle(synthea_patient(), timestamp="2026-06-30T23:00:00Z")))
    assert old.version == "2026-06-30T15:00:00.000000Z"
    assert old.version < new.version
    assert only(parts(bundle(synthea_patient()))).version == ""


def test_without_a_time_of_its_own_a_bundle_is_as_new_as_its_newest_resource() -> None:
    meta = {"lastUpdated": "2026-07-02T00:00:00Z"}
    entry = only(parts(bundle(synthea_patient(), visit(meta=meta))))
    assert entry.version == "2026-07-02T00:00:00.000000Z"


def test_a_resource_that_comes_twice_counts_once_and_the_newer_one() -> None:
    old = visit("2026-07-01", meta={"lastUpdated": "2026-07-01T00:00:00Z"})
    new = visit("2026-07-02", meta={"lastUpdated": "2026-07-02T00:00:00Z"})
    for order in ((old, new), (new, old)):
        entry = only(line_parts(synthea_patient(), *order))
        assert entry.encounters == (Encounter(date(2026, 7, 2)),)


def test_several_exports_in_one_file_give_one_entry_for_each_patient() -> None:
    other = synthea_patient(id="2", identifier=[identifier("MR", "2")])
    read = line_parts(
        visit("2026-07-01", id_="1"),
        synthea_patient(),
        "",
        bundle(synthea_patient(), visit("2026-07-02", id_="2")),
        other,
        visit("2026-07-03", id_="3", subject={"reference": "Patient/2"}),
    )
    assert issues(read) == []
    assert [(one.person.chart, len(one.encounters)) for one in entries(read)] == [
        ("MR-0042", 2),
        ("2", 1),
    ]


def test_a_bundle_of_bundles_is_read() -> None:
    inner = bundle(synthea_patient(), visit())
    assert only(parts(bundle(inner))).encounters
    too_deep = bundle(bundle(bundle(bundle(synthea_patient()))))
    assert "json_deep" in [one.reason for one in issues(parts(too_deep))]


def test_a_single_resource_is_a_file_too() -> None:
    assert only(parts(synthea_patient())).person.chart == "MR-0042"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "json_cut"),
        ("\ufeff  ", "json_cut"),
        ("MSH|^~\\&|", "json"),
        ("[]", "json"),
        ("{}}", "json"),
        ("{'a': 1}", "json"),
        ('{"a" 1}', "json"),
        ('{"a": }', "json"),
        ('{"a": 1 "b": 2}', "json"),
        ('{"entry": [1 2]}', "json"),
        ('{"a": "', "json_cut"),
        ('{"a', "json_cut"),
        ('{"a": [', "json_cut"),
        ('{"a": ["x', "json_cut"),
        ('{"a": {"b": 1', "json_cut"),
        ('{"entry": [{}', "json_cut"),
        ('{"a": 1, "a": 2}', "json_twice"),
        ('{"entry": [], "entry": []}', "json_twice"),
        ('{"a": ' + NESTED + "}", "json_deep"),
        ('{"entry": [' + NESTED + "]}", "json_deep"),
        ('{"a": [' + "[]," * 200_001 + "[]]}", "json_large"),
        ('{"entry": [' + "1," * 500_001 + "1]}", "json_large"),
    ],
)
def test_a_file_that_is_no_whole_json_is_refused(content: str, reason: str) -> None:
    assert parts(content) == [Header("fhir"), Issue("refuse", reason)]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ('{"resourceType": "Encounter", "x": NaN}', "json"),
        ('{"resourceType": "Encounter", "x": -Infinity}', "json"),
        ('{"resourceType": "Encounter", "x": ' + "9" * 5000 + "}", "json"),
        ('{"resourceType": "Encounter", "x": 01}', "json"),
        ('{"resourceType": "Encounter", "x": [1,]}', "json"),
        ('{"resourceType": "Encounter", "x": "\x01"}', "json"),
        ('{"resourceType": "Encounter", "id": "1", "id": "2"}', "json_twice"),
        ('{"resourceType": "Encounter", "x": "' + "y" * 10_000_001 + '"}', "json_large"),
        ('"json_words of the file"', "resource_type"),
        ("1", "resource_type"),
        ("{}", "resource_type"),
        ('{"resourceType": 5}', "resource_type"),
    ],
)
def test_a_broken_resource_is_left_out_and_the_others_are_read(broken: str, reason: str) -> None:
    whole = json.dumps(bundle(synthea_patient(), visit()))
    begin = whole.rindex("]}")
    read = parts(whole[:begin] + ', {"resource": ' + broken + "}" + whole[begin:])
    assert len(entries(read)[0].encounters) == 1
    (issue,) = issues(read)
    assert (issue.severity, issue.reason, issue.line) == ("reject", reason, 3)


@pytest.mark.parametrize("line", ["{", "not json", "[1]", '{"resourceType": "Patient", ', NESTED])
def test_a_broken_line_of_ndjson_is_rejected_alone(line: str) -> None:
    read = line_parts(synthea_patient(), line, visit())
    assert len(entries(read)[0].encounters) == 1
    assert [(one.severity, one.line) for one in issues(read)] == [("reject", 2)]


def test_numbers_too_large_to_reckon_with_do_no_harm() -> None:
    text = json.dumps(
        bundle(synthea_patient(telecom=[{"system": "phone", "value": "1", "rank": 7}]))
    )
    assert only(parts(text.replace('"rank": 7', '"rank": 1e999'))).person.phone == "1"


def test_a_file_of_nothing_but_faults_does_not_name_them_all() -> None:
    read = line_parts(*["{"] * 1_500)
    assert len(issues(read)) == 1_002
    assert issues(read)[-2] == Issue("warn", "more_rejected", values={"count": 1_500})


def test_an_endless_string_takes_no_endless_time() -> None:
    assert outline.outline('{"a": "' + '\\"' * 1_000_000) == "json_cut"
    assert outline.outline('{"a": ["' + '\\"' * 1_000_000) == "json_cut"


@pytest.mark.parametrize("place", ["id", "subject", "code", "status", "class", "period"])
@pytest.mark.parametrize("value", [None, True, 0, -1.5, "", "\ud800\x00", [], [[]], {}, {"x": []}])
def test_anything_anywhere_in_a_resource_does_no_harm(place: str, value: object) -> None:
    resources = [
        about(
            kind,
            **{
                "status": "finished",
                "class": {"code": "AMB"},
                "code": concept("urn:x", "1"),
                "authoredOn": "2026-01-01",
                "start": "2026-01-01T00:00:00Z",
            },
        )
        for kind in ("Encounter", "Condition", "Procedure", "MedicationRequest", "Appointment")
    ]
    for one in resources:
        broken = deepcopy(one) | {place: value}
        read = parts(bundle(synthea_patient(), broken))
        assert len(entries(read)) == 1


@pytest.mark.parametrize("place", list(synthea_patient()))
@pytest.mark.parametrize(
    "value", [None, True, 0, "", "\ud800\x00", [], [[]], [None], {}, {"x": []}]
)
def test_anything_anywhere_in_a_patient_does_no_harm(place: str, value: object) -> None:
    for part in parts(bundle(synthea_patient(**{place: value})), charts=("x",)):
        assert isinstance(part, Header | Issue) or part.person.name.isprintable()


def test_a_patient_from_a_servers_search_and_from_its_export_is_one_entry() -> None:
    base = "http://a.example/"
    old, new = ({"lastUpdated": f"2026-07-0{n}T00:00:00Z"} for n in (1, 2))
    search = bundle(synthea_patient(meta=new, gender="male"), visit("2026-07-01", id_="1"))
    for one in search["entry"]:
        resource = one["resource"]
        one["fullUrl"] = f"{base}{resource['resourceType']}/{resource['id']}"
    line = bundle(synthea_patient(meta=old), visit("2026-07-02", id_="2"))
    for order in ((search, line), (line, search)):
        entry = only(line_parts(*order))
        assert entry.person.sex == "male"
        assert len(entry.encounters) == 2


def test_a_bundle_with_more_members_than_any_has_is_refused() -> None:
    content = "{" + ",".join(f'"{n}":1' for n in range(200_002)) + "}"
    assert issues(parts(content)) == [Issue("refuse", "json_large")]


def test_entries_without_a_resource_are_passed_over() -> None:
    content = bundle(bundle(synthea_patient()))
    content["entry"][0]["resource"]["entry"].append({"request": {"method": "DELETE"}})
    content["entry"].append({"response": {"status": "200"}})
    assert only(parts(content)).person.chart == "MR-0042"


def test_a_new_visit_in_an_old_export_does_not_make_its_patient_the_newer_one() -> None:
    meta = {str(n): {"lastUpdated": f"2026-07-0{n}T00:00:00Z"} for n in (1, 2, 3)}
    search = bundle(synthea_patient(meta=meta["1"]), visit(meta=meta["3"]))
    search["entry"][0]["fullUrl"] = f"http://a.example/Patient/{PATIENT}"
    entry = only(line_parts(search, synthea_patient(meta=meta["2"], gender="male")))
    assert entry.person.sex == "male"
    assert entry.version == "2026-07-03T00:00:00.000000Z"
