"""One-time links: what opens them, what does not, and how little they open."""

import asyncio
import re

import pytest
from asyncpg import DeadlockDetectedError

from bot.tokens import Tokens
from clinic.config import Server
from clinic.contact.service import withdraw
from clinic.message.service import Outgoing, enqueue, open_message
from clinic.message.types import Button, Message
from clinic.record.erasure import erase
from clinic.staff.access.inbox import access_conversations
from clinic.staff.types import Role, Staff
from scheduler.reminders import fire_due
from tests.integration.contact.house import MARIA, Browser, House, link_in, until

pytestmark = pytest.mark.server


async def texted(house: House, name: str = "Maria Ito", phone: str = MARIA) -> str:
    """A patient was reminded of a visit by SMS; the text."""
    patient = await house.patient(name, phone=phone)
    await house.allow(patient, "sms")
    await house.visit(patient)
    await fire_due(house.env)
    await house.sender.sweep()
    return house.sms.texts(phone)[-1]


async def reminded(house: House, name: str = "Maria Ito", phone: str = MARIA) -> str:
    """A patient was reminded of a visit by SMS; the link."""
    return link_in(await texted(house, name, phone))


async def test_looking_at_a_link_does_not_use_it_up(house: House) -> None:
    link = await reminded(house)
    for _ in range(3):
        page = await house.client.get(link)
        assert page.status == 200
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "script" not in await page.text()
        assert (await page.text()).count("<button") == 1
        assert (await house.client.head(link)).status == 200
    assert await house.value("select used_at is null from web_link")
    await house.opens(link)


async def test_a_second_use_says_kindly_how_to_go_on(house: House) -> None:
    link = await reminded(house)
    await house.opens(link)
    for answer in (await house.client.post(link), await house.client.get(link)):
        said = await answer.text()
        assert answer.status == 410
        assert "used already" in said
        assert "tel:+81312345678" in said
    assert await house.value("select count(*) from chat_account where channel = 'webchat'") == 1


async def test_two_who_press_at_once_open_one_chat(house: House) -> None:
    link = await reminded(house)
    presses = (house.client.post(link, allow_redirects=False) for _ in range(5))
    answers = await asyncio.gather(*presses)
    assert sorted(answer.status for answer in answers) == [303, 410, 410, 410, 410]


async def test_a_link_of_our_own_making_is_needed(house: House) -> None:
    await reminded(house)
    english = {"Accept-Language": "en"}
    answer = await house.client.post(f"/l/{'A' * 24}", headers=english)
    assert answer.status == 404
    assert "We do not know this link" in await answer.text()


async def test_only_a_hash_of_the_link_is_stored(house: House) -> None:
    token = (await reminded(house)).removeprefix("/l/")
    assert len(token) == 24  # 144 bits
    stored = await house.value("select token_hash from web_link")
    assert token not in stored


async def test_a_link_dies_with_what_it_is_about(house: House) -> None:
    link = await reminded(house)
    limits = "select expires_at = o.useful_until, expires_at <= now() + interval '7 days' from"
    rows = await house.rows(f"{limits} web_link w join outbox o on o.id = w.outbox_id")
    assert rows == [(True, True)]
    await house.execute("update web_link set expires_at = now()")
    answer = await house.client.post(link)
    assert answer.status == 410
    assert "no longer valid" in await answer.text()


async def test_a_link_dies_when_the_patient_may_not_be_written_there_any_more(
    house: House,
) -> None:
    link = await reminded(house)
    async with house.env.database.transaction() as tx:
        patient = await tx.fetchval("select id from patient")
        assert await withdraw(tx, patient, "sms")
    assert (await house.client.post(link)).status == 410


async def test_a_chat_that_is_open_shuts_when_the_patient_may_not_be_written_there(
    house: House,
) -> None:
    browser = await house.opens(await reminded(house))
    message = await browser.newest(1)
    async with house.env.database.transaction() as tx:
        await withdraw(tx, await tx.fetchval("select id from patient"), "sms")
    await browser.presses(message, "Yes")
    assert await house.value("select confirmed_at is null from appointment")


async def test_a_link_opened_after_the_visit_moved_shows_no_old_time(house: House) -> None:
    link = await reminded(house)
    await house.execute("update appointment set version = version + 1")
    browser = await house.opens(link)
    message = await browser.newest(1)
    assert "has changed since" in message["text"]
    assert message["card"] is None
    shown = await browser.presses(message, "Show my visit")
    assert shown["card"]["rows"]
    assert [one["label"] for one in shown["buttons"]][:1] == ["I will come"]


async def other_things(browser: Browser, *words: str) -> str:
    said = ""
    for word in words:
        message = await browser.does(kind="text", text=word)
        said += message["text"] + str(message["card"]) + str(message["buttons"])
    return said


async def test_a_link_shows_nothing_else_of_the_record(house: House) -> None:
    link = await reminded(house)
    patient = await house.value("select id from patient")
    await house.visit(patient, hours=75)
    browser = await house.opens(link)
    await browser.newest(1)
    shown = await other_things(browser, "my visits")
    when = re.findall(r"\d{1,2}:\d{2}", shown)
    assert len(set(when)) == 1  # of two visits the one that was written about
    await browser.does(kind="text", text="menu")
    assert "Maria" not in await other_things(browser, "book")


async def test_two_links_of_two_patients_know_nothing_of_each_other(house: House) -> None:
    first = await house.opens(await reminded(house))
    second = await house.opens(await reminded(house, "Taro Ito", "+819011112222"))
    theirs = await second.newest(1)
    mine = await first.newest(1)
    assert "Taro" in str(theirs)
    token = theirs["buttons"][0]["token"]
    await first.does(kind="press", token=token, label="Yes")  # a token of the other chat
    assert await house.value("select count(*) from appointment where confirmed_at is not null") == 0
    await first.presses(mine, "Yes")
    assert await house.value("select count(*) from appointment where confirmed_at is not null") == 1


