"""The clinic's own services and people, found in a text by any of their names.

Names come from the database when a text is read, in whatever languages the clinic wrote them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from nlu.folding import fold, simplified
from nlu.reading import Entity

_WORD = re.compile(r"\w+(?:[-']\w+)*")
_HAN_OR_KANA = re.compile(r"[぀-ヿ㐀-鿿]")
_TITLES = frozenset(
    """dr doctor doc prof professor mr mrs ms miss д-р др доктор доктора доктору доктором докторе
    врач врача врачу врачом враче профессор профессора профессору""".split()  # noqa: SIM905
)
_HONORIFICS = (
    "先生",
    "医師",
    "医师",
    "医生",
    "醫師",
    "醫生",
    "大夫",
    "ドクター",
    "主任",
    "教授",
    "院長",
    "院长",
    "さん",
)
# Surnames that are words of every day count only beside a title.
_COMMON = frozenset(
    "will may long best early day week hand park price page book low my so an".split()  # noqa: SIM905
)
_CASES = frozenset(
    "а у е ы и ой ом ым ому ого ей ем ю я ою ью их ых ам".split()  # noqa: SIM905
)
_FULL, _TITLED, _SURNAME, _MISSPELT = 4, 3, 2, 1
_MOST_SHARED = 2  # services that may have the word by which one is meant
_ANSWER = 2  # words at most, of a text that answers "which?"
Spans = list[tuple[str, int]]  # what was matched, and how well


@dataclass(frozen=True)
class Names:
    """Id and names of what the clinic offers and of who works there."""

    services: Mapping[str, Iterable[str]]
    practitioners: Mapping[str, Iterable[str]]

    def find(self, text: str) -> tuple[Entity, ...]:
        """Whom and what a text names. Several of a kind if it may mean any of them."""
        forms = dict.fromkeys((fold(text), simplified(fold(text))))
        return (*self._services(list(forms)), *self._practitioners(list(forms)))

    def _practitioners(self, texts: list[str]) -> Iterable[Entity]:
        found: dict[str, Spans] = {}
        for key, names in self._people.items():
            found[key] = [
                span
                for text in texts
                for name in names
                if (span := _person(text, name)) is not None
            ]
        return _best("practitioner", found)

    def _services(self, texts: list[str]) -> Iterable[Entity]:
        found: dict[str, Spans] = {}
        for key, labels in self._labels.items():
            found[key] = [
                span
                for text in texts
                for label in labels
                if (span := self._service(text, label)) is not None
            ]
        return _best("service", found)

    @cached_property
    def _people(self) -> dict[str, list[str]]:
        return {key: _forms(names) for key, names in self.practitioners.items()}

    @cached_property
    def _labels(self) -> dict[str, list[str]]:
        return {key: _forms(names) for key, names in self.services.items()}

    @cached_property
    def _shared(self) -> Counter[str]:
        """In how many services a word, or a run of Han or kana, stands."""
        count: Counter[str] = Counter()
        for labels in self._labels.values():
            count.update({part for label in labels for part in _parts(label)})
        return count

    @cached_property
    def _own(self) -> dict[str, list[str]]:
        """The parts of each label that few others have."""
        return {
            label: [part for part in _parts(label) if self._shared[part] <= _MOST_SHARED]
            for labels in self._labels.values()
            for label in labels
        }

    def _service(self, text: str, label: str) -> tuple[str, int] | None:
        """The part of a label that a text has, and how much of it says which label is meant."""
        if label in text and (_HAN_OR_KANA.search(label) or _whole(label, text)):
            return label, 1000 + len(label)
        said = _WORD.findall(text)
        own = self._own[label]
        if _HAN_OR_KANA.search(label):
            best = max((part for part in own if part in text), key=len, default="")
            return (best, len(best)) if best else None
        hits = {part: word for part in own for word in said if _alike(word, part)}
        score = sum(map(len, hits))
        # A word of a label may be one of everyday speech: "first thing tomorrow".
        if not hits or (len(said) > _ANSWER and score * 2 <= len(label.replace(" ", ""))):
            return None
        return " ".join(hits.values()), score


def _forms(names: Iterable[str]) -> list[str]:
    folded = [fold(name) for name in names]
    return list(dict.fromkeys([*folded, *map(simplified, folded)]))


def _parts(label: str) -> set[str]:
    if not _HAN_OR_KANA.search(label):
        return {word for word in _WORD.findall(label) if len(word) > 2}
    solid = re.sub(r"\W", "", label)
    return {
        solid[start:end]
        for start in range(len(solid))
        for end in range(start + 2, len(solid) + 1)
        # One sign and the next word's, or an ending alone, name nothing.
        if not re.fullmatch("[ぁ-ゖー]+", solid[start:end])
    }


def _whole(label: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(label)}(?!\w)", text) is not None


def _best(kind: Literal["service", "practitioner"], found: dict[str, Spans]) -> Iterable[Entity]:
    best = {key: max(spans, key=lambda span: span[1]) for key, spans in found.items() if spans}
    most = max((score for _, score in best.values()), default=0)
    return [Entity(kind, key, words) for key, (words, score) in best.items() if score == most]


def _person(text: str, name: str) -> tuple[str, int] | None:
    """The words of a text that mean a person, and how surely."""
    if _HAN_OR_KANA.search(name):
        return _person_in_han(text, name)
    words = [word for word in _WORD.findall(name) if word not in _TITLES]
    said = _WORD.findall(text)
    if not words:
        return None
    hits = [(at, word) for at, word in enumerate(said) if any(_same(word, own) for own in words)]
    if len(hits) > 1 and len(hits) >= min(len(words), 2):
        return " ".join(word for _, word in hits), _FULL
    for at, word in hits:
        if at and said[at - 1] in _TITLES:
            return f"{said[at - 1]} {word}", _TITLED
    alone = len([word for word in said if word not in _TITLES]) == 1
    for _, word in hits:
        if alone or (word not in _COMMON and any(_same(word, own) for own in _surnames(words))):
            return word, _SURNAME
    for word in said:
        if any(_misspelt(word, own) for own in _surnames(words)):
            return word, _MISSPELT
    return None


def _surnames(words: list[str]) -> list[str]:
    """Last in Latin letters; Russians write it first or last."""
    return [words[0], words[-1]] if re.match("[а-я]", words[0]) else words[-1:]


def _person_in_han(text: str, name: str) -> tuple[str, int] | None:
    for honorific in _HONORIFICS:
        name = name.removesuffix(honorific).strip()
    words = name.split()
    solid = "".join(words)
    if not solid:
        return None
    if len(solid) > 1 and solid in text.replace(" ", ""):
        return solid, _FULL
    surnames = words[:1] if len(words) > 1 else [solid[:length] for length in (3, 2, 1)]
    for surname in surnames:
        for honorific in _HONORIFICS:
            titled = re.search(rf"{re.escape(surname)} ?{honorific}", text)
            if titled:
                return titled[0], _TITLED
    if text.strip() == surnames[-1] or (len(words) > 1 and len(words[0]) > 1 and words[0] in text):
        return words[0], _SURNAME
    return None


def _same(word: str, own: str) -> bool:
    """Whether a word is a name, in any Russian case."""
    if word == own:
        return True
    stem = own[:-1] if re.search("[аяйь]$", own) else own
    return (
        len(stem) > 2 and bool(re.match("[а-я]", own)) and word.startswith(stem)
    ) and word.removeprefix(stem) in _CASES


def _alike(word: str, part: str) -> bool:
    """Whether a word is one of a label: in another form, or misspelt."""
    if word == part or word in (f"{part}s", f"{part}es") or part == f"{word}s":
        return True
    if re.match("[а-я]", part) and len(part) > 4:
        stem = part[: max(4, len(part) - 3)]
        if word.startswith(stem) and len(word) <= len(part) + 3:
            return True
    return _misspelt(word, part)


def _misspelt(word: str, own: str) -> bool:
    """One slip in a word of five letters or more, two from nine on; the first letter is right."""
    if len(own) < 5 or word[0] != own[0]:
        return False
    return _slips(word, own) <= (2 if len(own) > 8 else 1)


def _slips(one: str, other: str) -> int:
    """How many letters are added, left out, changed or swapped (optimal string alignment)."""
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, sign in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (sign != wanted))
            if i > 1 and j > 1 and sign == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
