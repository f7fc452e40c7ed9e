"""After an erasure nothing tells of the person, and no import brings them back unasked."""

from datetime import date

import pytest

from clinic.importer.commit import Commit
from clinic.importer.types import Entry, Person
from clinic.message.rules import FOR_STAFF
from clinic.record.erasure import erase
from clinic.record.fates import CARRIERS, COLUMNS_KEPT, OF_CHAT, OF_PATIENT, OF_ROWS, PERSONAL
from clinic.segment.service import REASONS
from tests.integration.admin.house import KEYS, House
from tests.integration.record.canary import (
    CANARIES,
    CHART,
    KANA,
    NAME,
    Canary,
    told,
)

REFERENCES = """
  select c.conrelid::regclass::text || '.' || a.attname as name, c.confrelid::regclass::text as to
  from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
  where c.contype = 'f' and c.confrelid::regclass::text = any($1)"""


async def gone(house: House, patient: int) -> str | None:
    async with house.database.transaction() as tx:
        return await erase(tx, KEYS, patient, None)


def canaries(texts: dict[str, str]) -> dict[str, str]:
    return {place: text for place, text in texts.items() if any(one in text for one in CANARIES)}


async def test_every_reference_to_a_person_is_declared(house: House) -> None:
    rows = await house.rows(REFERENCES, [*PERSONAL, *CARRIERS])
    to = {
        kind: {row["name"] for row in rows if row["to"] in kinds}
        for kind, kinds in {
            "patient": ("patient",),
            "chat": ("chat_account", "conversation"),
            "rows": CARRIERS,
        }.items()
    }
    assert to["patient"] == set(OF_PATIENT)
    assert to["chat"] == set(OF_CHAT)
    assert to["rows"] == set(OF_ROWS)


async def test_after_an_erasure_no_word_of_the_patient_is_found_in_any_table(house: House) -> None:
    patient = await Canary(house).write()
    before = canaries(await told(house))
    tables = {place.split(".")[0] for place in before}
    assert {name.split(".")[0] for name, fate in OF_PATIENT.items() if fate == "blank"} <= tables
    assert {"inbound", "outbox", "chat_account", "conversation", "import_run"} <= tables
    for name in OF_PATIENT:
        table, column = name.split(".")
        if table != "erasure":
            rows = await house.value(
                f"select count(*) from {table} where {column} = any($1)",
                [patient.id, patient.alias],
            )
            assert rows, f"the canary has no row in {table}"
    assert await gone(house, patient.id) is None
    assert canaries(await told(house)) == {}
    for name, fate in OF_PATIENT.items():
        table, column = name.split(".")
        rows = await house.value(
            f"select count(*) from {table} where {column} = any($1)", [patient.id, patient.alias]
        )
        assert (rows == 0) is (fate == "gone"), name


async def test_of_a_patient_no_column_stays_but_numbers(house: House) -> None:
    patient = await Canary(house).write()
    await gone(house, patient.id)
    for one in (patient.id, patient.alias):
        row = (await house.rows("select * from patient where id = $1", one))[0]
        left = {name for name, value in row.items() if value not in (None, "", {}, False)}
        assert left <= set(COLUMNS_KEPT)


async def test_nothing_that_waits_goes_out_and_visits_are_free_again(house: House) -> None:
    patient = await Canary(house).write()
    await gone(house, patient.id)
    waiting = await house.rows("select purpose from outbox where state in ('pending', 'leased')")
    assert {row["purpose"] for row in waiting} <= FOR_STAFF
    assert (
        await house.value("select reason from outbox where state = 'skipped' limit 1") == "erased"
    )
    assert await house.value("select count(*) from appointment where status = 'booked'") == 0
    assert await house.value("select count(*) from allocation where status = 'booked'") == 1
    assert await house.value("select count(*) from timer where state = 'waiting'") == 0
    assert await house.value("select state from questionnaire_request") == "cancelled"


async def test_others_of_a_shared_chat_keep_what_was_said_of_them(house: House) -> None:
    patient = await Canary(house).write()
    await gone(house, patient.id)
    texts = " ".join((await told(house)).values())
    assert "母の頭痛です" in texts
    assert "鶴亀 母様のご予約です" in texts, "a family name is the others' too"
    assert await house.value("select count(*) from link where patient_id = $1", patient.mother) == 1


