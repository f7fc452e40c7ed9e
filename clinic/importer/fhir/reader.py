"""FHIR R4 bundles and NDJSON into entries: one for each Patient, with all that refers to it.

References may point forward and back, within a bundle and from line to line, so entries come when
the whole file has been read; what is kept of a resource until then is only what it tells.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from hashlib import sha256
from typing import Any, TypeVar

from clinic.importer.fhir import clinical, outline
from clinic.importer.fhir.clinical import Event, Told
from clinic.importer.fhir.outline import Outline
from clinic.importer.fhir.patient import Read, read_patient
from clinic.importer.fhir.values import Coded, Node, coded, instant, node
from clinic.importer.types import (
    Booking,
    Condition,
    Encounter,
    Entry,
    Header,
    Issue,
    Part,
    Person,
    Procedure,
    Supply,
)

_MOST_REJECTED = 1_000  # told one by one; of a file that is all faults nobody reads more
_DEEPEST_BUNDLE = 3  # bundles within bundles
_T = TypeVar("_T")
_NAMED = clinical.READ | {"Patient", "Medication", "Bundle"}


def read_bundle(
    text: str, zone: tzinfo, source: str = "", charts: Collection[str] = ()
) -> Iterator[Part]:
    """A file that holds one Bundle or one resource.

    `zone`: the clinic's. `source`: the clinic's name for the system that wrote the file, if it has
    several. `charts`: identifier systems that are the clinic's own chart numbers. Lines of issues
    and entries are those of the bundle's entries, from 1. A file cut short is refused.
    """
    file = _File(zone, source, charts)
    yield Header("fhir")
    found = outline.outline(text.lstrip("\ufeff"))
    if isinstance(found, str):
        yield Issue("refuse", found)
        return
    file.add_outline(text.lstrip("\ufeff"), found, 1)
    yield from file.parts()


def read_lines(
    lines: Iterable[tuple[int, str]], zone: tzinfo, source: str = "", charts: Collection[str] = ()
) -> Iterator[Part]:
    """NDJSON: a resource or a bundle on each (numbered) line. A line that is none is rejected."""
    file = _File(zone, source, charts)
    yield Header("fhir")
    for number, raw in lines:
        line = raw.strip("\ufeff \t\r\n")
        if not line:
            continue
        found = outline.outline(line)
        if isinstance(found, str):
            file.reject(found, number)
        else:
            file.add_outline(line, found, number, is_line=True)
    yield from file.parts()


@dataclass(slots=True)
class _Patient:
    """One of the file's patients. `key`: of the entry."""

    read: Read
    key: str
    line: int
    stamp: str
    newest: str  # with what is told of them
    told: list[Told] = field(default_factory=list)

    @property
    def person(self) -> Person:
        """Who it is."""
        return self.read.person


@dataclass(frozen=True, slots=True)
class _Resource:
    """Something told of a patient, and where it stands: references are relative to `base`."""

    kind: str
    told: Told
    base: str
    stamp: str
    line: int


