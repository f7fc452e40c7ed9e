"""Texts: every key in every catalogue, values by type, and what is missing."""

import ast
import logging
import re
import string
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from clinic.message.types import Button, Card, ContactRequest, DatePick, Link, Message
from flows import texts
from flows.effects import Choice, DateRange, Offer, OpenLink, Row, Say, named
from flows.texts import CATALOGUES, LANGUAGES, compose, fields, shown, text

ROOT = Path(__file__).parents[2]
TOKYO = ZoneInfo("Asia/Tokyo")
AT = datetime(2026, 11, 25, 10, 0, tzinfo=TOKYO)
KEY = re.compile(r"[a-z][a-z_]*(?:\.[a-z0-9_]+)+")


def keys_in_code(*folders):
    """Every string of the product's sources that has the form of a message key."""
    found = set()
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return {value for value in found if KEY.fullmatch(value)}


def named_keys():
    """The keys that code names: such strings whose first part is a catalogue's own."""
    domains = {key.split(".")[0] for key in CATALOGUES["en"]}
    return {it for it in keys_in_code("flows", "bot", "scheduler") if it.split(".")[0] in domains}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_catalogue_has_every_key(language):
    assert CATALOGUES[language].keys() == CATALOGUES["en"].keys()


def test_no_key_is_named_that_has_no_text():
    assert named_keys() - CATALOGUES["en"].keys() == set()


