import pytest

from nlu.names import Names

NAMES = Names(
    services={
        "1": ["初診", "First visit", "初診", "初诊", "Первичный приём"],
        "2": ["再診", "Follow-up visit", "複診", "复诊", "Повторный приём"],
        "3": ["超音波検査", "Ultrasound", "超音波檢查", "超声检查", "УЗИ"],
        "4": ["予防接種", "Vaccination", "疫苗接種", "疫苗接种", "Вакцинация"],
    },
    practitioners={
        "7": ["佐藤 恵 医師", "Dr. Megumi Sato", "佐藤 惠 醫師", "佐藤 惠 医生", "д-р Мэгуми Сато"],
        "8": [
            "王 美玲 医師",
            "Dr. Mei-Ling Wang",
            "王 美玲 醫師",
            "王 美玲 医生",
            "д-р Мэйлин Ван",
        ],
        "9": ["イワノフ医師", "Dr. Peter Ivanov", "伊萬諾夫醫師", "伊万诺夫医生", "Пётр Иванов"],
    },
)


def found(text: str) -> list[tuple[str, str]]:
    return [(one.kind, one.value) for one in NAMES.find(text)]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("tomorrow at 10 with Dr Sato for my daughter", "7"),
        ("with dr. megumi sato", "7"),
        ("Sato please", "7"),
        ("佐藤先生でお願いします", "7"),
        ("佐藤 惠醫師", "7"),
        ("доктору Сато", "7"),
        ("王医生有空吗", "8"),
        ("我要掛王醫師", "8"),
        ("к доктору Вану", "8"),
        ("хочу к Иванову", "9"),
        ("запишите к доктору Ивановым", "9"),
        ("with Dr Ivanof", "9"),
        ("with Doctor Peter", "9"),
        ("Peter", "9"),
    ],
)
def test_a_practitioner_is_known_by_surname_title_case_and_small_slips(text: str, key: str) -> None:
    assert found(text) == [("practitioner", key)]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("I'd like an ultrasound", "3"),
        ("ultrasuond", "3"),
        ("超音波お願いします", "3"),
        ("超聲檢查", "3"),
        ("на УЗИ", "3"),
        ("запишите на вакцинацию", "4"),
        ("疫苗", "4"),
        ("再診の予約", "2"),
        ("follow-up", "2"),
    ],
)
def test_a_service_is_known_by_its_label_part_of_it_and_small_slips(text: str, key: str) -> None:
    assert found(text) == [("service", key)]


@pytest.mark.parametrize(
    "text",
    [
        "my son Peter has a fever",
        "first thing tomorrow morning",
        "ванна сломалась",
        "I visited Rome",
        "",
    ],
)
def test_everyday_words_are_no_names(text: str) -> None:
    assert found(text) == []


def test_where_several_fit_all_are_told() -> None:
    assert found("visit") == [("service", "1"), ("service", "2")]


def test_names_of_a_clinic_that_has_none() -> None:
    assert Names({}, {}).find("Dr Sato") == ()
    assert Names({"1": [""]}, {"2": ["", "Dr."]}).find("Dr Sato") == ()
