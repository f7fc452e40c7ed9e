"""Who may do what with campaigns in the panel, and what they see."""

from datetime import date

import pytest

from clinic.campaign.types import Campaign, Fault
from clinic.staff.access import campaigns as access
from clinic.staff.access.recipients import access_recipients, access_sendings, access_try_again
from clinic.staff.types import Role, Staff
from flows.texts import shown
from tests.integration.campaigns.clinic import Clinic

pytestmark = pytest.mark.server


async def desk(clinic: Clinic) -> Staff:
    return Staff(await clinic.staff(), "Sato", Role.STAFF)


async def test_a_doctor_sees_and_does_nothing_with_campaigns(clinic: Clinic) -> None:
    await clinic.patient()
    campaign = await clinic.begin()
    keys, settings = clinic.env.keys, clinic.env.settings
    doctor = Staff(await clinic.staff("Ito"), "Ito", Role.DOCTOR)
    refused = (Fault("", "not_allowed"),)
    one, version, draft = campaign.id, campaign.version, campaign.draft
    async with clinic.env.database.transaction() as tx:
        assert await access.access_campaigns(tx, doctor) == []
        assert await access.access_campaign(tx, doctor, one) is None
        assert await access_recipients(tx, doctor, one) == []
        assert (await access_sendings(tx, doctor, one)).first_at is None
        assert await access.access_closed_days(tx, doctor, settings, {date(2026, 11, 22)}) == set()
        assert await access.access_preview(tx, keys, settings, doctor, one, shown) is None
        assert await access.access_calendar(tx, keys, settings, doctor, shown) == ()
        for answer in (
            await access.access_create_campaign(tx, doctor, draft),
            await access.access_change_campaign(tx, doctor, one, version, draft),
            await access.access_copy_campaign(tx, doctor, one),
            await access.access_ask_approval(tx, doctor, one, version),
            await access.access_start_campaign(tx, keys, settings, doctor, one, version),
            await access.access_stop_campaign(tx, doctor, one, "cancel"),
            await access.access_decide_late(tx, doctor, one, send=True),
            await access_try_again(tx, doctor, one, "refused", None),
        ):
            assert answer == refused
    assert await clinic.state(campaign) == "running"


async def test_the_desk_writes_starts_and_follows_a_campaign(clinic: Clinic) -> None:
    patient = await clinic.patient()
    staff, keys, settings = await desk(clinic), clinic.env.keys, clinic.env.settings
    draft = (await clinic.create()).draft
    async with clinic.env.database.transaction() as tx:
        made = await access.access_create_campaign(tx, staff, draft)
        assert isinstance(made, Campaign)
        changed = await access.access_change_campaign(tx, staff, made.id, 1, draft)
        assert isinstance(changed, Campaign)
        seen = await access.access_preview(tx, keys, settings, staff, made.id, shown)
        assert seen is not None
        assert seen.go == 1
        begun = await access.access_start_campaign(tx, keys, settings, staff, made.id, 2)
        assert isinstance(begun, Campaign), begun
    await clinic.work()
    async with clinic.env.database.transaction() as tx:
        found = await access.access_campaign(tx, staff, made.id)
        assert found is not None
        assert (found.campaign.state, found.acts, found.undo_seconds) == ("finished", (), 0)
        assert (found.created_by, found.approved_by) == ("Sato", "Sato")
        assert found.counts.states == {"sent": 1}
        (row,) = await access_recipients(tx, staff, made.id, state="sent")
        assert (row.patient_id, row.state, row.channel) == (patient, "sent", "webchat")
        assert await access_recipients(tx, staff, made.id, reason="no_chat") == []
        copied = await access.access_copy_campaign(tx, staff, made.id)
        assert isinstance(copied, Campaign)
        assert (copied.state, copied.draft) == ("draft", made.draft)
        assert await access.access_copy_campaign(tx, staff, 404) == (Fault("", "no_campaign"),)
        await access.access_calendar(tx, keys, settings, staff, shown)
        rows = await tx.fetch("select action from audit where subject_id = $1", made.id)
    deeds = {row["action"].removeprefix("staff:campaign:") for row in rows}
    assert deeds >= {"create", "change", "preview", "start", "recipients"}
