"""Whole files: envelopes, line ends, charsets, and messages that say nothing to us."""

import pytest

from clinic.importer.hl7v2.framing import LARGEST
from clinic.importer.hl7v2.reader import read
from clinic.importer.types import Header, Issue
from tests.unit.clinic.importer.hl7v2.making import (
    NAMES,
    PID,
    PV1,
    TOKYO,
    entries,
    issues,
    message,
    msh,
    only,
    parts,
    sch,
)

TWO = [message(msh("ADT^A08", str(n)), PID, PV1) for n in (1, 2)]


def envelope(messages: list[str]) -> str:
    return message("FHS|^~\\&|HIS", "BHS|^~\\&|HIS") + "".join(messages) + message("BTS|2", "FTS|1")


@pytest.mark.parametrize(
    "content",
    [
        "".join(TWO),
        "".join(TWO).replace("\r", "\r\n"),
        "".join(TWO).replace("\r", "\n"),
        "\n\n".join(TWO).rstrip("\r"),
        "\ufeff" + "".join(TWO),
        envelope(TWO),
        envelope(TWO).replace("\r", "\r\n"),
        "".join(f"\x0b{one}\x1c\r" for one in TWO),
        "".join(f"\x0b{one}\x1c\r\n" for one in TWO),
        "\x0b" + "\x1c\x0b".join(TWO),
        "".join(TWO) + "\x1a",
    ],
)
def test_messages_are_found_in_every_wrapping(content: str) -> None:
    read = parts(content)
    assert read[0] == Header("hl7")
    assert issues(read) == []
    assert [one.person.chart for one in entries(read)] == ["00042"] * 2


def test_a_line_is_the_one_of_the_file() -> None:
    read = parts("".join(TWO).replace("\r", "\r\n"))
    assert [one.line for one in entries(read)] == [1, 4]


def test_where_the_chunks_end_does_not_matter() -> None:
    raw = envelope(TWO).replace("\r", "\r\n").encode()
    whole = list(read(raw, TOKYO))
    assert list(read([raw], TOKYO)) == whole
    assert list(read([raw[n : n + 1] for n in range(len(raw))], TOKYO)) == whole
    assert list(read([raw[n : n + 7] for n in range(0, len(raw), 7)], TOKYO)) == whole


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("~ISO IR87", "iso2022_jp"),
        ("~ISOIR87", "iso2022_jp"),
        ("ISO IR6~ISO IR87", "iso2022_jp"),
        ("", "iso2022_jp"),
        ("UNICODE UTF-8", "utf-8"),
        ("", "utf-8"),
        ("", "cp932"),
        ("SHIFT_JIS", "cp932"),
        ("GB 18030-2000", "gb18030"),
    ],
)
def test_a_name_is_read_in_the_charset_of_its_message(declared: str, codec: str) -> None:
    read = parts(message(msh("ADT^A08", charset=declared), PID).encode(codec))
    assert issues(read) == []
    (entry,) = entries(read)
    assert (entry.person.name, entry.person.kana) == ("見本 太郎", "ミホン タロウ")


@pytest.mark.parametrize(
    ("declared", "codec"),
    [("~ISO IR87", "utf-8"), ("~ISO IR87", "cp932"), ("UNICODE UTF-8", "cp932")],
)
def test_a_file_saved_anew_in_another_charset_is_read_and_said(declared: str, codec: str) -> None:
    read = parts(message(msh("ADT^A08", charset=declared), PID).encode(codec))
    assert entries(read)[0].person.name == "見本 太郎"
    assert issues(read) == [Issue("warn", "charset", 1, "MSH", "MSH-18", {"count": 1})]


def test_latin_letters_are_read_where_the_message_says_so() -> None:
    pid = "PID|1||1^^^^MR||Müller^Jürgen"
    read = parts(message(msh("ADT^A08", charset="8859/1"), pid).encode("latin-1"))
    assert entries(read)[0].person.name == "Jürgen Müller"
    assert issues(read) == []


def test_bytes_of_separators_inside_characters_do_not_part_them() -> None:
    # In Shift_JIS the second byte of ー is | , of ソ \\ and of 閣 ^ ; in ISO-2022-JP any may occur.
    name = "閣ソ^ソニー^^^^^L^I"
    for codec, declared in (("cp932", ""), ("iso2022_jp", "~ISO IR87")):
        pid = f"PID|1||1^^^^MR||{name}||19600115"
        (entry,) = entries(parts(message(msh("ADT^A08", charset=declared), pid).encode(codec)))
        assert entry.person.name == "閣ソ ソニー"
        assert entry.person.birth_on is not None