async def test_the_chat_of_a_link_is_no_place_to_write_to_later(house: House) -> None:
    """The next reminder goes to the telephone again, not to a page that is shut."""
    await house.opens(await reminded(house))
    await house.visit(await house.value("select id from patient"), hours=75)
    await fire_due(house.env)
    await house.sender.sweep()
    assert len(house.sms.texts(MARIA)) == 2


async def test_an_emergency_in_the_chat_of_a_link_tells_who_it_is(house: House) -> None:
    browser = await house.opens(await reminded(house))
    await browser.newest(1)
    await browser.does(kind="text", text="crushing chest pain and I cannot breathe")

    async def raised() -> bool:
        return bool(await house.value("select count(*) from escalation"))

    await until(raised)
    row = await house.rows("select e.patient_id = p.id from escalation e, patient p")
    assert row == [(True,)]


async def test_a_message_sent_twice_carries_the_same_link(house: House) -> None:
    house.sms.faults.once("accept_then_500")
    await reminded(house)
    await house.execute("update outbox set send_at = now() where state = 'unknown'")
    await house.sender.sweep()
    first, second = house.sms.texts(MARIA)
    assert first == second
    assert await house.value("select count(*) from web_link") == 1


async def test_a_link_that_collides_with_others_is_left_out_and_the_message_goes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def collides(*_: object) -> str:
        raise DeadlockDetectedError

    monkeypatch.setattr("bot.letter.hand_out", collides)
    text = await texted(house)
    assert house.sms.texts(MARIA) == [text]
    assert "To answer, please call +81312345678" in text


async def test_without_a_public_address_the_telephone_stands_there(house: House) -> None:
    bare = house.env.settings.model_copy(update={"server": Server()})
    object.__setattr__(house.env, "settings", bare)
    text = await texted(house)
    assert house.sms.texts(MARIA) == [text]
    assert "To answer, please call +81312345678" in text
    assert "http" not in text
    assert await house.value("select count(*) from web_link") == 0


async def test_a_source_that_asks_without_end_has_to_wait(house: House) -> None:
    statuses = [(await house.client.get(f"/l/{'B' * 24}")).status for _ in range(40)]
    assert statuses[0] == 404
    assert statuses[-1] == 429


async def test_the_stored_message_keeps_its_buttons_for_the_chat(house: House) -> None:
    await reminded(house)
    key, content, account = (await house.rows("select key, content, account_id from outbox"))[0]
    message = open_message(house.env.keys, key, content)
    assert message.buttons[0].label.startswith("Yes")
    other = Tokens(house.env.keys, account + 1)
    sent = Tokens(house.env.keys, account)
    carried = sent.carried(message.buttons[0].token, other)
    assert carried is not None
    assert other.read(carried) == sent.read(message.buttons[0].token)
    assert sent.carried(sent.question(1, 1), other) is None
    assert sent.carried("nonsense", other) is None


async def test_the_link_of_another_message_lets_the_patient_answer_it_and_book(
    house: House,
) -> None:
    """What a recall invites to be done is done for the patient, not for a stranger of the name."""
    patient = await house.patient(phone=MARIA)
    account = await house.allow(patient, "sms")
    keys = house.env.keys
    token = Tokens(keys, account).standing("f", 999, 0)
    async with house.env.database.transaction() as tx:
        outgoing = Outgoing(
            account,
            Message("It is time for a check-up.", "en", buttons=(Button("Book", token),)),
            "test:1",
            "plan",
            consent_purpose="care",
            patient_id=patient,
        )
        await enqueue(tx, keys, outgoing)
    await house.sender.sweep()
    browser = await house.opens(link_in(house.sms.texts(MARIA)[0]))
    await browser.newest(1)
    message = await browser.does(kind="text", text="book")
    for _ in range(12):
        buttons = [one for one in message["buttons"] if one["role"] != "navigation"]
        if await house.value("select count(*) from appointment where status = 'booked'"):
            break
        first = next((one for one in buttons if one["role"] == "primary"), buttons[0])
        message = await browser.presses(message, first["label"])
    booked = "select patient_id from appointment where status = 'booked'"
    assert await house.rows(booked) == [(patient,)]
    assert await house.value("select count(*) from patient") == 1


async def test_staff_see_for_whom_the_chat_of_a_link_speaks(house: House) -> None:
    browser = await house.opens(await reminded(house))
    await browser.newest(1)
    await browser.does(kind="text", text="I want to talk to a person")
    async with house.env.database.transaction() as tx:
        staff = Staff(1, "Desk", Role.STAFF, "en")
        listing = await access_conversations(tx, house.env.keys, staff)
    assert listing is not None
    spoken = [(one.name, one.proof) for head in listing.heads for one in head.patients]
    assert ("Maria Ito", "link") in spoken


async def test_erasing_a_patient_leaves_nothing_of_links_and_their_chats(house: House) -> None:
    browser = await house.opens(await reminded(house))
    await browser.newest(1)
    await browser.does(kind="text", text="my secret words")
    async with house.env.database.transaction() as tx:
        patient = await tx.fetchval("select id from patient")
        assert await erase(tx, house.env.keys, patient, None) is None
    assert await house.value("select count(*) from web_link") == 0
    assert await house.value("select count(*) from inbound where payload is not null") == 0
    assert await browser.messages() == []
