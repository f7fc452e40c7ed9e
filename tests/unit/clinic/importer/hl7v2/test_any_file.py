"""Whatever an HL7 file holds: no exception, and none of its words in what is told of it."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.importer.hl7v2.charset import decode
from clinic.importer.types import Entry
from tests.unit.clinic.importer.hl7v2.making import (
    PID,
    entries,
    issues,
    message,
    msh,
    parts,
    pv1,
    sch,
)

SECRET = "見本"
ORC = "ORC|NW|12345678||12345678_01|||||20260702"
MESSAGES = [
    message(msh("ADT^A04", "1"), "EVN|A04|20260703", PID, pv1("O", SECRET), f"DG1|1||{SECRET}"),
    message(msh("ADT^A01", "2"), PID.replace("19600115", SECRET), pv1("I", "20260701", "20260705")),
    message(msh("ADT^A40", "3"), PID, f"MRG|{SECRET}^^^^SS"),
    message(msh("SIU^S12", "4"), sch(start=SECRET), PID, f"AIS|1||{SECRET}|{SECRET}"),
    message(msh("SIU^S15", "5"), sch(filler=SECRET), PID),
    message(msh("RDE^O11", "6"), PID, ORC, f"RXE||{SECRET}", f"TQ1|1|||||{SECRET}|20260703"),
    message(msh(f"{SECRET}^{SECRET}", "7"), PID),
    message(msh("ADT^A08", "8")),
]
WHOLE = "".join(MESSAGES)
quick = settings(derandomize=True, deadline=None, max_examples=200)
codecs = st.sampled_from(["utf-8", "cp932", "iso2022_jp", "utf-16", "euc_jp"])


def tells_nothing(raw: bytes) -> None:
    for issue in issues(parts(raw)):
        assert SECRET not in repr(issue)
        assert all(isinstance(one, int) for one in issue.values.values())


@quick
@given(st.integers(0, len(WHOLE)), codecs)
def test_a_file_cut_anywhere_is_read_without_an_exception(cut: int, codec: str) -> None:
    tells_nothing(WHOLE.encode(codec)[:cut])
    tells_nothing(WHOLE.encode(codec)[cut:])


@quick
@given(st.permutations(MESSAGES))
def test_the_order_of_messages_changes_no_entry(order: list[str]) -> None:
    def read(messages: list[str]) -> list[Entry]:
        found = [replace(one, line=0) for one in entries(parts("".join(messages)))]
        return sorted(found, key=lambda one: (one.key, one.version))

    assert read(order) == read(MESSAGES)


@quick
@given(st.permutations(WHOLE.split("\r")))
def test_segments_in_any_order_are_read_without_an_exception(order: list[str]) -> None:
    tells_nothing("\r".join(order).encode())


@quick
@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_exception(raw: bytes) -> None:
    parts(raw)
    parts(b"MSH|^~\\&|" + raw)
    parts(message(msh("ADT^A08", charset="~ISO IR87")).encode() + b"PID|1||1||\x1b$B" + raw)


@quick
@given(st.integers(0, len(WHOLE)), st.text('|^~\\&\r\n\x0b\x1c\x1b"$BM0あ', max_size=8), codecs)
def test_anything_in_the_midst_is_read_without_an_exception(at: int, text: str, codec: str) -> None:
    tells_nothing((WHOLE[:at] + text + WHOLE[at:]).encode(codec))


@quick
@given(st.binary(), st.sampled_from(["", "~ISO IR87", "8859/1", "8859/99", "UNICODE UTF-8", "x"]))
def test_any_bytes_have_a_text_that_can_be_stored(raw: bytes, charset: str) -> None:
    for content in (raw, b"\x1b$B" + raw, b"\x1b$(D" + raw, b"\x1b(I" + raw):
        decode(msh("ADT^A08", charset=charset).encode() + b"\r" + content)[0].encode()


@quick
@given(st.binary(max_size=200))
def test_entries_can_be_stored(raw: bytes) -> None:
    for codec in ("utf-8", "cp932"):
        start = message(msh("ADT^A08"), "PID|1||1^^^^MR||").encode(codec).rstrip(b"\r")
        for entry in entries(parts(start + raw)):
            assert "\x00" not in repr(entry)
            repr(entry).encode()
            assert len(entry.person.chart) <= 32
