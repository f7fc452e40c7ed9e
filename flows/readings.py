"""Readings that patients take at home: typed in any manner, confirmed, kept and looked at.

What is grave is answered by the safety rules' own words, and a doctor is called. Nothing is advised
here, and nothing is kept that the patient has not seen.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from clinic.observation import rules
from clinic.observation.house import house
from clinic.observation.reading import certain, read
from clinic.observation.types import KINDS, Doubt, Finding, Heard, Kind, Occasion, Reading, Trend
from clinic.patient.types import PatientOption
from flows import texts
from flows.effects import Alarm, Choice, Deed, Escalate, Row, Say, named
from flows.engine import BACK, Context, Flow, Move, Step, done, goto, request, wait
from flows.events import Chose, Entered, Event, Said
from flows.navigation import PATIENCE, START, WAYS_OUT, hint, menu, person
from flows.pickers import page_asked, page_choices, page_of
from flows.readings_effects import KeepReadings
from flows.readings_events import ReadingsKept, ReadingsRefused

GRAVE_PATIENCE = timedelta(minutes=10)  # for a yes to what is grave; then a doctor hears of it
LABELS: dict[Kind, str] = {
    "blood_pressure": "readings.blood_pressure",
    "glucose": "readings.glucose",
    "temperature": "readings.temperature",
    "pulse": "readings.pulse",
    "weight": "readings.weight",
    "spo2": "readings.spo2",
}
ASKS: dict[Kind, str] = {
    "blood_pressure": "readings.ask_blood_pressure",
    "glucose": "readings.ask_glucose",
    "temperature": "readings.ask_temperature",
    "pulse": "readings.ask_pulse",
    "weight": "readings.ask_weight",
    "spo2": "readings.ask_spo2",
}
DOUBTS = {
    "which": "readings.doubt_which",
    "unit": "readings.doubt_unit",
    "half": "readings.doubt_half",
    "impossible": "readings.doubt_impossible",
}
OCCASIONS: dict[Occasion, str] = {
    "fasting": "readings.fasting",
    "before_meal": "readings.before_meal",
    "after_meal": "readings.after_meal",
    "bedtime": "readings.bedtime",
    "after_exercise": "readings.after_exercise",
}
EXAMPLES: dict[Kind, str] = {
    "blood_pressure": "128/76",
    "glucose": "110",
    "temperature": "36.6",
    "pulse": "72",
    "weight": "62.5",
    "spo2": "97",
}
_ARROWS = {"": "", "up": " ↑", "down": " ↓", "same": " →"}
_kinds = tuple(Choice(kind, label) for kind, label in LABELS.items())


@dataclass(frozen=True, slots=True)
class Told:
    """What is understood so far, and what of it is in doubt. `at` None: just now."""

    readings: tuple[Reading, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    at: datetime | None = None
    patient_id: int | None = None
    age_days: int | None = None
    called: int = 0  # the level at which a doctor was called for it already
    limits: tuple[tuple[str, str], ...] = ()  # those that the clinic changed when it was told

    def hearing(self, heard: Heard) -> "Told":
        """With what was said to the first doubt, which it settles or takes the place of."""
        new = {one.kind for one in heard.readings}
        kept = tuple(one for one in self.readings if one.kind not in new)
        at = heard.at or self.at
        doubts = (*heard.doubts, *self.doubts[1:])
        return replace(self, readings=(*kept, *heard.readings), doubts=doubts, at=at)

    def settled(self, reading: Reading) -> "Told":
        """With the first doubt resolved to this; impossible again if nobody can have it."""
        if rules.possible(reading):
            return self.hearing(Heard((reading,)))
        doubt = Doubt("impossible", (reading.value,), (reading.kind,))
        return self.hearing(Heard(doubts=(doubt,)))

    def next(self, ctx: Context) -> "Unclear | ForWhom | Confirm":
        """What to ask now."""
        told = replace(self, at=self.at or ctx.now, limits=tuple(ctx.limits.items()))
        if self.doubts:
            return Unclear(told=told)
        if self.patient_id is None and len(ctx.patients) == 1:
            return told.of(ctx.patients[0], ctx)
        known = next((it for it in ctx.patients if it.id == self.patient_id), None)
        if known:
            return told.of(known, ctx)
        # A button's patient may be another record by now, or not this chat's any more.
        told = replace(told, patient_id=None)
        return ForWhom(told=told) if ctx.patients else Confirm(told=told)

    def of(self, patient: PatientOption, ctx: Context) -> "Confirm":
        """Of this patient: is it right?

        Where the chat speaks for several, a doctor who was called does not know yet for whom.
        """
        age_days = rules.age_days(ctx.today, patient.birth_on)
        limits = tuple(ctx.limits.items())
        called = self.called if len(ctx.patients) == 1 else 0
        told = replace(self, patient_id=patient.id, age_days=age_days, limits=limits, called=called)
        return Confirm(told=told, name=patient.name)

    def grave(self) -> tuple[Finding, ...]:
        """What is grave by the house's limits alone, before the record is looked at."""
        new = [rules.taken(it, at) for it in self.readings if (at := self.at)]
        here = house(dict(self.limits))
        found = rules.findings(here, new, (), rules.limits_for(here, (), self.age_days))
        return self.to_call(found)

    def to_call(self, found: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Those for which a doctor is called, and was not yet."""
        return tuple(it for it in found if it.level >= rules.GRAVE and it.level > self.called)

    def shown(self, kind: Kind) -> tuple[str, ...]:
        """The readings of a kind as a doctor is told them."""
        return tuple(rules.of_reading(it) for it in self.readings if it.kind == kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldStep:
    """A step that holds readings which are not kept yet."""

    told: Told

    def leave(self) -> tuple[Deed, ...]:
        """Who goes away or falls silent after a grave reading is looked after."""
        whom = self.told.patient_id
        return tuple(
            Escalate(rules.rule(it.kind), rules.GRAVE, "silence", whom, self.told.shown(it.kind))
            for it in self.told.grave()
        )

    @property
    def patience(self) -> timedelta:
        """How long to wait for an answer."""
        return GRAVE_PATIENCE if self.told.grave() else PATIENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Enter:
    """What did you measure? `kind`: what is asked for alone."""

    free_text: ClassVar[bool] = True
    kind: Kind | None = None
    patient_id: int | None = None

    def on(self, event: Event, ctx: Context) -> Move:
        """Take it in any words, or ask for one kind."""
        match event:
            case Entered():
                return self._ask()
            case Chose(value) if kind := next((it for it in KINDS if it == value), None):
                return goto(replace(self, kind=kind))
            case Said(text):
                heard = read(text, ctx.now, self.kind)
                if heard.readings or heard.doubts:
                    told = Told(heard.readings, heard.doubts, heard.at, self.patient_id)
                    return goto(told.next(ctx))
        return self._ask(Say("readings.not_understood"))

    def _ask(self, *before: Deed) -> Move:
        if self.kind is None:
            ask = Say("readings.ask", choices=(*_kinds, *WAYS_OUT))
        else:
            example = {"example": EXAMPLES[self.kind]}
            ask = Say(ASKS[self.kind], example, choices=WAYS_OUT)
        return wait(self, *before, ask, timeout=PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear(ToldStep):
    """The first thing in doubt: which kind, which unit, the other number, or a slip of the pen."""

    free_text: ClassVar[bool] = True

    @property
    def _doubt(self) -> Doubt:
        return self.told.doubts[0]

    def on(self, event: Event, ctx: Context) -> Move:
        """Ask about it; what is typed instead is read anew."""
        doubt = self._doubt
        match event:
            case Entered():
                return self._ask(ctx)
            case Chose(value) if doubt.why == "which":
                if kind := next((it for it in doubt.kinds if it == value), None):
                    return goto(self._again(str(doubt.numbers[0]), kind, ctx))
            case Chose(value) if doubt.why == "unit":
                if unit := next((it for it in doubt.units if it == value), None):
                    reading = Reading(
                        doubt.kinds[0], doubt.numbers[0], unit, occasion=doubt.occasion
                    )
                    return goto(self.told.settled(reading).next(ctx))
            case Said(text):
                alone = doubt.kinds[0] if len(doubt.kinds) == 1 else None
                heard = read(text, ctx.now, alone)
                if heard.readings or heard.doubts:
                    return goto(self.told.hearing(heard).next(ctx))
        return self._ask(ctx, hint if self._choices() else Say("readings.not_understood"))

    def _again(self, number: str, kind: Kind, ctx: Context) -> Step:
        return self.told.hearing(read(number, ctx.now, kind)).next(ctx)

    def _choices(self) -> tuple[Choice, ...]:
        if self._doubt.why == "which":
            return tuple(it for it in _kinds if it.value in self._doubt.kinds)
        return tuple(named(unit, unit) for unit in self._doubt.units)

    def _ask(self, ctx: Context, *before: Deed) -> Move:
        doubt = self._doubt
        numbers = "/".join(_number(it, ctx) for it in doubt.numbers)
        kind = texts.text(LABELS[doubt.kinds[0]], {}, ctx.language) if doubt.kinds else ""
        ask = Say(
            DOUBTS[doubt.why],
            {"number": numbers, "kind": kind},
            choices=(*self._choices(), *WAYS_OUT),
        )
        return wait(self, *before, ask, timeout=self.patience)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForWhom(ToldStep):
    """Whose readings are they? Asked where the chat speaks for several."""

    page: int = 0

    def on(self, event: Event, ctx: Context) -> Move:
        """Offer those the account speaks for."""
        match event:
            case Chose(value) if (page := page_asked(value, len(ctx.patients))) is not None:
                return replace(self, page=page)._ask(ctx)
            case Chose(value):
                for patient in ctx.patients:
                    if value == str(patient.id):
                        return goto(self.told.of(patient, ctx))
        return self._ask(ctx, *(() if isinstance(event, Entered) else (hint,)))

    def _ask(self, ctx: Context, *before: Deed) -> Move:
        shown = [named(str(it.id), it.name) for it in page_of(ctx.patients, self.page)]
        pages = page_choices(len(ctx.patients), self.page)
        ask = Say("readings.ask_who", choices=(*shown, *pages, *WAYS_OUT))
        return wait(self, *before, ask, timeout=self.patience)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(ToldStep):
    """Is this right? Only a yes keeps it."""

    goes_back: ClassVar[bool] = True
    name: str = ""

    def on(self, event: Event, ctx: Context) -> Move:
        """Show what was understood; keep it, or take it anew."""
        match event:
            case Chose("yes"):
                told = self.told
                if told.patient_id is None:
                    return self._unknown()
                at = told.at or ctx.now
                return request(self, KeepReadings(told.patient_id, told.readings, at))
            case Chose(value) if value in ("change", BACK):
                return goto(Enter(patient_id=self.told.patient_id))
            case Said(text) if (heard := read(text, ctx.now)).whole:
                fresh = Told(heard.readings, heard.doubts, heard.at, self.told.patient_id)
                return goto(fresh.next(ctx))
            case ReadingsKept(findings, trends):
                return self._kept(findings, trends, ctx)
            case ReadingsRefused():
                # Nobody's by now: nothing is kept, but what is grave is acted on.
                nobodys = replace(self.told, patient_id=None)
                if grave := nobodys.grave():
                    return replace(self, told=nobodys)._alarm(grave)
                return done(self, Say("readings.refused", {"phone": ctx.clinic_phone}, (menu,)))
        return self._ask(ctx, *(() if isinstance(event, Entered) else (hint,)))

    def _ask(self, ctx: Context, *before: Deed) -> Move:
        told, comma = self.told, ctx.language == "ru"
        readings = (Row(LABELS[it.kind], rules.of_reading(it, comma=comma)) for it in told.readings)
        occasions = dict.fromkeys(it.occasion for it in told.readings if it.occasion)
        when = (texts.text(OCCASIONS[it], {}, ctx.language) for it in occasions)
        ask = Say(
            "readings.ask_right",
            choices=(
                Choice("yes", "readings.yes", role="primary"),
                Choice("change", "readings.change"),
                *WAYS_OUT,
            ),
            title="readings.card",
            rows=(
                *((Row("readings.name", self.name),) if self.name else ()),
                *readings,
                *(Row("readings.occasion", it) for it in when),
                Row("readings.at", told.at or ctx.now),
            ),
        )
        return wait(self, *before, ask, timeout=self.patience)

    def _unknown(self) -> Move:
        """Nobody the clinic knows: nothing can be kept, but what is grave is acted on."""
        if grave := self.told.grave():
            return self._alarm(grave)
        link = Choice(START + "link", "menu.link", role="primary")
        return done(self, Say("readings.unknown_patient", choices=(link, person, menu)))

    def _alarm(self, grave: tuple[Finding, ...]) -> Move:
        """The gravest is answered by the safety rules; doctors hear of all."""
        whom, (worst, *others) = self.told.patient_id, grave
        called = tuple(
            Escalate(rules.rule(it.kind), it.level, "reading", whom, self.told.shown(it.kind))
            for it in others
        )
        name, shown = rules.rule(worst.kind), self.told.shown(worst.kind)
        return done(self, *called, Alarm(name, worst.level, "reading", whom, shown))

    def _kept(self, findings: tuple[Finding, ...], trends: tuple[Trend, ...], ctx: Context) -> Move:
        if grave := self.told.to_call(findings):
            return self._alarm(grave)
        thanks = Say("readings.watch" if findings else "readings.thanks")
        if self.told.called:
            thanks = Say("readings.called")
        shown = (_trend(it, ctx) for it in trends if len(it.points) > 1)
        numbers = {"number": ctx.emergency_number, "phone": ctx.clinic_phone}
        return done(self, thanks, *shown, Say("readings.end", numbers, (again, menu)))


again = Choice(START + "readings", "readings.again")


def _trend(trend: Trend, ctx: Context) -> Say:
    """The last readings as lines, with arrows and their mean."""

    def value(upper: Decimal, lower: Decimal | None) -> str:
        return _number(upper, ctx) + ("" if lower is None else f"/{_number(lower, ctx)}")

    lines = [
        f"{texts.shown(it.on, ctx.language)}  {value(it.value, it.second)}{_ARROWS[it.way]}"
        for it in trend.points
    ]
    filled = [*lines, *[""] * (rules.LAST - len(lines))]
    points = {f"line_{number}": line for number, line in enumerate(filled, start=1)}
    kind = texts.text(LABELS[trend.kind], {}, ctx.language)
    mean = value(trend.mean, trend.second_mean)
    told = {"kind": kind, "unit": trend.unit, "mean": mean, **points}
    shown = trend.picture and replace(trend.picture, alt="readings.picture")
    return Say("readings.trend", told, picture=shown)


def _number(value: Decimal, ctx: Context) -> str:
    written = f"{value:f}"
    return written.replace(".", ",") if ctx.language == "ru" else written


def enter_step(patient_id: int, number: int) -> Step:
    """The first step to who pressed a reminder's button: of whom, and of the kind (0: any)."""
    kind = KINDS[number - 1] if 0 < number <= len(KINDS) else None
    return Enter(kind=kind, patient_id=patient_id)


def unasked(said: Said, ctx: Context) -> Unclear | ForWhom | Confirm | None:
    """The first step to who types a reading and nothing else; None if the text is none."""
    heard = read(said.text, ctx.now)
    if not certain(heard):
        return None
    return Told(heard.readings, heard.doubts, heard.at).next(ctx)


flow = Flow("readings", version=1, start=Enter, steps=(Enter, Unclear, ForWhom, Confirm))
