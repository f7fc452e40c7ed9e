"""What resources tell of a patient."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from clinic.importer.types import Booking, Condition, Encounter, Issue, Procedure, Supply
from tests.unit.clinic.importer.fhir.making import (
    PATIENT,
    about,
    bundle,
    concept,
    entries,
    issues,
    parts,
    status,
    synthea_patient,
    told,
)

SNOMED = "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
HYPERTENSION = concept(SNOMED, "59621000", "Essential hypertension")
LAST = {"start": "9999-12-31T23:59:59Z"}  # in Tokyo a day that no calendar has
FORTNIGHT = {"value": 14, "code": "d"}
DRUG = concept(RXNORM, "314076", "lisinopril 10 MG")


def visit(**more: Any) -> dict[str, Any]:
    return about(
        "Encounter",
        **{
            "status": "finished",
            "class": {"code": "AMB"},
            "period": {"start": "2026-07-03T23:30:00Z", "end": "2026-07-03T23:45:00Z"},
            **more,
        },
    )


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ({}, [Encounter(date(2026, 7, 4))]),
        ({"period": {"start": "2026-07-03"}}, [Encounter(date(2026, 7, 3))]),
        ({"period": {"start": "2026-07-03T09:00:00"}}, [Encounter(date(2026, 7, 3))]),
        ({"class": {"code": "EMER"}}, [Encounter(date(2026, 7, 4))]),
        ({"class": [{"coding": [{"code": "AMB"}]}]}, [Encounter(date(2026, 7, 4))]),
        ({"status": "planned"}, []),
        ({"status": "in-progress"}, []),
        ({"status": "cancelled"}, []),
        ({"status": "entered-in-error"}, []),
        ({"status": None}, []),
        (
            {"class": {"code": "IMP"}, "period": {"start": "2026-07-03", "end": "2026-07-05"}},
            [Encounter(date(2026, 7, day), "inpatient") for day in (3, 4, 5)],
        ),
        (
            {"class": {"code": "IMP"}, "status": "in-progress", "period": {"start": "2026-07-03"}},
            [Encounter(date(2026, 7, 3), "inpatient")],
        ),
        (
            {"class": {"code": "IMP"}, "period": {"start": "2026-07-03", "end": "2026-07-01"}},
            [Encounter(date(2026, 7, 3), "inpatient")],
        ),
        (
            {"class": {"code": "IMP"}, "period": {"start": "9999-12-31", "end": "9999-12-31"}},
            [Encounter(date(9999, 12, 31), "inpatient")],
        ),
    ],
)
def test_a_finished_encounter_is_a_visit_on_the_clinics_day(
    said: dict[str, Any], days: list[Encounter]
) -> None:
    assert list(told(visit(**said)).encounters) == days


def test_a_stay_of_years_is_cut() -> None:
    period = {"start": "1990-01-01", "end": "2026-01-01"}
    assert len(told(visit(**{"class": {"code": "IMP"}, "period": period})).encounters) == 366


@pytest.mark.parametrize(
    "period", [None, {}, {"start": "2026"}, {"start": 5}, "2026-07-03", [], LAST]
)
def test_an_encounter_without_a_day_is_told(period: object) -> None:
    read = parts(bundle(synthea_patient(), visit(period=period)))
    assert entries(read)[0].encounters == ()
    assert issues(read) == [
        Issue("warn", "date_unreadable", 2, "Encounter", "period", {"count": 1})
    ]


def disease(**more: Any) -> dict[str, Any]:
    return about(
        "Condition",
        **{
            "clinicalStatus": status("active"),
            "verificationStatus": status("confirmed"),
            "code": HYPERTENSION,
            "onsetDateTime": "2011-12-12T19:41:48-05:00",
            **more,
        },
    )


PLAIN = Condition(
    "59621000", "snomed", name="Essential hypertension", started_on=date(2011, 12, 13)
)


def changed(**more: Any) -> Condition:
    values = {name: getattr(PLAIN, name) for name in PLAIN.__slots__}
    return Condition(**{**values, **more})


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        ({}, PLAIN),
        ({"clinicalStatus": status("recurrence")}, PLAIN),
        ({"clinicalStatus": None}, PLAIN),
        ({"verificationStatus": None}, PLAIN),
        ({"clinicalStatus": status("resolved")}, changed(outcome="cured")),
        ({"clinicalStatus": status("inactive")}, changed(outcome="cured")),
        ({"clinicalStatus": status("remission")}, changed(outcome="cured")),
        (
            {"clinicalStatus": status("resolved"), "abatementDateTime": "2012-07-09"},
            changed(outcome="cured", ended_on=date(2012, 7, 9)),
        ),
        ({"verificationStatus": status("provisional")}, changed(suspected=True)),
        ({"verificationStatus": status("differential")}, changed(suspected=True)),
        ({"verificationStatus": status("unconfirmed")}, changed(suspected=True)),
        ({"verificationStatus": status("refuted")}, None),
        ({"verificationStatus": status("entered-in-error")}, None),
        (
            {"onsetDateTime": None, "recordedDate": "2020-01-02"},
            changed(started_on=date(2020, 1, 2)),
        ),
        (
            {"code": concept(ICD10, "I10", "高血圧症")},
            changed(code="I10", system="icd10", icd10="I10", name="高血圧症"),
        ),
        (
            {"code": {"coding": [*HYPERTENSION["coding"], {"system": ICD10, "code": "e78.5"}]}},
            changed(code="E785", system="icd10", icd10="E785"),
        ),
        (
            {"code": {"coding": [{"system": ICD10, "code": "high blood"}], "text": "高血圧症"}},
            changed(code="", system="local", name="高血圧症"),
        ),
        (
            {"code": {"text": "糖尿病の疑い"}},
            changed(code="", system="local", name="糖尿病の疑い", suspected=True),
        ),
        ({"code": concept("urn:x", "A1", "x")}, changed(code="A1", system="local", name="x")),
    ],
)  # fmt: skip
def test_a_condition_is_open_over_suspected_or_none(
    said: dict[str, Any], condition: Condition | None
) -> None:
    assert told(disease(**said)).conditions == ((condition,) if condition else ())


@pytest.mark.parametrize("code", [None, {}, "I10", {"coding": "I10"}, {"coding": [{"code": 10}]}])
def test_a_condition_that_says_nothing_is_told(code: object) -> None:
    read = parts(bundle(synthea_patient(), disease(code=code)))
    assert entries(read)[0].conditions == ()
    assert issues(read) == [Issue("warn", "code_missing", 2, "Condition", "code", {"count": 1})]


@pytest.mark.parametrize(
    ("said", "acts"),
    [
        ({"performedDateTime": "2026-07-03"}, [date(2026, 7, 3)]),
        ({"performedPeriod": {"start": "2026-07-03T01:00:00Z"}}, [date(2026, 7, 3)]),
        ({"performedDateTime": "2026-07-03", "status": "not-done"}, []),
    ],
)
def test_a_procedure_is_an_act_on_its_day(said: dict[str, Any], acts: list[date]) -> None:
    read = told(about("Procedure", **{"status": "completed", "code": HYPERTENSION, **said}))
    assert read.procedures == tuple(
        Procedure("59621000", on, system="snomed", name="Essential hypertension") for on in acts
    )


def test_an_act_without_a_day_is_kept_and_told() -> None:
    act = about("Procedure", status="completed", code=HYPERTENSION)
    read = parts(bundle(synthea_patient(), act))
    assert [one.on for one in entries(read)[0].procedures] == [None]
    assert [one.reason for one in issues(read)] == ["date_unreadable"]


def prescription(**more: Any) -> dict[str, Any]:
    return about(
        "MedicationRequest",
        **{
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": DRUG,
            "authoredOn": "2026-07-03T10:00:00+09:00",
            **more,
        },
    )


def supplied(days: int | None) -> Supply:
    return Supply("314076", date(2026, 7, 3), days, "local", "lisinopril 10 MG")


def lasting(value: object, **more: Any) -> dict[str, Any]:
    return {"expectedSupplyDuration": {"value": value, **({"unit": "d"} | more)}}


@pytest.mark.parametrize(
    ("said", "supplies"),
    [
        ({}, [supplied(None)]),  # Synthea says no days
        ({"status": "stopped"}, [supplied(None)]),
        ({"status": "cancelled"}, []),
        ({"status": "draft"}, []),
        ({"intent": "plan"}, []),
        ({"doNotPerform": True}, []),
        ({"dispenseRequest": lasting(28)}, [supplied(28)]),
        ({"dispenseRequest": lasting(4, unit="weeks")}, [supplied(28)]),
        ({"dispenseRequest": lasting(1, unit="x", code="mo")}, [supplied(30)]),
        (
            {"dispenseRequest": {**lasting(30), "numberOfRepeatsAllowed": 2}},
            [supplied(90)],
        ),
        (
            {"dispenseRequest": {**lasting(90), "numberOfRepeatsAllowed": 99}},
            [supplied(400)],
        ),
        (
            {"dispenseRequest": {**lasting(90), "numberOfRepeatsAllowed": -3}},
            [supplied(90)],
        ),
        (
            # JP Core writes the days beside the dose.
            {"dosageInstruction": [{"timing": {"repeat": {"boundsDuration": FORTNIGHT}}}]},
            [supplied(14)],
        ),
    ],
)  # fmt: skip
def test_a_prescription_supplies_for_its_days_and_repeats(
    said: dict[str, Any], supplies: list[Supply]
) -> None:
    assert list(told(prescription(**said)).supplies) == supplies


@pytest.mark.parametrize("value", [0, -1, 500, "14", None, True, 10**19])
def test_days_that_no_medicine_lasts_are_told_and_left_empty(value: object) -> None:
    read = parts(bundle(synthea_patient(), prescription(dispenseRequest=lasting(value))))
    assert entries(read)[0].supplies == (supplied(None),)
    assert [one.reason for one in issues(read)] == ["supply_days"]


@pytest.mark.parametrize(
    ("said", "supplies"),
    [
        ({"daysSupply": {"value": 14, "unit": "days"}}, [supplied(14)]),
        ({"daysSupply": {"value": 14}}, [supplied(14)]),
        ({}, [supplied(None)]),
        ({"status": "cancelled"}, []),
        ({"whenHandedOver": None, "whenPrepared": "2026-07-03"}, [supplied(None)]),
    ],
)
def test_what_was_handed_over_supplies_for_its_days(
    said: dict[str, Any], supplies: list[Supply]
) -> None:
    resource = about(
        "MedicationDispense",
        **{
            "status": "completed",
            "medicationCodeableConcept": DRUG,
            "whenHandedOver": "2026-07-03",
            **said,
        },
    )
    assert list(told(resource).supplies) == supplies


def test_a_drug_is_found_where_the_prescription_points() -> None:
    drug = {"resourceType": "Medication", "id": "m1", "code": DRUG}
    by_url = prescription(
        medicationCodeableConcept=None, medicationReference={"reference": "urn:uuid:m1"}
    )
    assert told(by_url, drug).supplies == (supplied(None),)
    assert told(drug, by_url).supplies == (supplied(None),)
    by_id = prescription(
        medicationCodeableConcept=None, medicationReference={"reference": "Medication/m1"}
    )
    assert told(by_id, drug).supplies == (supplied(None),)
    contained = prescription(
        medicationCodeableConcept=None,
        medicationReference={"reference": "#m1"},
        contained=[drug],
    )
    assert told(contained).supplies == (supplied(None),)


@pytest.mark.parametrize("drug", [None, {}, {"reference": "Medication/9"}, {"reference": "#9"}])
def test_a_prescription_of_no_drug_is_told(drug: object) -> None:
    resource = prescription(medicationCodeableConcept=None, medicationReference=drug)
    read = parts(bundle(synthea_patient(), resource))
    assert entries(read)[0].supplies == ()
    assert [one.reason for one in issues(read)] == ["code_missing"]


def appointment(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Appointment",
        "id": "a1",
        "status": "booked",
        "start": "2026-08-14T10:00:00+09:00",
        "participant": [
            {"actor": {"reference": "Practitioner/7"}, "status": "accepted"},
            {"actor": {"reference": f"Patient/{PATIENT}"}, "status": "accepted"},
        ],
        **more,
    }


@pytest.mark.parametrize(
    ("said", "booked", "minutes"),
    [
        ({}, "booked", None),
        ({"minutesDuration": 30}, "booked", 30),
        ({"end": "2026-08-14T10:15:00+09:00"}, "booked", 15),
        ({"end": "2026-08-14T09:15:00+09:00"}, "booked", None),
        ({"status": "pending"}, "booked", None),
        ({"status": "cancelled"}, "cancelled", None),
        ({"status": "entered-in-error"}, "cancelled", None),
        ({"status": "noshow"}, "noshow", None),
        ({"status": "checked-in"}, "fulfilled", None),
        ({"participant": [{"actor": {"reference": f"urn:uuid:{PATIENT}"}}]}, "booked", None),
        (
            {"participant": [{"actor": {"reference": f"urn:uuid:{n}"}} for n in ("x", PATIENT)]},
            "booked",
            None,
        ),
    ],
)
def test_an_appointment_is_a_booking(
    said: dict[str, Any], booked: Any, minutes: int | None
) -> None:
    (booking,) = told(appointment(**said)).bookings
    assert booking == Booking(
        booking.key,
        datetime(2026, 8, 14, 1, tzinfo=UTC),
        booked,
        minutes and timedelta(minutes=minutes),
    )
    assert len(booking.key) <= 96


@pytest.mark.parametrize("said", [{"status": "proposed"}, {"status": "waitlist"}, {"status": 1}])
def test_what_was_only_proposed_is_no_booking(said: dict[str, Any]) -> None:
    assert told(appointment(**said)).bookings == ()


@pytest.mark.parametrize("start", [None, "2026-08-14", "soon", "0001-01-01T00:00:00+14:00"])
def test_an_appointment_without_a_time_is_told(start: object) -> None:
    read = parts(bundle(synthea_patient(), appointment(start=start)))
    assert entries(read)[0].bookings == ()
    assert [one.reason for one in issues(read)] == ["date_unreadable"]
