"""How answers of the triage are typed, and how old somebody is."""

from datetime import date

import pytest

from clinic.triage.load import catalogue
from flows import words
from flows.choosing import offered
from flows.effects import Offer
from flows.events import Chose, PickedDate, Said
from flows.triage_asking import hint, option_of, read, read_age
from flows.triage_case import Case, age_on

BASE = catalogue()["unclear"].base.questions
OFFERS = (
    Offer("yes", "Yes"),
    Offer("no", "No"),
    Offer("unsure", "Don't know yet"),
    Offer("back", "Back"),
)


@pytest.mark.parametrize(
    "typed",
    [
        "not sure",
        "I don't know",
        "Maybe.",
        "わからない",
        "分かりません",
        "不确定",
        "不確定",
        "不知道",
        "не знаю",
    ],
)
def test_not_sure_is_an_answer_where_it_is_offered(typed):
    assert offered(OFFERS, typed) == "unsure"
    assert offered(OFFERS[:2], typed) is None
    assert read(BASE["age"], Said(typed), "en") == "unsure"


def test_where_not_sure_is_not_offered_the_words_mean_what_they_meant():
    assert words.read("わからない") is words.Word.HELP


@pytest.mark.parametrize(
    ("language", "text", "years"),
    [
        ("en", "78", 78),
        ("en", "78 years old", 78),
        ("en", "5 months", 5 / 12),
        ("en", "3 weeks", 3 / 52),
        ("en", "10 days", 10 / 366),
        ("en", "1 year and 6 months", 1.5),
        ("en", "2.5", 2.5),
        ("ja", "７８歳です", 78),
        ("ja", "生後3か月", 0.25),
        ("ja", "1歳6か月", 1.5),
        ("zh-Hant", "6個月大", 0.5),
        ("zh-Hans", "三十八岁", 38),
        ("zh-Hans", "2周", 2 / 52),
        ("ru", "5 месяцев", 5 / 12),
        ("ru", "41 год", 41),
        ("ru", "2 недели", 2 / 52),
        ("en", "old enough", None),
        ("en", "years", None),
        ("en", "some months", None),
        ("en", "1 year and some months 3 or 4", None),
    ],
)
def test_ages_are_read_as_they_are_written(language, text, years):
    found = read_age(text, language)
    assert found == (years if years is None else pytest.approx(years))


def test_an_age_nobody_has_is_no_answer():
    assert read(BASE["age"], Said("1950"), "en") is None
    assert read(BASE["age"], Said("in spring"), "en") is None
    assert read(BASE["temperature"], Said("38度5分"), "ja") == 38.5
    assert read(BASE["temperature"], Said("38"), "ja") == 38


def test_several_options_may_be_named_at_once():
    modifiers = BASE["modifiers"]
    assert read(modifiers, Said("diabetes and smoker"), "en") == ("diabetes", "smoker")
    assert read(modifiers, Said("нет"), "ru") == ()
    assert read(modifiers, Said("a cat"), "en") is None
    assert read(modifiers, Said(","), "en") is None
    assert read(modifiers, Chose("none"), "en") == ()
    assert read(BASE["sex"], Chose("option:female"), "en") == "female"
    assert read(BASE["sex"], PickedDate(date(2026, 1, 1)), "en") is None
    assert read(BASE["severity"], Chose("number:8"), "en") == 8
    assert option_of(BASE["sex"], "option:nobody") is None
    assert hint(BASE["sex"]).text == "nav.choose"
    assert hint(BASE["age"]).text == "triage.hint_age"


@pytest.mark.parametrize(
    ("born", "today", "least", "below"),
    [
        (date(1961, 11, 23), date(2026, 11, 23), 65, 65.01),  # the birthday itself
        (date(1961, 11, 24), date(2026, 11, 23), 64.9, 65),
        (date(2026, 8, 23), date(2026, 11, 23), 0.25, 0.26),
        (date(2026, 8, 26), date(2026, 11, 23), 0.2, 0.25),
        (date(2024, 2, 29), date(2026, 2, 28), 1.9, 2),
        (date(2024, 2, 29), date(2026, 3, 1), 2, 2.01),
        (date(2025, 12, 31), date(2026, 1, 1), 0, 0.01),
    ],
)
def test_ages_are_counted_from_birthday_to_birthday(born, today, least, below):
    age = age_on(today, born)
    assert age is not None
    assert least <= age < below


def test_no_age_is_known_of_who_has_no_date_of_birth_or_a_wrong_one():
    assert age_on(date(2026, 1, 1), None) is None
    assert age_on(date(2026, 1, 1), date(2027, 1, 1)) is None


def test_a_name_that_is_no_presentation_fits_nobody():
    assert Case().fitting(("gone", "headache")) == ("headache",)
