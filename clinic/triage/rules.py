"""What to ask next, and what follows from the answers. Pure.

A level only rises as answers come. What nobody could answer, or was never asked, counts as unknown,
and an unknown red flag as the same day at least (stop point 5).
"""

from collections.abc import Iterator
from dataclasses import replace

from clinic.triage.types import (
    LEVELS,
    Answer,
    Answers,
    Band,
    Base,
    Circumstance,
    Disposition,
    Facts,
    Level,
    Only,
    Outcome,
    Presentation,
    Question,
    RemoteRule,
    Sex,
    Text,
    Versions,
)

ENGINE = 1  # rises when the same answers may lead elsewhere
_DISPOSITIONS: dict[Level, Disposition] = {
    1: "self_care",
    2: "within_days",
    3: "same_day",
    4: "emergency_now",
}
_YES_NO: dict[Answer | None, bool] = {"yes": True, "no": False}
_SEXES: dict[Answer | None, Sex] = {"female": "female", "male": "male", "other": "other"}
_YEAR = 0.9999  # a whole highest age takes in the year that follows the birthday


def next_question(
    presentation: Presentation, facts: Facts, answers: Answers, *, at_least: Level = 1
) -> Question | Outcome:
    """The next question, or the outcome once nothing that is left to ask could raise the level.

    `at_least`: the level that the session has reached already, by a red flag or an earlier run.
    """
    asked = _next(presentation, facts, answers, at_least)
    return asked or outcome(presentation, facts, answers, at_least=at_least)


def outcome(
    presentation: Presentation, facts: Facts, answers: Answers, *, at_least: Level = 1
) -> Outcome:
    """What follows if nothing more is answered: what was not asked counts as unknown."""
    said = dict(answers)
    while asked := _next(presentation, facts, said, at_least):
        said[asked.id] = "unsure"
    who = known(presentation, facts, said)
    counts = counted(presentation, who, said)
    own = _level(presentation, who, said)
    level = max(own, at_least)
    grave = any(one >= 3 for one in counts.values()) or at_least >= 3
    person = presentation.id in presentation.base.person and not grave
    raised = own == 4 and presentation.modifiers and 4 not in counts.values()
    reasons = (
        *(("before",) if at_least > own else ()),
        *sorted(counts, key=lambda name: -counts[name]),
        *(raising(presentation, who, said) if raised else ()),
        *(() if raised or own in counts.values() else _standing(presentation, who)),
    )
    found = Outcome(
        level=level,
        disposition="ask_a_person" if person else _DISPOSITIONS[level],
        reasons=tuple(dict.fromkeys(reasons)),
        unknown=tuple(name for name in counts if said[name] == "unsure"),
        in_person=False,
        rules=versions(presentation),
    )
    return after_medicine(found) if said.get("medicine") in ("yes", "unsure") else found


def level_so_far(
    presentation: Presentation, facts: Facts, answers: Answers, *, at_least: Level = 1
) -> Level:
    """The level by what was answered alone. It never falls as answers are added."""
    return max(_level(presentation, known(presentation, facts, answers), answers), at_least)


def alert_if_silent(presentation: Presentation, facts: Facts, answers: Answers) -> bool:
    """Whether staff must hear of it if the patient falls silent now (stop point 7)."""
    found = counted(presentation, known(presentation, facts, answers), answers)
    return any(one >= 3 and answers[name] != "unsure" for name, one in found.items())


def unknown_presentation(base: Base) -> Outcome:
    """What follows where nobody knows which presentation it is: a person, today."""
    rules = Versions(presentation=0, base=base.version, engine=ENGINE)
    return Outcome(3, "ask_a_person", ("unknown_presentation",), (), False, rules)


def after_medicine(found: Outcome) -> Outcome:
    """The outcome where a medicine may be the cause: a visit in person, within days at the latest.

    Kayoi never says to change or stop a medicine: who sees the patient decides.
    """
    if "medicine" not in found.reasons:
        found = replace(found, reasons=(*found.reasons, "medicine"))
    if found.level == 1:
        found = replace(found, level=2, disposition=_DISPOSITIONS[2])
    return replace(found, in_person=True)


