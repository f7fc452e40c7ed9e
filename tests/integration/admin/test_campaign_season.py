"""Seasons by name in the form of a campaign: their days, and whom they concern."""

import json
from typing import Any

from tests.integration.admin.conftest import Browser
from tests.integration.admin.house import House
from tests.integration.admin.test_campaigns import fields, taken


async def draft(house: House, desk: Browser, **other: Any) -> tuple[str, dict[str, Any]]:
    """A campaign for everybody at a season, and what its form sends."""
    path = await taken(desk, "moved")
    said = await fields(desk, path)
    said |= {"when": "season", "at": "10:00", "late": "skip", "from": "11-01", "to": "11-28"}
    return path, said | other


async def stored(house: House, column: str) -> Any:
    return json.loads(await house.value(f"select {column}::text from campaign"))


async def test_the_seasons_of_the_clinics_country_are_offered_in_ones_own_language(
    house: House, desk: Browser
) -> None:
    path = await taken(desk, "moved")
    page = await desk.read(f"{path}/edit?when=season")
    assert '<option value="pollen_spring">春の花粉（2月1日〜5月10日）</option>' in page
    assert "influenza_summer" not in page  # of Hong Kong and Taiwan
    assert 'name="from" value="11-01"' in page


async def test_a_season_that_is_chosen_fills_in_its_days_and_whom_it_concerns(
    house: House, desk: Browser
) -> None:
    path, said = await draft(house, desk, **{"season-was": "", "name": "cough"})
    answer = await desk.post(f"{path}/edit", **said, then="season")
    assert answer.status == 200
    page = await answer.text()
    assert 'name="from" value="09-01"' in page
    assert 'name="to" value="11-30"' in page
    assert 'value="J45" checked' in page
    assert "期間を入れました" in page
    assert (await stored(house, "trigger"))["kind"] == "once"  # nothing was saved
    # Without the script one may save at once.
    assert (await desk.post(f"{path}/edit", **said)).status == 303
    trigger = await stored(house, "trigger")
    assert (trigger["name"], trigger["from"], trigger["to"]) == ("cough", "09-01", "11-30")
    audience = await stored(house, "audience")
    assert audience["filter"]["and"][0]["value"][0] == "J42"
    assert "せき・喘息：" in await desk.read(path)


async def test_days_that_were_moved_stay_moved(house: House, desk: Browser) -> None:
    path, said = await draft(
        house, desk, **{"season-was": "cough", "name": "cough", "to": "12-20", "audience": "all"}
    )
    assert (await desk.post(f"{path}/edit", **said)).status == 303
    trigger = await stored(house, "trigger")
    assert (trigger["name"], trigger["from"], trigger["to"]) == ("cough", "11-01", "12-20")
    assert await stored(house, "audience") == {"filter": {"and": []}}


async def test_whoever_was_chosen_stays_chosen_and_the_season_may_be_chosen_as_the_audience(
    house: House, desk: Browser
) -> None:
    path, said = await draft(
        house, desk, **{"season-was": "", "name": "heat", "audience": "lapse:cpap"}
    )
    said["states"] = ["lapsed"]
    assert (await desk.post(f"{path}/edit", **said)).status == 303
    assert await stored(house, "audience") == {"lapse": "cpap", "states": ["lapsed"]}
    page = await desk.read(f"{path}/edit")
    assert '<option value="season">この季節に気をつけたい方（65+, E10' in page
    said |= {"season-was": "heat", "audience": "season", "version": "2"}
    assert (await desk.post(f"{path}/edit", **said)).status == 303
    assert "or" in (await stored(house, "audience"))["filter"]


async def test_a_season_that_is_none_is_told(house: House, desk: Browser) -> None:
    path, said = await draft(house, desk, **{"season-was": "", "name": "carnival"})
    assert (await desk.post(f"{path}/edit", **said)).status == 422


async def test_what_was_left_without_saving_has_the_season_too(house: House, desk: Browser) -> None:
    path, said = await draft(house, desk, **{"season-was": "", "name": "cough"})
    assert (await desk.post(f"{path}/typing", **said)).status == 204
    page = await desk.read(f"{path}/edit")
    assert 'name="from" value="09-01"' in page


async def test_the_shelf_tells_the_days_of_the_country_and_who_reads_its_health_texts(
    house: House, desk: Browser
) -> None:
    page = await desk.read("/campaigns/new")
    assert "熱中症：5月15日〜9月30日の間に一度、10:00" in page
    assert "感染性胃腸炎の流行期のご案内" in page
    assert "院内の医療者がこの文面を確認" in page
