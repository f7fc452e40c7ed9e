"""A staff member's own chat: alerts are answered here, and patients are written to from here."""

from dataclasses import dataclass, replace
from typing import ClassVar

from clinic.escalation.types import DISPOSITIONS, Act, Disposition
from flows.actions import Action
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
QUOTED = 200  # characters of it in the question to whom it goes
acknowledge = Choice("acknowledge", "on_call.acknowledge", role="primary")
called = Choice("called", "on_call.called")
take_over = Choice("take_over", "on_call.take_over")
close = Choice("close", "on_call.close")
hand_back = Choice("hand_back", "on_call.hand_back")
keep_open = Choice("keep_open", "on_call.keep_open", role="navigation")
drop = Choice("drop", "on_call.drop", role="navigation")
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

    `case` is the escalation at hand, `talk` the one whose patient the staff member is in a chat
    with; 0: none. `name` is that patient's, "" if not known. Words go to that patient only while
    both are the same: typed after another case was touched, they may be meant for its patient.
    """

    free_text: ClassVar[bool] = True
    case: int = 0
    talk: int = 0
    name: str = ""

    @property
    def in_chat(self) -> bool:
        """Whether what is typed goes to a patient."""
        return self.talk != 0 and self.case == self.talk

    def on(self, event: Event, ctx: Context) -> Move:
        """Act on a button; pass words on only while there is somebody they are for."""
        match event:
            case PressedAction(action, escalation_id):
                return _act(action, escalation_id, self)
            case Chose("acknowledge" | "called" | "take_over" | "close" as act) if self.case:
                return _act(act, self.case, self)
            case Chose("hand_back") if self.talk:
                return _act("hand_back", self.talk, self)
            case Said(text) if self.talk and len(text) > LONGEST:
                return wait(self, Say("on_call.too_long", {"limit": LONGEST}))
            case Said(text) if self.in_chat:
                return goto(Write(text, self.talk, self.name))
            case Said(text) if self.talk:
                return goto(ToWhom(self.case, self.talk, self.name, text))
            case Said():
                return wait(self, Say("on_call.idle"))
            case SentMedia():
                return wait(self, Say("on_call.media"))
        return wait(self, Say("on_call.ready", {"name": ctx.staff.name if ctx.staff else ""}))


@dataclass(frozen=True, slots=True)
class Do:
    """One act on an escalation. Who may do it is decided where it is stored.

    `text` goes to its patient once the chat with them is open.
    """

    act: Act
    case: int
    talk: int
    name: str = ""
    text: str = ""

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Say how it went, with what can be done next."""
        leaves = self.act == "hand_back" and self.case == self.talk
        talk, name = (0, "") if leaves else (self.talk, self.name)
        match event:
            case EscalationAnswered("done", who=who, phone=phone):
                if self.act == "take_over":
                    talk, name = self.case, who
                links = (OpenLink("on_call.call", f"tel:{phone}"),) if phone else ()
                told = Say(DONE[self.act], {"who": who}, links=links)
                if self.text:
                    return goto(Write(self.text, talk, name), told)
                choices = _choices(self.act, in_chat=talk == self.case)
                return wait(Ready(self.case, talk, name), replace(told, choices=choices))
            case EscalationAnswered():
                lost = (Say("on_call.dropped"),) if self.text else ()
                return wait(_without(self.case, talk, name), _refused(event), *lost)
        return request(self, ActOnEscalation(self.case, self.act))


@dataclass(frozen=True, slots=True)
class ToWhom:
    """Whom words are for that were typed after another case was touched; and one chat at a time.

    Nothing goes to anybody before that is chosen. `text` is what was typed, "" where only the chat
    of another case was asked for; `case` is 0 where it cannot be taken over.
    """

    free_text: ClassVar[bool] = True
    case: int
    talk: int
    name: str
    text: str = ""

    def on(self, event: Event, ctx: Context) -> Move:
        """Ask; the case is made the staff member's own first, to know that it can be taken over."""
        match event:
            case Chose("continue_with") if self.text:
                return goto(Write(self.text, self.talk, self.name))
            case Chose("continue_with"):
                choices = _choices("take_over", in_chat=True)
                stays = Say("on_call.stays", {"who": self.name}, choices)
                return wait(Ready(self.talk, self.talk, self.name), stays)
            case Chose("take_over") if self.case:
                return goto(Leave(self.case, self.talk, self.name, self.text))
            case Chose("drop"):
                return wait(Ready(self.case, self.talk, self.name), Say("on_call.dropped"))
            case PressedAction():
                move = Ready(self.case, self.talk, self.name).on(event, ctx)
                lost = (Say("on_call.dropped"),) if self.text else ()
                return replace(move, effects=(*lost, *move.effects))
            case EscalationAnswered("done", who=who):
                return wait(self, self._question(who))
            case EscalationAnswered() if self.text:
                alone = replace(self, case=0)
                return wait(alone, _refused(event), alone._question())
            case EscalationAnswered():
                return wait(_without(self.case, self.talk, self.name), _refused(event))
        unheard = (Say("on_call.choose_first"),) if isinstance(event, Said | SentMedia) else ()
        if self.case:
            return request(self, ActOnEscalation(self.case, "acknowledge"), *unheard)
        return wait(self, *unheard, self._question())

    def _question(self, who: str = "") -> Say:
        quoted = self.text if len(self.text) <= QUOTED else self.text[:QUOTED].rstrip() + "…"
        choices = [Choice("continue_with", "on_call.continue_with", {"who": self.name})]
        if self.case:
            choices.append(Choice("take_over", "on_call.take_over_instead", {"who": who}))
        if self.text:
            choices.append(drop)
        key = "on_call.to_whom" if self.text else "on_call.one_chat"
        return Say(key, {"said": quoted, "name": self.name, "who": who}, tuple(choices))


