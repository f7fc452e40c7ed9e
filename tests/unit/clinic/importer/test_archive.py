"""ZIPs and workbooks are opened within limits, and damage is told, not raised."""

from functools import partial
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.importer import archive as subject
from clinic.importer.archive import sources, workbook_refusal
from clinic.importer.source import Source, Survey, survey, whole
from clinic.importer.types import Issue

ROWS = "番号,氏名\r\n1,山田 太郎\r\n".encode("cp932")


def zipped(members: dict[str, bytes], method: int = ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def opened(data: bytes, name: str = "up.zip") -> list[Source | Issue]:
    return list(sources(partial(BytesIO, data), name))


def only(data: bytes) -> Source | Issue:
    (found,) = opened(data)
    return found


def test_a_file_that_is_no_zip_is_itself() -> None:
    found = only(ROWS)
    assert isinstance(found, Source)
    assert found.name == "up.zip"
    assert whole(found) == whole(found) == ROWS


def test_each_member_of_a_zip_is_a_file() -> None:
    data = zipped({"a/x.csv": ROWS, "y.csv": b"1,2", "a/": b"", "__MACOSX/._y": b"z", ".DS": b"z"})
    found = opened(data)
    assert [one.name for one in found if isinstance(one, Source)] == ["a/x.csv", "y.csv"]
    assert [whole(one) for one in found if isinstance(one, Source)] == [ROWS, b"1,2"]


def test_member_names_of_japanese_programs_are_read_as_cp932() -> None:
    name = "診療所/請求ソ.csv".encode("cp932")
    data = zipped({"x" * len(name): ROWS}).replace(b"x" * len(name), name)
    found = only(data)
    assert isinstance(found, Source)
    assert found.name == "診療所/請求ソ.csv"
    assert whole(found) == ROWS
    assert isinstance(only(zipped({"診療所.csv": ROWS})), Source)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zipped({"a/": b""}), "file_empty"),
        (zipped({f"{n}.csv": ROWS for n in range(101)}), "zip_members"),
        (zipped({"a.csv": ROWS}, ZIP_BZIP2), "zip_method"),
        (zipped({"a.csv": bytes(2_000_000)}), "zip_ratio"),
        (b"PK\x03\x04 and no more", "zip_damaged"),
    ],
)
def test_a_zip_beyond_the_limits_is_refused_whole(data: bytes, reason: str) -> None:
    found = only(data)
    assert isinstance(found, Issue)
    assert (found.severity, found.reason) == ("refuse", reason)


def test_a_zip_in_a_zip_is_refused() -> None:
    found = only(zipped({"inner.zip": zipped({"a.csv": ROWS})}))
    assert isinstance(found, Source)
    refused = survey(found)
    assert isinstance(refused, Issue)
    assert refused.reason == "zip_nested"


def test_an_encrypted_zip_is_refused() -> None:
    data = bytearray(zipped({"a.csv": ROWS}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    found = only(bytes(data))
    assert isinstance(found, Issue)
    assert found.reason == "encrypted"


def test_sizes_are_limited_by_what_the_directory_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "LARGEST", 100)
    monkeypatch.setattr(subject, "LARGEST_TOTAL", 150)
    for members in ({"a": bytes(101)}, {"a": bytes(80), "b": bytes(80)}):
        found = only(zipped(members))
        assert isinstance(found, Issue)
        assert found.reason == "too_large"


def test_a_member_that_lies_about_its_size_gives_no_more_than_it_said() -> None:
    data = zipped({"a.csv": b"1,2\n" * 5_000})
    size = (20_000).to_bytes(4, "little")
    assert data.count(size) == 2
    found = survey(only_source(data.replace(size, (400).to_bytes(4, "little"))))
    assert isinstance(found, Issue)
    assert found.reason == "zip_damaged"


def only_source(data: bytes) -> Source:
    found = only(data)
    assert isinstance(found, Source)
    return found


def test_damage_within_a_zip_names_no_member() -> None:
    data = zipped({"山田太郎.csv": ROWS * 50})
    at = data.index(b".csv") + 20
    broken = data[:at] + b"\xff\xff\xff" + data[at + 3 :]
    found = survey(only_source(broken))
    assert isinstance(found, Issue)
    assert found.reason == "zip_damaged"
    assert "山田" not in repr(found)


@given(st.data())
def test_no_damage_to_a_zip_is_raised(data: st.DataObject) -> None:
    whole_zip = zipped({"a.csv": ROWS, "b.csv": ROWS * 30})
    at = data.draw(st.integers(0, len(whole_zip)))
    damage = data.draw(st.binary(max_size=6))
    broken = whole_zip[:at] + damage + whole_zip[at + data.draw(st.integers(0, 6)) :]
    for one in opened(broken):
        if isinstance(one, Source):
            assert isinstance(survey(one), Survey | Issue)


def sheet(body: str) -> bytes:
    return zipped({"[Content_Types].xml": b"", "xl/worksheets/sheet1.xml": body.encode()})


@pytest.mark.parametrize(
    "body",
    [
        '<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        "<row r='1'><c t='>' r='XFD1048576'/></row>",
        '<x:row r="1"><x:c r="XFD1048576"/></x:row>',
        '<c r="&#88;FD1048576"/>',
        "<row>" + "<c/>" * 3_000 + "</row>" + "<row/>" * 2_000,
        "<c " + " " * 400_000 + 'r="XFD1048576"/>',
    ],
)
def test_a_sheet_that_spans_too_much_is_not_opened(body: str) -> None:
    refused = workbook_refusal(sheet(body))
    assert refused is not None
    assert refused.reason == "sheet_too_large"


def test_a_plain_sheet_is_opened_and_a_damaged_one_is_not() -> None:
    good = sheet('<row r="1"><c r="A1"/><c/></row>' * 9 + " " * 70_000 + '<row r="10">')
    assert workbook_refusal(good) is None
    at = good.index(b"sheet1.xml") + 20
    for damaged in (b"PK\x03\x04", good[:-40], good[:at] + b"\xff" * 9 + good[at + 9 :]):
        refused = workbook_refusal(damaged)
        assert refused is not None
        assert refused.reason == "workbook_damaged"


def test_zip_info_of_folders_is_passed_over() -> None:
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr(ZipInfo("folder/"), b"")
        archive.writestr("folder/a.csv", ROWS)
    assert isinstance(only(file.getvalue()), Source)
