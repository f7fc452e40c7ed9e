"""The doctor's own chat: linking it, answering alerts, taking over, handing back, closing."""

import pytest

from clinic.escalation.rules import shown_code
from clinic.link.rules import TRIES_PER_ACCOUNT, new_code
from tests.integration.escalations.ward import Doctor, Ward
from tests.integration.turns.rig import Patient

pytestmark = pytest.mark.server
CHEST = "I have chest pain"


@pytest.fixture
async def doctor(ward: Ward) -> Doctor:
    """The one doctor of the clinic."""
    return await ward.doctor("Dr. Sato")


@pytest.fixture
async def patient(ward: Ward, doctor: Doctor) -> Patient:
    """A patient with chest pain, of whom the doctor was alerted."""
    patient = ward.patient()
    await patient.comes_in()
    await patient.says(CHEST)
    await ward.sweep()
    return patient


async def owner(ward: Ward, patient: Patient) -> str:
    return str(
        await ward.value("select owner from conversation where account_id = $1", patient.account_id)
    )


# Whose chat it is ---------------------------------------------------------------------------------


async def test_a_code_makes_a_chat_the_staff_members_own_once(ward: Ward) -> None:
    staff = await ward.staff("Dr. Sato")
    code = shown_code(await ward.code(staff))
    first, second = ward.patient("a"), ward.patient("b")
    assert "Dr. Sato" in await first.says(code)
    assert "did not work" in await second.says(code)
    bound = await ward.rows("select staff_id, account_id from staff_account")
    assert bound == [(staff.id, first.account_id)]
    assert "staff:account:bind" in [row[0] for row in await ward.rows("select action from audit")]


async def test_a_link_with_a_code_works_as_well(ward: Ward) -> None:
    staff = await ward.staff("Dr. Sato")
    assert "Dr. Sato" in await ward.patient().starts(shown_code(await ward.code(staff)))


async def test_a_code_dies_after_ten_minutes_and_with_the_account(ward: Ward) -> None:
    staff = await ward.staff("Dr. Sato")
    code = shown_code(await ward.code(staff))
    await ward.execute("update staff_link_code set expires_at = now()")
    assert "did not work" in await ward.patient("a").says(code)
    code = shown_code(await ward.code(staff))
    await ward.execute("update staff set disabled_at = now()")
    assert "did not work" in await ward.patient("b").says(code)
    assert await ward.value("select count(*) from staff_account") == 0


async def test_codes_cannot_be_guessed_for_long(ward: Ward) -> None:
    staff, guesser = await ward.staff("Dr. Sato"), ward.patient()
    for _ in range(TRIES_PER_ACCOUNT):
        assert "did not work" in await guesser.says(shown_code(new_code()))
    assert "cannot be tried" in await guesser.says(shown_code(await ward.code(staff)))
    assert await ward.value("select count(*) from staff_account") == 0


async def test_a_code_is_stored_as_a_hash_only(ward: Ward) -> None:
    code = await ward.code(await ward.staff("Dr. Sato"))
    assert code not in await ward.value("select t::text from staff_link_code t")


async def test_a_red_flag_in_a_doctors_own_chat_raises_nothing(ward: Ward, doctor: Doctor) -> None:
    said = await doctor.says("he has chest pain and cannot breathe")
    assert "119" not in said
    assert await ward.value("select count(*) from escalation") == 0


async def test_stop_from_a_doctor_keeps_no_alert_away(ward: Ward, doctor: Doctor) -> None:
    await doctor.says("stop")
    await ward.patient().says(CHEST)
    await ward.sweep()
    assert [row[2] for row in await ward.alerts()] == ["sent"]


async def test_a_patient_who_forges_or_borrows_a_button_gets_nowhere(
    ward: Ward, doctor: Doctor, patient: Patient
) -> None:
    button = (await doctor.inbox())[-1].buttons[0]
    await patient.does(kind="press", token=button.token, label=button.label)
    assert await ward.value("select state from escalation") == "open"


