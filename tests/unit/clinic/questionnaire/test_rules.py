"""How a questionnaire is played."""

from decimal import Decimal

from clinic.questionnaire import rules
from clinic.questionnaire.types import (
    Answers,
    Coding,
    Quantity,
    Refusal,
    Repetitions,
)
from tests.unit.clinic.questionnaire.making import (
    MEDICINES,
    ON,
    SMOKING,
    ask,
    expression,
    extension,
    form,
    given,
    hidden,
    item,
    option,
    path_of,
    refused,
    when,
)


def test_questions_come_in_order_until_all_are_answered_or_skipped() -> None:
    assert path_of(SMOKING, rules.begin(ON)) == "smoker"
    assert path_of(SMOKING, given(SMOKING, True)) == "packs"
    assert path_of(SMOKING, given(SMOKING, False)) == "note"
    assert path_of(SMOKING, given(SMOKING, False, None)) == ""


def test_what_is_required_cannot_be_skipped() -> None:
    answers = rules.begin(ON)
    assert rules.skip(SMOKING, answers, ask(SMOKING, answers)) == Refusal("required")


def test_an_answer_to_what_is_not_asked_is_refused() -> None:
    packs = ask(SMOKING, given(SMOKING, True))
    answers = given(SMOKING, False)
    assert rules.answer(SMOKING, answers, packs, (Decimal(1),)) == Refusal("not_asked")
    assert rules.skip(SMOKING, answers, packs) == Refusal("not_asked")
    assert rules.change(SMOKING, answers, packs.path) == Refusal("not_asked")


def test_a_refused_answer_leaves_everything_as_it_was() -> None:
    answers = given(SMOKING, True)
    assert refused(SMOKING, answers, "many") == Refusal("type")
    assert path_of(SMOKING, answers) == "packs"


def test_changing_an_answer_drops_what_hung_on_it() -> None:
    answers = given(SMOKING, True, Decimal(2), None)
    changed = rules.change(SMOKING, answers, (("smoker", 0),))
    assert isinstance(changed, Answers)
    # Until another answer is given all stands as it was.
    assert ask(SMOKING, changed).given == (True,)
    assert [one.item.link_id for one in rules.asked(SMOKING, changed)] == ["smoker", "packs"]
    now = rules.answer(SMOKING, changed, ask(SMOKING, changed), (False,))
    assert isinstance(now, Answers)
    assert [path[-1][0] for path, _ in now] == ["smoker"]
    assert path_of(SMOKING, now) == ""
    again = rules.answer(SMOKING, now, _asked(now, "smoker"), (True,))
    assert isinstance(again, Answers)
    assert path_of(SMOKING, again) == "packs"


def _asked(answers: Answers, link_id: str) -> rules.Question:
    changed = rules.change(SMOKING, answers, ((link_id, 0),))
    assert isinstance(changed, Answers)
    return ask(SMOKING, changed)


def test_back_goes_to_the_question_before_also_several_times_and_from_the_end() -> None:
    assert rules.back(SMOKING, rules.begin(ON)) is None
    answers = given(SMOKING, True, Decimal(2), None)
    places = []
    while (earlier := rules.back(SMOKING, answers)) is not None:
        answers = earlier
        places.append(path_of(SMOKING, answers))
    assert places == ["note", "packs", "smoker"]


def test_a_skipped_question_gone_back_to_can_be_answered() -> None:
    answers = rules.back(SMOKING, given(SMOKING, False, None))
    assert answers is not None
    assert ask(SMOKING, answers).given == ()
    now = rules.answer(SMOKING, answers, ask(SMOKING, answers), ("cough",))
    assert isinstance(now, Answers)
    assert now.skipped == frozenset()
    assert path_of(SMOKING, now) == ""


# Repetitions ----------------------------------------------------------------------------------


def test_an_optional_repeating_group_is_asked_for_before_it_is_entered() -> None:
    first = ask(MEDICINES, rules.begin(ON))
    assert first.another
    assert first.item.link_id == "medicine"
    assert path_of(MEDICINES, given(MEDICINES, False)) == "end"
    assert path_of(MEDICINES, given(MEDICINES, None)) == "end"
    assert path_of(MEDICINES, given(MEDICINES, True)) == "medicine/name"


def test_after_each_repetition_there_is_the_question_for_another() -> None:
    once = given(MEDICINES, True, "aspirin", None)
    assert path_of(MEDICINES, once) == "medicine.1 another"
    twice = given(MEDICINES, True, "aspirin", None, True)
    question = ask(MEDICINES, twice)
    assert path_of(MEDICINES, twice) == "medicine.1/name"
    assert question.number == 2
    assert [lead.number for lead in question.before] == [2]


def test_the_question_for_another_takes_one_yes_or_no() -> None:
    answers = rules.begin(ON)
    assert refused(MEDICINES, answers, "yes") == Refusal("type")
    assert refused(MEDICINES, answers, True, True) == Refusal("type")


