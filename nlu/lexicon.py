"""Words and phrases by what they stand for, in each group of languages.

A file (`data/lookup/KIND.yml`) gives the phrases of each value in each group. In a phrase `*`
stands for any ending of a word, and ` .. ` for up to three words between (in Japanese and Chinese:
up to six signs). Words are matched whole in alphabets. Chinese is written simplified. Kana of
either sort match the other.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from nlu.script import Group

LOOKUP = Path(__file__).parent / "data" / "lookup"
_ENDING = r"\w{0,5}"
_SPACED = {"en", "ru"}
_HIRAGANA = {katakana: katakana - 0x60 for katakana in range(ord("ァ"), ord("ヶ") + 1)}
_WORD_START = re.compile(r"\b\w|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Found:
    """Where a phrase stands in a text, and what it stands for."""

    start: int
    end: int
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class _Phrase:
    kind: str
    value: str
    pattern: re.Pattern[str]


def hiragana(text: str) -> str:
    """Japanese with all kana of one sort; no sign moves."""
    return text.translate(_HIRAGANA)


def find(text: str, group: Group, kinds: tuple[str, ...]) -> list[Found]:
    """Every phrase of some kinds in a folded text, overlapping ones too."""
    phrases = _phrases(group, kinds)
    found: list[Found] = []
    if group == "ja":
        text = hiragana(text)
    for start in _starts(text, group):
        for key in (text[start : start + 2], text[start]):
            for phrase in phrases.get(key, ()):
                match = phrase.pattern.match(text, start)
                if match:
                    found.append(Found(start, match.end(), phrase.kind, phrase.value))
    return found


def _starts(text: str, group: Group) -> Iterable[int]:
    if group in _SPACED:
        return (match.start() for match in _WORD_START.finditer(text))
    return range(len(text))


@cache
def _phrases(group: Group, kinds: tuple[str, ...]) -> dict[str, tuple[_Phrase, ...]]:
    """Phrases by their first two signs, or the first alone where that is all they have."""
    found: dict[str, list[_Phrase]] = {}
    for kind in kinds:
        for value, languages in lookup(kind).items():
            for phrase in languages.get(group, ()):
                phrase = hiragana(phrase) if group == "ja" else phrase
                key = phrase[:2] if len(phrase) > 1 and phrase[1] != "*" else phrase[:1]
                pattern = re.compile(_pattern(phrase, group))
                found.setdefault(key, []).append(_Phrase(kind, value, pattern))
    return {key: tuple(phrases) for key, phrases in found.items()}


def pattern(group: Group, kind: str, values: Iterable[str]) -> str:
    """One regular expression for all phrases of some values, for those who want no more."""
    found = [
        _pattern(hiragana(phrase) if group == "ja" else phrase, group)
        for value in values
        for phrase in lookup(kind)[value].get(group, ())
    ]
    start = r"(?<!\w)" if group in _SPACED else ""
    return f"{start}(?:{'|'.join(found)})"


@cache
def lookup(kind: str) -> dict[str, dict[Group, list[str]]]:
    """The phrases of a kind: value, then group of languages, then phrases."""
    text = (LOOKUP / f"{kind}.yml").read_text("utf-8")
    found: dict[str, dict[Group, list[str]]] = yaml.load(text, yaml.CSafeLoader)
    return found


def _pattern(phrase: str, group: Group) -> str:
    if group not in _SPACED:
        return ".{0,6}?".join(re.escape(part.strip()) for part in phrase.split(".."))
    pattern = ""
    for word in phrase.split():
        if word == "..":
            pattern += r"(?:\W+\w+){0,3}?"
        else:
            form = re.escape(word).replace(r"\*", _ENDING)
            pattern += rf"\W+{form}" if pattern else form
    return pattern + r"\b" if phrase[-1].isalnum() or phrase[-1] == "*" else pattern
