"""From an SMS or a mail into the web chat, all the way, and back out of the list."""

import pytest

from clinic.questionnaire import service as forms
from scheduler.forms import ask_due
from scheduler.reminders import fire_due
from tests.integration.contact.house import MARIA, TARO, House, link_in, until

pytestmark = pytest.mark.server
OUTBOX = "select state, reason from outbox where purpose in ('reminder', 'form') order by id"


async def remind(house: House) -> None:
    await fire_due(house.env)
    await house.sender.sweep()


async def test_a_reminder_by_sms_is_confirmed_behind_its_link(house: House) -> None:
    patient = await house.patient(phone=MARIA)
    await house.allow(patient, "sms")
    await house.visit(patient)
    await remind(house)
    (text,) = house.sms.texts(MARIA)
    assert "Kayoi Clinic" in text
    assert "Maria Ito" in text
    browser = await house.opens(link_in(text))
    message = await browser.newest(1)
    assert message["text"] in text
    said = await browser.presses(message, "Yes")
    assert await house.value("select confirmed_at is not null from appointment"), said


async def test_a_questionnaire_by_mail_is_answered_behind_its_link(house: House) -> None:
    patient = await house.patient(email="maria@home.example")
    await house.allow(patient, "email")
    async with house.env.database.transaction() as tx:
        await forms.install_shipped(tx)
        form = await tx.fetchval("select id from questionnaire where name = 'gad_7'")
        await forms.request(tx, "staff:1", form, patient)
    await ask_due(house.env)
    await house.sender.sweep()
    (mail,) = house.mail.mails
    plain = next(mail.iter_parts()).get_content()
    assert "gad" not in plain.lower()
    browser = await house.opens(link_in(plain))
    message = await browser.presses(await browser.newest(1), "Answer now")
    for _ in range(20):
        buttons = [one for one in message["buttons"] if one["role"] != "navigation"]
        if buttons[0]["label"] == "Send":
            break
        first = next((one for one in buttons if one["role"] == "primary"), buttons[0])
        message = await browser.presses(message, first["label"])
    await browser.presses(message, "Send")
    assert await house.rows("select state, patient_id from questionnaire_request") == [
        ("completed", patient)
    ]
    assert await house.value("select patient_id from questionnaire_response") == patient


async def test_after_stop_by_sms_nothing_more_comes(house: House) -> None:
    house.sms.keeps_stop_list = False  # the gateway passes everything on
    patient = await house.patient(phone=MARIA)
    account = await house.allow(patient, "sms")
    await house.visit(patient)
    assert await house.sms.say(MARIA, "停止") == 204

    async def stopped() -> bool:
        query = "select opted_out_at is not null from chat_account where id = $1"
        return bool(await house.value(query, account))

    await until(stopped)
    await until(lambda: _texts(house, 1))  # that they are stopped, and nothing else
    await remind(house)
    await house.sender.sweep()
    assert len(house.sms.texts(MARIA)) == 1
    assert await house.rows(OUTBOX) == []
    assert await house.value("select count(*) from task where kind = 'call'") == 1


async def _texts(house: House, count: int) -> bool:
    return len(house.sms.texts(MARIA)) >= count


async def test_other_words_by_sms_are_for_staff_and_told_so_once(house: House) -> None:
    patient = await house.patient(phone=MARIA)
    await house.allow(patient, "sms")
    await house.sms.say(MARIA, "Can I come a little later?")
    await until(lambda: _texts(house, 1))
    assert "passed your message to our staff" in house.sms.texts(MARIA)[0]
    await house.sms.say(MARIA, "About ten minutes")

    async def both_handled() -> bool:
        return bool(await house.value("select count(*) = 2 from inbound where state = 'done'"))

    await until(both_handled)
    await house.sender.sweep()
    assert len(house.sms.texts(MARIA)) == 1
    assert await house.rows("select owner, handoff_reason from conversation") == [("queue", "sms")]


async def test_nothing_is_cancelled_by_sms_since_anybody_can_write_in_a_number(
    house: House,
) -> None:
    patient = await house.patient(phone=MARIA)
    await house.allow(patient, "sms")
    await house.visit(patient)
    await house.sms.say(MARIA, "cancel my visit")
    await until(lambda: _texts(house, 1))
    assert await house.value("select status from appointment") == "booked"


async def test_a_red_flag_by_sms_calls_a_doctor(house: House) -> None:
    await house.allow(await house.patient(phone=MARIA), "sms")
    await house.sms.say(MARIA, "crushing chest pain and I cannot breathe")
    await until(lambda: _texts(house, 1))
    assert "119" in house.sms.texts(MARIA)[0]
    assert await house.value("select level from escalation") == 4


