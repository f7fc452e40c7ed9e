"""What the assistant can do, as choices."""

from dataclasses import dataclass, replace

from flows.effects import Choice, Say
from flows.engine import Context, Flow, Move, wait
from flows.events import Entered, Event
from flows.navigation import RESUME, START, person

ITEMS = (
    Choice(START + "booking", "menu.book", role="primary"),
    Choice(START + "triage", "menu.symptoms"),
    Choice(START + "visits", "menu.visits"),
    Choice(START + "ahead", "menu.ahead"),
    Choice(START + "questionnaire", "menu.forms"),
    Choice(START + "readings", "menu.readings"),
    Choice(START + "family", "menu.family"),
    Choice(START + "link", "menu.link"),
    replace(person, role="choice"),  # not among the small ways out: here it is what some came for
    Choice(START + "language", "menu.language"),
    Choice(START + "help", "menu.help"),
)


@dataclass(frozen=True, slots=True)
class Menu:
    """The list. `unfinished` names the flow that waits below, "" if none does."""

    unfinished: str = ""

    def on(self, event: Event, ctx: Context) -> Move:
        """Offer everything; the router opens what is chosen."""
        go_on = (Choice(RESUME + self.unfinished, "menu.go_on"),) if self.unfinished else ()
        messages = "menu.start_messages" if ctx.opted_out else "menu.messages"
        choices = (*go_on, *ITEMS, Choice(START + "subscription", messages))
        if isinstance(event, Entered):
            return wait(self, Say("menu.ask", {"clinic": ctx.clinic_name}, choices))
        return wait(self, Say("menu.hint", choices=choices))


flow = Flow("menu", version=1, start=Menu, steps=(Menu,))
