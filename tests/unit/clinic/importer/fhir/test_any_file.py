"""Whatever a FHIR file holds: no exception, and none of its words in what is told of it."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.importer.fhir.reader import read_bundle, read_lines
from clinic.importer.types import Entry, Part
from tests.unit.clinic.importer.fhir.making import (
    PATIENT,
    TOKYO,
    about,
    bundle,
    concept,
    entries,
    identifier,
    issues,
    line_parts,
    parts,
    status,
    synthea_patient,
)

SECRET = "見本太郎"
OTHER = synthea_patient(id="2", identifier=[identifier("MR", "2")], name=[{"text": SECRET}])
RESOURCES = [
    synthea_patient(name=[{"text": SECRET}], birthDate=SECRET),
    OTHER,
    about("Encounter", status="finished", period={"start": "2026-07-03"}, note=SECRET),
    about("Encounter", id_="e2", status="finished", period={"start": SECRET}),
    about("Condition", clinicalStatus=status("active"), code={"text": SECRET}),
    about("Condition", id_="c2", code=concept("http://hl7.org/fhir/sid/icd-10", "I10")),
    about("MedicationRequest", authoredOn="2026-07-03", medicationCodeableConcept={"text": SECRET}),
    about("Appointment", participant=[{"actor": {"reference": "Patient/2"}}], start=SECRET),
    about("Procedure", subject={"reference": SECRET}, code=concept(SECRET, SECRET)),
    {"resourceType": SECRET, "id": SECRET},
]
WHOLE = json.dumps(bundle(*RESOURCES), ensure_ascii=False, indent=1)
LINES = [json.dumps(one, ensure_ascii=False) for one in RESOURCES]
quick = settings(derandomize=True, deadline=None, max_examples=200)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["Patient/1", "2026-07-03", "finished", "AMB", "MR", "Bundle", "urn:uuid:1"])
)
MEMBERS = (
    "resourceType id identifier type coding code system value name family given text use telecom "
    "birthDate subject reference status class period start end entry resource fullUrl meta "
    "lastUpdated participant actor dispenseRequest expectedSupplyDuration authoredOn"
)
names = st.sampled_from(MEMBERS.split(" "))
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=6)
)
resources = st.builds(
    lambda one, rest: one | rest,
    st.sampled_from(RESOURCES),
    st.dictionaries(names, values, max_size=2),
)


def says_nothing_of(secret: str, read: list[Part]) -> bool:
    return not any(secret in repr(issue) for issue in issues(read))


@quick
@given(st.integers(0, len(WHOLE) - 1))
def test_a_bundle_cut_anywhere_is_refused_and_gives_nobody(cut: int) -> None:
    read = parts(WHOLE[:cut])
    assert entries(read) == []
    assert [one.severity for one in issues(read)] == ["refuse"]
    assert says_nothing_of(SECRET[:2], read)


@quick
@given(st.lists(st.integers(0, 400), min_size=len(LINES), max_size=len(LINES)))
def test_lines_cut_anywhere_are_rejected_or_read(cuts: list[int]) -> None:
    read = line_parts(*(line[:cut] for line, cut in zip(LINES, cuts, strict=True)))
    assert says_nothing_of(SECRET[:2], read)


@quick
@given(st.permutations(RESOURCES))
def test_the_order_of_resources_changes_nothing(order: list[dict[str, Any]]) -> None:
    def read(resources: list[dict[str, Any]]) -> list[Entry]:
        found = entries(parts(bundle(*resources)))
        return sorted((replace(one, line=0) for one in found), key=lambda one: one.key)

    assert read(order) == read(RESOURCES)


@quick
@given(st.text())
def test_any_text_is_read_without_an_exception(text: str) -> None:
    list(read_bundle(text, TOKYO))
    list(read_lines(enumerate(text.split("\n")), TOKYO))


@quick
@given(st.lists(resources, max_size=6))
def test_any_resources_are_read_without_an_exception(found: list[dict[str, Any]]) -> None:
    for read in (parts(bundle(*found)), line_parts(*found)):
        for entry in entries(read):
            assert len(entry.key) <= 96
            assert len(entry.version) <= 32
            assert "\x00" not in repr(entry)
            repr(entry).encode()  # no half characters, which no database takes


@quick
@given(st.integers(0, len(WHOLE)), st.text(max_size=4), st.integers(0, 4))
def test_a_bundle_with_something_else_inside_says_none_of_its_words(
    at: int, text: str, cut: int
) -> None:
    assert says_nothing_of(SECRET[:2], parts(WHOLE[:at] + text + WHOLE[at + cut :]))


def test_the_patient_of_these_files_is_found() -> None:
    assert len(entries(parts(WHOLE))) == 2
    assert PATIENT in WHOLE
