"""The manual: `admin/manual/{language}.md`, read into plain values that a template writes.

Of Markdown it knows as much as it needs: `# page` (the name of a menu's entry), `## How do I ...?`,
steps (`1. `), points (`- `) and paragraphs. Everything else is text, and is shown as text.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

MANUAL = Path(__file__).parents[1] / "manual"
_STEP = re.compile(r"\d+\. ")
_POINT = "- "


@dataclass(slots=True)
class Block:
    """A paragraph, or a list of steps (`ol`) or points (`ul`)."""

    kind: str
    lines: list[str]


@dataclass(slots=True)
class Section:
    """A question and its answer."""

    anchor: str
    words: str
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class Chapter:
    """What there is to say of one page: what it is for, and how things are done there."""

    about: list[Block] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Heading:
    """Where a question is answered."""

    page: str
    anchor: str
    words: str


@cache
def manual(language: str) -> Mapping[str, Chapter]:
    """The chapters of a language, by the name of the page."""
    return read((MANUAL / f"{language}.md").read_text(encoding="utf-8"))


def read(text: str) -> dict[str, Chapter]:
    """The chapters of a file. Raises ValueError for a chapter that comes twice, or for text before
    the first."""
    found: dict[str, Chapter] = {}
    chapter: Chapter | None = None
    blocks: list[Block] = []
    begins = True  # a new paragraph or list
    for line in (raw.strip() for raw in text.splitlines()):
        if line.startswith("# "):
            name = line.removeprefix("# ")
            if name in found:
                raise ValueError(f"{name} comes twice")
            chapter = found[name] = Chapter()
            blocks, begins = chapter.about, True
        elif not line:
            begins = True
        elif chapter is None:
            raise ValueError("text before the first chapter")
        elif line.startswith("## "):
            anchor = f"q{len(chapter.sections) + 1}"
            section = Section(anchor, line.removeprefix("## "))
            chapter.sections.append(section)
            blocks, begins = section.blocks, True
        else:
            kind, words = _kind(line)
            if begins or not blocks or blocks[-1].kind != kind:
                blocks.append(Block(kind, []))
            blocks[-1].lines.append(words)
            begins = False
    return found


def headings(language: str, pages: Collection[str]) -> list[Heading]:
    """The questions that the manual answers about some pages."""
    return [
        Heading(page, one.anchor, one.words)
        for page, chapter in manual(language).items()
        if page in pages
        for one in chapter.sections
    ]


def _kind(line: str) -> tuple[str, str]:
    if step := _STEP.match(line):
        return "ol", line[step.end() :]
    return ("ul", line.removeprefix(_POINT)) if line.startswith(_POINT) else ("p", line)
