"""A patient with high blood pressure and a device at night, and groups, for the tests of lapse."""

from dataclasses import replace
from datetime import date
from typing import Any

from clinic.lapse.definition import read
from clinic.lapse.types import Definition, Evidence, Facts, Group

SEEN = date(2026, 3, 10)
HYPERTENSION = Evidence("condition", "8833421", icd10="I10", month=date(2026, 3, 1))
CPAP = Evidence("act", "114040710", on=SEEN, name="在宅持続陽圧呼吸療法指導管理料１")
FACTS = Facts(
    last_visit_on=SEEN,
    visit_count=3,
    newest_month=date(2026, 3, 1),
    evidence=(HYPERTENSION,),
)


def definition(**said: Any) -> Definition:
    found = read(said)
    assert isinstance(found, Definition), found
    return found


def group(code: str = "lifestyle", said: dict[str, Any] | None = None, **values: Any) -> Group:
    given = {"mode": "supply", "at_risk_months": 2, "lapsed_months": 4, **values}
    return Group(
        code, {"en": code}, definition(**(said or {"any": [{"conditions": ["I10"]}]})), **given
    )


def seen(one: Facts, **values: Any) -> Facts:
    return replace(one, **values)
