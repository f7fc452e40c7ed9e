"""What comes next: the coming steps of the follow-up plans somebody is in, and a way out of them.

What is said is what comes and when. A plan's title and texts are not told: they may name a disease.
"""

from dataclasses import dataclass, replace

from clinic.plan.types import Ahead, Coming, Offer, Seen
from flows import texts
from flows.ahead_effects import AskForCall, ListAhead, StopPlan
from flows.ahead_events import AheadListed, PlanCallAsked, PlanOver, PlanStopped
from flows.effects import Choice, Deed, Say, Value
from flows.engine import Context, Flow, Move, done, goto, request, wait
from flows.events import Chose, Entered, Event
from flows.navigation import PATIENCE, START, WAYS_OUT, hint, menu, person
from flows.pickers import page_asked, page_choices, page_of
from flows.readings import LABELS
from flows.visit_card import AFTERWARDS

MOST = 8  # lines of one plan; what is further away is counted
ONCE: dict[Seen, str] = {
    "message": "ahead.message",
    "form": "ahead.form",
    "readings": "ahead.readings",
}
AGAIN: dict[Seen, str] = {
    "message": "ahead.message_again",
    "form": "ahead.form_again",
    "readings": "ahead.readings_again",
}
OFFERED: dict[Offer, str] = {"call": "ahead.call_me", "stop": "ahead.stop"}
messages = Choice(START + "subscription", "menu.start_messages")


@dataclass(frozen=True, slots=True)
class Overview:
    """Which plan? The only one is shown at once; of several the next step tells which it is."""

    plans: tuple[Ahead, ...] = ()
    page: int = 0

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """List the plans of everybody the account speaks for."""
        match event:
            case Entered():
                return request(self, ListAhead())
            case AheadListed(()):
                return done(self, Say("ahead.none", choices=AFTERWARDS))
            case AheadListed((only,)):
                return goto(ShowPlan(plan=only))
            case AheadListed(plans):
                return replace(self, plans=plans, page=0)._ask()
            case Chose(value):
                for plan in self.plans:
                    if value == str(plan.plan_id):
                        return goto(ShowPlan(plan=plan))
                if (page := page_asked(value, len(self.plans))) is not None:
                    return replace(self, page=page)._ask()
        return self._ask(hint)

    def _ask(self, *effects: Deed) -> Move:
        numbered = tuple(enumerate(page_of(self.plans, self.page), start=1))
        lines = (
            Say("ahead.line", {"number": n, "name": it.patient_name, "at": it.coming[0].at})
            for n, it in numbered
        )
        choices = (
            Choice(str(it.plan_id), "ahead.item", {"number": n, "name": it.patient_name})
            for n, it in numbered
        )
        pages = page_choices(len(self.plans), self.page)
        ask = Say("ahead.which", choices=(*choices, *pages, *WAYS_OUT))
        return wait(self, *effects, Say("ahead.list"), *lines, ask, timeout=PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPlan:
    """What comes of one plan, and what the patient may ask for about it."""

    plan: Ahead

    def on(self, event: Event, ctx: Context) -> Move:
        """Tell it; a call is asked for at once, an end is asked about first."""
        match event:
            case PlanCallAsked(name):
                params = {"name": name, "phone": ctx.clinic_phone}
                return done(self, Say("ahead.will_call", params, (person, menu)))
            case PlanOver():
                return done(self, _over)
            case Chose("call") if "call" in self.plan.offers:
                return request(self, AskForCall(self.plan.plan_id))
            case Chose("stop") if "stop" in self.plan.offers:
                return goto(AskEnd(plan=self.plan))
        hints = () if isinstance(event, Entered) else (hint,)
        lines = tuple(_line(it, ctx) for it in self.plan.coming[:MOST])
        further = len(self.plan.coming) - MOST
        more = (Say("ahead.more", {"count": further}),) if further > 0 else ()
        off = (Say("ahead.messages_off"),) if ctx.opted_out else ()
        offered = tuple(Choice(it, OFFERED[it]) for it in self.plan.offers)
        choices = (*offered, *((messages,) if ctx.opted_out else ()), *WAYS_OUT)
        head = Say("ahead.of", {"name": self.plan.patient_name})
        ask = Say("ahead.ask", choices=choices)
        return wait(self, *hints, head, *lines, *more, *off, ask, timeout=PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskEnd:
    """Say what ending a plan means before it is done."""

    plan: Ahead

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """End it after a yes; staff hear of it."""
        match event:
            case PlanStopped(name):
                return done(self, Say("ahead.stopped", {"name": name}, (person, menu)))
            case PlanOver():
                return done(self, _over)
            case Chose("yes"):
                return request(self, StopPlan(self.plan.plan_id))
            case Chose("no"):
                return done(self, Say("ahead.as_it_was", choices=(menu,)))
        hints = () if isinstance(event, Entered) else (hint,)
        yes, no = Choice("yes", "ahead.yes_stop"), Choice("no", "ahead.keep")
        params = {"name": self.plan.patient_name}
        ask = Say("ahead.ask_stop", params, (no, yes, *WAYS_OUT))
        return wait(self, *hints, ask, timeout=PATIENCE)


_over = Say("ahead.gone", choices=(person, menu))


def _line(coming: Coming, ctx: Context) -> Say:
    what = ", ".join(texts.text(LABELS[it], {}, ctx.language) for it in coming.readings)
    params: dict[str, Value] = {"at": coming.at, "what": what}
    if coming.until is None:
        return Say(ONCE[coming.kind], params)
    params |= {"count": coming.again, "until": coming.until}
    return Say(AGAIN[coming.kind], params)


flow = Flow("ahead", version=1, start=Overview, steps=(Overview, ShowPlan, AskEnd))
