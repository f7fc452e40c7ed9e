"""Several messages in one push."""

from bot.channels.line.render import MAX_OBJECTS, fit_together, render, render_together
from clinic.message.types import Button, Card, Message, Picture

ONE, TWO = Message("One", "en"), Message("Two", "en")
BOOK, STOP = Button("Book", "b", "primary"), Button("No more of these", "s", "navigation")


def test_they_stand_one_after_the_other_as_they_would_alone() -> None:
    shown = Message("Visit", "en", card=Card("Next", (("When", "9:30"),)), buttons=(BOOK,))
    assert render_together([ONE, shown, TWO]) == render(ONE) + render(shown) + render(TWO)
    assert render_together([shown]) == render(shown)


def test_what_stands_below_the_chat_is_gathered_under_the_last_each_word_once() -> None:
    first = Message("One", "en", buttons=(BOOK, STOP, Button("Menu", "m", "navigation")))
    last = Message("Two", "en", buttons=(Button(STOP.label, "later", "navigation"),))
    *others, shown = render_together([first, last])
    assert all("quickReply" not in one for one in others)
    items = [item["action"] for item in shown["quickReply"]["items"]]
    assert [(one["label"], one["data"]) for one in items] == [
        (STOP.label, "later"),
        ("Menu", "m"),
    ]


def test_five_objects_fit_and_no_more() -> None:
    assert fit_together([ONE] * MAX_OBJECTS)
    assert not fit_together([ONE] * (MAX_OBJECTS + 1))
    picture = Picture("https://x/a.jpg", "https://x/b.jpg", "A", 10, 10)
    assert fit_together([Message("With", "en", picture=picture), ONE, TWO, ONE])
    assert not fit_together([Message("With", "en", picture=picture), ONE, TWO, ONE, TWO])


def test_more_ways_out_than_line_shows_do_not_fit() -> None:
    ways = [Message("", "en", buttons=(Button(str(n), "t", "navigation"),)) for n in range(14)]
    several = Message("One", "en", buttons=tuple(one.buttons[0] for one in ways[:7]))
    more = Message("Two", "en", buttons=tuple(one.buttons[0] for one in ways[7:]))
    assert not fit_together([several, more])
    assert fit_together([several, Message("Two", "en", buttons=more.buttons[:6])])
