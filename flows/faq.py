"""What the clinic answers in its own words: hours, way, price, what to bring, services, and the
topics that it wrote itself."""

from dataclasses import dataclass

from clinic.faq.types import OWN, TOPICS
from flows import handoff
from flows.effects import Choice, RateFaq, ReadFaq, Say, named
from flows.engine import Context, Flow, Move, done, goto, request, wait
from flows.events import Chose, Entered, Event, FaqRead, Said
from flows.faq_effects import Unanswered
from flows.language import NAMES
from flows.navigation import MEANT, hint, menu, person
from nlu import own_topic

REASON = "own_topic"  # why a person is asked for, after any of the clinic's own topics


def asks(said: Said) -> bool:
    """Whether it is certainly a question about the clinic, whatever day or time stands in it."""
    reading = said.reading
    if reading is None:
        return False
    return own_topic.own(reading) is not None or (reading.certain and reading.intent in TOPICS)


@dataclass(frozen=True, slots=True)
class Tell:
    """The answer to a topic. `between`: asked in the middle of something, to which we return.

    `also`: codes and names of topics of the clinic's own that may have been meant instead.
    """

    topic: str
    between: bool = False
    answer: str | None = None  # "" where the clinic has written none
    language: str = ""  # of the answer, where it is not the patient's
    also: tuple[tuple[str, str], ...] = ()

    def on(self, event: Event, ctx: Context) -> Move:
        """Tell the clinic's words; then ask whether they helped, unless something waits."""
        match event:
            case Entered() if self.answer is None:
                return request(self, ReadFaq(self.topic))
            case FaqRead("") if self.between:
                none = Say("faq.none", {"phone": ctx.clinic_phone})
                return done(self, Unanswered("no_answer", self.topic), none)
            case FaqRead(answer, language) if self.between:
                return done(self, *_told(answer, language))
            case FaqRead(answer, language):
                told = Tell(self.topic, answer=answer, language=language, also=self.also)
                missed = () if answer else (Unanswered("no_answer", self.topic),)
                return told._ask(ctx, *missed)
            case Chose("helped"):
                return done(self, RateFaq(self.topic, True), Say("faq.glad", choices=(menu,)))
            case Chose("not_helped"):
                reason = REASON if self.topic.startswith(OWN) else self.topic
                noted = Unanswered("not_helped", self.topic)
                return goto(handoff.Queue(reason), RateFaq(self.topic, False), noted)
        return self._ask(ctx, hint) if not isinstance(event, Entered) else self._ask(ctx)

    def _ask(self, ctx: Context, *effects: Say | Unanswered) -> Move:
        also = tuple(named(MEANT + code, name) for code, name in self.also)
        if not self.answer:
            none = Say("faq.none", {"phone": ctx.clinic_phone}, (*also, person, menu))
            return wait(self, *effects, none)
        helped = Choice("helped", "faq.helped", role="primary")
        not_helped = Choice("not_helped", "faq.not_helped")
        ask = Say("faq.ask_helped", choices=(helped, *also, not_helped, menu))
        return wait(self, *effects, *_told(self.answer, self.language), ask)


def _told(answer: str, language: str) -> tuple[Say, ...]:
    """The clinic's words, after a line that says so where they are in another language."""
    only = (Say("faq.only_in", {"language": NAMES[language]}),) if language else ()
    return (*only, Say("faq.answer", {"answer": answer}))


flow = Flow("faq", version=1, start=lambda: Tell("opening_hours"), steps=(Tell, handoff.Queue))
