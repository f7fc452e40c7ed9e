"""Messages as LINE objects: exactly, and within every limit."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.graphemes import graphemes, units
from bot.channels.line.render import BRAND, INK, PALE, RED, WHITE, clean, render, split
from bot.local.simulators.line_rules import problems
from clinic.message.types import (
    Button,
    Card,
    ContactRequest,
    DatePick,
    Link,
    Message,
)
from tests.channels import specs

Json = dict[str, Any]
FAMILY = "👨‍👩‍👧‍👦"


def words(text: str, **style: Any) -> Json:
    return {
        "type": "text",
        "text": text,
        "size": "lg",
        "color": INK,
        "wrap": True,
        "scaling": True,
    } | style


def button(label: str, action: Json, *, back: str = PALE, ink: str = INK) -> Json:
    return {
        "type": "box",
        "layout": "vertical",
        "contents": [words(label, color=ink, weight="bold", align="center")],
        "action": action | {"label": label},
        "backgroundColor": back,
        "paddingAll": "16px",
        "cornerRadius": "10px",
    }


def bubble(alt: str, *contents: Json, **more: Any) -> Json:
    body = {"type": "box", "layout": "vertical", "contents": list(contents), "spacing": "lg"}
    return {
        "type": "flex",
        "altText": alt,
        "contents": {"type": "bubble", "size": "mega", "body": body} | more,
    }


def postback(label: str, token: str) -> Json:
    return {"type": "postback", "data": token, "displayText": label}


def row(label: str, value: str) -> Json:
    texts = [words(label, color="#555555", flex=2), words(value, weight="bold", flex=3)]
    return {"type": "box", "layout": "horizontal", "contents": texts, "spacing": "md"}


PICK = DatePick("日を選ぶ", "d1", date(2026, 9, 3), date(2026, 9, 2), date(2026, 12, 1))


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(
            Message("またのご来院をお待ちしています。", "ja"),
            [{"type": "text", "text": "またのご来院をお待ちしています。"}],
            id="words alone are a text message",
        ),
        pytest.param(
            Message("Sato\u202e <b>%s</b> {x}", "en"),
            [{"type": "text", "text": "Sato <b>%s</b> {x}"}],
            id="markup in a name is plain text, marks that reorder are gone",
        ),
        pytest.param(
            Message(
                "よろしいですか？",
                "ja",
                buttons=(Button("はい", "y", "primary"), Button("いいえ", "n")),
            ),
            [
                bubble(
                    "よろしいですか？",
                    words("よろしいですか？"),
                    button("はい", postback("はい", "y"), back=BRAND, ink=WHITE),
                    button("いいえ", postback("いいえ", "n")),
                )
            ],
            id="choices are large buttons, the main one in the brand's colour",
        ),
        pytest.param(
            Message("何をしますか？", "ja", buttons=(Button("やめる", "x", "navigation"),)),
            [
                {
                    "type": "text",
                    "text": "何をしますか？",
                    "quickReply": {
                        "items": [
                            {
                                "type": "action",
                                "action": postback("やめる", "x") | {"label": "やめる"},
                            }
                        ]
                    },
                }
            ],
            id="navigation is a quick reply",
        ),
        pytest.param(
            Message(
                "予約しました。",
                "ja",
                card=Card("ご予約", (("日時", "9月2日 9:00"), ("備考", ""))),
                links=(Link("電話する", "tel:+81312345678"),),
            ),
            [
                bubble(
                    "予約しました。\nご予約\n日時: 9月2日 9:00\n備考: –",
                    words("予約しました。"),
                    words("ご予約", size="xl", weight="bold"),
                    row("日時", "9月2日 9:00"),
                    row("備考", "–"),
                    button("電話する", {"type": "uri", "uri": "tel:+81312345678"}),
                )
            ],
            id="a card has rows, a link opens its address",
        ),
        pytest.param(
            Message(
                "ご希望の日は？", "ja", date_pick=PICK, contact_request=ContactRequest("p", "c")
            ),
            [
                bubble(
                    "ご希望の日は？",
                    words("ご希望の日は？"),
                    button(
                        "日を選ぶ",
                        {
                            "type": "datetimepicker",
                            "data": "d1",
                            "mode": "date",
                            "initial": "2026-09-03",
                            "min": "2026-09-02",
                            "max": "2026-12-01",
                        },
                        back=BRAND,
                        ink=WHITE,
                    ),
                )
            ],
            id="a date picker, and no contact request, which LINE does not have",
        ),
        pytest.param(
            Message(
                "すぐに119番に電話してください。\n一人にならないでください。",
                "ja",
                links=(Link("119番", "tel:119"),),
                urgent=True,
            ),
            [
                bubble(
                    "すぐに119番に電話してください。\n一人にならないでください。",
                    words("一人にならないでください。"),
                    button("119番", {"type": "uri", "uri": "tel:119"}, back=RED, ink=WHITE),
                    header={
                        "type": "box",
                        "layout": "vertical",
                        "contents": [
                            words(
                                "すぐに119番に電話してください。",
                                size="xl",
                                weight="bold",
                                color=WHITE,
                            )
                        ],
                        "backgroundColor": RED,
                        "paddingAll": "16px",
                    },
                )
            ],
            id="emergency text has a red header",
        ),
        pytest.param(
            Message("Read https://clinic.example/a", "en", buttons=(Button("Yes", "y"),)),
            [
                {"type": "text", "text": "Read https://clinic.example/a"},
                bubble("Yes", button("Yes", postback("Yes", "y"))),
            ],
            id="text with an address stays a text message, where the address works",
        ),
        pytest.param(
            Message("More", "en", links=(Link("Map", "geo:35.6,139.7"),)),
            [{"type": "text", "text": "More\nMap\ngeo:35.6,139.7"}],
            id="a link that LINE takes in no button is written out",
        ),
        pytest.param(
            Message("Open", "en", links=(Link("道", "https://clinic.example/道 案内?a=b%20c"),)),
            [
                bubble(
                    "Open",
                    words("Open"),
                    button(
                        "道",
                        {
                            "type": "uri",
                            "uri": "https://clinic.example/%E9%81%93%20%E6%A1%88%E5%86%85?a=b%20c",
                        },
                    ),
                )
            ],
            id="an address is percent-encoded",
        ),
        pytest.param(
            Message(" ", "en"), [{"type": "text", "text": "…"}], id="nothing is still something"
        ),
    ],
)
def test_a_message_as_line_objects(message: Message, expected: list[Json]) -> None:
    assert render(message) == expected
    assert problems(render(message)) == []


def test_a_long_label_is_whole_on_the_button_and_cut_where_line_limits_it() -> None:
    label = "ほとんど毎日、または一日に何度も症状があり、そのためにふだんの生活に支障がありました"
    [flex] = render(Message("?", "ja", buttons=(Button(label, "t"),)))
    box = flex["contents"]["body"]["contents"][1]
    assert box["contents"][0]["text"] == label
    assert box["action"]["displayText"] == label
    assert len(graphemes(box["action"]["label"])) == 40
    assert box["action"]["label"].endswith("…")


def test_a_quick_reply_shows_twenty_characters_however_they_are_coded() -> None:
    label = "🏳️‍🌈" * 10 + "か\u3099" * 20
    [text] = render(Message("?", "ja", buttons=(Button(label, "t", "navigation"),)))
    shown = text["quickReply"]["items"][0]["action"]["label"]
    assert graphemes(shown) == ["🏳️‍🌈"] * 10 + ["か\u3099"] * 9 + ["…"]


def test_a_day_alone_can_still_be_picked() -> None:
    day = date(2026, 9, 2)
    message = Message("?", "ja", date_pick=DatePick("日", "d", day, day, day))
    assert problems(render(message)) == []
    assert split(message) == (message,)


def test_twenty_five_choices_come_in_three_bubbles_of_one_call() -> None:
    message = Message("?", "en", buttons=tuple(Button(f"B{n}", f"t{n}") for n in range(25)))
    assert split(message) == (message,)
    objects = render(message)
    assert [len(o["contents"]["body"]["contents"]) for o in objects] == [13, 12, 1]
    assert problems(objects) == []


def test_more_navigation_than_quick_replies_hold_is_not_lost() -> None:
    message = Message(
        "?", "en", buttons=tuple(Button(f"B{n}", f"t{n}", "navigation") for n in range(15))
    )
    [flex] = render(message)
    assert len(flex["quickReply"]["items"]) == 13
    assert tokens([flex]) == [f"t{n}" for n in (13, 14, *range(13))]


def test_what_does_not_fit_one_call_is_split_and_navigation_stays_last() -> None:
    choices = tuple(Button(f"B{n}", f"t{n}") for n in range(80))
    back = Button("Back", "b", "navigation")
    parts = split(Message("Which?", "en", buttons=(back, *choices)))
    assert [part.text for part in parts] == ["Which?", ""]
    assert [back in part.buttons for part in parts] == [False, True]
    assert [token for part in parts for token in tokens(render(part))] == [
        *(f"t{n}" for n in range(80)),
        "b",
    ]


def test_a_very_long_text_is_split_into_texts_of_5000_units() -> None:
    text = "これは長い文章です。" * 3000
    parts = split(Message(text, "ja", buttons=(Button("はい", "y"),)))
    objects = [found for part in parts for found in render(part)]
    assert "".join(found["text"] for found in objects if found["type"] == "text") == text
    assert tokens(objects) == ["y"]
    assert tokens(render(parts[-1])) == ["y"]


def tokens(value: Any) -> list[str]:
    """The postback data anywhere in message objects, in order."""
    if isinstance(value, list):
        return [token for part in value for token in tokens(part)]
    if not isinstance(value, dict):
        return []
    own = [value["data"]] if "data" in value else []
    return own + [token for part in value.values() for token in tokens(part)]


WORDS = st.text(max_size=30) | st.sampled_from(
    ["予約", FAMILY * 30, "a\u0301" * 150, "กำลัง" * 30, "\ud83d", "\x00", "한국어", "e" * 400]
)
LONG = (
    WORDS | st.integers(1, 9).map(lambda n: "薬を飲みましたか。\n" * 80 * n) | st.just("😀" * 3000)
)
TOKENS = st.text("abcXYZ019_-", min_size=1, max_size=64)
BUTTONS = st.builds(Button, WORDS, TOKENS, st.sampled_from(["primary", "choice", "navigation"]))
LINKS = st.builds(
    Link,
    WORDS,
    st.sampled_from(["https://a.example/", "tel:119", "geo:1", ""]).flatmap(
        lambda start: WORDS.map(lambda rest: start + rest * 3)
    ),
)
CARDS = st.builds(Card, WORDS, st.lists(st.tuples(WORDS, WORDS), max_size=12).map(tuple))
DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
PICKS = st.builds(
    lambda label, token, days: DatePick(label, token, days[1], days[0], days[2]),
    WORDS,
    TOKENS,
    st.lists(DAYS, min_size=3, max_size=3).map(sorted),
)
MESSAGES = st.builds(
    Message,
    LONG,
    st.just("ja"),
    st.none() | CARDS,
    st.lists(BUTTONS, max_size=30).map(tuple),
    st.lists(LINKS, max_size=8).map(tuple),
    st.none() | PICKS,
    st.none(),
    st.booleans(),
)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(MESSAGES)
def test_every_message_fits_lines_limits_and_keeps_every_button(message: Message) -> None:
    calls = [render(part) for part in split(message)]
    assert [problems(objects) for objects in calls] == [[]] * len(calls)
    kept = sorted(token for objects in calls for token in tokens(objects))
    wanted = [button.token for button in message.buttons]
    wanted += [message.date_pick.token] if message.date_pick else []
    assert kept == sorted(wanted)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(MESSAGES)
def test_every_message_is_one_that_lines_openapi_takes(message: Message) -> None:
    specs.needed("messaging-api.yml")
    for part in split(message):
        body = {"to": "U1", "messages": render(part)}
        assert specs.problems("messaging-api.yml", "PushMessageRequest", body) == []


def test_the_notification_tells_as_much_as_fits() -> None:
    text = "薬を飲みましたか。" * 300
    [flex] = render(Message(text[:900], "ja", urgent=True))
    assert flex["altText"] == text[:900]
    flex = render(Message(text, "ja", urgent=True))[0]
    assert 1400 < units(flex["altText"]) <= 1500


def test_reordering_marks_and_controls_are_taken_out() -> None:
    assert clean("a\u202eb\u2066c\x00d\re\nf\tg\ud83d") == "abcde\nf\tg\ufffd"