def test_no_text_is_unused():
    assert CATALOGUES["en"].keys() - keys_in_code("flows", "bot", "scheduler") == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_takes_the_same_values(language):
    for key, forms in CATALOGUES[language].items():
        for form in forms:
            assert fields(form) == fields(CATALOGUES["en"][key][0]), (language, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_and_is_a_plain_pattern(language):
    plurals = {"en": 2, "ru": 3}.get(language, 1)
    for key, forms in CATALOGUES[language].items():
        assert all(form.strip() == form and form for form in forms), (language, key)
        assert len(forms) in (1, plurals), (language, key)
        for form in forms:
            for _, name, spec, conversion in string.Formatter().parse(form):
                assert name is None or name.isidentifier(), (language, key)
                assert spec in (None, "", "time", "day", "year"), (language, key)
                assert conversion is None, (language, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_navigation_fits_a_quick_reply(language):
    """LINE cuts labels of quick replies at 20 characters."""
    for key in ("nav.", "pause.go_on", "pause.leave_it", "menu.", "welcome.yes", "handoff.take"):
        for name, forms in CATALOGUES[language].items():
            if name.startswith(key) and name not in ("menu.ask", "menu.hint", "nav.choose"):
                assert len(forms[0]) <= 20, (language, name, forms[0])


def test_a_key_that_stands_twice_is_a_build_error(tmp_path, monkeypatch):
    folder = tmp_path / "en"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.po").write_text('msgid "x.y"\nmsgstr "z"\n')
    monkeypatch.setattr(texts, "LOCALES", tmp_path)
    with pytest.raises(ValueError, match=r"x\.y stands twice"):
        texts.catalogue("en")


@pytest.mark.parametrize(
    ("language", "instant", "day", "year"),
    [
        ("ja", "11月25日(水) 10:00", "11月25日(水)", "1948年3月5日"),
        ("en", "Wed, Nov 25, 10:00", "Wed, Nov 25", "Mar 5, 1948"),
        ("zh-Hant", "11月25日 週三 10:00", "11月25日 週三", "1948年3月5日"),
        ("zh-Hans", "11月25日周三 10:00", "11月25日周三", "1948年3月5日"),
        ("ru", "ср, 25 нояб., 10:00", "ср, 25 нояб.", "5 мар. 1948\u00a0г."),
    ],
)
def test_days_and_times_are_shown_in_the_patients_language(language, instant, day, year):
    assert shown(AT, language) == instant
    assert shown(AT, language, "day") == shown(AT.date(), language) == day
    assert shown(AT, language, "time") == "10:00"
    assert shown(date(1948, 3, 5), language, "year") == year


def test_an_instant_is_shown_in_its_own_zone():
    assert shown(AT.astimezone(ZoneInfo("UTC")), "en") == "Wed, Nov 25, 01:00"


def test_an_afternoon_is_never_taken_for_a_morning():
    assert shown(AT.replace(hour=15, minute=5), "en", "time") == "15:05"


def test_numbers_are_grouped_as_the_language_does():
    assert shown(12345, "en") == "12,345"
    assert shown(12345, "ru") == "12\u00a0345"


def test_a_name_is_data():
    assert text("choice.name", {"name": "{0.__class__} {name}"}, "en") == "{0.__class__} {name}"
    assert shown("Sa\u202eto\x00\x1b[1m\n", "en") == "Sa\u202eto  [1m"


def test_a_text_that_one_language_lacks_is_said_in_english(monkeypatch, caplog):
    monkeypatch.setitem(CATALOGUES, "ja", {})
    with caplog.at_level(logging.ERROR):
        assert text("nav.menu", {}, "ja") == "Menu"
    assert "nav.menu" in caplog.text


def test_a_text_that_no_language_has_is_replaced(caplog, monkeypatch):
    assert text("no.such_key", {}, "ru") == CATALOGUES["ru"]["dialogue.missing"][0]
    assert text("no.such_key", {}, "xx") == CATALOGUES["en"]["dialogue.missing"][0]
    monkeypatch.setattr(texts, "CATALOGUES", {})
    assert text("no.such_key", {}, "ru") == ""


def test_a_value_that_is_lacking_is_left_out(caplog):
    assert text("choice.name", {}, "en") == ""
    assert "lacks name" in caplog.text


def test_plural_forms_follow_the_number(monkeypatch):
    monkeypatch.setitem(
        CATALOGUES, "ru", {"x.n": ("{n} визит", "{n} визита", "{n} визитов"), "x.s": ("a", "b")}
    )
    said = [text("x.n", {"n": n}, "ru") for n in (1, 2, 5, 21, 0)]
    assert said == ["1 визит", "2 визита", "5 визитов", "21 визит", "0 визитов"]
    assert text("x.n", {"n": 1, "count": 2}, "ru") == "1 визита"
    monkeypatch.setitem(CATALOGUES, "en", {"x.n": ("{n} visit", "{n} visits")})
    assert [text("x.n", {"n": n}, "en") for n in (1, 2)] == ["1 visit", "2 visits"]
    assert text("x.n", {"n": "many"}, "en") == "many visits"
    assert text("x.n", {"n": 1, "count": "1"}, "en") == "1 visits"


def token(number):
    return f"t{number}"


def test_plain_texts_become_one_message_with_the_buttons_of_the_last():
    says = (Say("dialogue.thanks"), Say("nav.choose", choices=(named("7", "Dr Sato"),)))
    messages, offers = compose(says, "en", token)
    assert messages == (
        Message(
            f"{text('dialogue.thanks', {}, 'en')}\n\n{text('nav.choose', {}, 'en')}",
            "en",
            buttons=(Button("Dr Sato", "t0"),),
        ),
    )
    assert offers == (Offer("7", "Dr Sato"),)


def test_a_card_and_an_urgent_text_stand_alone():
    card = Say("link.check", title="link.check_title", rows=(Row("link.row_name", "Aki"),))
    urgent = Say("safety.now", links=(OpenLink("safety.call", "tel:119"),), urgent=True)
    thanks = Say("dialogue.thanks")
    messages, _ = compose((thanks, urgent, thanks, card, thanks, thanks), "en", token)
    words = text("dialogue.thanks", {}, "en")
    assert [it.text for it in messages] == [
        words,
        "Yes, now",
        words,
        text("link.check", {}, "en"),
        f"{words}\n\n{words}",
    ]
    assert messages[1].urgent
    assert messages[1].links == (Link("Call now", "tel:119"),)
    assert messages[3].card == Card("Your request", (("Name", "Aki"),))


def test_a_card_shows_a_date_of_birth_with_its_year():
    row = Row("link.row_birth", date(1948, 3, 5), with_year=True)
    (message,), _ = compose(
        (Say("link.check", title="link.check_title", rows=(row,)),), "en", token
    )
    assert message.card.rows == (("Date of birth", "Mar 5, 1948"),)


def test_tokens_of_pickers_come_after_those_of_the_choices():
    days = DateRange(date(2026, 11, 25), date(2026, 11, 21), date(2027, 5, 1))
    ask = Say(
        "link.ask_phone",
        choices=(Choice("a", "nav.back"), Choice("b", "nav.menu")),
        date_range=days,
        ask_contact="link.share_phone",
    )
    (message,), _ = compose((ask,), "en", token)
    assert [it.token for it in message.buttons] == ["t0", "t1"]
    assert message.date_pick == DatePick(
        "Choose a day", "t2", days.initial, days.earliest, days.latest
    )
    assert message.contact_request == ContactRequest("Share my number", "t3")


def test_nothing_said_is_no_message():
    assert compose((), "en", token) == ((), ())
