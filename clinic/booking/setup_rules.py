"""Reads what staff lay down about the clinic: sites, resources, services, hours, closed days. Pure.

Forms come as texts by field name; what cannot be taken is a Fault beside its field.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import available_timezones

from clinic.booking.hours import DAY, Exceptional, Weekly, span, wall_hours

Words = dict[str, str]  # language -> words
Kind = Literal["practitioner", "room", "device"]
KINDS: tuple[Kind, ...] = ("practitioner", "room", "device")
LANGUAGES = ("ja", "en", "zh-Hant", "zh-Hans", "ru")
NAME_LENGTH = 80
ADDRESS_LENGTH = 200
REASON_LENGTH = 80
REMINDERS = (10_080, 4_320, 2_880, 1_440, 180, 120, 60)  # minutes before, that can be chosen
MOST_DAYS = 92  # of one leave
MOST_PERIODS = 4  # of one day
_LIKE_MONDAY = range(1, 5)
# Of a service: least and most, in the units of the model.
BOUNDS: Mapping[str, tuple[int, int]] = {
    "duration": (5, 480),
    "buffer_before": (0, 240),
    "buffer_after": (0, 240),
    "step": (5, 240),
    "minimum_notice": (0, 43_200),
    "horizon_days": (1, 730),
    "cancel_notice": (0, 43_200),
    "position": (0, 999),
}
_PERIOD = re.compile(r"(\d{1,2})(?::(\d{2}))?-(\d{1,2})(?::(\d{2}))?")
_DASHES = str.maketrans(dict.fromkeys("–—―−~〜～ー至", "-"))
_HOUR = re.compile(r"(\d{1,2})[時时点點](?:(半)|(\d{1,2})分)?")  # 14時, 14時半, 14点30分
Period = tuple[int, int]  # minutes since midnight: opens, closes


@dataclass(frozen=True, slots=True)
class Fault:
    """A field that cannot be taken so, and why: a key of the panel's catalogue."""

    field: str
    reason: Literal[
        "empty",
        "too_long",
        "bad_number",
        "bad_choice",
        "bad_zone",
        "bad_date",
        "bad_time",
        "backwards",
        "overlap",
        "too_many",
        "needed",
    ]


Faults = tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class SiteDraft:
    name: Words
    address: Words
    time_zone: str
    active: bool


@dataclass(frozen=True, slots=True)
class ResourceDraft:
    """`site_id` None: goes where its hours say; only practitioners do. `staff_id`: whose it is."""

    kind: Kind
    name: Words
    site_id: int | None
    staff_id: int | None
    active: bool


@dataclass(frozen=True, slots=True)
class ServiceDraft:
    """Times in minutes, the horizon in days; `resources` are the ids of those that can serve it."""

    name: Words
    numbers: Mapping[str, int]  # by the names of BOUNDS
    reminders: tuple[int, ...]
    resources: tuple[int, ...]
    active: bool


@dataclass(frozen=True, slots=True)
class WeekDraft:
    """The weekly hours of one resource at one site, between two dates if they are given."""

    site_id: int
    days: tuple[tuple[Period, ...], ...]  # seven, Monday first
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class ClosingDraft:
    """Days that differ. Without a resource for all at the site, without a site for all sites."""

    days: tuple[date, ...]
    extra: bool
    opens: int
    closes: int
    resource_id: int | None
    site_id: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A booked visit on its site's wall clock, in minutes of its day."""

    id: int
    site_id: int
    on: date
    begins: int
    ends: int


def read_site(posted: Mapping[str, str]) -> SiteDraft | Faults:
    """A site as its form gives it."""
    faults: list[Fault] = []
    name = _words(posted, "name", NAME_LENGTH, faults, needed=True)
    address = _words(posted, "address", ADDRESS_LENGTH, faults, needed=False)
    zone = posted.get("time_zone", "").strip()
    if zone not in available_timezones():
        faults.append(Fault("time_zone", "bad_zone"))
    return tuple(faults) or SiteDraft(name, address, zone, "active" in posted)


