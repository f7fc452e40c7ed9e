"""A picture above the text: what each channel makes of it. The text never depends on it."""

from dataclasses import replace
from uuid import UUID

import pytest
from telegram.error import BadRequest

from bot.channels.channel import Refused, Sent
from bot.channels.email import render as email
from bot.channels.line import render as line
from bot.channels.sms import render as sms
from bot.channels.telegram import render as telegram
from bot.channels.telegram.client import TelegramChannel
from bot.channels.webchat import render as webchat
from bot.local.simulators.line_rules import problems
from bot.local.simulators.telegram import TOKEN, TelegramSimulator
from clinic.message.codec import dump_message, load_message
from clinic.message.types import Button, Card, Link, Message, Picture
from tests.channels import specs
from tests.channels.telegram.spec import check_call

BASE = "https://chat.clinic.example/pictures/0a1b"
SHOWN = Picture(f"{BASE}.jpg", f"{BASE}-small.jpg", "A nurse <gives> a flu shot", 1200, 800)
OWN = replace(SHOWN, url="/pictures/0a1b.jpg", preview_url="/pictures/0a1b-small.jpg")
SAID = Message("Flu shots <from> Monday.", "en", picture=SHOWN)
IMAGE = {
    "type": "image",
    "originalContentUrl": f"{BASE}.jpg",
    "previewImageUrl": f"{BASE}-small.jpg",
}
KEY = UUID(int=1)


def test_a_stored_message_keeps_its_picture_and_old_ones_have_none() -> None:
    assert load_message(dump_message(SAID)) == SAID
    assert load_message(b'{"text": "Hello", "language": "en"}').picture is None


def test_line_shows_the_picture_above_the_text_in_one_call() -> None:
    assert line.split(SAID) == (SAID,)
    assert line.render(SAID) == [IMAGE, {"type": "text", "text": SAID.text}]
    assert problems(line.render(SAID)) == []


def test_line_is_given_no_picture_that_it_cannot_fetch() -> None:
    without = line.render(replace(SAID, picture=None))
    assert line.render(replace(SAID, picture=OWN)) == without
    far = replace(SHOWN, url="https://a.example/" + "x" * 2000)
    assert line.render(replace(SAID, picture=far)) == without


def test_line_takes_the_picture_with_buttons_and_quick_replies() -> None:
    buttons = (Button("Book", "b"), Button("Stop these", "s", "navigation"))
    shown = line.render(replace(SAID, buttons=buttons, card=Card("Flu", (("When", "Monday"),))))
    assert [one["type"] for one in shown] == ["image", "flex"]
    assert "quickReply" in shown[-1]
    assert problems(shown) == []


def test_a_message_too_long_for_one_call_of_line_has_its_picture_once_and_first() -> None:
    parts = line.split(replace(SAID, text="word " * 6000))
    kinds = [one["type"] for part in parts for one in line.render(part)]
    assert kinds[0] == "image"
    assert kinds.count("image") == 1
    assert all(problems(line.render(part)) == [] for part in parts)


def test_what_line_is_given_follows_its_own_schema() -> None:
    specs.needed("messaging-api.yml")
    body = {"to": "U1", "messages": line.render(SAID)}
    assert specs.problems("messaging-api.yml", "PushMessageRequest", body) == []


def test_the_simulator_refuses_pictures_that_line_would_refuse() -> None:
    for url in ("http://chat.clinic.example/a.jpg", "/a.jpg", "", "https://a/" + "x" * 2000):
        assert problems([IMAGE | {"originalContentUrl": url}]) != []


def test_telegram_gets_a_photo_with_the_text_as_caption() -> None:
    sent = telegram.render(SAID, "7")
    assert sent["photo"] == SHOWN.url
    assert sent["caption"] == "Flu shots &lt;from&gt; Monday."
    assert check_call("sendPhoto", sent) == ()


