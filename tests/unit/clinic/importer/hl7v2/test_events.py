"""What an event tells of the patient."""

from datetime import UTC, date, datetime, timedelta

import pytest

from clinic.importer.types import Booking, Condition, Encounter, Entry, Issue, Supply
from tests.unit.clinic.importer.hl7v2.making import (
    PID,
    entries,
    issues,
    message,
    msh,
    only,
    parts,
    pv1,
    sch,
)

JULY_3 = Encounter(date(2026, 7, 3))
AUGUST_14 = datetime(2026, 8, 14, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("trigger", "visit", "seen"),
    [
        ("A04", pv1("O", "20260702090000"), [Encounter(date(2026, 7, 2))]),
        ("A04", pv1("O"), [JULY_3]),
        ("A01", pv1("E"), [JULY_3]),
        ("A01", pv1("I", "20260702"), [Encounter(date(2026, 7, 2), "inpatient")]),
        (
            "A03",
            pv1("I", "20260702", "20260704"),
            [Encounter(date(2026, 7, day), "inpatient") for day in (2, 3, 4)],
        ),
        ("A03", pv1("O", "20260702", "20260704"), [Encounter(date(2026, 7, 2))]),
        ("A03", pv1("O"), []),
        ("A05", pv1("O", "20260801"), []),
        ("A04", pv1("P", "20260801"), []),
        ("A08", pv1("O", "20260702"), [Encounter(date(2026, 7, 2))]),
        ("A08", pv1("O"), []),
        ("A28", pv1("N"), []),
        ("A31", pv1("O"), []),
    ],
)
def test_an_admission_or_registration_is_a_visit(
    trigger: str, visit: str, seen: list[Encounter]
) -> None:
    assert list(only(msh(f"ADT^{trigger}"), PID, visit).encounters) == seen


def test_a_registration_is_on_the_day_it_happened_not_when_it_was_sent() -> None:
    entry = only(msh("ADT^A04"), "EVN|A04|20260702233000||||20260701", PID)
    assert entry.encounters == (Encounter(date(2026, 7, 1)),)
    entry = only(msh("ADT^A04"), "EVN|A04|20260702153000+0000", PID)
    assert entry.encounters == (JULY_3,)


def test_a_visit_whose_day_cannot_be_read_is_told() -> None:
    read = parts(message(msh("ADT^A08"), PID, pv1("O", "2026")))
    assert entries(read)[0].encounters == ()
    assert issues(read) == [Issue("warn", "field_unreadable", 1, "PV1", "PV1-44", {"count": 1})]


@pytest.mark.parametrize(
    ("diagnosis", "condition"),
    [
        (
            "DG1|1||I10^本態性高血圧症^I10||20240610|F|||||||||1",
            Condition(
                "I10", "icd10", "I10", "本態性高血圧症", main=True, started_on=date(2024, 6, 10)
            ),
        ),
        ("DG1|1||E78.5^x^ICD10", Condition("E785", "icd10", "E785", "x")),
        ("DG1|1||20054174^胃炎^MDCDX2", Condition("20054174", "local", name="胃炎")),
        ("DG1|1|||糖尿病の疑い", Condition("", "local", name="糖尿病の疑い", suspected=True)),
        ("DG1|1", None),
    ],
)
def test_a_diagnosis_is_a_condition(diagnosis: str, condition: Condition | None) -> None:
    read = only(msh("ADT^A08"), PID, diagnosis).conditions
    assert read == ((condition,) if condition else ())


@pytest.mark.parametrize(
    ("trigger", "said", "status"),
    [
        ("S12", "", "booked"),
        ("S13", "Cancelled", "booked"),
        ("S14", "Booked", "booked"),
        ("S14", "Complete", "fulfilled"),
        ("S14", "NOSHOW^No show", "noshow"),
        ("S14", "x^Cancelled", "cancelled"),
        ("S15", "Booked", "cancelled"),
        ("S15", "", "cancelled"),
        ("S17", "Booked", "cancelled"),
        ("S26", "Booked", "noshow"),
    ],
)
def test_the_trigger_is_believed_before_the_status(trigger: str, said: str, status: str) -> None:
    (booking,) = only(msh(f"SIU^{trigger}"), sch(status=said), PID).bookings
    assert booking == Booking(
        booking.key,
        AUGUST_14,
        status,
        timedelta(minutes=30),  # type: ignore[arg-type]  # of a table
    )


