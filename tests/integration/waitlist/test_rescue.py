"""A visit is given up: its time is offered in waves, kept meanwhile, and the first yes has it."""

import asyncio

import pytest

from bot.tokens import Tokens
from scheduler import waitlist
from scheduler.waitlist import rescue_due
from tests.integration.waitlist.house import House

pytestmark = pytest.mark.server


async def rescue(house: House) -> tuple[object, ...]:
    """How the only rescue stands: state, reason, wave."""
    (row,) = await house.rig.rows("select state, reason, wave from slot_rescue order by id limit 1")
    return row


async def test_a_freed_time_goes_to_who_waited_longest_and_says_yes(house: House) -> None:
    first, second = await house.several(2)
    await house.waits(first)
    await house.waits(second)
    visit = await house.freed()
    await house.wave()
    assert await house.offers() == [(first.id, 1, "offered"), (second.id, 1, "offered")]
    said = await house.presses(first)
    assert said.startswith("The time is yours"), said
    booked = await house.rig.rows(
        "select patient_id, starts_at, account_id from appointment where status = 'booked'"
    )
    assert booked == [(first.id, visit.starts_at, first.account_id)]
    assert await rescue(house) == ("rescued", None, 1)
    assert await house.offers() == [(first.id, 1, "accepted"), (second.id, 1, "taken")]
    states = await house.rig.rows("select state from waitlist_entry order by id")
    assert states == [("booked",), ("waiting",)], "the other stays on the list"
    assert await house.value("select count(*) from timer where kind = 'reminder'") >= 1


async def test_who_may_have_got_an_offer_is_told_that_somebody_was_quicker(house: House) -> None:
    first, second = await house.several(2)
    await house.waits(first)
    await house.waits(second)
    await house.freed()
    await house.wave()
    offer = await house.value("select max(outbox_id) from slot_offer")
    await house.rig.execute(
        """update outbox set state = 'unknown', unknowns = 1, send_at = now() + '1 min'
           where id = $1""",
        offer,
    )
    await house.presses(first)
    assert await house.rig.rows("select state, reason from outbox where id = $1", offer) == [
        ("unknown", "slot_taken")
    ]
    told = "select count(*) from outbox where account_id = $1 and id > $2"
    assert await house.value(told, second.account_id, offer) == 1


async def test_an_offer_says_who_when_and_until_when(house: House) -> None:
    (person,) = await house.several(1)
    await house.waits(person)
    await house.freed()
    await house.wave()
    lines = [line.message for line in await person.patient.lines() if line.message]
    message = lines[-1]
    assert "We keep it for you until" in message.text
    assert message.card is not None
    assert [label for label, _ in message.card.rows] == ["For", "When", "Where"]
    assert [button.label for button in message.buttons] == ["Yes, I take it", "No, thank you"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "We keep it for you until {h}:{m}."),
        ("ja", "{plain}:{m}までお取り置きします。"),
        ("zh-Hant", "我們為您保留到 {h}:{m}。"),
        ("zh-Hans", "我们为您保留到 {h}:{m}。"),
        ("ru", "Мы держим его для вас до {h}:{m}."),
    ],
)
async def test_until_when_it_is_kept_is_said_by_the_clinics_clock_in_every_language(
    house: House, language: str, words: str
) -> None:
    (person,) = await house.several(1)
    await house.value("update chat_account set language = $1", language)
    await house.waits(person)
    await house.freed()
    await house.wave()
    until = await house.value(
        """select f.held_until at time zone i.time_zone from slot_offer f
           join slot_rescue q on q.id = f.rescue_id join site i on i.id = q.site_id"""
    )
    messages = [line.message for line in await person.patient.lines() if line.message]
    hour = {"h": f"{until:%H}", "plain": until.hour, "m": f"{until:%M}"}
    assert words.format(**hour) in messages[-1].text


async def test_while_people_think_nobody_else_is_offered_the_time(house: House) -> None:
    (person,) = await house.several(1)
    await house.waits(person)
    visit = await house.freed()
    assert visit.starts_at in [slot.starts_at for slot in await house.slots()]
    await house.wave()
    assert visit.starts_at not in [slot.starts_at for slot in await house.slots()]
    assert await house.clinic.overlaps() == 0


async def test_a_kept_time_that_ran_out_is_everybodys_though_no_worker_runs(house: House) -> None:
    waits, quick = await house.several(2)
    await house.waits(waits)
    visit = await house.freed()
    await house.wave()
    await house.time_is_up()
    slot = next(one for one in await house.slots() if one.starts_at == visit.starts_at)
    assert (await house.books(quick, slot)).starts_at == visit.starts_at
    assert await house.clinic.overlaps() == 0
    await house.wave()
    assert (await rescue(house))[0] == "ended"


async def test_after_the_last_wave_the_time_is_everybodys(house: House) -> None:
    (person,) = await house.several(1)
    await house.waits(person)
    visit = await house.freed()
    await house.wave()
    await house.time_is_up()
    await house.wave()
    assert await rescue(house) == ("ended", "all_asked", 1)
    assert await house.offers() == [(person.id, 1, "lapsed")]
    assert visit.starts_at in [slot.starts_at for slot in await house.slots()]


