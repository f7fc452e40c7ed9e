"""The patients an import meets: found by their keys, made, and changed field by field."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key
from clinic.importer import normal, rules
from clinic.importer.journal import SEALED as SEALED  # for clinic.record.edit
from clinic.importer.journal import to_json
from clinic.importer.rules import CLEARED, Known, Likeness, Review, Source, Verdict
from clinic.importer.types import Entry, Person
from clinic.record.merge import standing

PLAIN = ("chart", "name", "kana", "birth_on", "sex", "language", "deceased_on", "moved_on")
_COLUMNS = """p.id, p.key, p.name, p.kana, p.chart, p.birth_on, p.sex, p.language, p.phone,
    p.phone_index, p.email, p.email_index, p.address, p.insurer, p.insured, p.insured_index,
    p.deceased_on, p.moved_on, p.field_sources, s.newest_month, s.last_visit_on"""


@dataclass(slots=True)
class Stored:
    """A patient as the row has it; `columns` in their stored form."""

    id: int
    key: UUID
    columns: dict[str, Any]
    like: Likeness
    newest_month: date | None = None
    last_visit_on: date | None = None
    made: bool = False  # by this import, and not yet written
    before: dict[str, Any] = field(default_factory=dict)  # columns as they were


class People:
    """The patients of one import. Call `load` for a batch, then `match`, `make`, `change`, and at
    its end `write`.
    """

    def __init__(self, tx: Tx, keys: KeyRing, run_id: int, source: Source, today: date) -> None:
        """`today`: for a death of which no day is told."""
        self._tx, self._keys, self._run, self._source = tx, keys, run_id, source
        self._today = today
        self._by_id: dict[int, Stored] = {}
        self._charts: dict[str, int] = {}  # those of merged patients too
        # Charts that staff gave to somebody whom the chat brought: who that is, a person says.
        self._strangers: dict[str, int] = {}
        self._aliases: set[str] = set()  # charts of merged patients
        self._buckets: dict[tuple[object, ...], list[int]] = defaultdict(list)
        self._ids: list[int] = []

    async def load(self, entries: Sequence[Entry]) -> list[Likeness]:
        """Fetch whoever the entries may speak of; what of each entry is compared."""
        self._by_id, self._charts, self._strangers = {}, {}, {}
        self._buckets = defaultdict(list)
        wanted = [self._likeness(entry.person) for entry in entries]
        charts = [one.chart for one in wanted if one.chart]
        loose = [one.chart_loose for one in wanted if one.chart]
        others = await self._tx.fetch(
            """select id, chart from patient
               where chart = any($1) and (merged_into_id is not null or provisional)""",
            charts,
        )
        stands = await standing(self._tx, [row["id"] for row in others])
        dated = [one for one in wanted if one.birth_on is not None]
        rows = await self._tx.fetch(
            f"""with found as (
                  select id from patient where chart = any($1)
                  union select id from patient where chart_loose = any($2)
                  union select p.id from unnest($3::date[], $4::text[]) w(birth, kana)
                    join patient p on p.birth_on = w.birth and p.kana_key = w.kana
                    where w.kana <> ''
                  union select p.id from unnest($3::date[], $5::text[]) w(birth, name)
                    join patient p on p.birth_on = w.birth and p.name_key = w.name
                    where w.name <> ''
                  union select unnest($6::bigint[]))
                select {_COLUMNS} from found join patient p using (id)
                left join patient_summary s on s.patient_id = p.id
                where p.merged_into_id is null and not p.provisional
                order by p.id""",  # noqa: S608  # constants
            charts,
            loose,
            [one.birth_on for one in dated],
            [_loose_kana(one) for one in dated],
            [one.name_key for one in dated],
            list(stands.values()),
        )
        for row in rows:
            self._remember(_stored(row))
        for row in others:
            id = stands[row["id"]]
            known = self._charts if id in self._by_id else self._strangers
            known[row["chart"]] = id
        self._aliases = {row["chart"] for row in others if stands[row["id"]] != row["id"]}
        return wanted

    def match(self, wanted: Likeness) -> Verdict:
        """Who an entry speaks of."""
        known = self._charts.get(wanted.chart) if wanted.chart else None
        if known is not None:
            like = replace(self._by_id[known].like, chart=wanted.chart)
            return rules.match(wanted, [Known(known, like)])
        if wanted.chart in self._strangers:
            return Review("not_proven", (self._strangers[wanted.chart],))
        found: dict[int, None] = {}
        if wanted.chart:
            found |= dict.fromkeys(self._buckets["chart", wanted.chart_loose])
        if wanted.birth_on is not None:
            found |= dict.fromkeys(self._buckets["kana", wanted.birth_on, _loose_kana(wanted)])
            found |= dict.fromkeys(self._buckets["name", wanted.birth_on, wanted.name_key])
        return rules.match(wanted, [Known(id, self._by_id[id].like) for id in found])

    async def reserve(self, count: int) -> None:
        """Take ids for so many new patients."""
        rows = await self._tx.fetch(
            "select nextval(pg_get_serial_sequence('patient', 'id')) from generate_series(1, $1)",
            count,
        )
        self._ids = [row[0] for row in rows]

    async def fetch(self, patient_id: int) -> Stored:
        """One patient by number, where a person has decided. Raises LookupError without one."""
        if patient_id in self._by_id:
            return self._by_id[patient_id]
        row = await self._tx.fetchrow(
            f"""select {_COLUMNS} from patient p
                left join patient_summary s on s.patient_id = p.id
                where p.id = $1 and p.merged_into_id is null""",  # noqa: S608  # constants
            patient_id,
        )
        if row is None:
            raise LookupError(patient_id)
        self._remember(_stored(row))
        return self._by_id[patient_id]

    def make(self, entry: Entry, like: Likeness) -> Stored:
        """A new patient; later entries of the batch find them."""
        made = Stored(self._ids.pop(), new_key(), {"field_sources": {}}, like, made=True)
        self._set(made, entry)
        self._remember(made)
        return made

    def change(self, patient_id: int, entry: Entry, like: Likeness) -> bool:
        """Write what the entry knows better; whether anything changed."""
        stored = self._by_id[patient_id]
        before = len(stored.before)
        self._set(stored, entry)
        if stored.made or len(stored.before) == before:
            return False
        if stored.columns.get("chart") and not stored.like.chart:
            stored.like = replace(stored.like, chart=like.chart, chart_loose=like.chart_loose)
            self._buckets["chart", like.chart_loose].append(stored.id)
            self._charts[like.chart] = stored.id
        return True

    async def write(self) -> None:
        """Store whoever was made or changed, with what undoes it."""
        made = [one for one in self._by_id.values() if one.made]
        changed = [one for one in self._by_id.values() if one.before and not one.made]
        await self._catch_up(changed)
        names = (*PLAIN, *SEALED, *_indexes(), *_KEYS, "field_sources")
        if made:
            await self._tx.executemany(
                f"""insert into patient (id, key, {", ".join(names)})
                    values ($1, $2, {_places(names, 3)})""",  # noqa: S608  # constants
                [(one.id, one.key, *(self._full(one).get(name) for name in names)) for one in made],
            )
        if changed:
            await self._tx.executemany(
                f"""update patient set
                    {", ".join(f"{name} = ${n}" for n, name in enumerate(names, 2))}
                    where id = $1""",  # noqa: S608  # constants
                [(one.id, *(self._full(one).get(name) for name in names)) for one in changed],
            )
        await self._tx.executemany(
            """insert into patient_change (run_id, patient_id, made, before, after)
               values ($1, $2, $3, $4, $5)""",
            [(self._run, one.id, True, {}, {}) for one in made]
            + [(self._run, one.id, False, *_journal(one)) for one in changed],
        )
        for one in (*made, *changed):
            one.made, one.before = False, {}

    async def _catch_up(self, changed: Sequence[Stored]) -> None:
        """Where staff or the chat wrote into a patient since `load`, theirs stands."""
        rows = await self._tx.fetch(
            f"""select {_COLUMNS} from patient p left join patient_summary s on s.patient_id = p.id
                where p.id = any($1) order by p.id for no key update of p""",  # noqa: S608  # constants
            [one.id for one in changed],
        )
        now = {row["id"]: row for row in rows}
        for one in changed:
            row = now[one.id]
            was = one.columns | one.before
            theirs = {name for name in was if name != "field_sources" and was[name] != row[name]}
            # A value and what it is found by go together.
            theirs |= {f"{name}_index" for name in theirs if SEALED.get(name)}
            ours = one.before.keys() - theirs - {"field_sources"}
            if not theirs and was["field_sources"] == row["field_sources"]:
                continue
            sources = {name: self._source for name in ours if not name.endswith("_index")}
            one.columns |= {name: row[name] for name in was if name not in ours}
            one.columns["field_sources"] = row["field_sources"] | sources
            one.before = {name: row[name] for name in (*ours, "field_sources")}

    # Fields ---------------------------------------------------------------------------------------

    def _set(self, stored: Stored, entry: Entry) -> None:
        person = entry.person
        is_older = bool(entry.month and stored.newest_month and entry.month < stored.newest_month)
        values: dict[str, Any] = {
            "chart": normal.chart_key(person.chart)[:32],
            "name": normal.shown(person.name),
            "kana": normal.shown(person.kana),
            "birth_on": person.birth_on,
            "sex": person.sex,
            "language": person.language,
            "phone": normal.phone_e164(person.phone) if _says(person.phone) else person.phone,
            "email": normal.email_key(person.email) if _says(person.email) else person.email,
            "address": normal.shown(person.address) if _says(person.address) else person.address,
            "insurer": person.insurer,
            "insured": person.insured,
        }
        if not values["name"] and stored.made:
            values["name"] = values["kana"] or values["chart"]
        owner = self._charts.get(values["chart"]) or self._strangers.get(values["chart"])
        if owner not in (None, stored.id) or values["chart"] in self._aliases:
            # A number that was given out twice stays with its first owner; one of a record that
            # was joined into this, with that record.
            values["chart"] = ""
        held = stored.columns.get("chart")
        if (
            held
            and values["chart"]
            and normal.chart_loose(held) != normal.chart_loose(person.chart)
        ):
            values["chart"] = ""  # a second number of somebody: the first is on the card they hold
        for name, value in values.items():
            self._field(stored, name, value, is_older=is_older, person=person)
        self._flags(stored, entry)

    def _field(
        self, stored: Stored, name: str, value: Any, *, is_older: bool, person: Person
    ) -> None:
        old = self._plain(stored, name)
        if name == "name" and rules.keeps_kanji(person, old or ""):
            return
        if is_older and old:
            return
        sources = stored.columns["field_sources"]
        was = sources.get(name)
        if not rules.may_write(name, value, self._source, old=old, old_source=was):
            return
        empty = "" if name == "kana" else None
        self._put(stored, name, empty if value == CLEARED else value)
        self._put(stored, "field_sources", {**sources, name: self._source})

    def _flags(self, stored: Stored, entry: Entry) -> None:
        person, seen = entry.person, max((one.on for one in entry.encounters), default=None)
        if person.deceased and stored.columns.get("deceased_on") is None:
            self._put(stored, "deceased_on", person.deceased_on or seen or self._today)
        moved = stored.columns.get("moved_on")
        if person.moved and moved is None:
            newest = stored.last_visit_on
            if newest is None or seen is None or seen >= newest:
                self._put(stored, "moved_on", seen or self._today)
        elif moved is not None and not person.moved and seen is not None and seen > moved:
            self._put(stored, "moved_on", None)  # came again

    def _put(self, stored: Stored, name: str, value: Any) -> None:
        for column, stored_value in self._stored_form(stored, name, value).items():
            stored.before.setdefault(column, stored.columns.get(column))
            stored.columns[column] = stored_value

    def _stored_form(self, stored: Stored, name: str, value: Any) -> dict[str, Any]:
        if name not in SEALED:
            return {name: value}
        sealed = value and self._keys.seal(value.encode(), f"patient.{name}", stored.key)
        kind = SEALED[name]
        index = {f"{name}_index": value and self._keys.index(kind, value)} if kind else {}
        return {name: sealed or None, **index}

    def _plain(self, stored: Stored, name: str) -> Any:
        value = stored.columns.get(name)
        if name not in SEALED or value is None:
            return value
        return self._keys.open(value, f"patient.{name}", stored.key).decode()

    def _likeness(self, person: Person) -> Likeness:
        phone = normal.phone_e164(person.phone) if _says(person.phone) else None
        return rules.likeness(
            person,
            self._keys.index("phone", phone) if phone else "",
            self._keys.index("insured", person.insured) if person.insured else "",
        )

    def _remember(self, stored: Stored) -> None:
        like = stored.like
        self._by_id[stored.id] = stored
        if like.chart:
            self._charts[like.chart] = stored.id
            self._buckets["chart", like.chart_loose].append(stored.id)
        if like.birth_on is not None:
            if like.kana_key:
                self._buckets["kana", like.birth_on, _loose_kana(like)].append(stored.id)
            if like.name_key:
                self._buckets["name", like.birth_on, like.name_key].append(stored.id)

    def _full(self, stored: Stored) -> dict[str, Any]:
        columns = stored.columns
        columns.setdefault("kana", "")
        return columns | key_columns(columns["name"], columns["kana"], columns.get("chart"))


_KEYS = ("chart_loose", "kana_key", "name_key")


def key_columns(name: str, kana: str, chart: str | None) -> dict[str, str | None]:
    """The columns that a patient is found by, from what is shown."""
    return {
        "chart_loose": normal.chart_loose(chart)[:32] if chart else None,
        "kana_key": normal.kana_loose(kana)[:80],
        "name_key": normal.name_key(name)[:80],
    }


async def key_strangers(tx: Tx) -> None:
    """Give keys to patients that were written by something that knows nothing of them."""
    rows = await tx.fetch(
        """select id, name, kana, chart from patient
           where name_key = '' and kana_key = '' and name <> '' for update skip locked"""
    )
    await tx.executemany(
        "update patient set chart_loose = $2, kana_key = $3, name_key = $4 where id = $1",
        [
            (row["id"], *key_columns(row["name"], row["kana"], row["chart"]).values())
            for row in rows
        ],
    )


def _stored(row: Any) -> Stored:
    like = Likeness(
        chart=normal.chart_key(row["chart"] or ""),
        chart_loose=normal.chart_loose(row["chart"]) if row["chart"] else "",
        name=row["name"],
        name_key=normal.name_key(row["name"]),
        kana_key=normal.kana_key(row["kana"]),
        birth_on=row["birth_on"],
        sex=row["sex"],
        phone=row["phone_index"] or "",
        insured=row["insured_index"] or "",
        kana_only=_is_kana(row["name"], row["kana"]),
    )
    columns = {name: row[name] for name in (*PLAIN, *SEALED, *_indexes(), "field_sources")}
    return Stored(
        row["id"],
        row["key"],
        columns,
        like,
        row["newest_month"],
        row["last_visit_on"],
    )


def _is_kana(name: str, kana: str) -> bool:
    """Whether the name is nothing but the reading."""
    return bool(kana) and normal.kana_key(name) == normal.kana_key(kana)


def _says(value: str) -> bool:
    return bool(value) and value != CLEARED


def _loose_kana(like: Likeness) -> str:
    return like.kana_key.replace("ー", "")


def _indexes() -> Iterable[str]:
    return [f"{name}_index" for name, kind in SEALED.items() if kind]


def _places(names: Sequence[str], first: int) -> str:
    return ", ".join(f"${n}" for n in range(first, first + len(names)))


def _journal(stored: Stored) -> tuple[dict[str, Any], dict[str, Any]]:
    """What stood in the changed columns, and what stands there now."""
    return to_json(stored.before, stored.before), to_json(stored.columns, stored.before)
