"""The buttons under a document's message: open it, agree, do not agree, ask first. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from clinic.document.types import Answer, Outcome
from flows.document_effects import AnswerDocument, OpenDocument
from flows.document_events import DocumentAnswered, DocumentGone, DocumentOpened
from flows.effects import Choice, OpenLink, Say
from flows.engine import Context, Flow, Move, Step, done, request
from flows.events import Event
from flows.navigation import menu, person

# A button's number is the version in its token: 0 opens.
ANSWERS: tuple[Answer, ...] = ("agreed", "refused", "asked")
NUMBERS: Mapping[str, int] = MappingProxyType({"open": 0, "agreed": 1, "refused": 2, "asked": 3})
SAID: Mapping[Outcome, str] = MappingProxyType(
    {
        "agreed": "document.agreed",
        "refused": "document.refused",
        "asked": "document.asked",
        "withdrawn": "document.withdrawn",
        "unread": "document.unread",
        "same": "document.same",
    }
)


def choices_of(*, asks: bool) -> tuple[Choice, ...]:
    """The buttons under the message; their values are keys of `NUMBERS`."""
    look = Choice("open", "document.open", role="primary")
    if not asks:
        return (look,)
    return (
        look,
        Choice("agreed", "document.agree"),
        Choice("refused", "document.refuse"),
        Choice("asked", "document.ask_first"),
    )


@dataclass(frozen=True, slots=True)
class Pressed:
    """Which button, under the message about which document."""

    document_id: int
    number: int

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Have it done, and say what came of it; an old or foreign button changes nothing."""
        match event:
            case DocumentGone():
                return done(self, Say("document.gone", choices=(menu, person)))
            case DocumentOpened(url, asks):
                link = (OpenLink("document.open_link", url),)
                key = "document.link_asks" if asks else "document.link"
                return done(self, Say(key, links=link, choices=(menu,)))
            case DocumentAnswered(outcome):
                return done(self, Say(SAID[outcome], choices=(menu, person)))
        if 0 < self.number <= len(ANSWERS):
            answer = AnswerDocument(self.document_id, ANSWERS[self.number - 1])
            return request(self, answer)
        return request(self, OpenDocument(self.document_id))


def pressed(document_id: int, number: int) -> tuple[Flow, Step]:
    """The flow and first step to who pressed a button."""
    return flow, Pressed(document_id, number)


flow = Flow("document", version=1, start=lambda: Pressed(0, 0), steps=(Pressed,))
