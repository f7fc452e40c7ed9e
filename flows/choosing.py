"""Which of the offered choices was typed: by label, number, order or part of a label. Pure."""

import re

from flows import words
from flows.effects import Offer
from flows.engine import BACK
from flows.navigation import MENU, PERSON

# How people count what they were shown; the first way of each list is the first choice.
_ORDER = (
    "first|1st|一番目|1番目|1つ目|ひとつ目|一つ目|最初|第一个|第一個|第1个|第1個|头一个|первый|первая|первое|первую",
    "second|2nd|二番目|2番目|2つ目|ふたつ目|二つ目|第二个|第二個|第2个|第2個|второй|вторая|второе|вторую",
    "third|3rd|三番目|3番目|3つ目|三つ目|第三个|第三個|第3个|第3個|третий|третья|третье|третью",
    "fourth|4th|四番目|4番目|4つ目|四つ目|第四个|第四個|第4个|第4個|четвертый|четвертая|четвертое",
    "fifth|5th|五番目|5番目|5つ目|五つ目|第五个|第五個|第5个|第5個|пятый|пятая|пятое|пятую",
)
_LAST = "last|last one|最後|最後の|最后一个|最後一個|последний|последняя|последнее|последнюю"
_AROUND = re.compile(
    r"^(?:the |the one |選|选|要)|(?: one| please| option|のやつ|のもの|のを|の|で|を|がいい|です"
    r"|お願いします|ください|пожалуйста| вариант)+$"
)
_ranks = {way: number for number, ways in enumerate(_ORDER) for way in ways.split("|")}
_ranks |= dict.fromkeys(_LAST.split("|"), -1)
# What a part of a label is not enough for: what cannot be undone, and the ways out.
_WHOLE = frozenset({"yes", "no", "now", "drop", "unsure", BACK, MENU, PERSON})
_CJK = re.compile(r"[぀-鿿]")
UNSURE = "unsure"  # the value of the choice "not sure"
LEAST_LETTERS = 3  # of a part of a label
LEAST_SIGNS = 2  # of Japanese or Chinese


def offered(offers: tuple[Offer, ...], said: str, *, numbers: bool = True) -> str | None:
    """The value of the one choice that was typed; None if none is, or several are.

    `numbers`: whether a number may stand for a choice, which it may not where text is asked for.
    """
    folded = words.fold(said)
    labels = [words.fold(offer.label) for offer in offers]
    values = {offer.value for offer, label in zip(offers, labels, strict=True) if label == folded}
    if len(values) == 1:
        return values.pop()
    if words.unsure(said) and any(offer.value == UNSURE for offer in offers):
        return UNSURE
    if not numbers:
        return None
    listed = [offer for offer in offers if offer.value not in (BACK, MENU, PERSON)]
    # "10" under times of day means ten o'clock, not the tenth of them.
    plain = not any(sign.isdigit() for label in labels for sign in label)
    if plain and folded.isdecimal() and 1 <= int(folded) <= len(offers):
        return offers[int(folded) - 1].value
    rank = _ranks.get(_AROUND.sub("", folded))
    if rank is not None and rank < len(listed) and listed:
        return listed[rank].value
    return _by_part(offers, labels, folded)


def _by_part(offers: tuple[Offer, ...], labels: list[str], folded: str) -> str | None:
    han = _CJK.search(folded) is not None
    if len(folded) < (LEAST_SIGNS if han else LEAST_LETTERS) or folded.isdecimal():
        return None
    part = re.compile(re.escape(folded) if han else rf"(?<!\w){re.escape(folded)}(?!\w)")
    fitting = {
        offer.value for offer, label in zip(offers, labels, strict=True) if part.search(label)
    }
    return fitting.pop() if len(fitting) == 1 and not fitting & _WHOLE else None
