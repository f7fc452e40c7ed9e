"""Files of nonsense, doubts that cross each other, and workers that die."""

import asyncio
import json
from collections.abc import Callable
from datetime import date
from typing import Any, cast

import pytest

from bot.environment import Environment
from clinic.importer import runs, service
from clinic.importer.commit import Commit
from clinic.importer.undo import Undone
from clinic.record.export import read_export
from scheduler.imports import work_off
from tests.integration.importer.house import HANA, House, join
from tests.integration.importer.test_receipts import receipt, uke

pytestmark = pytest.mark.server

NONSENSE = (
    "\u0000",
    "\ud800",
    "\u202e\u200b",
    "=1+1",
    "\\E\\X00\\'%_",
    "あ" * 10_000 + "<script>",
)


def bundle(evil: str) -> bytes:
    """Resources that say nothing else wherever they may."""
    coded = {"coding": [{"system": evil, "code": evil, "display": evil}], "text": evil[:90]}
    subject = {"reference": "Patient/p1"}
    endless = {"value": 99_999_999_999, "unit": "d", "code": "d"}
    chart = {"type": {"coding": [{"code": "MR"}]}, "system": evil, "value": f"7{evil[:30]}"}
    entries: list[dict[str, Any]] = [
        {
            "resourceType": "Patient",
            "id": "p1",
            "identifier": [chart],
            "name": [{"family": evil, "given": [evil]}, {"text": evil[:150]}],
            "gender": evil,
            "birthDate": "1980-05-06",
            "telecom": [{"system": "phone", "value": evil}, {"system": "email", "value": evil}],
            "address": [{"text": evil}, {"city": evil[:100]}],
            "communication": [{"language": coded, "preferred": True}],
        },
        {
            "resourceType": "Encounter",
            "id": "e1",
            "status": "finished",
            "class": {"code": "AMB"},
            "subject": subject,
            "period": {"start": "9999-12-31"},
        },
        *(
            {
                "resourceType": kind,
                "id": f"{evil[:40]}{day}",
                "status": "completed",
                "subject": subject,
                "code": coded,
                "medicationCodeableConcept": coded,
                "onsetDateTime": day,
                "performedDateTime": day,
                "whenHandedOver": day,
                "authoredOn": day,
                "daysSupply": endless,
                "dispenseRequest": {"expectedSupplyDuration": endless},
            }
            for kind in ("Condition", "Procedure", "MedicationRequest", "MedicationDispense")
            for day in ("9999-12-31", "0001-01-01", "2026-06-01")
        ),
        {
            "resourceType": "Appointment",
            "id": evil[:30],
            "status": "booked",
            "start": "9999-12-31T23:59:59-12:00",
            "participant": [{"actor": subject}],
        },
    ]
    whole = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": f"urn:{n}", "resource": one} for n, one in enumerate(entries)],
    }
    return json.dumps(whole).encode()


def rows(evil: str) -> bytes:
    """A list of such cells, and of dates and numbers at the ends of the calendar."""
    titles = (
        "患者番号,氏名,フリガナ,生年月日,性別,携帯電話,住所,保険者番号,最終来院日,次回予約,処方日数"
    )
    hostile = [f"{n},見本{evil},{evil},1960-01-1{n},{','.join([evil] * 7)}" for n in range(1, 5)]
    odd = "9,見本,ミホン,1960-01-15,男,09012345678,,,0001-01-01,9999-12-31 23:59,99999999999"
    return "\r\n".join([titles, *hostile, odd, ""]).encode("utf-8", "surrogatepass")


