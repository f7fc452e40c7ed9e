"""Columns are known by their titles, in four languages, and a saved mapping finds them again."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.importer.table.guess import fit, guess
from clinic.importer.table.types import FIELDS, Cell, Field, Mapping, Row, from_json, to_json


def rows(*lines: str) -> list[Row]:
    return [Row(number, tuple(line.split(","))) for number, line in enumerate(lines, 1)]


def titled(titles: str) -> dict[Field, tuple[int, ...]]:
    return guess(rows(titles)).columns


@pytest.mark.parametrize(
    ("titles", "columns"),
    [
        (
            "患者番号,漢字氏名,カナ氏名,生年月日,性別,携帯電話,メールアドレス,最終来院日,"
            "次回予約,処方日数",
            {"chart": (0,), "name": (1,), "kana": (2,), "birth": (3,), "sex": (4,), "phone": (5,),
             "email": (6,), "last_visit": (7,), "next_visit": (8,), "supply_days": (9,)},
        ),
        (
            "カルテＮｏ．,姓,名,セイ,メイ,誕生日,TEL,住所",
            {"chart": (0,), "name": (1, 2), "kana": (3, 4), "birth": (5,), "phone": (6,),
             "address": (7,)},
        ),
        (
            "診察券番号 *,名前(必須),フリガナ,自宅電話番号,携帯番号,都道府県,市区町村,番地,建物名",
            {"chart": (0,), "name": (1,), "kana": (2,), "phone": (4, 3), "address": (5, 6, 7, 8)},
        ),
        (
            "病历号,姓名,出生日期,性别,手机,邮箱,最近就诊日期",
            {"chart": (0,), "name": (1,), "birth": (2,), "sex": (3,), "phone": (4,), "email": (5,),
             "last_visit": (6,)},
        ),
        (
            "病歷號,姓名,出生日期,性別,手機,電子郵件,地址",
            {"chart": (0,), "name": (1,), "birth": (2,), "sex": (3,), "phone": (4,), "email": (5,),
             "address": (6,)},
        ),
        (
            "Номер карты,ФИО,Дата рождения,Пол,Телефон,E-mail,Адрес",
            {"chart": (0,), "name": (1,), "birth": (2,), "sex": (3,), "phone": (4,), "email": (5,),
             "address": (6,)},
        ),
        (
            "№ карты,Фамилия,Имя,Отчество,Д.р.,Последний приём",
            {"chart": (0,), "name": (1, 2, 3), "birth": (4,), "last_visit": (5,)},
        ),
        (
            "MRN,Last Name,First Name,Date of Birth,Sex,Mobile,Email,Last visit",
            {"chart": (0,), "name": (1, 2), "birth": (3,), "sex": (4,), "phone": (5,),
             "email": (6,), "last_visit": (7,)},
        ),
        (
            "保険者番号,記号,保険証番号,枝番,患者ID",
            {"insurer": (0,), "insured": (1, 2, 3), "chart": (4,)},
        ),
        ("氏名カナ,姓(カナ),名(カナ),氏名", {"kana": (0,), "name": (3,)}),
        (
            "患者番号,氏名,保護者氏名,保護者携帯電話,主治医氏名,FAX番号,勤務先電話番号,緊急連絡先",
            {"chart": (0,), "name": (1,)},
        ),
    ],
)  # fmt: skip
def test_titles_tell_the_columns(titles: str, columns: dict[Field, tuple[int, ...]]) -> None:
    assert titled(titles) == columns


def test_titles_stand_among_the_first_ten_rows() -> None:
    found = guess(
        rows("患者一覧", "2026年7月作成,1 ページ", "", "番号,患者番号,氏名", "1,00042,山田")
    )
    assert found.columns == {"chart": (1,), "name": (2,)}
    assert found.header == 4
    assert found.titles == ("番号", "患者番号", "氏名")


def test_a_sentence_is_no_title() -> None:
    assert titled("患者番号を必ずご記入のうえ受付までお持ちくださいませ,氏名") == {"name": (1,)}


def test_titles_further_down_are_not_looked_for() -> None:
    assert guess(rows(*["x,y"] * 10, "患者番号,氏名")).header == 0


def test_confidence_is_less_where_the_values_do_not_agree() -> None:
    good = guess(rows("患者番号,生年月日", "1,1960-01-15", "2,S35.1.15")).confidence
    half = guess(rows("患者番号,生年月日", "1,1960-01-15", "2,x")).confidence
    none = guess(rows("患者番号,生年月日", "1,x", "2,y")).confidence
    alike = guess(rows("ご本人の生年月日,患者番号", "1960-01-15,1")).confidence
    assert (good["birth"], half["birth"], none["birth"]) == (1.0, 0.75, 0.5)
    assert alike["birth"] == 0.7
    assert good["chart"] == none["chart"] == 1.0


def test_without_titles_only_what_can_be_nothing_else_is_taken() -> None:
    found = guess(
        rows(
            "x1,山田 太郎,ヤマダ タロウ,1960-01-15,男,090-1234-5678,a@example.jp,2026-07-03",
            "x2,山田 花子,ヤマダ ハナコ,1990-02-15,女,080-1234-5678,b@example.jp,2026-07-04",
        )
    )
    assert found.header == 0
    assert found.titles == ()
    assert found.columns == {"kana": (2,), "birth": (3,), "sex": (4,), "phone": (5,), "email": (6,)}
    assert set(found.confidence.values()) == {0.5}


def test_real_dates_stand_under_titles_and_are_none_themselves() -> None:
    cells: tuple[Cell, ...] = ("氏名", date(1960, 1, 15))
    assert guess([Row(1, cells)]).header == 0


def test_a_saved_mapping_finds_its_columns_wherever_they_stand_now() -> None:
    saved = from_json(json.loads(json.dumps(to_json(guess(rows("患者番号,姓,名,TEL"))))))
    assert saved is not None
    found = fit(saved, rows("新しい一覧", "TEL,備考,名,姓,患者番号", "090,x,太郎,山田,1"))
    assert found is not None
    assert found.columns == {"chart": (4,), "name": (3, 2), "phone": (0,)}
    assert found.header == 2
    assert fit(saved, rows("患者番号,姓,名")) is None
    assert fit(saved, rows("患者番号,姓,名,TEL,TEL")) is None


def test_a_mapping_of_strange_titles_by_staff_is_found_again() -> None:
    by_hand = Mapping({"chart": (1,), "name": (0,)}, 1, ("あ", "い", ""))
    saved = from_json(to_json(by_hand))
    assert saved is not None
    found = fit(saved, rows("あ,い,", "山田,1,x"))
    assert found is not None
    assert found.columns == {"chart": (1,), "name": (0,)}


def test_a_mapping_without_titles_fits_lists_without_titles_that_are_as_wide() -> None:
    saved = Mapping({"chart": (0,), "name": (1,)})
    assert fit(saved, rows("1,山田", "2,鈴木")) == saved
    assert fit(saved, rows("患者番号,氏名", "2,鈴木")) is None
    assert fit(saved, rows("1")) is None
    assert fit(Mapping({}), rows("1")) == Mapping({})


@pytest.mark.parametrize(
    "saved",
    [
        None, [], {}, {"form": 2, "titles": [], "columns": {}}, {"form": 1, "columns": {}},
        {"form": 1, "titles": [1], "columns": {}}, {"form": 1, "titles": [], "columns": []},
        {"form": 1, "titles": [], "columns": {"chart": 1}},
        {"form": 1, "titles": [], "columns": {"chart": [-1]}},
        {"form": 1, "titles": [], "columns": {"chart": [True]}},
        {"form": 1, "titles": [], "columns": {"chart": ["0"]}},
        {"form": 1, "titles": [], "columns": {"chart": [10**9]}},
        {"form": 1, "titles": [], "columns": {"password": [1]}},
    ],
)  # fmt: skip
def test_what_is_no_saved_mapping_is_not_taken_for_one(saved: object) -> None:
    assert from_json(saved) is None


@given(
    st.dictionaries(
        st.sampled_from(FIELDS), st.lists(st.integers(0, 99), min_size=1, max_size=3), max_size=5
    ),
    st.lists(st.text(max_size=5), max_size=5),
)
def test_a_mapping_is_saved_and_read_back(
    columns: dict[Field, list[int]], titles: list[str]
) -> None:
    mapping = Mapping({name: tuple(places) for name, places in columns.items()}, 0, tuple(titles))
    assert from_json(json.loads(json.dumps(to_json(mapping)))) == mapping


@given(st.lists(st.lists(st.text(max_size=10) | st.dates(), max_size=5), max_size=12))
def test_no_rows_make_the_guess_fail(cells: list[list[Cell]]) -> None:
    made = [Row(number, tuple(row)) for number, row in enumerate(cells, 1)]
    mapping = guess(made)
    assert all(0 <= value <= 1 for value in mapping.confidence.values())
    fit(mapping, made)


def test_a_column_that_came_to_the_list_later_is_read_if_its_title_says_what_it_is() -> None:
    saved = guess(rows("患者番号,氏名,生年月日,メモ"))
    found = fit(saved, rows("患者番号,氏名,生年月日,メモ,SMS同意,連絡先電話番号らしきもの"))
    assert found is not None
    assert found.columns == {**saved.columns, "sms_consent": (4,)}


def test_a_title_that_only_begins_like_a_consent_is_none() -> None:
    found = guess(rows("患者番号,氏名,生年月日,SMS配信停止,メール可否不明,SMS同意日"))
    assert not {"sms_consent", "email_consent"} & found.columns.keys()
