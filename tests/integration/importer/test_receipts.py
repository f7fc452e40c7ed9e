"""Receipts into the patient base: the acceptance list, point by point."""

import logging
from datetime import date

import pytest

from clinic.importer.service import follow_up
from clinic.record.merge import merge, part
from tests.integration.importer.house import House
from tests.unit.clinic.importer.uke.making import EXAMPLE, GO, HO, IR, opening, visits

pytestmark = pytest.mark.server


def uke(*receipts: str, claimed: str = "202608") -> bytes:
    """A file of receipts, each given as its lines."""
    head = IR.replace("202608", claimed)
    return ("\r\n".join([head, *receipts, GO]) + "\r\n\x1a").encode("cp932")


def receipt(*days: int, **changes: str) -> str:
    """A receipt with re-visits on these days; changes of RE as in `opening`."""
    return "\r\n".join([opening(**changes), HO, visits(*days)])


async def _visits(house: House) -> list[date]:
    rows = await house.rows(
        """select distinct on_date from encounter e join source_record r on r.id = e.record_id
           where r.replaced_by_id is null order by 1"""
    )
    return [row[0] for row in rows]


async def _names(house: House) -> list[str]:
    return [row[0] for row in await house.rows("select name from patient order by id")]


async def test_the_example_gives_one_patient_with_visits_medicine_and_groups(house: House) -> None:
    run = await house.bring(EXAMPLE.encode("cp932"))
    assert run.state == "committed"
    assert run.report["patients"] == {
        "new": 1,
        "updated": 0,
        "unchanged": 0,
        "review": 0,
        "rejected": 0,
    }
    assert run.report["visits"] == {"new": 2, "removed": 0, "unchanged": 0}
    (one,) = await house.rows(
        "select p.*, s.* from patient p join patient_summary s on s.patient_id = p.id"
    )
    assert (one["chart"], one["birth_on"]) == ("00042", date(1960, 1, 15))
    assert one["last_visit_on"] == date(2026, 7, 17)
    assert one["supply_until"] == date(2026, 8, 14)
    assert one["newest_month"] == date(2026, 7, 1)
    groups = await house.rows(
        "select g.code from lapse l join care_group g on g.id = l.group_id order by 1"
    )
    assert groups
    assert "diabetes" not in {row[0] for row in groups}
    icd10 = await house.rows("select icd10 from condition where not suspected")
    assert [row[0] for row in icd10] == ["I10"]


async def test_a_preview_changes_nothing_and_says_what_the_commit_will_do(house: House) -> None:
    before = await house.state()
    run = await house.preview(EXAMPLE.encode("cp932"))
    assert run.state == "previewed"
    assert run.report["patients"]["new"] == 1
    assert await house.state() == before


async def test_era_dates_and_western_ones_are_one_patient(house: House) -> None:
    await house.bring(uke(receipt(3, c3="50806", c6="3350115"), claimed="202607"))
    run = await house.bring(uke(receipt(3, c3="202607", c6="19600115")))
    assert run.report["patients"]["new"] == 0
    assert await _names(house) == ["見本 太郎"]


async def test_the_same_file_again_in_another_encoding_changes_nothing(house: House) -> None:
    await house.bring(uke(receipt(3, 17)))
    before = await house.state()
    again = await house.bring(uke(receipt(3, 17)))
    assert again.state == "refused"
    assert again.report["refused"] == "already_imported"
    utf8 = await house.bring(uke(receipt(3, 17)).decode("cp932").encode())
    assert utf8.state == "committed"
    assert utf8.report["records"] == {"new": 0, "replaced": 0, "unchanged": 1, "older": 0}
    assert utf8.report["patients"]["unchanged"] == 1
    assert await house.state() == before


async def test_a_claim_of_the_same_month_again_replaces_it(house: House) -> None:
    await house.bring(uke(receipt(3, 17)))
    run = await house.bring(uke(receipt(3, 20, c2="1122"), claimed="202609"))
    assert run.report["records"]["replaced"] == 1
    assert run.report["visits"] == {"new": 1, "removed": 1, "unchanged": 1}
    assert await _visits(house) == [date(2026, 7, 3), date(2026, 7, 20)]
    late = await house.bring(uke(receipt(4), claimed="202608"))
    assert late.report["records"]["older"] == 1
    assert await _visits(house) == [date(2026, 7, 3), date(2026, 7, 20)]


async def test_the_same_receipt_twice_in_a_file_is_the_union_of_its_days(house: House) -> None:
    twice = uke(receipt(3), receipt(17, c1="2"))
    await house.bring(twice)
    assert await _visits(house) == [date(2026, 7, 3), date(2026, 7, 17)]
    before = await house.state()
    await house.bring(twice.decode("cp932").encode())
    assert await house.state() == before
    await house.bring(uke(receipt(3, 5), claimed="202609"))
    assert await _visits(house) == [date(2026, 7, 3), date(2026, 7, 5)]


