"""From a start to the last recipient's end."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from clinic.campaign import service
from clinic.campaign.rules import sending_key
from clinic.outreach.rules import held_out
from scheduler import release
from scheduler.campaigns import Campaigns
from tests.integration.campaigns.clinic import Clinic, today

pytestmark = pytest.mark.server


async def test_everybody_gets_it_once_and_then_it_is_finished(clinic: Clinic) -> None:
    one = await clinic.patient()
    two = await clinic.patient(name="Anna Ito", language="en")
    campaign = await clinic.begin()
    await clinic.work()
    assert await clinic.ends(campaign) == {one: ("sent", None), two: ("sent", None)}
    assert [it.text for it in await clinic.messages(two)] == ["Dear Anna Ito, how are you?"]
    assert [it.text for it in await clinic.messages(one)] == ["山田 花子様、お元気ですか。"]
    assert await clinic.state(campaign) == "finished"


async def test_an_empty_run_ends_well(clinic: Clinic) -> None:
    await clinic.work()
    campaign = await clinic.begin()
    await clinic.work()
    assert await clinic.ends(campaign) == {}
    assert await clinic.state(campaign) == "finished"


async def test_pause_and_resume_sends_to_those_only_who_got_nothing(clinic: Clinic) -> None:
    patients = [await clinic.patient() for _ in range(4)]
    campaign = await clinic.begin()
    await clinic.sweeps.make()
    later = patients[2:]
    await clinic.value(
        "update recipient set due_at = now() + interval '1 hour' where patient_id = any($1)", later
    )
    await clinic.work()
    await clinic.act(service.pause, campaign)
    await clinic.value("update recipient set due_at = now() where patient_id = any($1)", later)
    await clinic.work()
    assert [await clinic.value("select count(*) from outbox")] == [2]
    await clinic.act(service.resume, campaign)
    await clinic.work()
    assert {len(await clinic.messages(it)) for it in patients} == {1}
    assert await clinic.state(campaign) == "finished"


async def test_two_schedulers_at_once_send_everything_once(clinic: Clinic) -> None:
    patients = [await clinic.patient() for _ in range(60)]
    campaign = await clinic.begin(kind="birthday", audience={"patients": patients[:50]})
    other = await clinic.begin(kind="season", audience={"patients": patients[10:]})
    workers = [Campaigns(clinic.env) for _ in range(3)]
    for _ in range(4):
        await asyncio.gather(*(it.make() for it in workers))
        await asyncio.gather(*(it.release() for it in workers))
        await clinic.look_again(campaign)
    rows = await clinic.rows("select patient_id, purpose, count(*) from outbox group by 1, 2")
    assert len(rows) == 100
    assert {count for _, _, count in rows} == {1}
    await clinic.work()
    for one in (campaign, other):
        assert set((await clinic.ends(one)).values()) == {("sent", None)}


async def test_a_worker_that_dies_in_a_release_leaves_nothing_behind(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    patients = [await clinic.patient() for _ in range(3)]
    campaign = await clinic.begin()
    await clinic.sweeps.make()

    async def dies(*_: object) -> list[int | None]:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(release, "enqueue_many", dies)
        with pytest.raises(RuntimeError):
            await clinic.sweeps.release()
    assert set((await clinic.ends(campaign)).values()) == {("pending", None)}
    again = Clinic(clinic.env)  # after a restart
    await again.work()
    assert {len(await clinic.messages(it)) for it in patients} == {1}


async def test_it_is_finished_only_when_the_last_message_has_ended(clinic: Clinic) -> None:
    await clinic.patient()
    campaign = await clinic.begin()
    for _ in range(3):
        await clinic.sweeps.make()
        await clinic.sweeps.release()
    assert await clinic.state(campaign) == "running"
    await clinic.platform("unknown")
    await clinic.work()
    assert await clinic.state(campaign) == "finished"


async def test_a_message_that_ended_otherwise_than_its_recipient_is_no_finish(
    clinic: Clinic,
) -> None:
    one = await clinic.patient()
    campaign = await clinic.begin()
    await clinic.sweeps.make()
    await clinic.sweeps.release()
    await clinic.value("update recipient set state = 'sent', settled_at = now()")
    await clinic.work()
    assert await clinic.state(campaign) == "paused"
    assert await clinic.rows("select detail ->> 'reason' from task") == [("mismatch",)]
    assert (await clinic.ends(campaign))[one] == ("sent", None)


async def test_who_left_the_audience_meanwhile_gets_nothing(clinic: Clinic) -> None:
    goes, stays = await clinic.patient(language="en"), await clinic.patient(language="en")
    speakers = {"filter": {"field": "language", "op": "any", "value": ["en"]}}
    campaign = await clinic.begin(audience=speakers)
    await clinic.sweeps.make()
    await clinic.value("update patient set language = 'ru' where id = $1", goes)
    await clinic.work()
    assert await clinic.ends(campaign) == {
        goes: ("skipped", "not_relevant"),
        stays: ("sent", None),
    }


async def test_who_lacks_a_value_of_the_text_is_left_out_and_said_so(clinic: Clinic) -> None:
    whole, single = await clinic.patient(), await clinic.patient(name="シェール")
    campaign = await clinic.begin(content={"texts": {"ja": "{family_name}様"}})
    await clinic.work()
    assert await clinic.ends(campaign) == {
        whole: ("sent", None),
        single: ("skipped", "no_text"),
    }


async def test_a_preview_is_what_is_sent(clinic: Clinic) -> None:
    """A preview that counted those who said stop promised twice as many as were reached."""
    reached = [await clinic.patient() for _ in range(3)]
    english = await clinic.patient(name="Anna Ito", language="en")
    gone = await clinic.patient()
    await clinic.value("update patient set deceased_on = '2026-01-01' where id = $1", gone)
    await clinic.patient(channel=None)
    stopped = await clinic.patient()
    await clinic.value(
        """update chat_account set opted_out_at = now() where id =
             (select account_id from link where patient_id = $1)""",
        stopped,
    )
    await clinic.patient(agreed=False)
    campaign = await clinic.create(hold_out=300)
    seen = await clinic.preview(campaign)
    again = await clinic.preview(campaign)
    assert replace(seen, samples=()) == replace(again, samples=())
    await clinic.start(campaign)
    await clinic.work()
    ends = list((await clinic.ends(campaign)).values())
    assert seen.people == 8
    assert seen.due == seen.judged == len(ends)
    assert seen.go == ends.count(("sent", None))
    assert sum(seen.left_out.values()) == len(ends) - seen.go
    for reason, number in seen.left_out.items():
        assert [it for _, it in ends].count(reason) == number
    assert set(seen.left_out) >= {"deceased", "no_chat", "opted_out", "no_consent"}
    texts = {it.patient_id: it.composed.text for it in seen.samples}
    for patient in (*reached, english):
        if messages := await clinic.messages(patient):
            assert texts[patient] == messages[0].text


async def test_the_hold_out_is_drawn_as_a_sending_so_that_returns_are_counted(
    clinic: Clinic,
) -> None:
    patients = [await clinic.patient() for _ in range(40)]
    nobody = await clinic.patient(channel=None)
    campaign = await clinic.begin(kind="follow_up", hold_out=400)
    await clinic.work()
    ends = await clinic.ends(campaign)
    held = {it for it, (state, _) in ends.items() if state == "held_out"}
    assert 0 < len(held) < 40
    key = sending_key(campaign.key, today())
    assert held == {it for it in patients if held_out(key, it, 400)}
    rows = await clinic.rows(
        """select patient_id, held_out, left_out from outreach_member m
           join outreach o on o.id = m.outreach_id where o.key = $1""",
        key,
    )
    assert {it for it, aside, _ in rows if aside} == held
    assert [(it, why) for it, _, why in rows if why] == [(nobody, "no_chat")]
    assert len(rows) == 41


async def test_the_same_words_go_to_many_line_chats_in_one_call(clinic: Clinic) -> None:
    lines = [await clinic.patient(channel="line") for _ in range(5)]
    web = await clinic.patient()
    child = await clinic.patient(channel=None)
    parent = await clinic.value("select account_id from link where patient_id = $1", lines[0])
    await clinic.value(
        """insert into link (account_id, patient_id, relation, proof)
           values ($1, $2, 'child', 'staff')""",
        parent,
        child,
    )
    campaign = await clinic.begin(content={"texts": {"ja": "{clinic}からのお知らせです。"}})
    await clinic.work()
    ends = await clinic.ends(campaign)
    assert ends.pop(child) == ("skipped", "told_already")
    assert ends == dict.fromkeys([*lines, web], ("sent", None))
    assert await clinic.rows("select members, purpose from chunk") == [(5, "plan")]
    assert await clinic.value("select count(*) from outbox") == 1


async def test_each_variant_and_language_is_a_message_of_its_own(clinic: Clinic) -> None:
    for _ in range(30):
        await clinic.patient(channel="line")
    await clinic.patient(channel="line", language="en")
    content = {
        "variants": [
            {"name": "a", "share": 50, "texts": {"ja": "あ", "en": "A"}},
            {"name": "b", "share": 50, "texts": {"ja": "い", "en": "B"}},
        ]
    }
    await clinic.begin(content=content)
    await clinic.work()
    rows = dict(await clinic.rows("select variant, count(*) from recipient group by 1"))
    assert set(rows) == {"a", "b"}
    assert sum(rows.values()) == 31
    assert await clinic.value("select count(*) from chunk") == 2
    assert await clinic.value("select count(*) from outbox") == 1  # alone with the English text


async def test_many_refusals_pause_it_and_call_staff(clinic: Clinic) -> None:
    for _ in range(30):
        await clinic.patient()
    campaign = await clinic.begin()
    await clinic.sweeps.make()
    await clinic.sweeps.release()
    await clinic.platform("refused", "not_found")
    await clinic.sweeps.make()
    assert await clinic.state(campaign) == "paused"
    assert await clinic.rows("select kind, detail ->> 'reason' from task where kind = 'campaign'")
    await clinic.act(service.resume, campaign)
    await clinic.work()
    assert await clinic.state(campaign) == "finished"


@pytest.mark.parametrize(("kind", "called"), [("follow_up", True), ("birthday", False)])
async def test_who_cannot_be_reached_by_any_way_is_called_where_treatment_needs_it(
    clinic: Clinic, kind: str, called: bool
) -> None:
    refused, prefers = await clinic.patient(), await clinic.patient()
    await clinic.value(
        "insert into contact_preference (patient_id, call_only) values ($1, true)", prefers
    )
    campaign = await clinic.begin(kind=kind)
    await clinic.sweeps.make()
    await clinic.sweeps.release()
    await clinic.platform("refused", "not_found")
    await clinic.work()
    assert await clinic.state(campaign) == "finished"
    rows = await clinic.rows("select patient_id, detail ->> 'reason' from task order by 1")
    assert rows == ([(refused, "no_channel"), (prefers, "call_only")] if called else [])


async def test_after_a_refusal_the_next_way_is_tried(clinic: Clinic) -> None:
    patient = await clinic.patient(channel="line")
    await clinic.chat(patient, "webchat")
    keys = (UUID(int=n) for n in range(1, 1000))
    drawn_in = next(key for key in keys if not held_out(sending_key(key, today()), patient, 100))
    campaign = await clinic.begin(kind="follow_up", hold_out=100, key=drawn_in)
    await clinic.sweeps.make()
    await clinic.sweeps.release()
    await clinic.platform("refused", "not_found")
    await clinic.work()
    assert await clinic.ends(campaign) == {patient: ("sent", None)}
    rows = await clinic.rows(
        """select a.channel, o.state from outbox o join chat_account a on a.id = o.account_id
           order by o.id"""
    )
    assert rows == [("line", "refused"), ("webchat", "sent")]
