"""Takes an import back: what it wrote goes, what it replaced stands again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from clinic.audit.service import record
from clinic.config import Settings
from clinic.db import Tx
from clinic.importer import people
from clinic.importer.consents import forget_consents
from clinic.importer.journal import from_json
from clinic.importer.runs import actor
from clinic.importer.service import IMPORT_LOCK, follow_up
from clinic.lapse.plans import estimate
from clinic.record.merge import referring
from clinic.record.service import TIMEOUT

_CHILDREN = ("encounter", "condition", "procedure", "supply", "outside_appointment")
# Worked out from an import: they do not keep a patient in the base.
_DERIVED = ("patient_summary", "lapse")


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of it. `kept`: patients the import made, who have a chat, visit or note since."""

    records: int
    patients: int
    kept: int


async def undo(
    tx: Tx, settings: Settings, run_id: int, staff_id: int | None
) -> Undone | Literal["not_committed", "later_first"]:
    """Restore what stood before the import. Later imports have to be undone first.

    A field that somebody has changed since stays as it is.
    """
    await tx.execute("set local statement_timeout = 0")
    await tx.execute("set local idle_in_transaction_session_timeout = 0")
    await tx.execute("select pg_advisory_xact_lock($1)", IMPORT_LOCK, timeout=TIMEOUT)
    run = await tx.fetchrow(
        "select committed_at, kind from import_run where id = $1 and state = 'committed'", run_id
    )
    if run is None or run["kind"] == "master":
        return "not_committed"
    if await tx.fetchval(
        """select exists (select 1 from import_run where state = 'committed' and kind <> 'master'
             and committed_at > $1)""",
        run["committed_at"],
    ):
        return "later_first"
    touched = [
        row[0]
        for row in await tx.fetch(
            """select patient_id from source_record where run_id = $1 or replaced_by_id = $1
               union select patient_id from patient_change where run_id = $1""",
            run_id,
        )
    ]
    records = await _remove_records(tx, run_id)
    await estimate(tx, touched)  # a day that was only reckoned keeps nobody in the base
    changes = await tx.fetch(
        """with taken as (
             delete from patient_change where run_id = $1
             returning id, patient_id, made, before, after)
           select * from taken order by id desc""",
        run_id,
        timeout=TIMEOUT,
    )
    made = [row["patient_id"] for row in changes if row["made"]]
    await forget_consents(tx, run_id)
    gone = await _remove_patients(tx, made)
    # Now that whoever the import made is gone, and their chart numbers are free.
    await _restore_fields(tx, [row for row in changes if not row["made"]])
    await people.key_strangers(tx)
    await tx.execute(
        "update import_run set state = 'undone', undone_at = now() where id = $1", run_id
    )
    await follow_up(tx, settings, sorted(set(touched) - set(gone)))
    detail = {"import": run_id, "records": records, "patients": len(gone)}
    await record(tx, actor(staff_id), staff_id, "staff:import:undo", None, detail)
    return Undone(records, len(gone), len(made) - len(gone))


async def _restore_fields(tx: Tx, changes: Sequence[Any]) -> None:
    rows = await tx.fetch(
        "select * from patient where id = any($1) order by id for no key update",
        list({row["patient_id"] for row in changes}),
        timeout=TIMEOUT,
    )
    now = {row["id"]: dict(row) for row in rows}
    for row in changes:
        current = now.get(row["patient_id"])
        if current is None:
            continue  # made by this very import
        same = {
            name: from_json(name, value)
            for name, value in row["before"].items()
            if from_json(name, row["after"][name]) == current[name]
        }
        if same.get("chart") and await tx.fetchval(
            "select exists (select from patient where chart = $1)", same["chart"]
        ):
            del same["chart"]  # somebody else's by now
        if not same:
            continue
        current |= same
        columns = ", ".join(f"{name} = ${n}" for n, name in enumerate(same, 2))
        await tx.execute(
            f"""update patient set {columns}, name_key = '', kana_key = '' where id = $1""",  # noqa: S608  # names of columns that we journalled
            row["patient_id"],
            *same.values(),
        )


async def _remove_records(tx: Tx, run_id: int) -> int:
    for table in _CHILDREN:
        await tx.execute(
            f"""delete from {table} where record_id in (
                  select id from source_record where run_id = $1)""",  # noqa: S608  # constants
            run_id,
            timeout=TIMEOUT,
        )
    await tx.execute("delete from match_review where run_id = $1", run_id)
    removed = await tx.execute(
        "delete from source_record where run_id = $1", run_id, timeout=TIMEOUT
    )
    await tx.execute(
        # A doubt of an earlier import, decided since, may have written the record that stands now.
        """update source_record r set replaced_by_id = (
             select o.run_id from source_record o
             where (o.patient_id, o.key) = (r.patient_id, r.key) and o.replaced_by_id is null)
           where r.replaced_by_id = $1""",
        run_id,
        timeout=TIMEOUT,
    )
    return int(removed.split()[-1])


async def _remove_patients(tx: Tx, made: list[int]) -> list[int]:
    """Delete patients to whom nothing else refers; those deleted."""
    others = [
        f"not exists (select 1 from {table} o where o.{column} = p.id)"  # noqa: S608  # names of the catalogue
        for table, column in await referring(tx)
        if table not in _DERIVED
    ]
    rows = await tx.fetch(
        f"""select id from patient p where id = any($1) and {" and ".join(others)}""",  # noqa: S608  # names of the catalogue
        made,
        timeout=TIMEOUT,
    )
    free = [row["id"] for row in rows]
    for table in _DERIVED:
        await tx.execute(
            f"delete from {table} where patient_id = any($1)",  # noqa: S608  # constants
            free,
            timeout=TIMEOUT,
        )
    await tx.execute("delete from patient where id = any($1)", free, timeout=TIMEOUT)
    return free
