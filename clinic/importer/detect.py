"""What kind of file the first bytes are of: by what they hold, hardly ever by the file's name."""

import json
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass
from typing import Literal

from clinic.importer.types import Issue, Kind
from clinic.importer.uke.records import FOREIGN, SCHEMES

# How the bytes are to be read: as text line by line, or whole by a reader of that form.
Form = Literal["lines", "json", "ndjson", "xlsx", "xls"]

HEAD = 65_536  # bytes that `detect` wants to see, or the whole file if it is shorter

_ZIP = b"PK\x03\x04"
_ZIP_NAME = 30  # where the first member's name begins
_OFFICE = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MEDICAL = "1"  # IR's 点数表
# Control marks that text has a use for: white space, MLLP's envelope, the old end-of-file mark, and
# the escape that changes Japanese character sets.
_STRANGE = frozenset(range(0x20)) - frozenset(b"\t\n\r\x0b\x0c\x1a\x1b\x1c\x1d\x1e")
_STRANGE_SHARE = (
    100  # a damaged text has few of them, a program or picture one in a hundred and more
)
_HL7 = re.compile(r"(?:MSH|FHS|BHS)[^\w\s]")
_RETURNED = re.compile(r"(?:HI|HR),|[0-9]+,(?:[0-9]*,)?(?:IR|RE),")
_FOREIGN = re.compile(rf"({'|'.join(sorted(FOREIGN))}),[0-9]*(?:,|$)")
# The letter in the second column of a master, and how many columns it has at least.
_MASTERS = {"B": 44, "Z": 19, "S": 113, "Y": 35}
_DELIMITERS = "\t,;"
_MASTER_EDGE = 5  # lines looked at for a master or a table


@dataclass(frozen=True, slots=True)
class Detected:
    """A kind that an importer reads, and the form its bytes have."""

    kind: Kind
    form: Form = "lines"


def detect(head: bytes, name: str = "") -> Detected | Issue:
    """What file begins with `head` (HEAD bytes of it), or why it is not taken (severity refuse).

    An encrypted or damaged workbook shows only when it is opened.
    """
    if not head.lstrip(BOM_UTF8 + b"\x1a\x00 \t\r\n"):
        return _refuse("file_empty")
    if head.startswith(_ZIP):
        is_workbook = head[_ZIP_NAME:].startswith(_OFFICE)
        return Detected("table", "xlsx") if is_workbook else _refuse("zip_nested")
    if head.startswith(_OLE):
        return Detected("table", "xls")
    text = _text(head)
    if text is None:
        return _refuse("kind_unknown")
    begun = text.lstrip("\ufeff\x0b\x1a\x00 \t\r\n")
    if not begun.strip():
        return _refuse("file_empty")
    if _HL7.match(begun):
        return Detected("hl7")
    if begun.startswith(("{", "[")):
        return _json(begun, name)
    if begun.startswith("<"):
        return _refuse("markup")  # web pages and XML that call themselves .xls among them
    # The last line of the head may be cut.
    lines = [line for line in re.split(r"\r\n|\r|\n", begun) if line.strip()]
    return _uke(lines, name) or _master(lines) or _table(lines)


def _refuse(reason: str, **values: int | str) -> Issue:
    return Issue("refuse", reason, values=values)


def _text(head: bytes) -> str | None:
    """The head as text, for looking at its marks; None if it is no text."""
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return head.decode("utf-16", "replace")
    strange = sum(head.count(byte) for byte in _STRANGE)
    if strange * _STRANGE_SHARE > len(head) or head.startswith(b"%PDF"):
        return None
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError:
        return head.decode("cp932", "replace")


def _json(text: str, name: str) -> Detected | Issue:
    if '"resourceType"' not in text:
        return _refuse("json_other")
    first, _, rest = text.partition("\n")
    if name.lower().endswith((".ndjson", ".jsonl")):
        return Detected("fhir", "ndjson")
    if rest.strip():
        try:
            json.loads(first)
        except (ValueError, RecursionError):
            return Detected("fhir", "json")
        return Detected("fhir", "ndjson")
    return Detected("fhir", "json")


def _uke(lines: list[str], name: str) -> Detected | Issue | None:
    unquoted = [line.replace('"', "") for line in lines]
    first = unquoted[0]
    is_claim = re.match(r"(?:IR|RE|GO|[0-9]+),", first) is not None
    if is_claim and name.lower().endswith(".hen"):
        return _refuse("returned")
    if _RETURNED.match(first):
        return _refuse("returned")
    foreign = next((found for line in unquoted if (found := _FOREIGN.match(line))), None)
    if first.startswith("IR,"):
        scheme = (*first.split(","), "", "", "")[3].strip()
        if scheme != _MEDICAL:
            return _refuse(SCHEMES.get(scheme, "scheme_other"))
        return _refuse(FOREIGN[foreign[1]]) if foreign else Detected("uke")
    if foreign is not None and foreign.string == first:
        return _refuse(FOREIGN[foreign[1]])
    return _refuse("no_institution") if re.match(r"RE,[0-9]*,[0-9]{4},", first) else None


def _master(lines: list[str]) -> Detected | None:
    for line in lines[:_MASTER_EDGE]:
        cells = line.replace('"', "").split(",")
        if len(cells) > 2 and cells[0].isdigit() and len(cells) >= _MASTERS.get(cells[1], 1_000):
            return Detected("master")
    return None


def _table(lines: list[str]) -> Detected | Issue:
    if any(mark in line for line in lines[:_MASTER_EDGE] for mark in _DELIMITERS):
        return Detected("table")
    return _refuse("kind_unknown")