BARE = "SCH||F1"


@pytest.mark.parametrize(
    ("segments", "starts_at", "minutes"),
    [
        ((f"{BARE}|||||||||^^^20260814100000^20260814102000",), AUGUST_14, 20),
        ((BARE, "TQ1|||||||20260814100000|20260814101500"), AUGUST_14, 15),
        ((BARE, "AIS|1||x|20260814100000"), AUGUST_14, None),
        ((BARE, "AIP|1||x|||20260814100000"), AUGUST_14, None),
        ((f"{BARE}|||||||2|H|^^^202608141000",), AUGUST_14, 120),
        ((f"{BARE}|||||||30|furlong|^^^202608141000",), AUGUST_14, None),
        ((f"{BARE}|||||||||^^^202608140100+0000",), AUGUST_14, None),
    ],
)
def test_the_time_of_a_booking_stands_in_one_of_several_places(
    segments: tuple[str, ...], starts_at: datetime, minutes: int | None
) -> None:
    (booking,) = only(msh("SIU^S12"), *segments, PID).bookings
    assert booking.starts_at == starts_at
    assert booking.duration == (minutes and timedelta(minutes=minutes))


@pytest.mark.parametrize("start", ["", "20260814", "soon", "20260814990000"])
def test_a_booking_without_a_time_is_told(start: str) -> None:
    read = parts(message(msh("SIU^S12"), sch(start=start), PID))
    assert entries(read)[0].bookings == ()
    assert issues(read) == [Issue("warn", "field_unreadable", 1, "SCH", "SCH-11", {"count": 1})]


def test_a_cancellation_without_a_time_empties_the_record_of_the_booking() -> None:
    booked = only(msh("SIU^S12", at="20260701"), sch(), PID)
    cancelled = only(msh("SIU^S15"), BARE, PID)
    assert cancelled.key == booked.key
    assert cancelled.bookings == ()


def test_what_becomes_of_a_booking_replaces_it() -> None:
    booked = only(msh("SIU^S12", "1", at="20260701100000"), sch("P1", "F1"), PID)
    moved = only(msh("SIU^S13", "2", at="20260702100000"), sch("", "F1"), PID)
    other = only(msh("SIU^S12", "3"), sch("P1", "F2"), PID)
    assert booked.key == moved.key != other.key
    assert booked.version < moved.version
    assert booked.bookings[0].key == moved.bookings[0].key


def test_a_booking_that_only_its_placer_numbers_goes_by_that() -> None:
    booked, gone = (only(msh(f"SIU^{one}"), sch("P1", ""), PID) for one in ("S12", "S15"))
    assert booked.key == gone.key


@pytest.mark.parametrize("segments", [(sch("", ""), PID), (PID,)])
def test_a_booking_without_a_number_is_rejected(segments: tuple[str, ...]) -> None:
    read = parts(message(msh("SIU^S12"), *segments))
    assert read[1:] == [Issue("reject", "booking_unnumbered", 1, "SCH", "SCH-2")]


ORC = "ORC|NW|12345678||12345678_01|||||20260702"
RXE = "RXE||103835401^ムコダイン錠^HOT|1||TAB"


def order(*segments: str) -> Entry:
    return only(msh("RDE^O11^RDE_O11"), PID, *segments)


@pytest.mark.parametrize(
    ("timing", "days"),
    [
        ("14^D&日&ISO+", 14),
        ("5^d", 5),
        ("2^W", 14),
        ("1^MO", 30),
        ("2^X&週", 14),
        ("14", 14),
        ("36^H", 2),
        ("D14", 14),
        ("W2", 14),
        ("", None),
    ],
)
def test_a_prescription_supplies_for_the_days_of_its_timing(timing: str, days: int | None) -> None:
    entry = order(ORC, RXE, f"TQ1|1|||||{timing}|20260703")
    assert entry.supplies == (Supply("103835401", date(2026, 7, 3), days, "local", "ムコダイン錠"),)


