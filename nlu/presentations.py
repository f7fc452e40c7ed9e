"""Which presentations of the triage a text names, by the words in their files. Pure.

In alphabets a phrase's words stand close together, two of them in either order, and `*` stands for
the ending of a word. In Japanese and Chinese a phrase is found as it is written, but for words that
only say how much.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from clinic.triage.load import catalogue
from nlu.folding import fold, simplified
from nlu.lexicon import hiragana
from nlu.script import Group, group, group_of

_BETWEEN = 3  # words between those of a phrase, all together
_OFTEN = 3  # places where one phrase is looked at, at most
_ENDING = 5  # letters that `*` stands for, at most
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_LANGUAGES: dict[Group, tuple[str, ...]] = {
    "en": ("en",),
    "ja": ("ja",),
    "ru": ("ru",),
    "zh": ("zh-Hans", "zh-Hant"),
}
# Words that say how much or since when, and the particles that come and go with them.
_FILLERS: dict[Group, re.Pattern[str]] = {
    "ja": re.compile(
        "すごく|とても|かなり|ちょっと|少し|すこし|ひどく|ずっと|急に|きゅうに|ものすごく|本当に|めっちゃ"
        "|たまに|また|も(?=痛|いた)|[\\s、。,.!?・ー〜~…]"
    ),
    "zh": re.compile(
        "非常|特别|有点儿|有点|有些|一直|突然|真的|实在|十分|老是|总是|经常|最近|这几天|今天|昨天"
        "|[很好太又都也得的了在里\\s、,。.!?…~]"
    ),
}


@dataclass(frozen=True, slots=True)
class _Named:
    presentation: str
    covered: frozenset[int]  # words or signs of the text
    letters: int


def load() -> None:
    """Read the words of all presentations, ahead of the first text."""
    for way in _LANGUAGES:
        named("", way if way != "zh" else "zh-Hans")


def named(text: str, language: str) -> tuple[str, ...]:
    """Ids of the presentations that a text of a chat in `language` names, the best match first.

    What only stands inside a longer phrase of another is not named by it. Equally good ones come in
    the order of the triage's table.
    """
    own = group(text, language)
    for way in dict.fromkeys((own, group_of(language))):
        found = list(_found(text, way))
        if found:
            return _best(found)
    return ()


def _best(found: list[_Named]) -> tuple[str, ...]:
    outer = [one for one in found if not any(one.covered < other.covered for other in found)]
    order = {name: place for place, name in enumerate(catalogue())}
    outer.sort(key=lambda one: (-one.letters, order[one.presentation]))
    return tuple(dict.fromkeys(one.presentation for one in outer))


def _found(text: str, way: Group) -> Iterator[_Named]:
    folded = _folded(text, way)
    if way in _FILLERS:
        yield from _written(folded, way)
    else:
        yield from _spoken(_WORD.findall(folded), way)


def _folded(text: str, way: Group) -> str:
    folded = fold(text)
    if way == "zh":
        folded = simplified(folded)
    if way == "ja":
        folded = hiragana(folded)
    return _FILLERS[way].sub("", folded) if way in _FILLERS else folded


@cache
def _phrases(way: Group) -> tuple[tuple[str, str], ...]:
    """Presentation and folded phrase, each once."""
    found = (
        (one.id, _folded(phrase, way))
        for one in catalogue().values()
        for language in _LANGUAGES[way]
        for phrase in one.words[language]
    )
    return tuple(dict.fromkeys(pair for pair in found if pair[1]))


def _written(text: str, way: Group) -> Iterator[_Named]:
    for presentation, phrase in _phrases(way):
        for match in islice(re.finditer(re.escape(phrase), text), _OFTEN):
            yield _Named(presentation, frozenset(range(*match.span())), len(phrase))


def _spoken(words: list[str], way: Group) -> Iterator[_Named]:
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        for form in _forms(word):
            places.setdefault(form, []).append(place)
    for presentation, parts in _parts(way):
        if all(part in places for part in parts):
            ways = _together([places[part] for part in parts])
            for covered in islice(ways, _OFTEN):
                letters = sum(len(part.rstrip("*")) for part in parts)
                yield _Named(presentation, frozenset(covered), letters)


@cache
def _parts(way: Group) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Presentation and the words of a phrase, those with `*` cut there."""
    return tuple(
        (presentation, tuple(_part(word) for word in re.findall(r"[^\s*]+\*?", phrase)))
        for presentation, phrase in _phrases(way)
    )


def _part(word: str) -> str:
    found = _WORD.search(word)
    return (found[0] if found else word) + ("*" if word.endswith("*") else "")


def _forms(word: str) -> Iterator[str]:
    """What of a phrase a word may be: itself, its singular, or a stem of it."""
    yield word
    if word.endswith("s") and len(word) > len("his"):
        yield word.removesuffix("s").removesuffix("'")
    for cut in range(min(_ENDING, len(word) - 1) + 1):
        yield f"{word[: len(word) - cut]}*"


def _together(places: list[list[int]]) -> Iterator[tuple[int, ...]]:
    """Where all parts stand close together: in order, or two of them in either order."""
    first, *rest = places
    for start in first:
        covered = _after(start, rest)
        if covered is not None:
            yield covered
    if len(places) == 2:
        for start in places[1]:
            covered = _after(start, [first])
            if covered is not None:
                yield covered


def _after(start: int, rest: list[list[int]]) -> tuple[int, ...] | None:
    covered = [start]
    for places in rest:
        place = next((one for one in places if one > covered[-1]), None)
        if place is None or place - start - len(covered) > _BETWEEN:
            return None
        covered.append(place)
    return tuple(covered)
