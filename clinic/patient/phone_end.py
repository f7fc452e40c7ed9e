"""Finding patients by the end of a telephone number, which is encrypted: the last four digits have
a keyed mark of their own, `patient.phone_end`.

Whatever writes a number need not know of it: the database empties the mark when the number changes,
and the worker makes what is missing. The mark's key is that of all blind indexes, which stays when
the keys of encryption change.
"""

import re
import unicodedata
from collections.abc import Iterable

from clinic.crypto import KeyRing, Sealed
from clinic.db import Tx

DIGITS = 4
BATCH = 2_000
UNREADABLE = ""  # the number does not open: nothing finds it, and nobody tries again
_BETWEEN = re.compile(r"[\s().‐-―ー−-]+")
_END = re.compile(r"[0-9]{4,15}")


def phone_end(keys: KeyRing, digits: str) -> str:
    """The mark of the last four digits."""
    return keys.index("phone_end", digits[-DIGITS:])


def read_end(words: str) -> str | None:
    """The digits, if the words are nothing but four or more of them; else None."""
    digits = _BETWEEN.sub("", unicodedata.normalize("NFKC", words))
    return digits if _END.fullmatch(digits) else None


def ends_so(keys: KeyRing, rows: Iterable[tuple[int, object, bytes]], digits: str) -> list[int]:
    """Of these patients (id, key, encrypted number) those whose number ends with the digits.

    Of four digits the mark has told all.
    """
    if len(digits) == DIGITS:
        return [one for one, _, _ in rows]
    found = []
    for one, key, sealed in rows:
        try:
            number = keys.open(sealed, "patient.phone", key).decode()
        except Sealed:
            continue
        if number.endswith(digits):
            found.append(one)
    return found


async def mark_ends(tx: Tx, keys: KeyRing, most: int = BATCH) -> int:
    """Make the marks that are missing, so many at most; how many there were."""
    rows = await tx.fetch(
        """select id, key, phone from patient where phone is not null and phone_end is null
           order by id limit $1 for no key update skip locked""",
        most,
    )
    marks = []
    for row in rows:
        try:
            number = keys.open(row["phone"], "patient.phone", row["key"]).decode()
        except Sealed:
            marks.append(UNREADABLE)
        else:
            marks.append(phone_end(keys, number))
    await tx.execute(
        """update patient set phone_end = n.mark
           from unnest($1::bigint[], $2::text[]) n (id, mark) where patient.id = n.id""",
        [row["id"] for row in rows],
        marks,
    )
    return len(rows)
