"""What each outcome of a triage brings about, and the day after."""

from dataclasses import replace
from datetime import date

import pytest

from clinic.triage.load import catalogue
from clinic.triage.rules import outcome
from clinic.triage.types import Facts
from flows import triage
from flows.effects import Alarm, Escalate, FindSlots, Handoff, HoldSlot, ListServices
from flows.events import Chose, Said, ServicesListed, SlotsFound
from flows.texts import text
from flows.triage_case import Case, presentation_of
from flows.triage_effects import KeepTriage, ScheduleCheckIn
from tests.flows.talk import Talk
from tests.flows.triages import BABY, MAN, PEOPLE, asking, deeds, denies
from tests.flows.world import HANA, TODAY, World, at, slot

# Outcomes -----------------------------------------------------------------------------------------


def test_level_4_asks_no_more_and_alarms():
    talk = asking("chest_pain").do("yes")
    assert talk.over
    assert talk.told == []
    (alarm,) = deeds(talk, Alarm)
    assert alarm == Alarm("triage_chest_pain", 4, "triage", MAN.id, ("squeezing",))
    assert len(deeds(talk, KeepTriage)) == 1


@pytest.mark.parametrize("name", ["collapse", "stroke_signs", "confusion"])
def test_what_is_always_an_emergency_needs_no_question(name):
    talk = Talk(triage.flow, ctx=PEOPLE).do("31", "no", "head", name)
    assert deeds(talk, Alarm) == [Alarm(f"triage_{name}", 4, "triage", MAN.id, (name,))]


def same_day(**how) -> Talk:
    talk = denies(asking("headache", **how), ("jaw_scalp", "yes"))
    assert deeds(talk, Escalate) == [
        Escalate("triage_headache", 3, "triage", MAN.id, ("jaw_scalp",))
    ]
    return talk


TODAYS = {
    ListServices: [ServicesListed(World().services)],
    FindSlots: [SlotsFound((slot(at(TODAY, 8)), *(slot(at(TODAY, h)) for h in range(10, 16))))],
}


def scripted(answers):
    return {kind: list(those) for kind, those in answers.items()}


def test_level_3_calls_a_doctor_and_offers_three_free_times_of_today():
    talk = same_day(answers=scripted(TODAYS))
    assert talk.asked == [ListServices(), FindSlots(1, None, TODAY, 200)]
    assert talk.keys == [
        "triage.summary",
        "triage.same_day",
        "triage.not_remote",
        "triage.words",
        "triage.ask_today",
    ]
    assert talk.told[0].params["told"] == catalogue()["headache"].questions[4].reason["en"]
    times = [choice.params["at"] for choice in talk.told[-1].choices if choice.params]
    assert times == [at(TODAY, 10), at(TODAY, 11), at(TODAY, 12)]
    assert talk.do(Said("hm")).keys == ["nav.choose", "triage.ask_today"]


def test_a_time_of_today_goes_on_into_the_booking_and_is_held():
    talk = same_day(answers=scripted(TODAYS))
    ten = slot(at(TODAY, 10))
    talk.do(ten.key)
    assert talk.at == "AskNote"
    assert talk.asked == [HoldSlot(ten, MAN.id)]
    assert talk.do("skip", "yes").over
    assert talk.keys == ["booking.booked"]


def test_a_time_for_somebody_the_clinic_does_not_know_asks_who_it_is():
    case = Case(Facts(36, "male"), None, "", "headache", answers=(("first_check", "no"),))
    step = triage.Asking(case=case)
    talk = Talk(triage.flow, ctx=PEOPLE, step=step, answers=scripted(TODAYS))
    denies(talk, ("jaw_scalp", "yes"))
    assert talk.do(slot(at(TODAY, 10)).key).at == "PickPerson"


@pytest.mark.parametrize(
    "none_free",
    [
        {ListServices: [ServicesListed(())]},
        {FindSlots: [SlotsFound(())]},
        {FindSlots: [SlotsFound((slot(at(TODAY, 8)),))]},
    ],
)
def test_without_a_free_time_today_a_person_takes_over_at_once(none_free):
    talk = same_day(answers=scripted(none_free))
    assert "triage.none_today" in talk.keys
    assert deeds(talk, Handoff) == [Handoff("triage")]


