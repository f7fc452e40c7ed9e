"""How many are ahead of me: the place in today's queue, asked by a button. Pure."""

from dataclasses import dataclass

from clinic.reception.types import Place
from flows.effects import Choice, Say, Value
from flows.engine import Context, Flow, Move, done, request
from flows.events import Event
from flows.navigation import START, menu
from flows.queue_effects import ReadQueue
from flows.queue_events import QueueRead

NAME = "queue"
ask = Choice(START + NAME, "queue.ask", role="primary")


@dataclass(frozen=True, slots=True)
class AskPlace:
    """One line for each place, and the same question again below."""

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Read the queue, and say it."""
        match event:
            case QueueRead(()):
                return done(self, Say("queue.none", choices=(menu,)))
            case QueueRead(places):
                *others, last = places
                lines = (line(one) for one in others)
                return done(self, *lines, line(last, ask, menu))
        return request(self, ReadQueue())


def line(place: Place, *choices: Choice) -> Say:
    """What is said of one place."""
    # The number is a name, so the only number among the values is how many are ahead.
    params: dict[str, Value] = {
        "name": place.name,
        "number": str(place.number),
        "n": place.ahead,
    }
    match place.state:
        case "called":
            return Say("queue.is_called", params, choices)
        case "started":
            return Say("queue.is_in", params, choices)
    return Say("queue.ahead" if place.ahead else "queue.next", params, choices)


flow = Flow(NAME, version=1, start=AskPlace, steps=(AskPlace,))