def test_a_repeating_group_keeps_to_its_least_and_most() -> None:
    pets = form(
        item(
            "pet",
            "group",
            item("name", "string", required=True),
            repeats=True,
            extension=[
                extension("questionnaire-minOccurs", valueInteger=2),
                extension("questionnaire-maxOccurs", valueInteger=3),
            ],
        )
    )
    assert path_of(pets, given(pets, "a")) == "pet.1/name"
    assert path_of(pets, given(pets, "a", "b")) == "pet.2 another"
    assert path_of(pets, given(pets, "a", "b", True, "c")) == ""
    assert path_of(pets, given(pets, "a", "b", False)) == ""


def test_a_hidden_repeating_group_asks_nothing() -> None:
    silent = form(
        item(
            "g",
            "group",
            item("q", "integer", initial=[{"valueInteger": 1}]),
            repeats=True,
            extension=[hidden()],
        ),
        item("end", "boolean"),
    )
    assert path_of(silent, rules.begin(ON)) == "end"


def test_a_group_that_is_gone_takes_its_repetitions_along() -> None:
    trips = form(
        item("any", "boolean", required=True),
        item(
            "trip",
            "group",
            item("where", "string", required=True),
            repeats=True,
            enableWhen=[when("any", answerBoolean=True)],
        ),
    )
    answers = given(trips, True, True, "Rome", True, "Oslo", False)
    assert answers.groups == (((("trip", 0),), Repetitions(2, closed=True)),)
    changed = rules.change(trips, answers, (("any", 0),))
    assert isinstance(changed, Answers)
    now = rules.answer(trips, changed, ask(trips, changed), (False,))
    assert isinstance(now, Answers)
    assert (now.groups, len(now.values)) == ((), 1)


ORGANS = form(
    item(
        "organs",
        "choice",
        item("year", "integer", required=True),
        repeats=True,
        answerOption=[option("heart"), option("knee"), option("eye")],
    ),
    item("end", "boolean"),
)


def test_items_under_a_repeating_question_are_asked_for_each_answer() -> None:
    answers = given(ORGANS, (Coding("", "heart"), Coding("", "eye")))
    question = ask(ORGANS, answers)
    assert isinstance(question.about, Coding)
    assert question.about.display.default == "Heart"
    assert path_of(ORGANS, given(ORGANS, (Coding("", "heart"), Coding("", "eye")), 2001)) == (
        "organs.1/year"
    )


def test_answers_below_stay_with_the_answer_they_were_given_for() -> None:
    answers = given(ORGANS, (Coding("", "heart"), Coding("", "eye")), 2001, 2002, True)
    changed = rules.change(ORGANS, answers, (("organs", 0),))
    assert isinstance(changed, Answers)
    now = rules.answer(
        ORGANS, changed, ask(ORGANS, changed), (Coding("", "eye"), Coding("", "knee"))
    )
    assert isinstance(now, Answers)
    assert dict(now)[("organs", 0), ("year", 0)] == (2002,)
    assert path_of(ORGANS, now) == "organs.1/year"
    assert (("organs", 1), ("year", 0)) not in dict(now)


def test_skipping_a_question_drops_what_hung_under_its_answers() -> None:
    answers = given(ORGANS, (Coding("", "heart"),), 2001)
    changed = rules.change(ORGANS, answers, (("organs", 0),))
    assert isinstance(changed, Answers)
    now = rules.skip(ORGANS, changed, ask(ORGANS, changed))
    assert isinstance(now, Answers)
    assert now.values == ()


def test_one_answer_changed_keeps_what_is_asked_of_any_answer() -> None:
    number = form(item("packs", "decimal", item("brand", "string", required=True)))
    answers = given(number, Decimal(1), "Hope")
    changed = rules.change(number, answers, (("packs", 0),))
    assert isinstance(changed, Answers)
    now = rules.answer(number, changed, ask(number, changed), (Decimal(2),))
    assert isinstance(now, Answers)
    assert len(now.values) == 2


# Groups that need an answer -------------------------------------------------------------------

CONTACT = form(
    item("contact", "group", item("phone", "string"), item("mail", "string"), required=True),
    item("rest", "string"),
)


def test_not_everything_in_a_required_group_can_be_skipped() -> None:
    answers = given(CONTACT, None)
    assert path_of(CONTACT, answers) == "contact/mail"
    assert rules.skip(CONTACT, answers, ask(CONTACT, answers)) == Refusal("required")
    assert path_of(CONTACT, given(CONTACT, "123", None)) == "rest"


