"""What the clinic answers in its own words: hours, way, price, what to bring, services."""

from dataclasses import dataclass

from flows import handoff
from flows.effects import Choice, RateFaq, ReadFaq, Say
from flows.engine import Context, Flow, Move, done, goto, request, wait
from flows.events import Chose, Entered, Event, FaqRead, Said
from flows.navigation import hint, menu, person

TOPICS = ("opening_hours", "way", "price", "what_to_bring", "services")


def asks(said: Said) -> bool:
    """Whether it is certainly a question about the clinic, whatever day or time stands in it."""
    reading = said.reading
    return reading is not None and reading.certain and reading.intent in TOPICS


@dataclass(frozen=True, slots=True)
class Tell:
    """The answer to a topic. `between`: asked in the middle of something, to which we return."""

    topic: str
    between: bool = False
    answer: str | None = None  # "" where the clinic has written none

    def on(self, event: Event, ctx: Context) -> Move:
        """Tell the clinic's words; then ask whether they helped, unless something waits."""
        match event:
            case Entered() if self.answer is None:
                return request(self, ReadFaq(self.topic))
            case FaqRead("") if self.between:
                return done(self, Say("faq.none", {"phone": ctx.clinic_phone}))
            case FaqRead(answer) if self.between:
                return done(self, Say("faq.answer", {"answer": answer}))
            case FaqRead(answer):
                return Tell(self.topic, answer=answer)._ask(ctx)
            case Chose("helped"):
                return done(self, RateFaq(self.topic, True), Say("faq.glad", choices=(menu,)))
            case Chose("not_helped"):
                return goto(handoff.Queue(self.topic), RateFaq(self.topic, False))
        return self._ask(ctx, hint) if not isinstance(event, Entered) else self._ask(ctx)

    def _ask(self, ctx: Context, *effects: Say) -> Move:
        if not self.answer:
            none = Say("faq.none", {"phone": ctx.clinic_phone}, (person, menu))
            return wait(self, *effects, none)
        helped = Choice("helped", "faq.helped", role="primary")
        not_helped = Choice("not_helped", "faq.not_helped")
        ask = Say("faq.ask_helped", choices=(helped, not_helped, menu))
        return wait(self, *effects, Say("faq.answer", {"answer": self.answer}), ask)


flow = Flow("faq", version=1, start=lambda: Tell("opening_hours"), steps=(Tell, handoff.Queue))
