"""Those whose data were erased, as far as an import must know them again: by keyed marks only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.importer import normal


@dataclass(frozen=True, slots=True)
class Marks:
    """Keyed hashes of who somebody is. None: too little is told for one."""

    chart: str | None
    kana: str | None
    name: str | None


def marks_of(
    keys: KeyRing, *, chart: str, kana: str, name: str, birth_on: date | None, sex: str | None
) -> Marks:
    """The marks of a person. Without a birth date there are none: charts are handed out again."""
    if birth_on is None:
        return Marks(None, None, None)

    def mark(kind: str, text: str) -> str | None:
        return keys.index(f"erased_{kind}", f"{text}\0{birth_on}") if text else None

    reading, written = normal.kana_loose(kana), normal.name_key(name)
    return Marks(
        mark("chart", normal.chart_loose(chart) if chart else ""),
        mark("kana", reading and f"{reading}\0{sex}"),
        mark("name", written and f"{written}\0{sex}"),
    )


async def find_erased(tx: Tx, wanted: Sequence[Marks]) -> dict[int, int]:
    """Who of the wanted was erased, and was not let in again: place in `wanted` to patient.

    Two chart numbers that differ part two people of one name and birth date; names count only
    where one side has no number.
    """
    rows = await tx.fetch(
        """select w.n, min(e.patient_id) as patient
           from unnest($1::text[], $2::text[], $3::text[]) with ordinality
             w(chart, kana, name, n)
           join erasure e on e.lifted_at is null and (e.chart_mark = w.chart
             or (w.chart is null or e.chart_mark is null)
                and (e.kana_mark = w.kana or e.name_mark = w.name))
           group by w.n""",
        [one.chart for one in wanted],
        [one.kana for one in wanted],
        [one.name for one in wanted],
    )
    return {row["n"] - 1: row["patient"] for row in rows}