async def test_the_buttons_of_a_former_staff_members_chat_are_dead(
    ward: Ward, doctor: Doctor, patient: Patient
) -> None:
    await ward.execute("update staff set disabled_at = now()")
    await doctor.answers("I take it")
    assert await ward.value("select state from escalation") == "open"
    assert "119" in await doctor.says(CHEST)  # a patient's chat, with all that protects one


# Answering ----------------------------------------------------------------------------------------


async def test_who_takes_it_is_told_whom_to_call(ward: Ward, doctor: Doctor) -> None:
    patient = ward.patient()
    await patient.comes_in()
    key = await ward.value("select gen_random_uuid()")
    await ward.execute(
        """with p as (insert into patient (key, name, phone) values ($1, 'Hana', $2) returning id)
           insert into link (account_id, patient_id, relation, proof)
           select $3, id, 'self', 'code' from p""",
        key,
        ward.env.keys.seal(b"+81312345678", "patient.phone", key),
        patient.account_id,
    )
    await patient.says(CHEST)
    await ward.sweep()
    assert "This is yours now: Hana" in await doctor.answers("I take it")
    assert [it.url for it in doctor.shown[-1].links] == ["tel:+81312345678"]


async def test_who_comes_second_is_told_who_has_it(ward: Ward, doctor: Doctor) -> None:
    other = await ward.doctor("Dr. Ito")
    await ward.patient().says(CHEST)
    await ward.sweep()
    alert = (await other.inbox())[-1]
    await doctor.answers("I take it")
    for label in ("I take it", "Call done", "Take over the chat", "Close"):
        assert "Dr. Sato has taken this already" in await other.answers(label, alert)
    assert await ward.value("select called_at from escalation") is None
    await ward.sweep()
    assert "Dr. Sato has taken this" in (await other.inbox())[-1].text


async def test_a_call_that_was_made_is_noted(ward: Ward, doctor: Doctor, patient: Patient) -> None:
    await doctor.answers("Call done")
    assert await ward.value("select state from escalation") == "acknowledged"
    assert await ward.value("select called_at is not null from escalation")


async def test_nothing_is_closed_without_saying_how_it_ended(
    ward: Ward, doctor: Doctor, patient: Patient
) -> None:
    alert = (await doctor.inbox())[-1]
    await doctor.answers("Close")
    assert await ward.value("select state from escalation") == "acknowledged"
    await doctor.says("nothing special")
    assert await ward.value("select state from escalation") == "acknowledged"
    await doctor.answers("Close", alert)
    await doctor.presses("Ambulance called")
    closed = await ward.rows("select state, disposition, closed_by_id, owner_id from escalation")
    assert closed == [("closed", "ambulance", doctor.staff.id, doctor.staff.id)]
    assert "closed already" in await doctor.answers("I take it", alert)
    with pytest.raises(Exception, match="escalation_disposed"):
        await ward.execute("update escalation set disposition = null")


# In the chat with the patient ---------------------------------------------------------------------


async def test_a_doctor_takes_over_writes_reads_and_hands_back(
    ward: Ward, doctor: Doctor, patient: Patient
) -> None:
    assert "What you write here goes to the patient" in await doctor.answers("Take over the chat")
    assert await owner(ward, patient) == "staff"
    await ward.sweep()
    told = [line.message.text for line in await patient.lines() if line.message]
    assert "Dr. Sato of our clinic is answering you here now" in told[-1]

    assert await doctor.says("Are you sitting down? A neighbour is near?") == "Sent."
    await ward.sweep()
    newest = (await patient.lines())[-1]
    assert (newest.side, newest.staff_name, newest.state) == ("staff", "Dr. Sato", "sent")
    assert newest.message
    assert newest.message.text.startswith("Are you sitting down?")

    assert await patient.says("yes, my daughter") == ""
    relayed = await ward.rows(
        """select o.xmin = i.xmin from outbox o, inbound i
           where o.dedup_key like 'relay:%' and i.id = (select max(id) from inbound)"""
    )
    assert relayed == [(True,)]
    await ward.sweep()
    assert (await doctor.inbox())[-1].text == "Patient: yes, my daughter"

    await doctor.answers("Leave the chat")
    assert await owner(ward, patient) == "bot"
    await ward.sweep()
    told = [line.message.text for line in await patient.lines() if line.message]
    assert len(told) > 3
    assert "reaches nobody" in await doctor.says("one more thing")
    acts = [row[0] for row in await ward.rows("select action from audit where actor_kind='staff'")]
    for act in ("take_over", "answer", "hand_back"):
        assert f"staff:conversation:{act}" in acts


