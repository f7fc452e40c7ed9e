"""What names, titles and codes of a file could do in the panel."""

import pytest

from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House
from tests.integration.admin.test_imports import bring, preview, upload
from tests.integration.admin.test_lapse import LATER
from tests.unit.clinic.importer.uke.making import EXAMPLE

pytestmark = pytest.mark.server
EVIL = "<script>alert(1)</script>"
FORMULA = "=HYPERLINK(0)"


async def test_a_name_of_a_file_is_words_on_every_page(house: House, desk: Browser) -> None:
    titles = f"患者番号,氏名,生年月日,性別,携帯電話,{EVIL}\n"
    row = f'7,"{EVIL}",1980-02-03,男,{EVIL},{EVIL}\n'
    content = (titles + row + row.replace("1980", "1970")).encode()
    run_id = await preview(house, desk, f"{EVIL}.csv", content)
    pages = [f"/imports/{run_id}", f"/imports/{run_id}/columns", f"/imports/{run_id}/issues.csv"]
    seen = [await desk.read(page) for page in pages]
    assert (await desk.post(f"/imports/{run_id}/commit")).status == 303
    run_id = await bring(house, desk, content + b"\n")
    doubt = await house.value("select min(id) from match_review")
    ids = [row["id"] for row in await house.rows("select id from patient")]
    pages = ["/imports", "/reviews", f"/reviews/{doubt}", "/lapse", "/imports/upload"]
    seen += [await desk.read(page) for page in [*pages, *(f"/patients/{id}" for id in ids)]]
    answer = await desk.post("/merges/find", q="script")
    seen.append(await answer.text())
    assert any("&lt;script&gt;" in page for page in seen)
    assert not any(EVIL in page for page in seen if page.startswith("<"))


async def test_a_name_of_a_file_is_no_formula_in_a_download(house: House, desk: Browser) -> None:
    old = EXAMPLE.replace("202608", "202508").replace("202607", "202507")
    odd = old.replace("見本　太郎", FORMULA).replace("ミホンタロウ", FORMULA)
    await bring(house, desk, odd.replace("00042", "@SUM1").encode("cp932"), f"{FORMULA}.uke")
    await bring(house, desk, LATER)
    group = await house.value("select id from care_group where code = 'lifestyle'")
    answer = await desk.get(f"/lapse/{group}/list.csv?state=lapsed")
    told = (await answer.read()).decode("utf-8-sig")
    assert f'"\'{FORMULA}"' in told
    assert not any(cell.startswith(("=", "@")) for cell in told.replace("\r\n", ",").split('"'))
    run_id = await house.value("select min(id) from import_run")
    told = (await (await desk.get(f"/imports/{run_id}/issues.csv")).read()).decode("utf-8-sig")
    assert not any(cell.startswith(("=", "@")) for cell in told.replace("\r\n", ",").split('"'))


async def test_a_doctor_reads_no_list_of_others(
    house: House, desk: Browser, sign_in: SignIn
) -> None:
    doctor = await sign_in(await house.staff("伊藤 医師", Role.DOCTOR))
    run_id = await bring(house, desk, EXAMPLE.encode("cp932"))
    patient = await house.value("select id from patient")
    group = await house.value("select min(id) from care_group")
    pages = [
        *("/imports", "/imports/upload", f"/imports/{run_id}", f"/imports/{run_id}/issues.csv"),
        *("/reviews", "/merges", f"/merges/compare?kept={patient}&lost={patient}", "/lapse"),
        *(f"/lapse/{group}", f"/lapse/{group}/list.csv", "/segments", "/segments/new"),
        *(f"/patients/{patient}", f"/patients/{patient}/export.json"),
    ]
    for page in pages:
        answer = await doctor.get(page)
        assert answer.status in (403, 404), page
        assert "見本" not in await answer.text()
    for page in (f"/imports/{run_id}/undo", "/segments/count", "/merges/find", "/merges"):
        assert (await doctor.post(page, q="見本", tree="{}")).status in (403, 404), page


async def test_numbers_past_every_end_are_no_fault_of_ours(house: House, desk: Browser) -> None:
    endless, most = "9" * 30, "9" * 18
    for page in (
        *(f"/imports?before={endless}", f"/imports/{most}", f"/reviews/{most}", f"/lapse/{most}"),
        *(
            f"/imports/{endless}",
            f"/merges/compare?kept={most}&lost={endless}",
            "/imports?before=²",
        ),
        *(f"/segments/{most}", f"/patients/{most}", f"/merges/compare?kept={most}&lost=1"),
    ):
        assert (await desk.get(page)).status < 500, page
    for tree in (
        "[" * 90_000,
        '{"field": "age", "op": "is", "value": 1e400}',
        "\ud800",
        "\0",
        endless,
    ):
        sent = tree.encode("utf-8", "replace").decode()
        assert (await desk.post("/segments/count", tree=sent, name="x")).status < 500, tree[:20]
    for name in ("\0", "x" * 10_000, "'; drop table patient; --"):
        tree = '{"field": "age", "op": "at_least", "value": 0}'
        assert (await desk.post("/segments", tree=tree, name=name)).status < 500
    answer = await upload(desk, ("\u202e" * 300 + ".csv", b"x,y\n1,2\n"))
    assert answer.status < 500
