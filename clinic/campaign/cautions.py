"""What to mind before a campaign is started, though nothing forbids it. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from urllib.parse import urlsplit

from clinic.campaign.types import Content, Preview

NAMED = frozenset({"birthday", "holiday"})  # kinds that are meant for a day, whichever it is
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"'，。、）)]+", re.IGNORECASE)
# Where a link leads nobody sees, and phone companies hold such messages for fraud.
SHORTENERS = frozenset(
    {"bit.ly", "tinyurl.com", "t.co", "goo.gl", "is.gd", "ow.ly", "cutt.ly", "clck.ru", "reurl.cc"}
)


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to mind. `reason` is a key (campaign_caution.<reason>); the rest fills it in."""

    reason: str
    n: int = 0
    on: date | None = None
    what: str = ""


def cautions(
    kind: str,
    content: Content,
    seen: Preview,
    closed: Set[date],
    named: Mapping[date, str],
) -> tuple[Caution, ...]:
    """`closed`: days on which nobody is there to answer; `named`: days with a name in the country.

    How many wait for the end of quiet hours, and until when, stands in `seen`.
    """
    days: Counter[date] = Counter()
    for by_day in seen.by_day.values():
        days.update(by_day)
    found = [Caution("closed", days[on], on) for on in sorted(days) if on in closed and days[on]]
    if kind not in NAMED:
        found += [Caution("named", days[on], on, named[on]) for on in sorted(days) if on in named]
    waiting = seen.later.get("quiet_hours", 0)
    if waiting:
        found.append(Caution("quiet", waiting))
    return (*found, *_links(content))


def _links(content: Content) -> Iterator[Caution]:
    texts = {
        part
        for one in content.variants
        for told in (one.texts, *one.channels.values())
        for text in told.values()
        for part in (text.text, text.title, *(cell for row in text.rows for cell in row))
    }
    for link in sorted({link for text in texts for link in _LINK.findall(text)}):
        if reason := _odd(link):
            yield Caution(reason, what=link[:80])


def _odd(link: str) -> str | None:
    """What is odd about a link in a text; None if it is a good one."""
    if not link.lower().startswith("https://"):
        return "link_plain"
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:
        return "link_wrong"
    if _is_address(host) or "." not in host:
        return "link_wrong"
    return "link_short" if host.removeprefix("www.") in SHORTENERS else None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
