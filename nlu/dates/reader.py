"""From the pieces of a text to the days and hours that a patient may mean."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise, product

from nlu.dates import days, hours
from nlu.dates.phrases import Said
from nlu.dates.tokens import Clock, Day, Part
from nlu.dates.types import DateReading, Dates, PartName

_WEEKEND = frozenset((5, 6))
MOST = 6  # readings of one text
_MOST_SAID = 24  # days and hours of one text that are looked at
_LONGEST_EXCLUSION = 31  # days


@dataclass(slots=True)
class _Draft:
    """One alternative as it is put together."""

    day: Said | None = None
    inherited: bool = False  # the day is that of the alternative before
    hours: Said | None = None
    part: PartName | None = None
    linked: bool = False
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class _Ruled:
    """What is ruled out."""

    weekdays: frozenset[int] = frozenset()
    dates: frozenset[date] = frozenset()
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """When and where the words are read: the clinic's now and its hours."""

    now: datetime
    opens: int
    closes: int

    @property
    def today(self) -> date:
        """The clinic's day."""
        return self.now.date()


def dates_of(said: Sequence[Said], place: Place) -> Dates:
    """The readings of all that was said."""
    told, said = len(said), said[:_MOST_SAID]
    ruled = _ruled(said, place)
    drafts = _spread(_drafts([one for one in said if not one.ruled_out]))
    if ruled.weekdays or ruled.dates:
        drafts = drafts or [_Draft()]
    unsure = ruled.unsure
    readings: dict[DateReading, None] = {}
    for draft in drafts:
        for reading in _readings(draft, place):
            kept = _without(reading, ruled)
            if kept and replace(kept, ambiguous=False) != DateReading():
                readings[replace(kept, ambiguous=kept.ambiguous or unsure)] = None
    cut = len(readings) > MOST or told > _MOST_SAID
    found = tuple(replace(one, ambiguous=one.ambiguous or cut) for one in list(readings)[:MOST])
    return Dates(found, any(reading.ambiguous for reading in found))


def dates_of_number(number: int, place: Place) -> Dates:
    """What a number alone may be: a day of the month or an hour. Only who asked knows."""
    at = [DateReading(date=one.first) for one in days.meanings(Day(day=number), place.today)]
    hour = hours.meanings(Clock(number), place.opens, place.closes)
    found = (*at, *(DateReading(time=one) for one in hour))
    return Dates(tuple(replace(one, ambiguous=True) for one in found), bool(found))


def doubtful(dates: Dates) -> Dates:
    """The same readings, none of which is sure."""
    readings = tuple(replace(one, ambiguous=True) for one in dates.readings)
    return Dates(readings, bool(readings))


def _drafts(said: Sequence[Said]) -> list[_Draft]:
    drafts: list[_Draft] = [_Draft()]
    for one in said:
        if one.replaces:
            _replace(drafts, one)
        else:
            _add(drafts, one)
    return [draft for draft in drafts if draft.day or draft.hours or draft.part]


def _add(drafts: list[_Draft], one: Said) -> None:
    draft = drafts[-1]
    if isinstance(one.first or one.last, Day):
        if draft.day is None or draft.inherited:
            draft.day, draft.inherited = one, False
        elif (both := _both_ends(draft.day, one)) is not None:
            draft.day = both
        else:
            # Two days with nothing to join them may be two wishes, or a wish and a story.
            drafts.append(_Draft(day=one, linked=one.linked, unsure=not one.linked))
            draft.unsure |= not one.linked
    elif isinstance(one.first, Part):
        if draft.part not in (None, one.first.name) or (one.linked and draft.hours is not None):
            drafts.append(_Draft(draft.day, True, linked=one.linked, unsure=not one.linked))
        drafts[-1].part = one.first.name
        if one.last not in (one.first, None):  # no hours are known for "from morning to noon"
            drafts[-1].unsure = True
    elif draft.hours is None and not (one.linked and draft.part is not None and not one.near):
        draft.hours = one
    elif draft.hours is not None and (both := _both_ends(draft.hours, one)) is not None:
        draft.hours = both
    else:
        part = draft.part if one.linked else None
        one = _as_late(one, draft.hours) if one.linked else one
        drafts.append(_Draft(draft.day, True, one, part, one.linked, not one.linked))
        draft.unsure |= not one.linked
    drafts[-1].unsure |= one.unsure


def _as_late(said: Said, before: Said | None) -> Said:
    """The 9 in "8 pm or 9"."""
    clock, other = said.first, before.first if before else None
    if not (isinstance(clock, Clock) and isinstance(other, Clock) and said.last is clock):
        return said
    late = replace(clock, hour=clock.hour % 12 + 12, settled=True)
    if clock.settled or not other.settled or not 12 <= other.hour < late.hour:
        return said
    return replace(said, first=late, last=late)


