"""From bytes to lines: what a file is, in which encoding, and where its limits are."""

from collections.abc import Iterator
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.importer import source as subject
from clinic.importer.detect import Detected, detect
from clinic.importer.source import Source, Survey, lines, survey
from clinic.importer.types import Issue

UKE = (
    "IR,1,13,1,9999999,,れい内科,202608,00,03-0000-0000\r\n"
    "RE,1,1112,202607,髙橋　太郎,1,19600115,,,,,,,00042\r\n"
    "GO,1,520,99\r\n"
)
LIST = "患者番号,氏名,生年月日\r\n00042,髙橋 太郎,1960-01-15\r\n"


def held(data: bytes, name: str = "x", step: int = 7) -> Source:
    """A file that comes in small chunks."""

    def chunks() -> Iterator[bytes]:
        return (data[at : at + step] for at in range(0, len(data), step))

    return Source(name, chunks)


def surveyed(data: bytes, name: str = "x", step: int = 7) -> Survey:
    found = survey(held(data, name, step))
    assert isinstance(found, Survey)
    return found


def text_of(data: bytes) -> list[str]:
    return [line for _, line in lines(held(data).chunks(), surveyed(data).encoding)]


def reason(data: bytes, name: str = "x") -> str:
    found = survey(held(data, name, step=65_536))
    assert isinstance(found, Issue)
    assert found.severity == "refuse"
    return found.reason


def workbook_head() -> bytes:
    return b"PK\x03\x04" + bytes(22) + b"\x13\x00\x00\x00" + b"[Content_Types].xml" + bytes(50)


MASTER_ROW = '5,"B",' + ",".join(["8833421"] * 44)


@pytest.mark.parametrize(
    ("head", "name", "detected"),
    [
        (UKE.encode("cp932"), "RECEIPTC.UKE", Detected("uke")),
        (UKE.encode("utf-8-sig"), "list.csv", Detected("uke")),
        (UKE.replace("IR,1", '"IR","1"', 1).encode("cp932"), "", Detected("uke")),
        (LIST.encode("cp932"), "x.UKE", Detected("table")),
        (LIST.encode("utf-16"), "", Detected("table")),
        (LIST.replace(",", "\t").encode(), "", Detected("table")),
        (LIST.replace(",", ";").encode(), "", Detected("table")),
        (workbook_head(), "", Detected("table", "xlsx")),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "", Detected("table", "xls")),
        (b'{"resourceType": "Bundle"}', "", Detected("fhir", "json")),
        (b'{\n "resourceType": "Bundle"\n}', "", Detected("fhir", "json")),
        (b'{"resourceType":"A"}\n{"resourceType":"B"}', "", Detected("fhir", "ndjson")),
        (b'{"resourceType":"A"}', "x.ndjson", Detected("fhir", "ndjson")),
        (b"MSH|^~\\&|A\rPID|1", "", Detected("hl7")),
        (b"\x0bMSH|^~\\&|A\rPID|1\r\x1c\r", "", Detected("hl7")),
        (b"FHS|^~\\&\r\nBHS|^~\\&\r\nMSH|^~\\&", "", Detected("hl7")),
        (MASTER_ROW.encode("cp932"), "", Detected("master")),
    ],
)
def test_a_file_is_known_by_what_it_holds(head: bytes, name: str, detected: Detected) -> None:
    assert detect(head, name) == detected


@pytest.mark.parametrize(
    ("data", "name", "refused"),
    [
        (b"", "", "file_empty"),
        (b"\x1a", "", "file_empty"),
        (b"\xef\xbb\xbf\r\n\x1a", "", "file_empty"),
        (bytes(100), "", "file_empty"),
        ("\r\n".encode("utf-16"), "", "file_empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "", "kind_unknown"),
        (b"%PDF-1.7\n1,2,3", "", "kind_unknown"),
        ("ただの文".encode("cp932"), "", "kind_unknown"),
        (b'{"a": 1}', "", "json_other"),
        (b"[1, 2]", "", "json_other"),
        (b"<html><table>", "list.xls", "markup"),
        (b"PK\x03\x04" + bytes(26) + b"inner.csv", "", "zip_nested"),
        (UKE.replace("IR,1,13,1", "IR,1,13,3").encode("cp932"), "", "scheme_dental"),
        (UKE.replace("IR,1,13,1", "IR,1,13,4").encode("cp932"), "", "scheme_dispensing"),
        (UKE.replace("IR,1,13,1", "IR,1,13,6").encode("cp932"), "", "scheme_nursing"),
        (UKE.replace("IR,1,13,1", "IR,1,13,").encode("cp932"), "", "scheme_other"),
        (UKE.replace("GO,", "BU,1\r\nGO,").encode("cp932"), "", "scheme_dpc"),
        (b"UK,1,13,3,9999999\r\nRE,1", "", "scheme_dental"),
        (UKE.encode("cp932"), "RECEIPTC.HEN", "returned"),
        (b"HI,1,2\r\nHR,2,3", "", "returned"),
        (b"1,1,RE,2,3\r\n", "", "returned"),
        (b"RE,1,1112,202607,a\r\n", "", "no_institution"),
    ],
)
def test_what_is_no_import_of_ours_is_refused_with_its_reason(
    data: bytes, name: str, refused: str
) -> None:
    assert reason(data, name) == refused


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [("cp932", "cp932"), ("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16")],
)
def test_one_text_is_read_alike_in_every_encoding(codec: str, encoding: str) -> None:
    data = LIST.encode(codec)
    assert surveyed(data).encoding == encoding
    assert text_of(data) == LIST.split("\r\n")[:-1]
    assert surveyed(data).issues == ()


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("tail", ["", "\x1a", "\r\n\x1a", "\x1a\r\n"])
@pytest.mark.parametrize("step", [1, 2, 3, 1000])
def test_line_ends_and_end_marks_change_neither_lines_nor_digest(
    end: str, tail: str, step: int
) -> None:
    data = (UKE.rstrip().replace("\r\n", end) + tail).encode("cp932")
    found = [line for line in lines(held(data, step=step).chunks(), "cp932") if line[1]]
    assert found == list(enumerate(UKE.splitlines(), 1))
    assert surveyed(data, step=step).digest == surveyed(UKE.encode("cp932")).digest


