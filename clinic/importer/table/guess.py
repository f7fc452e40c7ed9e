"""Which column of a list holds what: by its titles, and by what stands under them."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence

from clinic.importer import normal
from clinic.importer.table import cells, titles
from clinic.importer.table.titles import Meaning
from clinic.importer.table.types import Cell, Field, Mapping, Row

HEADER_ROWS = 10  # how far down titles are looked for
SAMPLE = 100  # rows that `guess` and `fit` want to see
_ENOUGH = 0.8  # of the values of a column without a title have to look like the field
_BY_LOOK = 0.5  # confidence in a column without a title
_GENERATION = 20  # years; birth dates lie further apart than visits of one list
_MOST_COLUMNS = 300
_KANA = re.compile("[ァ-ヶー・ぁ-ゖ\\s]{3,}")


def guess(rows: Sequence[Row]) -> Mapping:
    """A mapping from the first rows of a list. Fields that nothing speaks for are left out.

    Where no row holds titles, a column is taken only for what its values can be nothing else but:
    a chart number and a name look like many things, and are left to staff.
    """
    top = _title_row(rows)
    if top is None:
        columns = _by_look(rows)
        return Mapping(columns, confidence=dict.fromkeys(columns, _BY_LOOK))
    words = _titles(rows[top])
    columns, certainty = _by_titles(words)
    below = rows[top + 1 :]
    confidence = {
        name: round(certainty[name] * (0.5 + _share(name, below, places) / 2), 2)
        for name, places in columns.items()
    }
    return Mapping(columns, top + 1, words, confidence)


def fit(saved: Mapping, rows: Sequence[Row]) -> Mapping | None:
    """The saved mapping for these rows, wherever its titled columns stand now.

    None if a column that it names is not there, or there more than once: staff are asked again. A
    mapping without titles fits a list whose first row has none, if it is as wide.
    """
    if not saved.titles:
        widest = max(max(places) for places in saved.columns.values()) if saved.columns else 0
        is_alike = _title_row(rows) is None and all(len(row.cells) > widest for row in rows[:1])
        return Mapping(saved.columns) if is_alike else None
    for place, row in enumerate(rows[:HEADER_ROWS]):
        found = _titles(row)
        columns = _moved(saved, found)
        if columns is not None:
            return Mapping(columns, place + 1, found)
    return None


def _moved(saved: Mapping, found: tuple[str, ...]) -> dict[Field, tuple[int, ...]] | None:
    if found == saved.titles:
        return saved.columns
    columns: dict[Field, tuple[int, ...]] = {}
    for name, places in saved.columns.items():
        wanted = [saved.titles[place] if place < len(saved.titles) else "" for place in places]
        if not all(title and found.count(title) == 1 for title in wanted):
            return None
        columns[name] = tuple(found.index(title) for title in wanted)
    return columns | _added(saved, found, columns)


def _added(
    saved: Mapping, found: tuple[str, ...], columns: dict[Field, tuple[int, ...]]
) -> dict[Field, tuple[int, ...]]:
    """Columns that the list did not have then, if their title says surely what nothing else does.

    What it had and staff left out stays out.
    """
    fresh = ["" if title in saved.titles else title for title in found]
    added, certainty = _by_titles(fresh)
    return {
        name: places
        for name, places in added.items()
        if name not in columns and certainty[name] == 1
    }


def _titles(row: Row) -> tuple[str, ...]:
    """The row's cells as titles. What is no known title is kept too: staff may have mapped it."""
    found = [cell if isinstance(cell, str) else "" for cell in row.cells[:_MOST_COLUMNS]]
    return tuple(titles.folded(cell) for cell in found)


def _title_row(rows: Sequence[Row]) -> int | None:
    """The row with most known titles; at least two, or one that says so surely."""
    best, best_score = None, 0.0
    for place, row in enumerate(rows[:HEADER_ROWS]):
        if any(_is_data(cell) for cell in row.cells[:_MOST_COLUMNS]):
            continue
        known = [found for word in _titles(row) if (found := titles.meaning(word))]
        score = sum(found.certainty for found in known)
        if score >= 1 and score > best_score:
            best, best_score = place, score
    return best


