"""Who is listed as drifting away, and who is not, on the groups that Kayoi brings along."""

import json
from datetime import date, timedelta

import pytest
from pydantic import SecretStr

from bot.commands.lapse import rows
from clinic import config
from clinic.errors import KayoiError
from clinic.lapse import rules, service
from clinic.lapse.plans import due, estimate, give
from clinic.lapse.types import LISTED
from tests.integration.lapse.house import ZONE, House

pytestmark = pytest.mark.server

JUNE = date(2026, 6, 1)
MARCH = date(2026, 3, 20)


async def told(
    house: House, run: int, seen: date, *, icd10: str = "I10", act: str | None = None
) -> int:
    """A patient of whom a receipt tells a visit, and perhaps an act on that day."""
    patient = await house.patient(chart=f"{await house.value('select count(*) from patient'):05}")
    month = seen.replace(day=1)
    record = await house.record(run, patient, month)
    await house.condition(record, patient, icd10=icd10)
    if act is not None:
        await house.act(record, patient, act, seen)
    await house.summary(patient, last_visit_on=seen, visit_count=1, newest_month=month)
    return patient


async def test_who_came_last_in_march_is_missed_at_the_end_of_june(house: House) -> None:
    run = await house.run(JUNE)
    gone, here = await told(house, run, MARCH), await told(house, run, date(2026, 6, 3))
    done = await house.recompute([gone, here])
    assert done.horizon == date(2026, 6, 30)
    (one,) = await house.listing("lifestyle")
    assert (one.patient, one.state) == (gone, "at_risk")
    assert one.at_risk_on == date(2026, 5, 20)
    assert await house.state(here, "lifestyle") == "active"


async def test_nobody_is_missed_for_the_weeks_of_which_no_receipt_tells_yet(house: House) -> None:
    """Receipts of a month come on the tenth of the next: by today's date all would be late."""
    run = await house.run(JUNE)
    patient = await told(house, run, date(2026, 6, 3))
    await house.recompute()
    assert await house.listing() == []
    await house.recompute((), "today")
    assert await house.state(patient, "lifestyle") == "lapsed"


async def test_half_a_month_of_files_moves_no_horizon(house: House) -> None:
    await house.run(date(2026, 5, 1), report={"payer": "1"})
    await house.run(date(2026, 5, 1), report={"payer": "2"})
    await house.run(JUNE, report={"payer": "1"})
    await house.run(date(2026, 7, 1), state="undone")
    assert (await house.recompute()).horizon == date(2026, 5, 31)
    await house.run(JUNE, report={"payer": "2"})
    assert (await house.recompute()).horizon == date(2026, 6, 30)


async def test_lists_without_months_reach_to_the_last_visit_they_name(house: House) -> None:
    today = await house.today()
    assert (await house.recompute()).horizon == today
    await house.run(None, "table")
    await house.summary(await house.patient(), last_visit_on=MARCH)
    assert (await house.recompute()).horizon == MARCH
    assert (await house.recompute(None, "import")).horizon == MARCH


async def test_a_clinic_that_books_all_its_visits_here_lives_today(house: House) -> None:
    today = await house.today()
    month = rules.add_months(today.replace(day=1), -1)
    run = await house.run(month)
    for day in range(1, 11):
        on = month.replace(day=day)
        patient = await told(house, run, on)
        record = await house.value("select id from source_record where patient_id = $1", patient)
        await house.row(
            "encounter", record_id=record, patient_id=patient, on_date=on, setting="outpatient"
        )
        if day <= 8:
            await house.booking(patient, on, "fulfilled")
    assert (await house.recompute()).horizon == rules.month_end(month)
    await house.booking(patient, month.replace(day=10), "fulfilled")
    assert (await house.recompute()).horizon == today


async def test_who_books_leaves_the_list_at_once_and_comes_back_when_it_is_cancelled(
    house: House,
) -> None:
    run = await house.run(JUNE)
    patient = await told(house, run, MARCH)
    await house.recompute()
    visit = await house.booking(patient, await house.today() + timedelta(9))
    assert await house.listing() == []
    (one,) = await house.listing(states=("booked",))
    assert one.expected_on == await house.today() + timedelta(9)
    await house.recompute(())
    assert await house.state(patient, "lifestyle") == "booked"
    await house.value("update appointment set status = 'cancelled' where id = $1", visit)
    assert [one.state for one in await house.listing()] == ["at_risk"]
    await house.recompute(())
    assert await house.state(patient, "lifestyle") == "at_risk"


async def test_a_death_leaves_the_list_before_anything_is_recomputed(house: House) -> None:
    run = await house.run(JUNE)
    patient = await told(house, run, MARCH)
    await house.recompute()
    await house.value("update patient set deceased_on = $2 where id = $1", patient, MARCH)
    assert await house.listing() == []
    (one,) = await house.listing(states=("excluded",))
    assert one.reason.key == "excluded_deceased"


