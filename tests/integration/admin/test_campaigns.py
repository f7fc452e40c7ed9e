"""Campaigns in the panel: from a template to a start, seen beforehand, and stopped again."""

import re
from datetime import date
from typing import Any

from tests.integration.admin.conftest import Browser
from tests.integration.admin.house import House

BORN = date(1950, 11, 22)
TEXT = {
    "ja": "{name}様、お知らせです。",
    "en": "Dear {name}, news.",
    "zh-Hant": "{name}您好",
    "zh-Hans": "{name}您好",
    "ru": "{name}, новости.",
}


async def taken(desk: Browser, template: str, **more: Any) -> str:
    """The address of a draft of a template."""
    answer = await desk.post("/campaigns", template=template, **more)
    assert answer.status == 303
    return str(answer.headers["Location"].removesuffix("/edit"))


async def fields(desk: Browser, path: str, **other: Any) -> dict[str, Any]:
    """What the form of a draft has in its fields, and others instead."""
    page = await desk.read(f"{path}/edit")
    found: dict[str, Any] = dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', page))
    del found["csrf"]
    for name in ("states", "weekdays"):
        found.pop(name, None)
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected>', options)
        found[name] = chosen[1] if chosen else ""
    for name, words in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)</textarea>', page):
        found[name] = words
    return found | other


async def agreed(house: House, patient: int) -> None:
    """The patient has a chat and agreed to the notice."""
    await house.conversation(patient)
    await house.rows("update chat_account set consent_version = '2.1', language = 'ja'")


