"""A campaign in plain words of staff's language."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from babel.dates import format_skeleton

from admin.figures.shown import Pen
from admin.i18n import LANGUAGES, OWN_NAMES, Speech
from clinic.booking.public_holidays import public_holidays
from clinic.campaign.cautions import Caution
from clinic.campaign.funnel import Funnel
from clinic.campaign.season import window
from clinic.campaign.types import Draft, Fault, Preview
from clinic.figures.rules import share
from clinic.occasion.data import OCCASIONS, SEASONS
from clinic.occasion.rules import seasons as of_country
from clinic.occasion.rules import upcoming
from clinic.staff.access.questionnaires import Form

_WORDED = {  # faults whose words tell of their place
    ("trigger.at_least", "needed"): "no_limit",
    ("trigger.form", "no_word"): "no_total",
}
LEAP = 2024  # any year that has a 29 February


def when(speech: Speech, said: Mapping[str, Any]) -> str:
    """When it speaks: "The day of a visit that took place, 1 day later, at 10:00"."""
    kind, at = said.get("kind"), str(said.get("at", ""))
    match kind:
        case "once":
            try:
                moment = datetime.fromisoformat(at)
            except ValueError:
                return speech("campaign_when_once_open")
            return speech("campaign_when_once", on=speech.day(moment.date()), at=f"{moment:%H:%M}")
        case "season":
            first, last = (month_day(speech, str(said.get(key))) for key in ("from", "to"))
            if name := season(speech, str(said.get("name", ""))):
                return speech("campaign_when_season_of", name=name, first=first, last=last, at=at)
            return speech("campaign_when_season", first=first, last=last, at=at)
        case "weekly":
            days = ", ".join(speech.weekday(n) for n in said.get("weekdays", ()) if n in range(7))
            return speech("campaign_when_weekly", days=days, at=at) + _until(speech, said)
        case "every":
            n, first = said.get("days", 0), said.get("from", "")
            return speech("campaign_when_every", n=n, first=first, at=at) + _until(speech, said)
        case "yearly":
            told = speech("campaign_when_yearly", on=month_day(speech, str(said.get("on"))))
        case "occasion":
            told = occasion(speech, str(said.get("name")))
        case "birthday":
            told = speech("campaign_when_birthday")
        case _:
            told = speech.code("campaign_base", str(said.get("base")))
    parts = [told, *_offset(speech, said), speech("campaign_when_at", at=at)]
    return ", ".join(parts)


def _until(speech: Speech, said: Mapping[str, Any]) -> str:
    try:
        last = date.fromisoformat(str(said["until"]))
    except (KeyError, ValueError):
        return ""
    return ", " + speech("campaign_when_until", on=speech.day(last))


def _offset(speech: Speech, said: Mapping[str, Any]) -> list[str]:
    parts = []
    for unit in ("months", "weeks", "days"):
        n = said.get(unit, 0)
        if isinstance(n, int) and n:
            way = "after" if n > 0 else "before"
            parts.append(speech(f"campaign_offset_{unit}_{way}", n=abs(n)))
    return parts


def month_day(speech: Speech, text: str) -> str:
    """A day of the year such as 03-08; the text as it stands if it is none."""
    try:
        on = date.fromisoformat(f"{LEAP}-{text}")
    except ValueError:
        return text
    return str(format_skeleton("MMMd", on, locale=LANGUAGES[speech.language]))


def occasion(speech: Speech, name: str) -> str:
    """A day's name in the staff's language; the code itself if there is none."""
    found = OCCASIONS.get(name)
    return found.names[speech.language] if found else name


def season(speech: Speech, name: str) -> str:
    """A season's name in the staff's language; nothing if there is none."""
    found = next((one for one in SEASONS if one.name == name), None)
    return found.names[speech.language] if found else ""


def seasons(speech: Speech, country: str, said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The seasons of a country with their days, and the one that a trigger has already."""
    found = [
        (
            one.name,
            speech(
                "campaign_season_days",
                name=one.names[speech.language],
                first=month_day(speech, window(one)["from"]),
                last=month_day(speech, window(one)["to"]),
            ),
        )
        for one in of_country(country)
    ]
    had = str(said.get("name", "")) if said.get("kind") == "season" else ""
    if had and had not in dict(found):
        found.append((had, season(speech, had) or had))
    return found


