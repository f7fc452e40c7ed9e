"""The people a chat account speaks for: who they are, and adding one. Booking adds people too."""

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Protocol

from clinic.patient.types import RELATIONS, PatientOption, Relation
from flows import words
from flows.effects import AddPatient, Choice, DateRange, Row, Say, named
from flows.engine import Context, Flow, Move, Step, goto, request, wait
from flows.events import Chose, Entered, Event, PatientAdded, PickedDate, Said
from flows.navigation import PATIENCE, WAYS_OUT, back, hint, menu
from flows.reading import OLDEST, read_birth_dates
from flows.texts import shown

MAX_NAME = 60  # characters
fix_name = replace(back, label="family.fix_name")  # under the question that says the name
MAX_PEOPLE = 10  # that one account speaks for: nobody can fill the calendar from one chat
# What people answer who have not seen that a name is asked for.
SAID_FOR_A_NAME = frozenset(
    {words.Word.YES, words.Word.NO, words.Word.HELLO, words.Word.THANKS},
)
# How people tell a name in a sentence, after what they say when they meet.
_MET = re.compile(
    r"^(?:hello|hi|good (?:morning|afternoon|evening)|こんにちは|はじめまして|初めまして|你好|您好"
    r"|здравствуйте|добрый день|привет)[\s,.!、。！，]+(?=\S)",
    re.IGNORECASE,
)
_TELLING = tuple(
    re.compile(it, re.IGNORECASE)
    for it in (
        r"(?:my name is|my name's|(?:his|her|the|their) name is|i am|i['’]?m|this is|it['’]?s"
        r"|name:)\s+(.+)",
        r"(?:меня зовут|(?:его|е[её]) зовут|мо[её] имя|имя:|это|я)\s*[-–—]?\s+(.+)",
        r"(?:(?:私|わたし|僕|名前|氏名|息子|娘|母|父|夫|妻)(?:の名前)?は、?\s*)?(.+?)"
        r"(?:です|と申します|と言います|といいます|ともうします)。?",
        r"(?:私|わたし|僕|名前|氏名)は、?\s*(.+)",
        r"(?:我叫做|我叫|我是|我的名字(?:是|叫)|名字(?:是|叫)|姓名(?:是|[:：])|[他她]叫)\s*(.+)",
    )
)
RELATION_LABELS: dict[Relation, str] = {
    "self": "family.self",
    "child": "family.child",
    "parent": "family.parent",
    "partner": "family.partner",
    "other": "family.other",
}


def can_add(ctx: Context) -> bool:
    """Whether the account may speak for one more person."""
    return len(ctx.patients) < MAX_PEOPLE


def same_name(one: str, other: str) -> bool:
    """Whether two names differ in nothing but width, case and spaces."""

    def folded(name: str) -> str:
        return "".join(unicodedata.normalize("NFKC", name).casefold().split())

    return folded(one) == folded(other)


