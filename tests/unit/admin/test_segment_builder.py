"""The builder of segments: what the form shows is the filter, and the filter is what it shows."""

from collections.abc import Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from admin.segments.builder import (
    BLANK,
    MOST_GROUPS,
    Group,
    Row,
    Sketch,
    Wrong,
    changed,
    filter_of,
    read_form,
    sketch_of,
)
from clinic.segment.rules import criteria
from clinic.segment.types import And, Criterion, Fault, Filter, Not, Or
from tests.unit.clinic.segment.filters import any_criterion, any_filter

some = st.lists(any_criterion, min_size=1, max_size=3).map(tuple)
group = st.one_of(st.builds(And, some), st.builds(Or, some), some.map(lambda parts: Not(Or(parts))))
groups = st.lists(group, min_size=2, max_size=4).map(tuple)
built = st.one_of(group, st.builds(And, groups), st.builds(Or, groups))

AGE = Criterion("age", "at_least", (40,))
SEX = Criterion("sex", "any", ("female",))


def posted(sketch: Sketch) -> dict[str, list[str]]:
    """What a browser sends of the form."""
    fields: dict[str, list[str]] = {"join": [sketch.join]}
    for g, one in enumerate(sketch.groups):
        fields[f"g{g}.join"] = [one.join]
        for r, row in enumerate(one.rows):
            at = f"g{g}.{r}"
            fields |= {f"{at}.field": [row.field], f"{at}.was": [row.field], f"{at}.op": [row.op]}
            fields[f"{at}.value"] = list(row.values)
            if row.op == "between":
                fields[f"{at}.value"] = list(row.values[:1])
                fields[f"{at}.to"] = list(row.values[1:])
            fields |= {f"{at}.o.{name}": [text] for name, text in row.options}
    return fields


def form(fields: Mapping[str, Sequence[str]]) -> Sketch:
    said = {name: values[-1] for name, values in fields.items() if values}
    return read_form(said, lambda name: fields.get(name, []))


def holds(tree: Filter, true: frozenset[Criterion]) -> bool:
    match tree:
        case And(parts):
            return all(holds(part, true) for part in parts)
        case Or(parts):
            return any(holds(part, true) for part in parts)
        case Not(part):
            return not holds(part, true)
    return tree in true


@given(built)
@settings(max_examples=150)
def test_a_filter_of_the_builder_comes_back_from_its_form_as_it_was(tree: Filter) -> None:
    sketch = sketch_of(tree)
    assert sketch is not None
    assert filter_of(sketch) == tree
    assert filter_of(form(posted(sketch))) == tree


@given(any_filter, st.data())
@settings(max_examples=150)
def test_what_the_builder_shows_of_any_filter_means_the_same(
    tree: Filter, data: st.DataObject
) -> None:
    sketch = sketch_of(tree)
    if sketch is None:
        return
    shown = filter_of(sketch)
    assert not isinstance(shown, tuple)
    asked = sorted(set(criteria(tree)), key=repr)
    true = frozenset(one for one in asked if data.draw(st.booleans()))
    assert holds(shown, true) == holds(tree, true)


def test_a_filter_that_is_nested_deeper_is_for_the_advanced_view() -> None:
    deep = And((Or((AGE, And((SEX, Or((AGE, SEX)))))), SEX))
    assert sketch_of(deep) is None
    assert sketch_of(Not(And((AGE, SEX)))) is None
    assert sketch_of(And((AGE, Not(Not(SEX))))) is None
    assert sketch_of(And((AGE, And(())))) is None


def test_a_form_with_no_condition_means_everybody() -> None:
    assert sketch_of(And(())) == BLANK
    for join in ("all", "any"):
        assert filter_of(Sketch(join, BLANK.groups)) == And(())
    assert filter_of(form({})) == And(())


def test_loose_conditions_stand_in_a_group_of_their_own() -> None:
    sketch = sketch_of(And((AGE, Or((SEX, AGE)), SEX)))
    assert sketch is not None
    assert [one.join for one in sketch.groups] == ["all", "any"]
    assert len(sketch.groups[0].rows) == 2


def test_what_is_wrong_is_told_of_its_row() -> None:
    rows = (
        Row("age", "at_least", ("many",)),
        Row("sex", "any"),
        Row("condition", "starts", ("?",)),
    )
    made = filter_of(Sketch("all", (Group("all", (Row(),)), Group("any", rows))))
    assert made == (
        Wrong(1, 0, Fault("value", "no_number")),
        Wrong(1, 1, Fault("value", "no_values")),
        Wrong(1, 2, Fault("value.0", "no_word")),
    )
    assert filter_of(Sketch("all", (Group("all", (Row("nonsense"),)),))) == (
        Wrong(0, 0, Fault("field", "unknown_field")),
    )
    assert filter_of(Sketch("all", (Group("all", (Row("age", "is"),)),))) == (
        Wrong(0, 0, Fault("value", "no_number")),
    )


def test_no_more_conditions_are_read_than_a_filter_may_have() -> None:
    row = Row("age", "at_least", ("40",))
    many = Sketch("all", tuple(Group("any", (row,) * 10) for _ in range(7)))
    assert filter_of(many) == (Wrong(0, 0, Fault("", "too_many_criteria")),)


def test_another_field_starts_with_nothing_typed() -> None:
    fields = {"g0.join": ["none"], "g0.0.field": ["age"], "g0.0.was": ["sex"]}
    fields |= {"g0.0.op": ["any"], "g0.0.value": ["female"]}
    assert form(fields).groups == (Group("none", (Row("age", "is"),)),)


def test_what_the_browser_may_not_send_is_read_as_nothing() -> None:
    fields = {"join": ["none"], "g0.join": ["x"], "g0.0.field": ["x"], "g7.0.field": ["age"]}
    assert form(fields) == Sketch("all", (Group("all", (Row(),)),))


def test_codes_may_be_typed_several_at_once_and_words_keep_their_spaces() -> None:
    fields = {"g0.join": ["all"], "g0.0.field": ["condition"], "g0.1.field": ["tag"]}
    fields |= {"g0.0.value": ["I10", " e11, i10、J45 "], "g0.1.value": ["long  covid"]}
    codes, words = form(fields).groups[0].rows
    assert codes.values == ("I10", "E11", "J45")
    assert words.values == ("long covid",)


def test_buttons_add_and_take_away_conditions_and_groups() -> None:
    more = changed(BLANK, "add:0")
    assert [len(one.rows) for one in more.groups] == [2]
    assert changed(more, "drop:0.1") == BLANK
    wide = changed(more, "group")
    assert [one.join for one in wide.groups] == ["all", "any"]
    assert changed(Sketch("any", ()), "group").groups[0].join == "all"
    assert changed(wide, "ungroup:1") == more
    assert changed(wide, "drop:1.0") == more
    assert changed(BLANK, "drop:0.0") == BLANK
    for nonsense in ("", "add:9", "drop:0.9", "drop:0", "count", "sample:0"):
        assert changed(more, nonsense) == more
    full = Sketch("all", BLANK.groups * MOST_GROUPS)
    assert changed(full, "group") == full
