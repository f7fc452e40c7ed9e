"""Patients are found by any part of what they are called, however it is typed."""

from datetime import date

import pytest

from clinic.patient.phone_end import mark_ends
from clinic.record.edit import write_fields
from clinic.staff.access import patients
from clinic.staff.access.patients import FOUND_AT_MOST, access_patients
from clinic.staff.types import Role, Staff
from tests.integration.admin.house import KEYS, House

pytestmark = pytest.mark.server


@pytest.fixture
async def desk(house: House) -> Staff:
    return await house.staff("山田 受付")


async def found(house: House, staff: Staff, words: str) -> list[str]:
    async with house.database.transaction() as tx:
        return [one.name for one in await access_patients(tx, KEYS, staff, words)]


@pytest.mark.parametrize(
    ("name", "kana", "typed"),
    [
        ("渡邊 由美子", "ワタナベ ユミコ", "渡邊"),
        ("渡邊 由美子", "ワタナベ ユミコ", "渡辺"),  # the form that everybody types
        ("渡邊 由美子", "ワタナベ ユミコ", "由美"),
        ("渡邊 由美子", "ワタナベ ユミコ", "渡辺由美子"),
        ("渡邊 由美子", "ワタナベ ユミコ", "わたなべ"),
        ("渡邊 由美子", "ワタナベ ユミコ", "ﾜﾀﾅﾍﾞ ﾕ"),
        ("渡邊 由美子", "ワタナベ ユミコ", "ゆみこ わたなべ"),
        ("渡邊 由美子", "ワタナベ ユミコ", "渡邊 ゆみ"),
        ("鈴木 翔太", "スズキ ショウタ", "シヨウタ"),  # receipts have large kana only
        ("髙﨑 健", "タカサキ ケン", "高崎"),
        ("陳 志強", "", "志強"),
        ("王小明", "", "小"),
        ("Иванова Анна", "", "иванов"),
        ("Иванова Анна", "", "АННА ИВ"),
        ("Семёнов Пётр", "", "семенов петр"),
        ("García María-José", "", "garcia"),
        ("García María-José", "", "MARIA JOSE"),
        ("Nguyễn Văn An", "", "nguyen"),
        ("O'Brien Seán", "", "obrien"),
        ("ジョン・スミス", "", "ジョンスミス"),
        ("Ｓｍｉｔｈ Ｊｏｈｎ", "", "smith j"),
    ],
)
async def test_a_part_of_a_name_finds_the_patient(
    house: House, desk: Staff, name: str, kana: str, typed: str
) -> None:
    await house.patient(name, kana=kana)
    await house.patient("別人 花子", kana="ベツジン ハナコ")
    assert await found(house, desk, typed) == [name]


@pytest.mark.parametrize(
    "typed", ["渡由", "ワタナベミ", "邊ユ", "ivanov anna", "%", "_", "・", " "]
)
async def test_what_is_no_part_of_it_does_not(house: House, desk: Staff, typed: str) -> None:
    await house.patient("渡邊 由美子", kana="ワタナベ ユミコ", chart="A-12")
    assert await found(house, desk, typed) == []


async def test_pairs_of_signs_that_stand_apart_are_no_word(house: House, desk: Staff) -> None:
    """The index knows pairs only: AB, BC and CA are in both."""
    await house.patient("ABCAB")
    await house.patient("CABxBC")
    assert await found(house, desk, "ABCA") == ["ABCAB"]
    assert await found(house, desk, "CABx") == ["CABxBC"]


async def test_a_chart_number_a_telephone_number_and_a_birth_date_find_the_patient(
    house: House, desk: Staff
) -> None:
    await house.patient("十二", chart="A-0012", phone="+819012345678", birth_on=date(1950, 3, 4))
    await house.patient("別人", chart="B-1", phone="+819099999999", birth_on=date(1950, 3, 5))
    await house.rows(
        "update patient set phone_index = $1 where name = '十二'",
        KEYS.index("phone", "+819012345678"),
    )
    for typed in ("A-0012", "a-0012", "0012", "090-1234-5678", "０９０ 1234 5678", "1950-3-4"):
        assert await found(house, desk, typed) == ["十二"], typed


async def test_the_whole_chart_number_comes_first_and_no_more_than_a_page(
    house: House, desk: Staff
) -> None:
    for number in range(FOUND_AT_MOST + 5):
        await house.patient(f"佐藤 {number}", kana=f"サトウ {number:03}", chart=f"7{number:02}")
    await house.patient("わ 最後", kana="ンン", chart="7")
    names = await found(house, desk, "7")
    assert names[0] == "わ 最後"
    assert len(names) == FOUND_AT_MOST


