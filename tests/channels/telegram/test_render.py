"""Messages and the exact requests they become."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram.render import render, split
from bot.local.simulators.telegram import TelegramSimulator
from bot.local.simulators.telegram_text import clean, parse_html, trimmed, units
from clinic.message.types import Button, Card, ContactRequest, DatePick, Link, Message
from tests.channels.telegram.spec import check_call

FAMILY = "👨‍👩‍👧"
TEXT = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("<>&\"'\n\u200e\u202eأ👨")
)
WAY = {"role": "navigation"}
VISIT = Card("次回の予約", (("日時", "9月2日 9:30"), ("場所", "本院 <2階>")))
DAYS = DatePick("Day", "d", date(2026, 9, 1), date(2026, 9, 1), date(2026, 12, 1))


def one(text="Which day?", **parts):
    message = Message(text, "en", **parts)
    assert split(message) == (message,)
    return sent(message)


def sent(message):
    request = render(message, "11")
    assert check_call("sendMessage", request) == ()
    return request


def shown(request):
    """The text as the patient reads it."""
    text, entities = parse_html(clean(request["text"]))
    return trimmed(clean(text), entities)[0]


def keys(request):
    rows = request["reply_markup"]["inline_keyboard"]
    return [[key.get("callback_data") or key["url"] for key in row] for row in rows]


def test_a_plain_message():
    assert one() == {
        "chat_id": 11,
        "text": "Which day?",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "reply_markup": {"remove_keyboard": True},
    }


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"text": "a < b & c > d"}, "a &lt; b &amp; c &gt; d"),
        ({"text": "<b>&amp;"}, "&lt;b&gt;&amp;amp;"),
        (
            {"card": VISIT},
            "Which day?\n\n<b>次回の予約</b>\n日時: 9月2日 9:30\n場所: 本院 &lt;2階&gt;",
        ),
        ({"text": "", "card": Card("A\nB")}, "<b>A B</b>"),
        ({"urgent": True, "text": "Call 119.\nNow."}, "<b>🔴 Call 119.</b>\nNow."),
        ({"links": (Link("Call us", "tel:+81312345678"),)}, "Which day?\n\nCall us: +81312345678"),
        ({"links": (Link("Call 119", "tel:119"),)}, "Which day?\n\nCall 119"),
        (
            {"links": (Link("Web", "http://localhost:1/"),)},
            "Which day?\n\nWeb: http://localhost:1/",
        ),
        ({"text": " tab\there\r\n\x00\u202eend "}, "tab here\n end"),
        ({"text": "", "buttons": (Button("Go", "t"),)}, "…"),
        ({"text": "\u200b\u2060", "buttons": (Button("Go", "t"),)}, "…"),
        ({"date_pick": DAYS}, "Which day?"),
    ],
)
def test_text(parts, text):
    assert one(**parts)["text"] == text


@pytest.mark.parametrize(
    ("parts", "rows"),
    [
        ({"buttons": (Button("Dental clinic", "a"), Button("Eyes", "b"))}, [["a"], ["b"]]),
        (
            {"buttons": tuple(Button(t, t) for t in ("9:00", "9:30", "10:00", "10:30"))},
            [["9:00", "9:30", "10:00"], ["10:30"]],
        ),
        (
            {
                "buttons": (
                    *(Button(f"{n}:00", str(n)) for n in (7, 8, 9)),
                    Button("Another day", "x"),
                )
            },
            [["7", "8", "9"], ["x"]],
        ),
        (
            {
                "buttons": (
                    Button("Back", "b", **WAY),
                    Button("Yes", "y"),
                    Button("End", "e", **WAY),
                ),
                "links": (Link("Map", "https://example.org/map"), Link("Call", "tel:119")),
            },
            [["y"], ["https://example.org/map"], ["b", "e"]],
        ),
        (
            {"buttons": tuple(Button(f"way {n}", str(n), **WAY) for n in range(4))},
            [["0", "1", "2"], ["3"]],
        ),
        ({"links": (Link("App", "tg://resolve?domain=x"),)}, [["tg://resolve?domain=x"]]),
    ],
)
def test_buttons_stand_in_rows_that_are_easy_to_hit(parts, rows):
    assert keys(one(**parts)) == rows


def test_a_contact_is_asked_for_with_a_keyboard_that_goes_away():
    request = one(contact_request=ContactRequest("Share my number", "t"))
    assert request["reply_markup"] == {
        "keyboard": [[{"text": "Share my number", "request_contact": True}]],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }


def test_a_contact_request_beside_buttons_is_a_message_of_its_own():
    asked = ContactRequest("Share my number", "t")
    message = Message("Your number?", "en", buttons=(Button("Back", "b"),), contact_request=asked)
    first, second = map(sent, split(message))
    assert (first["text"], keys(first)) == ("Your number?", [["b"]])
    assert second["text"] == "Share my number"
    assert "keyboard" in second["reply_markup"]


@pytest.mark.parametrize(
    ("message", "address"),
    [
        (Message("x" * 4097, "en"), "11"),
        (Message("x", "en", buttons=(Button("Go", "t" * 65),)), "11"),
        (Message("x", "en", buttons=(Button("Go", ""),)), "11"),
        (Message("x", "en", buttons=tuple(Button("Go", "t") for _ in range(101))), "11"),
        (Message("x", "en"), "U4af4980629"),
    ],
)
def test_a_message_that_telegram_would_refuse_is_a_bug(message, address):
    with pytest.raises(ValueError):
        render(message, address)


def test_a_long_message_keeps_its_card_and_buttons_under_the_last_part():
    message = Message(
        "痛いときは。" * 1500, "ja", card=VISIT, buttons=(Button("OK", "k"),), urgent=True
    )
    *parts, last = map(sent, split(message))
    assert all(units(shown(part)) <= 4096 for part in (*parts, last))
    assert [shown(part).startswith("🔴") for part in (*parts, last)] == [True, False, False]
    assert all(part["reply_markup"] == {"remove_keyboard": True} for part in parts)
    assert (keys(last), "次回の予約" in last["text"]) == ([["k"]], True)


def test_a_card_too_large_for_one_message_follows_as_lines():
    card = Card("Visits", tuple((f"row {n}", "x" * 50) for n in range(200)))
    requests = [sent(part) for part in split(Message("All:", "en", card=card))]
    read = "\n".join(map(shown, requests))
    assert all(f"row {n}: " in read for n in range(200))


def test_more_than_a_hundred_buttons_go_on_in_the_next_message():
    buttons = tuple(Button(f"choice {n}", str(n)) for n in range(130))
    requests = [sent(part) for part in split(Message("Pick", "en", buttons=buttons))]
    assert [len(keys(request)) for request in requests] == [100, 30]


def kept(text):
    """The text as Telegram keeps it for everybody, and without space at the ends."""
    return clean(text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def in_ledger(message):
    """What the patient received."""
    telegram = TelegramSimulator(manual_time=True)
    telegram.start(11)
    telegram.api.methods["sendmessage"](sent(message))
    return telegram.received(11)[0]


@settings(derandomize=True, deadline=None, max_examples=300)
@given(TEXT)
def test_any_text_arrives_as_it_was(text):
    read = in_ledger(Message(text, "en"))
    says_something = any(unicodedata.category(sign)[0] in "LMNPS" for sign in kept(text))
    assert read == kept(text) or (read == "…" and not says_something)


@settings(derandomize=True, deadline=None)
@given(TEXT, TEXT, TEXT)
def test_any_text_arrives_in_a_card(title, label, value):
    line, title, label, value = (" ".join(kept(t).split()) for t in ("Hi", title, label, value))
    read = in_ledger(Message(line, "en", card=Card(title, ((label, value),))))
    assert read == f"Hi\n\n{title}\n{label}: {value}".strip()


@settings(derandomize=True, deadline=None)
@given(TEXT, st.sampled_from(["", "Go now."]))
def test_any_urgent_text_arrives(text, more):
    read = in_ledger(Message(f"Call 119 {text}\n{more}", "en", urgent=True))
    assert read == "🔴 " + kept(f"Call 119 {text}\n{more}")
