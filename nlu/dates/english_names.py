"""English names and numbers, and the many ways to write them."""

import re
from collections.abc import Iterable

from nlu.dates.spelling import corrected

_MONTH_NAMES = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
WEEKDAY_NAMES = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MONTHS = {"sept": 9} | {
    name: number for number, full in enumerate(_MONTH_NAMES, 1) for name in (full, full[:3])
}
WEEKDAYS = {"tues": 1, "weds": 2, "thur": 3, "thurs": 3} | {
    name: number for number, full in enumerate(WEEKDAY_NAMES) for name in (full, full[:3])
}
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
]
_CARDINALS = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_NUMBERS = {
    **{name: str(number) for number, name in enumerate(_CARDINALS, 2)},
    "fifteen": "15",
    "twenty": "20",
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    **{f"twenty {name}": str(20 + n) for n, name in enumerate(["one", *_CARDINALS[:8]], 1)},
    "forty five": "45",
    "thirty one": "31",
    **{name: f"{number}th" for number, name in enumerate(_ORDINALS, 1)},
    **{f"twenty {name}": f"{20 + n}th" for n, name in enumerate(_ORDINALS[:9], 1)},
    "thirtieth": "30th",
    "thirty first": "31th",
}


def either(names: Iterable[str]) -> str:
    """A pattern of any of the names, long ones first."""
    return "|".join(sorted(names, key=len, reverse=True))


MONTH = f"(?P<month>{either(MONTHS)})"
WEEKDAY = f"(?P<weekday>{either(WEEKDAYS)})"
HOUR = "(?P<hour>2[0-4]|[01]?[0-9])"
MINUTE = "(?P<minute>[0-5][0-9])"
HALF = " ?(?P<half>[ap])m"
DAY = "(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?"
YEAR = "(?:,? (?P<year>20[0-9][0-9]))?"
AMOUNT = "(?P<amount>[0-9]{1,3}|an?|one|a couple of|a few)"
UNITS = "(?:minute|min|hour|hr|day|night|week|wk|month|year|yr)s?"
COUNTED = (
    "mg|ml|mcg|g|kg|lbs?|cm|mm|km|miles?|%|degrees?|celsius|°c?|tablets?|pills?|drops?|puffs?|"
    "people|persons?|patients?|adults?|kids?|child(?:ren)?|guests|of us|dollars?|euros?|pounds?|"
    "usd|yen|rubles|times?|doses?|sessions?|visits?|teeth|blocks|floors|bpm|calories|options?"
)
# "The first visit" is no first of the month.
RANKED = (
    "time|visit|appointment|one|available|floor|child|baby|dose|opinion|trimester|week|day|"
    "attempt|vaccin\\w+|shot|jab|thing|slot|option|grade|year|birthday|session|booster|pregnancy|"
    "ave(?:nue)?|str(?:eet)?|degree|surgery|operation|in line|person|patient|place|choice|free|"
    "opening|consultation|checkup|test|try"
)


_FORMS: list[tuple[re.Pattern[str], str]] = [
    (re.compile(r"\b([ap])\. ?m\b\.?"), r"\1m"),
    (re.compile(rf"\b({either({*MONTHS, *WEEKDAYS})})\."), r"\1"),
    (re.compile(r"\b(?:tonight|tonite|2night)\b"), "today evening"),
    (re.compile(r"\b(?:tmrw?|tmw|tmrrw|2moro|2morrow|tomo|tom+or+ow|tomm?orr?ow)\b"), "tomorrow"),
    (re.compile(r"\b(?:todya|toady|2day)\b"), "today"),
    (re.compile(r"\b(?:nxt)\b"), "next"),
    (re.compile(r"(?<=ty)-(?=[a-z])"), " "),
    (re.compile(r"\bone(?= (?:week|day|month|fortnight|o'?clock|thirty|fifteen|pm|p))"), "1"),
    (re.compile(r"(?<=\b(?:at|to|by|or) )one\b"), "1"),
    (re.compile(r"(?<=\b(?:past|till|from) )one\b"), "1"),
    (re.compile(r"(?<=\b(?:after|until) )one\b"), "1"),
    (re.compile(r"\b(?:and a half|couple weeks)\b"), " "),
]
_MINUTES_TO = re.compile(
    r"(?<!from )(?<!between )\b(five|ten|twenty|twenty five) to "
    rf"(?=(?:one|{'|'.join(_CARDINALS)})\b)"
)
_WORD_NUMBER = re.compile(rf"\b(?:{either(_NUMBERS)})\b")
_KNOWN = frozenset(
    f"{name}s" for name in (*WEEKDAY_NAMES, "morning", "evening", "afternoon", "weekend")
)
_NAMES = (*_MONTH_NAMES, *WEEKDAY_NAMES, "tomorrow", "morning", "afternoon", "evening", "weekend")


def plain(text: str) -> str:
    """The text with usual spellings, and its numbers in digits: "fifth" as 5th, "ten" as 10."""
    for form, usual in _FORMS:
        text = form.sub(usual, text)
    text = _MINUTES_TO.sub(r"\1 or so to ", text)
    text = _WORD_NUMBER.sub(lambda match: _NUMBERS[match[0]], text)
    return corrected(text, _NAMES, _KNOWN)
