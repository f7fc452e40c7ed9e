"""A text as it arrives on a telephone, and what is to be minded."""

from datetime import UTC, date, datetime

from admin.campaigns.phone import Phone, Warning, made_up, missing, phones, trials
from clinic.campaign.content import Facts
from clinic.campaign.types import ButtonSpec, Content, Text, Value, Variant

FACTS = Facts(name="Иванова Мария", clinic="Sakura", phone="03")
BOOK = (ButtonSpec("book"),)


def show(value: Value, _: str) -> str:
    return value if isinstance(value, str) else f"{value:%m-%d}"


def label(does: str, language: str) -> str:
    return f"{does} {language}"


def content(text: str, buttons: tuple[ButtonSpec, ...] = (), **more: str) -> Content:
    texts = {"en": Text(text), **{tag: Text(said) for tag, said in more.items()}}
    return Content((Variant("a", 100, texts),), buttons)


def seen(said: Content, channel: str = "line") -> list[Phone]:
    return phones(said, channel, ("ja", "en"), FACTS, 2026, show, label)


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
    [(_, words)] = trials(said, ("en",), FACTS, 2026, show, label, lambda _: "[TEST]")
    assert words.endswith("Visit\nday: Monday 10:00")


def test_languages_without_a_text_are_named() -> None:
    assert missing(content("x"), ("ja", "en")) == ["ja"]


def test_a_test_is_marked_and_has_nobodys_values() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    facts = made_up("Yamada", "Sakura", "", now, "Visit")
    assert facts.last_visit == date(2026, 8, 24)
    said = content("{name}, {service} {next_visit} {phone}", BOOK)
    assert trials(said, ("en",), facts, 2026, show, label, lambda _: "[TEST]") == [
        ("en", "[TEST]\n\nYamada, Visit 11-23 –\n\n[book en]")
    ]
