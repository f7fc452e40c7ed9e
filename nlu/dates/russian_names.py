"""Russian names and numbers in all their cases."""

import re

_STEMS = {
    1: "январ[ьяею]",
    2: "феврал[ьяею]",
    3: "март[аеу]?",
    4: "апрел[ьяею]",
    5: "ма[йяею]",
    6: "июн[ьяею]",
    7: "июл[ьяею]",
    8: "август[аеу]?",
    9: "сентябр[ьяею]",
    10: "октябр[ьяею]",
    11: "ноябр[ьяею]",
    12: "декабр[ьяею]",
}
_SHORT = {
    "янв": 1, "фев": 2, "февр": 2, "мар": 3, "апр": 4, "июн": 6, "июл": 7, "авг": 8, "сен": 9,
    "сент": 9, "окт": 10, "ноя": 11, "нояб": 11, "дек": 12,
}  # fmt: skip
_WEEKDAYS = (
    "понедельник(?:а|у|ом|е)?|пнд|пон|пн",
    "вторник(?:а|у|ом|е)?|втр|вт",
    "сред(?:а|ы|е|у|ой)|ср",
    "четверг(?:а|у|ом|е)?|чтв|чт",
    "пятниц(?:а|ы|е|у|ей)|птн|пт",
    "суббот(?:а|ы|е|у|ой)|суб|сбт|сб",
    "воскресень(?:е|я|ю|ем)|воскресени(?:е|я|ю|ем)|воскр|вск|вс",
)
_PLURALS = ["понедельник", "вторник", "сред", "четверг", "пятниц", "суббот", "воскресен"]
MONTH = f"(?P<month>{'|'.join(_STEMS.values())}|{'|'.join(sorted(_SHORT, key=len, reverse=True))})"
WEEKDAY = f"(?P<weekday>{'|'.join(_WEEKDAYS)})"
WEEKDAYS = f"(?P<weekdays>(?:{'|'.join(_PLURALS)})(?:ам|ьям|иям))"

_CASES = {
    "Январ": "ь я е",
    "Феврал": "ь я е",
    "Апрел": "ь я е",
    "Сентябр": "ь я е",
    "Октябр": "ь я е",
    "Ноябр": "ь я е",
    "Декабр": "ь я е",
    "Август": " а е",
    "Понедельник": " а у",
    "Вторник": " а у",
    "Четверг": " а у",
    "Пятниц": "а ы у е",
    "Суббот": "а ы у е",
    "Воскресень": "е я ю",
    "Послезавтр": "а",
}
NAMES = tuple(
    stem.lower() + ending for stem, endings in _CASES.items() for ending in endings.split(" ")
)

_ORDINALS = [
    "перв",
    "втор",
    "трет",
    "четверт",
    "пят",
    "шест",
    "седьм",
    "восьм",
    "девят",
    "десят",
    "одиннадцат",
    "двенадцат",
    "тринадцат",
    "четырнадцат",
    "пятнадцат",
    "шестнадцат",
    "семнадцат",
    "восемнадцат",
    "девятнадцат",
    "двадцат",
]
_ORDINAL_STEMS = {stem: number for number, stem in enumerate(_ORDINALS, 1)} | {"тридцат": 30}
_TENS = {"двадцать": 20, "тридцать": 30}
_CARDINALS = {
    "две": 2, "два": 2, "двух": 2, "двум": 2, "двумя": 2, "три": 3, "трех": 3, "трем": 3,
    "тремя": 3, "четырьмя": 4, "пятью": 5, "шестью": 6,
    "четыре": 4, "четырех": 4, "четырем": 4, "семь": 7, "семи": 7, "восемь": 8, "восьми": 8,
    "пять": 5, "пяти": 5, "шесть": 6, "шести": 6, "девять": 9, "девяти": 9, "десять": 10,
    "десяти": 10, "одиннадцать": 11, "одиннадцати": 11, "двенадцать": 12, "двенадцати": 12,
    "тринадцать": 13, "четырнадцать": 14, "пятнадцать": 15, "пятнадцати": 15, "шестнадцать": 16,
    "семнадцать": 17, "восемнадцать": 18, "девятнадцать": 19, "двадцать": 20, "двадцати": 20,
    "тридцать": 30, "сорок": 40,
}  # fmt: skip
_STEM = "|".join(sorted(_ORDINAL_STEMS, key=len, reverse=True))
# "третьего", "пятому", "второе": days of a month, and hours that have begun.
_NTH = rf"(?:(?P<tens>двадцать|тридцать) )?(?P<stem>{_STEM})(?:ь?его|ого|ь?ему|ому|ое|ье)"
_OF_DAY = re.compile(rf"\b{_NTH}\b")
_HALF = re.compile(rf"\b(?:половин[аеу]|пол)[ -]?{_NTH}\b")
_OF_WEEKDAY = re.compile(
    rf"\b(?P<stem>{_STEM})(?:ый|ой|ий|ая|ья|ую|ью|ые)(?= (?:{'|'.join(_WEEKDAYS)})\b)"
)
_CARDINAL = re.compile(
    rf"\b(?:(двадцать|двадцати|тридцать) )?({'|'.join(sorted(_CARDINALS, reverse=True))})\b"
)


def with_digits(text: str) -> str:
    """The text with its numbers in digits: "пяти" as 5, "пятого" as 5-го, "полпятого" as пол 5."""
    text = _HALF.sub(lambda match: f"пол {_ordinal(match)}", text)
    text = _OF_DAY.sub(lambda match: f"{_ordinal(match)}-го", text)
    text = _OF_WEEKDAY.sub(lambda match: f"{_ordinal(match)}-й", text)
    return _CARDINAL.sub(_cardinal, text)


def _ordinal(match: re.Match[str]) -> int:
    tens = match.groupdict().get("tens")
    return _ORDINAL_STEMS[match["stem"]] + (_TENS[tens] if tens else 0)


def _cardinal(match: re.Match[str]) -> str:
    tens, ones = match.groups()
    # "Без двадцати четыре" are two numbers, in two cases.
    apart = tens == "двадцати" and not ones.endswith(("х", "и"))
    if tens and (apart or _CARDINALS[ones] >= 10):
        return f"{_CARDINALS[tens]} {_CARDINALS[ones]}"
    return str(_CARDINALS[ones] + (_CARDINALS[tens] if tens else 0))


def month_number(name: str) -> int:
    """The month of a name in any case, or of a short name."""
    if name in _SHORT:
        return _SHORT[name]
    return next(number for number, stem in _STEMS.items() if re.fullmatch(stem, name))


def weekday_number(name: str) -> int:
    """The weekday of a name in any case, or of a short name; Monday is 0."""
    return next(number for number, forms in enumerate(_WEEKDAYS) if re.fullmatch(forms, name))


def weekdays_number(name: str) -> int:
    """The weekday of a name in the plural, as in "по средам"."""
    return next(number for number, stem in enumerate(_PLURALS) if name.startswith(stem))