def _both_ends(said: Said, more: Said) -> Said | None:
    """One thing of two: "after 2" and "before 4", "Mondays and Fridays", "next week on Mondays"."""
    one, other = said.first, more.first
    if isinstance(one, Day) and isinstance(other, Day) and other.every and more.last is other:
        if bool(one.every) is more.linked and said.kind is more.kind:
            both = replace(one, every=one.every | other.every)
            return replace(said, first=both, last=both if said.last is one else said.last)
        return None
    if said.last is None and more.first is None:
        return replace(said, last=more.last)
    if said.first is None and more.last is None:
        return replace(said, first=more.first)
    return None


def _replace(drafts: list[_Draft], one: Said) -> None:
    """Puts a correction in the place of what it corrects; the rest of what was said stays."""
    last = drafts[-1]
    if isinstance(one.first or one.last, Day):
        drafts[:] = [replace(last, day=one, inherited=False, linked=False)]
    elif isinstance(one.first, Part):
        last.part, last.hours = one.first.name, None
    else:
        drafts[:] = [replace(draft, hours=one, part=None) for draft in drafts[-1:]]
    drafts[-1].unsure |= one.unsure


def _spread(drafts: list[_Draft]) -> list[_Draft]:
    """Gives each alternative the month, week, day and hour that only its neighbours name."""
    for earlier, later in pairwise(drafts):
        if later.linked and earlier.day and later.day and not later.inherited:
            earlier.day, later.day = _completed(earlier.day, later.day)
    for later, earlier in zip(drafts[::-1], drafts[-2::-1], strict=False):
        if not later.linked:
            continue
        if earlier.day is None:
            earlier.day = later.day
        elif later.day and not later.inherited:
            earlier.day, later.day = _completed(earlier.day, later.day)
        if earlier.hours is None and earlier.part is None and not later.inherited:
            earlier.hours, earlier.part = later.hours, later.part
    return drafts


def _completed(earlier: Said, later: Said) -> tuple[Said, Said]:
    one, other = earlier.last, later.first
    if not (isinstance(one, Day) and isinstance(other, Day) and one is earlier.first):
        return earlier, later
    first, second = days.complete(one, other)
    last = second if later.last is later.first else later.last
    return replace(earlier, first=first, last=first), replace(later, first=second, last=last)


def _ruled(said: Sequence[Said], place: Place) -> _Ruled:
    weekdays: set[int] = set()
    dates: set[date] = set()
    unsure = False
    for one in (one for one in said if one.ruled_out):
        day = one.first
        if not isinstance(day, Day) or one.last is None:
            # Nothing here can say which hours do not fit, unless others are named instead.
            unsure |= not any(other.kind is one.kind and not other.ruled_out for other in said)
        elif day.every or day == Day(weekend=True):
            weekdays |= day.every or _WEEKEND
        elif one.last is day and days.is_weekday_only(day) and day.weekday is not None:
            weekdays.add(day.weekday)
        else:
            stretches = _stretches(one, place)
            for stretch in stretches[:1] if len(stretches) == 1 else []:
                dates |= _days_in(stretch)
            unsure |= len(stretches) != 1
    return _Ruled(frozenset(weekdays), frozenset(dates), unsure)


def _days_in(stretch: days.Stretch) -> set[date]:
    if stretch.first is None or stretch.last is None:
        return set()
    count = min((stretch.last - stretch.first).days + 1, _LONGEST_EXCLUSION)
    return {stretch.first + timedelta(days=ahead) for ahead in range(count)}


def _without(reading: DateReading, ruled: _Ruled) -> DateReading | None:
    """The reading less what is ruled out; a single day needs no exclusions."""
    if reading.date is not None:
        out = reading.date in ruled.dates or reading.date.weekday() in ruled.weekdays
        return None if out else reading
    dates = frozenset(
        at for at in ruled.dates if (reading.from_on or at) <= at <= (reading.to_on or at)
    )
    return replace(reading, except_weekdays=ruled.weekdays, except_dates=dates)


def _readings(draft: _Draft, place: Place) -> list[DateReading]:
    spans = _stretches(draft.day, place) if draft.day else [None]
    times = _times(draft, place)
    unsure = draft.unsure or len(spans) > 1 or len(times) > 1 or _is_unsure(draft)
    found = []
    for span, (first, last, part) in product(spans, times):
        reading = _reading(draft, span, first, last, part)
        odd = reading.date == place.today and _is_over(reading, place.now.time())
        # Nobody wishes to come at four in the night: more likely it was misread.
        odd |= reading.time is not None and not hours.is_open(
            reading.time, place.opens, place.closes
        )
        found.append(replace(reading, ambiguous=unsure or odd or _is_past_weekday(draft, place)))
    return found


