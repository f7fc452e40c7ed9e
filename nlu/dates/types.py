"""What a text says of days and hours."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

PartName = Literal["morning", "noon", "afternoon", "evening", "night"]


@dataclass(frozen=True, slots=True)
class DateReading:
    """One day, stretch of days or filter of days, with the hours said of it.

    What was not said is None or empty. Ends are included. Weekdays count from Monday, 0.
    `ambiguous`: another reading is as plausible, so it must be asked and never acted upon.
    """

    date: dt.date | None = None
    from_on: dt.date | None = None
    to_on: dt.date | None = None
    time: dt.time | None = None
    time_from: dt.time | None = None
    time_to: dt.time | None = None
    part: PartName | None = None
    weekdays: frozenset[int] = frozenset()
    except_weekdays: frozenset[int] = frozenset()
    except_dates: frozenset[dt.date] = frozenset()
    ambiguous: bool = False

    def to_json(self) -> dict[str, object]:
        """The keys that apply, and always `ambiguous`; days as ISO dates, times as HH:MM."""
        days = {"date": self.date, "from": self.from_on, "to": self.to_on}
        times = {"time": self.time, "time_from": self.time_from, "time_to": self.time_to}
        said: dict[str, object] = {
            **{key: day.isoformat() for key, day in days.items() if day},
            # Midnight is a time too.
            **{key: at.isoformat("minutes") for key, at in times.items() if at is not None},
            "part": self.part,
            "weekdays": sorted(self.weekdays),
            "except_weekdays": sorted(self.except_weekdays),
            "except_dates": [day.isoformat() for day in sorted(self.except_dates)],
        }
        return {**{key: value for key, value in said.items() if value}, "ambiguous": self.ambiguous}


@dataclass(frozen=True, slots=True)
class Dates:
    """The alternatives a text names, in the order said.

    Where words mean several things all plausible readings stand here, each marked ambiguous.
    """

    readings: tuple[DateReading, ...] = ()
    ambiguous: bool = False
