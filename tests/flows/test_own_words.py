"""The clinic's own first words, and that Kayoi's notice cannot change under its version."""

import hashlib
from dataclasses import replace

import pytest

from clinic.consent.rules import ADDITION, GREETING, KAYOI_NOTICE
from clinic.message.types import Message
from flows import texts, welcome
from flows.effects import Say
from flows.events import Said
from tests.flows.talk import Talk
from tests.flows.world import CTX

OWN = replace(
    CTX,
    consented=False,
    language_chosen=False,
    own_greeting={"en": "Hello from the harbour.\nCall 03.", "ja": "港の医院です。"},
    own_notice={"ja": "写真は1年で消します。", "en": "Pictures go after a year.\n\nReally."},
)


def said(talk: Talk, language: str) -> str:
    messages: tuple[Message, ...]
    messages, _ = texts.compose(talk.told, language, str)
    return "\n".join(message.text for message in messages)


def test_the_clinics_own_greeting_comes_first_in_its_language() -> None:
    words = said(Talk(welcome.flow, ctx=OWN), "en")
    assert words.startswith("Hello from the harbour.\nCall 03.\n\n")
    assert "automatic assistant" not in words
    assert "automatic assistant" in said(
        Talk(welcome.flow, ctx=replace(OWN, own_greeting={"ja": "港の医院です。"})), "en"
    )


def test_the_addition_is_in_the_language_that_was_chosen_a_moment_ago() -> None:
    talk = Talk(welcome.flow, ctx=OWN).do("ja")
    assert "写真は1年で消します。\n\nKayoi Clinic" in said(talk, "ja")


@pytest.mark.parametrize("choice", [(), ("more",)])
def test_the_addition_stands_before_the_question(choice: tuple[str, ...]) -> None:
    talk = Talk(welcome.flow, ctx=replace(OWN, language_chosen=True)).do(*choice)
    words = said(talk, "en")
    assert "\n\nPictures go after a year.\n\nReally.\n\n" in words
    assert words.endswith("?")
    without = said(Talk(welcome.flow, ctx=replace(OWN, language_chosen=True, own_notice={})), "en")
    assert "\n\n\n" not in without


def test_words_of_the_clinic_are_never_read_as_a_pattern() -> None:
    own = {"en": "[[x {clinic}]] {0} %s"}
    talk = Talk(welcome.flow, ctx=replace(OWN, own_greeting=own, own_notice=own))
    assert "[[x {clinic}]] {0} %s" in said(talk, "en")
    assert "[[x {clinic}]] {0} %s" in said(talk.do("en"), "en")
    assert said(talk.do(Said("???")), "en")


def test_whoever_changes_kayois_notice_raises_its_version() -> None:
    """Consents are kept with the version that they were given to: raise KAYOI_NOTICE, then this."""
    keys = ("welcome.notice", "welcome.notice_in_full")
    shown = [texts.CATALOGUES[language][key] for language in texts.LANGUAGES for key in keys]
    mark = hashlib.sha256(repr(shown).encode()).hexdigest()[:16]
    assert (KAYOI_NOTICE, mark) == (2, "498891fce9280677")


def longest(language: str) -> list[Say]:
    ctx = replace(
        OWN,
        language=language,
        language_chosen=True,
        clinic_name="医" * 200,
        own_greeting={language: "あ" * GREETING},
        own_notice={language: "い" * ADDITION},
    )
    return [*Talk(welcome.flow, ctx=ctx).told, *Talk(welcome.flow, ctx=ctx).do("more").told]


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_the_longest_words_fit_the_smallest_platform_all_at_once(language: str) -> None:
    messages, _ = texts.compose(longest(language), language, str)
    assert sum(len(one.text.encode("utf-16-le")) // 2 for one in messages) < 4096
