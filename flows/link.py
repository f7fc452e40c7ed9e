"""Joining this chat to the patient's record: by a code of the clinic, or by its staff."""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from clinic.link.rules import read_code
from flows.effects import AskForLink, Choice, DateRange, Row, Say, TryLinkCode
from flows.engine import Context, Flow, Move, done, goto, request, wait
from flows.events import (
    Chose,
    Entered,
    Event,
    Linked,
    LinkRefused,
    PickedDate,
    Said,
    SharedContact,
)
from flows.family import read_name, which_birth
from flows.navigation import PATIENCE, WAYS_OUT, menu, person
from flows.navigation import hint as not_understood
from flows.reading import OLDEST, read_birth_dates

no_code = Choice("no_code", "link.no_code")


def read_phone(text: str) -> str | None:
    """A telephone number as digits, with + where it was given; None if it cannot be one."""
    plain = unicodedata.normalize("NFKC", text)
    number = re.sub(r"[\s()./ー―‐–—-]", "", plain)
    return number if re.fullmatch(r"\+?\d{7,15}", number) else None


@dataclass(frozen=True, slots=True)
class AskCode:
    """The code that the desk handed out. How many tries are left is nobody's business."""

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Say where the code comes from, and take it however it is typed."""
        match event:
            case Said(text) if code := read_code(text):
                return goto(TryCode(code))
            case Chose("no_code"):
                return goto(AskName())
        hint = () if isinstance(event, Entered) else (Say("link.hint_code"),)
        ask = Say("link.ask_code", choices=(no_code, *WAYS_OUT))
        return wait(self, *hint, ask, timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class TryCode:
    """A code to be tried: typed, or carried by the QR code that opened the chat."""

    code: str

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Try it, and name whose record it is, since a link may come from anybody."""
        match event:
            case Linked(patient):
                linked = Say("link.linked", {"name": patient.name}, (menu, person))
                return done(self, linked)
            case LinkRefused("wrong"):
                return goto(AskCode(), Say("link.wrong"))
            case LinkRefused():
                return goto(TooMany())
        return request(self, TryLinkCode(self.code))


@dataclass(frozen=True, slots=True)
class TooMany:
    """No more tries for now: staff can help."""

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Offer a person, and the way without a code."""
        match event:
            case Chose("no_code"):
                return goto(AskName())
        choices = (person, no_code, *WAYS_OUT)
        return wait(self, Say("link.too_many", choices=choices), timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class AskName:
    """Without a code: staff look for the record; nothing of it is shown here."""

    free_text: ClassVar[bool] = True

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Ask for the name as the record has it."""
        match event:
            case Said(text) if name := read_name(text):
                return goto(AskBirth(name))
        hint = () if isinstance(event, Entered) else (Say("link.hint_name"),)
        return wait(self, *hint, Say("link.ask_name", choices=WAYS_OUT), timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class AskBirth:
    name: str
    between: tuple[date, ...] = ()  # what a date that was typed may mean

    def on(self, event: Event, ctx: Context) -> Move:
        """Ask for the date of birth."""
        oldest = date(ctx.today.year - OLDEST, 1, 1)
        match event:
            case PickedDate(day) if oldest <= day <= ctx.today:
                return goto(AskPhone(self.name, day))
            case Chose(value) if value in {it.isoformat() for it in self.between}:
                return goto(AskPhone(self.name, date.fromisoformat(value)))
            case Said(text) if said := read_birth_dates(text, ctx.today):
                if len(said) == 1:
                    return goto(AskPhone(self.name, said[0]))
                return wait(replace(self, between=said), which_birth(said, ctx), timeout=PATIENCE)
        hint = () if isinstance(event, Entered) else (Say("link.hint_birth"),)
        days = DateRange(date(ctx.today.year - 60, 1, 1), oldest, ctx.today, typed=True)
        ask = Say("link.ask_birth", choices=WAYS_OUT, date_range=days)
        return wait(self, *hint, ask, timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class AskPhone:
    name: str
    birth_on: date

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Ask for a number by which staff can ring back."""
        match event:
            case SharedContact(typed, _) | Said(typed) if phone := read_phone(typed):
                return goto(CheckRequest(self.name, self.birth_on, phone))
        hint = () if isinstance(event, Entered) else (Say("link.hint_phone"),)
        ask = Say("link.ask_phone", choices=WAYS_OUT, ask_contact="link.share_phone")
        return wait(self, *hint, ask, timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class CheckRequest:
    name: str
    birth_on: date
    phone: str

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Show what goes to staff, and send it only after a yes."""
        match event:
            case Chose("yes"):
                asked = AskForLink(self.name, self.birth_on, self.phone)
                return done(self, asked, Say("link.asked", choices=(menu, person)))
        hint = () if isinstance(event, Entered) else (not_understood,)
        rows = (
            Row("link.row_name", self.name),
            Row("link.row_birth", self.birth_on, with_year=True),
            Row("link.row_phone", self.phone),
        )
        yes = Choice("yes", "link.yes", role="primary")
        check = Say("link.check", choices=(yes, *WAYS_OUT), title="link.check_title", rows=rows)
        return wait(self, *hint, check, timeout=PATIENCE)


def code_step(payload: str) -> TryCode:
    """Where to start when the clinic's QR code or link opened the chat."""
    return TryCode(read_code(payload) or payload)


flow = Flow(
    "link",
    version=1,
    start=AskCode,
    steps=(AskCode, TryCode, TooMany, AskName, AskBirth, AskPhone, CheckRequest),
)
