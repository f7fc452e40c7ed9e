"""Campaigns ready to use can be started as they are, in every language."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from clinic.campaign.content import faults
from clinic.campaign.read import read_audience, read_content
from clinic.campaign.shelf import shelf
from clinic.campaign.trigger import Once, read_trigger
from clinic.campaign.types import KINDS, Fault, OfLapse
from clinic.config import Language
from clinic.lapse.presets import presets

LANGUAGES = get_args(Language)
NOW = datetime(2026, 12, 31, 18, 0, tzinfo=UTC)
GROUPS = {group.code for group in presets()}


@pytest.mark.parametrize("code", shelf())
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_template_becomes_a_draft_that_can_be_started(code: str, language: str) -> None:
    template = shelf()[code]
    draft = template.draft(language, NOW, LANGUAGES)
    assert draft.name
    assert draft.kind in KINDS
    audience = read_audience(draft.audience)
    assert not isinstance(audience, Fault)
    assert not isinstance(audience, OfLapse) or audience.group in GROUPS
    assert not isinstance(read_trigger(draft.trigger), Fault)
    content = read_content(draft.content)
    assert not isinstance(content, Fault), content
    assert [*faults(content, language)] == []
    assert {*content.variants[0].texts} == {*LANGUAGES} == {*template.names}


def test_what_goes_out_once_is_set_for_the_next_morning() -> None:
    draft = shelf()["moved"].draft("en", NOW, LANGUAGES)
    assert read_trigger(draft.trigger) == Once(datetime(2027, 1, 1, 10, 0), "send")


def test_a_clinic_of_two_languages_gets_the_texts_of_two() -> None:
    draft = shelf()["birthday"].draft("ru", NOW, ("ru", "en"))
    assert {*draft.content["texts"]} == {"ru", "en"}
