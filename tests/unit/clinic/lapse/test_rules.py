"""How far the data reach, and who belongs to a group."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.lapse import rules
from clinic.lapse.types import Evidence
from tests.unit.clinic.lapse.cases import CPAP, FACTS, HYPERTENSION, SEEN, definition, seen


def holds(clause: dict[str, Any], *evidence: Evidence, **values: Any) -> bool:
    return rules.belongs(definition(any=[clause]), seen(FACTS, evidence=evidence, **values))


# Days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "months", "then"),
    [
        (date(2026, 10, 31), 4, date(2027, 2, 28)),
        (date(2027, 10, 31), 4, date(2028, 2, 29)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 1, 15), 12, date(2027, 1, 15)),
    ],
)
def test_months_are_calendar_months_held_to_the_last_day(on: date, months: int, then: date) -> None:
    assert rules.add_months(on, months) == then


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 60))
def test_whole_months_between_are_those_that_were_added(on: date, months: int) -> None:
    then = rules.add_months(on, months)
    assert rules.months_between(on, then) == months
    assert rules.months_between(on, then - timedelta(1)) < max(1, months)


JULY, AUGUST, SEPTEMBER = date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)


@pytest.mark.parametrize(
    ("months", "today", "until"),
    [
        ({}, date(2026, 9, 10), None),
        ({JULY: ["1", "2"], AUGUST: ["2", "1"]}, date(2026, 9, 10), date(2026, 8, 31)),
        # One payer's file is not there yet: its patients would all look as if they had gone.
        ({JULY: ["1", "2"], AUGUST: ["1"]}, date(2026, 9, 10), date(2026, 7, 31)),
        ({AUGUST: ["1"]}, date(2026, 9, 10), date(2026, 8, 31)),
        ({JULY: ["1"], SEPTEMBER: ["2"]}, date(2026, 10, 10), date(2026, 9, 30)),
        ({AUGUST: ["1"]}, date(2026, 8, 20), date(2026, 8, 20)),
        ({AUGUST: ["1"]}, date(2026, 8, 31), date(2026, 8, 31)),
        ({AUGUST: ["1"]}, date(2026, 6, 20), date(2026, 8, 31)),
    ],
)
def test_receipts_tell_until_the_end_of_the_newest_full_month(
    months: dict[date, list[str]], today: date, until: date | None
) -> None:
    assert rules.imported_until(months, today) == until


@pytest.mark.parametrize(
    ("imported", "own", "told", "until"),
    [
        (None, 0, 0, date(2026, 9, 10)),
        (date(2026, 8, 31), 0, 0, date(2026, 8, 31)),
        (date(2026, 8, 31), 89, 100, date(2026, 8, 31)),
        (date(2026, 8, 31), 90, 100, date(2026, 9, 10)),
    ],
)
def test_today_is_the_horizon_only_where_nearly_all_visits_are_our_own(
    imported: date | None, own: int, told: int, until: date
) -> None:
    assert rules.horizon(date(2026, 9, 10), imported, own, told) == until


# Membership -----------------------------------------------------------------------------------


def test_a_disease_counts_by_prefix_while_the_newest_month_lists_it() -> None:
    clause = {"conditions": ["I1", "E11.9"]}
    assert holds(clause, HYPERTENSION)
    assert holds(clause, replace(HYPERTENSION, icd10="E119"))
    assert not holds(clause, replace(HYPERTENSION, icd10="J304"))
    assert not holds(clause, replace(HYPERTENSION, icd10=""))
    assert not holds(clause, replace(HYPERTENSION, month=date(2026, 2, 1)))
    assert holds({**clause, "months": 1}, replace(HYPERTENSION, month=date(2026, 2, 1)))
    assert holds(clause, replace(HYPERTENSION, month=None))
    assert holds(clause, HYPERTENSION, newest_month=None)


def test_suspected_and_ended_diseases_put_nobody_in_a_group() -> None:
    assert not holds({"conditions": ["I10"]}, replace(HYPERTENSION, suspected=True))
    assert not holds({"conditions": ["I10"]}, replace(HYPERTENSION, ended=True))


def test_a_disease_can_be_named_by_its_code() -> None:
    assert holds({"condition_codes": ["8833421"]}, HYPERTENSION)
    assert not holds({"condition_codes": ["883342"]}, HYPERTENSION)


def test_acts_count_by_code_or_by_the_beginning_of_their_name_in_any_width() -> None:
    assert holds({"acts": ["114040710"]}, CPAP)
    assert not holds({"acts": ["11404071"]}, CPAP)
    assert holds({"act_names": ["在宅持続陽圧呼吸療法指導管理料1"]}, CPAP)
    addon = replace(CPAP, name="外来データ提出加算（在宅持続陽圧呼吸療法指導管理料１）")
    assert not holds({"act_names": ["在宅持続陽圧呼吸療法指導管理料"]}, addon)
    assert not holds({"act_names": ["在宅"]}, HYPERTENSION)


def test_acts_count_so_many_months_back_from_the_last_visit() -> None:
    clause = {"acts": ["114040710"], "months": 1}
    assert holds(clause, replace(CPAP, on=date(2026, 2, 10)))
    assert not holds(clause, replace(CPAP, on=date(2026, 2, 9)))
    assert not holds(clause, replace(CPAP, on=None))
    nobody_knows_when = {"last_visit_on": None, "newest_month": None}
    assert holds(clause, replace(CPAP, on=date(2020, 2, 9)), **nobody_knows_when)


def test_drugs_count_by_code_or_prefix() -> None:
    drug = Evidence("drug", "A10BA02", on=SEEN)
    assert holds({"drug_prefixes": ["A10"]}, drug)
    assert not holds({"drugs": ["A10"]}, drug)
    assert holds({"drugs": ["A10BA02"]}, drug)
    assert not holds({"drugs": ["A10BA02"]}, replace(drug, kind="act"))


def test_tags_count_whole() -> None:
    assert holds({"tags": ["vip"]}, Evidence("tag", "vip"))
    assert not holds({"tags": ["vip"]}, Evidence("tag", "vi"))


@pytest.mark.parametrize(
    ("value", "form", "found"),
    [
        ("10", "phq-9", True),
        ("9.9", "phq-9", False),
        ("20", "phq-9", False),
        ("19.5", "phq-9", True),
        ("15", "gad-7", False),
        (None, "phq-9", False),
    ],
)
def test_scores_count_in_their_range(value: str | None, form: str, found: bool) -> None:
    number = None if value is None else Decimal(value)
    one = Evidence("score", "total", on=SEEN, form=form, value=number)
    clause = {"score": {"form": "phq-9", "item": "total", "at_least": 10, "below": 20}}
    assert holds(clause, one) is found


def test_a_range_may_be_open_on_a_side() -> None:
    one = Evidence("score", "total", on=SEEN, form="phq-9", value=Decimal(3))
    assert holds({"score": {"form": "phq-9", "item": "total", "below": 5}}, one)
    assert holds({"score": {"form": "phq-9", "item": "total", "at_least": 3}}, one)


def test_all_clauses_or_any_of_them() -> None:
    clauses = [{"conditions": ["I10"]}, {"acts": ["114040710"]}]
    assert rules.belongs(definition(any=clauses), FACTS)
    assert not rules.belongs(definition(all=clauses), FACTS)
    assert rules.belongs(definition(all=clauses), seen(FACTS, evidence=(HYPERTENSION, CPAP)))
