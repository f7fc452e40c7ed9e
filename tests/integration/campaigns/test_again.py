"""A second attempt for those who surely got nothing: nobody ever gets two."""

import pytest

from clinic.campaign import again, service
from clinic.campaign.types import Fault
from tests.integration.campaigns.clinic import Clinic

pytestmark = pytest.mark.server
REFUSED = "status 400"


async def tried(clinic: Clinic, campaign: int, state: str, reason: str | None) -> object:
    staff = await clinic.value("select id from staff limit 1") or await clinic.staff()
    async with clinic.env.database.transaction() as tx:
        return await again.try_again(tx, campaign, staff, state, reason)


async def ended(clinic: Clinic, state: str, reason: str | None) -> None:
    """A worker's round in which the platform ends everything so."""
    await clinic.sweeps.make()
    await clinic.sweeps.release()
    await clinic.platform(state, reason)
    await clinic.sweeps.make()


async def test_who_was_refused_is_sent_to_once_more_and_the_campaign_ends_again(
    clinic: Clinic,
) -> None:
    patients = [await clinic.patient() for _ in range(3)]
    campaign = await clinic.begin(kind="event", purpose="education", hold_out=0)
    await ended(clinic, "refused", REFUSED)
    assert await clinic.state(campaign) == "finished"
    assert await tried(clinic, campaign.id, "refused", REFUSED) == 3
    assert await clinic.state(campaign) == "running"
    await clinic.work()
    assert set((await clinic.ends(campaign)).values()) == {("sent", None)}
    assert await clinic.state(campaign) == "finished"
    for patient in patients:
        assert len(await clinic.messages(patient)) == 2  # one refused, one sent
    assert await tried(clinic, campaign.id, "refused", REFUSED) == 0
    action = "select count(*) from audit where action = 'staff:campaign:again'"
    assert await clinic.value(action) == 2


async def test_a_second_try_and_a_third_are_messages_of_their_own(clinic: Clinic) -> None:
    """The key that makes a message go out once must not swallow the second attempt."""
    patient = await clinic.patient()
    campaign = await clinic.begin()
    for _ in range(3):
        await ended(clinic, "refused", REFUSED)
        assert await tried(clinic, campaign.id, "refused", REFUSED) == 1
    await clinic.work()
    assert len(await clinic.messages(patient)) == 4
    assert await clinic.ends(campaign) == {patient: ("sent", None)}


async def test_of_a_message_whose_end_nobody_knows_there_is_no_second_one(clinic: Clinic) -> None:
    patient = await clinic.patient()
    campaign = await clinic.begin()
    await ended(clinic, "unknown", "process_died")
    assert await tried(clinic, campaign.id, "unknown", "process_died") == (Fault("", "not_again"),)
    # Not even if it ended otherwise after a try that nobody knows the end of.
    await clinic.value("update outbox set state = 'refused', unknowns = 1")
    await clinic.value("update recipient set state = 'refused', reason = $1", REFUSED)
    assert await tried(clinic, campaign.id, "refused", REFUSED) == 0
    assert len(await clinic.messages(patient)) == 1


async def test_a_new_attempt_goes_through_the_policy_again(clinic: Clinic) -> None:
    one, two = await clinic.patient(), await clinic.patient()
    campaign = await clinic.begin()
    await ended(clinic, "refused", REFUSED)
    await clinic.value(
        """update chat_account set opted_out_at = now()
           where id = (select account_id from link where patient_id = $1)""",
        two,
    )
    assert await tried(clinic, campaign.id, "refused", REFUSED) == 2
    await clinic.work()
    assert await clinic.ends(campaign) == {one: ("sent", None), two: ("skipped", "opted_out")}
    assert len(await clinic.messages(two)) == 1


async def test_who_had_no_chat_is_written_to_once_they_have_one(clinic: Clinic) -> None:
    patient = await clinic.patient(channel=None)
    campaign = await clinic.begin()
    await clinic.work()
    assert await clinic.ends(campaign) == {patient: ("skipped", "no_chat")}
    await clinic.chat(patient, "webchat")
    assert await tried(clinic, campaign.id, "skipped", "no_chat") == 1
    await clinic.work()
    assert await clinic.ends(campaign) == {patient: ("sent", None)}


async def test_nobody_is_drawn_to_be_held_out_by_a_second_attempt(clinic: Clinic) -> None:
    patients = [await clinic.patient() for _ in range(30)]
    campaign = await clinic.begin(hold_out=500)
    await ended(clinic, "refused", REFUSED)
    before = {it for it, end in (await clinic.ends(campaign)).items() if end[0] == "held_out"}
    assert 0 < len(before) < len(patients)
    assert await tried(clinic, campaign.id, "held_out", "held_out") == (Fault("", "not_again"),)
    assert await tried(clinic, campaign.id, "refused", REFUSED) == len(patients) - len(before)
    # As on another day, when another lot would be drawn.
    await clinic.value("update campaign set key = gen_random_uuid()")
    if await clinic.state(campaign) == "paused":  # so many were refused
        await clinic.act(service.resume, campaign)
    await clinic.work()
    ends = await clinic.ends(campaign)
    assert {it for it, end in ends.items() if end[0] == "held_out"} == before
    assert {end for it, end in ends.items() if it not in before} == {("sent", None)}


async def test_members_of_a_call_to_many_are_tried_again_if_surely_none_got_it(
    clinic: Clinic,
) -> None:
    for _ in range(3):
        await clinic.patient(channel="line")
    campaign = await clinic.begin(content={"texts": {"ja": "お知らせです。"}})
    await ended(clinic, "expired", "too_late")
    assert await clinic.value("select count(*) from chunk") == 1
    assert await tried(clinic, campaign.id, "expired", "too_late") == 3
    await clinic.work()
    assert await clinic.value("select array_agg(state order by id) from chunk") == [
        "expired",
        "sent",
    ]
    await clinic.value("update recipient set state = 'expired', reason = 'too_late'")
    assert await tried(clinic, campaign.id, "expired", "too_late") == 0  # it was sent


async def test_of_a_cancelled_campaign_nobody_is_tried_again(clinic: Clinic) -> None:
    await clinic.patient()
    campaign = await clinic.begin()
    await clinic.act(service.cancel, campaign)
    assert await tried(clinic, campaign.id, "refused", None) == (Fault("", "not_again"),)
    assert await tried(clinic, 404, "refused", None) == (Fault("", "no_campaign"),)


async def test_while_it_is_paused_the_second_attempt_waits(clinic: Clinic) -> None:
    patient = await clinic.patient()
    other = await clinic.patient()
    campaign = await clinic.begin()
    await clinic.sweeps.make()
    await clinic.value(
        "update recipient set due_at = now() + interval '1 hour' where patient_id = $1", other
    )
    await ended(clinic, "refused", REFUSED)
    await clinic.act(service.pause, campaign)
    assert await tried(clinic, campaign.id, "refused", REFUSED) == 1
    await clinic.work()
    assert (await clinic.ends(campaign))[patient] == ("pending", None)
    assert await clinic.state(campaign) == "paused"
