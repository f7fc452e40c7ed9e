"""Imports in the panel: brought, looked at, committed, taken back."""

import io
import zipfile
from typing import Any

import pytest
from aiohttp import FormData

from clinic.importer import service
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, SETTINGS, House
from tests.unit.clinic.importer.uke.making import EXAMPLE

UKE = EXAMPLE.encode("cp932")
LIST = "番号,お名前,生年月日,携帯電話\n7,田中 花子,1980-02-03,090-1234-5678\n".encode()


async def upload(browser: Browser, *files: tuple[str, bytes], csrf: str | None = None) -> Any:
    """What the panel answers to a form with these files."""
    form = FormData(quote_fields=False)
    form.add_field("csrf", browser.csrf if csrf is None else csrf)
    for name, content in files:
        form.add_field("files", io.BytesIO(content), filename=name)
    return await browser.send("/imports/upload", form)  # type: ignore[arg-type]  # a form too


async def work(house: House, run_id: int) -> str:
    """What the worker does with an import."""
    return await service.carry_out(house.database, KEYS, SETTINGS, run_id)


async def preview(house: House, browser: Browser, name: str, content: bytes) -> int:
    """Bring a file and have it looked at; its id."""
    answer = await upload(browser, (name, content))
    assert answer.status == 303, await answer.text()
    run_id = int(answer.headers["Location"].rsplit("/", 1)[1])
    await work(house, run_id)
    return run_id


async def bring(house: House, browser: Browser, content: bytes, name: str = "RECEIPTC.UKE") -> int:
    """Bring a file and commit it; its id."""
    run_id = await preview(house, browser, name, content)
    assert (await browser.post(f"/imports/{run_id}/commit")).status == 303
    assert await work(house, run_id) == "committed"
    return run_id


async def test_a_receipt_file_goes_in_and_out_again(house: House, desk: Browser) -> None:
    answer = await upload(desk, ("RECEIPTC.UKE", UKE))
    assert answer.status == 303
    path = answer.headers["Location"]
    run_id = int(path.rsplit("/", 1)[1])
    assert "hx-get" in await desk.read(f"/live{path}")  # goes on asking
    await work(house, run_id)
    live = await desk.read(f"/live{path}")
    assert f"/live{path}" not in live
    page = await desk.read(path)
    assert "RECEIPTC.UKE" in page
    assert "<dt>新規患者</dt><dd>1</dd>" in page
    assert "<dt>新しい来院日</dt><dd>2</dd>" in page
    assert await house.value("select count(*) from patient") == 0
    assert (await desk.post(f"{path}/commit")).status == 303
    assert (await desk.post(f"{path}/cancel")).status == 409
    await work(house, run_id)
    assert await house.value("select count(*) from patient") == 1
    assert "取込済み" in await desk.read("/imports")

    assert (await desk.post(f"{path}/commit")).status == 409
    assert (await desk.post(f"{path}/undo")).status == 303
    assert await house.value("select count(*) from patient") == 0
    assert "取り消しました。削除した記録：1 件、患者：1 人" in await desk.read(path)
    assert (await desk.post(f"{path}/undo")).status == 409
    rows = await house.rows(
        "select action from audit where action like 'staff:import%' order by id"
    )
    assert [row["action"] for row in rows] == [
        "staff:import:upload",
        "staff:import:commit",
        "staff:import:undo",
    ]
    assert "見本" not in str(await house.rows("select * from audit"))


async def test_the_same_file_again_is_refused_with_the_way_to_the_earlier_import(
    house: House, desk: Browser
) -> None:
    first = await bring(house, desk, UKE)
    answer = await upload(desk, ("again.uke", UKE))
    page = await desk.read(answer.headers["Location"])
    assert "このファイルは取込済みです" in page
    assert f'href="/imports/{first}"' in page


