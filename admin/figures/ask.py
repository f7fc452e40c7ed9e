"""What a page of figures is asked for: period, doctor, service, chapter, breakdown."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from clinic.figures import rules
from clinic.figures.types import BYS, By, Scope
from clinic.staff.access.figures import Frame

PERIODS = ("this_month", "last_month", "months_3", "months_12", "this_year", "last_year", "own")
USUAL = "months_3"
ALWAYS = ("period", "since", "until")
LONGEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Asked:
    """A checked question. `former`: the period before; `today` is the clinic's."""

    period: str
    scope: Scope
    former: Scope
    by: By
    today: date

    @property
    def query(self) -> str:
        """The same question as the end of an address."""
        scope = self.scope
        said = {
            "period": self.period,
            "since": scope.since.isoformat() if self.period == "own" else "",
            "until": scope.until.isoformat() if self.period == "own" else "",
            "doctor": str(scope.doctors[0]) if scope.doctors and len(scope.doctors) == 1 else "",
            "service": str(scope.service or ""),
            "chapter": scope.chapter or "",
            "by": self.by,
        }
        return urlencode({name: value for name, value in said.items() if value})


def asked(query: Mapping[str, str], frame: Frame, filters: Collection[str]) -> Asked:
    """Read an address; whatever is none of ours, or of no filter of the page, was not said."""
    query = {name: query[name] for name in query if name in (*ALWAYS, *filters)}
    period = next((one for one in PERIODS if one == query.get("period")), USUAL)
    since, until = _days(period, query, frame.today)
    doctor, service = _number(query.get("doctor")), _number(query.get("service"))
    codes = [code for code, _, _ in rules.CHAPTERS]
    scope = frame.narrowed(
        Scope(
            since,
            until,
            (doctor,) if doctor is not None and doctor in frame.named.doctors else None,
            service if service in frame.named.services else None,
            query.get("chapter") if query.get("chapter") in codes else None,
        )
    )
    before = rules.former(since, until)
    by = next((one for one in BYS if one == query.get("by")), BYS[0])
    former = replace(scope, since=before[0], until=before[1])
    return Asked(period, scope, former, by, frame.today)


def _days(period: str, query: Mapping[str, str], today: date) -> tuple[date, date]:
    month = rules.month_of(today)
    if period == "own":
        until = _day(query.get("until")) or today
        since = _day(query.get("since")) or rules.month_of(until)
        since, until = min(since, until), max(since, until)
        return max(since, until - LONGEST), until
    if period == "last_month":
        return rules.later(month, -1), month - timedelta(days=1)
    if period == "this_year":
        return date(today.year, 1, 1), today
    if period == "last_year":
        return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
    back = {"this_month": 0, "months_3": 2, "months_12": 11}[period]
    return rules.later(month, -back), today


def _day(typed: str | None) -> date | None:
    try:
        found = date.fromisoformat(typed or "")
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def _number(typed: str | None) -> int | None:
    typed = typed or ""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None
