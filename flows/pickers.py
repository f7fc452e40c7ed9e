"""Picking a free time by day and time. Booking and moving share it.

Each flow makes its own steps of these by naming the type of their goal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, Protocol, TypeVar

from clinic.booking.types import DayOption, Slot
from flows import handoff
from flows.effects import Choice, DateRange, Deed, FindDays, FindSlots, Say
from flows.engine import Context, Move, Step, goto, request, wait
from flows.events import Chose, DaysFound, Entered, Event, PickedDate, Said, SlotsFound
from flows.navigation import PATIENCE, WAYS_OUT, hint, tell_me
from flows.reading import When, read_day, read_time, read_when

ONE_DAY = timedelta(days=1)
PICKER_DAYS = 180  # how far the channel's date picker reaches
DAYS_A_PAGE = 7
DAY_CHOICES = 10  # the 13 that the narrowest channel shows, less its date picker and the ways out
DAYS_TO_SIFT = 60  # among which those are looked for that fit the patient's words
PAGE = 8  # with five ways on and out: the 13 choices that the narrowest channel shows
MAX_STARTS = 200  # of one day: more than any practice has

Part = Literal["morning", "afternoon", "evening"]
PARTS: dict[Part, str] = {
    "morning": "booking.morning",
    "afternoon": "booking.afternoon",
    "evening": "booking.evening",
}
Why = Literal["none_free", "too_many", "too_late"]
STUCK: dict[Why, str] = {
    "none_free": "booking.none_free",
    "too_many": "booking.too_many",
    "too_late": "booking.too_late",
}

T = TypeVar("T")
anyone = Choice("anyone", "booking.anyone")
other_day = Choice("other_day", "booking.other_day")


def page_of(items: Sequence[T], page: int) -> Sequence[T]:
    """The items of one page, counted from 0."""
    return items[page * PAGE : (page + 1) * PAGE]


def page_choices(count: int, page: int) -> tuple[Choice, ...]:
    """The choices that turn the pages of a list of `count` items."""
    later = Choice(f"page:{page + 1}", "booking.next_page")
    earlier = Choice(f"page:{page - 1}", "booking.previous_page")
    return ((later,) if (page + 1) * PAGE < count else ()) + ((earlier,) if page else ())


def page_asked(value: str, count: int) -> int | None:
    """The page that a choice of `page_choices` asks for, None if it is another choice."""
    kind, _, number = value.partition(":")
    if kind != "page" or not number.isdecimal() or int(number) * PAGE >= count:
        return None
    return int(number)


@dataclass(frozen=True, slots=True)
class Search:
    """Where free times are looked for. `moving`: the appointment that gives its own time free."""

    service_id: int
    practitioner_id: int | None  # None: anyone
    moving: int | None = None


class Goal(Protocol):
    """What a time is picked for, and where the conversation goes from the pickers."""

    @property
    def search(self) -> Search:
        """Where to look."""
        ...

    def by_day(self, from_on: date | None = None, said: str = "") -> Step:
        """Offer days, from this one on; `said` are the patient's words about when."""
        ...

    def by_time(self, day: date, said: str = "") -> Step:
        """Offer the times of a day; `said` as above."""
        ...

    def picked(self, slot: Slot) -> Step:
        """Go on with this time."""
        ...

    def stuck(self, why: Why, limit: int = 0) -> Step:
        """There is no way on without staff."""
        ...

    def widened(self) -> "Goal | None":
        """The same with any practitioner; None if it is so already."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPicker:
    """Which day? `earlier` are the first days of the pages before.

    `said`: what the patient said about when before this was asked. `heard`: what is looked up now.
    """

    goal: Goal
    from_on: date | None = None
    earlier: tuple[date, ...] = ()
    days: tuple[DayOption, ...] = ()
    more: bool = False
    wanted: date | None = None  # asked for by the patient, not yet known to be free
    said: str = ""
    heard: str = ""

    def on(self, event: Event, ctx: Context) -> Move:
        """Offer days with free times, and understand a day that is not among them."""
        days = tuple(day.on for day in self.days)
        match event:
            case Entered() if when := read_when(self.said, ctx):
                return replace(self, said="")._wish(self.said, when, ctx)
            case Entered():
                return self._look(ctx, self.from_on, self.earlier)
            case DaysFound(found, more):
                return replace(self, days=found, more=more)._found(ctx)
            case Chose("later") if self.more:
                earlier = (*self.earlier, self._first(ctx))
                return self._look(ctx, days[-1] + ONE_DAY, earlier)
            case Chose("earlier") if self.earlier:
                return self._look(ctx, self.earlier[-1], self.earlier[:-1])
            case Chose("anyone") if wide := self.goal.widened():
                return goto(wide.by_day())
            case Chose(value) if value in {day.isoformat() for day in days}:
                return goto(self.goal.by_time(date.fromisoformat(value), self.heard))
            case PickedDate(day):
                return self._want(day, ctx)
            case Said(text) if said := read_day(text, ctx.today, days):
                return self._want(said, ctx)
            case Said(text) if when := read_when(text, ctx):
                return self._wish(text, when, ctx)
        return self._ask(ctx, Say("booking.hint_day"))

    def _first(self, ctx: Context) -> date:
        return max(self.from_on or ctx.today, ctx.today)

    def _look(
        self,
        ctx: Context,
        from_on: date | None,
        earlier: tuple[date, ...] = (),
        *effects: Deed,
        wanted: date | None = None,
        heard: str = "",
    ) -> Move:
        step = replace(self, from_on=from_on, earlier=earlier, wanted=wanted, heard=heard)
        search = self.goal.search
        what = FindDays(
            search.service_id,
            search.practitioner_id,
            step._first(ctx),
            DAYS_TO_SIFT if heard else DAYS_A_PAGE,
            search.moving,
        )
        return request(step, what, *effects)

    def _wish(self, text: str, when: When, ctx: Context) -> Move:
        if when.day:
            return self._want(when.day, ctx, text)
        return self._look(ctx, when.earliest(ctx.today), heard=text)

    def _want(self, day: date, ctx: Context, heard: str = "") -> Move:
        if any(offered.on == day for offered in self.days):
            return goto(self.goal.by_time(day, heard))
        if day < ctx.today:
            past = Say("booking.day_past")
            return self._ask(ctx, past) if self.days else self._look(ctx, None, (), past)
        earlier = (ctx.today,) if day > ctx.today else ()
        return self._look(ctx, day, earlier, wanted=day, heard=heard)

    def _found(self, ctx: Context) -> Move:
        first, wanted = self._first(ctx), self.wanted
        if not self.days:
            if first > ctx.today:
                return self._look(ctx, None, (), Say("booking.none_from", {"day": first}))
            return goto(self.goal.stuck("none_free"))
        if wanted == self.days[0].on:
            return goto(self.goal.by_time(wanted, self.heard))
        page = replace(self, wanted=None, days=self.days[:DAYS_A_PAGE])
        page = replace(page, more=self.more or len(self.days) > DAYS_A_PAGE)
        if wanted:
            return page._unmet(ctx, full(wanted, ctx))
        when = read_when(self.heard, ctx)
        if when is None or not when.names_day:
            return page._ask(ctx)
        fitting = tuple(day for day in self.days if when.fits_day(day.on))
        if not fitting:
            over = when.only(ctx.today)
            none = full(ctx.today, ctx) if over else Say("booking.none_fit")
            return replace(page, heard="")._unmet(ctx, none)
        return replace(page, days=fitting[:DAYS_A_PAGE])._ask(ctx, Say("booking.days_fit"))

    def _unmet(self, ctx: Context, why: Say) -> Move:
        """Other days than were asked for: one fewer, which leaves room for the waitlist."""
        days = self.days[: DAYS_A_PAGE - 1]
        return replace(self, days=days, more=self.more or days != self.days)._ask(ctx, why)

    def _ask(self, ctx: Context, *effects: Deed) -> Move:
        choices = [Choice(day.on.isoformat(), "booking.day", {"day": day.on}) for day in self.days]
        if self.more:
            choices.append(Choice("later", "booking.later_days"))
        if self.earlier:
            choices.append(Choice("earlier", "booking.earlier_days"))
        if self.goal.widened():
            choices.append(anyone)
        if len(choices) < DAY_CHOICES:
            choices.append(tell_me)
        dates = DateRange(self.days[0].on, ctx.today, ctx.today + ONE_DAY * PICKER_DAYS)
        ask = Say("booking.ask_day", choices=(*choices, *WAYS_OUT), date_range=dates)
        return wait(self, *effects, ask, timeout=PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePicker:
    """What time of a day? `part` is asked first where a day has many."""

    goal: Goal
    day: date
    part: Part | None = None
    slots: tuple[Slot, ...] = ()
    page: int = 0
    said: str = ""  # what the patient said about when before this was asked
    heard: str = ""  # what they say now

    def on(self, event: Event, ctx: Context) -> Move:
        """Offer the free times of the day."""
        by_start = {slot.starts_at: slot for slot in self.slots}
        by_key = {slot.key: slot for slot in self.slots}
        match event:
            case Entered() if self.day < ctx.today:
                return goto(self.goal.by_day())
            case Entered():
                return replace(self, said="")._look(self.said)
            case SlotsFound(()):
                return goto(self.goal.by_day(self.day), full(self.day, ctx))
            case SlotsFound(slots):
                return replace(self, slots=one_a_start(slots), page=0)._sift(ctx)
            case Chose("other_day"):
                return goto(self.goal.by_day())
            case Chose("all_times"):
                return replace(self, part=None)._look("")
            case Chose(value) if value in self._parts():
                return goto(replace(self, part=value))
            case Chose(value) if value in by_key:
                return goto(self.goal.picked(by_key[value]))
            case Chose(value) if (page := page_asked(value, len(self._shown()))) is not None:
                return replace(self, page=page)._ask()
            case Said(text) if at := read_time(text, tuple(by_start)):
                return goto(self.goal.picked(by_start[at]))
            case Said(text) if when := read_when(text, ctx):
                if when.names_day and when.day != self.day:
                    return goto(self.goal.by_day(said=text))
                return replace(self, part=None)._look(text)
        return self._ask(Say("booking.hint_time"))

    def _look(self, heard: str) -> Move:
        step = replace(self, heard=heard)
        return request(step, find_slots(self.goal.search, self.day, MAX_STARTS))

    def _sift(self, ctx: Context) -> Move:
        """Take the time that was said, or offer those that fit it."""
        when = read_when(self.heard, ctx)
        if when is None or not when.names_time:
            return replace(self, heard="")._ask()
        fitting = tuple(slot for slot in self.slots if when.fits_time(slot.starts_at))
        if not fitting:
            return replace(self, heard="")._ask(Say("booking.time_not_free"))
        if when.time and len(fitting) == 1:
            return goto(self.goal.picked(fitting[0]))
        return replace(self, slots=fitting)._ask()

    def _parts(self) -> tuple[Part, ...]:
        """The parts to choose from first, none if the times can be shown at once."""
        if self.part or len(self.slots) <= PAGE:
            return ()
        found = {part_of(slot) for slot in self.slots}
        return tuple(part for part in PARTS if part in found) if len(found) > 1 else ()

    def _shown(self) -> tuple[Slot, ...]:
        """The times of the chosen part; all, if that has none left."""
        return tuple(slot for slot in self.slots if part_of(slot) == self.part) or self.slots

    def _ask(self, *effects: Deed) -> Move:
        shown = self._shown()
        choices: Iterable[Choice]
        if parts := self._parts():
            choices = [Choice(part, PARTS[part]) for part in parts]
        else:
            times = [
                Choice(slot.key, "booking.time", {"at": slot.starts_at})
                for slot in page_of(shown, self.page)
            ]
            choices = [*times, *page_choices(len(shown), self.page)]
        if self.heard:
            choices = [*choices, Choice("all_times", "booking.all_times")]
        # A later page, and one of times that fit, have no room for the waitlist.
        waits = () if self.page or self.heard else (tell_me,)
        ask = Say("booking.ask_time", {"day": self.day}, (*choices, other_day, *waits, *WAYS_OUT))
        return wait(self, *effects, ask, timeout=PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadEnd:
    """The bot cannot book here: offer everybody's times, or staff."""

    goal: Goal
    why: Why
    limit: int = 0

    def on(self, event: Event, ctx: Context) -> Move:
        """Say why, and what can be done."""
        wide = self.goal.widened() if self.why == "none_free" else None
        match event:
            case Chose("anyone") if wide:
                return goto(wide.by_day())
            case Chose("staff"):
                return goto(handoff.Queue(self.why))
        hints = () if isinstance(event, Entered) else (hint,)
        params = {"limit": self.limit} if self.why == "too_many" else {}
        staff = Choice("staff", "booking.ask_staff", role="primary")
        waits = (tell_me,) if self.why == "none_free" else ()
        choices = (*((anyone,) if wide else ()), staff, *waits, *WAYS_OUT)
        call_or_write = Say("booking.call_or_write", {"phone": ctx.clinic_phone}, choices)
        return wait(self, *hints, Say(STUCK[self.why], params), call_or_write, timeout=PATIENCE)


def full(day: date, ctx: Context) -> Say:
    """What is told before other times are offered to who asked for a day without any."""
    if day == ctx.today:
        return Say("booking.today_full")
    return Say("booking.day_full", {"day": day})


def find_slots(search: Search, on: date | None, limit: int) -> FindSlots:
    """The request for free times of a day, or of any day if `on` is None."""
    return FindSlots(search.service_id, search.practitioner_id, on, limit, search.moving)


def part_of(slot: Slot) -> Part:
    """The part of the day in which a time lies."""
    hour = slot.starts_at.hour
    return "morning" if hour < 12 else "afternoon" if hour < 17 else "evening"


def one_a_start(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """The first slot of each start: a patient who takes anyone picks a time, not a person."""
    firsts: dict[object, Slot] = {}
    for slot in slots:
        firsts.setdefault(slot.starts_at, slot)
    return tuple(firsts.values())
