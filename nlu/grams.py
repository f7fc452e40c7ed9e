"""What the embedded model sees of a text: its pieces."""

import re

from nlu import entities, lexicon
from nlu.folding import fold, simplified
from nlu.lexicon import hiragana
from nlu.script import Group

READ = 400  # signs of a text: what a patient wants stands at its beginning or its end
_PICTURES = "\U0001f300-\U0001faff\u2600-\u27bf"
_WORD = re.compile(rf"[^\W\d_]+(?:'[^\W\d_]+)*|\d+|[?{_PICTURES}]")
_DIGITS = re.compile(r"\d+")
_NO_WORD = re.compile(rf"[^\w?{_PICTURES}]+")
LONGEST = 3  # signs of a piece


def folded(text: str, group: Group) -> str:
    """The form in which a text is read."""
    text = fold(text)
    if len(text) > READ:
        text = f"{text[: READ // 2]} {text[-READ // 2 :]}"
    return simplified(text) if group == "zh" else text


def asked(text: str, group: Group) -> str:
    """The form in which Rasa is taught texts and asked about them."""
    form = folded(text, group)
    return hiragana(form) if group == "ja" else form


def grams(text: str, group: Group) -> list[str]:
    """The pieces of a folded text, each once: the sorts of words in it, runs of signs, and in
    alphabets words and pairs of words.
    """
    found = dict.fromkeys(_sorts(text, group))
    if group == "ja":
        text = hiragana(text)
    if group in ("ja", "zh"):
        _runs(f"^{_NO_WORD.sub('', _DIGITS.sub('0', text))}$", found)
        return list(found)
    words = ["0" if word[0].isdigit() else word for word in _WORD.findall(text)]
    for word in words:
        _runs(f" {word} ", found)
        found[f"={word}"] = None
    for pair in zip(["^", *words], [*words, "$"], strict=True):
        found["=" + " ".join(pair)] = None
    return list(found)


def _sorts(text: str, group: Group) -> list[str]:
    """Topics by name; that someone, a symptom or a part of the day is named, but not which."""
    return [
        f"@{one.value if one.kind == 'topic' else one.kind}"
        for one in lexicon.find(text, group, ("topic", *entities.KINDS))
        if one.value != "none"
    ]


def _runs(text: str, found: dict[str, None]) -> None:
    for length in range(1, LONGEST + 1):
        for start in range(len(text) - length + 1):
            found[text[start : start + length]] = None


def probes(pieces: list[str], group: Group) -> list[str]:
    """Those by which a text is judged to be in a model's language at all."""
    length = 2 if group in ("ja", "zh") else 3
    return [piece for piece in pieces if len(piece) == length and piece[0] not in "=@"]