def concerned(speech: Speech, said: Mapping[str, Any]) -> str:
    """Whom the season of a trigger concerns, in words; nothing if that is everybody."""
    name = str(said.get("name", "")) if said.get("kind") == "season" else ""
    found = next((one for one in SEASONS if one.name == name), None)
    if found is None:
        return ""
    aged = (f"{found.aged}+",) if found.aged is not None else ()
    who = ", ".join((*aged, *found.conditions))
    return speech("campaign_season_whom", who=who) if who else ""


def totals(
    said: Mapping[str, Any], known: Sequence[tuple[str, str]], forms: Sequence[Form]
) -> list[tuple[str, str]]:
    """The totals of questionnaires to choose from, and the one that a trigger has already."""
    titles = {form.name: form.title for form in forms}
    found = [(f"{name}|{item}", f"{titles.get(name, name)}: {item}") for name, item in known]
    had = f"{said.get('form', '')}|{said.get('item', '')}"
    if said.get("base") == "score" and had != "|" and had not in dict(found):
        found.append((had, had.replace("|", ": ")))
    return found


def whom(
    speech: Speech, draft: Draft, groups: Mapping[str, str], segments: Mapping[str, str]
) -> str:
    """Whom it is for. `groups`: names by code; `segments`: names by key."""
    match draft.audience:
        case {"segment": key, "version": version}:
            return speech(
                "campaign_whom_segment", name=segments.get(str(key), str(key)), version=version
            )
        case {"lapse": group, "states": states}:
            named = ", ".join(speech.code("lapse.state", str(one)) for one in states)
            return speech("campaign_whom_lapse", name=groups.get(str(group), group), states=named)
        case {"patients": ids}:
            return speech("campaign_whom_patients", n=len(ids))
        case {"filter": {"and": []}}:
            return speech("campaign_whom_all")
    return speech("campaign_whom_filter")


def fault(speech: Speech, one: Fault) -> str:
    """What is wrong, in words; where the words need a place, with the place."""
    if one.reason == "too_many_frozen":
        return speech("builder.freeze.too_many")
    key = f"campaign_fault_{_WORDED.get((one.where, one.reason), one.reason)}"
    if key not in speech:
        return speech("campaign_fault_other", where=one.where or "–")
    return speech(key)


def faults(speech: Speech, found: Iterable[Fault]) -> list[str]:
    """What is wrong, each thing once, with the languages in which it is."""
    places: dict[str, list[str]] = {}
    for one in found:
        of = places.setdefault(fault(speech, one), [])
        language = OWN_NAMES.get(one.where.rpartition(".")[2])
        if language and language not in of:
            of.append(language)
    return [f"{words} ({', '.join(of)})" if of else words for words, of in places.items()]


def named(speech: Speech, days: Collection[date], country: str) -> dict[date, str]:
    """Of these days the public holidays of the country and those that have a name there."""
    if not days:
        return {}
    first, last = min(days), max(days)
    found = dict(public_holidays(country, first, last) or {})
    for one in upcoming(first, last, country):
        if one.occasion.audience == "all":
            found[one.on] = one.occasion.names[speech.language]
    return {on: name for on, name in found.items() if on in days}


def caution(speech: Speech, one: Caution, seen: Preview, zone: str) -> str:
    """What to mind, in words."""
    if one.reason == "quiet":
        until = speech.moment(seen.later_until["quiet_hours"], zone)
        return speech("campaign_caution.quiet", n=one.n, until=until)
    on = speech.day(one.on) if one.on else ""
    return speech(f"campaign_caution.{one.reason}", n=one.n, on=on, what=one.what)


def steps(speech: Speech, went: Funnel) -> list[tuple[str, int, str]]:
    """How far recipients went: words, number and share with its interval."""
    pen, sent = Pen(speech), went.sent
    rows = [("sent", sent, "")]
    if sent:
        for name in ("answered", "booked", "came"):
            n: int = getattr(went, name)
            rows.append((name, n, pen.share(share(n, sent)).text))
    if went.held_out:
        told = pen.share(share(went.came_anyway, went.held_out)).text
        rows.append(("held_out", went.held_out, ""))
        rows.append(("came_anyway", went.came_anyway, told))
    return [(speech(f"funnel.{name}"), n, told) for name, n, told in rows]


def why(speech: Speech, reason: str | None) -> str:
    """Why somebody is left out or a campaign stands still; nothing for no reason.

    What is no word of ours is what a platform said.
    """
    if reason is None:
        return ""
    for key in (f"left_out_{reason}", f"campaign_reason.{reason}", f"why.{reason}"):
        if key in speech:
            return speech(key)
    return speech("campaign_reason_said", said=reason)
