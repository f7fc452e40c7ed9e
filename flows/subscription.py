"""Which messages come that the patient did not ask for: by purpose, or none at all."""

from dataclasses import dataclass

from clinic.policy.types import Purpose
from flows.effects import Choice, OptIn, OptOut, Say
from flows.engine import Context, Flow, Move, Step, done, goto, request, wait
from flows.events import Chose, Entered, Event
from flows.navigation import START, WAYS_OUT, menu
from flows.navigation import hint as not_understood
from flows.subscription_effects import ChooseMessages, ReadMessages
from flows.subscription_events import MessagesRead

# What is chosen one by one. Reminders and what a treatment needs come until all is stopped.
CHOSEN: tuple[Purpose, ...] = ("education", "marketing", "research")
_BUTTONS: dict[Purpose, tuple[str, str]] = {  # while it is off, and while it is on
    "education": ("subscription.get_education", "subscription.no_education"),
    "marketing": ("subscription.get_marketing", "subscription.no_marketing"),
    "research": ("subscription.get_research", "subscription.no_research"),
}
_TURNED: dict[Purpose, tuple[str, str]] = {  # off, on
    "education": ("subscription.education_off", "subscription.education_on"),
    "marketing": ("subscription.marketing_off", "subscription.marketing_on"),
    "research": ("subscription.research_off", "subscription.research_on"),
}
STOP = "stop"


@dataclass(frozen=True, slots=True)
class Which:
    """Finds out how it stands. Without the notice nobody agrees to anything, so it comes first."""

    def on(self, event: Event, ctx: Context) -> Move:
        """Look up what comes now; after "stop" all that can be chosen is to start again."""
        match event:
            case MessagesRead(wanted):
                return goto(Choosing(wanted))
            case Chose(value) if value == STOP:
                return goto(AskStop())
        if ctx.opted_out:
            return goto(AskStop())
        if ctx.consented:
            return request(self, ReadMessages())
        hint = () if isinstance(event, Entered) else (not_understood,)
        choices = (
            Choice(START + "welcome", "subscription.read_notice", role="primary"),
            Choice(STOP, "subscription.stop_all"),
            *WAYS_OUT,
        )
        return wait(self, *hint, Say("subscription.notice_first", choices=choices))


@dataclass(frozen=True, slots=True)
class Choosing:
    """Each kind on its own: a button turns it on or off, and it holds at once."""

    wanted: tuple[Purpose, ...]

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Turn over what was pressed, and show how it stands now."""
        match event:
            case Chose(value) if value == STOP:
                return goto(AskStop())
            case Chose("education" | "marketing" | "research" as purpose):
                return self._turned(purpose)
        hint = () if isinstance(event, Entered) else (not_understood,)
        return wait(self, *hint, self._question())

    def _turned(self, purpose: Purpose) -> Move:
        wanted = purpose not in self.wanted
        now = Choosing(tuple(one for one in CHOSEN if (one in self.wanted) != (one == purpose)))
        said = Say(_TURNED[purpose][wanted])
        return wait(now, ChooseMessages(purpose, wanted), said, now._question())

    def _question(self) -> Say:
        kinds = tuple(Choice(one, _BUTTONS[one][one in self.wanted]) for one in CHOSEN)
        stop = Choice(STOP, "subscription.stop_all")
        return Say("subscription.which", choices=(*kinds, stop, *WAYS_OUT))


@dataclass(frozen=True, slots=True)
class AskStop:
    """Say what stopping means before it is done."""

    def on(self, event: Event, ctx: Context) -> Move:
        """Ask for the opposite of how it stands."""
        match event:
            case Chose("yes"):
                return goto(Started() if ctx.opted_out else Stopped())
            case Chose("no"):
                return done(self, Say("subscription.as_it_was", choices=(menu,)))
        hint = () if isinstance(event, Entered) else (not_understood,)
        if ctx.opted_out:
            yes, no = Choice("yes", "subscription.yes_start"), Choice("no", "subscription.stay_off")
            return wait(self, *hint, Say("subscription.ask_start", choices=(yes, no, *WAYS_OUT)))
        yes, no = Choice("yes", "subscription.yes_stop"), Choice("no", "subscription.keep")
        return wait(self, *hint, Say("subscription.ask_stop", choices=(no, yes, *WAYS_OUT)))


@dataclass(frozen=True, slots=True)
class Stopped:
    """The patient wrote "stop": done at once, without a question."""

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Stop, and say what comes nevertheless."""
        return done(self, OptOut(), Say("subscription.stopped", choices=(menu,)))


@dataclass(frozen=True, slots=True)
class Started:
    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Start again."""
        return done(self, OptIn(), Say("subscription.started", choices=(menu,)))


def asked(intent: str) -> Step:
    """Where it begins for somebody who wrote that messages shall stop, or start."""
    return AskStop() if intent == "stop_messages" else Which()


_ENDS = (AskStop, Stopped, Started)
flow_1 = Flow("subscription", version=1, start=AskStop, steps=_ENDS)
flow = Flow("subscription", version=2, start=Which, steps=(Which, Choosing, *_ENDS))
