"""Several rules of one conversation as one escalation."""

import pytest

from clinic.escalation.rules import MOST_OTHERS, Why, joined, parts
from flows.reasons import reason

HARM: Why = ("self_harm_thoughts", ("a", "b"))
CHEST: Why = ("chest_pain", ("c",))


@pytest.mark.parametrize(
    ("standing", "raised", "rises", "one"),
    [
        (HARM, CHEST, True, ("chest_pain", ("c", "+self_harm_thoughts/a/b"))),
        (CHEST, HARM, False, ("chest_pain", ("c", "+self_harm_thoughts/a/b"))),
        (CHEST, ("chest_pain", ("d",)), False, ("chest_pain", ("d",))),
        (CHEST, ("chest_pain", ("d",)), True, ("chest_pain", ("d",))),
        (CHEST, ("chest_pain", ()), False, CHEST),  # said again without telling more
        (("x", ()), ("y", ()), True, ("y", ("+x",))),
        (("y", ("+x",)), ("x", ("a",)), False, ("y", ("+x/a",))),
        (("y", ("+x/a",)), ("x", ()), True, ("x", ("a", "+y"))),
        (("y", ("+x/a",)), ("z", ()), False, ("y", ("+x/a", "+z"))),
    ],
)
def test_what_rises_leads_and_nothing_of_the_other_is_lost(
    standing: Why, raised: Why, rises: bool, one: Why
) -> None:
    assert joined(standing, raised, rises=rises) == one
    rules = {rule for rule, _ in (*parts(*standing), raised)}
    assert {rule for rule, _ in parts(*one)} == rules


def test_a_patient_who_says_everything_fills_no_disk() -> None:
    why: Why = ("first", ())
    for n in range(100):
        why = joined(why, (f"rule{n}", ()), rises=False)
    assert len(why[1]) == MOST_OTHERS


def test_all_reasons_are_told_in_words() -> None:
    assert reason("chest_pain", ("+self_harm_now",), "en").startswith("Chest pain + ")
