from datetime import UTC, date, datetime, timedelta, timezone

import orjson
import pytest

from bot.channels.webchat.render import render, render_line
from bot.channels.webchat.types import Line
from clinic.message.types import Button, Card, ContactRequest, DatePick, Link, Message

AT = datetime(2026, 11, 24, 10, 30, tzinfo=timezone(timedelta(hours=9)))
EMPTY = {
    "text": "x",
    "language": "ja",
    "urgent": False,
    "picture": None,
    "card": None,
    "buttons": [],
    "links": [],
    "date": None,
    "contact": None,
}


@pytest.mark.parametrize(
    ("message", "json"),
    [
        (Message("x", "ja"), {}),
        (Message("x", "ja", urgent=True), {"urgent": True}),
        (
            Message("x", "ja", card=Card("予約", (("日時", "10:30"), ("担当", "<b>佐藤</b>")))),
            {"card": {"title": "予約", "rows": [["日時", "10:30"], ["担当", "<b>佐藤</b>"]]}},
        ),
        (
            Message("x", "ja", buttons=(Button("はい", "t1", "primary"), Button("戻る", "t2"))),
            {
                "buttons": [
                    {"label": "はい", "token": "t1", "role": "primary"},
                    {"label": "戻る", "token": "t2", "role": "choice"},
                ]
            },
        ),
        (
            Message(
                "x",
                "ja",
                date_pick=DatePick(
                    "日", "t", date(2026, 12, 1), date(2026, 11, 25), date(2027, 1, 31)
                ),
            ),
            {
                "date": {
                    "label": "日",
                    "token": "t",
                    "initial": "2026-12-01",
                    "earliest": "2026-11-25",
                    "latest": "2027-01-31",
                    "typed": False,
                }
            },
        ),
        (
            Message("x", "ja", contact_request=ContactRequest("番号", "t")),
            {"contact": {"label": "番号", "token": "t"}},
        ),
    ],
)
def test_every_part_of_a_message_reaches_the_page(
    message: Message, json: dict[str, object]
) -> None:
    assert render(message) == EMPTY | json


@pytest.mark.parametrize(
    ("url", "opens"),
    [
        ("https://clinic.example/x", True),
        ("HTTPS://clinic.example/x", True),
        ("http://clinic.example", True),
        ("tel:119", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        (" javascript:alert(1)", False),
        ("//evil.example", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_only_web_addresses_and_telephone_numbers_can_be_opened(url: str, opens: bool) -> None:
    (link,) = render(Message("x", "ja", links=(Link("here", url),)))["links"]
    assert link == {"label": "here", "url": url if opens else None}


def test_instants_are_in_utc_and_of_one_length_so_that_the_page_can_order_them() -> None:
    shown = [
        render_line(Line("c1", "clinic", at, message=Message("x", "ja")))["at"]
        for at in (AT, AT + timedelta(microseconds=1), AT.astimezone(UTC))
    ]
    assert shown == [
        "2026-11-24T01:30:00.000000+00:00",
        "2026-11-24T01:30:00.000001+00:00",
        "2026-11-24T01:30:00.000000+00:00",
    ]


def test_what_was_erased_or_cannot_be_read_says_so() -> None:
    for event in (None, b"{}", b"not JSON"):
        assert render_line(Line("p1", "patient", AT, event=event))["erased"] is True


def test_a_reminder_keeps_its_buttons() -> None:
    line = Line("c1", "clinic", AT, message=Message("x", "ja"), standing=True)
    assert render_line(line)["standing"] is True


def test_every_line_is_json() -> None:
    message = Message("\u202e<script>", "ru", Card("t"), (Button("b", "t"),), (Link("l", "u"),))
    orjson.dumps(render_line(Line("c1", "staff", AT, message=message)))


def test_a_line_of_staff_says_who_writes_and_whether_it_is_a_doctor() -> None:
    message = Message("x", "ja")
    line = Line("c1", "staff", AT, message=message, name="佐藤", doctor=True)
    assert render_line(line)["by"] == {"name": "佐藤", "doctor": True}
    assert "by" not in render_line(Line("c1", "clinic", AT, message=message))
