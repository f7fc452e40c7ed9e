"""The router: who is heard first, and how a conversation leaves and comes back. Whole dialogues."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from clinic.booking.types import AppointmentStatus
from flows import booking, family, link
from flows.dialogue import Dialogue, alarm, answer, receive
from flows.effects import (
    Escalate,
    GiveConsent,
    Handoff,
    Offer,
    OptIn,
    OptOut,
    ReleaseHold,
    Say,
    TakeBack,
    TryLinkCode,
)
from flows.emergency import PATIENCE
from flows.engine import Session
from flows.events import (
    Began,
    Chose,
    HandedBack,
    Left,
    LinkRefused,
    PickedDate,
    PressedAction,
    PressedOld,
    Said,
    SentMedia,
    SharedContact,
    TimedOut,
)
from flows.play import Play
from flows.safety import RedFlag
from tests.flows.world import CTX, NOW


class Patient(Play):
    """A patient in a chat. `deeds` and `keys` are of the last event alone."""

    def __init__(self, **facts):
        super().__init__(NOW)
        self.ctx = replace(self.ctx, **facts)
        self.deeds, self.messages = [], ()

    def happen(self, event):
        self.clinic.done.clear()
        self.messages = super().happen(event)
        self.deeds = list(self.clinic.done)
        return self.messages

    def types(self, *lines):
        for line in lines:
            self.happen(Said(line))
        return self

    def presses(self, *values):
        for value in values:
            assert value in self.offered, (value, self.offered)
            self.happen(Chose(value))
        return self

    @property
    def keys(self):
        return [it.text for it in self.deeds if isinstance(it, Say)]

    @property
    def offered(self):
        return [it.value for it in self.dialogue.offers]

    @property
    def flows(self):
        return [it.flow for it in self.dialogue.stack]

    @property
    def step(self):
        return self.dialogue.stack[-1].step

    def deeds_of(self, kind):
        return [it for it in self.deeds if isinstance(it, kind)]


def booking_patient(**facts):
    """Somebody in the middle of booking, who has chosen a service and said who they are."""
    patient = Patient(**facts)
    patient.begin("booking")
    patient.presses("1", "self").types("Hana Yamada").presses("skip")
    assert isinstance(patient.step, booking.PickPractitioner)
    return patient


def holding_patient(**facts):
    """Somebody for whom a time is being held."""
    patient = booking_patient(**facts).presses("soonest")
    patient.presses(patient.offered[0])
    assert any(it.status is AppointmentStatus.HELD for it in patient.clinic.visits.values())
    return patient


def with_visit(**facts):
    """Somebody with a booked visit, and its id and version."""
    patient = holding_patient(**facts).presses("skip", "yes")
    (visit,) = patient.clinic.visits.values()
    return patient, visit


# The safety rules -------------------------------------------------------------------------------

STATES = {
    "nothing runs": lambda: Patient(),
    "a list": booking_patient,
    "a held time and a note": holding_patient,
    "opted out": lambda: booking_patient(opted_out=True),
    "not consented": lambda: Patient(consented=False),
    "the notice": lambda: Patient(consented=False).types("hello"),
    "the queue": lambda: booking_patient().types("staff"),
    "staff": lambda: Patient(owner="staff"),
    "a name": lambda: Patient().types("link my record").presses("no_code"),
    "the menu": lambda: Patient().types("menu"),
    "a pause": lambda: booking_patient().types("cancel"),
    "an emergency": lambda: Patient().types("chest pain"),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("words", ["I have chest pain", "息ができない", "胸痛", "не могу дышать"])
def test_red_flags_are_heard_in_every_state(state, words):
    patient = STATES[state]()
    patient.types(words)
    (escalated,) = patient.deeds_of(Escalate)
    assert escalated.level == 4
    assert patient.messages[-1].urgent
    assert "119" in patient.messages[-1].text
    assert patient.ctx.clinic_phone in patient.messages[-1].text


def test_an_emergency_lets_go_of_the_held_time_and_offers_ways_on():
    patient = holding_patient().types("my chest hurts")
    assert patient.deeds_of(ReleaseHold)
    assert patient.offered == ["person", "resume:booking", "menu"]
    assert patient.flows == ["booking", "emergency"]
    patient.presses("resume:booking")
    assert patient.keys[0] == "dialogue.back_to_booking"
    assert patient.flows == ["booking"]


def test_words_after_an_emergency_are_not_taken_for_an_answer():
    patient = holding_patient().types("chest pain", "it is a bit better now")
    assert patient.keys == ["safety.emergency"]
    assert patient.flows == ["booking", "emergency"]
    patient.types("one more", "and more", "and more")
    assert patient.flows == ["booking", "emergency"]


def test_to_deny_it_afterwards_takes_nothing_back():
    patient = Patient().types("chest pain", "no chest pain any more")
    assert patient.keys == ["safety.emergency"]
    assert patient.deeds_of(Escalate) == []


def test_staff_hear_of_a_red_flag_while_they_talk_and_the_bot_stays_out_otherwise():
    patient = Patient(owner="staff").types("I want to die")
    assert patient.keys == ["safety.self_harm_now"]
    assert patient.dialogue == Dialogue()


def test_crisis_lines_come_with_thoughts_of_suicide_where_the_clinic_names_any():
    patient = Patient(crisis_lines=("#いのちSOS 0120-061-338",)).types("死にたい")
    assert patient.keys == ["safety.crisis_lines", "safety.self_harm_now"]
    assert "0120-061-338" in patient.messages[0].text


def test_a_denied_sign_is_asked_about_and_becomes_an_emergency_on_a_yes():
    patient = Patient().types("no chest pain")
    assert patient.keys == ["safety.ask"]
    assert patient.timeout == PATIENCE
    assert patient.deeds_of(Escalate) == []
    patient.presses("now")
    assert patient.deeds[0] == Escalate("chest_pain", 4)
    assert patient.keys == ["safety.emergency"]


def test_silence_after_a_doubtful_sign_is_shown_to_a_doctor():
    patient = Patient().types("I don't want to kill myself")
    assert patient.keys == ["safety.self_harm_ask"]
    patient.happen(TimedOut())
    assert patient.deeds == [Escalate("self_harm", 3)]


def test_another_reader_can_raise_a_red_flag():
    reaction = alarm(Dialogue(), RedFlag("fever_infant", 3), CTX)
    assert reaction.effects[0] == Escalate("fever_infant", 3)
    assert reaction.dialogue.offers[0].value == "now"


# Stop and start ---------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["stop", "STOP!", "停止", "退訂", "退订", "стоп"])
@pytest.mark.parametrize("state", STATES)
def test_stop_works_in_every_state(state, word):
    patient = STATES[state]().types(word)
    assert patient.deeds_of(OptOut)
    assert patient.keys[0] == "subscription.stopped"


def test_stop_asks_whether_it_meant_what_was_going_on():
    patient = holding_patient().types("stop")
    assert patient.keys == ["subscription.stopped", "pause.stopped"]
    assert patient.deeds_of(ReleaseHold)
    patient.presses("drop:booking")
    assert patient.keys == ["dialogue.dropped", "menu.ask"]
    assert patient.flows == ["menu"]


def test_a_sentence_with_stop_in_it_unsubscribes_nobody():
    patient = Patient().types("please stop by my house with the papers")
    assert patient.deeds_of(OptOut) == []


def test_start_is_heard_only_by_those_who_had_stopped():
    assert Patient().types("start").deeds_of(OptIn) == []
    assert Patient(opted_out=True).types("再開").deeds_of(OptIn)


# Staff own the conversation ---------------------------------------------------------------------


def test_a_person_is_there_at_the_first_word():
    patient = booking_patient().types("I need a human")
    assert patient.deeds_of(Handoff) == [Handoff("asked")]
    assert patient.ctx.owner == "queue"
    assert patient.offered == ["take_back"]
    assert patient.flows == ["booking"]


def test_the_bot_is_silent_while_staff_own_the_conversation():
    patient = booking_patient()
    patient.ctx = replace(patient.ctx, owner="staff")
    before = patient.dialogue
    for event in (
        Said("1"),
        Said("menu"),
        Said("yes"),
        SentMedia("image"),
        SharedContact("0312345678", own=True),
        PickedDate(NOW.date()),
        Began(),
    ):
        patient.happen(event)
        assert patient.deeds == []
        assert patient.dialogue == before


def test_the_patient_takes_the_assistant_back_by_button_or_words():
    for take_back in (Chose("take_back"), Said("BACK TO ASSISTANT")):
        patient = booking_patient().types("staff")
        patient.happen(take_back)
        assert patient.deeds_of(TakeBack)
        assert patient.ctx.owner == "bot"
        assert patient.keys == ["pause.handed_back"]
        assert patient.offered[0] == "resume:booking"


def test_an_old_button_in_the_queue_says_how_it_stands():
    patient = Patient(owner="queue")
    for event in (PressedOld(), Chose("person")):
        patient.happen(event)
        assert patient.keys == ["handoff.in_queue"]
    patient.ctx = replace(patient.ctx, owner="staff")
    patient.happen(PressedOld())
    assert patient.keys == ["handoff.with_staff"]


def test_a_reminders_button_works_in_the_queue_and_brings_nothing_else_up():
    patient, visit = with_visit()
    patient.types("book a visit").presses("1")
    patient.types("staff")
    patient.happen(PressedAction("confirm", visit.id, visit.version))
    assert patient.clinic.visits[visit.id].confirmed
    assert "dialogue.back_to_booking" not in patient.keys


def test_a_code_from_the_desk_works_in_the_queue():
    patient = Patient(owner="queue")
    patient.happen(Began("abcd2345"))
    assert patient.keys == ["link.linked"]


def test_the_hand_back_offers_what_was_left_unfinished():
    patient = booking_patient().types("staff")
    patient.ctx = replace(patient.ctx, owner="bot")
    patient.happen(HandedBack())
    assert patient.keys == ["pause.handed_back"]
    patient.presses("resume:booking")
    assert patient.keys[0] == "dialogue.back_to_booking"


def test_the_hand_back_with_nothing_unfinished_shows_the_menu():
    patient = Patient()
    patient.happen(HandedBack())
    assert patient.keys == ["dialogue.with_you_again", "menu.ask"]


def test_an_old_take_back_button_shows_the_menu():
    patient = Patient()
    patient.happen(Chose("take_back"))
    assert patient.keys == ["menu.ask"]


# The privacy notice -----------------------------------------------------------------------------


def test_the_notice_comes_first_and_then_what_the_patient_wanted():
    patient = Patient(consented=False, language_chosen=False).types("book a visit")
    assert patient.keys == ["welcome.greeting", "language.ask"]
    patient.presses("ru")
    assert "Прежде чем начать" in patient.messages[-1].text
    patient.presses("yes")
    assert patient.deeds_of(GiveConsent) == [GiveConsent("1")]
    assert patient.flows == ["booking"]
    assert "dialogue.back_to_booking" not in patient.keys
    assert patient.dialogue.offers[-1].label == "Меню"


@pytest.mark.parametrize(
    ("event", "flow"),
    [
        (Began(), "menu"),
        (Said("hello"), "menu"),
        (Said("qwerty"), "menu"),
        (Said("help"), "menu"),
        (PressedOld(), "menu"),
        (SentMedia("image"), "menu"),
        (Chose("start:family"), "family"),
        (Said("link my record"), "link"),
    ],
)
def test_whatever_comes_first_goes_on_after_the_notice(event, flow):
    patient = Patient(consented=False)
    patient.happen(event)
    assert patient.keys == ["welcome.greeting", "welcome.notice"]
    patient.presses("yes")
    assert patient.flows == [flow]


def test_a_code_is_tried_after_the_notice():
    patient = Patient(consented=False)
    patient.happen(Began("ABCD2345"))
    assert patient.clinic.code
    patient.presses("yes")
    assert patient.keys[-1] == "link.linked"
    assert patient.clinic.code == ""


def test_a_reminders_button_goes_on_after_the_notice():
    patient, visit = with_visit()
    patient.ctx = replace(patient.ctx, consented=False)
    patient.happen(PressedAction("cancel", visit.id, visit.version))
    assert patient.keys[-1] == "welcome.notice"
    patient.presses("yes")
    assert patient.flows == ["visits"]


def test_who_declines_may_still_use_the_chat_and_is_not_asked_again():
    patient = Patient(consented=False).types("book")
    patient.presses("no")
    assert patient.keys[0] == "welcome.declined"
    assert patient.deeds_of(GiveConsent) == []
    assert patient.flows == ["booking"]
    patient.types("menu")
    assert patient.keys == ["menu.ask"]
    patient.ctx = replace(patient.ctx, notice_version="2")
    patient.presses("start:visits")
    assert "welcome.notice" in patient.keys


def test_a_new_notice_interrupts_and_the_booking_goes_on():
    patient = booking_patient()
    patient.ctx = replace(patient.ctx, consented=False, notice_version="2")
    patient.happen(Chose("soonest"))
    assert patient.flows == ["booking", "welcome"]
    patient.presses("yes")
    assert patient.keys[:2] == ["welcome.agreed", "dialogue.back_to_booking"]
    assert patient.flows == ["booking"]


def test_what_is_wanted_during_the_notice_waits_for_it():
    patient = Patient(consented=False).types("hello")
    patient.types("book")
    assert patient.keys[0] == "dialogue.first_this"
    assert patient.flows == ["booking", "welcome"]
    patient.types("link my record")
    assert patient.flows == ["link", "welcome"]
    patient.types("yes")
    assert patient.flows == ["link"]


def test_the_language_can_be_changed_during_the_notice():
    patient = Patient(consented=False).types("hello", "language").presses("ja")
    assert patient.keys[-1] == "welcome.notice"
    assert patient.ctx.language == "ja"


def test_a_person_can_be_had_without_the_notice():
    patient = Patient(consented=False).types("staff")
    assert patient.deeds_of(Handoff)
    patient = Patient(consented=False).types("hello").presses("person")
    assert patient.deeds_of(Handoff)


def test_back_at_the_notice_asks_again():
    patient = Patient(consented=False).types("hello", "back")
    assert patient.keys == ["welcome.greeting", "welcome.notice"][-len(patient.keys) :]
    assert patient.flows[-1] == "welcome"


def test_coming_back_during_the_notice_asks_again():
    patient = Patient(consented=False).types("hello")
    patient.happen(Began())
    assert patient.keys[-1] == "welcome.notice"


# Old buttons, silence, leaving ------------------------------------------------------------------


def test_an_old_button_changes_nothing_and_the_question_stands_again():
    patient = booking_patient()
    before = patient.dialogue.stack
    patient.happen(PressedOld())
    assert patient.keys == ["dialogue.old_question", "booking.ask_practitioner"]
    assert patient.dialogue.stack == before


def test_an_old_button_with_nothing_running_shows_the_menu():
    patient = Patient()
    patient.happen(PressedOld())
    assert patient.keys == ["dialogue.old_question", "menu.ask"]


def test_silence_gives_the_time_back_says_one_line_and_then_nothing_more():
    patient = holding_patient()
    patient.happen(TimedOut())
    assert patient.deeds_of(ReleaseHold)
    assert patient.keys == ["pause.silence"]
    assert patient.timeout is None
    patient.happen(TimedOut())
    assert patient.deeds == []
    patient.presses("resume:booking")
    assert patient.flows == ["booking"]


def test_silence_with_nothing_running_says_nothing():
    patient = Patient()
    patient.happen(TimedOut())
    assert patient.deeds == []


def test_silence_in_the_queue_gives_the_time_back_and_says_nothing():
    patient = holding_patient()
    patient.ctx = replace(patient.ctx, owner="staff")
    patient.happen(TimedOut())
    assert patient.keys == []
    assert patient.deeds_of(ReleaseHold)


def test_a_patient_who_blocks_the_clinic_leaves_nothing_held():
    patient = holding_patient()
    patient.happen(Left())
    assert patient.deeds_of(ReleaseHold)
    assert patient.keys == []
    assert patient.dialogue == Dialogue()
    patient.happen(Left())
    assert patient.deeds == []


def test_coming_back_offers_what_was_begun():
    patient = booking_patient()
    patient.happen(Began())
    assert patient.keys == ["pause.return"]
    patient.happen(Began())
    assert patient.keys == ["pause.return"]
    assert patient.flows == ["booking", "pause"]


def test_coming_back_with_nothing_begun_shows_the_menu():
    for patient in (Patient(), Patient().types("language")):
        patient.happen(Began())
        assert patient.keys == ["menu.ask"]


# Digressions ------------------------------------------------------------------------------------


def test_help_in_the_middle_of_a_booking_comes_back_with_one_line():
    patient = booking_patient().types("help")
    assert patient.keys[-2:] == ["dialogue.back_to_booking", "booking.ask_practitioner"]
    assert patient.flows == ["booking"]


def test_choices_stand_only_under_the_last_question():
    patient = booking_patient().types("help")
    says = [it for it in patient.deeds if isinstance(it, Say)]
    assert [bool(it.choices) for it in says] == [False, False, False, True]


def test_a_flow_that_ends_says_nothing_more_where_nothing_waits():
    patient, _ = with_visit()
    assert patient.flows == []
    assert patient.keys[-1].startswith("booking.")


def test_the_menu_keeps_what_was_begun():
    patient = booking_patient().types("menu")
    assert patient.offered[0] == "resume:booking"
    patient.types("1")
    assert patient.keys[0] == "dialogue.back_to_booking"


def test_the_menu_forgets_what_had_hardly_begun():
    patient = Patient()
    patient.begin("booking")
    patient.presses("menu")
    assert patient.flows == ["menu"]


def test_booking_twice_asks_to_go_on_or_begin_anew():
    patient = holding_patient().types("menu").presses("start:booking")
    assert patient.keys == ["pause.again"]
    assert patient.offered[:2] == ["resume:booking", "restart:booking"]
    patient.presses("restart:booking")
    assert patient.flows == ["booking"]
    assert isinstance(patient.step, booking.PickService)


def test_booking_at_its_first_question_is_asked_again():
    patient = Patient()
    patient.begin("booking")
    patient.types("book")
    assert patient.flows == ["booking"]
    assert patient.keys == ["booking.ask_service"]


def test_a_flow_stands_once_on_the_stack_and_the_stack_is_short():
    patient = booking_patient()
    for words in ("link my record", "my family", "my visits", "book", "link my record", "menu"):
        patient.types(words)
        assert len(set(patient.flows)) == len(patient.flows) <= 4


def test_going_on_with_what_is_not_there_any_more_shows_the_menu():
    patient = Patient()
    patient.happen(Chose("resume:booking"))
    assert patient.keys == ["menu.ask"]


def test_dropping_returns_to_what_lies_below():
    patient = booking_patient().types("link my record", "cancel")
    assert patient.keys == ["pause.cancel"]
    patient.presses("drop:link")
    assert patient.keys[:2] == ["dialogue.dropped", "dialogue.back_to_booking"]


def test_cancel_in_a_booking_asks_what_is_meant():
    patient, _ = with_visit()
    patient.begin("booking")
    patient.presses("1").types("キャンセル")
    assert patient.keys == ["pause.cancel"]
    patient.presses("start:visits")
    assert patient.flows == ["booking", "visits"]


@pytest.mark.parametrize("words", ["cancel my visit", "変更", "мои визиты", "我的預約"])
def test_a_few_words_open_the_visits(words):
    patient, _ = with_visit()
    patient.types(words)
    assert patient.flows == ["visits"]


def test_cancel_among_the_visits_is_for_them_to_understand():
    patient, _ = with_visit()
    patient.types("my visits")
    patient.types("キャンセル")
    assert patient.flows == ["visits"]


def test_back_returns_along_the_answers_and_then_to_the_menu():
    patient = booking_patient().types("back")
    assert isinstance(patient.step, booking.AskBirth | booking.PickPerson | booking.AskName)
    for _ in range(6):
        patient.types("戻る")
    assert patient.flows == ["menu"]


def test_back_from_a_first_question_returns_to_what_lies_below():
    patient = booking_patient().types("link my record", "back")
    assert patient.keys[0] == "dialogue.back_to_booking"


def test_a_reminders_button_digresses_and_returns():
    patient, visit = with_visit()
    patient.begin("booking")
    patient.presses("1")
    patient.happen(PressedAction("move", visit.id, visit.version))
    assert patient.flows == ["booking", "visits"]


# Words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["1", "１", "general medicine", "GENERAL  MEDICINE!", "1."])
def test_a_typed_label_or_number_is_the_choice(typed):
    patient = Patient()
    patient.begin("booking")
    patient.types(typed)
    assert isinstance(patient.step, booking.PickPerson | booking.AskRelation)


def test_ten_under_times_of_day_is_ten_oclock_and_not_the_tenth_choice():
    patient = booking_patient().presses("anyone")
    patient.presses(patient.offered[0])
    assert isinstance(patient.step, booking.PickTime)
    patient.types("9")
    assert patient.step.slot.starts_at.hour == 9


def test_two_choices_of_one_name_are_not_guessed_between():
    offers = (Offer("1", "Sato"), Offer("2", "sato"))
    dialogue = Dialogue((Session("link", 1, link.AskCode()),), offers)
    reaction = receive(dialogue, Said("Sato"), CTX)
    assert reaction.effects[0] == Say("link.hint_code")


def test_a_name_is_not_read_as_a_command_but_one_word_commands_are():
    patient = Patient().types("link my record").presses("no_code")
    assert patient.step == link.AskName()
    patient.types("Move Booker")
    assert patient.step == link.AskBirth("Move Booker")
    patient.types("back", "1")
    assert patient.step == link.AskName()
    patient.types("menu")
    assert patient.flows[-1] == "menu"


def test_a_note_that_speaks_of_cancelling_stays_a_note():
    patient = holding_patient()
    assert isinstance(patient.step, booking.AskNote)
    patient.types("please cancel my parking")
    assert isinstance(patient.step, booking.Confirm)


def test_yes_and_no_are_the_choices_of_that_name():
    patient = holding_patient().presses("skip").types("はい")
    assert patient.keys[0].startswith("booking.booked")


def test_yes_where_nobody_asked_for_it_does_nothing():
    patient = booking_patient()
    before = patient.dialogue.stack
    patient.types("yes")
    assert patient.dialogue.stack == before


def test_greetings_and_thanks_are_answered():
    assert Patient().types("こんにちは").keys == ["menu.ask"]
    assert Patient().types("ありがとうございます").keys == ["dialogue.thanks", "menu.ask"]
    assert booking_patient().types("hi").keys == ["booking.ask_practitioner"]
    assert "dialogue.thanks" not in booking_patient().types("thanks").keys


def test_three_misses_explain_and_then_offer_a_person():
    patient = booking_patient().types("asdf")
    assert patient.dialogue.misses == 1
    patient.types("qwer")
    assert patient.keys[0] == "dialogue.explain"
    patient.types("zxcv")
    assert patient.keys == ["pause.not_understood"]
    assert "person" in patient.offered
    assert patient.dialogue.misses == 0
    patient.presses("person")
    assert patient.deeds_of(Handoff) == [Handoff("not_understood")]


def test_an_understood_answer_forgets_the_misses():
    patient = booking_patient().types("asdf", "qwer").presses("soonest")
    assert patient.dialogue.misses == 0
    patient.types("asdf")
    assert "dialogue.explain" not in patient.keys
    patient = booking_patient().types("asdf", "qwer", "Dr. Sato")
    assert patient.dialogue.misses == 0


def test_words_that_a_step_understands_are_no_miss():
    patient = Patient().types("link my record", "asdf", "ABCD2345")
    assert patient.dialogue.misses == 0


def test_words_with_nothing_running_show_the_menu():
    assert Patient().types("lorem ipsum").keys == ["dialogue.not_understood", "menu.ask"]


def test_a_choice_with_nothing_running_shows_the_menu():
    patient = Patient()
    patient.happen(Chose("yes"))
    assert patient.keys == ["menu.ask"]


# What is not words ------------------------------------------------------------------------------


def test_a_picture_is_not_read_and_a_person_is_offered():
    patient = booking_patient()
    patient.happen(SentMedia("image"))
    assert patient.keys == ["pause.media"]
    assert {"person", "resume:booking", "menu"} <= set(patient.offered)
    patient.presses("person")
    assert patient.deeds_of(Handoff) == [Handoff("media")]
    idle = Patient()
    idle.happen(SentMedia("voice"))
    assert idle.offered == ["menu", "person"]


def test_a_sticker_is_no_reason_for_a_lecture():
    patient = booking_patient()
    patient.happen(SentMedia("sticker"))
    assert patient.keys == ["booking.ask_practitioner"]


def test_a_step_that_takes_pictures_gets_them(monkeypatch):
    monkeypatch.setattr(family.ShowPeople, "takes_media", True, raising=False)
    patient = Patient()
    patient.begin("family")
    patient.happen(SentMedia("image"))
    assert patient.flows == ["family"]


def test_a_day_or_a_number_with_nothing_running_shows_the_menu():
    for event in (PickedDate(NOW.date()), SharedContact("0312345678", own=True)):
        patient = Patient()
        patient.happen(event)
        assert patient.keys == ["menu.ask"]


# The link flow through the router ---------------------------------------------------------------


def test_the_answer_of_the_world_goes_to_the_running_session():
    asking = receive(Dialogue(), Began("ABCD2345"), CTX)
    assert asking.request == TryLinkCode("ABCD2345")
    reaction = answer(asking.dialogue, LinkRefused("wrong"), CTX)
    assert [it.text for it in reaction.effects] == ["link.wrong", "link.ask_code"]
    assert reaction.timeout == timedelta(minutes=30)


def test_a_patient_is_linked_by_the_code_of_the_desk_however_typed():
    patient = Patient().types("link my record", "ａｂｃｄ－２３４５")
    assert patient.keys == ["link.linked"]
    assert "Hana Yamada" in patient.messages[-1].text


def test_the_person_asked_for_in_an_emergency_is_told_so():
    patient = Patient().types("chest pain").presses("person")
    assert patient.deeds_of(Handoff) == [Handoff("emergency")]


# Whatever happens --------------------------------------------------------------------------------

LINES = [
    *("menu", "back", "stop", "start", "help", "staff", "book", "cancel", "my visits", "yes", "no"),
    *(
        "language",
        "chest pain",
        "no chest pain",
        "link my record",
        "hello",
        "thanks",
        "???",
        "1",
        "2",
    ),
    *("Hana Yamada", "1948-03-05", "0312345678", "ABCD2345", "back to assistant", "tomorrow", "10"),
]


@pytest.mark.parametrize("seed", range(8))
def test_no_order_of_events_breaks_a_conversation(seed):
    """Every turn answers or is rightly silent, the stack stays short, and no hold is forgotten."""
    dice = Random(seed)
    patient = Patient(consented=seed % 2 == 0, language_chosen=seed % 3 == 0)
    for _ in range(400):
        actions = [PressedAction(it, 101, 2) for it in ("confirm", "move", "cancel")]
        others = (Began(), Began("ABCD2345"), TimedOut(), PressedOld(), HandedBack(), Left())
        media = (SentMedia("image"), SentMedia("sticker"), PickedDate(NOW.date()))
        rare = dice.choice([*others, *media, *actions, SharedContact("0312345678", own=True)])
        pressed = Chose(dice.choice(patient.offered)) if patient.offered else rare
        typed = Said(dice.choice(LINES))
        event = dice.choices([pressed, typed, rare], [12, 5, 2])[0]
        if isinstance(event, HandedBack):
            patient.ctx = replace(patient.ctx, owner="bot")
        owner = patient.ctx.owner
        patient.happen(event)
        silent = isinstance(event, TimedOut | Left) or owner != "bot"
        assert patient.keys or silent, (event, patient.flows)
        assert len(patient.flows) == len(set(patient.flows)) <= 4
        says = [it for it in patient.deeds if isinstance(it, Say)]
        if owner == "bot" and says and not says[-1].urgent:
            assert all(not it.choices for it in says[:-1])
            assert says[-1].choices
        held = {
            it.id for it in patient.clinic.visits.values() if it.status is AppointmentStatus.HELD
        }
        top = patient.dialogue.stack[-1].step if patient.dialogue.stack else None
        assert held <= {getattr(top, "hold", None)}, (event, patient.flows)