async def test_waves_are_of_three_and_a_no_is_not_asked_again(house: House) -> None:
    people = await house.several(5)
    for person in people:
        await house.waits(person)
    await house.freed()
    await house.wave()
    assert len(await house.offers()) == 3
    said = await house.presses(people[0], take=False)
    assert "somebody else" in said
    await house.time_is_up()
    await house.wave()
    states = [(patient, wave, state) for patient, wave, state in await house.offers()]
    assert states == [
        (people[0].id, 1, "declined"),
        (people[1].id, 1, "lapsed"),
        (people[2].id, 1, "lapsed"),
        (people[3].id, 2, "offered"),
        (people[4].id, 2, "offered"),
    ]


async def test_when_everybody_says_no_the_next_are_asked_at_once(house: House) -> None:
    house.with_waitlist(wave_size=1)
    first, second = await house.several(2)
    await house.waits(first)
    await house.waits(second)
    await house.freed()
    await house.wave()
    await house.presses(first, take=False)
    await house.wave()
    assert await house.offers() == [(first.id, 1, "declined"), (second.id, 2, "offered")]


async def test_of_forty_yeses_at_once_one_has_it_and_the_others_are_told_kindly(
    house: House,
) -> None:
    house.with_waitlist(wave_size=40)
    people = await house.several(40)
    for person in people:
        await house.waits(person)
    visit = await house.freed()
    await house.wave()
    said = await asyncio.gather(*(house.presses(person) for person in people))
    won = [words for words in said if words.startswith("The time is yours")]
    lost = [words for words in said if "a little quicker" in words]
    assert (len(won), len(lost)) == (1, 39)
    assert all("You stay on the waiting list" in words for words in lost)
    booked = "select count(*) from appointment where status = 'booked' and starts_at = $1"
    assert await house.value(booked, visit.starts_at) == 1
    assert await house.clinic.overlaps() == 0
    assert await house.value("select count(*) from slot_offer where state = 'accepted'") == 1
    waiting = "select count(*) from waitlist_entry where state = 'waiting'"
    assert await house.value(waiting) == 39


async def test_saying_yes_twice_answers_the_same(house: House) -> None:
    (person,) = await house.several(1)
    await house.waits(person)
    await house.freed()
    await house.wave()
    assert await house.presses(person) == await house.presses(person)
    assert await house.value("select count(*) from appointment where status = 'booked'") == 1


async def test_who_was_asked_and_had_not_answered_gets_one_kind_line(house: House) -> None:
    first, second = await house.several(2)
    await house.waits(first)
    await house.waits(second)
    await house.freed()
    await house.wave()
    await house.presses(first)
    await house.sent()
    lines = [line.message.text for line in await second.patient.lines() if line.message]
    assert "has gone to somebody who answered first" in lines[-1]


async def test_a_late_yes_is_shown_other_times(house: House) -> None:
    (person,) = await house.several(1)
    await house.waits(person)
    await house.freed()
    await house.wave()
    await house.time_is_up()
    said = await house.presses(person)
    assert "had just run out" in said
    assert len(person.patient.shown[-1].buttons) > 3, "other times, and ways out"
    assert [state for *_, state in await house.offers()] == ["late"]


async def test_nobody_else_can_answer_somebodys_offer(house: House) -> None:
    first, second = await house.several(2)
    await house.waits(first)
    await house.freed()
    await house.wave()
    offer = await house.value("select id from slot_offer")
    token = Tokens(house.env.keys, second.account_id).standing("o", offer, 0)
    said = await second.patient.does(kind="press", token=token, label="?")
    assert "not open any more" in said
    assert await house.value("select count(*) from appointment where status = 'booked'") == 0


async def test_two_workers_at_once_make_one_wave(house: House) -> None:
    people = await house.several(3)
    for person in people:
        await house.waits(person)
    await house.freed()
    await asyncio.gather(*(rescue_due(house.env) for _ in range(4)))
    assert len(await house.offers()) == 3
    assert await house.value("select count(*) from outbox where purpose = 'offer'") == 3


async def test_a_rescue_whose_worker_died_is_carried_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await house.several(3)
    for person in people:
        await house.waits(person)
    await house.freed()
    sent = []

    async def die_at_the_second(*arguments: object, **named: object) -> int:
        sent.append(arguments)
        if len(sent) == 2:
            raise KeyboardInterrupt
        return await whole(*arguments, **named)  # type: ignore[arg-type]

    whole = waitlist.send_offer
    monkeypatch.setattr(waitlist, "send_offer", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        await rescue_due(house.env)
    assert await house.offers() == [], "half a wave is none"
    monkeypatch.undo()
    await house.wave()
    assert [state for *_, state in await house.offers()] == ["offered"] * 3
    assert await house.value("select count(*) from outbox where purpose = 'offer'") == 3
