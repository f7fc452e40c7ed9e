"""Several messages as one text."""

from uuid import uuid4

import pytest

from bot.channels.channel import Sent
from bot.channels.telegram.client import TelegramChannel
from bot.channels.telegram.render import TEXT_LIMIT, joined
from bot.local.simulators.telegram import TelegramSimulator
from clinic.message.types import Button, Card, Link, Message, Picture

ONE, TWO = Message("One", "en"), Message("Two", "en")
BOOK, STOP = Button("Book", "b", "primary"), Button("No more of these", "s", "navigation")


def test_the_words_stand_below_each_other_and_all_buttons_below_them() -> None:
    first = Message("One", "en", buttons=(STOP,))
    last = Message("Two", "en", buttons=(BOOK, Button(STOP.label, "later", "navigation")))
    whole = joined([first, ONE, last])
    assert whole is not None
    assert whole.text.split("\n\n———\n\n") == ["One", "One", "Two"]
    assert whole.buttons == (BOOK, Button(STOP.label, "later", "navigation"))


@pytest.mark.parametrize(
    "other",
    [
        Message("Two", "ja"),
        Message("Two", "en", card=Card("Next")),
        Message("Two", "en", links=(Link("Map", "https://x"),)),
        Message("Two", "en", picture=Picture("https://x/a", "https://x/b", "A", 1, 1)),
        Message("Two", "en", urgent=True),
        Message(" ", "en"),
        Message("x" * TEXT_LIMIT, "en"),
    ],
    ids=["language", "card", "links", "picture", "urgent", "nothing", "long"],
)
def test_what_would_lose_something_goes_alone(other: Message) -> None:
    assert joined([ONE, other]) is None
    assert joined([other, ONE]) is None


def test_of_two_with_choices_nobody_could_tell_whose_they_are() -> None:
    choosing = Message("One", "en", buttons=(BOOK,))
    assert joined([choosing, TWO]) is not None
    assert joined([choosing, Message("Two", "en", buttons=(BOOK,))]) is None


async def test_they_are_one_call(telegram: TelegramSimulator, channel: TelegramChannel) -> None:
    telegram.start(7)
    assert channel.fit_together([ONE, TWO])
    outcome = await channel.send_together("7", [ONE, TWO], key=uuid4())
    assert isinstance(outcome, Sent)
    assert telegram.received(7) == ["One\n\n———\n\nTwo"]
    with pytest.raises(ValueError, match="do not go as one"):
        await channel.send_together("7", [ONE, Message("Two", "ja")], key=uuid4())
