"""A patient answers a questionnaire in the chat."""

from dataclasses import replace
from typing import Any

import pytest

from clinic.questionnaire import codec
from flows import questionnaire
from flows.effects import Alarm, Escalate, Handoff, KeepDraft
from flows.engine import BACK, leave
from flows.events import (
    Chose,
    FormGone,
    FormsListed,
    PressedAction,
    Said,
    TimedOut,
)
from flows.form_effects import ListForms, OpenForm, SubmitForm
from flows.navigation import PERSON
from flows.pause import Paused
from flows.stack import Dialogue, show_menu
from flows.words import Word
from nlu.reading import Reading
from tests.flows.forms import LISTED, REQUEST, form, item, shipped, talk
from tests.flows.patient import Patient
from tests.flows.talk import Talk
from tests.flows.world import CTX, HANA

TWO = form(item("smokes", "boolean", "Do you smoke?"), item("since", "integer", "Since when?"))


def answers(talk: Talk) -> dict[str, Any]:
    """What stands in the session, by linkId."""
    data = codec.load(talk.session.step.answers)
    return {path[-1][0]: values for path, values in data.values}


def words(talk: Talk) -> list[str]:
    """The words of the questions that were put."""
    return [str(say.params.get("words")) for say in talk.told if say.text.startswith("form.ask")]


def test_questions_come_one_by_one_and_the_patient_sees_how_many_there_are() -> None:
    patient = talk(TWO)
    assert patient.keys == ["form.intro", "form.ask"]
    assert patient.told[-1].params["n"] == 1
    assert patient.told[-1].params["of"] == 2
    patient.do("yes")
    assert words(patient) == ["Since when?"]
    patient.do(Said("2010"))
    assert patient.keys == ["form.summary", "form.line", "form.line", "form.ask_submit"]
    patient.do("yes")
    assert patient.keys == ["form.sent"]
    assert patient.over


def test_every_answer_is_kept_before_the_next_question() -> None:
    patient = talk(TWO).do("yes")
    kept = [deed for deed in patient.deeds if isinstance(deed, KeepDraft)]
    assert [deed.request_id for deed in kept] == [REQUEST]
    again = talk(TWO, draft=dict(kept[0].answers))
    assert again.keys == ["form.again", "form.ask"]
    assert words(again) == ["Since when?"]


def test_the_only_open_questionnaire_opens_by_itself() -> None:
    only = FormsListed(LISTED.forms[:1])
    patient = Talk(questionnaire.flow, answers={ListForms: [only], OpenForm: [FormGone()]})
    assert patient.keys == ["form.gone"]
    assert patient.over


def test_of_several_one_is_chosen_and_with_none_it_is_said() -> None:
    patient = Talk(
        questionnaire.flow,
        answers={ListForms: [LISTED, LISTED], OpenForm: [FormGone()]},
    )
    assert patient.keys == ["form.which"]
    patient.do(Said("?!"))
    assert patient.keys == ["form.which"]
    patient.do("72")
    assert patient.asked[0] == OpenForm(72)
    nothing = Talk(questionnaire.flow, answers={ListForms: [FormsListed(())]})
    assert nothing.keys == ["form.none"]


def test_back_goes_to_the_question_before_and_its_answer_can_be_kept() -> None:
    patient = talk(TWO).do("yes")
    patient.do(BACK)
    assert words(patient) == ["Do you smoke?"]
    assert "keep" in patient.choices
    patient.do("keep")
    assert words(patient) == ["Since when?"]
    assert answers(patient)["smokes"] == (True,)


def test_at_the_first_question_there_is_nothing_to_go_back_to() -> None:
    assert not talk(TWO).session.step.goes_back
    assert talk(TWO).do("yes").session.step.goes_back