def test_the_last_answer_can_be_taken_back_but_not_the_level():
    talk = same_day(answers=scripted(TODAYS)).do("back")
    assert talk.at == "Asking"
    assert talk.session.step.case.at_least == 3
    denies(talk)
    assert deeds(talk, KeepTriage)[0].run.outcome.level == 3


def test_level_2_offers_a_visit_within_days_for_the_patient():
    talk = denies(asking("headache"), ("returning", "yes"))
    assert talk.keys == [
        "triage.summary",
        "triage.within_days",
        "triage.remote",
        "triage.words",
        "triage.ask_within",
    ]
    assert deeds(talk, Escalate) == []
    assert talk.do(Said("hm")).keys == ["nav.choose", "triage.ask_within"]
    assert talk.do("back").at == "Asking"
    denies(talk, ("returning", "yes"))
    talk.do("book")
    assert talk.at == "PickPractitioner" or talk.session.step.goal.patient == MAN


def test_a_medicine_as_the_cause_is_a_visit_in_person_and_no_change_by_oneself():
    talk = denies(asking("headache"), ("medicine", "yes"))
    assert talk.keys[:3] == ["triage.summary", "triage.within_days", "triage.medicine"]


def test_who_refused_messages_was_promised_to_be_asked_tomorrow():
    for refused in ({"consented": False}, {"opted_out": True}):
        talk = denies(asking("headache", ctx=replace(PEOPLE, **refused)))
        assert talk.keys[-1] == "triage.self_care_end_unasked"
    assert "tomorrow" not in text("triage.self_care_end_unasked", {"phone": ""}, "en")


def test_level_1_says_what_to_do_when_to_come_back_and_asks_again_the_next_day():
    talk = denies(asking("headache"))
    assert talk.over
    assert talk.keys == [
        "triage.summary",
        "triage.self_care",
        "triage.words",
        "triage.remote",
        "triage.words",
        "triage.self_care_end",
    ]
    headache = catalogue()["headache"]
    assert talk.told[2].params["words"] == headache.care["en"]
    assert talk.told[4].params["words"] == headache.come_back["en"]
    assert deeds(talk, ScheduleCheckIn) == [ScheduleCheckIn()]
    (kept,) = deeds(talk, KeepTriage)
    assert kept.run.outcome == outcome(headache, Facts(36, "male"), kept.run.answers)
    assert kept.asked == tuple(kept.run.answers)


def test_what_nobody_can_name_goes_to_a_person_and_a_doctor_hears_of_it():
    talk = denies(asking("unclear"))
    assert deeds(talk, Handoff) == [Handoff("triage")]
    assert [(it.rule, it.level) for it in deeds(talk, Escalate)] == [("triage_unclear", 3)]
    assert talk.keys[:2] == ["triage.summary", "triage.ask_a_person"]


@pytest.mark.parametrize(
    ("presentation", "answers", "level"),
    [
        ("self_harm", (), 3),
        ("self_harm", (("act_now", "yes"),), 4),
        ("low_mood", (("thoughts", "yes"),), 3),
        ("low_mood", (("thoughts", "unsure"),), 3),
        ("poisoning", (("on_purpose", "yes"),), 4),
    ],
)
def test_rule_s_applies_to_every_answer_about_self_harm(presentation, answers, level):
    talk = denies(asking(presentation), *answers)
    (alarm,) = deeds(talk, Alarm)
    assert (alarm.rule, alarm.level) == ("self_harm_triage", level)


def test_low_mood_without_a_thought_of_death_is_no_case_of_rule_s():
    talk = denies(asking("low_mood"), ("cannot_cope", "yes"))
    assert deeds(talk, Alarm) == []
    assert [(it.rule, it.level) for it in deeds(talk, Escalate)] == [("triage_low_mood", 3)]


def test_what_was_not_known_is_told_apart_in_the_summary():
    talk = denies(asking("headache"), ("jaw_scalp", "unsure"))
    summary = next(it for it in talk.told if it.text == "triage.summary")
    assert summary.params["told"] == ""
    assert summary.params["unknown"] == catalogue()["headache"].questions[4].reason["en"]


# By remote consultation, or why not ---------------------------------------------------------------


