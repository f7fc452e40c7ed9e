"""Addresses of what stands behind a number: ids, days and codes only. Pure."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from admin.figures.ask import Asked
from admin.figures.shown import Cell
from clinic.crypto import KeyRing
from clinic.figures import rules
from clinic.figures.behind import Figure
from clinic.figures.types import By, Scope, Step

ROWS = "/figures/rows"


@dataclass(frozen=True, slots=True)
class Trail:
    """The way from the numbers of one question to what stands behind them."""

    scope: Scope
    by: By

    def url(self, figure: Figure, *kinds: str, lacking: By | None = None) -> str:
        """The list of a figure: of these kinds, or of all."""
        scope = self.scope
        said = {
            "figure": figure,
            "kind": ",".join(kinds),
            "period": "own",
            "since": scope.since.isoformat(),
            "until": scope.until.isoformat(),
            "doctor": str(scope.doctors[0]) if scope.doctors and len(scope.doctors) == 1 else "",
            "service": str(scope.service or ""),
            "chapter": scope.chapter or "",
            "by": self.by,
            "lacking": lacking or "",
        }
        return f"{ROWS}?{urlencode({name: value for name, value in said.items() if value})}"

    def cell(self, cell: Cell, figure: Figure, *kinds: str, lacking: By | None = None) -> Cell:
        """A number with its list; without, where it is none."""
        if not cell.value:
            return cell
        return replace(cell, url=self.url(figure, *kinds, lacking=lacking))

    def at(self, point: date, step: Step) -> "Trail":
        """Of one point of a chart, as far as it lies within the period."""
        last = {
            "day": point,
            "week": point + timedelta(days=6),
            "month": rules.later(rules.month_of(point), 1) - timedelta(days=1),
        }[step]
        scope = self.scope
        within = replace(scope, since=max(point, scope.since), until=min(last, scope.until))
        return replace(self, scope=within)

    def of(self, by: By, part: object) -> tuple["Trail", By | None]:
        """Of one part of a breakdown; what has none of it is told by the second value."""
        if not part:
            return self, by
        match by:
            case "doctor":
                scope = replace(self.scope, doctors=(int(str(part)),))
            case "service":
                scope = replace(self.scope, service=int(str(part)))
            case _:
                scope = replace(self.scope, chapter=str(part))
        return replace(self, scope=scope), None


def whole_months(scope: Scope) -> Scope:
    """The months that a period touches: who came back is counted by month."""
    until = rules.later(rules.month_of(scope.until), 1) - timedelta(days=1)
    return replace(scope, since=rules.month_of(scope.since), until=until)


def trail(it: Asked) -> Trail:
    """Of the whole question."""
    return Trail(it.scope, it.by)


def mark(keys: KeyRing, kind: str) -> str:
    """What names a kind in an address: of what staff wrote down, nothing that can be read."""
    if not kind.startswith("told:"):
        return kind
    return f"told:{keys.index('figure_source', kind)[:24]}"
