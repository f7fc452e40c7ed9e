"""Lists with columns that say who may be written to by SMS and e-mail."""

import pytest

from clinic.contact.service import ensure_account, withdraw
from tests.integration.importer.house import House

pytestmark = pytest.mark.server

TITLES = "患者番号,氏名,生年月日,携帯電話,メールアドレス"
HANA = "77,見本 花子,1960-01-15,090-1234-5678,hana@example.com"
YUKI = "88,見本 雪,1971-02-03,080-1111-2222,yuki@example.com"


def listed(*rows: str, titles: str = f"{TITLES},SMS同意,メール同意") -> bytes:
    return "\n".join((titles, *rows)).encode()


async def allowed(house: House) -> list[tuple[str, str]]:
    """Chart and channel of all who may be written to."""
    async with house.database.transaction() as tx:
        rows = await tx.fetch(
            """select p.chart, a.channel from link l join patient p on p.id = l.patient_id
               join chat_account a on a.id = l.account_id
               where l.ended_at is null and a.consent_version is not null
               order by p.chart, a.channel"""
        )
    return [tuple(row) for row in rows]


async def reasons(house: House, run: int) -> list[tuple[int, str]]:
    async with house.database.transaction() as tx:
        rows = await tx.fetch(
            "select line, reason from import_issue where run_id = $1 order by line, reason", run
        )
    return [tuple(row) for row in rows]


async def test_a_yes_lets_the_clinic_write_and_an_empty_cell_says_nothing(house: House) -> None:
    run = await house.bring(listed(f"{HANA},はい,○", f"{YUKI},,可"), "list.csv")
    assert run.state == "committed"
    assert await allowed(house) == [("77", "email"), ("77", "sms"), ("88", "email")]
    assert await reasons(house, run.id) == []
    async with house.database.transaction() as tx:
        given = await tx.fetch("select distinct purpose, given from consent")
        noted = await tx.fetchval(
            "select count(*) from audit where action = 'system:contact:allow'"
        )
    assert [tuple(row) for row in given] == [("messages", True)]
    assert noted == 3


async def test_without_such_columns_nobody_may_be_written_to(house: House) -> None:
    await house.bring(listed(HANA, YUKI, titles=TITLES), "list.csv")
    assert await allowed(house) == []
    async with house.database.transaction() as tx:
        assert await tx.fetchval("select count(*) from chat_account") == 0


async def test_a_preview_allows_nothing(house: House) -> None:
    run = await house.preview(listed(f"{HANA},はい,はい"), "list.csv")
    assert run.state == "previewed"
    assert await allowed(house) == []


async def test_the_same_list_again_changes_nothing(house: House) -> None:
    await house.bring(listed(f"{HANA},1,1"), "list.csv")
    await house.bring(listed(f"{HANA},1,1", f"{YUKI},1,0"), "list.csv")
    assert await allowed(house) == [("77", "email"), ("77", "sms"), ("88", "sms")]
    async with house.database.transaction() as tx:
        assert await tx.fetchval("select count(*) from link") == 3


async def test_a_no_ends_what_was_allowed_and_staff_are_told(house: House) -> None:
    await house.bring(listed(f"{HANA},はい,はい"), "list.csv")
    run = await house.bring(listed(f"{HANA},いいえ,はい"), "list.csv")
    assert await allowed(house) == [("77", "email")]
    assert await reasons(house, run.id) == [(2, "consent_ended")]


async def test_a_list_does_not_give_back_what_was_withdrawn_at_the_desk(house: House) -> None:
    await house.bring(listed(f"{HANA},はい,"), "list.csv")
    async with house.database.transaction() as tx:
        patient = await tx.fetchval("select id from patient")
        await withdraw(tx, patient, "sms")
    run = await house.bring(listed(f"{HANA},はい,", f"{YUKI},,"), "list.csv")
    assert await allowed(house) == []
    assert await reasons(house, run.id) == [(2, "consent_withdrawn")]
    async with house.database.transaction() as tx:  # the desk itself may
        assert await ensure_account(tx, house.keys, house.settings, patient, "sms", staff_id=None)
    assert await allowed(house) == [("77", "sms")]


async def test_a_yes_to_one_number_is_no_yes_to_another(house: House) -> None:
    await house.bring(listed(HANA, titles=TITLES), "list.csv")
    async with house.database.transaction() as tx:  # staff know a newer number
        key = await tx.fetchval("select key from patient")
        number = "+819099998888"
        await tx.execute(
            """update patient set phone = $1, phone_index = $2,
                 field_sources = field_sources || '{"phone": "staff"}'""",
            house.keys.seal(number.encode(), "patient.phone", key),
            house.keys.index("phone", number),
        )
    run = await house.bring(listed(f"{HANA},はい,たぶん"), "list.csv")
    assert await allowed(house) == []
    assert await reasons(house, run.id) == [(2, "bad_consent"), (2, "consent_without_address")]


async def test_an_import_that_is_taken_back_takes_its_consents_with_it(house: House) -> None:
    await house.bring(listed(HANA, titles=TITLES), "list.csv")
    run = await house.bring(listed(f"{HANA},はい,はい", f"{YUKI},はい,はい"), "list.csv")
    assert len(await allowed(house)) == 4
    undone = await house.undo(run.id)
    assert not isinstance(undone, str)
    assert (undone.patients, undone.kept) == (1, 0)
    assert await allowed(house) == []
