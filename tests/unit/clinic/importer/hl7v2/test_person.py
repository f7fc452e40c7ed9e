"""Who a PID segment speaks of."""

from datetime import date

import pytest

from clinic.importer.types import Issue, Numbering, Person
from tests.unit.clinic.importer.hl7v2.making import (
    PID,
    entries,
    issues,
    message,
    msh,
    only,
    parts,
)

UPDATE = msh("ADT^A08^ADT_A01")


def pid(**fields: str) -> str:
    """A PID; `f5="X"` is PID-5. Without others, somebody with a chart number."""
    told = {3: "1^^^^MR"} | {int(name[1:]): value for name, value in fields.items()}
    return "|".join(["PID", *(told.get(n, "") for n in range(1, 31))])


def person(**fields: str) -> Person:
    return only(UPDATE, pid(**fields)).person


def test_a_japanese_patient_is_read_whole() -> None:
    assert only(UPDATE, PID).person == Person(
        chart="00042",
        name="見本 太郎",
        kana="ミホン タロウ",
        birth_on=date(1960, 1, 15),
        sex="male",
        phone="03-0000-0000",
        address="1000001 東京都千代田区1-1",
    )


@pytest.mark.parametrize(
    ("list_", "chart"),
    [
        ("00042^^^^MR", "00042"),
        ("9^^^^PI~00042^^^^MR", "00042"),
        ("00042^^^^PI", "00042"),
        ("00042", "00042"),
        ("7~00042^^^^PI", "00042"),
        ("999-12-3456^^^^SS", ""),
        ("1^^^^SS~2^^^^DL~3^^^^PPN~4^^^^AN~5^^^^VN", ""),
        ("1234567890^^^^JHN~00042^^^^PI", "00042"),
        ('""', ""),
        ("x" * 33, ""),
    ],
)
def test_a_chart_number_is_a_record_number_or_the_senders_own(list_: str, chart: str) -> None:
    read = parts(message(UPDATE, pid(f3=list_, f5="A^B", f7="19600115")))
    assert entries(read)[0].person.chart == chart


@pytest.mark.parametrize(
    ("list_", "chart"),
    [
        ("1^^^OTHER^MR~2^^^OWN^MR", "2"),
        ("1^^^OTHER&9.8.7&ISO^MR~2^^^X&1.2.3&ISO^PI", "2"),
        ("1^^^OTHER^MR", ""),
        ("1^^^^MR", "1"),
        ("1^^^^MR~2^^^OWN^MR", "2"),
    ],
)
def test_where_the_clinic_names_its_authority_other_numbers_do_not_count(
    list_: str, chart: str
) -> None:
    text = message(UPDATE, pid(f3=list_, f5="A^B", f7="19600115"))
    assert entries(parts(text, "OWN", "1.2.3"))[0].person.chart == chart


@pytest.mark.parametrize(
    ("list_", "chart"),
    [
        ("7^^^OWN^LR", "7"),
        ("1^^^OWN^LR~2^^^OWN^MR", "2"),
        ("1^^^OWN^LR~2^^^^MR", "2"),
        ("7^^^OTHER^LR", ""),
        ("7^^^^LR", ""),
        ("7^^^OWN^VN", ""),
        ("7^^^OWN^AN~8^^^OWN^XX", "8"),
    ],
)
def test_of_the_named_authority_other_types_count_too_but_not_visits_and_cards(
    list_: str, chart: str
) -> None:
    text = message(UPDATE, pid(f3=list_, f5="A^B", f7="19600115"))
    assert entries(parts(text, "OWN"))[0].person.chart == chart


@pytest.mark.parametrize(
    ("fields", "taken", "passed_over"),
    [
        ({"f3": "1^^^OWN&1.2.3&ISO^MR~2^^^X^SS"}, Numbering("MR", "OWN"), ()),
        ({"f3": "1^^^&1.2.3&ISO^pi"}, Numbering("PI", "1.2.3"), ()),
        ({"f3": "1"}, Numbering("", ""), ()),
        ({"f2": "1", "f3": ""}, Numbering("PID-2", ""), ()),
        (
            {"f3": "1^^^X^SS~2^^^X^SS~3^^^^DL~^^^^PPN"},
            None,
            (Numbering("SS", "X"), Numbering("DL", "")),
        ),
    ],
)
def test_it_is_told_what_the_chart_number_was_taken_from(
    fields: dict[str, str], taken: Numbering | None, passed_over: tuple[Numbering, ...]
) -> None:
    entry = only(UPDATE, pid(f5="A^B", f7="19600115", **fields))
    assert (entry.chart_from, entry.passed_over) == (taken, passed_over)


def test_old_senders_write_the_number_in_the_second_field() -> None:
    assert person(f2="00042", f3="").chart == "00042"
    assert person(f2="1", f3="2^^^^SS", f5="A^B", f7="19600115").chart == ""


