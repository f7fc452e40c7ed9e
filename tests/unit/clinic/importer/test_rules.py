"""Who an entry speaks of (import rules E2), and which fields it may write (E3)."""

from datetime import date

import pytest

from clinic.importer.rules import (
    CLEARED,
    Known,
    Likeness,
    New,
    Review,
    Same,
    keeps_kanji,
    likeness,
    match,
    may_write,
    replaces,
)
from clinic.importer.types import Person

BORN = date(1960, 1, 15)


def person(**over: object) -> Likeness:
    fields: dict[str, object] = {
        "chart": "00042",
        "name": "髙橋　花子",
        "kana": "タカハシハナコ",
        "birth_on": BORN,
        "sex": "female",
        **over,
    }
    phone, insured = fields.pop("phone", ""), fields.pop("insured", "")
    return likeness(Person(**fields), str(phone), str(insured))  # type: ignore[arg-type]  # fields by name


HANAKO = Known(1, person())


@pytest.mark.parametrize(
    ("wanted", "base", "verdict"),
    [
        # 1. chart and birth date
        (person(), [HANAKO], Same(1)),
        (person(name="佐藤花子", kana="サトウハナコ"), [HANAKO], Same(1)),  # married since
        (person(chart="０００４２"), [HANAKO], Same(1)),
        # 2. chart equal, birth date not
        (person(birth_on=date(1961, 1, 15)), [HANAKO], Review("birth_differs", (1,))),
        # a list by chart number alone, and one whose name does not fit
        (person(birth_on=None, name="", kana="", sex=None), [HANAKO], Same(1)),
        (person(birth_on=None), [HANAKO], Same(1)),
        (person(birth_on=None, kana="ヤマダ", name="山田"), [HANAKO], Review("name_differs", (1,))),
        (person(), [Known(1, person(birth_on=None))], Same(1)),
        (
            person(),
            [Known(1, person(birth_on=None, kana="ヤマダ", name="山田"))],
            Review("name_differs", (1,)),
        ),
        # 3. a spreadsheet ate the zeros
        (person(chart="42"), [HANAKO], Same(1)),
        (person(chart="42", birth_on=date(1961, 1, 15)), [HANAKO], New()),
        (
            person(chart="42"),
            [HANAKO, Known(2, person(chart="042"))],
            Review("several", (1, 2)),
        ),
        # 4. no chart: reading, birth date, sex and one thing more
        (person(chart=""), [HANAKO], Same(1)),
        (person(chart="", name="高橋花子", kana="たかはし はなこ"), [HANAKO], Same(1)),
        (person(chart="", kana="タカハシ・ハナコ"), [HANAKO], Same(1)),
        (person(chart="", name="高橋華子"), [HANAKO], Review("not_proven", (1,))),
        (
            person(chart="", name="高橋華子", phone="p"),
            [Known(1, person(phone="p"))],
            Same(1),
        ),
        (
            person(chart="", name="高橋華子", insured="i"),
            [Known(1, person(insured="i"))],
            Same(1),
        ),
        (person(chart="", name="タカハシハナコ", kana_only=True), [HANAKO], Same(1)),
        (person(chart="", sex=None), [HANAKO], Review("not_proven", (1,))),
        (person(chart="", kana=""), [HANAKO], Review("not_proven", (1,))),
        (
            person(chart=""),
            [HANAKO, Known(2, person(chart="77"))],
            Review("several", (1, 2)),
        ),
        # twins: the same day, sex and surname
        (person(chart="", name="髙橋桃子", kana="タカハシモモコ"), [HANAKO], New()),
        (person(chart="", sex="male"), [HANAKO], New()),
        (person(chart="", birth_on=None), [HANAKO], New()),
        # 5. a chart number that is new to us
        (person(chart="77"), [Known(1, person(chart=""))], Same(1)),
        (person(chart="77"), [HANAKO], Review("double_chart", (1,))),
        # the same reading in other characters, with nothing else the same
        (
            person(chart="77", name="高橋華子"),
            [Known(1, person(chart=""))],
            Review("not_proven", (1,)),
        ),
        (
            person(chart="77", name="高橋華子", phone="p"),
            [Known(1, person(chart="", phone="p"))],
            Same(1),
        ),
        (person(chart="77", name=""), [Known(1, person(chart=""))], Same(1)),
        # 6. nobody
        (person(), [], New()),
        (person(chart="77", kana="ヤマダ", name="山田"), [HANAKO], New()),
    ],
)
def test_who_is_meant(wanted: Likeness, base: list[Known], verdict: object) -> None:
    assert match(wanted, base) == verdict


def test_a_telephone_number_alone_joins_nobody() -> None:
    mother = Known(1, person(phone="p", insured="i"))
    child = person(chart="", name="髙橋太郎", kana="タカハシタロウ", phone="p", insured="i")
    assert match(child, [mother]) == New()


def test_a_long_vowel_mark_less_is_the_same_reading() -> None:
    known = Known(1, person(name="大野ユーコ", kana="オーノユーコ"))
    assert match(person(chart="", name="大野ユーコ", kana="オーノユコ"), [known]) == Same(1)


@pytest.mark.parametrize(
    ("field", "value", "source", "old", "old_source", "writes"),
    [
        ("name", "", "emr", "Hana", "uke", False),  # an empty cell deletes nothing
        ("name", None, "emr", "Hana", "uke", False),
        ("name", "Hana", "emr", "Hana", "uke", False),
        ("name", "Hana", "uke", None, None, True),
        ("name", "Hana", "uke", "", "staff", True),
        ("phone", CLEARED, "emr", None, None, False),
        ("phone", CLEARED, "emr", "1", "emr", True),
        ("phone", CLEARED, "emr", "1", "chat", False),  # patients know their number better
        ("name", "Hana", "emr", "Hanako", "uke", True),
        ("name", "Hana", "uke", "Hanako", "emr", False),
        ("name", "Hana", "uke", "Hanako", "uke", True),
        ("name", "Hana", "emr", "Hanako", "staff", False),
        ("name", "Hana", "emr", "Hanako", "chat", True),
        ("name", "Hana", "emr", "Hanako", None, False),  # older than any import
        ("phone", "2", "emr", "1", "uke", True),
    ],
)
def test_which_source_writes_over_which(
    field: str, value: object, source: str, old: object, old_source: str | None, writes: bool
) -> None:
    assert may_write(field, value, source, old=old, old_source=old_source) is writes  # type: ignore[arg-type]  # from the table


def test_kana_never_takes_the_place_of_kanji() -> None:
    assert keeps_kanji(Person(name="ミホン", kana_only=True), "見本")
    assert not keeps_kanji(Person(name="ミホン", kana_only=True), "")
    assert not keeps_kanji(Person(name="見本"), "みほん")


def test_a_claim_of_the_same_or_a_later_month_replaces() -> None:
    assert replaces("2026-09", "2026-08")
    assert replaces("2026-08", "2026-08")
    assert not replaces("2026-07", "2026-08")
