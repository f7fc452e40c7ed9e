"""What the assistant must not or cannot settle itself: it says so, and offers who can."""

from dataclasses import dataclass, replace

from flows.effects import Choice, Say
from flows.engine import Context, Flow, Move, wait
from flows.events import Entered, Event
from flows.navigation import RESUME, START, hint, menu, person

TEXTS = {
    "running_late": "told.running_late",
    "prescription_refill": "told.prescription_refill",
    "results": "told.results",
    "documents": "told.documents",
    "complaint": "told.complaint",
    "delete_my_data": "told.delete_my_data",
}
TO_THE_DOCTOR = frozenset({"prescription_refill"})


@dataclass(frozen=True, slots=True)
class Told:
    """`unfinished` names the flow that waits below, "" if none does. The router does the rest."""

    kind: str
    unfinished: str = ""

    def on(self, event: Event, ctx: Context) -> Move:
        """Say what happens with such a wish, and offer staff, a visit or to go on."""
        again = () if isinstance(event, Entered) else (hint,)
        staff = replace(person, label="told.ask_staff", role="primary")
        visit = (Choice(START + "booking", "menu.book"),) if self.kind in TO_THE_DOCTOR else ()
        go_on = (Choice(RESUME + self.unfinished, "pause.go_on"),) if self.unfinished else ()
        params = {"phone": ctx.clinic_phone}
        ask = Say(TEXTS[self.kind], params, (staff, *visit, *go_on, menu))
        return wait(self, *again, ask)


flow = Flow("told", version=1, start=lambda: Told("results"), steps=(Told,))
