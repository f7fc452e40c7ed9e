"""HL7 v2 messages into entries: ADT, SIU and RDE^O11, in files of any number of them."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from hashlib import sha256

from clinic.importer.hl7v2 import events
from clinic.importer.hl7v2.charset import decode
from clinic.importer.hl7v2.events import Told
from clinic.importer.hl7v2.framing import Framed, frames
from clinic.importer.hl7v2.message import Message, Segment, instant, split
from clinic.importer.hl7v2.person import chart, read_person
from clinic.importer.types import Entry, Header, Issue, Part

_TRIGGER = re.compile(r"[A-Z][0-9]{2}")
_MOST_REJECTED = 1_000  # told one by one; of a file that is all faults nobody reads more


def read(
    content: bytes | Iterable[bytes], zone: tzinfo, authorities: Collection[str] = ()
) -> Iterator[Part]:
    """The entries of a file's messages, one by one as they come; the file whole or in chunks.

    `zone`: the clinic's, for times that name none. `authorities`: whose numbers in PID-3 are the
    clinic's chart numbers; none named: all. An entry's line is that of its MSH. Events that say
    nothing to the patient base are passed over, with one warning for each kind at the end.
    """
    yield Header("hl7")
    file = _File(zone, authorities)
    for framed in frames([content] if isinstance(content, bytes) else content):
        if isinstance(framed, Framed):
            yield from file.message(framed)
        else:
            file.doubt("stray_segment", "", "", framed.line)
    yield from file.rest()


@dataclass(slots=True)
class _File:
    """What is to be said of the file as a whole."""

    zone: tzinfo
    authorities: Collection[str]
    messages: int = 0
    rejected: int = 0
    doubts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    lines: dict[tuple[str, str, str], int] = field(default_factory=dict)  # where each stands first

    def doubt(self, reason: str, record: str, column: str, line: int) -> None:
        """Count something that is told once, at the end."""
        self.doubts[reason, record, column] += 1
        self.lines.setdefault((reason, record, column), line)

    def message(self, framed: Framed) -> Iterator[Part]:
        """The entries of one message, or why there are none."""
        self.messages += 1
        if framed.too_large:
            yield from self._reject("message_large", framed, "MSH")
            return
        text, fits = decode(b"\r".join(framed.segments))
        message = split(text)
        if message is None:
            yield from self._reject("header", framed, "MSH")
            return
        if not fits:
            self.doubt("charset", "MSH", "MSH-18", framed.line)
        kind, trigger = message.get("MSH", 9).upper(), message.get("MSH", 9, 2).upper()
        is_known = (
            (kind == "ADT" and trigger in events.KNOWN | {events.MERGED})
            or (kind == "SIU" and trigger in events.BOOKED)
            or (kind == "RDE" and trigger == "O11")
        )
        if not is_known:
            is_named = kind in events.TYPES and _TRIGGER.fullmatch(trigger)
            self.doubt("event_unknown", f"{kind}^{trigger}" if is_named else "", "", framed.line)
        elif not message.every("PID"):
            yield from self._reject("pid_missing", framed, "PID")
        elif kind == "SIU":
            yield from self._booking(message, trigger, framed)
        elif kind == "RDE":
            yield from self._prescription(message, framed)
        elif trigger == events.MERGED:
            yield from self._merges(message, framed)
        else:
            told = events.admission(message, trigger, self.zone)
            yield from self._entry(message, framed, "hl7:" + _control(message), told)

    def rest(self) -> Iterator[Issue]:
        """What is said once of the whole file."""
        for (reason, record, column), count in self.doubts.items():
            line = self.lines[reason, record, column]
            yield Issue("warn", reason, line, record, column, {"count": count})
        if self.rejected > _MOST_REJECTED:
            yield Issue("warn", "more_rejected", values={"count": self.rejected})
        if not self.messages:
            yield Issue("refuse", "no_message")

    def _reject(
        self, reason: str, framed: Framed, record: str, column: str = ""
    ) -> Iterator[Issue]:
        self.rejected += 1
        if self.rejected <= _MOST_REJECTED:
            yield Issue("reject", reason, framed.line, record, column)

    def _booking(self, message: Message, trigger: str, framed: Framed) -> Iterator[Part]:
        sender = (message.get("MSH", 3), message.get("MSH", 4))
        # The schedule's own number: the one who asked for the visit may have given none.
        number = [message.get("SCH", field, part) for field in (2, 1) for part in (1, 2)]
        if not message.every("SCH") or not (number[0] or number[2]):
            yield from self._reject("booking_unnumbered", framed, "SCH", "SCH-2")
            return
        key = "hl7:" + _digest("SCH", *sender, *(number[:2] if number[0] else number[2:]))
        told = events.booking(message, trigger, key, self.zone)
        yield from self._entry(message, framed, key, told)

    def _prescription(self, message: Message, framed: Framed) -> Iterator[Part]:
        order = message.get("ORC", 2)
        sender = (message.get("MSH", 3), message.get("MSH", 4))
        key = _digest("ORC", *sender, order) if order else _control(message)
        told = events.prescription(message, self.zone)
        yield from self._entry(message, framed, "hl7:" + key, told)

    def _merges(self, message: Message, framed: Framed) -> Iterator[Part]:
        """A40 may merge several: each PID stays, the number in the MRG after it goes."""
        pid: Segment | None = None
        for number, one in enumerate(message.every("PID", "MRG")):
            if one.name == "PID":
                if pid is not None:
                    yield from self._reject("merge_missing", framed, "MRG", "MRG-1")
                pid = one
            elif pid is not None:
                key = f"hl7:{_control(message)}:{number}"
                goes = chart(one, 1, self.authorities).number
                if goes:
                    yield from self._entry(message, framed, key, Told(), pid, goes)
                else:
                    yield from self._reject("merge_missing", framed, "MRG", "MRG-1")
                pid = None
        if pid is not None:
            yield from self._reject("merge_missing", framed, "MRG", "MRG-1")

    def _entry(
        self,
        message: Message,
        framed: Framed,
        key: str,
        told: Told,
        pid: Segment | None = None,
        merges: str = "",
    ) -> Iterator[Part]:
        pids = message.every("PID")
        person, numbered, unread = read_person(pid or pids[0], self.zone, self.authorities)
        if not person.chart and not ((person.name or person.kana) and person.birth_on):
            yield from self._reject("nobody_named", framed, "PID")
            return
        if pid is None and len(pids) > 1:
            self.doubt("several_patients", "PID", "", framed.line)
        for column in (*unread, *told.doubts):
            self.doubt("field_unreadable", column[:3], column, framed.line)
        yield Entry(
            key,
            person,
            framed.line,
            version=_version(message, self.zone),
            setting=told.setting,
            encounters=told.encounters,
            conditions=told.conditions,
            supplies=told.supplies,
            bookings=told.bookings,
            merges=merges,
            chart_from=numbered.taken,
            passed_over=numbered.passed_over,
        )


def _control(message: Message) -> str:
    """What names a message: its sender and the sender's number for it (MSH-3, 4, 10)."""
    return _digest("MSH", *(message.get("MSH", n) for n in (3, 4, 10)))


def _digest(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()[:32]


def _version(message: Message, zone: tzinfo) -> str:
    written = instant(message.get("MSH", 7), zone)
    return written.strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20) if written else ""
