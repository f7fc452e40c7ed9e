"""After a red flag: the number to call first, then how to go on."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from flows.effects import Choice, Escalate, OpenLink, Say
from flows.engine import Context, Flow, Move, Step, goto, wait
from flows.events import Chose, Event, TimedOut
from flows.navigation import MENU, RESUME, START, menu, person
from flows.words import Word
from nlu.red_flags import RedFlag

PATIENCE = timedelta(minutes=10)  # after a doubtful flag; then a doctor looks at it


def words(flag: RedFlag, ctx: Context, choices: tuple[Choice, ...] = ()) -> tuple[Say, ...]:
    """What is said to a red flag; it stands alone and needs nothing of the conversation."""
    numbers = {"number": ctx.emergency_number, "phone": ctx.clinic_phone}
    call = (OpenLink("safety.call", f"tel:{ctx.emergency_number}"),)
    if flag.level >= 4:
        text = "safety.self_harm_now" if flag.self_harm else "safety.emergency"
    elif flag.self_harm:
        text = "safety.self_harm_ask"
    else:
        text = "safety.ask" if flag.negated else "safety.same_day"
    lines = Say("safety.crisis_lines", {"lines": " / ".join(ctx.crisis_lines)}, urgent=True)
    crisis = (lines,) if flag.self_harm and ctx.crisis_lines else ()
    return (*crisis, Say(text, numbers, choices, links=call, urgent=True))


def _ways_on(unfinished: str) -> tuple[Choice, ...]:
    go_on = (Choice(RESUME + unfinished, "pause.go_on"),) if unfinished else ()
    return (person, *go_on, menu)


@dataclass(frozen=True, slots=True)
class Emergency:
    """Level 4: nothing is asked any more. `unfinished` names the flow that waits below."""

    flag: RedFlag
    unfinished: str = ""

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Say the number, again whatever is said, and offer the ways on."""
        return wait(self, *words(self.flag, ctx, _ways_on(self.unfinished)))


@dataclass(frozen=True, slots=True)
class AskNow:
    """A sign that was denied, or is not the gravest: is it so now?"""

    asks_facts: ClassVar[bool] = True
    flag: RedFlag
    unfinished: str = ""

    def on(self, event: Event, ctx: Context) -> Move:
        """Yes is an emergency; silence is shown to a doctor."""
        match event:
            case Chose("now"):
                grave = RedFlag(self.flag.rule, 4)
                return goto(Emergency(grave, self.unfinished), Escalate(grave.rule, 4))
            case TimedOut():
                return wait(self, Escalate(self.flag.rule, 3, "silence"))
        now = Choice("now", "safety.now", role="primary")
        ways_on = _ways_on(self.unfinished)
        return wait(self, *words(self.flag, ctx, (now, *ways_on)), timeout=PATIENCE)

    def meaning(self, word: Word) -> str | None:
        """A typed yes is an emergency. No may also mean "not safe" where self-harm was asked."""
        if word is Word.YES:
            return "now"
        if word is Word.NO and not self.flag.self_harm:
            return RESUME + self.unfinished if self.unfinished else MENU
        return None


@dataclass(frozen=True, slots=True)
class SameDay:
    """Level 3: a doctor should see this today. Staff know of it; a visit or a person is offered."""

    flag: RedFlag
    unfinished: str = ""

    def on(self, event: Event, ctx: Context) -> Move:
        """Worse is an emergency."""
        if event == Chose("now"):
            grave = RedFlag(self.flag.rule, 4)
            return goto(Emergency(grave, self.unfinished), Escalate(grave.rule, 4))
        worse = Choice("now", "safety.worse")
        visit = Choice(START + "booking", "menu.book")
        staff, *others = _ways_on(self.unfinished)
        # Who is in the middle of the questions goes on with them.
        asks = self.unfinished != "triage"
        questions = (Choice(START + "triage", "triage.answer_questions"),) if asks else ()
        choices = (replace(staff, role="primary"), visit, worse, *questions, *others)
        return wait(self, *words(self.flag, ctx, choices))


def first_step(flag: RedFlag, unfinished: str) -> Step:
    """How a red flag is answered: by its level, and by whether the patient doubts it."""
    if flag.level >= 4:
        return Emergency(flag, unfinished)
    if flag.negated or flag.self_harm:
        return AskNow(flag, unfinished)
    return SameDay(flag, unfinished)


flow = Flow(
    "emergency",
    version=1,
    start=lambda: Emergency(RedFlag("unnamed", 4)),
    steps=(Emergency, AskNow, SameDay),
)
