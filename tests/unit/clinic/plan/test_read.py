"""Definitions as data: what they mean, and all that is wrong with a path."""

import copy
from decimal import Decimal
from typing import Any

import pytest

from clinic.plan.dump import dump, dump_step
from clinic.plan.presets import presets
from clinic.plan.read import read, read_step
from clinic.plan.types import LANGUAGES, Definition, Fault, Step
from tests.unit.clinic.plan.written import FORM, TITLE, WORDS, said, said_step


def faults(one: object) -> list[tuple[str, str]]:
    found = read(one)
    assert isinstance(found, tuple), found
    return [(fault.where, fault.reason) for fault in found]


def form(**fields: Any) -> dict[str, Any]:
    return said_step(what="form", form=FORM, **fields)


EVERYTHING = said(
    form(
        after={"weeks": 2, "from": "previous"},
        script=WORDS,
        repeat={"times": 3, "every": 7},
        useful_days=5,
        past="ask",
        climb=[{"after_days": 2, "do": "again"}, {"after_days": 5, "do": "call"}],
        thresholds=[
            {"score": "total", "at_least": 10, "do": "doctor", "level": 4},
            {"answer": "pain", "any": ["4", 5], "do": "nurse"},
            {"answer": "sugar", "below": 3.9, "do": "slot"},
            {"alert": 3, "do": "doctor"},
        ],
    ),
    said_step(id="two", asks=True),
    said_step(id="three", what="readings", readings=["blood_pressure"], after={"months": 4}),
    said_step(id="four", what="call"),
    past="send",
    stop=["visit"],
    offers=["call"],
    needs_signature=False,
    applies={"filter": {"field": "condition", "op": "starts", "value": ["I10"]}, "days": 9},
)


def test_everything_that_can_be_said_is_read_and_written_back() -> None:
    found = read(EVERYTHING)
    assert isinstance(found, Definition), found
    assert read(dump(found)) == found
    first = found.steps[0]
    assert read_step(dump_step(first)) == first
    assert first.thresholds[2].below == Decimal("3.9")
    assert first.thresholds[1].any_of == ("4", "5")
    assert found.applies is not None
    assert (found.applies.days, found.applies.codes) == (9, ())
    assert (found.offers, read(said(offers=[])).offers) == (("call",), ())
    assert read(said()).offers == ("call", "stop")
    assert [step.answerable for step in found.steps] == [True, True, True, False]


def test_the_shipped_plans_are_written_back_as_they_were_and_wait_for_a_signature() -> None:
    codes = [one.code for one in presets()]
    assert codes == [
        *("after_discharge", "hypertension", "diabetes", "endoscopy", "cataract"),
        *("vaccination", "oncology", "cpap", "lifestyle"),
    ]
    for one in presets():
        assert read(dump(one)) == one
        assert one.needs_signature


def test_the_shipped_texts_name_no_disease_and_speak_five_languages() -> None:
    for one in presets():
        for step in one.steps:
            assert set(step.text) == set(LANGUAGES)
            if step.kind not in ("call", "document"):
                told = " ".join(step.text.values()).lower()
                words = ("diabet", "pressure", "cancer", "糖尿", "血圧", "がん", "диабет", "рак ")
                assert not [word for word in words if word in told], (one.code, step.id)


def test_a_shipped_plan_that_is_wrong_is_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.plan.presets.read", lambda _: (Fault("code", "no_code"),))
    with pytest.raises(ValueError, match="after_discharge"):
        presets.__wrapped__()