async def test_a_forged_sms_is_not_heard(house: House) -> None:
    house.sms.webhook = "https://elsewhere.example/webhooks/sms"
    assert await house.sms.say(MARIA, "stop") == 401
    assert await house.value("select count(*) from inbound") == 0


async def test_one_press_in_the_mail_program_ends_mail(house: House) -> None:
    patient = await house.patient(email="maria@home.example")
    account = await house.allow(patient, "email")
    await house.visit(patient)
    await remind(house)
    (mail,) = house.mail.mails
    path = mail["List-Unsubscribe"].strip("<>").removeprefix("https://chat.example/kayoi")
    assert (await house.client.get(path)).status == 200
    out = "select opted_out_at is not null from chat_account where id = $1"
    assert not await house.value(out, account)  # a scanner that looks ends nothing
    answer = await house.client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status == 200
    assert await house.value(out, account)
    assert await house.value("select given from consent order by id desc limit 1") is False
    await house.client.post(path, data={"again": "yes"})
    assert not await house.value(out, account)


async def test_a_forged_unsubscribe_address_ends_nothing(house: House) -> None:
    account = await house.allow(await house.patient(email="maria@home.example"), "email")
    index = await house.value("select address_index from chat_account where id = $1", account)
    assert (await house.client.post(f"/u/{index}{'A' * 24}")).status == 404
    assert await house.value("select opted_out_at from chat_account where id = $1", account) is None


async def test_a_family_with_one_telephone_hears_whose_visit_it_is(house: House) -> None:
    maria = await house.patient(phone=TARO)
    taro = await house.patient("Taro Ito", phone=TARO)
    assert await house.allow(maria, "sms") == await house.allow(taro, "sms")
    for patient in (maria, taro):
        await house.visit(patient)
    await fire_due(house.env)
    for _ in range(2):
        await house.sender.sweep()
    first, second = sorted(house.sms.texts(TARO))
    assert ("Maria Ito" in first, "Taro Ito" in first) == (True, False)
    assert ("Maria Ito" in second, "Taro Ito" in second) == (False, True)
    browser = await house.opens(link_in(second))
    await browser.presses(await browser.newest(1), "Yes")
    confirmed = "select patient_id from appointment where confirmed_at is not null"
    assert await house.rows(confirmed) == [(taro,)]


async def test_a_number_that_takes_no_sms_is_written_to_no_more(house: House) -> None:
    house.sms.landlines.add(MARIA)
    patient = await house.patient(phone=MARIA)
    account = await house.allow(patient, "sms")
    await house.visit(patient)
    await remind(house)
    assert await house.rows(OUTBOX) == [("refused", "400 21614")]
    gone = "select unreachable_at is not null from chat_account where id = $1"
    assert await house.value(gone, account)


async def test_an_sms_that_did_not_arrive_after_all_is_told_and_called_about(
    house: House,
) -> None:
    patient = await house.patient(phone=MARIA)
    account = await house.allow(patient, "sms")
    await house.visit(patient)
    await remind(house)
    assert await house.rows(OUTBOX) == [("sent", None)]
    assert await house.sms.report(1, "sending") == 204
    assert await house.rows(OUTBOX) == [("sent", None)]
    assert await house.sms.report(1, "undelivered", 30005) == 204
    assert await house.rows(OUTBOX) == [("refused", "undelivered 30005")]
    gone = "select unreachable_at is not null from chat_account where id = $1"
    assert await house.value(gone, account)
    assert await house.value("select count(*) from task where kind = 'undelivered'") == 1


async def test_an_sms_of_which_nobody_knew_is_not_sent_again_once_it_is_told_to_have_arrived(
    house: House,
) -> None:
    house.sms.faults.once("accept_then_500")
    patient = await house.patient(phone=MARIA)
    await house.allow(patient, "sms")
    await house.visit(patient)
    await remind(house)
    assert await house.rows(OUTBOX) == [("unknown", "500")]
    assert await house.sms.report(1, "delivered") == 204
    assert await house.sms.report(1, "delivered") == 204
    await house.sender.sweep()
    assert await house.rows(OUTBOX) == [("sent", None)]
    assert len(house.sms.texts(MARIA)) == 1


async def test_a_forged_report_changes_nothing(house: House) -> None:
    patient = await house.patient(phone=MARIA)
    await house.allow(patient, "sms")
    await house.visit(patient)
    await remind(house)
    path = house.sms.ledger.entries[0]["report"].removeprefix("https://chat.example/kayoi")
    answer = await house.client.post(path, data={"MessageStatus": "failed"})
    assert answer.status == 401
    assert await house.rows(OUTBOX) == [("sent", None)]