def read_resource(posted: Mapping[str, str]) -> ResourceDraft | Faults:
    """A practitioner, room or device as its form gives it. Rooms and devices stay at a site."""
    faults: list[Fault] = []
    name = _words(posted, "name", NAME_LENGTH, faults, needed=True)
    kind = next((one for one in KINDS if one == posted.get("kind")), None)
    if kind is None:
        faults.append(Fault("kind", "bad_choice"))
    site_id, staff_id = _id(posted, "site", faults), _id(posted, "staff", faults)
    if kind in ("room", "device") and site_id is None:
        faults.append(Fault("site", "needed"))
    if faults or kind is None:
        return tuple(faults)
    own = kind == "practitioner"
    return ResourceDraft(
        kind, name, None if own else site_id, staff_id if own else None, "active" in posted
    )


def read_service(posted: Mapping[str, str]) -> ServiceDraft | Faults:
    """A service as its form gives it; `reminders` and `resources` are numbers between commas."""
    faults: list[Fault] = []
    name = _words(posted, "name", NAME_LENGTH, faults, needed=True)
    numbers = {}
    for field, (least, most) in BOUNDS.items():
        words = unicodedata.normalize("NFKC", posted.get(field, "")).strip()
        if words.isdecimal() and len(words) < 9 and least <= int(words) <= most:
            numbers[field] = int(words)
        else:
            faults.append(Fault(field, "bad_number"))
    reminders = _numbers(posted.get("reminders", ""))
    if not set(reminders) <= set(REMINDERS):
        faults.append(Fault("reminders", "bad_choice"))
    draft = ServiceDraft(
        name,
        numbers,
        tuple(sorted(set(reminders), reverse=True)),
        tuple(sorted(set(_numbers(posted.get("resources", ""))))),
        "active" in posted,
    )
    return tuple(faults) or draft


def read_week(posted: Mapping[str, str]) -> WeekDraft | Faults:
    """Weekly hours; `day.0` (Monday) to `day.6` hold periods such as "9:00-12:30 14-18".

    With `same_weekdays`, days from Tuesday to Friday that are left empty are as Monday.
    """
    faults: list[Fault] = []
    site_id = _id(posted, "site", faults)
    if site_id is None:
        faults.append(Fault("site", "needed"))
    days = []
    for weekday in range(7):
        words = posted.get(f"day.{weekday}", "").strip()
        if not words and weekday in _LIKE_MONDAY and "same_weekdays" in posted:
            words = posted.get("day.0", "")
        periods = read_periods(words)
        if isinstance(periods, str):
            faults.append(Fault(f"day.{weekday}", periods))
        else:
            days.append(periods)
    first, last = _date(posted, "valid_from", faults), _date(posted, "valid_until", faults)
    if first and last and last < first:
        faults.append(Fault("valid_until", "backwards"))
    if faults or site_id is None:
        return tuple(faults)
    return WeekDraft(site_id, tuple(days), first, last)


def read_closing(posted: Mapping[str, str]) -> ClosingDraft | Faults:
    """Days that differ: `on` to `until` (or `on` alone), whole or from `opens` to `closes`."""
    faults: list[Fault] = []
    first = _date(posted, "on", faults)
    last = _date(posted, "until", faults) or first
    if first is None and not faults:
        faults.append(Fault("on", "empty"))
    if first and last and last < first:
        faults.append(Fault("until", "backwards"))
    if first and last and (last - first).days >= MOST_DAYS:
        faults.append(Fault("until", "too_many"))
    extra = posted.get("kind") == "extra"
    opens, closes = 0, DAY
    begin, end = posted.get("opens", "").strip(), posted.get("closes", "").strip()
    if begin or end or extra:
        read = read_periods(f"{begin}-{end}")
        if isinstance(read, str) or len(read) != 1:
            faults.append(Fault("opens", read if isinstance(read, str) else "bad_time"))
        else:
            opens, closes = read[0]
    resource_id, site_id = _id(posted, "resource", faults), _id(posted, "site", faults)
    reason = _line(posted.get("reason", ""))
    if len(reason) > REASON_LENGTH:
        faults.append(Fault("reason", "too_long"))
    if faults or first is None or last is None:
        return tuple(faults)
    days = tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
    return ClosingDraft(days, extra, opens, closes, resource_id, site_id, reason)


