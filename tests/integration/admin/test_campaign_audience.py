"""Whom a campaign is for, put together in its own form."""

import json
from datetime import date

from tests.integration.admin.conftest import Browser
from tests.integration.admin.house import House

AGED = {"audience": "filter", "join": "all", "g0.join": "all", "g0.0.field": "age"}
AGED |= {"g0.0.was": "age", "g0.0.op": "at_least", "g0.0.value": "65"}


async def draft(house: House, desk: Browser) -> dict[str, str]:
    """A campaign of a template, and what its form sends."""
    await desk.post("/campaigns", template="moved")
    campaign = await house.value("select max(id) from campaign")
    return {
        "path": f"/campaigns/{campaign}/edit",
        "version": "1",
        "when": "once",
        "at": "2027-01-05T10:00",
        "late": "send",
        "title": "移転",
        "useful_hours": "24",
        "hold_out": "0",
        "text-a-ja": "移転しました。",
    }


async def audience(house: House) -> object:
    return json.loads(await house.value("select audience::text from campaign"))


async def test_conditions_of_its_own_are_built_in_the_form(house: House, desk: Browser) -> None:
    form = await draft(house, desk)
    path = form.pop("path")
    answer = await desk.post(path, do="add:0", **form, **AGED)
    assert answer.status == 200
    page = await answer.text()
    assert 'name="g0.1.field"' in page
    assert f'formaction="{path}"' in page
    assert "移転しました。" in page  # what was typed elsewhere stays
    answer = await desk.post(path, **form, **AGED)
    assert answer.status == 303
    assert await audience(house) == {
        "filter": {"and": [{"field": "age", "op": "at_least", "value": 65}]}
    }
    page = await desk.read(path)
    assert '<option value="filter" selected' in page
    assert 'value="65"' in page


async def test_an_unfinished_condition_is_told_and_nothing_is_written(
    house: House, desk: Browser
) -> None:
    form = await draft(house, desk)
    before = await audience(house)
    answer = await desk.post(form.pop("path"), **form, **{**AGED, "g0.0.value": "x"})
    assert answer.status == 422
    assert "数値が必要です" in await answer.text()
    assert await audience(house) == before


async def test_an_audience_can_be_frozen_to_those_found_now(house: House, desk: Browser) -> None:
    patient = await house.patient("田中 花子", birth_on=date(1948, 2, 29))
    await house.patient("佐藤 次郎", birth_on=date(2000, 1, 1))
    form = await draft(house, desk)
    path = form.pop("path")
    answer = await desk.post(path, freeze="yes", **form, **AGED)
    assert answer.status == 303
    assert await audience(house) == {"patients": [patient]}
    assert '<option value="kept" selected' in await desk.read(path)
    assert await house.value("select count(*) from audit where action = 'staff:segment:freeze'")


async def test_nobody_found_is_nobody_to_freeze(house: House, desk: Browser) -> None:
    form = await draft(house, desk)
    answer = await desk.post(form.pop("path"), freeze="yes", **form, **AGED)
    assert answer.status == 422


async def test_the_text_is_shown_with_a_patients_values_while_it_is_written(
    house: House, desk: Browser
) -> None:
    first = await house.patient("田中 花子")
    other = await house.patient("佐藤 次郎")
    form = await draft(house, desk)
    path = form.pop("path")
    form |= {"audience": "all", "text-a-ja": "{name}様、{last_visit}の件です。"}
    where = path.replace("edit", "look")
    page = await (await desk.post(where, **form)).text()
    assert "<html" not in page
    assert f"/patients/{first}" in page
    assert "{last_visit}" in page  # told as lacking
    form["text-a-ja"] = "{name}様"
    page = await (await desk.post(where, **form, **{"look-as": str(other)})).text()
    assert "佐藤 次郎様" in page
    page = await (await desk.post(path, then="look", **form)).text()  # without the script
    assert "<html" in page
    assert "田中 花子様" in page
    looks = await house.rows("select detail from audit where action = 'staff:campaign:look'")
    assert len(looks) == 3
    form["text-a-ja"] = ""
    assert "urgent" in await (await desk.post(where, **form)).text()
    assert await house.value("select version from campaign") == 1  # nothing was saved
    assert (await desk.post("/campaigns/999/look", **form)).status == 404


async def test_nobody_to_look_at_is_told(house: House, desk: Browser) -> None:
    form = await draft(house, desk)
    path = form.pop("path").replace("edit", "look")
    assert "当てはまる方がまだいません" in await (await desk.post(path, **form)).text()


async def test_a_test_goes_to_ones_own_chat_and_is_never_counted(
    house: House, desk: Browser
) -> None:
    form = await draft(house, desk)
    path = form.pop("path")
    page = await (await desk.post(path, then="test", **form)).text()
    assert "まだつながっていません" in page
    patient = await house.patient("田中 花子")
    await house.conversation(patient)
    await house.rows(
        "insert into staff_account (staff_id, account_id)"
        " select s.id, a.id from staff s, chat_account a limit 1"
    )
    page = await (await desk.post(path, then="test", **form)).text()
    assert "あなたのチャットに1通送りました" in page
    rows = await house.rows("select purpose, patient_id from outbox where dedup_key like 'test:%'")
    assert rows == [{"purpose": "on_call", "patient_id": None}]
    assert await house.value("select count(*) from recipient") == 0


async def test_what_came_of_it_stands_against_those_who_were_held_out(
    house: House, desk: Browser
) -> None:
    path = (await draft(house, desk))["path"].removesuffix("/edit")
    assert "その後" not in await desk.read(path)
    for n, state in enumerate(("sent", "sent", "sent", "held_out", "held_out", "skipped")):
        patient = await house.patient(f"患者 {n}")
        await house.rows(
            "insert into recipient (campaign_id, patient_id, occurrence, due_at, useful_until,"
            " state, settled_at, answered_at)"
            " select id, $1, 'once', now(), now(), $2::text, now(),"
            " case when $2::text = 'sent' then now() end from campaign",
            patient,
            state,
        )
    page = await desk.read(path)
    assert '<th scope="row">届いた</th><td>3</td>' in page
    assert '<th scope="row">返事があった</th><td>3</td>' in page
    assert '<th scope="row">来院した</th><td>0</td>' in page
    assert '<th scope="row">比べるために送らなかった</th><td>2</td>' in page
