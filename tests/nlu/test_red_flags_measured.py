"""Red flags in numbers, and ages."""

import pytest

from nlu.red_flags import RedFlag, flags, screen
from nlu.red_flags.ages import old, youngest
from nlu.red_flags.measured import Measured, measured


@pytest.mark.parametrize(
    ("text", "rule", "level"),
    [
        ("my 2 month old has a fever", "fever_infant", 4),
        ("my 6-week-old is 38.2", "fever_infant", 4),
        ("my newborn's temp is 101F", "fever_infant", 4),
        ("my 2 month old has no fever but is not feeding", "fever_infant", 4),
        ("生後2か月の赤ちゃんが38度5分です", "fever_infant", 4),
        ("生後３週間、３８．２度", "fever_infant", 4),
        ("生后两个月的宝宝发烧38.5度", "fever_infant", 4),
        ("出生2個月,發燒38.4", "fever_infant", 4),
        ("ребёнку 2 месяца, температура 38,3", "fever_infant", 4),
        ("новорождённый, температура 38", "fever_infant", 4),
        ("2 month old 38.4", "fever_infant", 4),
        ("宝宝两个月大，38.5", "fever_infant", 4),
        ("3週間の赤ちゃん、38.2", "fever_infant", 4),
        ("my 4 month old has 39.3", "fever_child", 3),
        ("生後5か月で39.4度の熱", "fever_child", 3),
        ("fever 39.5", "fever_high", 3),
        ("temp 103F", "fever_high", 3),
        ("熱が39.2度", "fever_high", 3),
        ("發燒39.5度", "fever_high", 3),
        ("发烧39.5度", "fever_high", 3),
        ("температура 39.5", "fever_high", 3),
        ("BP 185/125", "pressure_high", 3),
        ("BP 185/125 and my vision is blurry", "pressure_grave", 4),
        ("血圧が190/120で頭が痛い", "pressure_grave", 4),
        ("血壓185/122", "pressure_high", 3),
        ("血压185/122，恶心", "pressure_grave", 4),
        ("верхнее 220", "pressure_high", 3),
        ("верхнее 220, болит голова", "pressure_grave", 4),
        ("上が200", "pressure_high", 3),
        ("上面220", "pressure_high", 3),
        ("收縮壓198", "pressure_high", 3),
        ("the top number is 220", "pressure_high", 3),
        ("давление 190 на 120, болит голова", "pressure_grave", 4),
        ("I'm pregnant and my BP is 165/112", "pregnancy", 4),
        ("妊娠中、血圧165/112です", "pregnancy", 4),
        ("懷孕,血壓165/112", "pregnancy", 4),
        ("беременность, давление 165/112", "pregnancy", 4),
        ("SpO2 is 88.", "oxygen_low", 4),
        ("oxygen level 93%", "oxygen_low", 3),
        ("酸素飽和度が90%です", "oxygen_low", 4),
        ("血氧饱和度 91%", "oxygen_low", 4),
        ("血氧88", "oxygen_low", 4),
        ("сатурация 89", "oxygen_low", 4),
        ("my sugar is 45", "sugar", 3),
        ("血糖値が45です", "sugar", 3),
        ("血糖 2.8", "sugar", 3),
        ("сахар 2,5", "sugar", 3),
        ("血糖値350で吐いています", "sugar_grave", 4),
        ("血糖350,一直吐", "sugar_grave", 4),
        ("глюкоза 22, рвота", "sugar_grave", 4),
    ],
)
def test_numbers_are_red_flags_by_their_limits(text: str, rule: str, level: int) -> None:
    found = {flag.rule: flag for flag in flags(text)}
    assert found[rule] == RedFlag(rule, level)


@pytest.mark.parametrize(
    "text",
    [
        *("temperature 36.6", "体温36.5度", "体温36.8", "температура 36,6", "fever gone, 37.0"),
        *("上が200円", "купил лампу на 220 вольт"),
        *("BP 128/82", "血圧は128/82です", "血压130/85", "давление 125 на 80"),
        *("SpO2 98", "酸素飽和度98%", "血氧99", "сатурация 97"),
        *("sugar 105", "血糖値105", "血糖5.6", "сахар 5,4"),
        *("I had my sugar checked 2 days ago", "on Saturday for 60 minutes", "39 weeks, all fine"),
        *("my baby is 2 months old, can I book a vaccination", "生後2か月の予防接種の予約"),
        *("宝宝两个月，想预约打疫苗", "ребёнку 2 месяца, хотим записаться на прививку"),
    ],
)
def test_numbers_within_their_limits_are_silent(text: str) -> None:
    assert screen(text) is None


def test_an_infant_without_fever_is_asked_about() -> None:
    found = measured("my 2 month old has no fever", more=False)
    assert list(found) == [Measured("fever_infant", 3, negated=True)]


def test_ages() -> None:
    assert youngest("my 3-week-old and my 5 month old son") == 21
    assert youngest("生後10日") == 10
    assert youngest("booked 3 weeks ago") is None
    assert old("I am 70 years old")
    assert old("父は82歳")
    assert not old("30 лет")
