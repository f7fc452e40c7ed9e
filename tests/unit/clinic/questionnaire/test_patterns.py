"""Regular expressions of strangers."""

import re
import time
from random import Random

import pytest

from clinic.questionnaire.patterns import Pattern, Unsupported

ATOMS = ["a", "b", ".", r"\d", "[ab]", "[^a]", "c?", "^", "$", r"\.", "[]a]", r"[\w-]"]
REPETITIONS = ["*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "{0}"]


def made_up(random: Random, depth: int) -> str:
    choice = random.random()
    if depth == 0 or choice < 0.35:
        return random.choice(ATOMS)
    inner = made_up(random, depth - 1)
    if choice < 0.6:
        return inner + made_up(random, depth - 1)
    if choice < 0.75:
        return f"({inner}|{made_up(random, depth - 1)})"
    return f"(?:{inner}){random.choice(REPETITIONS)}" if choice < 0.95 else f"({inner})"


def test_it_matches_what_python_matches() -> None:
    random = Random(20261122)
    compared = 0
    for _ in range(3000):
        source = made_up(random, 3)
        pattern = Pattern.compile(source)
        for _ in range(4):
            text = "".join(random.choice("ab1.-]") for _ in range(random.randint(0, 6)))
            assert pattern.matches(text) == bool(re.fullmatch(source, text)), (source, text)
            compared += 1
    assert compared == 12_000


@pytest.mark.parametrize(
    "source", ["(a+)+", "(a|a)*b", "(a*)*b", "a*a*a*a*a*a*b", "(.*){20}x", "(.*){300}", "(a?){400}"]
)
def test_no_pattern_takes_long(source: str) -> None:
    pattern = Pattern.compile(source)
    begun = time.thread_time()
    pattern.matches("a" * 4000)
    assert time.thread_time() - begun < 3


def test_a_pattern_that_would_take_python_years_is_simply_matched() -> None:
    assert Pattern.compile("(a+)+").matches("a" * 200)
    assert not Pattern.compile("(a+)+").matches("a" * 200 + "b")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("(?=a)b", "look-around"),
        ("(?<!a)b", "look-around"),
        ("(?i)a", "flags"),
        ("(?P<n>a)", "names"),
        (r"(a)\1", r"\1"),
        (r"\bword", r"\b"),
        ("a++", "possessive"),
        ("[", "not a regular expression"),
        ("[[:alpha:]]", "not a regular expression"),
        (r"\p{L}", "not a regular expression"),
        ("a{1,9999}", "too many repetitions"),
        ("((((a{9}){9}){9}){9})", "too many repetitions"),
        ("a" * 501, "longer than"),
        ("(" * 250 + ")" * 250, "nested too deeply"),
    ],
)
def test_what_cannot_be_matched_so_is_refused(source: str, reason: str) -> None:
    with pytest.raises(Unsupported) as refusal:
        Pattern.compile(source)
    assert reason in str(refusal.value)


def test_the_way_that_some_write_it_is_understood() -> None:
    pattern = Pattern.compile("matches('^[0-9]{4}$')")
    assert pattern.matches("2045")
    assert not pattern.matches("20455")


def test_a_text_that_is_too_long_does_not_match() -> None:
    assert Pattern.compile("a*").matches("a" * 4000)
    assert not Pattern.compile("a*").matches("a" * 4001)