def _is_data(cell: Cell) -> bool:
    if not isinstance(cell, str):
        return True
    return "@" in cell or cells.day(cell) is not None or normal.phone_e164(cell) is not None


def _by_titles(
    words: Sequence[str],
) -> tuple[dict[Field, tuple[int, ...]], dict[Field, float]]:
    found: dict[Field, list[tuple[int, Meaning]]] = defaultdict(list)
    for column, word in enumerate(words):
        meaning = titles.meaning(word)
        if meaning:
            found[meaning.field].append((column, meaning))
    columns: dict[Field, tuple[int, ...]] = {}
    certainty: dict[Field, float] = {}
    for name, places in found.items():
        chosen = _chosen(places)
        columns[name] = tuple(column for column, _ in chosen)
        certainty[name] = min(meaning.certainty for _, meaning in chosen)
    return columns, certainty


def _chosen(places: list[tuple[int, Meaning]]) -> list[tuple[int, Meaning]]:
    """One column for the whole field, the surest and leftmost; else the surest of each part."""
    surest = sorted(places, key=lambda place: (-place[1].certainty, place[0]))
    wholes = [place for place in surest if place[1].part == 0]
    if wholes:
        return wholes[:1]
    parts: dict[int, tuple[int, Meaning]] = {}
    for place in surest:
        parts.setdefault(place[1].part, place)
    return [parts[part] for part in sorted(parts)]


def _share(name: Field, rows: Sequence[Row], places: tuple[int, ...]) -> float:
    """The share of values under a title that can be what it says; 1 where any text can."""
    looks = _LOOKS.get(name)
    if looks is None:
        return 1.0
    values = [cell for row in rows[:SAMPLE] for place in places if (cell := row.cell(place)) != ""]
    return sum(map(looks, values)) / len(values) if values else 1.0


def _by_look(rows: Sequence[Row]) -> dict[Field, tuple[int, ...]]:
    width = min(max((len(row.cells) for row in rows[:SAMPLE]), default=0), _MOST_COLUMNS)
    columns: dict[Field, tuple[int, ...]] = {}
    for column in range(width):
        values = [cell for row in rows[:SAMPLE] if (cell := row.cell(column)) != ""]
        if not values:
            continue
        for name in ("email", "birth", "sex", "kana", "phone"):
            if name in columns or (name == "birth" and not _are_births(values)):
                continue
            if sum(map(_LOOKS[name], values)) >= _ENOUGH * len(values):
                columns[name] = (column,)
                break
    return columns


def _are_births(values: Sequence[Cell]) -> bool:
    """Whether days lie as far apart as those of birth do."""
    years = [on.year for value in values if (on := cells.day(value))]
    return len(years) > 1 and max(years) - min(years) >= _GENERATION


def _is_text(look: Callable[[str], object]) -> Callable[[Cell], bool]:
    return lambda cell: isinstance(cell, str) and bool(look(cell))


def _is_kana(cell: str) -> bool:
    return _KANA.fullmatch(unicodedata.normalize("NFKC", cell)) is not None


_LOOKS: dict[Field, Callable[[Cell], bool]] = {
    "birth": lambda cell: cells.day(cell) is not None,
    "deceased": lambda cell: cells.day(cell) is not None,
    "last_visit": lambda cell: cells.day(cell) is not None,
    "next_visit": lambda cell: cells.moment(cell) is not None,
    "email": _is_text(normal.email_key),
    "kana": _is_text(_is_kana),
    "phone": _is_text(normal.phone_e164),
    "sex": _is_text(lambda cell: cells.sex(cell) or cells.says_no_sex(cell)),
    "language": _is_text(cells.language),
    "supply_days": _is_text(cells.days),
    "sms_consent": _is_text(lambda cell: cells.agrees(cell) is not None),
    "email_consent": _is_text(lambda cell: cells.agrees(cell) is not None),
}
