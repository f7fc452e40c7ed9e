"""The router's own questions: something was interrupted, what now? Only the router acts on them."""

from dataclasses import dataclass
from typing import Literal

from flows.effects import Choice, Say
from flows.engine import Context, Flow, Move, wait
from flows.events import Entered, Event
from flows.navigation import DROP, RESTART, RESUME, START, menu, person
from flows.navigation import hint as not_understood

Why = Literal[
    "silence", "return", "handed_back", "stopped", "cancel", "again", "not_understood", "media"
]
TEXTS: dict[Why, str] = {
    "silence": "pause.silence",
    "return": "pause.return",
    "handed_back": "pause.handed_back",
    "stopped": "pause.stopped",
    "cancel": "pause.cancel",
    "again": "pause.again",
    "not_understood": "pause.not_understood",
    "media": "pause.media",
}


@dataclass(frozen=True, slots=True)
class Paused:
    """Go on, or what else? `unfinished` names the flow that waits below, "" if none does."""

    why: Why
    unfinished: str = ""

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Put the question again, whatever was said."""
        hint = () if isinstance(event, Entered) else (not_understood,)
        return wait(self, *hint, Say(TEXTS[self.why], choices=self._choices()))

    def _choices(self) -> tuple[Choice, ...]:
        ways_out = (menu, person)
        if not self.unfinished:
            return ways_out
        go_on = Choice(RESUME + self.unfinished, "pause.go_on", role="primary")
        leave_it = Choice(DROP + self.unfinished, "pause.leave_it")
        match self.why:
            case "again":
                anew = Choice(RESTART + self.unfinished, "pause.begin_anew")
                return (go_on, anew, *ways_out)
            case "cancel":
                booked = Choice(START + "visits", "pause.cancel_booked")
                return (leave_it, booked, go_on, *ways_out)
        return (go_on, leave_it, *ways_out)


flow = Flow("pause", version=1, start=lambda: Paused("return"), steps=(Paused,))
