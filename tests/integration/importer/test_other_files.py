"""Lists, FHIR, HL7, masters and ZIPs into the patient base."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from clinic.importer import runs
from clinic.importer.archive import sources
from clinic.importer.source import Source
from clinic.importer.types import Issue
from tests.integration.importer.house import House
from tests.integration.importer.test_receipts import receipt, uke

pytestmark = pytest.mark.server

LIST = """\
患者番号,氏名,フリガナ,生年月日,性別,携帯電話,メールアドレス,最終来院日
00042,見本　太郎,ミホン タロウ,S35.1.15,男,090-1234-5678,taro@example.jp,2026-06-30
00077,新　花子,アラタ ハナコ,1985/02/03,女,03-1234-5678,,
"""


async def test_a_list_brings_contacts_and_never_wipes_what_stands(house: House) -> None:
    await house.bring(uke(receipt(3)))
    run = await house.bring(LIST.encode("cp932"), "patients.csv")
    assert run.state == "committed"
    assert run.kind == "table"
    assert run.report["patients"] == {
        "new": 1,
        "updated": 1,
        "unchanged": 0,
        "review": 0,
        "rejected": 0,
    }
    (taro, _) = await house.rows("select * from patient order by chart")
    opened = house.keys.open(taro["phone"], "patient.phone", taro["key"]).decode()
    assert opened == "+819012345678"
    assert taro["phone_index"] == house.keys.index("phone", "+819012345678")
    empty = LIST.replace("090-1234-5678,taro@example.jp", ",")
    again = await house.bring(empty.encode(), "patients.csv")
    assert again.state == "committed"
    assert await house.value("select phone is not null from patient where chart = '00042'")


async def test_a_mapping_that_staff_chose_serves_the_next_list_of_its_kind(house: House) -> None:
    odd = "No,Who,Born\n00042,見本　太郎,1960-01-15\n"
    run = await house.preview(odd.encode(), "odd.csv")
    mapping = {
        "form": 1,
        "titles": ["no", "who", "born"],
        "columns": {"chart": [0], "name": [1], "birth": [2]},
    }
    async with house.database.transaction() as tx:
        assert await runs.request_preview(tx, run.id, mapping)
    run = await house.work(run.id)
    assert run.report["patients"]["new"] == 1
    async with house.database.transaction() as tx:
        await runs.request_commit(tx, run.id, None)
    await house.work(run.id)
    following = odd + "00043,見本　花子,1962-02-16\n"
    run = await house.preview(following.encode(), "odd2.csv")
    assert run.report["patients"]["new"] == 1
    assert run.report["patients"]["unchanged"] == 1


async def test_a_bundle_gives_a_patient_with_visits_and_conditions(house: House) -> None:
    entries = [
        {
            "resourceType": "Patient",
            "id": "p1",
            "identifier": [
                {
                    "type": {"coding": [{"code": "MR"}]},
                    "system": "urn:clinic",
                    "value": "A-1",
                }
            ],
            "name": [{"family": "Chen", "given": ["Mei"]}],
            "gender": "female",
            "birthDate": "1980-05-06",
        },
        {
            "resourceType": "Encounter",
            "id": "e1",
            "status": "finished",
            "class": {"code": "AMB"},
            "subject": {"reference": "Patient/p1"},
            "period": {"start": "2026-06-01T09:00:00+09:00"},
        },
    ]
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": f"urn:{one['resourceType']}/{one['id']}", "resource": one}
            for one in entries
        ],
    }
    run = await house.bring(json.dumps(bundle).encode(), "bundle.json")
    assert run.state == "committed"
    assert run.report["patients"]["new"] == 1
    assert await house.value("select last_visit_on from patient_summary") == date(2026, 6, 1)
    again = await house.bring(json.dumps(bundle, indent=1).encode(), "bundle.json")
    assert again.report["records"]["unchanged"] == 1


async def test_messages_of_a_hospital_system_give_patients(house: House) -> None:
    message = "\r".join(
        [
            "MSH|^~\\&|HIS|CLINIC|||20260701090000||ADT^A04|1|P|2.5|||||JPN|UNICODE UTF-8",
            "EVN|A04|20260701090000",
            "PID|||00042^^^CLINIC^MR||見本^太郎^^^^^L^I~ミホン^タロウ^^^^^L^P||19600115|M",
            "PV1||O",
            "",
        ]
    )
    run = await house.bring(message.encode(), "adt.hl7")
    assert run.state == "committed"
    assert await house.value("select chart from patient") == "00042"


async def test_a_master_names_what_was_unknown(house: House) -> None:
    run = await house.bring(uke(receipt(3) + "\r\nSY,1234567,20240610,1,,,01,"))
    assert run.report["unknown_codes"] == 1
    cells = [""] * 46
    cells[1], cells[2], cells[5], cells[7] = "B", "1234567", "見本病", "見本病"
    cells[15], cells[23] = "I10", "99999999"
    master = ",".join(f'"{cell}"' for cell in ["0", *cells[1:]]) + "\r\n"
    run = await house.bring(master.encode("cp932"), "b_20240601.txt")
    assert run.state == "committed"
    assert run.report["codes"] == 1
    assert await house.value("select icd10 from condition") == "I10"
    assert await house.value("select loaded from code_name where code = '1234567'") == "20240601"
    assert await house.undo(run.id) == "not_committed"


async def test_each_file_of_a_zip_is_an_import_of_its_own(house: House) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("1/RECEIPTC.UKE", uke(receipt(3)))
        archive.writestr("2/RECEIPTC.UKE", uke(receipt(5, c13="77", c36="アラタ", c4="新　太")))
    for source in sources(lambda: io.BytesIO(packed.getvalue()), "both.zip"):
        assert isinstance(source, Source)
        content = b"".join(source.chunks())
        assert (await house.bring(content, source.name)).state == "committed"
    assert await house.value("select count(*) from patient") == 2


async def test_a_worker_that_died_leaves_nothing_and_another_takes_over(house: House) -> None:
    run_id, refused = await house.upload(uke(receipt(3)))
    assert refused is None
    async with house.database.transaction() as tx:
        assert await runs.claim(tx) == run_id
    async with house.database.transaction() as tx:
        assert await runs.claim(tx) is None
        await tx.execute("update import_run set lease_until = now() - interval '1 s'")
    async with house.database.transaction() as tx:
        assert await runs.claim(tx) == run_id
    assert (await house.work(run_id)).state == "previewed"


async def test_a_file_that_nobody_commits_is_forgotten(house: House) -> None:
    run = await house.preview(uke(receipt(3)))
    await house.rows("update import_run set created_at = now() - interval '8 days'")
    async with house.database.transaction() as tx:
        assert await runs.expire(tx) == 1
    assert (await house.run(run.id)).state == "cancelled"
    assert await house.value("select count(*) from import_chunk") == 0
    async with house.database.transaction() as tx:
        assert not await runs.request_commit(tx, run.id, None)


async def test_a_broken_zip_is_refused() -> None:
    broken = b"PK\x03\x04" + b"x" * 100
    found = list(sources(partial(io.BytesIO, broken), "broken.zip"))
    assert [type(one) for one in found] == [Issue]


async def test_a_second_chart_number_took_the_place_of_the_one_on_the_card(house: House) -> None:
    await house.bring(uke(receipt(3)))
    run = await house.bring(LIST.replace("00042", "9001").encode(), "patients.csv")
    assert run.report["patients"]["review"] == 1
    (doubt,) = await house.doubts()
    assert await house.decide(doubt.id, "patient", doubt.candidates[0].id) is None
    assert await house.value("select count(*) from patient where chart = '00042'") == 1
    later = LIST.replace("00042", "9001").replace("taro@", "taro2@")
    again = await house.bring(later.encode(), "patients.csv")
    assert again.report["patients"]["review"] == 0


async def test_a_row_of_nobodys_name_made_a_patient_named_by_a_number(house: House) -> None:
    nameless = LIST.replace("新　花子,アラタ ハナコ", ",")
    run = await house.bring(nameless.encode(), "patients.csv")
    assert run.report["patients"]["new"] == 1
    assert run.report["patients"]["rejected"] == 1


# Whose chart numbers ------------------------------------------------------------------------------

OWN = "https://clinic.example/ids"


def named_by(house: House, *systems: str) -> House:
    """The same patient base, where the clinic has named who gives its chart numbers."""
    clinic = house.settings.clinic.model_copy(update={"chart_systems": systems})
    return replace(house, settings=house.settings.model_copy(update={"clinic": clinic}))


def fhir_file(*identifiers: dict[str, object]) -> bytes:
    patient = {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": identifiers,
        "name": [{"family": "Mihon", "given": ["Taro"]}],
        "birthDate": "1960-01-15",
    }
    return json.dumps({"resourceType": "Bundle", "entry": [{"resource": patient}]}).encode()


async def test_a_named_system_gives_the_chart_number_and_the_preview_tells_it(
    house: House,
) -> None:
    content = fhir_file({"system": OWN, "value": "00042"})
    run = await house.preview(content, "p.json")
    assert "charts" not in run.report
    assert run.report["passed_over"] == [{"kind": "", "system": OWN, "count": 1}]
    ours = named_by(house, OWN)
    async with house.database.transaction() as tx:
        assert await runs.cancel(tx, run.id, None)
    run = await ours.bring(content, "p.json")
    assert run.report["charts"] == [{"kind": "named", "system": OWN, "count": 1}]
    assert "passed_over" not in run.report
    assert await house.value("select chart from patient") == "00042"


async def test_a_named_authority_gives_the_chart_number_in_hl7(house: House) -> None:
    content = (
        b"MSH|^~\\&|A|B|C|D|20260701||ADT^A08|1|P|2.5\r"
        b"PID|1||9^^^OTHER^MR~00042^^^&1.2.3&ISO^LR||Mihon^Taro||19600115|M\r"
    )
    run = await named_by(house, "urn:oid:1.2.3").bring(content, "m.hl7")
    assert run.report["charts"] == [{"kind": "LR", "system": "1.2.3", "count": 1}]
    assert await house.value("select chart from patient") == "00042"