def remote(talk: Talk) -> tuple[str, str]:
    """What is said of an online or phone consultation: why not, and by which rules the run has it.

    ("", "") where it is possible.
    """
    said = [it for it in talk.told if it.text in ("triage.remote", "triage.not_remote")]
    (kept,) = deeds(talk, KeepTriage)
    against = kept.run.against_remote
    assert against is not None
    assert [it.text for it in said] == ["triage.not_remote" if against else "triage.remote"]
    return str(said[0].params.get("why", "")), " ".join(against)


def why_not(rule: str, language: str = "en") -> str:
    return next(it.reason[language] for it in catalogue()["cough"].base.remote if it.id == rule)


@pytest.mark.parametrize(
    ("presentation", "answers", "against"),
    [
        ("headache", (), ""),
        ("headache", (("returning", "yes"),), ""),
        ("headache", (("jaw_scalp", "yes"),), "too_grave"),
        ("headache", (("medicine", "yes"),), "medicine"),
        ("headache", (("medicine", "unsure"),), "medicine"),
        ("limb_injury", (), "needs_hands"),
    ],
)
def test_the_outcome_says_whether_a_remote_consultation_is_possible(presentation, answers, against):
    why, rules = remote(denies(asking(presentation), *answers))
    assert rules == against
    assert why == (why_not(against) if against else "")


@pytest.mark.parametrize("language", ["en", "ja", "zh-Hant", "zh-Hans", "ru"])
def test_why_it_is_not_possible_is_said_in_the_patients_language(language):
    talk = denies(asking("headache"), ("medicine", "yes"))
    said = next(it for it in talk.told if it.text == "triage.not_remote")
    in_words = text(said.text, {"why": why_not("medicine", language)}, language)
    assert why_not("medicine", language) in in_words
    there = replace(PEOPLE, language=language)
    case = Case(Facts(36, "male"), MAN.id, MAN.name, "headache", answers=(("first_check", "no"),))
    talk = denies(Talk(triage.flow, ctx=there, step=triage.Asking(case=case)), ("medicine", "yes"))
    assert remote(talk) == (why_not("medicine", language), "medicine")


@pytest.mark.parametrize(
    ("patient", "against"),
    [
        (replace(BABY, id=41, birth_on=date(2022, 11, 1)), ""),  # of the parent who writes
        (replace(BABY, id=41, birth_on=date(2010, 11, 1), relation="self"), "child_alone"),
        (replace(BABY, id=41, birth_on=date(2010, 11, 1), relation="other"), "child_alone"),
        (replace(BABY, id=41, birth_on=date(2026, 1, 1)), "infant"),
        (None, "child_alone"),  # a child of 4 whom nobody here knows
    ],
)
def test_a_child_may_be_seen_remotely_only_with_the_parent_who_writes(patient, against):
    ctx = replace(PEOPLE, patients=(patient,) if patient else ())
    case = Case(Facts(4, "female"), presentation="cold", answers=(("first_check", "no"),))
    if patient:
        case = case.about(patient, TODAY)
    talk = denies(Talk(triage.flow, ctx=ctx, step=triage.Asking(case=case)))
    assert remote(talk)[1] == against


def test_an_age_that_nobody_knows_is_no_case_for_a_remote_consultation():
    answers = (("first_check", "no"), ("age", "unsure"))
    case = Case(Facts(None, "male"), presentation="headache", answers=answers)
    why, rules = remote(denies(Talk(triage.flow, ctx=PEOPLE, step=triage.Asking(case=case))))
    assert "age_unknown" in rules.split()
    assert why_not("age_unknown") in why


def test_where_a_person_takes_over_that_person_says_how():
    talk = denies(asking("unclear"))
    assert {"triage.remote", "triage.not_remote"}.isdisjoint(talk.keys)
    assert "person" in (deeds(talk, KeepTriage)[0].run.against_remote or ())


# Silence, medicines, and the day after ------------------------------------------------------------