@pytest.mark.parametrize("timing", ["x", "14^furlong", "0^D", "500^D", "99999^D", "-3^D", "14^錠"])
def test_a_timing_that_is_no_number_of_days_is_told(timing: str) -> None:
    read = parts(message(msh("RDE^O11"), PID, ORC, RXE, f"TQ1|1|||||{timing}|20260703"))
    assert [one.days for one in entries(read)[0].supplies] == [None]
    assert issues(read) == [Issue("warn", "field_unreadable", 1, "TQ1", "TQ1-6", {"count": 1})]


def test_each_medicine_of_a_prescription_has_its_own_days() -> None:
    entry = order(
        ORC, RXE, "TQ1|1|||||3^D|20260703", "TQ1|2|||||9^D|20260706",
        ORC, "TQ1|1|||||7^D|20260703", "RXE||2^b",
        "RXE||3^c",
    )  # fmt: skip
    assert [(one.code, one.days) for one in entry.supplies] == [
        ("103835401", 3),
        ("2", 7),
        ("3", None),
    ]
    assert entry.supplies[2].on == date(2026, 7, 2)


def test_older_senders_write_the_days_in_the_medicine() -> None:
    entry = order(ORC, "RXE|1^^D14^20260703|2^b")
    assert entry.supplies == (Supply("2", date(2026, 7, 3), 14, "local", "b"),)


@pytest.mark.parametrize("control", ["CA", "DC", "OC", "OD"])
def test_a_withdrawn_prescription_supplies_nothing_and_replaces_the_order(control: str) -> None:
    given, withdrawn = order(ORC, RXE), order(ORC.replace("NW", control), RXE)
    assert given.key == withdrawn.key
    assert withdrawn.supplies == ()


@pytest.mark.parametrize("drug", ["RXE||", "RXE||" + "9" * 33])
def test_a_prescription_of_no_drug_is_told(drug: str) -> None:
    read = parts(message(msh("RDE^O11"), PID, ORC, drug))
    assert entries(read)[0].supplies == ()
    assert [one.column for one in issues(read)] == ["RXE-2"]


def test_a_prescription_of_no_day_is_told() -> None:
    read = parts(message(msh("RDE^O11", at=""), PID, "ORC|NW|1", RXE))
    assert [one.column for one in issues(read)] == ["TQ1-7"]


def test_a_merge_names_the_chart_number_that_goes() -> None:
    entry = only(msh("ADT^A40^ADT_A39"), PID, "MRG|00099^^^^PI")
    assert (entry.person.chart, entry.merges) == ("00042", "00099")


def test_several_merges_in_one_message_are_several_entries() -> None:
    read = parts(message(msh("ADT^A40"), PID, "MRG|1", PV, PID.replace("00042", "7"), "MRG|8"))
    assert [(one.person.chart, one.merges) for one in entries(read)] == [("00042", "1"), ("7", "8")]
    assert len({one.key for one in entries(read)}) == 2


PV = pv1()


@pytest.mark.parametrize("segments", [(PID,), (PID, "MRG|"), (PID, "MRG|1^^^^SS"), ("MRG|1", PID)])
def test_a_merge_with_nobody_is_rejected(segments: tuple[str, ...]) -> None:
    read = parts(message(msh("ADT^A40"), *segments))
    assert read[1:] == [Issue("reject", "merge_missing", 1, "MRG", "MRG-1")]


def test_a_message_of_several_patients_tells_of_the_first_and_says_so() -> None:
    read = parts(message(msh("SIU^S12"), sch(), PID, PID.replace("00042", "7")))
    assert [one.person.chart for one in entries(read)] == ["00042"]
    assert [one.reason for one in issues(read)] == ["several_patients"]