def _reading(
    draft: _Draft,
    span: days.Stretch | None,
    first: time | None,
    last: time | None,
    part: PartName | None,
) -> DateReading:
    reading = DateReading(part=part)
    if span is not None:
        reading = replace(reading, weekdays=span.weekdays)
        if span.first == span.last and span.first is not None and not span.weekdays:
            reading = replace(reading, date=span.first)
        else:
            reading = replace(reading, from_on=span.first, to_on=span.last)
    if draft.hours is not None and draft.hours.first == draft.hours.last:
        return replace(reading, time=first)
    return replace(reading, time_from=first, time_to=last)


def _stretches(said: Said, place: Place) -> list[days.Stretch]:
    """The days of one thing said, from its first to its last."""
    first, last = said.first, said.last
    if isinstance(first, Day) and isinstance(last, Day) and first is not last and first != last:
        first, last = days.complete(first, last)
        return [
            days.Stretch(start.first, end.last, start.weekdays)
            for start in days.meanings(first, place.today)
            if start.first is not None
            for end in days.meanings(last, place.today, start.first)[:1]
            if end.last is not None and start.first < end.last
        ]
    if isinstance(first, Day) and last is None:
        starts = days.meanings(first, place.today)
        if said.inclusive:
            return [days.Stretch(one.first, None, one.weekdays) for one in starts]
        return [days.Stretch(one.last + timedelta(1), None) for one in starts if one.last]
    if isinstance(last, Day) and first is None:
        ends = days.meanings(last, place.today)
        if said.inclusive or last.stretch:  # "before the end of the month"
            return [days.Stretch(None, one.last, one.weekdays) for one in ends]
        before = [one.first - timedelta(1) for one in ends if one.first]
        return [days.Stretch(None, at) for at in before if at >= place.today]
    return days.meanings(first, place.today) if isinstance(first, Day) else []


_Times = tuple[time | None, time | None, PartName | None]


def _times(draft: _Draft, place: Place) -> list[_Times]:
    said, part = draft.hours, draft.part
    if said is None:
        return [(None, None, part)]
    first, last = _in_part(said.first, part), _in_part(said.last, part)
    if said.first == said.last:
        return [(at, at, None) for at in _clock_times(first, place)]
    if isinstance(first, Clock) and isinstance(last, Clock):
        return _stretch_times(first, last, place)
    starts: list[time | None] = [*_clock_times(first, place)] or [None]
    ends: list[time | None] = [*_clock_times(last, place)] or [None]
    return [(start, end, _kept(part, start)) for start, end in product(starts, ends)]


def _stretch_times(first: Clock, last: Clock, place: Place) -> list[_Times]:
    if last.settled and not first.settled and 0 < first.hour < 12:  # "2-4 pm", "11 to 1 pm"
        late = replace(first, hour=first.hour + 12, settled=True)
        fits = (late.hour, late.minute) < (last.hour, last.minute)
        first = late if fits else replace(first, settled=True)
    if first.settled and first.hour >= 12 and not last.settled and last.hour <= 12:  # "8 pm to 9"
        last = replace(last, hour=last.hour % 12 + 12, settled=True)
    return [
        (start, end, None)
        for start in _clock_times(first, place)
        for end in _clock_times(last, place, after=start)[:1]
    ]


def _clock_times(clock: Clock | None, place: Place, *, after: time | None = None) -> list[time]:
    if clock is None:
        return []
    found = hours.meanings(clock, place.opens, place.closes)
    return found if after is None else [at for at in found if at > after]


def _in_part(thing: object, part: PartName | None) -> Clock | None:
    if not isinstance(thing, Clock):
        return None
    if part is None or thing.settled:
        return thing
    return hours.in_part(thing, part) or thing


def _kept(part: PartName | None, start: time | None) -> PartName | None:
    """The part of the day if an open stretch of hours does not lie in it anyway."""
    return part if (start is None) != (part == "morning") else None


def _is_unsure(draft: _Draft) -> bool:
    said = [draft.day, draft.hours]
    things = [thing for one in said if one for thing in (one.first, one.last)]
    unsure = any(isinstance(thing, Day | Clock) and thing.unsure for thing in things)
    if draft.day and draft.day.first is None and isinstance(draft.day.last, Day):
        unsure = False  # "before the end of the month" is sure, whenever that begins
    unsure |= any(isinstance(thing, Clock) and thing.bare for thing in things)
    if draft.hours is None or draft.part is None:
        return unsure
    clocks = [thing for thing in things if isinstance(thing, Clock)]
    return unsure or any(hours.in_part(clock, draft.part) is None for clock in clocks[:1])


def _is_past_weekday(draft: _Draft, place: Place) -> bool:
    """ "This Monday" on a Tuesday."""
    day = draft.day.first if draft.day else None
    if not isinstance(day, Day) or day.week != 0 or day.weekday is None:
        return False
    return day.weekday < place.today.weekday()


def _is_over(reading: DateReading, now: time) -> bool:
    at = reading.time or reading.time_to
    if at is not None:
        return at < now.replace(tzinfo=None)
    ends = {"morning": 12, "noon": 15, "afternoon": 19}
    return reading.part in ends and now.hour >= ends[reading.part]