class Purpose(Protocol):
    """What a person is added for."""

    def chosen(self, patient: PatientOption) -> Step:
        """Go on with this person."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationStep(ABC):
    """Who is it? Asked first, so that the name can be asked for in the right words."""

    goal: Purpose

    def on(self, event: Event, ctx: Context) -> Move:
        """Ask how the person is related to whoever writes."""
        has_self = any(patient.relation == "self" for patient in ctx.patients)
        open_to = tuple(it for it in RELATIONS if it != "self" or not has_self)
        match event:
            case Chose(value) if value in open_to:
                return goto(self.named(value))
        hints = () if isinstance(event, Entered) else (hint,)
        choices = tuple(Choice(it, RELATION_LABELS[it]) for it in open_to)
        ask = Say("family.ask_relation", choices=(*choices, *WAYS_OUT))
        return wait(self, *hints, ask, timeout=PATIENCE)

    @abstractmethod
    def named(self, relation: Relation) -> Step:
        """The step that asks for the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameStep(ABC):
    """What is the person's name? Kept as typed, but for spaces."""

    free_text: ClassVar[bool] = True
    goal: Purpose
    relation: Relation

    def on(self, event: Event, ctx: Context) -> Move:
        """Ask for the name; a name that is already on the list is that person."""
        match event:
            case Said(text) if name := read_name(text):
                for patient in ctx.patients:
                    if same_name(patient.name, name):
                        known = Say("family.known", {"name": patient.name})
                        return goto(self.goal.chosen(patient), known)
                return goto(self.born(name))
        hints = () if isinstance(event, Entered) else (Say("family.hint_name"),)
        text = "family.ask_own_name" if self.relation == "self" else "family.ask_name"
        return wait(self, *hints, Say(text, choices=WAYS_OUT), timeout=PATIENCE)

    @abstractmethod
    def born(self, name: str) -> Step:
        """The step that asks for the date of birth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BirthStep:
    """When was the person born? It may be left out."""

    goal: Purpose
    relation: Relation
    name: str
    between: tuple[date, ...] = ()  # what a date that was typed may mean

    def on(self, event: Event, ctx: Context) -> Move:
        """Ask for the date of birth, then add the person."""
        oldest = date(ctx.today.year - OLDEST, 1, 1)
        match event:
            case PatientAdded(patient):
                added = Say("family.added", {"name": patient.name})
                return goto(self.goal.chosen(patient), added)
            case Chose("skip"):
                return request(self, AddPatient(self.name, self.relation))
            case PickedDate(day) if oldest <= day <= ctx.today:
                return request(self, AddPatient(self.name, self.relation, day))
            case Chose(value) if value in {it.isoformat() for it in self.between}:
                born_on = date.fromisoformat(value)
                return request(self, AddPatient(self.name, self.relation, born_on))
            case Said(text) if said := read_birth_dates(text, ctx.today):
                if len(said) == 1:
                    return request(self, AddPatient(self.name, self.relation, said[0]))
                return wait(replace(self, between=said), which_birth(said, ctx), timeout=PATIENCE)
        hints = () if isinstance(event, Entered) else (Say("family.hint_birth"),)
        skip = Choice("skip", "family.skip")
        initial = date(ctx.today.year - _YEARS.get(self.relation, 60), 1, 1)
        ask = Say(
            "family.ask_birth",
            {"name": self.name},
            (skip, fix_name, menu),
            date_range=DateRange(initial, oldest, ctx.today, typed=True),
        )
        return wait(self, *hints, ask, timeout=PATIENCE)


# Where a picker begins that has to begin somewhere, in years before today.
_YEARS = {"child": 8, "parent": 78}


def which_birth(days: tuple[date, ...], ctx: Context) -> Say:
    """Ask which of the days is meant that a date such as 3/5/1961 may be."""
    choices = (named(day.isoformat(), shown(day, ctx.language, "year")) for day in days)
    return Say("family.which_birth", choices=(*choices, *WAYS_OUT))


def read_name(text: str) -> str | None:
    """A name as typed, with single spaces; None for "yes" or "hello", no letter or too many.

    Of a sentence that tells it, the name alone: "I'm John Smith", 田中健二です.
    """
    if words.read(text) in SAID_FOR_A_NAME:
        return None
    whole = _MET.sub("", " ".join(text.split()))
    told = next((found[1] for it in _TELLING if (found := it.fullmatch(whole))), whole)
    name = told.strip(" ,.!;:。、！，") or whole
    has_letter = any(unicodedata.category(sign).startswith("L") for sign in name)
    return name if has_letter and len(name) <= MAX_NAME else None


# The flow "family" --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listing:
    """A person is added to be on the list, for no visit yet."""

    def chosen(self, patient: PatientOption) -> Step:
        """Show the list with them on it."""
        return ShowPeople(added=patient)


@dataclass(frozen=True, slots=True)
class ShowPeople:
    """The people this account speaks for. `added`: just now, so maybe not among the known yet."""

    added: PatientOption | None = None

    def on(self, event: Event, ctx: Context) -> Move:
        """Show the list and offer to add to it."""
        match event:
            case Chose("add") if can_add(ctx):
                return goto(AskRelation(goal=Listing()))
        hints = () if isinstance(event, Entered) else (hint,)
        people = {patient.id: patient for patient in ctx.patients}
        if self.added:
            people.setdefault(self.added.id, self.added)
        add = (Choice("add", "family.add"),) if can_add(ctx) else ()
        choices = (*add, *WAYS_OUT)
        if not people:
            nobody = Say("family.nobody", choices=choices)
            return wait(self, *hints, nobody, timeout=PATIENCE)
        listed = Say(
            "family.list", choices=choices, title="family.title", rows=rows(people.values())
        )
        return wait(self, *hints, listed, timeout=PATIENCE)


def rows(people: Iterable[PatientOption]) -> tuple[Row, ...]:
    """The lines of a card that lists people."""
    return tuple(Row(RELATION_LABELS[it.relation], it.name) for it in people)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRelation(RelationStep):
    goal: Listing

    def named(self, relation: Relation) -> Step:
        return AskName(goal=self.goal, relation=relation)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskName(NameStep):
    goal: Listing

    def born(self, name: str) -> Step:
        return AskBirth(goal=self.goal, relation=self.relation, name=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskBirth(BirthStep):
    goal: Listing


flow = Flow(
    "family", version=1, start=ShowPeople, steps=(ShowPeople, AskRelation, AskName, AskBirth)
)
