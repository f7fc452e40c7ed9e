"""Drafts, approvals, undo, cancel: who may do what, and what is left of it."""

from dataclasses import replace

import pytest

from clinic.campaign import service, store
from clinic.campaign.types import Campaign, Fault
from tests.integration.campaigns.clinic import HELLO, Clinic

pytestmark = pytest.mark.server


async def start(clinic: Clinic, campaign: Campaign, staff: int | None) -> object:
    async with clinic.env.database.transaction() as tx:
        return await service.start(
            tx, clinic.env.keys, clinic.env.settings, campaign.id, campaign.version, staff
        )


def reasons(found: object) -> list[str]:
    assert isinstance(found, tuple), found
    return [it.reason for it in found]


async def test_within_thirty_seconds_a_start_is_undone_and_nothing_has_gone_out(
    clinic: Clinic,
) -> None:
    await clinic.patient()
    policy = clinic.env.settings.policy.model_copy(update={"undo_seconds": 30})
    settings = clinic.env.settings.model_copy(update={"policy": policy})
    object.__setattr__(clinic.env, "settings", settings)
    campaign = await clinic.begin()
    await clinic.work()
    assert await clinic.ends(campaign) == {}
    undone = await clinic.act(service.undo, campaign)
    assert (undone.state, undone.starts_at, undone.approved_by) == ("draft", None, None)
    await clinic.work()
    assert await clinic.ends(campaign) == {}
    again = await clinic.start(undone)
    await clinic.value("update campaign set starts_at = now()")
    assert reasons(await clinic.act(service.undo, again)) == ["is_running"]
    await clinic.work()
    assert await clinic.state(campaign) == "finished"


async def test_many_people_need_a_second_person(clinic: Clinic) -> None:
    for _ in range(51):
        await clinic.patient(channel=None)
    writer, other = await clinic.staff("Sato"), await clinic.staff("Ito")
    campaign = await clinic.create(staff=writer)
    assert (await clinic.preview(campaign, writer)).needs_second
    assert not (await clinic.preview(campaign, other)).needs_second
    assert reasons(await start(clinic, campaign, writer)) == ["needs_second_person"]
    assert reasons(await start(clinic, campaign, None)) == ["needs_second_person"]
    async with clinic.env.database.transaction() as tx:
        waiting = await service.ask(tx, campaign.id, campaign.version, writer)
    assert isinstance(waiting, Campaign)
    assert await clinic.rows("select detail ->> 'reason', state from task") == [
        ("approval", "open")
    ]
    assert reasons(await start(clinic, waiting, writer)) == ["needs_second_person"]
    begun = await start(clinic, waiting, other)
    assert isinstance(begun, Campaign)
    assert (begun.state, begun.approved_by) == ("running", other)
    assert await clinic.value("select state from task") == "closed"


async def test_who_changes_it_last_is_its_writer(clinic: Clinic) -> None:
    for _ in range(51):
        await clinic.patient(channel=None)
    writer, other = await clinic.staff("Sato"), await clinic.staff("Ito")
    campaign = await clinic.create(staff=writer)
    async with clinic.env.database.transaction() as tx:
        draft = replace(campaign.draft, name="Another")
        changed = await service.change(tx, campaign.id, campaign.version, draft, other)
    assert isinstance(changed, Campaign)
    assert changed.version == campaign.version + 1
    assert reasons(await start(clinic, changed, other)) == ["needs_second_person"]
    assert isinstance(await start(clinic, changed, writer), Campaign)


async def test_nobody_overwrites_or_starts_what_they_have_not_seen(clinic: Clinic) -> None:
    campaign = await clinic.create()
    async with clinic.env.database.transaction() as tx:
        await service.change(tx, campaign.id, 1, replace(campaign.draft, name="New"), None)
        stale = await service.change(tx, campaign.id, 1, campaign.draft, None)
    assert reasons(stale) == ["changed_meanwhile"]
    assert reasons(await start(clinic, campaign, None)) == ["changed_meanwhile"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"texts": {"ja": "{nmae}様"}}, "unknown_placeholder"),
        ({"texts": {"en": "Hello"}}, "no_first_language"),
        ({**HELLO, "buttons": [{"does": "questionnaire", "form": "http://x/y"}]}, "no_form"),
    ],
)
async def test_a_fault_of_the_text_stops_the_start(
    clinic: Clinic, content: dict[str, object], reason: str
) -> None:
    campaign = await clinic.create(content=content)
    assert reasons(await start(clinic, campaign, None)) == [reason]
    assert [it.reason for it in (await clinic.preview(campaign)).faults] == [reason]
    assert await clinic.state(campaign) == "draft"


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"name": " "}, Fault("name", "no_name")),
        ({"kind": "party"}, Fault("kind", "unknown_choice")),
        ({"purpose": "fun"}, Fault("purpose", "unknown_choice")),
        ({"hold_out": 501}, Fault("hold_out", "no_number")),
        ({"useful_hours": 0}, Fault("useful_hours", "no_number")),
        ({"trigger": {"kind": "once"}}, Fault("trigger.late", "needed")),
        ({"audience": {"patients": [404]}}, Fault("audience.patients", "no_patients")),
        (
            {"audience": {"lapse": "none", "states": ["due"]}},
            Fault("audience.lapse", "unknown_group"),
        ),
        (
            {"audience": {"segment": "6f1c0000-0000-4000-8000-000000000001", "version": 1}},
            Fault("audience.segment", "unknown_segment"),
        ),
        ({"content": {}}, Fault("content.variants.0.texts", "no_texts")),
    ],
)
async def test_what_nobody_could_read_is_not_saved(
    clinic: Clinic, fields: dict[str, object], fault: Fault
) -> None:
    campaign = await clinic.create()
    async with clinic.env.database.transaction() as tx:
        made = await service.create(tx, replace(campaign.draft, **fields), None)  # type: ignore[arg-type]  # wrong on purpose
    assert made == (fault,)


async def test_a_cancel_ends_everybody_who_got_nothing(clinic: Clinic) -> None:
    one, two = await clinic.patient(), await clinic.patient()
    campaign = await clinic.begin()
    await clinic.sweeps.make()
    await clinic.value(
        "update recipient set due_at = now() + interval '1 hour' where patient_id = $1", two
    )
    await clinic.work()
    await clinic.act(service.cancel, campaign)
    await clinic.work()
    assert await clinic.ends(campaign) == {one: ("sent", None), two: ("cancelled", None)}
    async with clinic.env.database.transaction() as tx:
        counts = await store.counts(tx, campaign.id)
    assert counts.recipients == 2
    for deed in (service.pause, service.resume, service.cancel, service.undo):
        assert reasons(await clinic.act(deed, campaign)) == ["is_cancelled"]


async def test_every_act_is_in_the_audit_trail(clinic: Clinic) -> None:
    staff = await clinic.staff()
    campaign = await clinic.start(await clinic.create(staff=staff), staff)
    for deed in (service.pause, service.resume, service.cancel):
        async with clinic.env.database.transaction() as tx:
            await deed(tx, campaign.id, staff)
    rows = await clinic.rows(
        "select action, actor_id from audit where subject_id = $1 order by id", campaign.id
    )
    deeds = ("create", "start", "pause", "resume", "cancel")
    assert rows == [(f"staff:campaign:{it}", staff) for it in deeds]