async def test_handing_back_offers_what_was_unfinished(ward: Ward, doctor: Doctor) -> None:
    patient = ward.patient()
    await patient.comes_in()
    await patient.says("menu")
    await patient.presses("Link my record")
    await patient.presses("I have no code")
    await patient.says(CHEST)
    await ward.sweep()
    await doctor.answers("Take over the chat")
    await ward.sweep()
    await doctor.presses("Leave the chat")
    await ward.sweep()
    newest = [line.message for line in await patient.lines() if line.message][-1]
    assert "Go on" in [button.label[:5] for button in newest.buttons]


async def test_a_red_flag_in_a_chat_with_a_doctor_is_answered_and_passed_on(
    ward: Ward, doctor: Doctor, patient: Patient
) -> None:
    await doctor.answers("Take over the chat")
    assert "119" in await patient.says("I cannot breathe")
    await ward.sweep()
    texts = [it.text for it in await doctor.inbox()]
    assert "Patient: I cannot breathe" in texts
    assert any("Short of breath" in it for it in texts)


async def test_pictures_are_mentioned_and_buttons_are_not(
    ward: Ward, doctor: Doctor, patient: Patient
) -> None:
    await doctor.answers("Take over the chat")
    await ward.sweep()
    before = len(await doctor.inbox())
    await patient.presses("Menu")
    assert len(await doctor.inbox()) == before


async def test_words_after_the_lease_ran_out_reach_nobody_and_the_doctor_knows(
    ward: Ward, doctor: Doctor, patient: Patient
) -> None:
    await doctor.answers("Take over the chat")
    await ward.sweep()
    await ward.execute("update conversation set owner_until = now() - interval '1 min'")
    assert "Not sent" in await doctor.says("are you there?")
    await doctor.presses("Take over the chat")
    assert await doctor.says("are you there?") == "Sent."
    await ward.sweep()
    assert (await patient.lines())[-1].staff_name == "Dr. Sato"


async def test_a_chat_that_a_colleague_answers_is_not_taken_from_them(
    ward: Ward, doctor: Doctor, patient: Patient
) -> None:
    desk = await ward.staff("Desk")
    await ward.execute(
        """update conversation set owner = 'staff', owner_staff_id = $1,
             owner_until = now() + interval '5 min' where account_id = $2""",
        desk.id,
        patient.account_id,
    )
    assert "Desk is in the chat" in await doctor.answers("Take over the chat")
    assert await ward.value("select state from escalation") == "acknowledged"


async def test_a_long_answer_of_a_patient_comes_whole(
    ward: Ward, doctor: Doctor, patient: Patient
) -> None:
    await doctor.answers("Take over the chat")
    said = "и " * 1000
    await patient.says(said)
    await ward.sweep()
    assert said.strip() in "".join(it.text for it in await doctor.inbox())


# What a grave escalation holds back ---------------------------------------------------------------


async def test_no_reminder_goes_out_while_a_grave_escalation_is_not_closed(
    ward: Ward, doctor: Doctor, patient: Patient
) -> None:
    await ward.execute(
        """insert into outbox (key, dedup_key, account_id, purpose, delivery_class, content,
                               send_at, useful_until)
           select gen_random_uuid(), 'reminder:1', $1, 'reminder', 'must_arrive', 'x', now(),
                  now() + interval '1 day'""",
        patient.account_id,
    )
    await ward.sweep()
    row = await ward.rows("select state, reason from outbox where purpose = 'reminder'")
    assert row == [("pending", "escalated")]
    await ward.execute("update escalation set state = 'closed', disposition = 'advice'")
    await ward.execute("update outbox set send_at = now() where purpose = 'reminder'")
    await ward.sweep()
    row = await ward.rows("select state, reason from outbox where purpose = 'reminder'")
    assert row[0][1] != "escalated"