class _File:
    """What has been read so far."""

    def __init__(self, zone: tzinfo, source: str, charts: Collection[str]) -> None:
        self._zone, self._source, self._charts = zone, source, charts
        self._patients: dict[str, _Patient] = {}
        self._aliases: dict[str, list[str]] = {}  # by reference, the patients it may mean
        self._resources: dict[str, _Resource] = {}
        self._drugs: dict[str, Coded] = {}
        self._rejected: list[Issue] = []
        self._rejects = 0
        self._doubts: Counter[tuple[str, str, str]] = Counter()  # reason, record, element
        self._lines: dict[tuple[str, str, str], int] = {}  # where each doubt stands first
        self._unnamed = 0

    def reject(self, reason: str, line: int, record: str = "") -> None:
        """Leave a resource out."""
        self._rejects += 1
        if self._rejects <= _MOST_REJECTED:
            self._rejected.append(Issue("reject", reason, line, record))

    def _doubt(self, reason: str, record: str, element: str, line: int) -> None:
        self._doubts[reason, record, element] += 1
        self._lines.setdefault((reason, record, element), line)

    # Reading --------------------------------------------------------------------------------------

    def add_outline(self, text: str, found: Outline, line: int, *, is_line: bool = False) -> None:
        """Take in what lies there: the entries of a bundle one by one, else the resource itself."""
        begin, end = found.members.get("resourceType", (0, 0))
        if text[begin:end] != '"Bundle"':
            whole = outline.parse(text, (0, len(text)))
            if isinstance(whole, str):
                self.reject(whole, line)
            else:
                self._add_any(whole, line, "", "")
            return
        stamp = self._stamp(_string(text, found, "timestamp"))
        for number, span in enumerate(found.entries, 1):
            entry = outline.parse(text, span)
            at = line if is_line else number
            if isinstance(entry, str):
                self.reject(entry, at, "Bundle")
            elif "resource" in entry:
                self._add_any(entry["resource"], at, _url(entry.get("fullUrl")), stamp)

    def _add_any(self, resource: object, line: int, url: str, stamp: str, depth: int = 1) -> None:
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            self.reject("resource_type", line)
        elif resource["resourceType"] == "Bundle":
            self._add_bundle(resource, line, depth)
        elif resource["resourceType"] in _NAMED:
            self._add(resource, line, url, stamp)

    def _add_bundle(self, bundle: dict[str, Any], line: int, depth: int) -> None:
        if depth >= _DEEPEST_BUNDLE:
            self.reject("json_deep", line, "Bundle")
            return
        stamp = self._stamp(bundle.get("timestamp"))
        entries = bundle.get("entry")
        for entry in entries if isinstance(entries, list) else ():
            if "resource" in node(entry):
                url = _url(entry.get("fullUrl"))
                self._add_any(entry["resource"], line, url, stamp, depth + 1)

    def _add(self, resource: dict[str, Any], line: int, url: str, stamp: str) -> None:
        kind, id_ = resource["resourceType"], _id(resource.get("id"))
        relative = f"{kind}/{id_}" if id_ else ""
        base = url.removesuffix(relative) if relative and url.endswith("/" + relative) else ""
        self._unnamed += 1
        key = (base + relative if relative else url) or f"#{self._unnamed}"
        newest = max(stamp, self._stamp(node(resource.get("meta")).get("lastUpdated")))
        if kind == "Patient":
            names = (url, relative, f"urn:uuid:{id_}" if id_ else "")
            self._add_patient(resource, key, names, line, newest)
        elif kind == "Medication":
            what = coded(resource.get("code"))
            self._drugs.update({name: what for name in (url, key, relative) if name and what})
        else:
            told = clinical.tell(resource, self._zone, "fhir:" + self._digest(key))
            old = self._resources.get(key)
            if old is None or newest >= old.stamp:
                self._resources[key] = _Resource(kind, told, base, newest, line)

    def _add_patient(
        self, resource: Node, key: str, names: tuple[str, ...], line: int, stamp: str
    ) -> None:
        read = read_patient(resource, self._zone, self._charts)
        person = read.person
        for name in (key, *names):
            meant = self._aliases.setdefault(name, []) if name else [key]
            if key not in meant:
                meant.append(key)
        for reason, element in read.doubts:
            self._doubt(reason, "Patient", element, line)
        old = self._patients.get(key)
        if old is None or stamp >= old.stamp:
            id_ = _id(resource.get("id"))
            # The system that gave the chart number stands for the source: unlike a server's
            # address it is the same in every export.
            system = read.chart_from.system if read.chart_from else ""
            where = system or key.removesuffix(id_)
            entry_key = "fhir:" + self._digest(where, id_ or person.chart or key)
            self._patients[key] = _Patient(read, entry_key, line, stamp, stamp)

    def _stamp(self, value: object) -> str:
        read = instant(value, self._zone)
        return read.strftime("%Y-%m-%dT%H:%M:%S.%fZ").zfill(27) if read else ""

    def _digest(self, *parts: str) -> str:
        whole = "\n".join((self._source, *parts))
        return sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    # What was read --------------------------------------------------------------------------------

    def parts(self) -> Iterator[Part]:
        """Entries in the order of their patients, then what could not be used."""
        self._join()
        yield from self._rejected
        for patient in self._whole_patients():
            if patient.person.chart or (_is_named(patient.person) and patient.person.birth_on):
                yield self._entry(patient)
            else:
                yield Issue("reject", "nobody_named", patient.line, "Patient")
        for (reason, record, element), count in self._doubts.items():
            line = self._lines[reason, record, element]
            yield Issue("warn", reason, line, record, element, {"count": count})
        if self._rejects > len(self._rejected):
            yield Issue("warn", "more_rejected", values={"count": self._rejects})
        if not self._patients:
            yield Issue("warn", "no_patient")

    def _whole_patients(self) -> Iterator[_Patient]:
        """The patients; one whom several exports in one file hold, once."""
        found: dict[tuple[str, str], _Patient] = {}
        for patient in self._patients.values():
            same = found.setdefault((patient.key, patient.person.chart), patient)
            if same is not patient:
                same.told += patient.told
                same.newest = max(same.newest, patient.newest)
                if patient.stamp >= same.stamp:
                    same.read, same.stamp = patient.read, patient.stamp
        yield from found.values()

    def _join(self) -> None:
        for resource in self._resources.values():
            told = resource.told
            if not told.events and not told.doubts:
                continue
            patient = self._subject(told.subject, resource.base)
            if patient is None:
                self._doubt("patient_missing", resource.kind, "subject", resource.line)
                continue
            for reason, element in told.doubts:
                self._doubt(reason, resource.kind, element, resource.line)
            patient.told.append(self._with_drug(told, resource))
            patient.newest = max(patient.newest, resource.stamp)

    def _subject(self, references: str, base: str) -> _Patient | None:
        for reference in references.split(" "):
            found = self._named(reference, base)
            if found is not None:
                return found
        return None

    def _named(self, reference: str, base: str) -> _Patient | None:
        plain = reference.partition("/_history/")[0]
        # What is relative is meant beside the resource that says it (FHIR R4, Bundle, references).
        for name in (base + plain, plain, "/".join(plain.split("/")[-2:])):
            meant = [self._patients[key] for key in self._aliases.get(name, ())]
            # Two servers may each have a Patient/1; one patient may come in two exports.
            if len({(one.key, one.person.chart) for one in meant}) == 1:
                return meant[0]
        return None

    def _with_drug(self, told: Told, resource: _Resource) -> Told:
        if not told.drug:
            return told
        plain = told.drug.partition("/_history/")[0]
        names = (resource.base + plain, plain, "/".join(plain.split("/")[-2:]))
        what = next((self._drugs[name] for name in names if name in self._drugs), None)
        if what is None:
            self._doubt("code_missing", resource.kind, "medication", resource.line)
            return Told()
        events = tuple(
            replace(one, code=what.code, system=what.system, name=what.name)
            if isinstance(one, Supply)
            else one
            for one in told.events
        )
        return replace(told, events=events)

    def _entry(self, patient: _Patient) -> Entry:
        events = [event for told in patient.told for event in told.events]
        return Entry(
            patient.key,
            patient.person,
            patient.line,
            version=patient.newest,
            encounters=_sorted(events, Encounter),
            conditions=_sorted(events, Condition),
            procedures=_sorted(events, Procedure),
            supplies=_sorted(events, Supply),
            bookings=_sorted(events, Booking),
            chart_from=patient.read.chart_from,
            passed_over=patient.read.passed_over,
        )


def _sorted(events: list[Event], kind: type[_T]) -> tuple[_T, ...]:
    """Those of one kind, each once, in an order that does not hang on the file's."""
    return tuple(sorted({one for one in events if isinstance(one, kind)}, key=repr))


def _string(text: str, found: Outline, name: str) -> str:
    begin, end = found.members.get(name, (0, 0))
    return text[begin + 1 : end - 1] if end - begin < 50 else ""


def _url(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= 500 else ""


def _id(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= 128 else ""


def _is_named(person: Person) -> bool:
    return bool(person.name or person.kana)
