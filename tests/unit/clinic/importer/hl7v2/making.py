"""HL7 v2 messages as Japanese and other systems write them."""

from zoneinfo import ZoneInfo

from clinic.importer.hl7v2.reader import read
from clinic.importer.types import Entry, Issue, Part

TOKYO = ZoneInfo("Asia/Tokyo")
NAMES = "見本^太郎^^^^^L^I~ミホン^タロウ^^^^^L^P"
PID = (
    f"PID|0001||00042^^^^PI||{NAMES}||19600115|M|||^^^^1000001^JPN^H^東京都千代田区1-1||"
    "^PRN^PH^^^^^^^^^03-0000-0000"
)
PV1 = "PV1|0001|O|01^^^^^C||||110^医師^一郎"


def msh(event: str, control: str = "1", charset: str = "", at: str = "20260703101500") -> str:
    return f"MSH|^~\\&|HIS|CLINIC|GW|RCV|{at}||{event}|{control}|P|2.5||||||{charset}"


def pv1(kind: str = "O", arrived: str = "", left: str = "") -> str:
    fields = [""] * 46
    fields[0], fields[2], fields[44], fields[45] = "PV1", kind, arrived, left
    return "|".join(fields)


def sch(
    placer: str = "", filler: str = "F1", start: str = "20260814100000", status: str = ""
) -> str:
    fields = [""] * 26
    fields[:3] = ["SCH", placer, filler]
    fields[9:12] = ["30", "MIN", f"^^^{start}"]
    fields[25] = status
    return "|".join(fields)


def message(*segments: str) -> str:
    return "".join(one + "\r" for one in segments)


def parts(content: str | bytes, *authorities: str) -> list[Part]:
    raw = content.encode() if isinstance(content, str) else content
    return list(read([raw], TOKYO, authorities))


def entries(read: list[Part]) -> list[Entry]:
    return [one for one in read if isinstance(one, Entry)]


def issues(read: list[Part]) -> list[Issue]:
    return [one for one in read if isinstance(one, Issue)]


def only(*segments: str) -> Entry:
    """The one entry of a message, when nothing else was to be said."""
    read = parts(message(*segments))
    assert issues(read) == []
    (entry,) = entries(read)
    return entry