async def test_a_new_insurer_keeps_the_patient_one_and_both_receipts(house: House) -> None:
    other = receipt(17, c1="2").replace("01130012", "06130012")
    run = await house.bring(uke(receipt(3), other))
    assert run.report["patients"]["new"] == 1
    assert await _visits(house) == [date(2026, 7, 3), date(2026, 7, 17)]


async def test_twins_stay_two(house: House) -> None:
    twin = {"c4": "見本　次郎", "c36": "ミホンジロウ", "c13": "00043"}
    run = await house.bring(uke(receipt(3), receipt(3, **twin)))
    assert run.report["patients"]["new"] == 2
    without_charts = await house.bring(
        uke(receipt(4, c13="", c3="202608"), receipt(5, **{**twin, "c13": "", "c3": "202608"}))
    )
    assert without_charts.report["patients"] == {
        "new": 0,
        "updated": 2,
        "unchanged": 0,
        "review": 0,
        "rejected": 0,
    }


async def test_spellings_of_a_name_meet_and_kana_does_not_replace_kanji(house: House) -> None:
    await house.bring(uke(receipt(3, c4="髙橋　京子", c36="タカハシキヨウコ", c5="2")))
    await house.bring(
        uke(receipt(3, c4="高橋京子", c36="タカハシキョウコ", c5="2", c13="", c3="202608"))
    )
    await house.bring(
        uke(receipt(3, c4="タカハシキョウコ", c36="タカハシキョウコ", c5="2", c3="202609"))
    )
    assert len(await _names(house)) == 1
    assert (await _names(house))[0].replace(" ", "") in ("髙橋京子", "高橋京子")


async def test_a_death_stops_messages_and_a_transfer_leaves_the_lists(house: House) -> None:
    died = receipt(3, c13="1") + "\r\nSY,8833421,20240610,3,,,01,"
    moved = receipt(3, c13="2", c36="ミホンハナ", c4="見本花") + "\r\nSY,8833421,20240610,4,,,01,"
    await house.bring(uke(died, moved))
    rows = await house.rows("select deceased_on, moved_on from patient order by chart")
    assert rows[0]["deceased_on"] is not None
    assert rows[1]["moved_on"] is not None
    listed = await house.value("select count(*) from lapse where state not in ('excluded')")
    assert listed == 0


async def test_a_reused_chart_number_waits_for_a_person_and_overwrites_nothing(
    house: House,
) -> None:
    await house.bring(uke(receipt(3)))
    run = await house.bring(uke(receipt(3, c6="19700115", c4="別人", c36="ベツジン", c3="202608")))
    assert run.report["patients"]["review"] == 1
    assert await _names(house) == ["見本 太郎"]
    assert await house.value("select reason from match_review") == "birth_differs"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "file_empty"),
        (b"\x1a", "file_empty"),
        (b"\x00\xff\xfe\x80garbage" * 40, "kind_unknown"),
        (uke(receipt(3)).replace(b"IR,1,13,1", b"IR,1,13,3"), None),
    ],
)
async def test_what_is_no_receipt_file_is_refused_and_leaves_nothing(
    house: House, content: bytes, reason: str | None
) -> None:
    before = await house.state()
    run = await house.bring(content)
    assert run.state == "refused"
    assert reason is None or run.report["refused"] == reason
    assert await house.state() == before
    assert await house.value("select count(*) from import_chunk") == 0


async def test_another_clinics_file_needs_a_yes(house: House) -> None:
    await house.bring(uke(receipt(3)))
    other = uke(receipt(5, c3="202608")).replace(b"9999999", b"8888888")
    run = await house.bring(other)
    assert run.state == "previewed"
    assert run.report["confirm"] == ["other_institution"]
    run = await house.bring(other + b"\r\n", "RECEIPTC.UKE", "other_institution")
    assert run.state == "committed"


async def test_a_truncated_file_is_taken_with_a_warning(house: House) -> None:
    whole = uke(receipt(3))
    run = await house.preview(whole[: whole.index(b"GO,")])
    assert run.state == "previewed"
    assert run.report["issues"]["warn"] >= 1