def test_a_required_group_that_lost_its_only_answer_is_asked_again() -> None:
    forced = form(
        item("known", "boolean", required=True),
        item(
            "contact",
            "group",
            item("phone", "string"),
            item("code", "string", enableWhen=[when("known", answerBoolean=True)]),
            required=True,
        ),
    )
    answers = given(forced, True, None, "A1")
    changed = rules.change(forced, answers, (("known", 0),))
    assert isinstance(changed, Answers)
    now = rules.answer(forced, changed, ask(forced, changed), (False,))
    assert isinstance(now, Answers)
    assert path_of(forced, now) == "contact/phone"


def test_a_required_group_of_words_alone_asks_nothing() -> None:
    words = form(item("g", "group", item("hello", "display"), required=True))
    assert rules.next_question(words, rules.begin(ON)) is None


# What is shown --------------------------------------------------------------------------------


def test_titles_and_words_come_before_the_question_that_follows_them() -> None:
    told = form(
        item("hello", "display"),
        item("g", "group", item("a", "boolean"), item("between", "display"), item("b", "boolean")),
        item("secret", "display", extension=[hidden()]),
        item("bye", "display"),
    )

    def leads(answers: Answers) -> list[str]:
        return [lead.item.link_id for lead in ask(told, answers).before]

    assert leads(rules.begin(ON)) == ["hello", "g"]
    assert leads(given(told, True)) == ["between"]
    assert [lead.item.link_id for lead in rules.closing(told, given(told, True, True))] == ["bye"]


def test_help_under_a_question_is_shown_with_it_and_advice_after_it() -> None:
    measured = form(
        item(
            "bp",
            "integer",
            item("help", "display"),
            item("high", "display", enableWhen=[when("bp", ">=", answerInteger=180)]),
        ),
        item("pulse", "integer"),
    )
    assert [hint.default for hint in ask(measured, rules.begin(ON)).item.hints] == ["help?"]
    assert [lead.item.link_id for lead in ask(measured, given(measured, 190)).before] == ["high"]
    assert ask(measured, given(measured, 120)).before == ()


def test_initial_values_are_proposed_until_something_was_said() -> None:
    cups = form(item("cups", "integer", initial=[{"valueInteger": 2}]))
    assert ask(cups, rules.begin(ON)).given == (2,)
    skipped = rules.back(cups, given(cups, None))
    assert skipped is not None
    assert ask(cups, skipped).given == ()
    answered = rules.back(cups, given(cups, 5))
    assert answered is not None
    assert ask(cups, answered).given == (5,)


def test_the_summary_shows_what_was_given_and_what_was_calculated_but_nothing_hidden() -> None:
    sums = form(
        item("a", "integer", required=True),
        item("fixed", "string", readOnly=True, initial=[{"valueString": "Main"}]),
        item("secret", "integer", initial=[{"valueInteger": 1}], extension=[hidden()]),
        item(
            "double",
            "integer",
            extension=[
                expression(
                    "calculatedExpression", "%resource.item.where(linkId='a').answer.value * 2"
                )
            ],
        ),
    )
    summary = [
        (one.item.link_id, one.values, one.editable) for one in rules.asked(sums, given(sums, 4))
    ]
    assert summary == [("a", (4,), True), ("fixed", ("Main",), False), ("double", (8,), False)]


# Scores ---------------------------------------------------------------------------------------


def test_scores_are_the_calculated_numbers() -> None:
    several = form(
        item("a", "integer", required=True),
        *(
            item(name, kind, readOnly=True, extension=[expression("calculatedExpression", source)])
            for name, kind, source in (
                ("total", "integer", "%resource.item.where(linkId='a').answer.value + 1"),
                ("half", "decimal", "%resource.item.where(linkId='a').answer.value / 2"),
                ("mass", "quantity", "%resource.item.where(linkId='a').answer.value"),
                ("high", "boolean", "%resource.item.where(linkId='a').answer.value > 3"),
                ("word", "string", "'low'"),
            )
        ),
    )
    assert rules.scores(several, given(several, 5)) == {
        "total": Decimal(6),
        "half": Decimal("2.5"),
        "mass": Decimal(5),
    }


def test_without_a_calculation_the_scores_of_the_options_are_added() -> None:
    options = [option("no", 0), option("some", 1), option("much", 3)]
    simple = form(*(item(name, "choice", answerOption=options) for name in "abc"))
    assert rules.scores(simple, given(simple, Coding("", "much"), Coding("", "some"), None)) == {
        "total": Decimal(4)
    }
    assert rules.scores(simple, rules.begin(ON)) == {}
    assert rules.scores(SMOKING, given(SMOKING, True)) == {}


def test_a_quantity_may_be_given_as_a_number_where_the_unit_is_known() -> None:
    unit = extension("questionnaire-unit", valueCoding={"code": "kg", "display": "kg"})
    weight = form(item("weight", "quantity", extension=[unit]))
    assert dict(given(weight, Decimal(70)))[(("weight", 0),)] == (
        Quantity(Decimal(70), "kg", "", "kg"),
    )