async def test_who_writes_again_from_an_erased_chat_is_somebody_new(house: House) -> None:
    patient = await Canary(house).write()
    await gone(house, patient.id)
    row = (
        await house.rows(
            """select a.address_index, a.unreachable_at, a.opted_out_at, c.last_patient_at
               from chat_account a join conversation c on c.account_id = a.id where c.id = $1""",
            patient.talk,
        )
    )[0]
    assert row["address_index"].startswith("erased:")
    assert row["unreachable_at"] is not None
    assert row["opted_out_at"] is not None
    assert row["last_patient_at"] is None


@pytest.mark.parametrize(
    ("chart", "name", "kana", "born", "stays_away"),
    [
        (CHART, NAME, KANA, date(1977, 7, 7), True),
        (CHART.lower(), "新姓 小鳥子", "", date(1977, 7, 7), True),
        ("", NAME, KANA, date(1977, 7, 7), True),
        ("OTHER1", NAME, KANA, date(1977, 7, 7), False),  # a namesake of the same day
        (CHART, "田中 花子", "タナカ", date(1990, 1, 1), False),  # the number is handed out again
    ],
)
async def test_an_import_leaves_an_erased_person_out_and_nobody_else(
    house: House, chart: str, name: str, kana: str, born: date, stays_away: bool
) -> None:
    patient = await Canary(house).write()
    await gone(house, patient.id)
    people = await house.value("select count(*) from patient")
    person = Person(chart=chart, name=name, kana=kana, birth_on=born, sex="female")

    async def bring() -> Commit:
        async with house.database.transaction() as tx:
            commit = Commit(tx, KEYS, patient.run, "table", {}, date(2026, 8, 1))
            await commit.take([Entry("row", person, 2)])
        return commit

    commit = await bring()
    came = await house.value("select count(*) from patient") - people
    assert came == (0 if stays_away else 1)
    reasons = [(one.severity, one.reason, one.values) for one in commit.issues]
    lines = [("reject", "erased_person", {"patient": patient.id})]
    assert reasons == (lines if stays_away else [])
    if stays_away:
        assert canaries(await told(house)) == {}
        await house.rows("update erasure set lifted_at = now()")
        await bring()
        assert await house.value("select count(*) from patient") - people == 1


async def test_an_erased_patient_is_on_no_list_and_cannot_be_erased_again(house: House) -> None:
    patient = await Canary(house).write()
    await gone(house, patient.id)
    assert "moved" in REASONS
    assert await house.value("select moved_on is not null from patient where id = $1", patient.id)
    assert await gone(house, patient.id) == "erased"
    assert await gone(house, patient.alias) == "gone"
    assert await gone(house, 999_999) == "gone"


async def test_an_open_emergency_or_doubt_comes_first(house: House) -> None:
    patient = await house.patient(NAME)
    talk = await house.conversation(patient)
    case = await house.escalation(talk, said="胸が痛い")
    assert await gone(house, patient) == "open_escalation"
    await house.rows(
        "update escalation set state = 'closed', disposition = 'called' where id = $1", case
    )
    await Canary(house).write()
    await house.rows(
        """update match_review set state = 'open', candidates = jsonb_build_array($1::bigint)
           where decision = 'dropped'""",
        patient,
    )
    assert await gone(house, patient) == "open_doubt"


async def test_an_erasure_waits_for_no_import(house: House) -> None:
    patient = await house.patient(NAME)
    async with house.database.transaction() as tx:
        await tx.execute("select pg_advisory_xact_lock(7205130)")
        assert await gone(house, patient) == "busy"
    assert await house.value("select name from patient where id = $1", patient) == NAME


async def test_an_erasure_is_audited_with_numbers_only(house: House) -> None:
    patient = await Canary(house).write()
    await gone(house, patient.id)
    row = (await house.rows("select * from audit where action = 'staff:patient:erase'"))[0]
    assert row["subject_id"] == patient.id
    assert row["detail"]["patients"] == [patient.id, patient.alias]
