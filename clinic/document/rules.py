"""Documents: what a template may be, how it is filled in, what an answer comes to. Pure."""

import re
from collections.abc import Mapping

from clinic.document.types import (
    LABEL_LENGTH,
    MOST_FIELDS,
    PLACEHOLDERS,
    TEXT_LENGTH,
    TITLE_LENGTH,
    Answer,
    Block,
    Content,
    Draft,
    Field,
    Filled,
    Outcome,
    Problem,
)

_PLACE = re.compile(r"\{([^{}\n]*)\}")
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,31}")
_HEADING = "## "


def places(text: str) -> tuple[str, ...]:
    """The names of the places in a text, each once, in their order."""
    return tuple(dict.fromkeys(_PLACE.findall(text)))


def read_fields(written: Mapping[str, str]) -> tuple[Field, ...] | Problem:
    """The fields of a template as staff write them by language: a line `name: label` each."""
    labels: dict[str, dict[str, str]] = {}
    for language, lines in written.items():
        for line in filter(None, map(str.strip, lines.splitlines())):
            name, _, label = (part.strip() for part in line.partition(":"))
            known = name in PLACEHOLDERS
            if known or not _FIELD.fullmatch(name) or not 0 < len(label) <= LABEL_LENGTH:
                return Problem("field", line[:LABEL_LENGTH])
            labels.setdefault(name, {})[language] = label
    if len(labels) > MOST_FIELDS:
        return Problem("fields")
    return tuple(Field(name, by_language) for name, by_language in labels.items())


def written_fields(fields: tuple[Field, ...], language: str) -> str:
    """The fields as `read_fields` reads them."""
    return "\n".join(
        f"{one.name}: {one.labels[language]}" for one in fields if language in one.labels
    )


def problem_of(draft: Draft) -> Problem | None:
    """What keeps a template from being kept; None if nothing does."""
    if not draft.texts:
        return Problem("empty")
    known = {*PLACEHOLDERS, *(one.name for one in draft.fields)}
    for language, text in draft.texts.items():
        title = draft.titles.get(language, "")
        if not 0 < len(title) <= TITLE_LENGTH:
            return Problem("title", language)
        if len(text) > TEXT_LENGTH:
            return Problem("length", language)
        unknown = [name for name in places(f"{title}\n{text}") if name not in known]
        if unknown:
            return Problem("placeholder", unknown[0])
    return None


def fill(draft: Draft, language: str, values: Mapping[str, str]) -> Filled:
    """A template in one of its languages with its places replaced, once: what a value says is
    never read again, neither as a place nor as a heading."""
    known = {*PLACEHOLDERS, *(one.name for one in draft.fields)}
    unknown: dict[str, None] = {}
    empty: dict[str, None] = {}

    def value(place: re.Match[str]) -> str:
        name = place[1]
        if name not in known:
            unknown[name] = None
        elif not values.get(name, "").strip():
            empty[name] = None
        else:
            return values[name].strip()
        return place[0]

    title = _PLACE.sub(value, draft.titles[language])
    blocks = tuple(
        Block(one.kind, _PLACE.sub(value, one.text)) for one in blocks_of(draft.texts[language])
    )
    return Filled(Content(language, title, blocks), tuple(unknown), tuple(empty))


def blocks_of(text: str) -> tuple[Block, ...]:
    """The paragraphs of a text, parted by empty lines; a line that begins with `## ` is a
    heading."""
    found: list[Block] = []
    lines: list[str] = []
    for line in (*text.replace("\r\n", "\n").split("\n"), ""):
        heading = line.startswith(_HEADING)
        if lines and (heading or not line.strip()):
            found.append(Block("text", "\n".join(lines)))
            lines = []
        if heading:
            found.append(Block("heading", line.removeprefix(_HEADING).strip()))
        elif line.strip():
            lines.append(line.rstrip())
    return tuple(found)


def number_of(year: int, id: int) -> str:
    """The number on a document."""
    return f"{year}-{id:06d}"


def outcome_of(standing: Answer | None, pressed: Answer, *, read: bool) -> Outcome:
    """What comes of an answer. `standing`: the decision that holds, `asked` is none.

    Nobody agrees to what they have not opened; a no after a yes takes the yes back.
    """
    if pressed == "asked":
        return "asked"
    if pressed == "agreed":
        if standing == "agreed":
            return "same"
        return "agreed" if read else "unread"
    if standing == "agreed":
        return "withdrawn"
    return "same" if standing in ("refused", "withdrawn") else "refused"
