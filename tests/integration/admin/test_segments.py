"""Segments in the panel: counted, saved, taken off the list."""

import json

from tests.integration.admin.conftest import Browser
from tests.integration.admin.house import House

FEMALE = json.dumps({"field": "sex", "op": "any", "value": ["female"]})


async def test_a_filter_is_counted_saved_changed_and_retired(house: House, desk: Browser) -> None:
    patient = await house.patient("田中 花子")
    await house.rows("update patient set sex = 'female'")
    await house.conversation(patient)
    await house.patient("佐藤 次郎")
    await desk.read("/segments/new")
    answer = await desk.send(
        "/segments/count", {"csrf": desk.csrf, "tree": FEMALE}, {"HX-Request": "true"}
    )
    part = await answer.text()
    assert "<html" not in part
    assert "<dt>該当</dt><dd>1</dd>" in part
    assert "<dt>連絡できる</dt><dd>0</dd>" in part
    assert "<dt>同意なし</dt><dd>1</dd>" in part
    assert "性別：女性" in part
    answer = await desk.post("/segments", name="女性", tree=FEMALE)
    assert answer.status == 303
    path = answer.headers["Location"].removesuffix("?done=saved")
    assert "女性" in await desk.read("/segments")
    everybody = json.dumps({"and": []})
    answer = await desk.post(path, name="全員", tree=everybody)
    assert answer.headers["Location"] == f"{path}?done=saved"
    assert "すべての患者" in await desk.read(path)
    rows = await house.rows("select name, version from segment order by version")
    assert rows == [{"name": "女性", "version": 1}, {"name": "全員", "version": 2}]
    assert (await desk.post(f"{path}/retire")).status == 303
    assert (await desk.get(path)).status == 404
    assert (await desk.post(f"{path}/retire")).status == 404
    assert (await desk.post(path, name="x", tree=FEMALE)).status == 404
    deeds = {row["action"] for row in await house.rows("select action from audit")}
    assert {"staff:segment:count", "staff:segment:save", "staff:segment:retire"} <= deeds


async def test_what_is_wrong_with_a_filter_is_told_and_nothing_is_saved(
    house: House, desk: Browser
) -> None:
    for tree, words in (
        ("{", "正しい JSON ではありません"),
        ('{"field": "nonsense", "op": "is", "value": 1}', "知らない項目です"),
        ('{"field": "age", "op": "is", "value": "<script>"}', "数値が必要です"),
    ):
        answer = await desk.post("/segments", name="x", tree=tree)
        assert answer.status == 422
        page = await answer.text()
        assert words in page
        assert "<script>" not in page.replace('<script src="', "")
    answer = await desk.post("/segments", name=" ", tree=FEMALE)
    assert answer.status == 422
    assert "保存には名前が必要です" in await answer.text()
    assert await house.value("select count(*) from segment") == 0
    assert (await desk.post("/segments/count", tree=FEMALE)).status == 200  # without the script