def read_periods(
    words: str,
) -> tuple[Period, ...] | Literal["bad_time", "backwards", "overlap", "too_many"]:
    """Periods of a day in any of the ways they are typed, in order: "9-12, 14:00〜18:30"."""
    plain = unicodedata.normalize("NFKC", words).translate(_DASHES)
    plain = _HOUR.sub(_clock_of, plain)
    plain = re.sub(r"\s*(-|から)\s*", "-", plain)
    parts = [part for part in re.split(r"[\s,、;/]+", plain) if part]
    periods = []
    for part in parts:
        match = _PERIOD.fullmatch(part)
        if match is None:
            return "bad_time"
        opens, closes = _minute(match[1], match[2]), _minute(match[3], match[4])
        if opens is None or closes is None:
            return "bad_time"
        if opens >= closes:
            return "backwards"
        periods.append((opens, closes))
    periods.sort()
    if any(after[0] < before[1] for before, after in pairwise(periods)):
        return "overlap"
    return "too_many" if len(periods) > MOST_PERIODS else tuple(periods)


def _clock_of(hour: re.Match[str]) -> str:
    minutes = "30" if hour[2] else hour[3] or "0"
    return f"{hour[1]}:{minutes:0>2}"


def clock(minute: int) -> str:
    """A minute of the day as HH:MM, 24:00 at its end."""
    return f"{minute // 60:02}:{minute % 60:02}"


def shown(periods: Iterable[Period]) -> str:
    """Periods as `read_periods` reads them."""
    return ", ".join(f"{clock(opens)}-{clock(closes)}" for opens, closes in periods)


def weekly_of(draft: WeekDraft) -> tuple[Weekly, ...]:
    """What a draft means for the search of free time."""
    return tuple(
        Weekly(
            draft.site_id,
            weekday,
            opens,
            closes,
            draft.valid_from or date.min,
            draft.valid_until or date.max,
        )
        for weekday, periods in enumerate(draft.days)
        for opens, closes in periods
    )


def outside(
    visits: Iterable[Standing], weekly: Sequence[Weekly], exceptions: Sequence[Exceptional]
) -> tuple[int, ...]:
    """The visits that do not lie wholly in open hours, in the order given."""
    by_day: dict[date, list[Exceptional]] = {}
    for one in exceptions:
        by_day.setdefault(one.on, []).append(one)
    found = []
    for visit in visits:
        hours, _ = wall_hours(weekly, by_day.get(visit.on, ()), visit.on, visit.site_id)
        if span(visit.begins, visit.ends) & ~hours:
            found.append(visit.id)
    return tuple(found)


def missing(name: Mapping[str, str], languages: Iterable[str]) -> tuple[str, ...]:
    """The languages of the clinic that a name does not stand in: there it falls back."""
    return tuple(language for language in languages if not name.get(language))


def _words(
    posted: Mapping[str, str], field: str, longest: int, faults: list[Fault], *, needed: bool
) -> Words:
    """Words by language from fields like `name.ja`; a language that was left empty is not there."""
    found = {}
    for language in LANGUAGES:
        words = _line(posted.get(f"{field}.{language}", ""))
        if len(words) > longest:
            faults.append(Fault(f"{field}.{language}", "too_long"))
        elif words:
            found[language] = words
    if needed and not found:
        faults.append(Fault(field, "empty"))
    return found


def _line(words: str) -> str:
    """Words on one line without control characters; marks of direction stay, they are letters'."""
    kept = "".join(sign if unicodedata.category(sign) != "Cc" else " " for sign in words)
    return " ".join(unicodedata.normalize("NFC", kept).split())


def _id(posted: Mapping[str, str], field: str, faults: list[Fault]) -> int | None:
    words = posted.get(field, "")
    if not words:
        return None
    if words.isascii() and words.isdecimal() and len(words) <= 18:
        return int(words)
    faults.append(Fault(field, "bad_choice"))
    return None


def _numbers(words: str) -> tuple[int, ...]:
    parts = words.split(",")
    return tuple(int(one) for one in parts if one.isascii() and one.isdecimal() and len(one) <= 18)


def _date(posted: Mapping[str, str], field: str, faults: list[Fault]) -> date | None:
    words = posted.get(field, "").strip()
    try:
        on = date.fromisoformat(words) if words else None
    except ValueError:
        on = date.min
    if on is not None and not 2000 <= on.year < 2100:
        faults.append(Fault(field, "bad_date"))
        return None
    return on


def _minute(hours: str, minutes: str | None) -> int | None:
    at = int(hours) * 60 + int(minutes or 0)
    return at if int(minutes or 0) < 60 and at <= DAY else None
