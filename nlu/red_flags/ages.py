"""Ages that a folded text names: a baby's in days, an old patient's in years. Pure.

Chinese and Japanese are in simplified characters here, but for texts with kana.
"""

import re
from collections.abc import Iterator

OLD = 65  # years, from which some rules are raised; J4 in rules.yml
_DAY, _WEEK, _MONTH = 1, 7, 30  # days

_COUNTS = {
    **dict.fromkeys(("one", "a", "an", "一", "один", "одного", "одна", "одной", "одну"), 1),
    **dict.fromkeys(("half", "半", "пол", "полтора", "полутора"), 1),
    **dict.fromkeys(("two", "couple", "二", "两", "兩", "два", "две", "двух", "двумя"), 2),
    **dict.fromkeys(("three", "三", "три", "трех"), 3),
    **dict.fromkeys(("four", "四", "четыре", "четырех"), 4),
    **dict.fromkeys(("five", "五", "пять", "пяти"), 5),
    **dict.fromkeys(("six", "六", "шесть", "шести"), 6),
    **dict.fromkeys(("seven", "七", "семь"), 7),
    **dict.fromkeys(("eight", "八", "восемь"), 8),
    **dict.fromkeys(("ten", "十", "десять"), 10),
    **dict.fromkeys(("十几", "十来"), 15),
    **{sign + "十": number * 10 for number, sign in enumerate("二三四五六七八九", 2)},
}
_COUNT = r"(\d{1,3}|" + "|".join(sorted(_COUNTS, key=len, reverse=True)) + ")"
_WEST = (
    rf"(?<!\w){_COUNT}(?: couple| and a half| с половиной)?[ -]*"
    r"(days?|weeks?|wks?|wk|months?|mths?|mos?|дн\w+|день|недел\w+|месяц\w*|мес)(?!\w)"
)
_EAST = (
    rf"{_COUNT}多? ?"
    "(日|天|週|周|个?星期|个?礼拜|(?:[か力カヶヵケ箇個个]|个半|个多|来个)?月)[間间]?"
)
_CHILD = (
    r"(?:ребен\w+|малыш\w*|груднич\w+|сын\w*|доч\w+|дит\w+|младен\w+|внук\w*|внучк\w+"
    r"|ему|ей|нам|возраст\w*)"
)
_BABY = (
    "(?:宝宝|婴儿|孩子|女儿|儿子|小孩|娃|宝贝"
    "|早产儿|新生儿|外孙女?|孙子|孙女|二宝|大宝|小宝|囡囡|毛毛)"
)
_AGES = (
    re.compile(
        _WEST + r"[ -]*(?:olds?|of age|baby|infant|newborn|daughter|son|girl|boy|от роду|отроду)"
    ),
    re.compile(r"(?:baby|infant|newborn|son|daughter|he|she)(?: is|'?s)?(?: only| just)? " + _WEST),
    re.compile(rf"{_CHILD}[ ,(-]*(?:всего |только |исполнил\w+ |в )*{_WEST}"),
    re.compile(_WEST + r"[ ,)-]*(?:ребен\w+|малыш\w*|груднич\w+|сын\w*|доч\w+|младен\w+|жизни)"),
    re.compile(
        r"(?:生後|生后|せいご|出生|刚出生|出生才|才|刚满|刚)(?:約|约|まだ|才|了|满)?" + _EAST
    ),
    re.compile(_EAST + f" ?(?:大|的?{_BABY}|の(?:赤|子|娘|息子|乳児|ベビー|新生児))"),
    re.compile(rf"{_BABY}[,，、 ]*(?:才|刚|刚满|满|现在|只有|今天)*{_EAST}"),
)
# An age that a text begins with is a baby's where it goes on about milk, crying and the like.
_FIRST = re.compile(rf"^(?:才|刚|刚满)?{_EAST}(?=[,，、 ])")
_OF_BABIES = re.compile("奶|哭|蔫|囟|睁眼|尿不湿|抱|襁褓|黄疸")
_NEWBORN = re.compile(
    r"(?<!\w)(?:new ?-?borns?|neonate)(?!\w)"
    r"|новорожден\w+|(?:одно|двух|полутора|\b[12]-?(?:х )?-?)месячн\w+"
    r"|新生児|新生儿|刚出生|未满月|没满月|生まれたばかり|うまれたばかり"
)
_YEARS = re.compile(r"(?<![\d/])(\d{2,3}) ?(?:-?years?|yrs?|yo|y/o|y\.o|лет|года?|歳|才|さい|岁)")


def youngest(text: str) -> int | None:
    """The least age in days of those who are named by days, weeks or months; None without any."""
    return min(_ages(text), default=None)


def old(text: str) -> bool:
    """Whether an age of 65 years or more is named."""
    return any(OLD <= int(found[1]) <= 120 for found in _YEARS.finditer(text))


def _ages(text: str) -> Iterator[int]:
    if _NEWBORN.search(text):
        yield 0
    for pattern in (*_AGES, _FIRST) if _OF_BABIES.search(text) else _AGES:
        for found in pattern.finditer(text):
            count = int(found[1]) if found[1].isdecimal() else _COUNTS[found[1]]
            yield count * _unit(found[2])


def _unit(name: str) -> int:
    if name[0] == "d" or name.startswith(("дн", "де")) or name in ("日", "天"):
        return _DAY
    if name[0] == "w" or name.startswith("нед") or name.endswith(("週", "周", "星期", "礼拜")):
        return _WEEK
    return _MONTH