def test_what_need_not_be_answered_can_be_skipped() -> None:
    required = form(item("name", "string", required=True), item("note", "text"))
    patient = talk(required)
    assert "skip" not in patient.choices
    patient.do(Chose("skip"))
    assert patient.keys[0] == "form.refused_required"
    patient.do(Said("Hana"), "skip")
    assert patient.at == "Summary"


def test_a_changed_answer_drops_what_hung_on_it() -> None:
    asked = form(
        item("smokes", "boolean"),
        item(
            "many",
            "integer",
            enableWhen=[{"question": "smokes", "operator": "=", "answerBoolean": True}],
        ),
    )
    patient = talk(asked).do("yes", Said("20"))
    assert patient.at == "Summary"
    patient.do("change")
    assert patient.keys == ["form.ask_change"]
    patient.do("0", "no")
    assert patient.at == "Summary"
    assert answers(patient) == {"smokes": (False,)}


def test_a_change_that_makes_no_sense_is_asked_about_again() -> None:
    patient = talk(TWO).do("yes", Said("2010"), "change")
    patient.do(Chose("99"))
    assert patient.keys == ["nav.choose", "form.ask_change"]


def test_a_long_summary_is_changed_page_by_page() -> None:
    many = form(*(item(f"q{n}", "boolean", f"Question {n}?") for n in range(12)))
    patient = talk(many)
    for _ in range(12):
        patient.do("yes")
    patient.do("change")
    assert len([it for it in patient.choices if it.isdecimal()]) == 8
    patient.do("page:1")
    assert [it for it in patient.choices if it.isdecimal()] == ["8", "9", "10", "11"]
    patient.do("9")
    assert words(patient) == ["Question 9?"]


def test_nothing_is_sent_without_a_yes_to_the_summary() -> None:
    patient = talk(TWO).do("yes", Said("2010"), Said("?!"))
    assert patient.keys[0] == "nav.choose"
    assert not [it for it in patient.asked if isinstance(it, SubmitForm)]
    patient.do("yes")
    (sent,) = patient.asked
    assert isinstance(sent, SubmitForm)
    assert sent.request_id == REQUEST
    assert sent.scores == {}
    assert sent.flags == ()


def test_a_request_that_was_taken_back_meanwhile_is_told() -> None:
    patient = talk(TWO)
    patient.answers[SubmitForm] = [FormGone()]
    patient.do("yes", Said("2010"), "yes")
    assert patient.keys == ["form.gone"]


def test_silence_changes_nothing() -> None:
    patient = talk(TWO)
    before = patient.session.step
    patient.do(TimedOut())
    assert patient.session.step == before
    assert patient.keys == []


def test_a_positive_answer_on_self_harm_does_not_wait_for_the_end() -> None:
    phq = shipped("phq_9")
    patient = talk(phq)
    for _ in range(8):
        patient.do("option:0")
    patient.do("option:1")
    assert Alarm("self_harm_thoughts", 3, "questionnaire", HANA.id) in patient.deeds
    assert any(isinstance(deed, KeepDraft) for deed in patient.deeds)
    assert not patient.told


def test_after_the_alarm_the_questionnaire_goes_on_and_does_not_alarm_twice() -> None:
    patient = talk(shipped("phq_9"))
    for _ in range(8):
        patient.do("option:0")
    patient.do("option:1").go_away_and_come_back()
    patient.do("skip")
    assert patient.at == "Summary"
    patient.do("yes")
    assert not [deed for deed in patient.deeds if isinstance(deed, Escalate | Alarm)]
    assert patient.keys == ["form.sent_doctor_looks"]


def test_what_stands_out_is_told_to_a_doctor_when_it_is_sent() -> None:
    patient = talk(shipped("phq_9"))
    for _ in range(8):
        patient.do("option:3")
    patient.do("option:0", "skip", "yes")
    told = [deed for deed in patient.deeds if isinstance(deed, Escalate)]
    flags = patient.asked[0].flags
    assert tuple((it.rule, it.level) for it in told) == flags
    assert patient.asked[0].scores["total"] == "24"
    assert patient.over


