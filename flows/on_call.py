"""A staff member's own chat: alerts are answered here, and patients are written to from here."""

from dataclasses import dataclass
from typing import ClassVar

from clinic.escalation.types import DISPOSITIONS, Act, Disposition
from flows.effects import (
    ActOnEscalation,
    Choice,
    CloseEscalation,
    OpenLink,
    Say,
    TryStaffCode,
    WriteToPatient,
)
from flows.engine import Context, Flow, Move, done, goto, request, wait
from flows.events import (
    Action,
    Chose,
    EscalationAnswered,
    Event,
    LinkRefused,
    PressedAction,
    Said,
    SentMedia,
    StaffLinked,
)

LONGEST = 2_000  # characters of one message to a patient; every channel takes that many
acknowledge = Choice("acknowledge", "on_call.acknowledge", role="primary")
called = Choice("called", "on_call.called")
take_over = Choice("take_over", "on_call.take_over")
close = Choice("close", "on_call.close")
hand_back = Choice("hand_back", "on_call.hand_back")
keep_open = Choice("keep_open", "on_call.keep_open", role="navigation")
ACTIONS: tuple[Action, ...] = ("acknowledge", "called", "take_over", "close", "hand_back")
ENDS: dict[Disposition, Choice] = {
    "ambulance": Choice("ambulance", "on_call.ambulance"),
    "emergency_room": Choice("emergency_room", "on_call.emergency_room"),
    "visit_today": Choice("visit_today", "on_call.visit_today"),
    "advice": Choice("advice", "on_call.advice"),
    "not_reached": Choice("not_reached", "on_call.not_reached"),
    "false_alarm": Choice("false_alarm", "on_call.false_alarm"),
}
REFUSED = {
    "theirs": "on_call.theirs",
    "closed": "on_call.closed_already",
    "gone": "on_call.gone",
    "busy": "on_call.busy",
}
DONE: dict[Act, str] = {
    "acknowledge": "on_call.yours",
    "called": "on_call.called_noted",
    "take_over": "on_call.in_chat",
    "hand_back": "on_call.handed_back",
}


@dataclass(frozen=True, slots=True)
class Ready:
    """Waits for an alert to be answered.

    `case` is the escalation at hand, `talk` the one whose patient gets what is typed; 0: none.
    """

    free_text: ClassVar[bool] = True
    case: int = 0
    talk: int = 0

    def on(self, event: Event, ctx: Context) -> Move:
        """Act on a button; pass words on only while there is somebody they are for."""
        match event:
            case PressedAction(action, escalation_id):
                return _act(action, escalation_id, self.talk)
            case Chose("acknowledge" | "called" | "take_over" | "close" as act) if self.case:
                return _act(act, self.case, self.talk)
            case Chose("hand_back") if self.talk:
                return _act("hand_back", self.talk, self.talk)
            case Said(text) if self.talk and len(text) > LONGEST:
                return wait(self, Say("on_call.too_long", {"limit": LONGEST}))
            case Said(text) if self.talk:
                return goto(Write(text, self.case, self.talk))
            case Said():
                return wait(self, Say("on_call.idle"))
            case SentMedia():
                return wait(self, Say("on_call.media"))
        return wait(self, Say("on_call.ready", {"name": ctx.staff.name if ctx.staff else ""}))


@dataclass(frozen=True, slots=True)
class Do:
    """One act on an escalation. Who may do it is decided where it is stored."""

    act: Act
    case: int
    talk: int

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Say how it went, with what can be done next."""
        match event:
            case EscalationAnswered("done", who=who, phone=phone):
                talk = self.case if self.act == "take_over" else self.talk
                talk = 0 if self.act == "hand_back" and talk == self.case else talk
                links = (OpenLink("on_call.call", f"tel:{phone}"),) if phone else ()
                choices = _choices(self.act, in_chat=talk == self.case)
                told = Say(DONE[self.act], {"who": who}, choices, links=links)
                return wait(Ready(self.case, talk), told)
            case EscalationAnswered():
                talk = 0 if self.act == "hand_back" else self.talk
                return wait(Ready(talk=talk), _refused(event))
        return request(self, ActOnEscalation(self.case, self.act))


@dataclass(frozen=True, slots=True)
class PickEnd:
    """How did it end? Nothing is closed without that."""

    free_text: ClassVar[bool] = True
    case: int
    talk: int

    def on(self, event: Event, ctx: Context) -> Move:
        """Ask once it is certain that the escalation is this staff member's."""
        match event:
            case Chose(value) if end := next((it for it in DISPOSITIONS if it == value), None):
                return goto(Close(end, self.case, self.talk))
            case Chose("keep_open"):
                return wait(Ready(self.case, self.talk), Say("on_call.kept_open"))
            case PressedAction() | Chose("hand_back"):
                return Ready(self.case, self.talk).on(event, ctx)
            case Said() if self.talk:
                return Ready(self.case, self.talk).on(event, ctx)
            case EscalationAnswered("done", who=who):
                ask = Say("on_call.how_did_it_end", {"who": who}, (*ENDS.values(), keep_open))
                return wait(self, ask)
            case EscalationAnswered():
                return wait(Ready(talk=self.talk), _refused(event))
        return request(self, ActOnEscalation(self.case, "acknowledge"))


@dataclass(frozen=True, slots=True)
class Close:
    """The end was named."""

    end: Disposition
    case: int
    talk: int

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Close it; a chat with its patient goes on until it is handed back."""
        match event:
            case EscalationAnswered("done", who=who):
                choices = (hand_back,) if self.talk == self.case else ()
                closed = Say("on_call.closed", {"who": who}, choices)
                return wait(Ready(talk=self.talk), closed)
            case EscalationAnswered():
                return wait(Ready(talk=self.talk), _refused(event))
        return request(self, CloseEscalation(self.case, self.end))


@dataclass(frozen=True, slots=True)
class Write:
    """Words on their way to the patient."""

    text: str
    case: int
    talk: int

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Nothing is said where they were passed on, as in any chat."""
        match event:
            case EscalationAnswered("done"):
                return wait(Ready(self.case, self.talk))
            case EscalationAnswered():
                return wait(Ready(self.talk), Say("on_call.not_sent", choices=(take_over,)))
        return request(self, WriteToPatient(self.talk, self.text))


@dataclass(frozen=True, slots=True)
class TryCode:
    """A code that makes this chat a staff member's own."""

    code: str

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Try it. A wrong one is answered like a patient's."""
        match event:
            case StaffLinked(staff):
                return wait(Ready(), Say("on_call.linked", {"name": staff.name}))
            case LinkRefused("wrong"):
                return done(self, Say("link.wrong"))
            case LinkRefused():
                return done(self, Say("link.too_many"))
        return request(self, TryStaffCode(self.code))


def _act(action: Action, escalation_id: int, talk: int) -> Move:
    match action:
        case "close":
            return goto(PickEnd(escalation_id, talk))
        case "acknowledge" | "called" | "take_over" | "hand_back":
            return goto(Do(action, escalation_id, talk))
    return wait(Ready(talk=talk), Say("on_call.idle"))


def _choices(act: Act, *, in_chat: bool) -> tuple[Choice, ...]:
    if act == "hand_back":
        return (take_over, close)
    first = () if act == "called" else (called,)
    return (*first, hand_back if in_chat else take_over, close)


def _refused(event: EscalationAnswered) -> Say:
    return Say(REFUSED[event.result], {"name": event.name})


flow = Flow("on_call", version=1, start=Ready, steps=(Ready, Do, PickEnd, Close, Write, TryCode))
