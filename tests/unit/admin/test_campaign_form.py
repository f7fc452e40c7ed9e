"""The form of a campaign: the trigger and the texts that its fields say."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from admin.campaigns.form import draft_of, texts_of
from clinic.campaign.content import faults
from clinic.campaign.read import read_content
from clinic.campaign.trigger import read_trigger
from clinic.campaign.types import Content, Draft, Fault

TEXTS = {"ja": "長い文", "en": "Long"}
BEFORE = Draft("Recall", "follow_up", {"filter": {"and": []}}, {"kind": ""}, {"texts": TEXTS})
AT = {"at": "10:00", "late": "skip"}


def drafted(said: Mapping[str, str], before: Draft = BEFORE) -> Draft:
    return draft_of(said, lambda name: ["0"], before, ["ja", "en"])


@pytest.mark.parametrize(
    ("said", "trigger"),
    [
        (
            {"when": "relative", "base": "birth", "weeks": "6", "leap": "03-01"},
            {"kind": "relative", "base": "birth", "weeks": 6},
        ),
        (
            {"when": "relative", "base": "score", "score": "phq_9|total", "at_least": "9,5",
             "at_most": "20", "days": "1", "group": "cpap", "service": "scope"},
            {"kind": "relative", "base": "score", "form": "phq_9", "item": "total",
             "at_least": 9.5, "at_most": 20, "days": 1},
        ),
        (
            {"when": "relative", "base": "visit_missed", "service": "scope", "codes": "1",
             "score": "phq_9|total", "at_least": "1"},
            {"kind": "relative", "base": "visit_missed", "service": "scope"},
        ),
        (
            {"when": "relative", "base": "lapse", "group": "cpap", "state": "due", "service": "x"},
            {"kind": "relative", "base": "lapse", "group": "cpap", "state": "due"},
        ),
        ({"when": "birthday", "leap": "03-01"}, {"kind": "birthday", "leap": "03-01"}),
        (
            {"when": "weekly", "from": "2026-12-01", "until": "2027-01-31"},
            {"kind": "weekly", "weekdays": [0], "from": "2026-12-01", "until": "2027-01-31"},
        ),
        (
            {"when": "every", "days": "14", "from": "2026-12-01", "until": ""},
            {"kind": "every", "days": 14, "from": "2026-12-01"},
        ),
    ],
)  # fmt: skip
def test_the_fields_of_a_trigger_say_what_it_is(
    said: dict[str, str], trigger: dict[str, Any]
) -> None:
    made = drafted({**said, **AT}).trigger
    assert made == trigger | AT
    assert not isinstance(read_trigger(made), Fault)


@pytest.mark.parametrize(
    ("said", "where", "reason"),
    [
        ({"score": "phq_9|total"}, "at_least", "needed"),
        ({"score": "phq_9|total", "at_least": "nine"}, "at_least", "no_number"),
        ({"score": "phq_9|total", "at_least": "１２"}, "at_least", "no_number"),
        ({"score": "phq_9|total", "at_least": "9", "at_most": "8"}, "at_most", "empty_range"),
        ({"score": "", "at_least": "9"}, "form", "no_word"),
        ({"score": "phq_9", "at_least": "9"}, "item", "no_word"),
    ],
)
def test_a_score_that_is_none_is_told(said: dict[str, str], where: str, reason: str) -> None:
    made = drafted({"when": "relative", "base": "score", **said, **AT}).trigger
    assert read_trigger(made) == Fault(where, reason)


def test_a_channel_may_be_given_a_text_of_its_own_and_lose_it_again() -> None:
    long = {"text-a-ja": "長い文", "text-a-en": "Long"}
    made = drafted(
        {**long, "sms-a-ja": " 短い文\r\n ", "email-a-en": "Dear reader", "sms-a-en": ""}
    )
    [variant] = made.content["variants"]
    assert variant["texts"] == TEXTS
    assert variant["channels"] == {"sms": {"ja": "短い文"}, "email": {"en": "Dear reader"}}
    content = read_content(made.content)
    assert isinstance(content, Content)
    assert [*faults(content, "ja")] == []
    assert texts_of(made)[0]["channels"]["sms"] == {"ja": "短い文"}
    [variant] = drafted(long, made).content["variants"]
    assert "channels" not in variant


def test_what_a_script_wrote_for_other_channels_and_cards_stays() -> None:
    card = {"text": "Short", "title": "Visit", "rows": [["When", "Monday"]]}
    before = replace(
        BEFORE, content={"texts": TEXTS, "channels": {"line": {"ja": "行"}, "sms": {"en": card}}}
    )
    assert texts_of(before)[0]["channels"] == {"line": {"ja": "行"}, "sms": {"en": "Short"}}
    said = {"text-a-ja": "長い文", "sms-a-en": "Shorter"}
    [variant] = drafted(said, before).content["variants"]
    assert variant["channels"] == {
        "line": {"ja": "行"},
        "sms": {"en": {**card, "text": "Shorter"}},
    }