@pytest.mark.parametrize(
    ("path", "value", "where", "reason"),
    [
        ("code", "Not A Code", "code", "no_code"),
        ("code", None, "code", "no_code"),
        ("other", 1, "other", "unknown_key"),
        ("title", "text", "title", "no_words"),
        ("title.en", "", "title.en", "no_words"),
        ("title.en", "{name}", "title.en", "unknown_placeholder"),
        ("title.xx", "a", "title.xx", "unknown_key"),
        ("anchor", "moon", "anchor", "unknown_choice"),
        ("past", "never", "past", "unknown_choice"),
        ("stop", ["rain"], "stop", "unknown_choice"),
        ("stop", "visit", "stop", "unknown_choice"),
        ("offers", ["tea"], "offers", "unknown_choice"),
        ("offers", "call", "offers", "unknown_choice"),
        ("needs_signature", 1, "needs_signature", "no_bool"),
        ("steps", [], "steps", "no_steps"),
        ("steps", None, "steps", "no_steps"),
        ("steps", [said_step()] * 61, "steps", "too_many"),
        ("steps", [said_step(), said_step()], "steps.1.id", "twice"),
        (
            "steps",
            [said_step(repeat={"times": 400, "every": 1}), said_step(id="x")],
            "steps",
            "too_many",
        ),
        ("steps", ["x"], "steps.0", "no_object"),
        ("applies", 1, "applies", "no_object"),
        ("applies.filter", {"field": "x"}, "applies.filter.field", "segment"),
        ("applies.filter", None, "applies.filter", "segment"),
        (
            "applies.filter",
            {"field": "answer", "op": "known", "form": "f", "item": "i"},
            "applies.filter",
            "answer_not_here",
        ),
        (
            "applies.filter",
            {"field": "tier", "op": "any", "value": ["high"]},
            "applies.filter",
            "worth_not_here",
        ),
        ("applies.codes", ["?"], "applies.codes", "no_code"),
        ("applies.codes", "x", "applies.codes", "no_code"),
        ("applies.days", 0, "applies.days", "no_days"),
        ("applies.x", 0, "applies.x", "unknown_key"),
        ("anchor", "hand", "applies", "by_hand"),
        ("steps.0.id", "", "steps.0.id", "no_code"),
        ("steps.0.x", 1, "steps.0.x", "unknown_key"),
        ("steps.0.what", "sing", "steps.0.what", "unknown_choice"),
        ("steps.0.what", "message", "steps.0.form", "unknown_key"),
        ("steps.0.form", "file", "steps.0.form", "no_url"),
        ("steps.0.after", {"days": 1, "weeks": 1}, "steps.0.after", "one_unit"),
        ("steps.0.after", 3, "steps.0.after", "one_unit"),
        ("steps.0.after", {"days": -1}, "steps.0.after.days", "no_days"),
        ("steps.0.after", {"days": True}, "steps.0.after.days", "no_days"),
        ("steps.0.after", {"days": 1, "from": "x"}, "steps.0.after.from", "unknown_choice"),
        ("steps.0.after", {"days": 1, "x": 1}, "steps.0.after.x", "unknown_key"),
        ("steps.0.at", "9:00", "steps.0.at", "no_time"),
        ("steps.0.at", "24:00", "steps.0.at", "no_time"),
        ("steps.0.text.ja", "{drug}", "steps.0.text.ja", "unknown_placeholder"),
        ("steps.0.text.ja", "{name", "steps.0.text.ja", "unknown_placeholder"),
        ("steps.0.text.ja", "x" * 1001, "steps.0.text.ja", "too_long"),
        ("steps.0.text.ja", "a\x00", "steps.0.text.ja", "no_words"),
        ("steps.0.script", {}, "steps.0.script.en", "no_words"),
        ("steps.0.past", "x", "steps.0.past", "unknown_choice"),
        ("steps.0.useful_days", 400, "steps.0.useful_days", "no_days"),
        ("steps.0.asks", True, "steps.0.asks", "unknown_key"),
        ("steps.0.readings", ["x"], "steps.0.readings", "unknown_key"),
        ("steps.0.repeat", {"times": 2}, "steps.0.repeat", "no_object"),
        ("steps.0.repeat.times", 0, "steps.0.repeat.times", "no_number"),
        ("steps.0.repeat.every", 0, "steps.0.repeat.every", "no_days"),
        ("steps.0.climb", [1] * 6, "steps.0.climb", "too_many"),
        ("steps.0.climb.0", 1, "steps.0.climb.0", "no_object"),
        ("steps.0.climb.0.do", "pray", "steps.0.climb.0.do", "unknown_choice"),
        ("steps.0.climb.1.after_days", 2, "steps.0.climb.1.after_days", "not_later"),
        ("steps.0.thresholds", [{}] * 21, "steps.0.thresholds", "too_many"),
        (
            "steps.0.thresholds.0",
            {"do": "nurse"},
            "steps.0.thresholds.0",
            "one_of_score_answer_alert",
        ),
        ("steps.0.thresholds.0", 1, "steps.0.thresholds.0", "one_of_score_answer_alert"),
        ("steps.0.thresholds.0.do", "x", "steps.0.thresholds.0.do", "unknown_choice"),
        ("steps.0.thresholds.0.x", "x", "steps.0.thresholds.0.x", "unknown_key"),
        ("steps.0.thresholds.0.level", 5, "steps.0.thresholds.0.level", "no_level"),
        ("steps.0.thresholds.0.score", "", "steps.0.thresholds.0.score", "no_code"),
        ("steps.0.thresholds.0.at_least", "x", "steps.0.thresholds.0.at_least", "no_number"),
        ("steps.0.thresholds.0.at_least", True, "steps.0.thresholds.0.at_least", "no_number"),
        ("steps.0.thresholds.0.below", 3, "steps.0.thresholds.0", "one_test"),
        ("steps.0.thresholds.1.any", [], "steps.0.thresholds.1.any", "no_code"),
        ("steps.0.thresholds.1.any", [None], "steps.0.thresholds.1.any", "no_code"),
        ("steps.0.thresholds.3.alert", 1, "steps.0.thresholds.3.alert", "no_level"),
        ("steps.0.thresholds.3.below", 1, "steps.0.thresholds.3", "unknown_key"),
        ("steps.1.asks", "yes", "steps.1.asks", "no_bool"),
        ("steps.1.climb", [{"after_days": 1, "do": "call"}], None, ""),
        ("steps.2.readings", [], "steps.2.readings", "no_code"),
        ("steps.3.climb", [{"after_days": 1, "do": "call"}], "steps.3.climb", "nothing_to_answer"),
        (
            "steps.3.thresholds",
            [{"alert": 2, "do": "nurse"}],
            "steps.3.thresholds",
            "nothing_to_answer",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_path(
    path: str, value: object, where: str | None, reason: str
) -> None:
    changed = copy.deepcopy(EVERYTHING)
    at: Any = changed
    *above, last = path.split(".")
    for name in above:
        at = at[int(name)] if isinstance(at, list) else at[name]
    if isinstance(at, list):
        at[int(last)] = value
    else:
        at[last] = value
    if where is None:
        assert isinstance(read(changed), Definition)
    else:
        assert (where, reason) in faults(changed)


def test_what_is_needed_is_missed() -> None:
    assert faults("x") == [("", "no_object")]
    nothing = dict(faults({}))
    assert nothing == {
        "code": "no_code",
        "title": "no_words",
        "anchor": "unknown_choice",
        "steps": "no_steps",
    }
    without = said(said_step(what="form"), said_step(id="b", what="readings"))
    assert faults(without) == [("steps.0.form", "needed"), ("steps.1.readings", "needed")]
    found = read_step("x")
    assert found == (Fault("", "no_object"),)
    score = form(thresholds=[{"score": "total", "any": ["1"], "do": "nurse"}])
    assert faults(said(score)) == [("steps.0.thresholds.0", "one_test")]


def test_a_step_by_itself_is_read_as_one_of_a_plan() -> None:
    found = read_step(said_step(asks=False))
    assert isinstance(found, Step)
    assert found.text == WORDS
    assert TITLE