def against_remote(
    presentation: Presentation,
    found: Outcome,
    who: Facts,
    *,
    guardian: bool = False,
    first_time: bool = True,
) -> tuple[RemoteRule, ...]:
    """The rules that forbid a remote consultation after a run; none: it may be offered.

    `who` as `known` tells it. `guardian`: one takes part, for a child. `first_time`: no doctor here
    knows this trouble of the patient's yet. What nobody knows is given as the default.
    """
    there: set[Circumstance] = {"first_time"} if first_time else set()
    if not guardian:
        there.add("no_guardian")
    return tuple(
        rule
        for rule in presentation.base.remote
        if found.level >= rule.level_min
        and (not rule.presentations or presentation.id in rule.presentations)
        and (rule.age_below is None or (who.age is not None and who.age < rule.age_below))
        and (not rule.age_unknown or who.age is None)
        and (not rule.pregnant or who.pregnant is not False)
        and (not rule.in_person or found.in_person)
        and (rule.circumstance is None or rule.circumstance in there)
    )


def versions(presentation: Presentation) -> Versions:
    """The versions that a run goes by."""
    return Versions(presentation.version, presentation.base.version, ENGINE)


def offered(presentation: Presentation, facts: Facts) -> bool:
    """Whether the presentation is one for this patient, as far as is known."""
    return _applies(presentation.only, facts)


def question(presentation: Presentation, name: str) -> Question | None:
    """A question of the presentation, or of everybody."""
    own = (one for one in presentation.questions if one.id == name)
    return next(own, presentation.base.questions.get(name))


def reason(presentation: Presentation, name: str) -> Text:
    """What an outcome's reason says, for the doctor's alert and the patient's summary.

    Raises KeyError if no outcome of the presentation has it.
    """
    base = presentation.base
    options = base.questions["modifiers"].options
    return {
        presentation.id: presentation.title,
        **{one.id: one.text for one in options},
        **base.reasons,
        **{one.id: one.reason for one in (*base.questions.values(), *presentation.questions)},
    }[name]


def read_answer(asked: Question, value: object) -> Answer | None:
    """An answer as a file, a form or a button tells it; None if it is none to this question.

    True and False are yes and no; options come as a list of their ids.
    """
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if asked.kind == "number" and isinstance(value, int | float):
        return value if asked.minimum <= value <= asked.maximum else None
    options = [one.id for one in asked.options]
    if asked.kind == "many" and isinstance(value, list | tuple):
        return tuple(value) if all(one in options for one in value) else None
    if asked.kind == "one":
        words = ["unsure", *options]
    else:
        words = ["unsure"] if asked.kind == "number" else ["unsure", "yes", "no"]
    return value if isinstance(value, str) and value in words else None


def known(presentation: Presentation, facts: Facts, answers: Answers) -> Facts:
    """The facts, with what was answered and what follows from it."""
    age, told = facts.age, answers.get("age")
    if age is None and isinstance(told, int | float):
        age = told
    sex = facts.sex or _SEXES.get(answers.get("sex")) or presentation.only.sex
    pregnant = facts.pregnant
    if pregnant is None:
        pregnant = _YES_NO.get(answers.get("pregnancy"), presentation.only.pregnant)
    possible = presentation.base.pregnancy
    if pregnant is None and (sex == "male" or not _of_age(possible, age)):
        pregnant = False
    return Facts(age, sex, pregnant)


def _next(
    presentation: Presentation, facts: Facts, answers: Answers, at_least: Level
) -> Question | None:
    level = level_so_far(presentation, facts, answers, at_least=at_least)
    if level == 4:
        return None
    who = known(presentation, facts, answers)
    left = _left(presentation, who, answers, level)
    return next((one for one in left if one.id not in answers), None)


def _left(
    presentation: Presentation, who: Facts, answers: Answers, level: Level
) -> Iterator[Question]:
    """What may be asked at a level, in order, answered or not."""
    base, own = presentation.base.questions, presentation.questions
    own = tuple(one for one in own if _applies(one.only, who))
    yield base["first_check"]
    if who.age is None:
        yield base["age"]
    pregnancy = who.pregnant is None and _asks_pregnancy(presentation)
    if who.sex is None and (pregnancy or any(one.only.sex for one in own)):
        yield base["sex"]
    if pregnancy:
        yield base["pregnancy"]
    if _infant(presentation, who):
        yield base["temperature"]
        yield base["infant_not_right"]
    if who.pregnant or pregnancy:
        yield base["pregnancy_signs"]
    yield from (one for one in own if one.level == 4)
    if level == 3:
        if presentation.modifiers and not raising(presentation, who, answers):
            yield base["modifiers"]
        return
    yield from (one for one in own if one.level == 3)
    if not _infant(presentation, who):  # asked already in its own way
        yield base["function"]
    yield base["getting_worse"]
    if not _infant(presentation, who):
        yield base["severity"]
    if presentation.fever:
        yield base["temperature"]
    if level == 1:
        yield from (one for one in own if one.level == 2)
    yield base["medicine"]


