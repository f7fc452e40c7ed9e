"""Which conversations are audited, what a review scores, how versions compare."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.quality import rules
from clinic.quality.service import checklist
from clinic.quality.types import STRATA, Outcome, Stratum
from clinic.questionnaire.types import Answers, Coding
from clinic.staff.types import Role

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
ON = date(2026, 11, 22)
ASKED = [item.link_id for item in checklist().items if item.options]
TALKS = st.dictionaries(st.integers(1, 999), st.sampled_from(STRATA), max_size=120)


def lot(talk: int) -> bytes:
    return bytes([talk * 37 % 251, talk % 256])


# The sample -----------------------------------------------------------------------------------


def test_the_gravest_that_happened_is_the_stratum() -> None:
    assert rules.stratum(["questionnaire", "handoff"]) == "handoff"
    assert rules.stratum(["triage", "level_4"]) == "level_4"
    assert rules.stratum([]) == "dialogue"


@pytest.mark.parametrize(("size", "tenth"), [(0, 0), (1, 1), (10, 1), (11, 2), (100, 10)])
def test_every_tenth_of_a_stratum_is_audited_and_every_emergency(size: int, tenth: int) -> None:
    assert rules.quota("dialogue", size) == tenth
    assert rules.quota("level_4", size) == size


@given(TALKS)
def test_each_stratum_has_its_quota_and_drawing_again_draws_nothing(
    talks: dict[int, Stratum],
) -> None:
    drawn = rules.sample(talks, (), lot)
    for one in STRATA:
        members = [talk for talk, of in talks.items() if of == one]
        assert sum(of == one for of in drawn.values()) == rules.quota(one, len(members))
    assert all(talks[talk] == of for talk, of in drawn.items())
    assert rules.sample(talks, drawn, lot) == {}
    assert rules.sample(dict(reversed(talks.items())), (), lot) == drawn


def test_a_month_under_way_is_topped_up_and_never_drawn_too_often() -> None:
    early: dict[int, Stratum] = dict.fromkeys(range(1, 11), "dialogue")
    first = rules.sample(early, (), lot)
    later = early | dict.fromkeys(range(11, 31), "dialogue")
    more = rules.sample(later, first, lot)
    assert (len(first), len(more)) == (1, 2)
    assert first.keys().isdisjoint(more)
    graver = later | dict.fromkeys(first, "level_4")  # it became one after it was drawn
    assert rules.sample(graver, {*first, *more}, lot).keys().isdisjoint(first)


def test_months_are_read_and_counted_back_over_the_year() -> None:
    assert rules.read_month("2026-11") == NOVEMBER
    for nonsense in ("", "2026", "2026-13", "2026-11-05", "x"):
        assert rules.read_month(nonsense) is None
    assert rules.month_before(date(2026, 1, 31)) == date(2025, 12, 1)


# The review -----------------------------------------------------------------------------------


def test_the_desk_is_no_expert_and_a_review_is_its_writers_or_an_admins() -> None:
    assert [role for role in Role if not rules.is_expert(role)] == [Role.STAFF]
    assert rules.may_review(Role.DOCTOR, 1, None)
    assert rules.may_review(Role.DOCTOR, 1, 1)
    assert not rules.may_review(Role.DOCTOR, 1, 2)
    assert rules.may_review(Role.ADMIN, 1, 2)


def test_the_checklist_speaks_five_languages_and_every_answer_of_it_scores() -> None:
    assert set(checklist().languages) == {"en", "ja", "zh-Hant", "zh-Hans", "ru"}
    assert ASKED == ["wish", "level", "words", "missed", "language", "tone", "outcome"]
    for item in checklist().items[:-1]:
        values = [option.value for option in item.options]
        assert item.required
        assert [(it.code, it.score) for it in values if isinstance(it, Coding)] == [
            ("yes", 2),
            ("partly", 1),
            ("no", 0),
        ]


@pytest.mark.parametrize(
    ("answers", "percent"),
    [
        (["yes"] * 7, 100),
        (["no"] * 7, 0),
        (["partly"] * 7, 50),
        (["yes"] * 6 + ["partly"], 93),
    ],
)
def test_a_review_scores_what_it_reaches_of_what_it_could(answers: list[str], percent: int) -> None:
    given_answers = dict(zip(ASKED, answers, strict=True)) | {"note": "  "}
    found = rules.filled(checklist(), ON, given_answers)
    assert isinstance(found, Answers)
    assert rules.score(checklist(), found) == percent


def test_a_checklist_that_is_not_whole_tells_what_is_missing_or_wrong() -> None:
    answers = dict.fromkeys(ASKED, "yes") | {"tone": "", "level": "perhaps", "note": "x" * 2_001}
    refused = rules.filled(checklist(), ON, answers)
    assert isinstance(refused, dict)
    assert {name: it.code for name, it in refused.items()} == {
        "level": "not_an_option",
        "tone": "required",
        "note": "too_long",
    }
    assert not isinstance(rules.filled(checklist(), ON, {**answers, **_mended}), dict)


_mended = {"tone": "no", "level": "no", "note": "Asked twice."}


def test_a_scripts_name_is_never_longer_than_its_column() -> None:
    assert rules.script("questionnaire", "phq_9") == "questionnaire:phq_9"
    assert len(rules.script("questionnaire", "x" * 80)) == 64


# The figures ----------------------------------------------------------------------------------


def outcome(month: date, score: int, *scripts: str, **versions: str) -> Outcome:
    named = {name.replace("__", ":"): version for name, version in versions.items()}
    return Outcome(month, score, scripts, named)


def test_months_have_their_mean_score_and_share_of_conversations_with_a_finding() -> None:
    found = rules.by_month(
        [
            outcome(NOVEMBER, 100),
            outcome(OCTOBER, 50, "text:menu.hello", "red_flag:stroke"),
            outcome(OCTOBER, 85),
            outcome(OCTOBER, 90),
        ]
    )
    assert [(it.month, it.figures.reviewed, it.figures.mean, it.figures.share) for it in found] == [
        (OCTOBER, 3, 75, 33),
        (NOVEMBER, 1, 100, 0),
    ]
    assert rules.by_month([]) == []


def test_a_rule_is_compared_before_and_after_it_changed() -> None:
    found = rules.by_version(
        [
            outcome(DECEMBER, 90, presentation__cough="10", red_flags="bb"),
            outcome(OCTOBER, 40, "presentation:cough", presentation__cough="9", red_flags="aa"),
            outcome(OCTOBER, 60, "text:menu.hello", presentation__cough="9", red_flags="aa"),
            outcome(OCTOBER, 70, presentation__rash="1", red_flags="aa"),
        ]
    )
    told = {
        it.rule: [(of.version, of.since, of.figures.mean, of.figures.share) for of in it.versions]
        for it in found
    }
    assert told["presentation:cough"] == [("9", OCTOBER, 50, 50), ("10", DECEMBER, 90, 0)]
    assert told["red_flags"] == [("aa", OCTOBER, 57, 0), ("bb", DECEMBER, 90, 0)]
    assert [it.rule for it in found] == ["red_flags", "presentation:cough", "presentation:rash"]


def test_versions_that_began_in_one_month_follow_by_number_or_as_they_were_drawn() -> None:
    found = rules.by_version(
        [
            outcome(OCTOBER, 1, presentation__cough="10", triage="ff"),
            outcome(OCTOBER, 1, presentation__cough="9", triage="aa"),
        ]
    )
    assert {it.rule: [of.version for of in it.versions] for it in found} == {
        "triage": ["ff", "aa"],
        "presentation:cough": ["9", "10"],
    }


def test_a_finding_on_one_rule_is_one_on_its_set() -> None:
    assert rules.concerns("red_flag:stroke", "red_flags")
    assert rules.concerns("presentation:cough", "triage")
    assert rules.concerns("presentation:cough", "presentation:cough")
    assert not rules.concerns("presentation:cough", "red_flags")
    assert not rules.concerns("presentation:rash", "presentation:cough")
