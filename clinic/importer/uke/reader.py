"""A medical UKE file, line by line: what kind of file it is, its receipts, and its totals."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from clinic.importer.eras import era_month
from clinic.importer.types import Header, Issue, Part
from clinic.importer.uke import records
from clinic.importer.uke.receipt import read_receipt
from clinic.importer.uke.records import Record

_MEDICAL = "1"  # IR's 点数表
_LONGEST = 10_000  # records of a receipt, ten times what a year in hospital would fill


def read(lines: Iterable[tuple[int, str]]) -> Iterator[Part]:
    """Reads numbered lines (without their ends) of a 医科 UKE: header, receipts, issues.

    Stops at the first issue that refuses the file; that it holds no receipt, or mostly bad ones,
    is known only at its end. At most one receipt is held in memory. Never raises over a line, and
    no issue holds a word of one. A file of several IR records gives a header for each.
    """
    file = _File()
    for number, line in lines:
        parts = file.take(number, line)
        yield from parts
        if file.refused:
            return
    yield from file.end()


@dataclass(slots=True)
class _File:
    """Where in the file the reader is, and what it has added up."""

    refused: bool = False
    seen: bool = False  # any line
    institution: bool = False  # an IR
    version: str = ""
    line: int = 0  # the last one
    receipt: list[Record] = field(default_factory=list)
    receipts: int = 0
    rejected: int = 0
    payers: int = 0  # since the last GO, as points
    points: int = 0
    closed: bool = False  # nothing but IR since a GO
    warned: set[tuple[str, str]] = field(default_factory=set)

    def take(self, number: int, line: str) -> Iterable[Part]:
        """What a line adds to what was read: mostly nothing until its receipt is complete."""
        line, unclean = records.cleaned(line)
        if not line or line.isspace():
            return ()
        self.seen, self.line = True, number
        parts: list[Part] = []
        kind = records.kind_of(line)
        if unclean:
            self._once(parts, unclean, number, "")
        if self.receipt and kind in records.OF_RECEIPT:
            if len(self.receipt) < _LONGEST:
                self.receipt.append(Record(number, kind, line.split(",")))
            return parts
        record = Record(number, kind, line.split(","))
        if refusal := self._refusal(record):
            return self._refuse(refusal, record)
        match kind:
            case "RE":
                parts += self._close()
                self.receipt.append(record)
                self.closed = False
            case "IR":
                parts += self._close()
                parts += self._open(record)
            case "GO":
                parts += self._close()
                parts += self._total(record)
            case _:
                self._pass_over(parts, record)
        return parts

    def end(self) -> Iterable[Part]:
        """What is known only at the end of the file."""
        parts: list[Part] = list(self._close())
        if not self.seen:
            parts.append(Issue("refuse", "file_empty"))
        elif not self.institution:
            parts.append(Issue("refuse", "no_institution", record="IR"))
        elif not self.receipts:
            parts.append(Issue("refuse", "no_receipts", record="RE"))
        elif self.rejected * 2 > self.receipts:
            counts: dict[str, int | str] = {"rejected": self.rejected, "receipts": self.receipts}
            parts.append(Issue("refuse", "mostly_rejected", values=counts))
        elif not self.closed:
            parts.append(Issue("warn", "total_missing", self.line, "GO"))
        return parts

    def _refusal(self, record: Record) -> str:
        """Why the file is none of ours, "" if nothing speaks against it."""
        if record.kind == "IR":
            scheme = record.plain(3)
            return "" if scheme == _MEDICAL else records.SCHEMES.get(scheme, "scheme_other")
        if record.kind in records.FOREIGN:
            return records.FOREIGN[record.kind]
        if self.institution:
            return ""
        # Returned claims begin with HI, and mark the records of their history by a number. Behind
        # an IR both are the payer's notes on a claim that is made anew.
        if record.kind in ("HI", "HR") or _is_history(record):
            return "returned"
        return "no_institution" if record.kind == "RE" else ""

    def _refuse(self, reason: str, record: Record) -> Iterable[Part]:
        self.refused = True
        self.receipt = []
        column = "点数表" if record.kind == "IR" else ""
        return (Issue("refuse", reason, record.line, record.kind, column),)

    def _open(self, record: Record) -> Iterable[Part]:
        self.institution = True
        month = era_month(record.plain(7))
        self.version = f"{month:%Y-%m}" if month else ""
        yield Header("uke", record.plain(4), month, record.plain(1))
        if month is None:
            yield Issue("warn", "claim_month", record.line, "IR", "請求年月")

    def _close(self) -> Iterable[Part]:
        """Reads the receipt that is complete now, if there is one."""
        if not self.receipt:
            return ()
        receipt, self.receipt = self.receipt, []
        self.receipts += 1
        if len(receipt) == _LONGEST:
            self.rejected += 1
            return (Issue("reject", "receipt_long", receipt[0].line, "RE"),)
        found = read_receipt(receipt, self.version)
        self.rejected += found.entry is None
        self.payers += found.payers
        self.points += found.points
        return (*found.issues, found.entry) if found.entry else found.issues

    def _total(self, record: Record) -> Iterable[Part]:
        """Compares GO with what was read. 総件数 counts HO and KO records, not receipts."""
        for column, told, found in (
            ("総件数", record.number(1), self.payers),
            ("総合計点数", record.number(2), self.points),
        ):
            if told != found:
                values: dict[str, int | str] = {"found": found}
                if told is not None:
                    values["told"] = told
                yield Issue("warn", "total_differs", record.line, "GO", column, values)
        self.payers = self.points = 0
        self.closed = True

    def _pass_over(self, parts: list[Part], record: Record) -> None:
        if record.kind in records.OF_RECEIPT:
            self._once(parts, "record_misplaced", record.line, record.kind)
        elif record.kind in records.PASSED_OVER:
            self._once(parts, "record_passed_over", record.line, record.kind)
        else:
            self._once(parts, "record_unknown", record.line, record.kind)

    def _once(self, parts: list[Part], reason: str, line: int, kind: str) -> None:
        """Warns of the first line of its kind only: a file repeats its manner on every line."""
        if (reason, kind) not in self.warned:
            self.warned.add((reason, kind))
            parts.append(Issue("warn", reason, line, kind))


def _is_history(record: Record) -> bool:
    """Whether a number stands before the record's kind."""
    columns = [column.strip() for column in record.columns[:3]]
    known = records.OF_RECEIPT | {"RE", "IR"}
    return columns[0].isdigit() and any(column in known for column in columns[1:])