def messages(evil: str) -> bytes:
    """Messages of such fields."""

    def message(kind: str, *rest: str) -> str:
        head = f"MSH|^~\\&|{evil}|{evil}|||20260701090000||{kind}|1|P|2.5|||||JPN|UNICODE UTF-8"
        name = f"見本^{evil}^^^^^L^I"
        who = f"PID|||00042{evil[:20]}^^^{evil}^MR||{name}||19600115|M||{evil}|{evil}|||{evil}"
        return "\r".join([head, "EVN|A04|99991231235959", who, *rest, ""])

    stay = f"PV1||I|{evil}{'|' * 41}99991230|99991231"
    text = [
        message("ADT^A04", stay, f"DG1|1||{evil}^{evil}^{evil}|{evil}|99991231"),
        message("SIU^S12", f"SCH|{evil}|{evil}|||||||9999999999|min|^^^99991231235959-1200"),
        message("RDE^O11", "ORC|NW", f"RXE||{evil}^{evil}", "TQ1|1|||||9999999999^D|99991231"),
        message("ADT^A40", f"MRG|{evil}"),
    ]
    return "".join(text).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("evil", NONSENSE, ids=range(len(NONSENSE)))
@pytest.mark.parametrize(
    ("made", "name"), [(bundle, "b.json"), (rows, "l.csv"), (messages, "m.hl7")]
)
async def test_no_file_of_nonsense_stops_a_worker(
    house: House, made: Callable[[str], bytes], name: str, evil: str
) -> None:
    run = await house.bring(made(evil), name)
    assert run.state in ("committed", "refused", "previewed")
    for one in await house.rows("select id from patient"):
        async with house.database.transaction() as tx:
            told = await read_export(tx, house.keys, house.settings, one["id"])
        assert told is not None
        assert told.as_json()


LISTED = "患者番号,お名前,フリガナ,生年月日,携帯電話,最終来院日\n"


async def test_a_doubt_about_somebody_whom_the_file_names_twice_could_not_be_settled(
    house: House,
) -> None:
    two = [f"7,田中 花子,タナカハナコ,1980-02-0{n},,2026-0{n + 2}-01\n" for n in (3, 4)]
    content = (LISTED + "".join(two)).encode()
    run = await house.bring(content, "list.csv")
    assert run.report["patients"]["review"] == 1
    (doubt,) = await house.doubts()
    assert await house.decide(doubt.id, "patient", doubt.candidates[0].id) is None
    assert await house.value("select last_visit_on from patient_summary") == date(2026, 6, 1)
    assert isinstance(await house.undo(run.id), Undone)


async def test_two_receipts_of_one_doubtful_person_could_not_be_settled(house: House) -> None:
    await house.bring(uke(receipt(3)))
    reused = {"c6": "19700115", "c4": "別人", "c36": "ベツジン", "c3": "202608"}
    run = await house.bring(
        uke(receipt(3, **reused), receipt(17, c1="2", **reused), claimed="202609")
    )
    (doubt,) = await house.doubts()
    assert await house.decide(doubt.id, "new") is None
    days = await house.rows(
        """select e.on_date from encounter e join patient p on p.id = e.patient_id
           where p.name = '別人' order by 1"""
    )
    assert [row[0] for row in days] == [date(2026, 8, 3), date(2026, 8, 17)]
    assert isinstance(await house.undo(run.id), Undone)


async def test_a_doubt_of_an_old_list_wrote_over_the_row_of_a_newer_one(house: House) -> None:
    def row(born: str, seen: str) -> bytes:
        return f"{LISTED}7,田中 花子,タナカハナコ,{born},,{seen}\n".encode()

    first = await house.bring(row("1980-02-03", "2026-04-01"), "april.csv")
    second = await house.bring(row("1980-02-04", "2026-05-01"), "may.csv")
    third = await house.bring(row("1980-02-03", "2026-06-01"), "june.csv")
    (doubt,) = await house.doubts()
    assert await house.decide(doubt.id, "patient", doubt.candidates[0].id) is None
    last = "select last_visit_on from patient_summary"
    assert await house.value(last) == date(2026, 6, 1)
    assert isinstance(await house.undo(third.id), Undone)
    assert await house.value(last) == date(2026, 4, 1)
    assert isinstance(await house.undo(second.id), Undone)
    assert isinstance(await house.undo(first.id), Undone)