def test_who_goes_away_after_a_grave_answer_is_looked_after():
    talk = asking("headache")
    while talk.session.step.case.next().id != "jaw_scalp":
        talk.do("no")
    assert talk.session.step.leave() == ()
    before = talk.timeout
    case = talk.session.step.case
    grave = triage.Asking(
        case=replace(
            case,
            presentation="chest_pain",
            answers=(
                ("first_check", "no"),
                ("breath_fever", "yes"),
            ),
        )
    )
    assert grave.leave() == (
        Escalate("triage_silence_chest_pain", 3, "silence", MAN.id, ("breath_fever",)),
    )
    assert Talk(triage.flow, ctx=PEOPLE, step=grave).timeout < before
    unsure = replace(grave, case=replace(grave.case, answers=(("first_check", "unsure"),)))
    assert unsure.leave() == ()


def test_a_side_effect_is_told_to_the_doctor_once_and_seen_in_person():
    talk = Talk(triage.flow, ctx=PEOPLE, step=triage.SideEffect())
    assert deeds(talk, Escalate) == [Escalate("triage_medicine", 2, "triage")]
    assert talk.do(Said("?")).keys == ["nav.choose", "triage.side_effect"]
    assert deeds(talk, Escalate) == []
    talk.do("questions", "31", "no", "head", "headache")
    denies(talk)
    (kept,) = deeds(talk, KeepTriage)
    assert kept.run.outcome.in_person
    assert kept.run.outcome.level == 2
    assert Talk(triage.flow, ctx=PEOPLE, step=triage.SideEffect()).do("visit").at == "PickPerson"


def checked_in(how: str, **answers) -> Talk:
    return Talk(triage.flow, step=triage.check_in_step(5, how), **answers)


def test_better_the_next_day_is_good_to_hear():
    talk = checked_in("better")
    assert talk.over
    assert talk.keys == ["check_in.glad"]


def test_the_same_the_next_day_is_asked_once_more_and_then_a_visit_is_offered():
    talk = checked_in("same")
    assert deeds(talk, ScheduleCheckIn) == [ScheduleCheckIn(5)]
    again = triage.AnswerCheckIn(5, "same")
    twice = World().bad(again)[0]
    talk = checked_in("same", answers={triage.AnswerCheckIn: [twice]})
    assert talk.keys == ["check_in.visit", "triage.ask_within"]
    assert talk.do("book").at == "PickPractitioner" or talk.asked


def test_worse_the_next_day_is_triaged_anew_and_never_ends_in_self_care():
    talk = checked_in("worse")
    assert talk.keys == ["check_in.questions", "triage.ask"]
    case = talk.session.step.case
    assert (case.presentation, case.before, case.patient_id) == ("headache", 5, HANA.id)
    denies(talk)
    (kept,) = deeds(talk, KeepTriage)
    assert (kept.before, kept.run.outcome.level) == (5, 2)


def test_a_check_in_of_another_chat_is_nothing():
    gone = World().bad(triage.AnswerCheckIn(5, "worse"))[1]
    talk = checked_in("worse", answers={triage.AnswerCheckIn: [gone]})
    assert talk.over
    assert talk.keys == ["check_in.gone"]


def test_what_a_red_flag_was_about_is_offered_first_and_cannot_end_lower():
    flag = next(it for it in triage.red_flag_rules().values() if presentation_of(it.presentation))
    step = triage.flagged(triage.RedFlag(flag.id, 3))
    assert step.case.at_least == 3
    assert step.case.named == presentation_of(flag.presentation)
    talk = Talk(
        triage.flow, ctx=PEOPLE, step=triage.ForWhom(case=Case(named=("headache",)).raised(3))
    ).do("31", "no")
    assert talk.at == "WhichOne"
    talk.do("headache")
    denies(talk)
    assert deeds(talk, KeepTriage)[0].run.outcome.level == 3
    assert triage.flagged(triage.RedFlag("unnamed", 3)).case.named == ()


def test_a_session_that_a_grave_red_flag_interrupted_ends_as_an_emergency():
    step = triage.ForWhom(case=Case()).raised(4)
    talk = Talk(triage.flow, ctx=PEOPLE, step=step).do("31")
    assert [it.level for it in deeds(talk, Alarm)] == [4]


def test_a_presentation_or_an_option_that_is_not_offered_is_not_taken():
    talk = asking("headache").do(Chose("maybe"))
    assert talk.keys == ["nav.choose", "triage.ask"]
