"""Groups as data: what is read, and what is refused with its reason."""

import re
from decimal import Decimal
from typing import Any

import pytest

from admin.i18n import LANGUAGES
from clinic.lapse.definition import read, read_group
from clinic.lapse.presets import document, presets
from clinic.lapse.types import Clause, Definition, Fault, Group

GOOD: dict[str, Any] = {"any": [{"conditions": ["I10"]}]}
GROUP: dict[str, Any] = {
    "code": "lifestyle",
    "name": {"en": "Lifestyle"},
    "definition": GOOD,
    "mode": "supply",
    "at_risk_months": 2,
}


def faults(said: object) -> set[tuple[str, str]]:
    found = read(said)
    assert not isinstance(found, Definition)
    return {(one.where, one.reason) for one in found}


def test_a_definition_is_read_with_its_defaults() -> None:
    said = {
        "all": [
            {"conditions": ["E11.9"]},
            {"acts": ["114040710"]},
            {"drugs": ["620098801"], "months": 3},
            {"score": {"form": "phq-9", "item": "total", "at_least": 10}},
            {"tags": ["vip"]},
        ],
        "insurance_months": 3,
    }
    found = read(said)
    assert isinstance(found, Definition)
    assert found.every
    assert found.insurance_months == 3
    assert found.clauses == (
        Clause("conditions", ("E119",), 0),
        Clause("acts", ("114040710",), 12),
        Clause("drugs", ("620098801",), 3),
        Clause("score", (), 12, "phq-9", "total", Decimal(10), None),
        Clause("tags", ("vip",), 0),
    )


@pytest.mark.parametrize(
    ("said", "where", "reason"),
    [
        ([], "", "no_object"),
        ({}, "any", "any_or_all"),
        ({**GOOD, "all": []}, "any", "any_or_all"),
        ({**GOOD, "sql": "x"}, "sql", "unknown_key"),
        ({"any": []}, "any", "no_clauses"),
        ({"any": "I10"}, "any", "no_clauses"),
        ({"any": ["I10"]}, "any.0", "one_kind"),
        ({"any": [{"conditions": ["I10"], "tags": ["x"]}]}, "any.0", "one_kind"),
        ({"any": [{"conditions": []}]}, "any.0.conditions", "no_values"),
        ({"any": [{"conditions": ["I10", "hypertension"]}]}, "any.0.conditions.1", "no_conditions"),
        ({"any": [{"acts": [114040710]}]}, "any.0.acts.0", "no_acts"),
        ({"any": [{"acts": ["%"]}]}, "any.0.acts.0", "no_acts"),
        ({"any": [{"conditions": ["I10"], "months": -1}]}, "any.0.months", "months"),
        ({"any": [{"conditions": ["I10"], "months": True}]}, "any.0.months", "months"),
        ({"any": [{"tags": ["x"], "months": 3}]}, "any.0.months", "unknown_key"),
        ({"any": [{"score": 10}]}, "any.0.score", "no_object"),
        ({"any": [{"score": {"form": "phq-9", "at_least": 1}}]}, "any.0.score.item", "no_name"),
        ({"any": [{"score": {"form": "a", "item": "b"}}]}, "any.0.score", "no_range"),
        (
            {"any": [{"score": {"form": "a", "item": "b", "at_least": "1"}}]},
            "any.0.score",
            "no_range",
        ),
        (
            {"any": [{"score": {"form": "a", "item": "b", "at_least": 5, "below": 5}}]},
            "any.0.score",
            "empty_range",
        ),
        (
            {"any": [{"score": {"form": "a", "item": "b", "below": 5, "x": 1}}]},
            "any.0.score.x",
            "unknown_key",
        ),
        ({**GOOD, "since": "birth"}, "since", "visit_or_act"),
        ({**GOOD, "since": "act"}, "since", "only_acts"),
        ({**GOOD, "insurance_months": 0}, "insurance_months", "months"),
        ({**GOOD, "any_disease": 1}, "any_disease", "yes_or_no"),
        ({**GOOD, "seasonal": []}, "seasonal", "months_of_the_year"),
        ({**GOOD, "seasonal": [13]}, "seasonal", "months_of_the_year"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(said: object, where: str, reason: str) -> None:
    assert (where, reason) in faults(said)


@pytest.mark.parametrize(
    ("change", "where", "reason"),
    [
        ({"definition": {}}, "definition.any", "any_or_all"),
        ({"definition": None}, "definition", "no_object"),
        ({"code": "Life style"}, "code", "no_code"),
        ({"name": {}}, "name", "no_name"),
        ({"name": {"en": " "}}, "name", "no_name"),
        ({"mode": "magic"}, "mode", "fixed_or_supply"),
        ({"grace_days": 400}, "grace_days", "number"),
        ({"at_risk_months": None}, "at_risk_months", "needed"),
        ({"lapsed_months": 1}, "lapsed_months", "before_at_risk"),
        ({"definition": {**GOOD, "seasonal": [2]}}, "at_risk_months", "seasonal"),
        (
            {"definition": {"any": [{"acts": ["1"]}], "since": "act"}},
            "mode",
            "act_is_fixed",
        ),
    ],
)
def test_windows_are_checked_with_the_definition(
    change: dict[str, Any], where: str, reason: str
) -> None:
    assert read_group({**GROUP, **change}) == (Fault(where, reason),)


def test_a_group_is_read_as_its_row_has_it() -> None:
    found = read_group({**GROUP, "lapsed_months": None, "id": 7, "strict": True, "version": 1})
    assert isinstance(found, Group)
    assert (found.id, found.strict, found.grace_days, found.refill_days) == (7, True, 14, 90)


def test_the_presets_are_the_table_of_windows() -> None:
    windows = {
        it.code: (it.mode, it.at_risk_months, it.lapsed_months, it.strict) for it in presets()
    }
    assert windows == {
        "cpap": ("fixed", 2, 4, True),
        "lifestyle": ("supply", 2, 4, False),
        "refill": ("fixed", 4, 7, False),
        "endoscopy": ("fixed", 12, 18, True),
        "hay_fever": ("fixed", None, None, False),
        "chronic": ("supply", 3, 6, False),
    }
    assert all(set(it.name) == set(LANGUAGES) for it in presets())


def test_an_add_on_or_a_common_prescription_is_no_refill() -> None:
    prefixes = [
        name
        for group in presets()
        if group.code == "refill"
        for clause in group.definition.clauses
        if clause.kind == "act_names"
        for name in clause.values
    ]
    assert not any("処方箋料（リフィル以外・その他）".startswith(name) for name in prefixes)
    assert any("処方箋料（リフィル処方箋・その他）".startswith(name) for name in prefixes)


def test_a_wrong_preset_is_a_bug_and_not_a_quiet_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"groups": [{**GROUP, "mode": "magic"}]}
    monkeypatch.setattr("clinic.lapse.presets.document", lambda: wrong)
    with pytest.raises(ValueError, match=r"lifestyle.*fixed_or_supply"):
        presets.__wrapped__()


def test_the_plan_goes_with_the_lifestyle_fees() -> None:
    acts = document()["plan"]["acts"]
    assert len(acts) == len(set(acts)) == 12
    assert all(re.fullmatch(r"113\d{6}", code) for code in acts)