async def test_whoever_only_the_chat_knows_was_kept_and_no_import_found_the_patient_any_more(
    house: House,
) -> None:
    await house.bring(uke(receipt(3)))
    known = await house.value("select id from patient")
    stranger = await house.value(
        """insert into patient (key, name, provisional) values (gen_random_uuid(), 'x', true)
           returning id"""
    )
    await join(house, stranger, known)
    assert await house.value("select merged_into_id from patient where id = $1", stranger) == known
    run = await house.bring(uke(receipt(5, c3="202608"), claimed="202609"))
    assert run.report["patients"]["updated"] == 1


async def test_a_file_over_which_a_worker_stumbled_was_tried_for_ever(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def stumble(*_: object) -> None:
        raise RuntimeError("見本 太郎")

    run_id, _ = await house.upload(uke(receipt(3)))
    monkeypatch.setattr(Commit, "take", stumble)
    env = cast(Environment, house)
    assert await work_off(env) == 1
    run = await house.run(run_id)
    assert (run.state, run.report["refused"]) == ("refused", "broken_off")
    assert await house.value("select count(*) from import_chunk") == 0
    assert await work_off(env) == 0
    assert "見本" not in caplog.text
    assert "RuntimeError" in caplog.text


async def test_two_of_one_reading_and_birthday_who_are_written_otherwise_became_one(
    house: House,
) -> None:
    titles = "氏名,フリガナ,生年月日,性別\n"
    await house.bring(f"{titles}佐藤 浩,サトウヒロシ,1960-01-15,男\n".encode(), "list.csv")
    run = await house.bring(uke(receipt(3, c4="佐藤　博", c36="サトウヒロシ")))
    assert run.report["patients"]["review"] == 1
    (doubt,) = await house.doubts()
    assert doubt.reason == "not_proven"
    assert await house.decide(doubt.id, "new") is None
    rows = await house.rows("select name, chart from patient order by name")
    assert [tuple(row) for row in rows] == [("佐藤 博", "00042"), ("佐藤 浩", None)]


async def test_two_workers_at_two_copies_of_a_file_bring_it_once(house: House) -> None:
    content = uke(receipt(3), receipt(17, c1="2"), receipt(4, **HANA))
    ids = [(await house.upload(one))[0] for one in (content, content.decode("cp932").encode())]
    for state in ("previewed", "committed"):
        both = [
            service.carry_out(house.database, house.keys, house.settings, id)
            for id in (*ids, ids[0])
        ]
        assert set(await asyncio.gather(*both)) == {state}
        async with house.database.transaction() as tx:
            asked = [await runs.request_commit(tx, id, None) for id in (*ids, *ids)]
        assert asked == ([True, True, False, False] if state == "previewed" else [False] * 4)
    assert await house.value("select count(*) from patient") == 2
    assert await house.value("select count(*) from source_record") == 3


@pytest.mark.parametrize("place", ["_read", "_finish", "_write", "write_issues"])
async def test_a_worker_killed_anywhere_leaves_nothing_half_done(
    house: House, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    run = await house.preview(uke(receipt(3), receipt(4, **HANA)))
    before = await house.state()
    async with house.database.transaction() as tx:
        assert await runs.request_commit(tx, run.id, None)
    original = getattr(service, place)

    async def killed(*arguments: object) -> None:
        await original(*arguments)
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(service, place, killed)
        with pytest.raises(asyncio.CancelledError):
            await service.carry_out(house.database, house.keys, house.settings, run.id)
    assert await house.state() == before
    assert (await house.work(run.id)).state == "committed"
    assert await house.value("select count(*) from patient") == 2


async def test_a_visit_to_come_was_the_last_one(house: House) -> None:
    run = await house.bring(bundle("x"), "bundle.json")
    assert run.state == "committed"
    assert await house.value("select max(on_date) from encounter") is None
    assert (
        await house.value("select count(*) from patient_summary where last_visit_on > now()") == 0
    )
