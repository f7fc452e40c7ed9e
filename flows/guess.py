"""Did you mean ...? Asked where an interpreter is not sure; only the router acts on it."""

from dataclasses import dataclass

from flows.effects import Choice, Say, named
from flows.engine import Context, Flow, Move, wait
from flows.events import Entered, Event
from flows.navigation import MEANT, hint, menu, person
from nlu.reading import ASK, Reading

MOST = 3  # guesses that are offered
# The others are no way on, or said by buttons anyway.
LABELS = {
    "book": "guess.book",
    "move": "guess.move",
    "cancel": "guess.cancel",
    "my_visits": "guess.my_visits",
    "running_late": "guess.running_late",
    "symptom_report": "guess.symptom_report",
    "side_effect": "guess.side_effect",
    "prescription_refill": "guess.prescription_refill",
    "results": "guess.results",
    "documents": "guess.documents",
    "opening_hours": "guess.opening_hours",
    "way": "guess.way",
    "price": "guess.price",
    "what_to_bring": "guess.what_to_bring",
    "services": "guess.services",
    "complaint": "guess.complaint",
    "help": "guess.help",
    "change_language": "guess.change_language",
    "stop_messages": "guess.stop_messages",
    "start_messages": "guess.start_messages",
    "delete_my_data": "guess.delete_my_data",
}


def likely(reading: Reading) -> tuple[str, ...]:
    """The intents worth asking about, most likely first."""
    found = [intent for intent, confidence in reading.ranking if confidence >= ASK]
    return tuple(intent for intent in found if intent in LABELS)[:MOST]


@dataclass(frozen=True, slots=True)
class DidYouMean:
    """The guesses as buttons, a person, and the menu for anything else.

    `topics`: codes and names of the clinic's own that may be meant.
    """

    intents: tuple[str, ...] = ()
    topics: tuple[tuple[str, str], ...] = ()

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Ask; whatever is said is read anew."""
        again = () if isinstance(event, Entered) else (hint,)
        own = tuple(named(MEANT + code, name) for code, name in self.topics)
        guesses = tuple(Choice(MEANT + intent, LABELS[intent]) for intent in self.intents)
        choices = (*own, *guesses)[:MOST]
        return wait(self, *again, Say("guess.ask", choices=(*choices, person, menu)))


flow = Flow("guess", version=1, start=DidYouMean, steps=(DidYouMean,))
