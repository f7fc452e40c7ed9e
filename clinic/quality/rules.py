"""Which conversations are audited, what a review scores, how versions of rules compare. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta

from clinic.quality.types import (
    RULE_SETS,
    STRATA,
    Course,
    Figures,
    OfMonth,
    OfVersion,
    Outcome,
    ScriptKind,
    Stratum,
)
from clinic.questionnaire import rules
from clinic.questionnaire.types import Answers, Coding, Question, Questionnaire, Refusal
from clinic.staff.types import Role

ONE_OF = 10  # conversations of a stratum; of level 4 all
SCRIPT_LENGTH = 64
NOTE_LENGTH = 2_000  # characters of a finding

# The sample -----------------------------------------------------------------------------------


def stratum(signs: Collection[str]) -> Stratum:
    """The stratum of a conversation in which these happened."""
    return next((one for one in STRATA if one in signs), "dialogue")


def quota(one: Stratum, size: int) -> int:
    """How many of a stratum's conversations are audited: every tenth, rounded up."""
    return size if one == "level_4" else -(-size // ONE_OF)


def sample(
    talks: Mapping[int, Stratum], drawn: Collection[int], rank: Callable[[int], bytes]
) -> dict[int, Stratum]:
    """What is to be drawn besides `drawn`, so that each stratum has its quota.

    `talks` are all conversations of the month; `rank` a fixed lot of each. Nothing else decides,
    so drawing again draws nothing.
    """
    found: dict[int, Stratum] = {}
    for one in STRATA:
        members = [talk for talk, of in talks.items() if of == one]
        left = sorted((talk for talk in members if talk not in drawn), key=rank)
        missing = quota(one, len(members)) - (len(members) - len(left))
        found.update(dict.fromkeys(left[: max(0, missing)], one))
    return found


def first_of_month(on: date) -> date:
    """The month of a day, as its first day."""
    return on.replace(day=1)


def month_before(month: date) -> date:
    """The month before one."""
    return first_of_month(first_of_month(month) - timedelta(days=1))


def read_month(text: str) -> date | None:
    """A month as a form has it (`2026-11`); None if it is none."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


# The review -----------------------------------------------------------------------------------


def is_expert(role: Role) -> bool:
    """Whether a role audits conversations: not the desk, whose work is audited too."""
    return role is not Role.STAFF


def may_review(role: Role, staff_id: int, reviewer_id: int | None) -> bool:
    """Whether somebody may fill the checklist in: it is open, or one's own, or for an admin."""
    return reviewer_id in (None, staff_id) or role is Role.ADMIN


def filled(
    checklist: Questionnaire, on: date, given: Mapping[str, str]
) -> Answers | dict[str, Refusal]:
    """A form's fields, by linkId, as answers to a checklist (a list of questions without
    conditions); or why not, by linkId."""
    answers, refused = rules.begin(on), {}
    for item in checklist.items:
        question = Question(((item.link_id, 0),), item)
        text = given.get(item.link_id, "").strip()
        if text:
            value = Coding("", text) if item.options else text
            taken = rules.answer(checklist, answers, question, (value,))
        else:
            taken = rules.skip(checklist, answers, question)
        if isinstance(taken, Refusal):
            refused[item.link_id] = taken
        else:
            answers = taken
    return refused or answers


def score(checklist: Questionnaire, answers: Answers) -> int:
    """What an answered checklist reaches of what it could reach, in per cent."""
    reached = rules.scores(checklist, answers)["total"]
    most = sum(
        max(option.value.score or 0 for option in item.options if isinstance(option.value, Coding))
        for item in checklist.items
        if item.options
    )
    return _percent(int(reached), int(most))


def script(kind: ScriptKind, name: str) -> str:
    """How a script is called in findings."""
    return f"{kind}:{name}"[:SCRIPT_LENGTH]


# The figures ----------------------------------------------------------------------------------


def by_month(outcomes: Iterable[Outcome]) -> list[OfMonth]:
    """The figures of each month, in order."""
    months: dict[date, list[Outcome]] = {}
    for one in outcomes:
        months.setdefault(one.month, []).append(one)
    return [
        OfMonth(month, _figures(ones, [bool(it.scripts) for it in ones]))
        for month, ones in sorted(months.items())
    ]


def by_version(outcomes: Sequence[Outcome]) -> list[Course]:
    """The figures of each rule from version to version, rules that changed first.

    Only findings on that rule count here. Versions follow each other by the month in which they
    were first audited, then by number, then as `outcomes` do.
    """
    found: dict[str, dict[str, list[Outcome]]] = {}
    for one in sorted(outcomes, key=lambda it: it.month):
        for rule, version in one.rules.items():
            found.setdefault(rule, {}).setdefault(version, []).append(one)
    courses = [
        Course(rule, tuple(sorted((_of(rule, *it) for it in versions.items()), key=_age)))
        for rule, versions in found.items()
    ]
    return sorted(courses, key=lambda it: (len(it.versions) < 2, it.rule not in RULE_SETS, it.rule))


def concerns(found_on: str, rule: str) -> bool:
    """Whether a finding on a script is one on a rule, which may be a set of them."""
    sets: Mapping[str, str] = dict(RULE_SETS.items())
    return found_on == rule or found_on.partition(":")[0] == sets.get(rule)


def _of(rule: str, version: str, ones: list[Outcome]) -> OfVersion:
    faulty = [any(concerns(it, rule) for it in one.scripts) for one in ones]
    return OfVersion(version, ones[0].month, _figures(ones, faulty))


def _age(one: OfVersion) -> tuple[date, int]:
    return one.since, int(one.version) if one.version.isdecimal() else 0


def _figures(ones: Sequence[Outcome], faulty: Sequence[bool]) -> Figures:
    number = len(ones)
    return Figures(
        reviewed=number,
        mean=_percent(sum(one.score for one in ones), 100 * number),
        share=_percent(sum(faulty), number),
    )


def _percent(part: int, whole: int) -> int:
    """Rounded, a half up."""
    return (200 * part + whole) // (2 * whole)