def _level(presentation: Presentation, who: Facts, answers: Answers) -> Level:
    """The level of one run, by what was answered and by what the presentation itself is."""
    counts = counted(presentation, who, answers).values()
    person = presentation.base.person.get(presentation.id, 1)
    infant = presentation.base.infant_level if _infant(presentation, who) else 1
    level = max(presentation.otherwise, person, infant, *counts)
    raised = level == 3 and presentation.modifiers and raising(presentation, who, answers)
    return 4 if raised else level


def counted(presentation: Presentation, who: Facts, answers: Answers) -> dict[str, Level]:
    """The answers that raise the level above self-care, each with what it counts."""
    asked = (*presentation.base.questions.values(), *presentation.questions)
    counts = {
        one.id: _counts(presentation, one, who, answers[one.id])
        for one in asked
        if one.id in answers
    }
    return {name: level for name, level in counts.items() if level > 1}


def _counts(presentation: Presentation, asked: Question, who: Facts, answer: Answer) -> Level:
    if answer == "unsure":
        if asked.id == "temperature" and (who.age is None or _infant(presentation, who)):
            return 3
        return asked.unsure
    if isinstance(answer, int | float):
        bands = presentation.base.bands.get(asked.id, ())
        levels = [
            one.level for one in bands if one.at_least <= answer < one.below and _in(one, who)
        ]
        level = max(levels, default=LEVELS[0])
        return min(level, 3) if who.age is None else level
    return asked.level if answer == "yes" else 1


def raising(presentation: Presentation, who: Facts, answers: Answers) -> tuple[str, ...]:
    """The modifiers that hold (stop point 6). Strong complaints are one: no more is asked then."""
    severity = presentation.base.questions["severity"]
    strong = _counts(presentation, severity, who, answers.get("severity", "no")) >= 3
    told = answers.get("modifiers")
    return (
        *(("age_65",) if who.age is not None and who.age >= presentation.base.old else ()),
        *(("infant",) if _infant(presentation, who) else ()),
        *(("pregnancy",) if who.pregnant else ()),
        *(("severity",) if strong else ()),
        *(("modifiers",) if told == "yes" else ()),
        *(told if isinstance(told, tuple) else ()),
    )


def _standing(presentation: Presentation, who: Facts) -> tuple[str, ...]:
    """Why it is above what the answers alone would be."""
    if presentation.always is not None:
        return (presentation.id,)
    if presentation.id in presentation.base.person:
        return ("person",)
    if presentation.otherwise > 1:
        return ("otherwise",)
    return ("infant",) if _infant(presentation, who) else ()


def _asks_pregnancy(presentation: Presentation) -> bool:
    asked = any(one.only.pregnant is not None for one in presentation.questions)
    return asked or presentation.id in presentation.base.pregnancy_asked


def _infant(presentation: Presentation, who: Facts) -> bool:
    return who.age is not None and who.age < presentation.base.infant


def _applies(only: Only, who: Facts) -> bool:
    """Whether something is for this patient; what is not known does not keep it away."""
    return (
        (only.sex is None or who.sex in (None, "other", only.sex))
        and (only.pregnant is None or who.pregnant in (None, only.pregnant))
        and _of_age(only, who.age)
    )


def _of_age(only: Only, age: float | None) -> bool:
    if age is None:
        return True
    highest = only.age_max
    if highest is not None and highest >= 1 and float(highest).is_integer():
        highest += _YEAR
    return (only.age_min is None or only.age_min <= age) and (highest is None or age <= highest)


def _in(band: Band, who: Facts) -> bool:
    return who.age is None or band.age_min <= who.age < band.age_below
