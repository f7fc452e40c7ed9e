"""Filters of any kind, made up."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from clinic.segment.types import FIELDS, OPS, And, Criterion, Field, Filter, Not, Or

TODAY = date(2026, 11, 20)
# Words that the made-up patients of the integration tests have, and some that harm elsewhere.
WORDS: dict[str, list[str]] = {
    "group": ["diabetes", "cpap"],
    "condition": ["E11", "I10", "E", "J30"],
    "act": ["113001810", "114", "120005710"],
    "drug": ["620000001", "62", "610"],
    "tag": ["vip", "'; drop table patient; --", "100%", "a_b", "\\"],
    "channel": ["line", "telegram", "webchat"],
    "language": ["ja", "en", "zh-Hant"],
    "consent": ["messages", "marketing"],
    "occupation": ["nurse", "' or '1'='1", "駅員"],
    "source": ["web", "friend", "$1"],
    "answer": ["yes", "true", "3", "x' or true --"],
}
OPTIONS: dict[str, list[Any]] = {
    "form": ["phq_9", "gad_7"],
    "item": ["total", "q1"],
    "days": [30, 400],
    "suspected": ["no", "yes", "either"],
    "when": ["now", "ever"],
    "group": ["diabetes", "cpap"],
    "kind": ["systolic", "diastolic", "glucose"],
    "sending": ["11111111-1111-4111-8111-111111111111"],
}
AMOUNTS = {
    "age": [0, 17, 18, 40, 64, 65, 90],
    "visit_count": [0, 1, 2, 5],
    "visits_year": [0, 1, 2, 6],
    "no_shows": [0, 1, 2],
    "points_year": [0, 500, 2000, 6000],
}
DAYS = [date(2025, 11, 20), date(2026, 5, 1), TODAY, date(2026, 11, 25), date(2027, 1, 1)]


@st.composite
def criterion(draw: st.DrawFn, field: Field) -> Criterion:
    """A question about a field, as `read` would give it."""
    op = draw(st.sampled_from(OPS[field.kind]))
    values: tuple[Any, ...]
    if op == "known":
        values = ()
    elif op in ("any", "starts"):
        known = list(field.choices) or WORDS[field.name]
        if field.kind == "code" and op == "any":
            known = [one for one in known if len(one) > 3]
        found = draw(st.sets(st.sampled_from(known), min_size=1, max_size=3))
        values = tuple(sorted(found, key=known.index if field.choices else None))
    elif op in ("within_days", "beyond_days"):
        values = (draw(st.sampled_from([0, 1, 5, 30, 365])),)
    else:
        if field.kind in ("day", "coming_day"):
            one = st.sampled_from(DAYS)
        elif field.whole:
            one = st.sampled_from(AMOUNTS[field.name])
        else:
            one = st.sampled_from([-1, 0, 3, Decimal("4.5"), 9, 27])
        values = (draw(one),)
        if op == "between":
            values = tuple(sorted((values[0], draw(one))))
    options = []
    for option in sorted(field.options, key=lambda it: it.name):
        if option.needed or draw(st.booleans()):
            value = draw(st.sampled_from(OPTIONS[option.name]))
            if option.needed or value != next(iter(option.choices), None):
                options.append((option.name, value))
    return Criterion(field.name, op, values, tuple(options))


any_criterion = st.sampled_from(list(FIELDS.values())).flatmap(criterion)


def _joined(below: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    return st.one_of(
        st.builds(Not, below),
        st.builds(And, st.lists(below, max_size=3).map(tuple)),
        st.builds(Or, st.lists(below, min_size=1, max_size=3).map(tuple)),
    )


def deep(tree: Filter) -> int:
    """How deep it is."""
    if isinstance(tree, Criterion):
        return 1
    parts = (tree.part,) if isinstance(tree, Not) else tree.parts
    return 1 + max(map(deep, parts), default=0)


any_filter = st.recursive(any_criterion, _joined, max_leaves=6).filter(lambda it: deep(it) <= 8)