async def test_undo_brings_back_what_stood_before(house: House) -> None:
    first = await house.bring(uke(receipt(3, 17)))
    before = await house.state()
    second = await house.bring(
        uke(
            receipt(3, 20, c4="見本　太朗"),
            receipt(5, c13="77", c36="アラタ", c4="新　太"),
            claimed="202609",
        )
    )
    assert await house.state() != before
    assert await house.undo(first.id) == "later_first"
    undone = await house.undo(second.id)
    assert not isinstance(undone, str)
    assert (undone.records, undone.patients, undone.kept) == (2, 1, 0)
    assert await house.state() == before
    assert await house.undo(second.id) == "not_committed"
    undone = await house.undo(first.id)
    assert await _names(house) == []


async def test_undo_keeps_what_staff_changed_since_and_whoever_has_a_note(house: House) -> None:
    await house.bring(uke(receipt(3)))
    second = await house.bring(
        uke(
            receipt(3, c4="見本　太朗", c3="202608"),
            receipt(5, c13="77", c36="アラタ", c4="新　太"),
        )
    )
    await house.rows("update patient set name = '見本 大郎' where chart = '00042'")
    await house.rows(
        "insert into patient_tag (patient_id, tag) select id, 'x' from patient where chart = '77'"
    )
    undone = await house.undo(second.id)
    assert not isinstance(undone, str)
    assert undone.kept == 1
    assert await _names(house) == ["見本 大郎", "新 太"]


async def test_no_name_and_no_line_of_a_file_reaches_the_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    odd = uke(receipt(3, c4="カナリア"), receipt(5, c6="99999999", c4="カナリア", c13="9"))
    run = await house.bring(odd)
    assert run.report["patients"]["rejected"] == 1
    assert "カナリア" not in caplog.text
    assert "カナリア" not in str(await house.issues(run.id)) + str(run.report)


async def test_a_file_lies_encrypted_until_it_is_committed(house: House) -> None:
    content = uke(receipt(3))
    run = await house.preview(content)
    (chunk,) = await house.rows("select content from import_chunk")
    assert b"00042" not in chunk["content"]
    assert (await house.work(run.id)).state == "previewed"


async def test_a_person_decides_once_and_it_holds_for_the_next_import(house: House) -> None:
    await house.bring(uke(receipt(3)))
    reused = {"c6": "19700115", "c4": "別人", "c36": "ベツジン"}
    await house.bring(uke(receipt(3, c3="202608", **reused), claimed="202609"))
    (doubt,) = await house.doubts()
    assert doubt.reason == "birth_differs"
    assert [one.chart for one in doubt.candidates] == ["00042"]
    assert await house.decide(doubt.id, "new") is None
    assert await house.decide(doubt.id, "new") == "decided"
    rows = await house.rows("select name, chart from patient order by id")
    assert [tuple(row) for row in rows] == [("見本 太郎", "00042"), ("別人", None)]
    run = await house.bring(uke(receipt(5, c3="202609", **reused), claimed="202610"))
    assert run.report["patients"]["review"] == 0
    assert run.report["patients"]["updated"] == 1
    visits = await house.rows(
        "select last_visit_on from patient_summary s join patient p on p.id = s.patient_id"
        " where p.name = '別人'"
    )
    assert [row[0] for row in visits] == [date(2026, 9, 5)]


async def test_what_a_person_leaves_out_is_not_asked_again(house: House) -> None:
    await house.bring(uke(receipt(3)))
    doubtful = uke(receipt(3, c6="19700115", c3="202608"), claimed="202609")
    await house.bring(doubtful)
    (doubt,) = await house.doubts()
    assert await house.decide(doubt.id, "dropped") is None
    await house.bring(doubtful.decode("cp932").encode())
    assert await house.doubts() == []
    assert await house.value("select count(*) from patient") == 1


async def test_two_records_of_one_person_are_joined_and_parted_again(house: House) -> None:
    await house.bring(uke(receipt(3), receipt(9, c13="77", c4="見本　花子", c36="ミホンハナコ")))
    before = await house.state()
    kept, lost = [row[0] for row in await house.rows("select id from patient order by id")]
    async with house.database.transaction() as tx:
        joined = await merge(tx, house.keys, kept, lost, None)
    assert isinstance(joined, int)
    assert (
        await house.value("select visit_count from patient_summary where patient_id = $1", kept)
        == 2
    )
    # The lost chart number is found all the same.
    run = await house.bring(
        uke(receipt(10, c13="77", c4="見本　花子", c36="ミホンハナコ", c3="202608"))
    )
    assert run.report["patients"]["updated"] == 1
    async with house.database.transaction() as tx:
        assert await merge(tx, house.keys, kept, lost, None) == "gone"
    await house.undo(run.id)
    async with house.database.transaction() as tx:
        assert await part(tx, joined, None) == (kept, lost)
        assert await part(tx, joined, None) is None
        await follow_up(tx, house.settings, [kept, lost])
    assert await house.state() == before
