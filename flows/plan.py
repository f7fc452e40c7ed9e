"""What the buttons under a follow-up plan's messages do: "I am fine", "I need help"."""

from dataclasses import dataclass
from typing import Literal

from flows import booking, handoff
from flows.effects import Say
from flows.engine import Context, Flow, Move, Step, done, request
from flows.events import Event
from flows.navigation import menu, person
from flows.plan_effects import AnswerPlan
from flows.plan_events import PlanAnswered, PlanGone

ANSWERS: tuple[Literal["fine", "help"], ...] = ("fine", "help")  # by the number of the button


@dataclass(frozen=True, slots=True)
class Answering:
    """How is the patient? Whoever needs help comes to a person, with no further question."""

    activity_id: int = 0
    how: Literal["fine", "help"] = "help"

    def on(self, event: Event, ctx: Context) -> Move:
        """Note it, and say what happens now. Help is given even where the question is over."""
        match event:
            case PlanAnswered() | PlanGone() if self.how == "help":
                return done(self, *handoff.Queue("plan_help").on(event, ctx).effects)
            case PlanAnswered(name):
                return done(self, Say("plan.thanks", {"name": name}, (person, menu)))
            case PlanGone():
                return done(self, Say("plan.gone", choices=(person, menu)))
        return request(self, AnswerPlan(self.activity_id, self.how))


flow = Flow("plan", version=1, start=Answering, steps=(Answering,))


def pressed(activity_id: int, number: int) -> tuple[Flow, Step]:
    """The flow and first step to who pressed a button under a plan's message."""
    if number > len(ANSWERS):
        return booking.flow, booking.flow.start()  # an earlier visit was offered
    return flow, Answering(activity_id, ANSWERS[number - 1])
