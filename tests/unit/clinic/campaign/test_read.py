"""Audience and content as data: what is understood, and what is not."""

from uuid import UUID

import pytest

from clinic.campaign.read import read_audience, read_content
from clinic.campaign.types import (
    ButtonSpec,
    Content,
    Fault,
    OfFilter,
    OfLapse,
    OfPatients,
    OfSegment,
    Text,
    Variant,
)
from clinic.picture.types import Described, Stored

KEY = "6f1c0000-0000-4000-8000-000000000001"
TREE = {"field": "age", "op": "at_least", "value": 65}


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ({"segment": KEY, "version": 2}, OfSegment(UUID(KEY), 2)),
        ({"filter": TREE}, OfFilter(TREE)),
        ({"lapse": "cpap", "states": ["lapsed", "due"]}, OfLapse("cpap", ("lapsed", "due"))),
        ({"patients": [3, 1, 3]}, OfPatients((1, 3))),
        ({"patients": [3], "group": "cpap"}, OfPatients((3,), "cpap")),
    ],
)
def test_an_audience_is_understood(said, means):
    assert read_audience(said) == means


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (None, "no_audience"),
        ({}, "no_audience"),
        ({"segment": KEY}, "no_audience"),
        ({"segment": "x", "version": 1}, "unknown_segment"),
        ({"filter": {"field": "shoes"}}, "no_filter"),
        ({"lapse": "cpap", "states": []}, "no_states"),
        ({"lapse": "cpap", "states": ["gone"]}, "no_states"),
        ({"patients": []}, "no_patients"),
        ({"patients": [True]}, "no_patients"),
        ({"patients": [1], "more": 2}, "no_audience"),
    ],
)
def test_what_is_no_audience_is_told(said, reason):
    found = read_audience(said)
    assert isinstance(found, Fault)
    assert found.reason == reason


def test_content_in_its_short_and_its_long_form():
    assert read_content({"texts": {"ja": " こんにちは "}}) == Content(
        (Variant("a", 100, {"ja": Text("こんにちは")}),)
    )
    card = {"text": "x", "title": "t", "rows": [["a", "b"]]}
    said = {
        "variants": [
            {"name": "a", "share": 60, "texts": {"en": card}, "channels": {"sms": {"en": "s"}}},
            {"name": "b", "share": 40, "texts": {"en": "y"}},
        ],
        "buttons": [{"does": "book"}, {"does": "questionnaire", "form": "http://k/phq-9"}],
    }
    assert read_content(said) == Content(
        (
            Variant("a", 60, {"en": Text("x", "t", (("a", "b"),))}, {"sms": {"en": Text("s")}}),
            Variant("b", 40, {"en": Text("y")}),
        ),
        (ButtonSpec("book"), ButtonSpec("questionnaire", "http://k/phq-9")),
    )


def variants(*shares):
    return [
        {"name": name, "share": share, "texts": {"en": "x"}}
        for name, share in zip("abcde", shares, strict=False)
    ]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (None, "no_object"),
        ({"texts": {}}, "no_texts"),
        ({"texts": {"de": "x"}}, "unknown_language"),
        ({"texts": {"en": " "}}, "no_words"),
        ({"texts": {"en": "a\x00b"}}, "no_words"),
        ({"texts": {"en": 5}}, "no_object"),
        ({"texts": {"en": "x" * 2001}}, "too_long"),
        ({"texts": {"en": {"text": "x", "title": "t", "rows": [["a"]]}}}, "no_rows"),
        ({"texts": {"en": {"text": "x", "title": "t", "rows": 5}}}, "no_rows"),
        ({"texts": {"en": {"text": "x", "rows": [["a", "b"]]}}}, "no_words"),
        ({"texts": {"en": "x"}, "pictures": []}, "unknown_key"),
        ({"texts": {"en": "x"}, "channels": {"S M S": {"en": "x"}}}, "no_channel"),
        ({"texts": {"en": "x"}, "variants": variants(100)}, "unknown_key"),
        ({"variants": []}, "no_variants"),
        ({"variants": variants(20, 20, 20, 20, 20)}, "no_variants"),
        ({"variants": variants(50, 50)[::-1]}, "no_variants"),
        ({"variants": variants(50, 49)}, "no_shares"),
        ({"variants": variants(100, 0)}, "no_shares"),
        ({"texts": {"en": "x"}, "buttons": [{"does": "book"}] * 4}, "too_many_buttons"),
        ({"texts": {"en": "x"}, "buttons": [{"does": "book"}] * 2}, "button_twice"),
        ({"texts": {"en": "x"}, "buttons": [{"does": "dance"}]}, "unknown_button"),
        ({"texts": {"en": "x"}, "buttons": [{"does": "questionnaire"}]}, "no_form"),
        ({"texts": {"en": "x"}, "buttons": [{"does": "book", "form": "x"}]}, "no_form"),
    ],
)
def test_what_is_no_content_is_told(said, reason):
    found = read_content(said)
    assert isinstance(found, Fault)
    assert found.reason == reason


NAME = "0a" * 32
SHOWN = {"name": NAME, "width": 1280, "height": 720, "alt": {"ja": "看護師"}}


def test_a_picture_comes_with_words_for_it():
    found = read_content({"texts": {"ja": "x"}, "picture": SHOWN})
    assert isinstance(found, Content)
    assert found.picture == Described(Stored(NAME, 1280, 720), {"ja": "看護師"})


@pytest.mark.parametrize(
    ("changed", "where", "reason"),
    [
        ({"name": "../x"}, "", "no_picture"),
        ({"name": None}, "", "no_picture"),
        ({"width": 0}, "", "no_picture"),
        ({"height": True}, "", "no_picture"),
        ({"height": "9"}, "", "no_picture"),
        ({"alt": "a nurse"}, ".alt", "no_alt"),
        ({"alt": {"xx": "a nurse"}}, ".alt", "no_alt"),
        ({"alt": {"ja": " "}}, ".alt.ja", "no_words"),
        ({"alt": {"ja": "x" * 201}}, ".alt.ja", "too_long"),
        ({"link": "https://x"}, ".link", "unknown_key"),
    ],
)
def test_what_is_no_picture_is_told(changed, where, reason):
    found = read_content({"texts": {"ja": "x"}, "picture": SHOWN | changed})
    assert found == Fault(f"content.picture{where}", reason)