def test_telegram_shows_the_picture_above_a_text_too_long_for_a_caption_in_one_call() -> None:
    sent = telegram.render(replace(SAID, text="x" * 1025), "7")
    assert "photo" not in sent
    assert sent["link_preview_options"] == {
        "url": SHOWN.url,
        "prefer_large_media": True,
        "show_above_text": True,
    }
    assert check_call("sendMessage", sent) == ()


def test_telegram_is_given_no_picture_without_a_public_address() -> None:
    sent = telegram.render(replace(SAID, picture=OWN), "7")
    assert sent == telegram.render(replace(SAID, picture=None), "7")


def test_a_photo_without_words_says_what_it_shows() -> None:
    assert telegram.render(replace(SAID, text=""), "7")["caption"].startswith("A nurse")


def test_the_web_chat_shows_the_picture_by_a_path_of_its_own_host() -> None:
    shown = {"path": "/pictures/0a1b.jpg", "alt": SHOWN.alt, "width": 1200, "height": 800}
    assert webchat.render(SAID)["picture"] == shown
    assert webchat.render(replace(SAID, picture=OWN))["picture"] == shown
    assert webchat.render(replace(SAID, picture=None))["picture"] is None


def test_a_mail_has_the_picture_with_its_words_and_the_text_below_it() -> None:
    page, text = email.page(SAID), email.text(SAID)
    assert f'<img src="{BASE}.jpg" alt="A nurse &lt;gives&gt; a flu shot" width="600"' in page
    assert page.index("<img") < page.index("Flu shots")
    assert text.startswith("Flu shots <from> Monday.\n\n[A nurse <gives> a flu shot]\n" + BASE)
    assert "img" not in email.page(replace(SAID, picture=OWN))
    assert "pictures" not in email.text(replace(SAID, picture=OWN))


def test_an_sms_is_the_same_with_and_without_a_picture() -> None:
    said = replace(SAID, links=(Link("Call", "tel:+81312345678"),))
    assert sms.text(said) == sms.text(replace(said, picture=None))


@pytest.fixture
async def telegram_side():
    async with TelegramSimulator(validator=check_call, manual_time=True) as simulator:
        simulator.start(7)
        channel = TelegramChannel(TOKEN, "s3cret", simulator.url)
        yield simulator, channel
        await channel.close()
        assert simulator.spec_problems == []


async def test_telegram_takes_a_photo(telegram_side) -> None:
    simulator, channel = telegram_side
    assert isinstance(await channel.send("7", SAID, key=KEY), Sent)
    last = simulator.ledger.entries[-1]
    assert (last["method"], last["photo"], last["text"]) == ("sendPhoto", SHOWN.url, SAID.text)


async def test_a_picture_that_telegram_cannot_fetch_costs_nobody_the_text(telegram_side) -> None:
    simulator, channel = telegram_side
    simulator.api.unfetched.add(SHOWN.url)
    calls = []
    sending = channel._send

    async def counted(message: Message, address: str):
        calls.append(message.picture)
        return await sending(message, address)

    channel._send = counted
    assert isinstance(await channel.send("7", SAID, key=KEY), Sent)
    assert isinstance(await channel.send("7", SAID, key=KEY), Sent)
    sent = [(one["method"], one["text"]) for one in simulator.ledger.entries]
    assert sent == [("sendMessage", SAID.text)] * 2
    assert calls == [SHOWN, None, None]  # the second time it is not even tried


async def test_a_patient_who_blocked_the_bot_is_not_written_to_again_without_the_picture(
    telegram_side,
) -> None:
    simulator, channel = telegram_side
    simulator.block(7)
    found = await channel.send("7", SAID, key=KEY)
    assert isinstance(found, Refused)
    assert found.gone
    assert len(simulator.ledger.entries) == 0


async def test_the_simulator_refuses_a_caption_that_is_too_long(telegram_side) -> None:
    _, channel = telegram_side
    with pytest.raises(BadRequest, match="aption is too long"):
        await channel._bot.send_photo(7, SHOWN.url, caption="x" * 1025)
