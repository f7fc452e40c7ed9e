"""Segments in the panel: counted, saved, taken off the list."""

import json
from datetime import date

from clinic.segment.types import FIELDS, OPS
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
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


AGED = {"join": "all", "g0.join": "all", "g0.0.field": "age", "g0.0.was": "age"}
AGED |= {"g0.0.op": "at_least", "g0.0.value": "65"}


async def test_a_segment_is_built_of_rows_without_the_script(house: House, desk: Browser) -> None:
    await house.patient("田中 花子", birth_on=date(1948, 2, 29))
    await house.patient("佐藤 次郎", birth_on=date(2000, 1, 1))
    assert 'name="g0.0.field"' in await desk.read("/segments/new")
    page = await (await desk.post("/segments/build", do="add:0", **AGED)).text()
    assert "<html" in page
    assert 'name="g0.1.field"' in page
    assert "<dt>該当</dt><dd>1</dd>" in page
    assert "田中 花子" not in page
    page = await (await desk.post("/segments/build", do="sample", **AGED)).text()
    assert "田中 花子" in page
    assert "佐藤 次郎" not in page
    seen = await house.rows("select detail from audit where action = 'staff:segment:sample'")
    assert len(seen) == 1
    page = await (await desk.post("/segments/build", do="json", **AGED)).text()
    assert "&#34;at_least&#34;" in page
    answer = await desk.post("/segments", name="65歳以上", **AGED)
    assert answer.status == 303
    path = answer.headers["Location"]
    assert 'value="65"' in await desk.read(path)
    assert json.loads(await house.value("select tree::text from segment")) == {
        "and": [{"field": "age", "op": "at_least", "value": 65}]
    }
    answer = await desk.post("/segments", name="", **AGED)
    assert answer.status == 422
    assert "保存には名前が必要です" in await answer.text()


async def test_what_is_unfinished_in_a_row_is_told_there_and_not_saved(
    house: House, desk: Browser
) -> None:
    answer = await desk.post("/segments", name="x", **{**AGED, "g0.0.value": "old"})
    assert answer.status == 422
    page = await answer.text()
    assert "数値が必要です" in page
    assert "is-wrong" in page
    assert await house.value("select count(*) from segment") == 0


async def test_a_filter_nested_deeper_stays_in_the_advanced_view(
    house: House, desk: Browser
) -> None:
    female = json.loads(FEMALE)
    deep = json.dumps({"not": {"and": [female, {"or": [female]}]}})
    answer = await desk.post("/segments", name="深い", tree=deep)
    path = answer.headers["Location"]
    assert 'id="tree"' in await desk.read(path)
    page = await (await desk.post("/segments/build", do="rows", tree=deep)).text()
    assert "入れ子が深い" in page
    page = await (await desk.post("/segments/build", do="rows", tree=FEMALE)).text()
    assert 'name="g0.0.field"' in page


async def test_codes_are_offered_while_they_are_typed(house: House, desk: Browser) -> None:
    await house.rows(
        "insert into code_name (kind, code, name, icd10, loaded)"
        " values ('disease', '8840107', '高血圧症', 'I10', 'shipped')"
    )
    assert "高血圧症" in await desk.read("/segments/words?field=condition&g0.0.value=i1")
    assert "I10" in await desk.read("/segments/words?field=condition&g0.0.value=血圧")
    assert "I10" not in await desk.read("/segments/words?field=condition&g0.0.value=%25_")
    assert (await desk.read("/segments/words?field=age&x=1")).strip() == ""
    for field in ("act", "drug", "tag", "occupation", "source"):
        await desk.read(f"/segments/words?field={field}&x=a")


async def test_every_field_can_be_asked_for_in_the_builder(house: House, desk: Browser) -> None:
    for field in FIELDS.values():
        for op in OPS[field.kind]:
            fields = {"g0.join": "none", "g0.0.field": field.name, "g0.0.op": op}
            answer = await desk.send(
                "/segments/build", {"csrf": desk.csrf, **fields}, {"HX-Request": "true"}
            )
            assert answer.status == 200, (field.name, op)
            assert "<html" not in await answer.text()


async def test_doctors_do_not_build_segments(house: House, sign_in: SignIn) -> None:
    doctor = await sign_in(await house.staff("高橋 医師", Role.DOCTOR))
    assert (await doctor.post("/segments/build", **AGED)).status == 403
    assert (await doctor.get("/segments/words?field=tag&x=a")).status == 403
