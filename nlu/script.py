"""Which language a text is in, as far as its signs tell."""

from functools import cache
from pathlib import Path
from typing import Literal

import yaml

Group = Literal["en", "ja", "ru", "zh"]
GROUPS: tuple[Group, ...] = ("en", "ja", "ru", "zh")
# Signs that are written so in Japanese alone, of those that patients use.
_JAPANESE = frozenset(
    "薬検対応気価経験県剤歯実処焼図伝転発払変暦営駅覚円帰沢渋浜広売読込働続険権顔様鉄圧桜辺拝戻"
)
_SIGNS_OF_CHINESE = 2  # simplified ones, in a Japanese chat: one may be an old form


def group(text: str, language: str) -> Group:
    """The model that reads the text of a chat held in `language`: its own, or its script's.

    A text of signs alone (digits, pictures) belongs to the chat's language.
    """
    kana, han, cyrillic, latin = _letters(text)
    own = group_of(language)
    if kana + han:
        # A の among Han is a habit of Chinese writers.
        if kana and not (own == "zh" and kana * 2 <= han):
            return "ja"
        if (kana + han) * 4 < latin and own == "en":
            return "en"
        only = _ways(text)
        if own == "ja":
            simplified = sum(_only(sign) == "zh-Hans" for sign in text)
            return "zh" if simplified >= _SIGNS_OF_CHINESE and "ja" not in only else "ja"
        return "ja" if "ja" in only and "zh-Hans" not in only else "zh"
    if cyrillic + latin == 0:
        return own
    return "ru" if cyrillic >= latin else "en"


def language_of(text: str) -> str:
    """The most probable of the five languages, where nothing is known of the writer."""
    found = group(text, "en")
    if found != "zh":
        return found
    only = _ways(text)
    if "zh-Hans" in only:
        return "zh-Hans"
    return "zh-Hant" if "zh-Hant" in only else "zh-Hans"


def group_of(language: str) -> Group:
    """The group of one of the five languages."""
    return "zh" if language.startswith("zh") else next(x for x in GROUPS if x == language)


def _letters(text: str) -> tuple[int, int, int, int]:
    kana = han = cyrillic = latin = 0
    for sign in text:
        if "a" <= sign <= "z" or "A" <= sign <= "Z" or "À" <= sign <= "ɏ":
            latin += 1
        elif "Ѐ" <= sign <= "ӿ":
            cyrillic += 1
        elif "぀" <= sign <= "ヿ" or "ｦ" <= sign <= "ﾟ":
            kana += sign not in "・ー゛゜"
        elif "㐀" <= sign <= "鿿":
            han += 1
    return kana, han, cyrillic, latin


def _ways(text: str) -> set[str]:
    """The ways of writing Han that a text is surely in."""
    return {_only(sign) for sign in text} | ({"ja"} if "予約" in text else set())


def _only(sign: str) -> Literal["zh-Hans", "zh-Hant", "ja", ""]:
    """The one way of writing that has this sign, if it is one of Han."""
    if sign in _JAPANESE:
        return "ja"
    hans, hant = _signs_of_chinese()
    if sign in hans:
        return "zh-Hans"
    return "zh-Hant" if sign in hant else ""


@cache
def _signs_of_chinese() -> tuple[frozenset[str], frozenset[str]]:
    """The signs that are simplified alone, and those that are traditional alone."""
    text = Path(__file__).with_suffix(".yml").read_text("utf-8")
    ways = yaml.load(text, yaml.CBaseLoader)  # noqa: S506  # makes strings alone
    hans, hant = (frozenset(ways[way]) - {" "} for way in ("zh-Hans", "zh-Hant"))
    return hans, hant
