"""Spellings of one person meet under one key, and those of two people do not."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clinic.importer import normal


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("００４２", "0042"),
        (" a-12 ", "A-12"),
        ("Ａ１２", "a12"),
        ("0042\x00", "0042"),
        ("00 42", "0042"),
    ],
)
def test_chart_numbers_differ_in_width_case_and_blanks_only(left: str, right: str) -> None:
    assert normal.chart_key(left) == normal.chart_key(right)


def test_leading_zeros_are_part_of_a_chart_number_until_one_looks_loosely() -> None:
    assert normal.chart_key("00042") != normal.chart_key("42")
    assert normal.chart_loose("00042") == normal.chart_loose("42") == "42"
    assert normal.chart_loose("000") == "0"
    assert normal.chart_loose("") == ""


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("ﾐﾎﾝ ﾀﾛｳ", "ミホンタロウ"),
        ("みほん　たろう", "ミホンタロウ"),
        ("キョウコ", "キヨウコ"),
        ("ハットリ", "ハツトリ"),
        ("ミヅホ", "ミズホ"),
        ("チヂワ", "チジワ"),
        ("カヲル", "カオル"),
        ("ヱミ", "エミ"),
        ("リー・メイ", "リ-メイ"),
        ("ﾘｰ ﾒｲ", "リ−メイ"),
        ("ハ゛ンノ", "バンノ"),
        ("ｶﾞﾝﾀﾞ", "がんだ"),
        ("ヵヶイ", "カケイ"),
    ],
)
def test_readings_meet_whatever_kana_they_are_written_in(left: str, right: str) -> None:
    assert normal.kana_key(left) == normal.kana_key(right)


def test_long_vowel_marks_count_only_in_the_strict_reading() -> None:
    assert normal.kana_key("オーノ") != normal.kana_key("オノ")
    assert normal.kana_loose("オーノ") == normal.kana_loose("オノ")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("髙橋　一郎", "高橋一郎"),
        ("山﨑", "山崎"),
        ("渡邊", "渡辺"),
        ("渡邉", "渡辺"),
        ("齋藤", "斉藤"),
        ("齊藤", "斎藤"),
        ("澤田", "沢田"),
        ("濱口", "浜口"),
        ("濵口", "浜口"),
        ("𠮷田", "吉田"),
        ("德川", "徳川"),
        ("廣田", "広田"),
        ("國井", "国井"),
        ("櫻井", "桜井"),
        ("嶋田", "島田"),
        ("嶌田", "島田"),
        ("葛\U000e0100西", "葛西"),
        ("神\ufe00田", "神田"),
        ("ＬＥＥ ＭＩＮ", "Lee Min"),
        ("Фёдоров", "ФЕДОРОВ"),
    ],
)
def test_names_meet_across_the_variants_of_family_registers(left: str, right: str) -> None:
    assert normal.name_key(left) == normal.name_key(right)


def test_every_variant_is_one_that_unicode_leaves_apart_and_stands_once() -> None:
    forms = "".join(normal._NAME_VARIANTS.values())
    assert unicodedata.normalize("NFKC", forms) == forms
    assert len(set(forms)) == len(forms)
    assert not set(forms) & set(normal._NAME_VARIANTS)


def test_a_name_that_fills_the_receipt_may_go_on_elsewhere() -> None:
    cut = "アレクサンドラ・ヴィクトリア・イヴァノヴ"
    assert len(cut) == 20
    assert normal.same_name(cut, "アレクサンドラ　ヴィクトリア　イヴァノヴナ")
    assert normal.same_name("アレクサンドラ　ヴィクトリア　イヴァノヴナ", cut)
    assert not normal.same_name("山田", "山田太郎")
    assert normal.same_name("山田 太郎", "山田太郎")
    assert not normal.same_name("", "")


@pytest.mark.parametrize(
    ("written", "phone"),
    [
        ("090-1234-5678", "+819012345678"),
        ("０９０（１２３４）５６７８", "+819012345678"),
        ("+81 90-1234-5678", "+819012345678"),
        ("9012345678", "+819012345678"),  # a spreadsheet took the zero
        ("03-1234-5678", "+81312345678"),
        ("0312345678 内線12", "+81312345678"),
        ("090-1234-5678(母)", "+819012345678"),
        ("自宅03-1234-5678", "+81312345678"),
        ("090-1234-5678／03-1234-5678", "+819012345678"),
        ("03-1234-5678\n090-1234-5678", "+81312345678"),
        ("+7 916 123-45-67", "+79161234567"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("090-1234", None),
        ("なし", None),
        ("", None),
        ("1960-01-15", None),
        ("9" * 5000, None),
    ],
)
def test_a_phone_is_what_can_be_called_from_japan(written: str, phone: str | None) -> None:
    assert normal.phone_e164(written) == phone


def test_a_phone_without_a_country_is_dialled_in_the_clinics_region() -> None:
    assert normal.phone_e164("8 (916) 123-45-67", region="RU") == "+79161234567"


@pytest.mark.parametrize(
    ("phone", "mobile"),
    [
        ("+819012345678", True),
        ("+818012345678", True),
        ("+817012345678", True),
        ("+81312345678", False),
        ("+815012345678", False),
        ("+81120123456", False),
        ("+79161234567", True),
        ("", False),
    ],
)
def test_an_sms_can_go_to_a_mobile_and_not_to_a_landline(phone: str, mobile: bool) -> None:
    assert normal.is_mobile(phone) is mobile


@pytest.mark.parametrize(
    ("written", "key"),
    [
        (" Taro@Example.JP ", "taro@example.jp"),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ", "taro@example.jp"),
        ("taro..x.@docomo.ne.jp", "taro..x.@docomo.ne.jp"),
        ("taro@example", None),
        ("taro example.jp", None),
        ("a@b.jp\nbcc: c@d.jp", None),
        ("", None),
        ("a@" + "b." * 200 + "jp", None),
    ],
)
def test_a_mail_address_is_taken_only_if_it_can_be_one(written: str, key: str | None) -> None:
    assert normal.email_key(written) == key


def test_what_is_shown_has_no_control_marks_and_keeps_its_letters() -> None:
    assert normal.shown(" 髙橋\t　一\x00郎\r\n") == "髙橋 一 郎"
    assert normal.shown("\ud800x") == "x"


@example("ı˛")
@given(st.text())
def test_a_key_is_its_own_key_and_nothing_makes_it_fail(text: str) -> None:
    for key_of in (normal.chart_key, normal.kana_key, normal.kana_loose, normal.name_key):
        assert key_of(key_of(text)) == key_of(text)
    normal.phone_e164(text)
    normal.email_key(text)
    assert normal.shown(normal.shown(text)) == normal.shown(text)