@dataclass(frozen=True, slots=True)
class Leave:
    """Out of one chat, into that of another case: the first patient is told before."""

    case: int
    talk: int
    name: str
    text: str

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Hand back; a chat that is not this staff member's any more needs no word."""
        match event:
            case EscalationAnswered(result):
                left = Say("on_call.handed_back", {"who": self.name})
                told = (left,) if result == "done" else ()
                return goto(Do("take_over", self.case, 0, text=self.text), *told)
        return request(self, ActOnEscalation(self.talk, "hand_back"))


@dataclass(frozen=True, slots=True)
class PickEnd:
    """How did it end? Nothing is closed without that, and nothing typed here is a patient's."""

    free_text: ClassVar[bool] = True
    case: int
    talk: int
    name: str = ""

    def on(self, event: Event, ctx: Context) -> Move:
        """Ask once it is certain that the escalation is this staff member's."""
        match event:
            case Chose(value) if end := next((it for it in DISPOSITIONS if it == value), None):
                return goto(Close(end, self.case, self.talk, self.name))
            case Chose("keep_open"):
                return wait(Ready(self.case, self.talk, self.name), Say("on_call.kept_open"))
            case PressedAction():
                return Ready(self.case, self.talk, self.name).on(event, ctx)
            case EscalationAnswered("done", who=who):
                ask = Say("on_call.how_did_it_end", {"who": who}, (*ENDS.values(), keep_open))
                return wait(self, ask)
            case EscalationAnswered():
                return wait(_without(self.case, self.talk, self.name), _refused(event))
        unheard = (Say("on_call.choose_first"),) if isinstance(event, Said | SentMedia) else ()
        return request(self, ActOnEscalation(self.case, "acknowledge"), *unheard)


@dataclass(frozen=True, slots=True)
class Close:
    """The end was named."""

    end: Disposition
    case: int
    talk: int
    name: str = ""

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Close it; a chat with its patient goes on until it is handed back."""
        rest = _without(self.case, self.talk, self.name)
        match event:
            case EscalationAnswered("done", who=who):
                choices = (hand_back,) if rest.in_chat else ()
                return wait(rest, Say("on_call.closed", {"who": who}, choices))
            case EscalationAnswered():
                return wait(rest, _refused(event))
        return request(self, CloseEscalation(self.case, self.end))


@dataclass(frozen=True, slots=True)
class Write:
    """Words on their way to the patient of the chat, who is the one at hand from here on."""

    text: str
    talk: int
    name: str = ""

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Say to whom they went, so that words for another patient are noticed at once."""
        match event:
            case EscalationAnswered("done"):
                choices = _choices("take_over", in_chat=True)
                sent = Say("on_call.sent", {"who": self.name}, choices)
                return wait(Ready(self.talk, self.talk, self.name), sent)
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


def _act(action: Action, escalation_id: int, now: Ready) -> Move:
    match action:
        case "close":
            return goto(PickEnd(escalation_id, now.talk, now.name))
        case "take_over" if now.talk not in (0, escalation_id):
            return goto(ToWhom(escalation_id, now.talk, now.name))
        case "acknowledge" | "called" | "take_over" | "hand_back":
            return goto(Do(action, escalation_id, now.talk, now.name))
    return wait(now, Say("on_call.idle"))


def _without(case: int, talk: int, name: str) -> Ready:
    """What is left when nothing more can be done about a case; a chat with its patient goes on."""
    return Ready(case if case == talk else 0, talk, name)


def _choices(act: Act, *, in_chat: bool) -> tuple[Choice, ...]:
    if act == "hand_back":
        return (take_over, close)
    first = () if act == "called" else (called,)
    return (*first, hand_back if in_chat else take_over, close)


def _refused(event: EscalationAnswered) -> Say:
    return Say(REFUSED[event.result], {"name": event.name})


steps = (Ready, Do, ToWhom, Leave, PickEnd, Close, Write, TryCode)
flow = Flow("on_call", version=1, start=Ready, steps=steps)
