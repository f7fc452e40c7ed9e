"""Stop and start of messages that the patient did not ask for."""

from dataclasses import dataclass

from flows.effects import Choice, OptIn, OptOut, Say
from flows.engine import Context, Flow, Move, done, goto, wait
from flows.events import Chose, Entered, Event
from flows.navigation import WAYS_OUT, menu
from flows.navigation import hint as not_understood


@dataclass(frozen=True, slots=True)
class AskStop:
    """From the menu: say what stopping means before it is done."""

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


flow = Flow("subscription", version=1, start=AskStop, steps=(AskStop, Stopped, Started))