def test_what_windows_adds_to_iso_2022_jp_is_read() -> None:
    # 髙 and ① in NEC's rows, half-width kana, and no way back to ASCII at the end of the line.
    pid = b"PID|1||1^^^^MR||\x1b$B|b-!\x1b(B^\x1b(I@\x1b(B^^^^^L^I\r"
    pid += b"PV1||O||\x1b$B@i\rDG1|||I10^^I10\r"
    read = parts(message(msh("ADT^A08", charset="~ISO IR87")).encode() + pid)
    (entry,) = entries(read)
    assert entry.person.name == "髙① ﾀ"
    assert entry.conditions[0].code == "I10"


def test_events_that_say_nothing_to_us_are_told_once_for_each_kind() -> None:
    kinds = ["ORU^R01", "ADT^A02", "ORU^R01", "ADT^A40x", "見本^太郎", "ACK", ""]
    read = parts("".join(message(msh(kind), PID) for kind in kinds))
    assert entries(read) == []
    assert [(one.severity, one.reason, one.record, one.values) for one in issues(read)] == [
        ("warn", "event_unknown", "ORU^R01", {"count": 2}),
        ("warn", "event_unknown", "ADT^A02", {"count": 1}),
        ("warn", "event_unknown", "", {"count": 4}),
    ]


@pytest.mark.parametrize("event", ["ADT^A04", "ADT^A40", "SIU^S12", "RDE^O11"])
def test_a_message_without_a_patient_is_rejected(event: str) -> None:
    read = parts(message(msh("ADT^A08"), PID) + message(msh(event), sch(), "MRG|1"))
    assert len(entries(read)) == 1
    assert issues(read) == [Issue("reject", "pid_missing", 3, "PID")]


@pytest.mark.parametrize("content", ["", "\r\n", "PID|1||1\r", "hello", "MSH", "FHS|^~\\&|\r"])
def test_a_file_without_a_message_is_refused(content: str) -> None:
    assert issues(parts(content))[-1] == Issue("refuse", "no_message")


@pytest.mark.parametrize(
    "header", ["MSH|", "MSH||||", "MSH&^~&", "MSH&^~|&x&", "MSH|^^~\\&|", "MSH|^~\\&", "MSH|aaaa|"]
)
def test_a_header_that_names_no_separators_is_rejected(header: str) -> None:
    read = parts(header + "\r" + PID + "\r" + TWO[0])
    assert len(entries(read)) == 1
    assert issues(read) == [Issue("reject", "header", 1, "MSH")]


def test_other_separators_are_read() -> None:
    text = message(msh("ADT^A08"), PID).replace("|", "#").replace("^", "*")
    assert entries(parts(text))[0].person.name == "見本 太郎"


def test_the_same_message_again_is_the_same_record() -> None:
    first, again = only(msh("ADT^A08"), PID), only(msh("ADT^A08"), PID)
    assert first == again
    assert first.version == "2026-07-03T01:15:00Z"
    assert len(first.key) <= 96
    others = [
        only(msh("ADT^A08", "2"), PID),
        only(msh("ADT^A08").replace("HIS", "OTHER"), PID),
        only(msh("ADT^A08").replace("CLINIC", "OTHER"), PID),
    ]
    assert len({one.key for one in (first, *others)}) == 4


def test_documents_of_any_size_in_a_message_are_let_go() -> None:
    document = "OBX|1|ED|||" + "A" * 11_000_000
    assert only(msh("ADT^A08"), PID, document).person.chart == "00042"


def test_a_message_too_large_to_be_one_is_rejected_alone() -> None:
    flood = message(msh("ADT^A08"), PID, *["PV1|" + "|" * 1_000] * (LARGEST // 1_000))
    read = parts(flood + TWO[0])
    assert len(entries(read)) == 1
    assert issues(read) == [Issue("reject", "message_large", 1, "MSH")]


def test_a_file_of_nothing_but_faults_does_not_name_them_all() -> None:
    read = parts(message(msh("ADT^A08")) * 1_500)
    assert len(issues(read)) == 1_001
    assert issues(read)[-1] == Issue("warn", "more_rejected", values={"count": 1_500})


def test_segments_before_the_first_message_are_counted() -> None:
    read = parts("PID|1\rhello\r" + TWO[0])
    assert issues(read) == [Issue("warn", "stray_segment", 1, values={"count": 2})]


def test_nothing_of_a_message_comes_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    parts(message(msh("ADT^A08"), f"PID|1||1^^^^MR||\\\\{NAMES}\\Zz\\\\.sp9\\\\C2842\\\\XZZ\\"))
    assert caplog.records == []
