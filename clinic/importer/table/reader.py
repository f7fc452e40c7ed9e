"""Rows of a patient list to entries."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, tzinfo
from typing import Literal

from clinic.importer import normal
from clinic.importer.rules import CLEARED
from clinic.importer.table import cells
from clinic.importer.table.titles import folded
from clinic.importer.table.types import Cell, Field, Mapping, Row
from clinic.importer.types import Booking, Entry, Header, Issue, Part, Person, Sex, Supply

Severity = Literal["reject", "warn"]
_KEY = "table"  # a patient has one row in a list; a newer list's takes its place
_OLDEST = 125  # years
_FURTHEST = 5  # years ahead that anybody is booked
_CLEARABLE = frozenset({"phone", "email", "address", "language"})
_SUPPLY = "supply"  # the list names days and no drug


def read(
    rows: Iterable[Row | Issue], mapping: Mapping, today: date, zone: tzinfo
) -> Iterator[Part]:
    """The entries of a list, one a row. `today` and `zone` are the clinic's.

    A row is rejected if nobody can be told from it: neither a chart number nor name and birth
    date, or a birth date that is none. What else cannot be read is left out with a warning. Issues
    name the field and the column (from 1), never what stands there.
    """
    yield Header("table")
    if not mapping.columns:
        yield Issue("refuse", "mapping_needed")
        return
    passed = count = rejected = 0
    for row in rows:
        if isinstance(row, Issue):
            count, rejected = count + 1, rejected + 1
            yield row
            continue
        passed += 1
        if passed <= mapping.header or _is_title(row, mapping):
            continue
        count += 1
        parts = _Reading(row, mapping, today, zone).parts()
        rejected += not isinstance(parts[-1], Entry)
        yield from parts
    if not count:
        yield Issue("refuse", "no_rows")
    elif rejected * 2 > count:
        values: dict[str, int | str] = {"rejected": rejected, "rows": count}
        yield Issue("refuse", "mostly_rejected_rows", values=values)


def _is_title(row: Row, mapping: Mapping) -> bool:
    """Whether the titles stand here again, as in lists that were printed by pages."""
    if not mapping.titles:
        return False
    # The first cell tells nearly always, and spares folding all others of every row.
    pairs = zip(row.cells, mapping.titles, strict=False)
    return len(row.cells) >= len(mapping.titles) and all(
        isinstance(cell, str) and folded(cell) == title for cell, title in pairs
    )


class _Reading:
    """One row being read."""

    def __init__(self, row: Row, mapping: Mapping, today: date, zone: tzinfo) -> None:
        self.row = row
        self.columns = mapping.columns
        self.today = today
        self.zone = zone
        self.issues: list[Issue] = []

    def parts(self) -> list[Part]:
        """The row's entry and warnings, or the one issue that rejects it."""
        birth = self.cell("birth")
        birth_on = cells.day(birth) if birth != "" else None
        if birth != "" and (birth_on is None or not self._can_be_birth(birth_on)):
            return [self._issue("birth", "bad_birth", "reject")]
        chart, name, kana = self.words("chart"), self.words("name"), self.words("kana")
        if not chart and not (birth_on and (name or kana)):
            missing: Field = "birth" if name or kana else "name"
            return [self._issue(missing, "no_person", "reject")]
        deceased_on = self._day("deceased")
        person = Person(
            chart=chart,
            name=name or kana,
            kana=kana,
            birth_on=birth_on,
            sex=self._sex(),
            phone=self._phone(),
            email=self._email(),
            insurer=self.words("insurer"),
            insured=self._insured(),
            language=self._language(),
            address=self._contact("address"),
            allows_sms=self._agrees("sms_consent"),
            allows_email=self._agrees("email_consent"),
            deceased=deceased_on is not None,
            deceased_on=deceased_on,
            kana_only=bool(kana and (not name or normal.kana_key(name) == normal.kana_key(kana))),
        )
        last_visit_on = self._day("last_visit")
        entry = Entry(
            key=_KEY,
            person=person,
            line=self.row.line,
            last_visit_on=last_visit_on,
            supplies=self._supplies(last_visit_on),
            bookings=self._bookings(),
        )
        return [*self.issues, entry]

    def cell(self, name: Field) -> Cell:
        """The field's cell; the texts of several, joined by a blank."""
        places = self.columns.get(name, ())
        if len(places) == 1:
            cell = self.row.cell(places[0])
            return cell if isinstance(cell, date) else cells.text(cell)
        return " ".join(self.texts(name))

    def texts(self, name: Field) -> list[str]:
        """What the field's columns say, without the empty ones."""
        places = self.columns.get(name, ())
        return [words for place in places if (words := cells.text(self.row.cell(place)))]

    def words(self, name: Field) -> str:
        """The field as text. Only contact data can be cleared: a mark elsewhere is left out."""
        words = " ".join(self.texts(name))
        if cells.is_clear(words):
            self._warn(name, "clear_not_here")
            return ""
        return words

    def _contact(self, name: Field) -> str:
        words = " ".join(self.texts(name))
        return CLEARED if cells.is_clear(words) else words

    def _phone(self) -> str:
        """The first mobile number, or else the first number, in E.164."""
        texts = self.texts("phone")
        if any(map(cells.is_clear, texts)):
            return CLEARED
        numbers = [number for words in texts if (number := normal.phone_e164(words))]
        if len(numbers) < len(texts):
            self._warn("phone", "bad_phone")
        mobile = next((number for number in numbers if normal.is_mobile(number)), "")
        return mobile or next(iter(numbers), "")

    def _email(self) -> str:
        words = self._contact("email")
        if not words or words == CLEARED:
            return words
        mail = normal.email_key(words)
        if mail is None:
            self._warn("email", "bad_email")
        return mail or ""

    def _language(self) -> str:
        words = self._contact("language")
        if not words or words == CLEARED:
            return words
        language = cells.language(words)
        if language is None:
            self._warn("language", "bad_language")
        return language or ""

    def _agrees(self, name: Field) -> bool | None:
        """Yes or no; an empty cell says nothing, and nobody guesses what another means."""
        words = self.words(name)
        said = cells.agrees(words)
        if words and said is None:
            self._warn(name, "bad_consent")
        return said

    def _insured(self) -> str:
        """Symbol, number and branch, each in its place."""
        places = self.columns.get("insured", ())
        parts = [cells.text(self.row.cell(place)) for place in places]
        return "/".join(parts) if any(parts) else ""

    def _sex(self) -> Sex | None:
        words = self.words("sex")
        sex = cells.sex(words)
        if words and sex is None and not cells.says_no_sex(words):
            self._warn("sex", "bad_sex")
        return sex

    def _day(self, name: Field) -> date | None:
        """A day up to today."""
        cell = self.cell(name)
        if cell == "":
            return None
        on = cells.day(cell)
        if on is None or on > self.today:
            self._warn(name, "bad_date")
            return None
        return on

    def _supplies(self, last_visit_on: date | None) -> tuple[Supply, ...]:
        words = self.words("supply_days")
        if not words:
            return ()
        days = cells.days(words)
        if days is None or last_visit_on is None:
            self._warn("supply_days", "bad_days" if days is None else "days_without_visit")
            return ()
        return (Supply(_SUPPLY, last_visit_on, days, "local"),)

    def _bookings(self) -> tuple[Booking, ...]:
        """The next visit; at midnight if the list names the day alone. Past ones are left out."""
        cell = self.cell("next_visit")
        if cell == "":
            return ()
        found = cells.moment(cell)
        if found is None or found[0].year > self.today.year + _FURTHEST:
            self._warn("next_visit", "bad_date")
            return ()
        on, at = found
        if on < self.today:
            return ()
        starts_at = datetime.combine(on, at or time(), self.zone)
        return (Booking(f"{_KEY}:{on:%Y-%m-%d}", starts_at),)

    def _can_be_birth(self, on: date) -> bool:
        return on <= self.today and self.today.year - on.year <= _OLDEST

    def _warn(self, name: Field, reason: str) -> None:
        self.issues.append(self._issue(name, reason, "warn"))

    def _issue(self, name: Field, reason: str, severity: Severity) -> Issue:
        places = self.columns.get(name, ())
        values: dict[str, int | str] = {"column": places[0] + 1} if places else {}
        return Issue(severity, reason, self.row.line, "row", name, values)
