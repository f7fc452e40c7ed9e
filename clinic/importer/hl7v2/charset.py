"""Which charset a message is in, and its text.

MSH-18 says, but is in the message itself, is often left out, and stays behind when a file is saved
anew in another charset. A whole message is decoded at once, before it is split: in Shift_JIS and
ISO-2022-JP the bytes of HL7's separators occur inside characters.
"""

import re
from collections.abc import Iterator

_ESCAPE = re.compile(rb"(\x1b\([BJI]|\x1b\$\(?[@BD]|[\r\n])")
_JIS = re.compile(r"ISO[ -]?(?:IR[ -]?(?:87|159|14|13)|2022-?JP)")
_LATIN = re.compile(r"(?:ISO[ -]?)?8859[/-](\d\d?)")
# HL7 table 0211, and what Japanese senders write that is not in it.
_NAMED = {
    "UNICODE UTF-8": "utf-8", "UTF-8": "utf-8", "UTF8": "utf-8", "GB 18030-2000": "gb18030",
    "GB18030": "gb18030", "BIG-5": "big5", "KS X 1001": "euc_kr", "SHIFT_JIS": "cp932",
    "SHIFT-JIS": "cp932", "SJIS": "cp932", "WINDOWS-31J": "cp932", "CP932": "cp932",
    "MS932": "cp932",
}  # fmt: skip
_TRIED = ("utf-8", "cp932")  # Japanese in cp932 is hardly ever valid UTF-8
_JIS_CODE = b"\x1b$"


def decode(message: bytes) -> tuple[str, bool]:
    """The text, and whether it is what MSH-18 says (or, where that says nothing, whether it fits).

    Never fails: what no charset takes comes out as Latin-1, byte by byte.
    """
    if _JIS_CODE in message or b"\x1b(I" in message:
        return _from_jis(message), True
    declared = _declared(message)
    for charset in declared:
        try:
            return message.decode(charset), True
        except UnicodeDecodeError:
            continue
    for charset in _TRIED:
        try:
            return message.decode(charset), not declared
        except UnicodeDecodeError:
            continue
    return message.decode("latin-1"), False


def _declared(message: bytes) -> list[str]:
    """The charsets of MSH-18 that a codec here reads; the escapes of JIS have been looked for."""
    header = message.partition(b"\r")[0].decode("latin-1")
    fields = header.split(header[3:4] or "|")
    told = fields[17].upper() if len(fields) > 17 else ""
    return [found for name in re.split(r"[~^]", told) if (found := _codec(name.strip()))]


def _codec(name: str) -> str:
    latin = _LATIN.fullmatch(name)
    if latin is not None and latin[1] in ("1", "2", "5", "9", "15"):
        return f"iso8859_{latin[1]}"
    # JIS without one escape is ASCII.
    return "ascii" if _JIS.fullmatch(name) else _NAMED.get(name, "")


def _from_jis(message: bytes) -> str:
    """ISO-2022-JP with what systems under Windows add to it: the rows of NEC and IBM (髙, ①) and
    half-width kana. A line end goes back to ASCII, whether the sender did so or not.
    """
    return "".join(_runs(message))


def _runs(message: bytes) -> Iterator[str]:
    shift = b""
    for run in _ESCAPE.split(message):
        if _ESCAPE.fullmatch(run):
            shift = run[1:] if run[:1] == b"\x1b" else b""
            if not shift:
                yield run.decode()
        elif shift == b"(I":
            yield bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in run).decode(
                "cp932", "replace"
            )
        elif shift == b"$(D":
            # JIS X 0212, which Windows cannot write: the codec knows it.
            yield (b"\x1b$(D" + run + b"\x1b(B").decode("iso2022_jp_2", "replace")
        elif shift[:1] == b"$":
            yield _shifted(run).decode("cp932", "replace")
        else:
            yield run.decode("cp932", "replace")


def _shifted(run: bytes) -> bytes:
    """Pairs of JIS X 0208 as Shift_JIS, whose arithmetic carries the vendors' rows along."""
    made = bytearray()
    for row, cell in zip(run[::2], run[1::2], strict=False):
        if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
            made += b"?"
            continue
        lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
        odd = 0x1F if cell < 0x60 else 0x20
        made += bytes((lead, cell + (odd if row % 2 else 0x7E)))
    return bytes(made)
