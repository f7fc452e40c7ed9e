"""Rows of a patient list to entries: who, and what is left out, with the place and no words."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.importer import reading
from clinic.importer.rules import CLEARED
from clinic.importer.source import Source, survey
from clinic.importer.table.guess import guess
from clinic.importer.table.reader import read
from clinic.importer.table.types import Cell, Mapping, Row
from clinic.importer.types import Booking, Code, Entry, Header, Issue, Part, Person, Supply
from tests.unit.clinic.importer.table.test_workbook import XLS

TODAY = date(2026, 7, 10)
TOKYO = ZoneInfo("Asia/Tokyo")
TITLES = (
    "患者番号", "氏名", "カナ", "生年月日", "性別", "携帯", "電話", "メール", "住所", "言語",
    "最終来院日", "次回予約", "処方日数", "死亡日",
)  # fmt: skip


def parts_of(*rows: tuple[Cell, ...]) -> list[Part]:
    made = [Row(number, row) for number, row in enumerate((TITLES, *rows), 1)]
    return list(read(made, guess(made[:1]), TODAY, TOKYO))


def row(**cells: Cell) -> tuple[Cell, ...]:
    """A patient's row, with the cells told in place of a plain patient's."""
    plain: dict[str, Cell] = {
        "患者番号": "00042", "氏名": "見本 太郎", "カナ": "ミホン タロウ", "生年月日": "S35.1.15",
        "性別": "男",
    }  # fmt: skip
    return tuple((plain | cells).get(title, "") for title in TITLES)


def entry_of(**cells: Cell) -> tuple[Entry, list[Issue]]:
    header, *issues, entry = parts_of(row(**cells))
    assert header == Header("table")
    assert isinstance(entry, Entry)
    return entry, [issue for issue in issues if isinstance(issue, Issue)]


def test_a_row_is_a_person_and_what_the_list_knows_of_visits() -> None:
    entry, issues = entry_of(
        携帯="090-1234-5678",
        電話="03-1234-5678",
        メール="Taro@Example.jp",
        住所="東京都港区１−２",
        言語="日本語",
        最終来院日="2026/7/3",
        次回予約="2026/8/1 10:30",
        処方日数="28日分",
    )
    assert issues == []
    assert entry == Entry(
        key="table",
        line=2,
        person=Person(
            chart="00042",
            name="見本 太郎",
            kana="ミホン タロウ",
            birth_on=date(1960, 1, 15),
            sex="male",
            phone="+819012345678",
            email="taro@example.jp",
            language="ja",
            address="東京都港区１−２",
        ),
        last_visit_on=date(2026, 7, 3),
        supplies=(Supply("supply", date(2026, 7, 3), 28, "local"),),
        bookings=(Booking("table:2026-08-01", datetime(2026, 8, 1, 10, 30, tzinfo=TOKYO)),),
    )


def test_an_empty_cell_says_nothing_and_a_mark_empties_a_contact() -> None:
    assert entry_of()[0].person.phone == ""
    entry, issues = entry_of(携帯="[clear]", メール="［clear］", 住所="[clear]", 言語="[CLEAR]")
    assert issues == []
    assert {entry.person.phone, entry.person.email} == {CLEARED}
    assert {entry.person.address, entry.person.language} == {CLEARED}


def test_the_mark_empties_no_identity() -> None:
    entry, issues = entry_of(カナ="[clear]")
    assert entry.person.kana == ""
    assert issues == [Issue("warn", "clear_not_here", 2, "row", "kana", {"column": 3})]


def test_a_mobile_number_goes_before_a_landline_wherever_it_stands() -> None:
    assert entry_of(携帯="03-1234-5678", 電話="090-1234-5678")[0].person.phone == "+819012345678"
    assert entry_of(電話="03-1234-5678")[0].person.phone == "+81312345678"


def test_a_real_date_cell_is_a_date_and_its_bare_number_is_not() -> None:
    assert entry_of(生年月日=date(1960, 1, 15))[0].person.birth_on == date(1960, 1, 15)
    assert parts_of(row(生年月日="21929"), row(), row())[1] == Issue(
        "reject", "bad_birth", 2, "row", "birth", {"column": 4}
    )


@pytest.mark.parametrize(
    ("cells", "reason", "column"),
    [
        ({"生年月日": "R7.2.30"}, "bad_birth", 4),
        ({"生年月日": "2026-07-11"}, "bad_birth", 4),
        ({"生年月日": "1899-01-01"}, "bad_birth", 4),
        ({"患者番号": "", "氏名": "", "カナ": ""}, "no_person", 2),
        ({"患者番号": "", "生年月日": ""}, "no_person", 4),
    ],
)
def test_a_row_that_tells_nobody_is_rejected_with_its_line_and_column(
    cells: dict[str, Cell], reason: str, column: int
) -> None:
    found = parts_of(row(), row(**cells))
    assert found[2] == Issue(
        "reject", reason, 3, "row", "birth" if column == 4 else "name", {"column": column}
    )
    assert len(found) == 3


@pytest.mark.parametrize(
    ("title", "words", "reason"),
    [
        ("性別", "x", "bad_sex"),
        ("携帯", "090", "bad_phone"),
        ("メール", "taro", "bad_email"),
        ("言語", "x", "bad_language"),
        ("最終来院日", "先週", "bad_date"),
        ("最終来院日", "2026-07-11", "bad_date"),
        ("次回予約", "来週", "bad_date"),
        ("次回予約", "9999-12-31", "bad_date"),
        ("処方日数", "x", "bad_days"),
        ("処方日数", "28", "days_without_visit"),
        ("死亡日", "x", "bad_date"),
    ],
)
def test_what_else_cannot_be_read_is_left_out_with_a_warning(
    title: str, words: str, reason: str
) -> None:
    entry, issues = entry_of(**{title: words})
    plain, _ = entry_of(性別="") if title == "性別" else entry_of()
    assert entry == plain
    assert [(one.severity, one.reason, one.line) for one in issues] == [("warn", reason, 2)]
    assert issues[0].values == {"column": TITLES.index(title) + 1}


def test_an_unknown_sex_is_no_mistake() -> None:
    entry, issues = entry_of(性別="不明")
    assert (entry.person.sex, issues) == (None, [])


def test_a_booking_that_is_past_is_none_and_one_without_a_time_is_at_midnight() -> None:
    assert entry_of(次回予約="2026-07-09")[0].bookings == ()
    (booking,) = entry_of(次回予約="2026-08-01")[0].bookings
    assert booking.starts_at == datetime(2026, 8, 1, tzinfo=TOKYO)


def test_a_day_of_death_marks_the_person() -> None:
    person = entry_of(死亡日="2026-07-01")[0].person
    assert (person.deceased, person.deceased_on) == (True, date(2026, 7, 1))
    assert not entry_of(死亡日="なし")[0].person.deceased


def test_a_list_of_chart_numbers_and_contacts_is_enough() -> None:
    entry, _ = entry_of(氏名="", カナ="", 生年月日="", 携帯="090-1234-5678")
    assert (entry.person.chart, entry.person.name) == ("00042", "")
    assert not entry.person.kana_only


def test_a_name_in_kana_alone_is_known_as_such() -> None:
    assert entry_of(氏名="")[0].person.kana_only
    assert entry_of(氏名="")[0].person.name == "ミホン タロウ"
    assert entry_of(氏名="ﾐﾎﾝﾀﾛｳ")[0].person.kana_only
    assert not entry_of()[0].person.kana_only


def test_parts_of_a_name_and_of_an_insured_number_are_joined() -> None:
    titles = ("患者番号", "姓", "名", "記号", "保険証番号", "枝番")
    made = [Row(1, titles), Row(2, ("1", "見本", "太郎", "12", "", "01"))]
    entry = list(read(made, guess(made), TODAY, TOKYO))[1]
    assert isinstance(entry, Entry)
    assert (entry.person.name, entry.person.insured) == ("見本 太郎", "12//01")


def test_a_day_and_a_time_in_two_columns_are_one_moment() -> None:
    made = [
        Row(1, ("患者番号", "次回予約日", "予約時間")),
        Row(2, ("1", date(2026, 8, 1), "10:30")),
    ]
    entry = list(read(made, guess(made), TODAY, TOKYO))[1]
    assert isinstance(entry, Entry)
    assert entry.bookings[0].starts_at == datetime(2026, 8, 1, 10, 30, tzinfo=TOKYO)


def test_titles_that_come_again_are_no_patient() -> None:
    found = parts_of(row(), TITLES, row())
    assert [one.line for one in found if isinstance(one, Entry)] == [2, 4]


def test_a_list_of_mostly_bad_rows_is_refused_and_so_is_one_of_none() -> None:
    bad = row(生年月日="x")
    refused = Issue("refuse", "mostly_rejected_rows", values={"rejected": 2, "rows": 3})
    assert parts_of(row(), bad, bad)[-1] == refused
    assert isinstance(parts_of(row(), bad)[-1], Issue)
    assert all(one.severity != "refuse" for one in parts_of(row(), bad) if isinstance(one, Issue))
    assert parts_of() == [Header("table"), Issue("refuse", "no_rows")]


def taken(source: Source, *saved: Mapping) -> list[Part | Code]:
    """Everything that is told of a file, with what was saved or a guess."""
    surveyed = survey(source)
    if isinstance(surveyed, Issue):
        return [surveyed]
    mapping = reading.mapping_of(reading.first_rows(source, surveyed), saved)
    return list(reading.read(source, surveyed, mapping, TODAY, TOKYO))


def held(data: bytes) -> Source:
    return Source("list", lambda: iter([data]))


LIST = '患者番号,氏名,生年月日\r\n00042,髙橋 太郎,1960-01-15\r\n00043,"見本\n花子",S35.1.15\r\n'


@pytest.mark.parametrize("codec", ["cp932", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_one_list_gives_the_same_people_in_every_encoding(codec: str, delimiter: str) -> None:
    parts = taken(held(LIST.replace(",", delimiter).encode(codec)))
    entries = [one for one in parts if isinstance(one, Entry)]
    assert [one.person.name for one in entries] == ["髙橋 太郎", "見本 花子"]
    assert [one.line for one in entries] == [2, 3]


def test_a_saved_mapping_goes_before_a_guess_if_it_fits() -> None:
    data = held("あ,い\n1,山田\n".encode())
    assert taken(data) == [Header("table"), Issue("refuse", "mapping_needed")]
    saved = Mapping({"chart": (0,), "name": (1,)}, 1, ("あ", "い"))
    entry = taken(data, saved)[1]
    assert isinstance(entry, Entry)
    assert entry.person == Person(chart="1", name="山田")
    assert taken(held(LIST.encode()), saved) == taken(held(LIST.encode()))


def test_a_workbook_is_read_as_its_survey_says() -> None:
    header, entry, rejected = taken(held(XLS))
    assert header == Header("table")
    assert isinstance(entry, Entry)
    assert entry.person == Person(chart="42", name="見本 太郎", birth_on=date(1960, 1, 15))
    assert rejected == Issue("reject", "bad_birth", 4, "row", "birth", {"column": 3})


WORDS = ("髙橋", "太郎", "00042", "1960", "見本", "S35")


@given(st.data())
def test_a_list_may_be_cut_or_damaged_anywhere_in_any_encoding(data: st.DataObject) -> None:
    codec = data.draw(st.sampled_from(["cp932", "utf-8", "utf-8-sig", "utf-16", "euc_jis_2004"]))
    delimiter = data.draw(st.sampled_from(",\t;|"))
    whole = LIST.replace(",", delimiter).encode(codec, "replace")
    at = data.draw(st.integers(0, len(whole)))
    gap = data.draw(st.integers(0, 20))
    between = data.draw(st.binary(max_size=5))
    parts = taken(held(whole[:at] + between + whole[at + gap :]))
    for part in parts:
        assert isinstance(part, Header | Entry) or not any(word in repr(part) for word in WORDS)


CELLS = st.text(max_size=12) | st.dates() | st.datetimes()


@given(st.lists(st.lists(CELLS, max_size=14).map(tuple), max_size=5))
def test_no_cells_make_the_reader_fail_or_tell_a_word(rows: list[tuple[Cell, ...]]) -> None:
    for part in parts_of(*rows):
        if isinstance(part, Issue):
            assert set(map(type, part.values.values())) <= {int}
            assert part.column in ("", *guess([Row(1, TITLES)]).columns)