@pytest.mark.parametrize("language", CTX.languages)
def test_shipped_questionnaires_speak_the_patients_language(language: str) -> None:
    patient = talk(shipped("phq_9"), language=language)
    asked = words(patient)[0]
    assert (asked == words(talk(shipped("phq_9")))[0]) == (language == "en")
    labels = [
        choice.params["name"] for choice in patient.told[-1].choices if choice.params.get("name")
    ]
    assert len(labels) == 4


def test_answers_in_the_summary_are_shown_in_the_patients_language() -> None:
    patient = talk(shipped("gad_7"), language="ja")
    for _ in range(7):
        patient.do("option:0")
    while patient.at == "Asking":
        patient.do("skip" if "skip" in patient.choices else "option:0")
    (first, *_) = [str(say.params["answer"]) for say in patient.told if say.text == "form.line"]
    assert first != "not_at_all"
    assert not first.isascii()


def test_a_draft_with_everything_answered_opens_at_its_summary() -> None:
    done = talk(TWO).do("yes", Said("2010"))
    again = talk(TWO, draft=dict(done.session.step.answers))
    assert again.at == "Summary"


PRESSURE = "blood_pressure_diary"


def high_pressure(patient: Talk) -> Talk:
    """Told a pressure that a doctor has to hear of, in the middle of the questionnaire."""
    return patient.do("option:0", Said("185"))


def test_a_high_reading_was_lost_when_the_patient_went_away_before_sending() -> None:
    patient = high_pressure(talk(shipped(PRESSURE)))
    assert not [it for it in patient.deeds if isinstance(it, Escalate)]
    left = leave(patient.session)
    assert [(it.source, it.patient_id) for it in left] == [("questionnaire", HANA.id)]


def test_a_high_reading_was_lost_when_the_other_parent_had_sent_the_answers() -> None:
    patient = talk(TWO).do("yes", Said("2010"))
    what = replace(patient.session.step.what, held=(("pressure_high", 3),))
    patient.session = replace(patient.session, step=replace(patient.session.step, what=what))
    patient.answers[SubmitForm] = [FormGone()]
    patient.do("yes")
    assert patient.keys == ["form.gone"]
    told = Escalate("pressure_high", 3, "questionnaire", HANA.id)
    assert [it for it in patient.deeds if isinstance(it, Escalate)] == [told]


def test_the_menu_forgot_a_questionnaire_that_was_half_answered() -> None:
    asked = talk(TWO).do("yes").session
    dialogue = show_menu(Dialogue(stack=(asked,)), CTX).dialogue
    assert [session.flow for session in dialogue.stack] == ["questionnaire", "menu"]


def test_a_high_reading_is_told_when_the_patient_leaves_at_the_summary() -> None:
    patient = talk(TWO).do("yes", Said("2010"))
    what = replace(patient.session.step.what, held=(("pressure_high", 3),))
    session = replace(patient.session, step=replace(patient.session.step, what=what))
    assert leave(session) == (Escalate("pressure_high", 3, "questionnaire", HANA.id),)


def test_the_button_under_a_request_opens_it_wherever_the_conversation_is() -> None:
    patient = Patient().types("menu")
    patient.happen(PressedAction("fill", REQUEST, 0))
    assert "form.gone" in patient.keys  # the clinic of `kayoi play` asks nobody anything


def test_a_person_asked_for_from_an_answer_that_only_staff_can_give_is_told_why() -> None:
    patient = Patient()
    late = Reading((("running_late", 0.99),))
    patient.happen(Said("I will be ten minutes late", late))
    patient.presses(PERSON)
    assert [it.reason for it in patient.deeds_of(Handoff)] == ["running_late"]


def test_yes_to_a_pause_with_nothing_unfinished_means_nothing() -> None:
    assert Paused("silence").meaning(Word.YES) is None
