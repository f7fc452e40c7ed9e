"""Placeholders: a fixed list, filled in once, and never half."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from clinic.campaign import content
from clinic.campaign.content import Facts, NoText
from clinic.campaign.read import read_content
from clinic.campaign.types import PLACEHOLDERS, Composed, Content, Fault
from clinic.picture.types import Stored
from flows.texts import shown

HANA = Facts(
    name="山田 花子",
    clinic="Kayoi Clinic",
    phone="03-0000-0000",
    last_visit=date(2026, 8, 3),
    next_visit=datetime(2026, 12, 1, 10, 30, tzinfo=ZoneInfo("Asia/Tokyo")),
    service={"ja": "健診", "en": "Check-up"},
    birth_on=date(1960, 2, 29),
)


def said(texts, **more):
    found = read_content({"texts": texts, **more})
    assert isinstance(found, Content), found
    return found


def told(text, facts=HANA, language="en", **more):
    made = said({"en": text, "ja": text} | more.pop("texts", {}), **more)
    return content.compose(made, "a", "line", (language, "ja"), facts, 2026, shown)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Dear {name}", "Dear 山田 花子"),
        ("{family_name}様", "山田様"),
        ("{clinic}, {phone}", "Kayoi Clinic, 03-0000-0000"),
        ("since {last_visit}", "since Mon, Aug 3"),
        ("on {next_visit}: {service}", "on Tue, Dec 1, 10:30: Check-up"),
        ("{birthday}", "Sat, Feb 28"),  # 29 February in a year without one
    ],
)
def test_each_placeholder_is_filled_in(text, words):
    assert told(text).text == words


def test_every_placeholder_of_the_list_has_a_value():
    for name in PLACEHOLDERS:
        assert isinstance(told("{" + name + "}"), Composed), name


def test_braces_in_a_name_are_data_and_nothing_is_filled_in_twice():
    odd = Facts(name="{phone} {0} %s \\1", clinic="Kayoi")
    assert told("Dear {name}.", odd).text == "Dear {phone} {0} %s \\1."


@pytest.mark.parametrize("name", ["family_name", "phone", "last_visit", "next_visit", "birthday"])
def test_who_lacks_a_value_gets_no_half_a_sentence(name):
    assert told("Dear {" + name + "}", Facts(name="Cher", clinic="Kayoi")) == NoText(name)


@pytest.mark.parametrize("text", ["Dear {nmae}", "Dear {name", "Dear name}", "{}", "{{name}}"])
def test_an_unknown_placeholder_is_a_fault_of_the_whole_campaign(text):
    found = list(content.faults(said({"ja": text}), "ja"))
    assert [(it.where, it.reason) for it in found] == [
        ("content.variants.0.texts.ja", "unknown_placeholder")
    ]


@pytest.mark.parametrize("text", ["{write it here}", "{ここに}", "{nmae} {write it here}", "{1}"])
def test_braces_that_ask_staff_to_write_are_told_apart_from_a_name_nobody_knows(text):
    assert [it.reason for it in content.faults(said({"ja": text}), "ja")] == ["unwritten"]


def test_what_is_empty_for_everybody_is_a_fault_of_the_whole_campaign():
    made = said({"ja": "{clinic} {phone}", "en": "{name}"}, channels={"sms": {"ja": "{phone}"}})
    assert list(content.faults(made, "ja", ["phone"])) == [
        Fault("content.variants.0.texts.ja", "empty_phone"),
        Fault("content.variants.0.channels.sms.ja", "empty_phone"),
    ]
    both = content.faults(made, "ja", ["phone", "clinic"])
    assert [it.reason for it in both] == ["empty_clinic", "empty_phone", "empty_phone"]
    assert list(content.faults(made, "ja")) == []


def test_titles_rows_and_channels_are_looked_at_too():
    texts = {"ja": {"text": "x", "title": "{bad}", "rows": [["a", "b"]]}}
    made = said(texts, channels={"sms": {"ja": "{worse}"}})
    assert [it.where for it in content.faults(made, "ja")] == [
        "content.variants.0.texts.ja",
        "content.variants.0.channels.sms.ja",
    ]


def test_the_clinics_first_language_must_be_there_and_stands_in_for_others():
    made = said({"en": "Hello"})
    assert list(content.faults(made, "ja")) == [
        Fault("content.variants.0.texts.ja", "no_first_language")
    ]
    assert content.compose(made, "a", "line", ("ru", "ja"), HANA, 2026, shown) == NoText("language")
    assert told("Hello", language="ru").language == "ja"


def test_a_channel_may_have_a_text_of_its_own():
    made = said({"ja": "長い文", "en": "Long"}, channels={"sms": {"ja": "短い文"}})
    words = {
        (channel, language): content.compose(
            made, "a", channel, (language, "ja"), HANA, 2026, shown
        ).text
        for channel in ("line", "sms")
        for language in ("ja", "en")
    }
    assert words == {
        ("line", "ja"): "長い文",
        ("line", "en"): "Long",
        ("sms", "ja"): "短い文",
        ("sms", "en"): "Long",
    }


def test_a_text_is_personal_if_it_names_something_of_the_patient_or_has_buttons():
    assert not content.personal(said({"ja": "{clinic} {phone}"}))
    assert content.personal(said({"ja": "{name}"}))
    assert content.personal(said({"ja": "x"}, channels={"sms": {"ja": "{name}"}}))
    assert content.personal(said({"ja": "x"}, buttons=[{"does": "book"}]))


def test_a_card_has_its_rows_filled_in():
    texts = {"en": {"text": "x", "title": "{clinic}", "rows": [["When", "{next_visit}"]]}}
    made = said(texts)
    assert content.compose(made, "a", "line", ("en",), HANA, 2026, shown) == Composed(
        "x", "en", "Kayoi Clinic", (("When", "Tue, Dec 1, 10:30"),)
    )


PICTURE = {"name": "0a" * 32, "width": 800, "height": 600, "alt": {"en": "A flu shot"}}


def test_a_picture_goes_with_the_text_and_is_described_in_its_language():
    found = told("Flu shots", picture=PICTURE)
    assert isinstance(found, Composed)
    assert found.picture == Stored("0a" * 32, 800, 600)
    assert found.alt == "A flu shot"


def test_a_picture_without_words_in_the_language_of_the_text_stays_away():
    found = told("Flu shots", language="ja", picture=PICTURE)
    assert isinstance(found, Composed)
    assert (found.picture, found.alt) == (None, "")


def test_a_picture_must_be_described_in_each_language_in_which_anything_is_said():
    made = said({"ja": "x", "en": "y"}, channels={"telegram": {"ru": "z"}}, picture=PICTURE)
    assert list(content.faults(made, "ja")) == [
        Fault("content.picture.alt.ja", "no_alt"),
        Fault("content.picture.alt.ru", "no_alt"),
    ]


def test_a_picture_makes_no_message_personal():
    """The same words and the same picture still go to 500 chats in one call."""
    assert not content.personal(said({"ja": "x"}, picture=PICTURE))
