"""Writes entries into the patient base, in batches of one transaction.

The preview is this very code in a transaction that is rolled back.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key
from clinic.importer import normal, rules
from clinic.importer.people import People
from clinic.importer.rules import SOURCES, Likeness, New, Review, Same, Verdict
from clinic.importer.types import Condition, Entry, Issue, Kind
from clinic.record.merge import standing
from clinic.record.tombstone import find_erased, marks_of

ENTRY = TypeAdapter(Entry)
ISSUES_KEPT = 5_000  # beyond so many, they are only counted
_CHILDREN = {
    "encounter": ("on_date", "setting"),
    "condition": (
        *("month", "code", "system", "icd10", "name", "suspected", "main"),
        *("started_on", "ended_on", "outcome"),
    ),
    "procedure": ("code", "system", "on_date", "count", "points"),
    "supply": ("code", "system", "on_date", "days"),
    "outside_appointment": ("key", "starts_at", "status"),
}


@dataclass(slots=True)
class Counts:
    """What an import did, or would do."""

    patients: Counter[str] = field(
        default_factory=lambda: Counter(
            dict.fromkeys(("new", "updated", "unchanged", "review", "rejected"), 0)
        )
    )
    records: Counter[str] = field(
        default_factory=lambda: Counter(dict.fromkeys(("new", "replaced", "unchanged", "older"), 0))
    )
    issues: Counter[str] = field(default_factory=Counter)  # by severity
    unknown_codes: Counter[str] = field(default_factory=Counter)  # diseases without ICD-10


@dataclass(slots=True)
class _Kept:
    """A record that stands: its own and those of earlier imports."""

    id: int
    version: str
    digest: str
    is_later: bool  # of an import after this one, of which a doubt is decided only now


class Commit:
    """One import at work. Call `note` for issues and `take` for batches of entries."""

    def __init__(
        self,
        tx: Tx,
        keys: KeyRing,
        run_id: int,
        kind: Kind,
        icd10: Mapping[str, str],
        today: date,
    ) -> None:
        """`icd10`: of the disease codes that are known."""
        self._tx, self._keys, self._run, self._icd10 = tx, keys, run_id, icd10
        self._today = today
        self._people = People(tx, keys, run_id, SOURCES[kind], today)
        self._often: Counter[tuple[int, str]] = Counter()
        self._state: dict[int, str] = {}  # of each patient met: new, updated, unchanged
        self._reviewed: set[str] = set()
        self._any_erased: bool | None = None  # not looked yet
        self.counts = Counts()
        self.issues: list[Issue] = []
        self.newest: date | None = None

    @property
    def touched(self) -> list[int]:
        """The patients of whom anything may have changed."""
        return sorted(self._state)

    def note(self, issues: Sequence[Issue]) -> None:
        """Keep what could not be used; `write_issues` stores it."""
        for one in issues:
            self.counts.issues[one.severity] += 1
            self.counts.patients["rejected"] += one.severity == "reject"
            if len(self.issues) < ISSUES_KEPT:
                self.issues.append(one)

    async def take(
        self, entries: Sequence[Entry], decided: Mapping[int, Verdict] | None = None
    ) -> list[tuple[int, Entry]]:
        """Write a batch; whose its entries are. `decided`: what a person said, by their place."""
        entries = [past for one in entries if (past := self._past(one)) is not None]
        likes = await self._people.load(entries)
        await self._people.reserve(len(entries))
        erased = {} if decided else await self._erased(entries)
        found: list[tuple[int, Entry]] = []
        for n, (entry, like) in enumerate(zip(entries, likes, strict=True)):
            if n in erased:
                who: dict[str, int | str] = {"patient": erased[n]}
                self.note([Issue("reject", "erased_person", entry.line, values=who)])
                continue
            # One after the other: an entry may speak of a patient whom the one before it made.
            verdict = (decided or {}).get(n) or await self._verdict(like)
            match verdict:
                case Same(id):
                    await self._people.fetch(id)
                    self._met(id, changed=self._people.change(id, entry, like))
                case New() if not (entry.person.name or entry.person.kana):
                    self.note([Issue("reject", "nobody_named", entry.line)])
                    continue
                case New():
                    id = self._people.make(entry, like).id
                    self._state[id] = "new"
                case Review():
                    await self._ask(entry, like, verdict)
                    continue
            found.append((id, entry))
            if entry.month and (self.newest is None or entry.month > self.newest):
                self.newest = entry.month
            if entry.merges:
                await self._ask_to_merge(entry, like, id)
        await self._people.write()
        if decided:
            await self._recall(found)
        await self._records(found)
        return found

    def finish(self) -> Counts:
        """The counts, when all is taken."""
        for state, count in Counter(self._state.values()).items():
            self.counts.patients[state] = count
        self.counts.patients["review"] = len(self._reviewed)
        return self.counts

    def _past(self, entry: Entry) -> Entry | None:
        """What has happened by now: one slip of the pen in a year, and all others would be late.

        A month to come rejects the entry, None; days to come are left out.
        """
        if entry.month is not None and entry.month > self._today:
            self.note([Issue("reject", "treatment_month", entry.line)])
            return None
        past = replace(
            entry,
            encounters=tuple(one for one in entry.encounters if one.on <= self._today),
            procedures=tuple(
                one for one in entry.procedures if one.on is None or one.on <= self._today
            ),
        )
        if past != entry:
            self.note([Issue("warn", "bad_date", entry.line)])
        return past

    async def _erased(self, entries: Sequence[Entry]) -> dict[int, int]:
        """Whose data were erased stays away until staff let them in again: place to patient."""
        if self._any_erased is None:
            self._any_erased = await self._tx.fetchval(
                "select exists (select 1 from erasure where lifted_at is null)"
            )
        if not self._any_erased:
            return {}
        people = [entry.person for entry in entries]
        wanted = [
            marks_of(
                self._keys,
                chart=one.chart,
                kana=one.kana,
                name=one.name,
                birth_on=one.birth_on,
                sex=one.sex,
            )
            for one in people
        ]
        return await find_erased(self._tx, wanted)

    def _met(self, patient_id: int, *, changed: bool) -> None:
        if changed and self._state.get(patient_id) != "new":
            self._state[patient_id] = "updated"
        self._state.setdefault(patient_id, "unchanged")

    # Reviews --------------------------------------------------------------------------------------

    async def _verdict(self, like: Likeness) -> Verdict:
        """Who is meant; what a person decided earlier of the same doubt holds."""
        verdict = self._people.match(like)
        if not isinstance(verdict, Review):
            return verdict
        patient = await self._tx.fetchval(
            """select patient_id from match_review
               where identity = $1 and state = 'decided' and patient_id is not null
               order by decided_at desc limit 1""",
            self._identity(like),
        )
        if patient is None:
            return verdict
        return Same((await standing(self._tx, [patient]))[patient])

    def _identity(self, like: Likeness) -> str:
        parts = (like.chart, like.name_key, like.kana_key, str(like.birth_on), str(like.sex))
        return self._keys.index("identity", "\x00".join(parts))

    async def _ask(self, entry: Entry, like: Likeness, doubt: Review) -> None:
        identity, digest = self._identity(like), content_digest(entry)
        self._reviewed.add(identity)
        key = new_key()
        await self._tx.execute(
            """insert into match_review (key, run_id, reason, identity, digest, entry, candidates)
               select $1, $2, $3::text, $4::text, $5::text, $6, $7
               where not exists (select 1 from match_review
                 where identity = $4 and digest = $5 and reason = $3
                   and (state = 'open' or decision in ('dropped', 'merged')))""",
            key,
            self._run,
            doubt.reason,
            identity,
            digest,
            self._keys.seal(ENTRY.dump_json(entry), "match_review.entry", key),
            list(doubt.candidates),
        )

    async def _ask_to_merge(self, entry: Entry, like: Likeness, kept: int) -> None:
        """Another system says that two charts are one person: a person here looks at both."""
        lost = await self._tx.fetchval(
            """select id from patient where chart = $1 and merged_into_id is null and id <> $2""",
            normal.chart_key(entry.merges)[:32],
            kept,
        )
        if lost is not None:
            await self._ask(entry, like, Review("merge_asked", (kept, lost)))

    # Records --------------------------------------------------------------------------------------

    async def _records(self, found: Sequence[tuple[int, Entry]]) -> None:
        kept = await self._kept(found)
        fresh: list[tuple[int, str, str, Entry]] = []
        replaced: list[int] = []
        for patient, entry in found:
            # The same record twice in a file: both count, the second under a name of its own.
            self._often[patient, entry.key] += 1
            often = self._often[patient, entry.key]
            key = entry.key if often == 1 else f"{entry.key}#{often}"
            digest, old = content_digest(entry), kept.get((patient, key))
            if old is not None and old.digest == digest:
                self.counts.records["unchanged"] += 1
                continue
            if old is not None and not rules.replaces(entry.version, old.version, old.is_later):
                self.counts.records["older"] += 1
                self.note([Issue("warn", "older_record", entry.line)])
                continue
            if old is not None:
                # With what else the file of then had under this key: all that the file of now has
                # there is written anew.
                gone = [
                    (whose, name)
                    for whose, name in kept
                    if whose == patient and (name == key or name.startswith(f"{key}#"))
                ]
                replaced += [kept.pop(one).id for one in gone]
            self._met(patient, changed=True)
            self.counts.records["new" if old is None else "replaced"] += 1
            fresh.append((patient, key, digest, entry))
        await self._tx.execute(
            "update source_record set replaced_by_id = $2 where id = any($1)", replaced, self._run
        )
        await self._insert(fresh)

    async def _recall(self, found: Sequence[tuple[int, Entry]]) -> None:
        """How often this import has told the same already, when a doubt of it is decided later."""
        for patient, entry in found:
            self._often[patient, entry.key] = await self._tx.fetchval(
                """select count(*) from source_record where run_id = $1 and patient_id = $2
                     and (key = $3 or starts_with(key, $3 || '#'))""",
                self._run,
                patient,
                entry.key,
            )

    async def _kept(self, found: Sequence[tuple[int, Entry]]) -> dict[tuple[int, str], _Kept]:
        rows = await self._tx.fetch(
            """select r.id, r.patient_id, r.key, r.version, r.digest,
                 coalesce(i.committed_at > own.committed_at, false) as is_later
               from (select distinct unnest($1::bigint[]) as patient, unnest($2::text[]) as key) w
               join source_record r on r.patient_id = w.patient
                 and (r.key = w.key or r.key like w.key || '#%')
               join import_run i on i.id = r.run_id join import_run own on own.id = $3
               where r.replaced_by_id is null and r.run_id <> $3""",
            [patient for patient, _ in found],
            [entry.key for _, entry in found],
            self._run,
        )
        return {
            (row["patient_id"], row["key"]): _Kept(
                row["id"], row["version"], row["digest"], row["is_later"]
            )
            for row in rows
        }

    async def _insert(self, fresh: Sequence[tuple[int, str, str, Entry]]) -> None:
        if not fresh:
            return
        rows = await self._tx.fetch(
            """select nextval(pg_get_serial_sequence('source_record', 'id'))
               from generate_series(1, $1)""",
            len(fresh),
        )
        ids = [row[0] for row in rows]
        await self._tx.copy_records_to_table(
            "source_record",
            columns=(
                *("id", "run_id", "patient_id", "key", "version", "digest", "month", "setting"),
                *("visit_count", "points", "deceased", "moved"),
            ),
            records=[
                (
                    *(id, self._run, patient, key, entry.version, digest, entry.month),
                    *(entry.setting, entry.visit_count, entry.points),
                    *(entry.person.deceased, entry.person.moved),
                )
                for id, (patient, key, digest, entry) in zip(ids, fresh, strict=True)
            ],
        )
        children: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _CHILDREN}
        for id, (patient, _, _, entry) in zip(ids, fresh, strict=True):
            for table, rest in self._children(entry):
                children[table].append((id, patient, *rest))
        for table, columns in _CHILDREN.items():
            if children[table]:
                await self._tx.copy_records_to_table(
                    table, columns=("record_id", "patient_id", *columns), records=children[table]
                )

    def _children(self, entry: Entry) -> list[tuple[str, tuple[Any, ...]]]:
        days = {(one.on, one.setting) for one in entry.encounters}
        if entry.last_visit_on is not None:
            days.add((entry.last_visit_on, "outpatient"))
        return [
            *(("encounter", day) for day in sorted(days)),
            *(("condition", self._condition(entry, one)) for one in entry.conditions),
            *(
                ("procedure", (one.code[:32], one.system, one.on, one.count, one.points))
                for one in entry.procedures
            ),
            *(("supply", (one.code[:32], one.system, one.on, one.days)) for one in entry.supplies),
            *(
                ("outside_appointment", (one.key[:96], one.starts_at, one.status))
                for one in entry.bookings
            ),
        ]

    def _condition(self, entry: Entry, one: Condition) -> tuple[Any, ...]:
        icd10 = one.icd10 or (self._icd10.get(one.code, "") if one.system == "receipt" else "")
        if not icd10 and one.system == "receipt":
            self.counts.unknown_codes[one.code] += 1
        return (
            *(entry.month, one.code[:32], one.system, icd10[:8], one.name, one.suspected, one.main),
            *(one.started_on, one.ended_on, one.outcome),
        )


async def write_issues(tx: Tx, run_id: int, issues: Sequence[Issue]) -> None:
    """Store what could not be used, in the place of what an earlier look at the file found."""
    await tx.execute("delete from import_issue where run_id = $1", run_id)
    await tx.executemany(
        """insert into import_issue (run_id, severity, reason, line, record, field, numbers)
           values ($1, $2, $3, $4, $5, $6, $7)""",
        [
            (
                *(run_id, one.severity, one.reason[:48], one.line),
                *(one.record[:24], one.column[:48], one.values),
            )
            for one in issues
        ],
    )


def content_digest(entry: Entry) -> str:
    """What an entry says of what happened, as 32 hex digits: the same again changes nothing.

    Not whom it speaks of, which is compared field by field, nor in which month it was claimed.
    """
    said = (
        *(entry.month, entry.setting, entry.encounters, entry.visit_count, entry.conditions),
        *(entry.procedures, entry.supplies, entry.bookings, entry.points, entry.last_visit_on),
        *(entry.merges, entry.person.deceased, entry.person.moved),
    )
    return hashlib.blake2b(repr(said).encode(), digest_size=16).hexdigest()
