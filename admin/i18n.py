"""The panel's words in five languages, and dates, times and waits as each writes them.

Catalogues are `locales/{language}/*.po`, one a feature: msgid is the key, placeholders are
`str.format` names.
"""

import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent / "locales"
# BCP 47 as staff choose it, and the locale that CLDR has the formats of.
LANGUAGES: Mapping[str, str] = {
    "ja": "ja",
    "en": "en",
    "zh-Hant": "zh_Hant_TW",
    "zh-Hans": "zh_Hans_CN",
    "ru": "ru",
}
OWN_NAMES: Mapping[str, str] = {
    "ja": "日本語",
    "en": "English",
    "zh-Hant": "繁體中文",
    "zh-Hans": "简体中文",
    "ru": "Русский",
}


def catalogue(language: str) -> Catalog:
    """The catalogue of a language, as it stands in its files. Raises ValueError: a key twice."""
    whole = Catalog(locale=LANGUAGES[language])
    for path in sorted((LOCALES / language.replace("-", "_")).glob("*.po")):
        with path.open("rb") as file:
            one = read_po(file, locale=LANGUAGES[language], abort_invalid=True)
        for entry in one:
            if entry.id and entry.id in whole:
                raise ValueError(f"{path.name} repeats {entry.id}")
            whole[entry.id] = entry
    return whole


class Speech:
    """One language of the panel. A call gives the words of a key."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._locale = Locale.parse(LANGUAGES[language])
        compiled = io.BytesIO()
        entries = catalogue(language)
        write_mo(compiled, entries)
        compiled.seek(0)
        self._words = GNUTranslations(compiled)
        self._keys = {
            entry.id if isinstance(entry.id, str) else entry.id[0] for entry in entries if entry.id
        }

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def __call__(self, key: str, **values: object) -> str:
        """The words of a key; `n` chooses the plural form. Raises KeyError for an unknown key."""
        if key not in self._keys:
            raise KeyError(key)
        n = values.get("n")
        if isinstance(n, int):
            words = self._words.ngettext(key, key, n)
            words = self._words.gettext(key) if words == key else words
        else:
            words = self._words.gettext(key)
        return words.format(**values) if values else words

    def code(self, family: str, code: str) -> str:
        """The words of a code that another part of Kayoi wrote; the code itself if it is new."""
        key = f"{family}.{code}"
        return self(key) if key in self else code

    def day(self, on: date) -> str:
        """A day with its weekday."""
        return format_skeleton("yMMMEd", on, locale=self._locale)

    def month(self, on: date) -> str:
        """A month with its year, in full."""
        return str(format_skeleton("yMMMM", on, locale=self._locale))

    def clock(self, at: datetime) -> str:
        """A time of day as it stands, in the zone it has."""
        return str(format_skeleton("Hm", at, locale=self._locale))

    def time(self, at: datetime, zone: str) -> str:
        """A time of day in a zone."""
        return self.clock(at.astimezone(ZoneInfo(zone)))

    def moment(self, at: datetime, zone: str) -> str:
        """A day of this year and a time, in a zone."""
        local = at.astimezone(ZoneInfo(zone))
        return f"{format_skeleton('MMMEd', local, locale=self._locale)} {self.clock(local)}"

    def birth(self, on: date) -> str:
        """A birth date, with digits only: it is compared with cards and forms."""
        return f"{on:%Y-%m-%d}"

    def weekday(self, number: int) -> str:
        """The name of a weekday; Monday is 0."""
        return str(self._locale.days["stand-alone"]["wide"][number])

    def wait(self, seconds: float) -> str:
        """How long somebody waits, in minutes or hours and minutes or days."""
        hours, minutes = divmod(int(timedelta(seconds=max(0, seconds)).total_seconds() // 60), 60)
        if hours >= 48:
            return self("wait.days", n=hours // 24)
        return self("wait.hours", h=hours, m=minutes) if hours else self("wait.minutes", m=minutes)


@cache
def speech(language: str) -> Speech:
    """The speech of one of `LANGUAGES`."""
    return Speech(language)


def choose(wanted: Iterable[str | None], default: str = "en") -> Speech:
    """The first wanted language that there is; a bare `zh` is simplified, `zh-TW` traditional."""
    for tag in wanted:
        found = _known(tag or "")
        if found:
            return speech(found)
    return speech(default)


def accepted(header: str) -> list[str]:
    """The languages of an Accept-Language header, best first."""
    weighed: list[tuple[float, str]] = []
    for part in header[:200].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), tag))
        except ValueError:
            continue
    return [tag for _, tag in sorted(weighed, key=lambda one: one[0])]


def _known(tag: str) -> str | None:
    parts = tag.lower().replace("_", "-").split("-")
    if parts[0] == "zh":
        return "zh-Hant" if {"hant", "tw", "hk", "mo"} & set(parts) else "zh-Hans"
    return parts[0] if parts[0] in LANGUAGES else None
