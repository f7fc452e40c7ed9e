"""What the assistant can do, and how to reach people."""

from dataclasses import dataclass

from flows.effects import Say
from flows.engine import Context, Flow, Move, done
from flows.events import Event
from flows.navigation import menu, person


@dataclass(frozen=True, slots=True)
class Explain:
    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Say it in one message."""
        numbers = {"phone": ctx.clinic_phone, "number": ctx.emergency_number}
        return done(self, Say("help.what_i_do"), Say("help.people", numbers, (menu, person)))


flow = Flow("help", version=1, start=Explain, steps=(Explain,))