async def test_a_suspected_disease_puts_nobody_in_a_group(house: House) -> None:
    run = await house.run(JUNE)
    patient = await told(house, run, MARCH)
    await house.recompute()
    await house.value("update condition set suspected = true")
    assert (await house.recompute([patient])).changed == 1
    assert await house.state(patient, "lifestyle") is None


async def test_a_record_that_was_replaced_tells_nothing(house: House) -> None:
    run = await house.run(JUNE)
    patient = await told(house, run, MARCH)
    await house.value("update source_record set replaced_by_id = $1", run)
    await house.recompute([patient])
    assert await house.listing() == []


async def test_the_same_again_changes_nothing(house: House) -> None:
    run = await house.run(JUNE)
    patient = await told(house, run, MARCH)
    assert (await house.recompute()).changed == 1
    assert (await house.recompute([patient])).changed == 0
    assert (await house.recompute()).changed == 0


async def test_a_group_that_is_switched_off_has_no_list(house: House) -> None:
    run = await house.run(JUNE)
    patient = await told(house, run, MARCH)
    await house.recompute()
    await house.value("update care_group set active = false where code = 'lifestyle'")
    assert await house.listing() == []
    await house.recompute()
    assert await house.state(patient, "lifestyle") is None


async def test_a_group_that_is_not_understood_is_left_out_and_told(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    run = await house.run(JUNE)
    patient = await told(house, run, MARCH)
    await house.recompute()
    await house.value("update care_group set definition = '{}'::jsonb where code = 'lifestyle'")
    await house.recompute()
    assert await house.state(patient, "lifestyle") is None
    assert "is not understood" in caplog.text


async def test_groups_are_brought_along_once(house: House) -> None:
    await house.recompute()
    await house.value("delete from care_group where code = 'chronic'")
    await house.recompute()
    codes = {row["code"] for row in await house.rows("select code from care_group")}
    assert codes == {"cpap", "lifestyle", "refill", "endoscopy", "hay_fever"}


async def test_a_list_is_read_page_by_page(house: House) -> None:
    run = await house.run(JUNE)
    made = [await told(house, run, MARCH - timedelta(n)) for n in range(5)]
    await house.recompute()
    pages = [await house.listing("lifestyle", limit=2, offset=n) for n in (0, 2, 4)]
    assert [one.patient for page in pages for one in page] == made


async def test_the_command_words_the_reason(house: House, database_url: str) -> None:
    run = await house.run(date(2026, 4, 1))
    patient = await told(house, run, date(2026, 2, 20), icd10="G473", act="114040710")
    settings = config.Settings(database_url=SecretStr(database_url))
    found = await rows(settings, None, LISTED, None)
    assert found == [
        {
            "patient": patient,
            "chart": "00000",
            "group": "cpap",
            "state": "at_risk",
            "last_visit": "2026-02-20",
            "expected": "2026-04-20",
            "reason": "CPAP, 2 months, insurance stops on 31 May",
        }
    ]
    json.dumps(found)
    (later,) = await rows(settings, "cpap", LISTED, date(2027, 1, 10))
    assert later["state"] == "lapsed"
    assert later["reason"] == "CPAP, 10 months, insurance stopped on 31 May 2026"
    assert await rows(settings, "refill", LISTED, None) == []
    with pytest.raises(KayoiError, match="no group nobody: there are cpap, lifestyle"):
        await rows(settings, "nobody", LISTED, None)


# Treatment plans ------------------------------------------------------------------------------


async def plans(house: House, as_of: date) -> list[tuple[int, date, bool, date]]:
    async with house.database.transaction() as tx:
        found = await due(tx, as_of, as_of, await service.today(tx, ZONE), ZONE)
    return [(one.patient, one.plan_on, one.estimated, one.due_on) for one in found]


async def test_a_plan_is_due_in_the_fourth_month_after_the_first_fee_or_the_last_plan(
    house: House,
) -> None:

    run = await house.run(JUNE)
    patient = await told(house, run, date(2026, 6, 3), act="113707110")
    async with house.database.transaction() as tx:
        await estimate(tx, [patient])
        await estimate(tx, None)
    assert await plans(house, date(2026, 9, 30)) == []
    first = (patient, date(2026, 6, 3), True, date(2026, 10, 1))
    assert await plans(house, date(2026, 10, 1)) == [first]
    async with house.database.transaction() as tx:
        await give(tx, patient, date(2026, 10, 5), None)
        await estimate(tx, [patient])
    assert await plans(house, date(2026, 10, 6)) == []


async def test_an_estimate_goes_with_the_receipt_it_was_made_from(house: House) -> None:

    run = await house.run(JUNE)
    patient = await told(house, run, date(2026, 6, 3), act="113707110")
    async with house.database.transaction() as tx:
        await estimate(tx, [patient])
        await tx.execute("update source_record set replaced_by_id = $1", run)
        await estimate(tx, [patient])
    assert await house.rows("select 1 from plan_date") == []