def test_marks_that_other_programs_split_at_are_part_of_a_line() -> None:
    data = "a,b\x0bc\x1cd\x85e\u2028f\r\ng,h".encode()
    assert text_of(data) == ["a,b\x0bc\x1cd\x85e\u2028f", "g,h"]


def test_another_file_has_another_digest() -> None:
    assert surveyed(LIST.encode()).digest != surveyed(LIST.replace("42", "43").encode()).digest
    assert surveyed(LIST.encode()).digest == surveyed(LIST.encode("utf-8-sig")).digest


def test_one_bad_byte_spoils_its_own_line_only_and_is_told() -> None:
    for codec in ("cp932", "utf-8"):
        good, bad = "1,髙橋\r\n".encode(codec), b"2,\xff\xfe\x81\r\n3,x\r\n"
        data = "番号,名\r\n".encode(codec) + good + bad + good
        assert text_of(data)[1] == text_of(data)[4] == "1,髙橋"
        assert "\ufffd" in text_of(data)[2]
        assert surveyed(data).issues == (Issue("warn", "bad_characters", 3),)


def test_of_many_bad_lines_the_first_hundred_are_named() -> None:
    data = b"a,b\r\n" + b"\x81\xff,x\r\n" * 130
    *named, more = surveyed(data).issues
    assert [issue.line for issue in named] == list(range(2, 102))
    assert more == Issue("warn", "bad_characters_more", values={"lines": 30})


def test_a_utf8_file_that_was_cut_stays_utf8() -> None:
    data = (LIST + "00043,山田").encode()[:-1]
    assert surveyed(data).encoding == "utf-8"
    assert text_of(data)[1] == "00042,髙橋 太郎,1960-01-15"


def test_files_over_the_limits_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "LARGEST", 1_000)
    monkeypatch.setattr(subject, "MOST_LINES", 20)
    monkeypatch.setattr(subject, "LONGEST_LINE", 100)
    assert reason(b"a,b\n" * 300) == "too_large"
    assert reason(b"a,b\n" * 21) == "too_many_lines"
    assert reason(b"a,b\n" + b"x" * 101) == "line_too_long"
    assert reason(b'{"resourceType":"Bundle"' + b" " * 1_000) == "too_large"
    surveyed(b"a,b\n" * 20)
    surveyed(b"a,b\n" + b"x" * 100)


@given(
    st.binary(max_size=300) | st.text(max_size=100).map(str.encode),
    st.sampled_from(["x.csv", "RECEIPTC.UKE", "x.ndjson", ""]),
    st.integers(1, 9),
)
def test_no_bytes_make_the_survey_fail(data: bytes, name: str, step: int) -> None:
    found = survey(held(data, name, step))
    if isinstance(found, Survey) and found.detected.form in ("lines", "ndjson"):
        read = list(lines(held(data, name, step).chunks(), found.encoding))
        assert len(read) == found.lines


@given(st.data())
def test_a_file_may_be_cut_anywhere_in_any_encoding(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([UKE, LIST])).encode(
        data.draw(st.sampled_from(["cp932", "utf-8", "utf-8-sig", "utf-16", "euc_jis_2004"])),
        "replace",
    )
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    found = survey(held(cut))
    issues = [found] if isinstance(found, Issue) else found.issues
    assert all(word not in repr(issues) for word in ("髙橋", "太郎", "00042", "1960"))


def test_chunks_begin_anew_at_every_call() -> None:
    read = partial(text_of, LIST.encode("cp932"))
    assert read() == read()
