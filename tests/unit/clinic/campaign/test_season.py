"""Seasons by name: their days, and whom they concern."""

import pytest

from clinic.campaign.read import read_audience
from clinic.campaign.season import concerned, season_of, window
from clinic.campaign.types import OfFilter
from clinic.occasion.data import SEASON_NAMES
from clinic.occasion.types import Season


def test_a_season_has_other_days_in_another_country_and_none_where_there_is_none() -> None:
    japan, russia = season_of("pollen_spring", "JP"), season_of("pollen_spring", "RU")
    assert japan is not None
    assert window(japan) == {"from": "02-01", "to": "05-10", "name": "pollen_spring"}
    assert russia is not None
    assert window(russia) == {"from": "04-10", "to": "06-10", "name": "pollen_spring"}
    assert season_of("pollen_spring", "XX") is None
    assert season_of("carnival", "JP") is None


def test_a_warning_may_begin_before_new_year() -> None:
    january = Season("cold", {}, "JP", (1, 5), (2, 29), ())
    assert window(january, ahead=10) == {"from": "12-26", "to": "02-29", "name": "cold"}


@pytest.mark.parametrize("name", SEASON_NAMES)
def test_whom_a_season_concerns_can_be_asked_for(name: str) -> None:
    said = concerned(name)
    assert said is None or isinstance(read_audience(said), OfFilter)


def test_those_with_the_diagnoses_at_any_time_or_who_are_old_or_everybody() -> None:
    assert concerned("influenza") is None
    assert concerned("carnival") is None
    asked = {"field": "condition", "op": "starts", "when": "ever"}
    cough = ["J42", "J43", "J44", "J45", "J46", "J47"]
    assert concerned("cough") == {"filter": {"and": [{**asked, "value": cough}]}}
    heat = concerned("heat")
    assert heat is not None
    assert heat["filter"]["or"][0] == {"field": "age", "op": "at_least", "value": 65}