async def test_several_files_and_those_of_a_zip_are_imports_of_their_own(
    house: House, desk: Browser
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a/RECEIPTC.UKE", UKE)
        archive.writestr("list.csv", LIST)
    answer = await upload(desk, ("month.zip", packed.getvalue()), ("other.csv", LIST + b"\n8,,,\n"))
    assert answer.headers["Location"] == "/imports"
    page = await desk.read("/imports")
    assert "a/RECEIPTC.UKE" in page
    assert await house.value("select count(*) from import_run where state = 'uploaded'") == 3


async def test_a_zip_that_is_refused_says_why_and_the_other_file_is_taken(
    house: House, desk: Browser
) -> None:
    answer = await upload(desk, ("broken.zip", b"PK\x03\x04nonsense"), ("RECEIPTC.UKE", UKE))
    assert answer.status == 422
    page = await answer.text()
    assert "broken.zip: ZIP が壊れています。" in page
    assert "ほかに受け付けたファイル：1 件" in page


async def test_a_form_without_files_is_told_so(desk: Browser) -> None:
    answer = await upload(desk)
    assert answer.status == 422
    assert "1個から20個まで" in await answer.text()


async def test_an_upload_needs_its_token_and_leaves_nothing_without(
    house: House, desk: Browser
) -> None:
    assert (await upload(desk, ("RECEIPTC.UKE", UKE), csrf="x" * 43)).status == 403
    assert await house.value("select count(*) from import_run") == 0


async def test_doctors_neither_see_nor_bring_imports(house: House, sign_in: SignIn) -> None:
    doctor = await sign_in(await house.staff("佐藤", Role.DOCTOR))
    assert (await upload(doctor, ("RECEIPTC.UKE", UKE))).status == 403
    for path in ("/imports", "/imports/upload", "/reviews", "/merges", "/lapse"):
        assert (await doctor.get(path)).status == 403
    assert await house.value("select count(*) from import_run") == 0
    assert 'href="/imports"' not in await doctor.read("/today")


async def test_a_lists_columns_are_named_and_looked_at_again(house: House, desk: Browser) -> None:
    run_id = await preview(house, desk, "list.csv", LIST)
    page = await desk.read(f"/imports/{run_id}/columns")
    assert "田中 花子" in page
    assert await house.value("select count(*) from audit where action = 'staff:import:read'") == 1
    fields = {"column_0": "chart", "column_1": "name", "column_2": "birth", "column_3": ""}
    answer = await desk.post(f"/imports/{run_id}/columns", **fields, column_x="name")
    assert answer.status == 303
    await work(house, run_id)
    mapping = await house.value("select mapping from import_run")
    assert mapping["columns"] == {"chart": [0], "name": [1], "birth": [2]}
    assert "カルテ番号" in await desk.read(f"/imports/{run_id}")
    await desk.post(f"/imports/{run_id}/commit")
    await work(house, run_id)
    (patient,) = await house.rows("select name, chart, phone from patient")
    assert patient == {"name": "田中 花子", "chart": "7", "phone": None}
    assert (await desk.get(f"/imports/{run_id}/columns")).status == 409


async def test_a_list_that_nobody_can_be_told_from_waits_for_its_columns(
    house: House, desk: Browser
) -> None:
    run_id = await preview(house, desk, "odd.csv", b"a,b,c\nx,y,1980-02-03\nz,w,1950-04-05\n")
    page = await desk.read(f"/imports/{run_id}")
    assert f"/imports/{run_id}/columns" in page
    assert f"/imports/{run_id}/commit" not in page
    assert (await desk.post(f"/imports/{run_id}/commit")).status == 409


async def test_what_could_not_be_used_stands_on_the_page_and_in_a_safe_csv(
    house: House, desk: Browser
) -> None:
    rows = ["カルテ番号,氏名,生年月日", "1,田中 花子,1980-02-03", "2,佐藤 次郎,1980-02-04"]
    text = "\n".join([*rows, "3,,1890-01-01"])
    run_id = await preview(house, desk, "=cmd.csv", text.encode())
    page = await desk.read(f"/imports/{run_id}")
    assert "生年月日が読めないか、ありえない日付です。" in page
    answer = await desk.get(f"/imports/{run_id}/issues.csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="import-{run_id}.csv"'
    lines = (await answer.read()).decode("utf-8-sig").splitlines()
    assert lines[1].startswith('"\'=cmd.csv","4","row"')
    assert "1890" not in lines[1]


async def test_another_institutions_file_is_committed_only_with_a_yes(
    house: House, desk: Browser
) -> None:
    await bring(house, desk, UKE)
    other = UKE.replace(b"9999999", b"8888888").replace(b"202607", b"202606")
    run_id = await preview(house, desk, "other.uke", other)
    answer = await desk.post(f"/imports/{run_id}/commit")
    assert answer.status == 409
    assert "警告を確認してから" in await answer.text()
    assert (
        await desk.post(f"/imports/{run_id}/commit", confirm_other_institution="yes")
    ).status == 303
    assert await work(house, run_id) == "committed"


async def test_a_file_that_is_not_wanted_is_forgotten(house: House, desk: Browser) -> None:
    run_id = await preview(house, desk, "RECEIPTC.UKE", UKE)
    assert (await desk.post(f"/imports/{run_id}/cancel")).status == 303
    assert await house.value("select count(*) from import_chunk") == 0
    assert "中止" in await desk.read(f"/imports/{run_id}")


async def test_unknown_codes_and_the_masters_version_are_shown(house: House, desk: Browser) -> None:
    strange = UKE.replace(b"8833421", b"1234567").replace(b"620098801", b"620000009")
    await bring(house, desk, strange)
    page = await desk.read("/imports/upload")
    assert "1234567 (×1)" in page
    assert "620000009 (×2)" in page
    assert "付属の小さな表のみ" in page


async def test_an_import_is_not_taken_back_while_another_is_at_work(
    house: House, desk: Browser
) -> None:
    run_id = await bring(house, desk, UKE)
    async with house.database.transaction() as tx:
        await tx.execute("select pg_advisory_xact_lock($1)", service.IMPORT_LOCK)
        answer = await desk.post(f"/imports/{run_id}/undo")
    assert answer.status == 409
    assert "別の取込が進行中です" in await answer.text()


async def test_a_large_file_goes_through_whole(house: House, desk: Browser) -> None:
    rows = (f"{n},患者 {n},1980-02-03\n" for n in range(60_000))  # more than is kept in memory
    content = ("カルテ番号,氏名,生年月日\n" + "".join(rows)).encode()
    answer = await upload(desk, ("long.csv", content))
    assert answer.status == 303
    assert await house.value("select size from import_run") == len(content)


@pytest.mark.parametrize("before", ["x", "9" * 30, "-1", "1"])
async def test_older_imports_are_asked_for_by_number(desk: Browser, before: str) -> None:
    await desk.read(f"/imports?before={before}")


async def test_the_preview_tells_which_identifier_is_the_chart_number(
    house: House, desk: Browser, chief: Browser
) -> None:
    patient = (
        '{"resourceType": "Patient", "name": [{"family": "Mihon"}], "birthDate": "1960-01-15",'
        ' "identifier": [{"system": "https://own.example/<ids>", "value": "7"}%s]}'
    )
    none = await preview(house, desk, "a.json", (patient % "").encode())
    english = {"headers": {"Accept-Language": "en"}}
    page = await desk.read(f"/imports/{none}", **english)
    assert "Not taken: https://own.example/&lt;ids&gt;: 1" in page
    assert "/settings/clinic" not in page  # only administrators may
    assert "/settings/clinic" in await chief.read(f"/imports/{none}", **english)
    record = ', {"type": {"coding": [{"code": "MR"}]}, "value": "8"}'
    taken = await preview(house, desk, "b.json", (patient % record).encode())
    page = await desk.read(f"/imports/{taken}", **english)
    assert "<li>MR: 1</li>" in page
    assert "Not taken" not in page