async def test_a_template_becomes_a_draft_is_seen_beforehand_started_and_undone(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子", birth_on=BORN)
    await agreed(house, patient)
    await house.patient("佐藤 次郎", birth_on=BORN)
    assert "まだ配信がありません" in await desk.read("/campaigns")
    assert "お誕生日のお祝い" in await desk.read("/campaigns/new")
    path = await taken(desk, "moved")
    said = await fields(
        desk, path, title="移転のお知らせ", **{f"text-a-{k}": v for k, v in TEXT.items()}
    )
    answer = await desk.post(f"{path}/edit", **said)
    assert answer.headers["Location"] == f"{path}/preview"
    seen = await desk.read(f"{path}/preview")
    assert "田中 花子様、お知らせです。" in seen
    assert "今後30日に送る件数：1" in seen
    assert "連絡先の経路がありません: 1" in seen
    version = await house.value("select version from campaign")
    answer = await desk.post(f"{path}/act", act="start", version=version)
    assert answer.headers["Location"] == f"{path}?done=start"
    assert "取り消す" in await desk.read(path)
    assert "移転のお知らせ" in await desk.read("/campaigns/calendar")
    assert (await desk.post(f"{path}/act", act="undo", version=version)).status == 303
    assert await house.value("select state from campaign") == "draft"
    assert await house.value("select count(*) from outbox") == 0
    deeds = {row["action"] for row in await house.rows("select action from audit")}
    assert "staff:campaign:preview" in deeds


async def test_what_was_typed_stays_while_something_is_wrong(house: House, desk: Browser) -> None:
    path = await taken(desk, "birthday")
    said = await fields(desk, path, title="", at="25:99")
    answer = await desk.post(f"{path}/edit", **said)
    assert answer.status == 422
    page = await answer.text()
    assert "名前を付けてください。" in page
    assert "お健やかな一年" in page
    assert await house.value("select name from campaign") == "お誕生日のお祝い"


async def test_an_unknown_placeholder_keeps_it_from_being_started(
    house: House, desk: Browser
) -> None:
    path = await taken(desk, "moved")
    said = await fields(desk, path, **{"text-a-ja": "{diagnosis}のお知らせ"})
    await desk.post(f"{path}/edit", **said)
    assert "差し込めない項目があります" in await desk.read(f"{path}/preview")
    version = await house.value("select version from campaign")
    answer = await desk.post(f"{path}/act", act="start", version=version)
    assert answer.status == 409
    assert "差し込めない項目があります" in await answer.text()
    assert await house.value("select state from campaign") == "draft"


async def test_what_the_shelf_asks_staff_to_write_cannot_go_out_as_it_is(
    house: House, desk: Browser
) -> None:
    path = await taken(desk, "moved")
    act = {"act": "start", "version": await house.value("select version from campaign")}
    answer = await desk.post(f"{path}/act", **act)
    assert answer.status == 409
    assert "波かっこの中がまだ書かれていません" in await answer.text()
    others = {f"text-a-{one}": "" for one in ("en", "zh-Hant", "zh-Hans", "ru")}
    said = await fields(desk, path, **{"text-a-ja": "移転しました"}, **others)
    await desk.post(f"{path}/edit", **said)
    act["version"] = await house.value("select version from campaign")
    assert (await desk.post(f"{path}/act", **act)).status == 303
    assert await house.value("select state from campaign") != "draft"


async def test_two_wordings_share_the_people_and_another_time_has_its_own_fields(
    house: House, desk: Browser
) -> None:
    path = await taken(desk, "event")
    said = await fields(desk, path, then="split")
    assert (await desk.post(f"{path}/edit", **said)).headers["Location"] == f"{path}/edit"
    said = await fields(desk, path, **{"share-a": "30", "share-b": "60"})
    answer = await desk.post(f"{path}/edit", **said)
    assert "割合の合計を100％にしてください。" in await answer.text()
    said = await fields(desk, path, **{"share-a": "30", "share-b": "70", "text-b-ja": "別の文面"})
    assert (await desk.post(f"{path}/edit", **said)).status == 303
    content = await house.value("select content from campaign")
    assert [one["share"] for one in content["variants"]] == [30, 70]
    for kind in ("birthday", "yearly", "occasion", "season", "relative", "weekly", "every"):
        page = await desk.read(f"{path}/edit?when={kind}")
        assert f'name="when" value="{kind}"' in page
    said |= {"when": "weekly", "at": "19:00", "weekdays": ["0", "3"], "late": "skip"}
    version = await house.value("select version from campaign")
    assert (await desk.post(f"{path}/edit", **{**said, "version": version})).status == 303
    trigger = await house.value("select trigger from campaign")
    assert (trigger["kind"], trigger["weekdays"]) == ("weekly", [0, 3])


async def test_a_lapse_list_is_written_to_by_a_campaign_for_those_who_stand_on_it(
    house: House, desk: Browser
) -> None:
    path = await taken(desk, "lapse", group="cpap", states=["lapsed"])
    audience = await house.value("select audience from campaign")
    assert audience == {"lapse": "cpap", "states": ["lapsed"]}
    assert "離脱" in await desk.read(path)


async def test_a_draft_that_somebody_changed_meanwhile_is_not_overwritten(
    house: House, desk: Browser
) -> None:
    path = await taken(desk, "new_year")
    said = await fields(desk, path)
    assert (await desk.post(f"{path}/edit", **said)).status == 303
    answer = await desk.post(f"{path}/edit", **said)
    assert answer.status == 422
    assert "ほかの人が変更しました" in await answer.text()


async def test_a_template_that_is_none_and_an_act_that_is_none_do_nothing(
    house: House, desk: Browser
) -> None:
    assert (await desk.post("/campaigns", template="nonsense")).status == 404
    path = await taken(desk, "keiro")
    assert (await desk.post(f"{path}/act", act="explode", version=1)).status == 400
    assert (await desk.get("/campaigns/999")).status == 404
    page = await desk.read(f"{path}/recipients?state=nonsense&reason=nonsense")
    assert "該当者はいません" in page


async def test_the_preview_tells_how_many_staff_will_call_instead(
    house: House, desk: Browser
) -> None:
    await house.patient("田中 花子", phone="+819012345678")
    await house.patient("佐藤 次郎")
    path = await taken(desk, "moved")
    said = await fields(desk, path, **{f"text-a-{k}": v for k, v in TEXT.items()})
    assert (await desk.post(f"{path}/edit", **said)).status == 303
    assert "電話で連絡" not in await desk.read(f"{path}/preview")  # a notice makes no calls
    await house.rows("update campaign set kind = 'follow_up'")
    seen = await desk.read(f"{path}/preview")
    assert "連絡先の経路がありません: 2" in seen
    assert "電話で連絡：1。" in seen
    await house.rows("update campaign set purpose = 'marketing'")
    assert "電話で連絡" not in await desk.read(f"{path}/preview")
