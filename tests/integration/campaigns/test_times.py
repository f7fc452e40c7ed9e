"""When: birthdays, days without a worker, times that were over, pauses."""

from datetime import date, timedelta
from typing import Any

import pytest

from clinic.campaign import service
from tests.integration.booking.clinic import quiet_now
from tests.integration.campaigns.clinic import ONCE, Clinic, today

pytestmark = pytest.mark.server

MIDNIGHT = {"kind": "birthday", "at": "00:00", "late": "send"}


def born(days_ago: int, years: int = 40) -> date:
    """Whose birthday was so many days ago, by the clinic's wall."""
    day = today() - timedelta(days_ago)
    return date(day.year - years, day.month, min(day.day, 28) if day.month == 2 else day.day)


async def birthdays(clinic: Clinic, **fields: Any) -> Any:
    return await clinic.begin(
        **{"kind": "birthday", "trigger": MIDNIGHT, "useful_hours": 30, **fields}
    )


async def test_a_birthday_is_not_greeted_one_day_early(clinic: Clinic) -> None:
    yesterday, on, tomorrow = [await clinic.patient(born=born(n)) for n in (1, 0, -1)]
    campaign = await birthdays(clinic)
    await clinic.work()
    greeted = await clinic.ends(campaign)
    assert greeted[on] == ("sent", None)
    assert greeted.get(tomorrow, ("pending", None)) == ("pending", None)  # shortly before midnight
    assert await clinic.messages(tomorrow) == []
    assert await clinic.state(campaign) == "running"
    assert yesterday not in greeted or greeted[yesterday][0] == "sent"


async def test_a_worker_that_was_down_over_birthdays_makes_up_or_says_so(clinic: Clinic) -> None:
    patients = {n: await clinic.patient(born=born(n)) for n in (0, 1, 2, 3)}
    campaign = await birthdays(clinic, useful_hours=60)
    await clinic.since(campaign, timedelta(days=4))
    await clinic.work()
    ends = await clinic.ends(campaign)
    assert ends[patients[0]] == ("sent", None)
    assert ends[patients[1]] == ("sent", None)
    assert ends[patients[3]] == ("expired", "too_late")
    for _ in range(2):
        await clinic.look_again(campaign)
        await clinic.work()
    assert len(await clinic.messages(patients[0])) == 1


async def test_a_birthday_that_fell_into_a_pause_is_expired_and_seen(clinic: Clinic) -> None:
    patient = await clinic.patient(born=born(3))
    campaign = await birthdays(clinic)
    await clinic.act(service.pause, campaign)
    await clinic.since(campaign, timedelta(days=5))
    await clinic.work()
    assert await clinic.ends(campaign) == {}
    await clinic.act(service.resume, campaign)
    await clinic.work()
    assert await clinic.ends(campaign) == {patient: ("expired", "too_late")}


@pytest.mark.parametrize(
    ("late", "end"),
    [
        ("send", ("sent", None)),
        ("skip", ("skipped", "too_late_on_enrolment")),
        ("ask", ("skipped", "late_to_decide")),
    ],
)
async def test_a_time_that_was_over_is_a_decision(
    clinic: Clinic, late: str, end: tuple[str, str | None]
) -> None:
    """Patients whose date had passed when they came in never heard anything, and nobody knew."""
    patient = await clinic.patient()
    campaign = await clinic.begin(trigger={**ONCE, "late": late})
    seen = await clinic.preview(campaign)
    await clinic.work()
    assert await clinic.ends(campaign) == {patient: end}
    assert seen.left_out == ({} if end[1] is None else {end[1]: 1})


@pytest.mark.parametrize("send", [True, False])
async def test_staff_decide_about_those_who_came_in_late(clinic: Clinic, send: bool) -> None:
    patient, staff = await clinic.patient(), await clinic.staff()
    campaign = await clinic.begin(trigger={**ONCE, "late": "ask"})
    await clinic.work()
    assert await clinic.rows("select kind, detail ->> 'reason', state from task") == [
        ("campaign", "late", "open")
    ]
    assert await clinic.state(campaign) == "running"
    async with clinic.env.database.transaction() as tx:
        assert await service.decide_late(tx, campaign.id, staff, send=send) == 1
    await clinic.work()
    end = ("sent", None) if send else ("skipped", "too_late_on_enrolment")
    assert await clinic.ends(campaign) == {patient: end}
    assert await clinic.value("select state from task") == "closed"
    assert await clinic.state(campaign) == "finished"


async def test_quiet_hours_put_it_off_and_the_day_after_it_is_too_late(clinic: Clinic) -> None:
    patient = await clinic.patient()
    policy = clinic.env.settings.policy.model_copy(update={"quiet_hours": quiet_now()})
    settings = clinic.env.settings.model_copy(update={"policy": policy})
    object.__setattr__(clinic.env, "settings", settings)
    campaign = await clinic.begin(useful_hours=720)
    await clinic.work()
    assert await clinic.ends(campaign) == {patient: ("pending", "quiet_hours")}
    assert await clinic.value("select due_at > now() from recipient")
    await clinic.value("update recipient set due_at = now(), useful_until = now()")
    await clinic.work()
    assert await clinic.ends(campaign) == {patient: ("expired", "too_late")}
    assert await clinic.state(campaign) == "finished"


async def test_a_lapse_campaign_leaves_out_who_booked_since(clinic: Clinic) -> None:
    comes, stays = await clinic.patient(), await clinic.patient()
    campaign = await clinic.begin(kind="lapse")
    await clinic.sweeps.make()
    await clinic.book(comes)
    await clinic.work()
    assert await clinic.ends(campaign) == {
        comes: ("skipped", "has_visit"),
        stays: ("sent", None),
    }


async def test_the_calendar_shows_what_goes_out_and_what_does_not(clinic: Clinic) -> None:
    await clinic.patient(born=born(-10))
    await clinic.patient(born=born(-10), channel=None)
    await clinic.patient(born=born(-20))
    campaign = await birthdays(clinic)
    await clinic.begin(name="Draft")
    days = [it for it in await clinic.calendar() if it.campaign_id == campaign.id]
    assert [(it.on - today(), it.go, dict(it.left_out)) for it in days] == [
        (timedelta(10), 1, {"no_chat": 1}),
        (timedelta(20), 1, {}),
    ]


async def test_a_day_of_every_year_is_met_on_that_day_once(clinic: Clinic) -> None:
    patient = await clinic.patient()
    on = today()
    campaign = await clinic.begin(
        kind="holiday",
        trigger={"kind": "yearly", "on": f"{on:%m-%d}", "at": "00:00", "late": "send"},
        useful_hours=30,
    )
    for _ in range(3):
        await clinic.work()
        await clinic.look_again(campaign)
    assert await clinic.ends(campaign) == {patient: ("sent", None)}
    assert await clinic.value("select occurrence from recipient") == str(on.year)
    assert await clinic.state(campaign) == "running"
