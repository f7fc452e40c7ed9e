"""Every trigger and the texts of single channels, through the form as it is sent."""

import json
from typing import Any

from tests.integration.admin.conftest import Browser
from tests.integration.admin.house import House
from tests.integration.admin.test_campaigns import fields, taken

AT = {"at": "10:00", "late": "skip"}


async def stored(house: House, column: str) -> Any:
    return json.loads(await house.value(f"select {column}::text from campaign"))


async def test_a_score_is_chosen_from_what_questionnaires_reckon(
    house: House, desk: Browser
) -> None:
    await house.forms()
    path = await taken(desk, "moved")
    page = await desk.read(f"{path}/edit?when=relative")
    assert 'value="phq_9|total"' in page
    assert "self_harm" not in page  # an answer, no total
    said = await fields(desk, path)
    said |= {"when": "relative", "base": "score", "score": "phq_9|total", **AT}
    answer = await desk.post(f"{path}/edit", **said)
    assert answer.status == 422
    assert "合計点の下限か上限" in await answer.text()
    said |= {"at_least": "10", "days": "1"}
    assert (await desk.post(f"{path}/edit", **said)).status == 303
    score = {"base": "score", "form": "phq_9", "item": "total", "at_least": 10}
    assert await stored(house, "trigger") == {"kind": "relative", "days": 1} | score | AT
    page = await desk.read(f"{path}/edit")
    assert '<option value="phq_9|total" selected>' in page
    assert 'name="at_least" value="10"' in page
    answer = await desk.post(f"{path}/edit", **{**said, "version": "2", "score": ""})
    assert answer.status == 422
    assert "合計点を選んでください" in await answer.text()


async def test_a_score_of_a_script_stays_though_no_questionnaire_has_it(
    house: House, desk: Browser
) -> None:
    path = await taken(desk, "moved")
    said = await fields(desk, path)
    said |= {"when": "relative", "base": "score", "score": "gone|sum", "at_most": "3", **AT}
    assert (await desk.post(f"{path}/edit", **said)).status == 303
    page = await desk.read(f"{path}/edit")
    assert '<option value="gone|sum" selected>' in page


async def test_weeks_a_last_day_a_leap_day_and_a_service_are_kept_and_told(
    house: House, desk: Browser
) -> None:
    service = await house.value(
        "insert into service (code, name, duration) values ('scope', $1, 30) returning code",
        {"ja": "内視鏡", "en": "Scope"},
    )
    path = await taken(desk, "moved")
    version = 0

    async def saved(**trigger: Any) -> Any:
        nonlocal version
        version += 1
        said = {**await fields(desk, path), **AT, **trigger, "version": str(version)}
        answer = await desk.post(f"{path}/edit", **said)
        assert answer.status == 303, await answer.text()
        return await stored(house, "trigger")

    made = await saved(when="relative", base="visit_completed", weeks="6", service=service)
    assert (made["weeks"], made["service"]) == (6, service)
    assert "6週間後" in await desk.read(path)
    page = await desk.read(f"{path}/edit")
    assert 'name="weeks" value="6"' in page
    assert '<option value="scope" selected>内視鏡</option>' in page
    made = await saved(when="birthday", leap="03-01")
    assert made["leap"] == "03-01"
    assert '<option value="03-01" selected>3月1日</option>' in await desk.read(f"{path}/edit")
    made = await saved(
        when="weekly", weekdays=["0"], **{"from": "2026-12-01", "until": "2027-01-31"}
    )
    assert (made["from"], made["until"]) == ("2026-12-01", "2027-01-31")
    assert "2027年1月31日(日)まで" in await desk.read(path)
    made = await saved(when="every", days="14", until="2027-01-31", **{"from": "2026-12-01"})
    assert made["until"] == "2027-01-31"


async def test_a_shorter_text_for_sms_is_written_kept_and_shown(
    house: House, desk: Browser
) -> None:
    await house.patient("田中 花子")
    path = await taken(desk, "moved")
    said = await fields(desk, path, **{"sms-a-ja": "{name}様、短い文です。", "email-a-ja": "長文"})
    look = {**said, "look-channel": "sms"}
    assert "田中 花子様、短い文です。" in await (await desk.post(f"{path}/look", **look)).text()
    assert "短い文" not in await (await desk.post(f"{path}/look", **said)).text()
    assert (await desk.post(f"{path}/edit", **said)).status == 303
    content = await stored(house, "content")
    assert content["variants"][0]["channels"] == {
        "sms": {"ja": "{name}様、短い文です。"},
        "email": {"ja": "長文"},
    }
    again = await fields(desk, path)
    assert again["sms-a-ja"] == "{name}様、短い文です。"
    assert again["email-a-ja"] == "長文"
