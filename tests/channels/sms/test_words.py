"""What stands in an SMS and what it costs, and what the gateway's webhook may bring."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from bot.channels.channel import Ignored, Malformed, MediaReceived, TextReceived, Unsigned
from bot.channels.sms import parse, render, webhook
from clinic.message.types import Button, Card, Link, Message

AT = datetime(2026, 11, 22, tzinfo=UTC)
TOKEN, BASE = "token", "https://c.example/kayoi"
SID = "SM" + "0" * 32
FORM = {"MessageSid": SID, "From": "+819012345678", "Body": "停止", "NumMedia": "0"}


def test_a_visit_stands_in_few_lines_without_buttons():
    message = Message(
        "A visit is coming up.",
        "en",
        card=Card("Your visit", (("For", "Maria Ito"), ("When", "Wed, Nov 25,\u00a010:00"))),
        buttons=(Button("Yes", "t"),),
        links=(Link("Answer here:", "https://c.example/l/t"), Link("Call", "tel:119")),
    )
    assert render.text(message) == (
        "A visit is coming up.\nFor: Maria Ito\nWhen: Wed, Nov 25, 10:00\n"
        "Answer here: https://c.example/l/t\nCall 119"
    )


def test_what_an_emergency_asks_is_answered_by_number():
    message = Message("Is it so now?", "en", buttons=(Button("Yes", "t"),), urgent=True)
    assert render.text(message) == "Is it so now?\n1 Yes"


def test_a_long_text_is_cut_and_its_link_stays_whole():
    link = Link("Answer:", "https://c.example/l/" + "t" * 24)
    words = render.text(Message("長" * 5000, "ja", links=(link,)))
    assert words.endswith("…\nAnswer: " + link.url)
    assert len(words) == render.SHORT


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("а" * 70, 1),  # Cyrillic
        ("あ" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments_are_counted_as_networks_charge_for_them(words, count):
    assert render.segments(words) == count


def test_signs_that_no_telephone_shows_are_left_out():
    assert render.text(Message("a\x00\u202eb\tc", "en")) == "abc"


def call(fields, mark=None, body=None):
    signature = webhook.signature(TOKEN, BASE + "/webhooks/sms", fields) if mark is None else mark
    body = urlencode(fields).encode() if body is None else body
    return webhook.read({"x-twilio-signature": signature}, body, TOKEN, BASE)


def test_a_signed_form_is_one_event():
    (received,) = call(FORM)
    assert (received.event_id, received.address) == (SID, "+819012345678")
    inbound = parse.parse(received.payload)
    assert (inbound.content, inbound.occurred_at) == (TextReceived("停止"), received.occurred_at)


def test_the_signature_is_that_of_twilios_own_example():
    """https://www.twilio.com/docs/usage/security, as their libraries test it."""
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
        "Caller": "+14158675309",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert webhook.signature("12345", url, fields) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@pytest.mark.parametrize("mark", ["", "x", "é"])
def test_a_forged_form_is_not_taken(mark):
    with pytest.raises(Unsigned):
        call(FORM, mark)


def test_without_a_public_address_nothing_can_be_signed():
    mark = webhook.signature(TOKEN, "/webhooks/sms", FORM)
    with pytest.raises(Unsigned):
        webhook.read({webhook.HEADER: mark}, urlencode(FORM).encode(), TOKEN, "")


@pytest.mark.parametrize(
    "body", [b"\xff", b"From=a&From=b", b"a", b"&".join(b"a%d=1" % n for n in range(99))]
)
def test_what_is_no_form_is_malformed(body):
    with pytest.raises(Malformed):
        call(FORM, "signed", body)


def test_a_form_without_an_id_is_malformed():
    with pytest.raises(Malformed):
        call({**FORM, "MessageSid": "1"})


def test_a_short_code_has_no_account_to_answer_to():
    (received,) = call({**FORM, "From": "74242"})
    assert received.address == ""


def test_pictures_are_named_and_empty_texts_ignored():
    _, _, picture = parse.event({**FORM, "Body": "", "NumMedia": "1"}, AT)
    _, _, nothing = parse.event({**FORM, "Body": " "}, AT)
    assert parse.parse(picture).content == MediaReceived("image", SID)
    assert parse.parse(nothing).content == Ignored("empty")


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b'{"MessageSid":1}'])
def test_a_stored_event_that_is_none_of_ours_is_malformed(payload):
    with pytest.raises(Malformed):
        parse.parse(payload)