@pytest.mark.parametrize(
    ("list_", "name", "kana", "kana_only"),
    [
        ("見本^太郎^^^^^L^I~ミホン^タロウ^^^^^L^P", "見本 太郎", "ミホン タロウ", False),
        ("ミホン^タロウ^^^^^L^P~見本^太郎^^^^^L^I", "見本 太郎", "ミホン タロウ", False),
        ("MIHON^TARO^^^^^L^A~見本^太郎^^^^^L^I", "見本 太郎", "", False),
        ("MIHON^TARO^^^^^L^A", "TARO MIHON", "", False),
        ("ミホン^タロウ^^^^^L^P", "ミホン タロウ", "ミホン タロウ", True),
        ("ミホン^タロウ", "ミホン タロウ", "ミホン タロウ", True),
        ("見本^太郎~ﾐﾎﾝ^ﾀﾛｳ", "見本 太郎", "ﾐﾎﾝ ﾀﾛｳ", False),
        ("Bond^James^Herbert^^^^M~Bond^Jim^^^^^L", "Jim Bond", "", False),
        ("van der Berg&van der&Berg^Jan", "Jan van der Berg", "", False),
        ("O\\T\\Brian\\F\\^A\\X41\\B", "A B O&Brian|", "", False),
        ('""', "", "", False),
        ("", "", "", False),
        ("x" * 300, "", "", False),
    ],
)
def test_a_name_is_read_by_what_it_is_written_in(
    list_: str, name: str, kana: str, kana_only: bool
) -> None:
    read = person(f5=list_)
    assert (read.name, read.kana, read.kana_only) == (name, kana, kana_only)


@pytest.mark.parametrize(
    ("born", "on"),
    [
        ("19600115", date(1960, 1, 15)),
        ("196001151030", date(1960, 1, 15)),
        ("19600115000000+0900", date(1960, 1, 15)),
        ("", None),
        ('""', None),
    ],
)
def test_a_birth_date_may_have_a_time_or_be_missing(born: str, on: date | None) -> None:
    assert person(f7=born).birth_on == on


@pytest.mark.parametrize("born", ["1960", "196001", "19600230", "00000000", "S350115", "９９"])
def test_a_malformed_birth_date_is_told_and_left_empty(born: str) -> None:
    read = parts(message(UPDATE, pid(f7=born)))
    assert entries(read)[0].person.birth_on is None
    assert issues(read) == [Issue("warn", "field_unreadable", 1, "PID", "PID-7", {"count": 1})]


@pytest.mark.parametrize(
    ("written", "sex"),
    [("M", "male"), ("F", "female"), ("1", "male"), ("2", "female"), ("f", "female"),
     ("O", "other"), ("U", None), ("", None), ("見", None)],
)  # fmt: skip
def test_sex_is_a_letter_or_a_receipts_number(written: str, sex: str | None) -> None:
    assert person(f8=written).sex == sex


@pytest.mark.parametrize(
    ("home", "work", "phone", "email"),
    [
        ("03-1~^PRN^CP^^^^^^^^^090-2", "", "090-2", ""),
        ("", "03-9", "03-9", ""),
        ("03-1", "090-2^^CP", "090-2", ""),
        ("^PRN^PH^^81^3^12345678", "", "+81 3 12345678", ""),
        ("^PRN^PH^^^03^12345678", "", "0312345678", ""),
        ("^PRN^FX^^^^^^^^^03-1", "", "", ""),
        ("^NET^Internet^a@example.jp~03-1", "", "03-1", "a@example.jp"),
        ("^NET^X.400^a@example.jp", "", "", "a@example.jp"),
        ("a@example.jp", "", "", "a@example.jp"),
        ("", "", "", ""),
    ],
)
def test_numbers_and_mail_are_told_apart(home: str, work: str, phone: str, email: str) -> None:
    read = person(f13=home, f14=work)
    assert (read.phone, read.email) == (phone, email)


@pytest.mark.parametrize(
    ("on", "flag", "deceased", "day"),
    [
        ("20260501", "Y", True, date(2026, 5, 1)),
        ("", "Y", True, None),
        ("20260501120000", "", True, date(2026, 5, 1)),
        ("", "N", False, None),
        ('""', '""', False, None),
    ],
)
def test_death_is_a_flag_or_a_day(on: str, flag: str, deceased: bool, day: date | None) -> None:
    read = person(f29=on, f30=flag)
    assert (read.deceased, read.deceased_on) == (deceased, day)


@pytest.mark.parametrize(
    ("list_", "address"),
    [
        ("1 Main St^^Boston^MA^02101^USA", "02101 MA Boston 1 Main St"),
        ("office^^^^^^B~^^渋谷区^東京都^1510071^JPN^H^本町", "1510071 東京都 渋谷区 本町"),
        ("^^^^^JPN", ""),
    ],
)
def test_an_address_is_the_one_at_home(list_: str, address: str) -> None:
    assert person(f11=list_).address == address


def test_a_language_is_a_short_tag() -> None:
    assert person(f15="ja").language == "ja"
    assert person(f15="日本語").language == ""


def test_somebody_without_number_and_birth_date_is_left_out() -> None:
    read = parts(message(UPDATE, pid(f3="", f5="見本^太郎")))
    assert read[1:] == [Issue("reject", "nobody_named", 1, "PID")]
