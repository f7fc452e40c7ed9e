"""A text as it arrives on a telephone, and what is to be minded."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from admin.campaigns.phone import Phone, Warning, made_up, missing, phones, trials
from clinic.campaign.content import Facts
from clinic.campaign.types import ButtonSpec, Content, Text, Value, Variant
from clinic.message.types import Message
from clinic.picture.types import Described, Stored

FACTS = Facts(name="Иванова Мария", clinic="Sakura", phone="03")
BOOK = (ButtonSpec("book"),)


def show(value: Value, _: str) -> str:
    return value if isinstance(value, str) else f"{value:%m-%d}"


def label(does: str, language: str) -> str:
    return f"{does} {language}"


def content(text: str, buttons: tuple[ButtonSpec, ...] = (), **more: str) -> Content:
    texts = {"en": Text(text), **{tag: Text(said) for tag, said in more.items()}}
    return Content((Variant("a", 100, texts),), buttons)


ADDRESS = "https://clinic.example"


def seen(said: Content, channel: str = "line") -> list[Phone]:
    return phones(said, channel, ("ja", "en"), FACTS, 2026, show, label, ADDRESS)


def test_each_language_with_a_text_is_shown_with_the_patients_values_and_its_buttons() -> None:
    found = seen(content("Dear {name}", BOOK, ja="{name} 様"))
    assert [(one.said.language, one.said.text) for one in found] == [
        ("ja", "Иванова Мария 様"),
        ("en", "Dear Иванова Мария"),
    ]
    assert [one.buttons for one in found] == [("book ja",), ("book en",)]
    assert all(one.warnings == () for one in found)


def test_a_value_that_the_patient_lacks_is_told_and_its_place_stays_seen() -> None:
    [one] = seen(content("Seen on {last_visit}"))
    assert one.said.text == "Seen on {last_visit}"
    assert one.warnings == (Warning("lacks", "{last_visit}"),)
    [one] = seen(content("Dear {nmae}"))
    assert one.warnings == (Warning("unknown", "{nmae}"),)


def test_what_is_longer_than_a_screen_is_told() -> None:
    assert seen(content("a" * 500))[0].warnings == ()
    assert seen(content("a" * 501))[0].warnings == (Warning("long", n=501),)


def test_an_sms_has_no_buttons_and_costs_by_its_length() -> None:
    [one] = seen(content("short", BOOK), "sms")
    assert (one.buttons, one.warnings) == ((), (Warning("no_buttons"),))
    assert seen(content("短" * 71), "sms")[0].warnings == (Warning("parts", n=2),)
    cut = seen(content("短" * 600), "sms")[0].warnings
    assert cut[0] == Warning("cut")
    assert seen(content("short"), "sms")[0].warnings == ()


def test_a_card_is_part_of_an_sms() -> None:
    text = Text("短" * 60, "Visit", (("day", "Monday 10:00"),))
    said = Content((Variant("a", 100, {"en": text}),))
    assert seen(said, "sms")[0].warnings == (Warning("parts", n=2),)
    [message] = trials(said, ("en",), FACTS, 2026, show, label, lambda _: "[TEST]", ADDRESS)
    assert message.text.endswith("Visit\nday: Monday 10:00")


def test_languages_without_a_text_are_named() -> None:
    assert missing(content("x"), ("ja", "en")) == ["ja"]


def test_a_test_is_marked_and_has_nobodys_values() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    facts = made_up("Yamada", "Sakura", "", now, "Visit")
    assert facts.last_visit == date(2026, 8, 24)
    said = content("{name}, {service} {next_visit} {phone}", BOOK)
    assert trials(said, ("en",), facts, 2026, show, label, lambda _: "[TEST]", ADDRESS) == [
        Message("[TEST]\n\nYamada, Visit 11-23 –\n\n[book en]", "en")
    ]


PICTURE = Described(Stored("0a" * 32, 800, 600), {"en": "A flu shot"})


@pytest.mark.parametrize(
    ("channel", "address", "why"),
    [
        ("line", ADDRESS, None),
        ("telegram", ADDRESS, None),
        ("email", ADDRESS, None),
        ("webchat", None, None),
        ("sms", ADDRESS, "no_picture"),
        ("sms", None, "no_picture"),
        ("line", None, "no_address"),
        ("telegram", "http://clinic.example", "no_address"),
        ("email", None, "no_address"),
    ],
)
def test_a_picture_is_shown_where_it_arrives_and_else_the_reason_is_told(
    channel: str, address: str | None, why: str | None
) -> None:
    said = replace(content("Flu shots"), picture=PICTURE)
    [one] = phones(said, channel, ("en",), FACTS, 2026, show, label, address)
    assert bool(one.said.picture) == (why is None)
    assert [warning.reason for warning in one.warnings] == ([why] if why else [])


def test_a_picture_that_is_not_described_in_a_language_is_told_of() -> None:
    said = replace(content("Flu shots"), picture=replace(PICTURE, alt={"ja": "注射"}))
    [one] = phones(said, "line", ("en",), FACTS, 2026, show, label, ADDRESS)
    assert [warning.reason for warning in one.warnings] == ["no_alt"]


def test_a_test_to_oneself_has_the_picture() -> None:
    said = replace(content("Flu shots"), picture=PICTURE)
    [message] = trials(said, ("en",), FACTS, 2026, show, label, lambda _: "[TEST]", ADDRESS)
    assert message.picture is not None
    assert message.picture.url == f"{ADDRESS}/pictures/{'0a' * 32}.jpg"
    assert message.picture.alt == "A flu shot"
