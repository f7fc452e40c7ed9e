"""Rows out of .xlsx and .xls: only a real date cell is a date."""

import base64
import zlib
from collections.abc import Callable
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.importer.table import rows as subject
from clinic.importer.table.rows import of_workbook
from clinic.importer.table.types import Row
from clinic.importer.types import Issue

# An .xls with titles in its second row, a patient with a date cell, and one with a bare 21929.
XLS = zlib.decompress(
    base64.b85decode(
        r"c-rk)OGs2v82-+kxy}RUWn-X$4MJAqfD^W8qc_8v)yVXqvZB-+q?9oRUDTo`Z59!M(5h%7S&$3MO%G~OyB3jBiy#"
        r"P`qE)M)sD;k$KmXio<5b{43CjI0=RfCu=Y044_q^|&oe9j1PuJ#9f>zj&*IlS6;sgbkdE*D=>$*&uv6F&sVO7E9q"
        r">ijm@x=4eA^TAFcMb~f+n<vKK2SJ@Gw2vhB||HSUF<`*kUq4K6}U-^7d7lv72A_+*Rj3FC7-h0$;?%@EmU?+9Knp"
        r"%5#C{p;=@Wk=XoKY`;ay7nAwJEypW^#!k8$ORne9{)jhDvGV1J=m;iNXESXBC<-HHL;RZShP4ReBd;1)M)Y%jGri"
        r"Xy9=B$1eviOzd1&IH#lz04vcTy*o^4AnQkb&OClO#(Ebfdj67TV?!<M}Lu9pYA(nmIlEeLt1+4R{U^vvGLnxU=t5"
        r"QiZs3InozGxbxMR3PhvP?ahni^hn~UTQ2>)RQQ)H6&{{Km1KM2<8**0lAnB?zx(BNyeFZZU?#)cLtzuyBz=aCi&8"
        r";iFSG16Z971i6^(31_^BH>UCTB|qnzS~M75FFGs<Nyac%?E)696IZ7xc0p>+21-bZ!WkJ?sBPsMWQf>Up`anw_r^"
        r"^#s*qlk!zxN%+Lv1Z1?Sa9C6t@&;7aVma(0~>T>r}SZgrkmsfOcd^9>xjiW#b_(3R!Y?86*qGMOd912Z7W-+kf)G"
        r"OlLrN>ZGWiS#%jBvwy|0@)HbgB4yjv}Dm;)C(W3baZdkBj!GZ+~7A#m;qmai@#W;4$!=h>&>>b8`odpVc>o>`o#X"
        r"bzuHAEkkyOE+ejk9HqpY>3M`7E(ajrqS&;t<uIMn8JkkN&d9FMXJa;`dp$(EsnIP`UNz%klF+*Z&jWGTtW"
    )
)


def xlsx(fill: Callable[[Any], None]) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def patients(book: Any) -> None:
    sheet = book.active
    sheet["B3"], sheet["C3"] = "患者番号", "生年月日"
    sheet["B4"], sheet["C4"], sheet["D4"] = 42, date(1960, 1, 15), 21929
    sheet["B6"], sheet["C6"], sheet["D6"] = "00043", 19600115, datetime(2026, 7, 3, 10, 30)
    sheet["E6"], sheet["F6"], sheet["G6"] = True, time(10, 30), 1.5


def test_rows_are_numbered_as_in_the_sheet_and_cells_keep_their_kind() -> None:
    rows = list(of_workbook(xlsx(patients)))
    assert rows == [
        Row(3, ("", "患者番号", "生年月日", "", "", "", "")),
        Row(4, ("", "42", date(1960, 1, 15), "21929", "", "", "")),
        Row(6, ("", "00043", "19600115", datetime(2026, 7, 3, 10, 30), "TRUE", "10:30", "1.5")),
    ]


def test_dates_that_count_from_1904_are_the_same_days() -> None:
    def fill(book: Any) -> None:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        patients(book)

    row = list(of_workbook(xlsx(fill)))[1]
    assert isinstance(row, Row)
    assert row.cell(2) == date(1960, 1, 15)


def test_the_first_visible_sheet_with_rows_is_read() -> None:
    def fill(book: Any) -> None:
        hidden = book.create_sheet("hidden")
        hidden["A1"] = "no"
        hidden.sheet_state = "hidden"
        book.create_sheet("list")["A1"] = "yes"

    assert list(of_workbook(xlsx(fill))) == [Row(1, ("yes",))]


def test_a_workbook_without_rows_has_none() -> None:
    assert list(of_workbook(xlsx(lambda book: None))) == []


def test_old_workbooks_are_read_too() -> None:
    assert list(of_workbook(XLS)) == [
        Row(2, ("患者番号", "氏名", "生年月日")),
        Row(3, ("42", "見本 太郎", date(1960, 1, 15))),
        Row(4, ("00043", "見本 花子", "21929")),
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04", "workbook_damaged"),
        (XLS[:600], "workbook_damaged"),
        (XLS[:512] + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"", "workbook_damaged"),
    ],
)
def test_a_workbook_that_cannot_be_opened_is_refused(data: bytes, reason: str) -> None:
    assert list(of_workbook(data)) == [Issue("refuse", reason)]


def test_a_row_of_endless_columns_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "_MOST_CELLS", 3)
    assert Issue("reject", "row_too_long", 3, "row") in list(of_workbook(xlsx(patients)))


def test_a_workbook_that_claims_endless_rows_takes_no_one_down() -> None:
    """Found by damage: python-calamine made room for them all, and the process aborted."""
    at = XLS.index(b"\x00\x02\x0e\x00\x01\x00\x00\x00")  # the sheet's dimensions, from row 1 on
    broken = XLS[: at + 8] + b"\xff\xff\xff\x7f" + XLS[at + 12 :]
    assert list(of_workbook(broken)) == [Issue("refuse", "workbook_damaged")]


def test_rows_that_nobody_wants_any_more_end_the_process() -> None:
    rows = of_workbook(XLS)
    assert isinstance(next(rows), Row)
    rows.close()


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_no_damage_to_a_workbook_is_raised(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([XLS, WHOLE]))
    at = data.draw(st.integers(0, len(whole)))
    damage = data.draw(st.binary(max_size=6))
    broken = whole[:at] + damage + whole[at + data.draw(st.integers(0, 6)) :]
    for row in of_workbook(broken):
        assert isinstance(row, Row) or "見本" not in repr(row)


WHOLE = xlsx(patients)