async def test_a_search_reads_no_table_to_its_end(house: House) -> None:
    """However many patients there are: each part of the question has its index."""
    async with house.database.transaction() as tx:
        await tx.execute(
            """insert into patient (key, name, chart, birth_on)
               select gen_random_uuid(), md5(n::text), n::text, date '1950-01-01' + n
               from generate_series(1, 3000) n"""
        )
        await tx.execute("analyze patient")
        plan = await tx.fetch(
            f"explain {patients._FOUND}", 1, True, [1, 2], ["ab"], "x", date(1950, 1, 1), "ab", [7]
        )
    text = "\n".join(row[0] for row in plan)
    assert "Seq Scan on patient" not in text
    assert all(name in text for name in ("patient_pairs", "phone_i", "patient_birth")), text


async def with_phone(house: House, name: str, phone: str) -> int:
    made = await house.patient(name, phone=phone)
    await house.rows(
        "update patient set phone_index = $2 where id = $1", made, KEYS.index("phone", phone)
    )
    return made


async def mark(house: House) -> int:
    async with house.database.transaction() as tx:
        return await mark_ends(tx, KEYS)


async def test_the_last_digits_of_a_number_find_everybody_who_has_them_masked(
    house: House, desk: Staff
) -> None:
    await with_phone(house, "携帯", "+819012345678")
    await with_phone(house, "自宅", "+81331235678")
    await with_phone(house, "別人", "+819012345679")
    assert await mark(house) == 3
    assert await mark(house) == 0
    assert await found(house, desk, "5678") == ["携帯", "自宅"]
    for typed in ("12345678", "1234-5678", "１２３４ ５６７８", "45678"):
        assert await found(house, desk, typed) == ["携帯"], typed
    for typed in ("567", "56780", "5678 5679", "99995678"):
        assert await found(house, desk, typed) == [], typed
    async with house.database.transaction() as tx:
        shown = await access_patients(tx, KEYS, desk, "1235678")
    assert [(one.name, one.phone_end) for one in shown] == [("自宅", "5678")]
    rows = await house.rows("select detail from audit where action = 'staff:patient:search'")
    assert rows[-1]["detail"] == {"patients": [shown[0].id]}
    assert "5678" not in str(rows)
    assert "5678" not in str(await house.rows("select phone_end from patient"))


async def test_a_number_that_changes_is_not_found_by_its_old_end(house: House, desk: Staff) -> None:
    """Whoever changes it: here somebody who knows nothing of the mark."""
    patient = await with_phone(house, "携帯", "+819012345678")
    await mark(house)
    key = await house.value("select key from patient where id = $1", patient)
    await house.rows(
        "update patient set phone = $2, phone_index = $3 where id = $1",
        patient,
        KEYS.seal(b"+819011110000", "patient.phone", key),
        KEYS.index("phone", "+819011110000"),
    )
    assert await found(house, desk, "5678") == []
    assert await mark(house) == 1
    assert await found(house, desk, "0000") == ["携帯"]
    async with house.database.transaction() as tx:  # by staff: found at once
        await write_fields(tx, KEYS, patient, {"phone": "+819011112222"})
    assert await found(house, desk, "2222") == ["携帯"]
    assert await mark(house) == 0
    async with house.database.transaction() as tx:
        await write_fields(tx, KEYS, patient, {"phone": None})
    assert await found(house, desk, "2222") == []
    assert await house.value("select phone_end is null from patient")


async def test_doctors_find_their_own_by_the_end_of_a_number_and_nobody_the_dead(
    house: House, desk: Staff
) -> None:
    doctor = await house.staff("佐藤", Role.DOCTOR)
    own = await with_phone(house, "担当", "+819012345678")
    await with_phone(house, "他", "+819099995678")
    gone = await with_phone(house, "故人", "+819088885678")
    await house.rows("update patient set deceased_on = current_date where id = $1", gone)
    await house.visit(own, await house.practitioner("佐藤", doctor))
    await mark(house)
    assert await found(house, doctor, "5678") == ["担当"]
    assert set(await found(house, desk, "5678")) == {"担当", "他"}


async def test_an_unreadable_number_is_passed_over_once_and_for_all(
    house: House, desk: Staff
) -> None:
    await house.patient("壊れた", phone="+819012345678")
    await house.rows("update patient set phone = decode(repeat('01', 40), 'hex')")
    assert await mark(house) == 1
    assert await mark(house) == 0
    assert await found(house, desk, "5678") == []


async def test_a_search_by_the_end_of_a_number_uses_its_index(house: House) -> None:
    async with house.database.transaction() as tx:
        await tx.execute(
            """insert into patient (key, name, phone, phone_end)
               select gen_random_uuid(), n::text, '\\x00', md5((n % 500)::text)
               from generate_series(1, 3000) n"""
        )
        await tx.execute("analyze patient")
        plan = await tx.fetch(f"explain {patients._ENDS}", 1, True, "x")
        assert "patient_phone_end" in str(plan)
        await tx.execute("update patient set phone_end = 'x'")
        await tx.execute("analyze patient")
        plan = await tx.fetch(
            """explain select id from patient where phone is not null and phone_end is null
               order by id limit 10"""
        )
        assert "patient_phone_unmarked" in str(plan)
