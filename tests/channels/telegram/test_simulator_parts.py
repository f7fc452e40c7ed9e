"""What the simulator stands on: its reading of texts, its faults, its limits, its time."""

import asyncio
from collections import Counter

import pytest

from bot.local.simulators.telegram_state import FAULTS, Allowance, Faults, SimulatedTime
from bot.local.simulators.telegram_text import NotParsed, clean, parse_html


@pytest.mark.parametrize(
    ("markup", "problem"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        (
            "<b>x</i>",
            'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
        ),
        ("1 < 2 > 0", 'Unsupported start tag "" at byte offset 2'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
    ],
)
def test_html_is_parsed_strictly(markup, problem):
    with pytest.raises(NotParsed) as refused:
        parse_html(markup)
    assert str(refused.value) == problem


def test_entities_count_in_utf16():
    text, entities = parse_html('👨 <b>a&lt;<i>b</i></b> &amp;amp; & &#x41;&bad; <a href="u">l</a>')
    assert text == "👨 a<b &amp; & A&bad; l"
    assert entities == [
        {"type": "bold", "offset": 3, "length": 3},
        {"type": "italic", "offset": 5, "length": 1},
        {"type": "text_link", "offset": 22, "length": 1, "url": "u"},
    ]


def test_a_text_is_cleaned_as_the_server_does():
    assert clean("a\tb\r\nc\u202ed\u200f\u200e") == "a b\ncd\u200c\u200e"


def test_faults_are_the_same_for_the_same_seed():
    rates = dict.fromkeys(FAULTS, 0.05)
    runs = [Faults(seed, rates) for seed in (1, 1, 2)]
    first, again, other = ([run.next("sendMessage") for _ in range(2000)] for run in runs)
    assert first == again != other
    counts = Counter(first)
    assert all(60 < counts[kind] < 140 for kind in FAULTS)
    assert {runs[0].next("getMe") for _ in range(100)} == {""}


def test_an_allowance_refills_at_its_rate():
    allowance = Allowance(rate=2, burst=3)
    assert [allowance.take(100.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert [allowance.take(101.0) for _ in range(3)] == [0, 0, 0.5]


async def test_simulated_time_wakes_who_slept_until_then():
    time = SimulatedTime(manual=True)
    sleeping = asyncio.ensure_future(time.sleep(5))
    await asyncio.sleep(0)
    time.advance(4)
    assert not sleeping.done()
    time.advance(1)
    await asyncio.wait_for(sleeping, 10)
