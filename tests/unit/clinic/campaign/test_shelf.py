"""Campaigns ready to use can be started as they are, in every language."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from clinic.campaign.content import faults
from clinic.campaign.read import read_audience, read_content
from clinic.campaign.shelf import shelf
from clinic.campaign.trigger import Once, Season, read_trigger
from clinic.campaign.types import KINDS, Fault, OfFilter, OfLapse
from clinic.config import Language
from clinic.lapse.presets import presets
from clinic.occasion.rules import seasons
from clinic.occasion.types import COUNTRIES

LANGUAGES = get_args(Language)
NOW = datetime(2026, 12, 31, 18, 0, tzinfo=UTC)
UNWRITTEN = {"message", "moved", "event"}  # only the clinic knows what it has to tell
GROUPS = {group.code for group in presets()}


@pytest.mark.parametrize("code", shelf())
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_template_becomes_a_draft_that_can_be_started_once_its_text_is_there(
    code: str, language: str
) -> None:
    template = shelf()[code]
    draft = template.draft(language, NOW, LANGUAGES, "JP")
    assert draft.name
    assert draft.kind in KINDS
    audience = read_audience(draft.audience)
    assert not isinstance(audience, Fault)
    assert not isinstance(audience, OfLapse) or audience.group in GROUPS
    assert not isinstance(read_trigger(draft.trigger), Fault)
    content = read_content(draft.content)
    assert not isinstance(content, Fault), content
    wanted = LANGUAGES if code in UNWRITTEN else ()
    assert [*faults(content, language)] == [
        Fault(f"content.variants.0.texts.{one}", "unwritten") for one in wanted
    ]
    assert {*content.variants[0].texts} == {*LANGUAGES} == {*template.names}


def test_what_goes_out_once_is_set_for_the_next_morning() -> None:
    draft = shelf()["moved"].draft("en", NOW, LANGUAGES, "JP")
    assert read_trigger(draft.trigger) == Once(datetime(2027, 1, 1, 10, 0), "send")


def test_a_clinic_of_two_languages_gets_the_texts_of_two() -> None:
    draft = shelf()["birthday"].draft("ru", NOW, ("ru", "en"), "RU")
    assert {*draft.content["texts"]} == {"ru", "en"}


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_season_of_the_shelf_has_the_days_of_the_clinics_country(country: str) -> None:
    known = {one.name: one for one in seasons(country)}
    seen = set()
    for code, template in shelf().items():
        if template.trigger["kind"] != "season":
            continue
        trigger = read_trigger(template.draft("en", NOW, LANGUAGES, country).trigger)
        assert isinstance(trigger, Season)
        season = known[trigger.name]
        assert trigger.last == season.last, code
        assert (trigger.first == season.first) == (template.ahead == 0), code
        seen.add(trigger.name)
    assert {"pollen_spring", "heat", "cough", "influenza", "norovirus", "hand_foot_mouth"} <= seen


def test_what_is_said_before_a_season_begins_before_it() -> None:
    draft = shelf()["pollen"].draft("ja", NOW, LANGUAGES, "JP")
    assert (draft.trigger["from"], draft.trigger["to"]) == ("01-20", "05-10")


def test_a_country_without_seasons_gets_days_to_be_moved() -> None:
    trigger = read_trigger(shelf()["heat"].draft("en", NOW, LANGUAGES, "XX").trigger)
    assert isinstance(trigger, Season)


def test_heat_and_cough_concern_those_with_diseases_too() -> None:
    heat = read_audience(shelf()["heat"].audience)
    assert isinstance(heat, OfFilter)
    aged, ill = heat.tree["or"]
    assert aged == {"field": "age", "op": "at_least", "value": 65}
    assert {"E11", "I50", "N18"} <= {*ill["value"]}
    cough = read_audience(shelf()["cough"].audience)
    assert isinstance(cough, OfFilter)
    assert cough.tree["and"][0]["when"] == "ever"
