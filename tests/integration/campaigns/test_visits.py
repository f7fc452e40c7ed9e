"""Campaigns that hang on a visit, which may change before they go out."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinic.campaign.types import Campaign
from tests.integration.campaigns.clinic import Clinic, today

pytestmark = pytest.mark.server

HELLO = {"texts": {"ja": "来院の前に、お薬手帳をご用意ください。"}}


async def coming(clinic: Clinic, patient: int, content: Any = HELLO) -> tuple[int, Campaign]:
    """A visit in two days and a campaign that tells of it two days before: ten minutes ago. Its
    recipient is made, and nothing has gone out."""
    due = datetime.now(UTC).astimezone(ZoneInfo("Asia/Tokyo")) - timedelta(minutes=10)
    visit = await clinic.book(patient, (due.date() - today()).days + 2)
    at = due.strftime("%H:%M")
    trigger = {"kind": "relative", "base": "visit_coming", "days": -2, "at": at, "late": "skip"}
    campaign = await clinic.begin(trigger=trigger, content=content)
    await clinic.since(campaign, timedelta(hours=1))
    await clinic.sweeps.make()
    assert await clinic.ends(campaign) == {patient: ("pending", None)}
    return visit, campaign


async def move(clinic: Clinic, visit: int, days: int) -> None:
    await clinic.value(
        """update appointment set version = version + 1, starts_at = starts_at + $2::interval,
             ends_at = ends_at + $2::interval,
             during = tstzrange(starts_at + $2::interval, ends_at + $2::interval)
           where id = $1""",
        visit,
        timedelta(days),
    )


async def test_a_visit_cancelled_between_materialising_and_release_was_still_told_of(
    clinic: Clinic,
) -> None:
    patient = await clinic.patient()
    visit, campaign = await coming(clinic, patient)
    await clinic.value("update appointment set status = 'cancelled' where id = $1", visit)
    await clinic.work()
    assert await clinic.ends(campaign) == {patient: ("skipped", "not_relevant")}
    assert await clinic.messages(patient) == []


async def test_a_visit_moved_between_materialising_and_release_was_told_of_at_its_old_time(
    clinic: Clinic,
) -> None:
    patient = await clinic.patient()
    visit, campaign = await coming(clinic, patient)
    before = await clinic.value("select due_at from recipient")
    await move(clinic, visit, 3)
    await clinic.work()
    assert await clinic.ends(campaign) == {patient: ("pending", "visit_moved")}
    due, until = (await clinic.rows("select due_at, useful_until from recipient"))[0]
    assert (due, until) == (before + timedelta(3), before + timedelta(4))
    await move(clinic, visit, -3)  # and back again
    await clinic.value("update recipient set due_at = now()")
    await clinic.work()
    assert await clinic.ends(campaign) == {patient: ("sent", None)}
    assert len(await clinic.messages(patient)) == 1


async def test_a_visit_moved_while_its_message_waits_to_be_sent_is_seen_by_the_gate(
    clinic: Clinic,
) -> None:
    first, second = await clinic.patient(channel="line"), await clinic.patient(channel="line")
    visit, campaign = await coming(clinic, first)
    other = await clinic.value(
        """insert into appointment (key, status, patient_id, service_id, site_id, practitioner_id,
                                    during, starts_at, ends_at)
           select gen_random_uuid(), status, $2, service_id, site_id, practitioner_id,
                  tstzrange(starts_at + '1 hour', ends_at + '1 hour'), starts_at + '1 hour',
                  ends_at + '1 hour' from appointment where id = $1 returning id""",
        visit,
        second,
    )
    await clinic.value(
        """insert into recipient (campaign_id, patient_id, occurrence, due_at, useful_until)
           select campaign_id, $1, 'visit:' || $2::bigint, due_at, useful_until from recipient""",
        second,
        other,
    )
    await clinic.sweeps.release()
    assert await clinic.value("select count(*) from chunk") == 0  # though all get the same words
    rows = await clinic.rows("select appointment_id, appointment_version from outbox order by id")
    assert rows == [(visit, 1), (other, 1)]
    assert {state for state, _ in (await clinic.ends(campaign)).values()} == {"queued"}


async def test_birthdays_go_out_whatever_becomes_of_a_visit(clinic: Clinic) -> None:
    patient = await clinic.patient()
    visit = await clinic.book(patient)
    campaign = await clinic.begin()
    await clinic.sweeps.make()
    await clinic.value("update appointment set status = 'cancelled' where id = $1", visit)
    await clinic.work()
    assert await clinic.ends(campaign) == {patient: ("sent", None)}
