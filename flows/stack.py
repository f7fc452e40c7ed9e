"""The stack of sessions under a conversation: opening, leaving and coming back to them. Pure."""

from dataclasses import dataclass, replace
from datetime import timedelta

from flows import menu, pause, texts, welcome
from flows.effects import (
    Alarm,
    Deed,
    Escalate,
    GiveConsent,
    Handoff,
    Offer,
    Request,
    Say,
    SetLanguage,
)
from flows.engine import (
    Context,
    Flow,
    LeadsOn,
    Reached,
    Rising,
    Session,
    Step,
    Taking,
    advance,
    leave,
)
from flows.events import Entered, Event
from flows.registry import newest

MAX_DEPTH = 4  # of the stack; what lies deepest is forgotten
# Asked again rather than returned to: nothing is lost when they are left.
PASSING = frozenset(
    {
        "emergency",
        "faq",
        "guess",
        "handoff",
        "help",
        "language",
        "menu",
        "pause",
        "subscription",
        "told",
    },
)
BEFORE_CONSENT = PASSING - {
    "menu",
    "help",
    "guess",
}  # needed by those who have not agreed to the notice
BACK_TO = {
    "booking": "dialogue.back_to_booking",
    "visits": "dialogue.back_to_visits",
    "link": "dialogue.back_to_link",
    "family": "dialogue.back_to_family",
    "questionnaire": "dialogue.back_to_form",
    "triage": "dialogue.back_to_triage",
    "readings": "dialogue.back_to_readings",
}


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Where a conversation stands. The last session of the stack is the running one.

    `offers` are the choices of the last message; `misses` counts answers in a row that were not
    understood; `declined` is the version of the privacy notice that the patient did not agree to,
    so that it is not put before them again; `reached` are the levels of triages that were given up.
    A session below whose status is "moving" is a wish: it has not begun yet.
    """

    stack: tuple[Session, ...] = ()
    offers: tuple[Offer, ...] = ()
    misses: int = 0
    declined: str = ""
    reached: tuple[Reached, ...] = ()


@dataclass(frozen=True, slots=True)
class Reaction:
    """What one event made of the conversation.

    With a `request` the shell answers it in the same transaction through `answer`; otherwise the
    conversation waits for the patient, at most for `timeout`.
    """

    dialogue: Dialogue
    effects: tuple[Deed, ...] = ()
    request: Request | None = None
    timeout: timedelta | None = None


def top_of(dialogue: Dialogue) -> Session | None:
    """The running session."""
    return dialogue.stack[-1] if dialogue.stack else None


def below(dialogue: Dialogue) -> Dialogue:
    """The dialogue without its running session."""
    return replace(dialogue, stack=dialogue.stack[:-1])


def without(dialogue: Dialogue, flow: str) -> Dialogue:
    """The dialogue without any session of a flow."""
    return replace(dialogue, stack=tuple(it for it in dialogue.stack if it.flow != flow))


def find(dialogue: Dialogue, flow: str) -> Session | None:
    """The session of a flow, running or not."""
    return next((it for it in dialogue.stack if it.flow == flow), None)


def cancels(session: Session) -> bool:
    """Whether "cancel" may mean what runs: something would be lost, and nothing is booked in it."""
    return session.flow not in PASSING | {"visits", "welcome"}


def suspend(dialogue: Dialogue) -> tuple[Dialogue, tuple[Deed, ...]]:
    """Leave the running session: it stays below, unless nothing would be lost with it."""
    top = top_of(dialogue)
    if top is None or top.status == "moving":
        return dialogue, ()
    return (below(dialogue) if top.flow in PASSING else dialogue), leave(top)


def unfinished(dialogue: Dialogue) -> str:
    """The flow to go on with, when the running one has been suspended."""
    top = top_of(dialogue)
    return top.flow if top else ""


def rise(dialogue: Dialogue, level: int) -> Dialogue:
    """Let what runs and waits know of a red flag of this level: nothing may end below it."""

    def risen(step: Step) -> Step:
        return step.raised(level) if isinstance(step, Rising) else step

    stack = tuple(
        replace(it, step=risen(it.step), history=tuple(map(risen, it.history)))
        for it in dialogue.stack
    )
    return replace(dialogue, stack=stack)


def taken(dialogue: Dialogue, text: str) -> Dialogue:
    """The dialogue with this answer to the question at hand, if that keeps it."""
    top = top_of(dialogue)
    if top is None or not isinstance(top.step, Taking) or (to := top.step.taking(text)) == top.step:
        return dialogue
    session = replace(top, step=to, history=(*top.history, top.step))
    return replace(dialogue, stack=(*dialogue.stack[:-1], session))


def react(dialogue: Dialogue, effects: tuple[Deed, ...], ctx: Context) -> Reaction:
    """Wait for the patient, remembering what was offered."""
    says = [effect for effect in effects if isinstance(effect, Say)]
    if says:
        dialogue = replace(dialogue, offers=texts.offers(says, ctx.language))
    return Reaction(dialogue, effects)


def run(
    under: Dialogue, session: Session, event: Event, ctx: Context, before: tuple[Deed, ...] = ()
) -> Reaction:
    """Advance a session that stands on top of `under`, and go back down where it ends."""
    turn = advance(session, event, ctx)
    session = turn.session
    for effect in turn.effects:
        if isinstance(effect, SetLanguage):
            ctx = replace(ctx, language=effect.language, language_chosen=True)
        if isinstance(effect, Escalate):
            under = rise(under, effect.level)
    effects = before + turn.effects
    if session.status != "completed":
        stack = (*under.stack, session)[-MAX_DEPTH:]
        reaction = react(replace(under, stack=stack), effects, ctx)
        return replace(reaction, request=session.request, timeout=turn.timeout)
    if isinstance(session.step, LeadsOn):
        name, step = session.step.leads_to()
        reaction = begin(under, name, ctx, step)
        return replace(reaction, effects=effects + reaction.effects)
    if session.flow == welcome.flow.name:
        agreed = any(isinstance(it, GiveConsent) for it in turn.effects)
        under = replace(under, declined="" if agreed else ctx.notice_version)
    # After an alarm comes the emergency text, and nothing else is asked.
    ends = any(isinstance(it, Handoff | Alarm) for it in turn.effects)
    silent = ctx.owner != "bot" or ends
    if session.flow == welcome.flow.name and not silent and not under.stack:
        return again(under, ctx, *effects)  # its last words offer nothing
    if silent or not under.stack:
        return react(under, effects, ctx)
    return go_back(under, ctx, effects)


def go_back(dialogue: Dialogue, ctx: Context, before: tuple[Deed, ...] = ()) -> Reaction:
    """Return to the session on top with one line; its question is the one that counts now."""
    top = dialogue.stack[-1]
    plain = tuple(replace(it, choices=()) if isinstance(it, Say) else it for it in before)
    line = Say(BACK_TO.get(top.flow, "dialogue.back_to_question"))
    said = plain if top.status == "moving" else (*plain, line)
    return run(below(dialogue), replace(top, status="waiting"), Entered(), ctx, said)


def again(dialogue: Dialogue, ctx: Context, *before: Deed) -> Reaction:
    """Put the question at hand again, or show the menu if there is none."""
    top = top_of(dialogue)
    if top is None:
        return open_flow(dialogue, menu.flow, ctx, before=before)
    return run(below(dialogue), top, Entered(), ctx, before)


def open_flow(
    dialogue: Dialogue,
    flow: Flow,
    ctx: Context,
    step: Step | None = None,
    before: tuple[Deed, ...] = (),
) -> Reaction:
    """Start a flow on top of what runs; of each flow there is one session at most."""
    dialogue, left = suspend(dialogue)
    dialogue = replace(without(dialogue, flow.name), misses=0)
    session = Session(flow.name, flow.version, step or flow.start())
    notice = find(dialogue, welcome.flow.name)
    if notice and flow.name not in BEFORE_CONSENT | {welcome.flow.name}:
        wish = replace(session, status="moving")
        others = (it for it in below(dialogue).stack if it.status != "moving")
        dialogue = replace(dialogue, stack=(*others, wish, notice))
        return again(dialogue, ctx, *before, *left, Say("dialogue.first_this"))
    return run(dialogue, session, Entered(), ctx, before + left)


def begin(dialogue: Dialogue, name: str, ctx: Context, step: Step | None = None) -> Reaction:
    """Start a flow by name; where it is under way already, ask what is meant."""
    under_way = find(dialogue, name)
    if name in PASSING or under_way is None or under_way.status == "moving":
        return open_flow(dialogue, newest(name), ctx, step)
    if not under_way.history and under_way is top_of(dialogue):
        return again(dialogue, ctx)
    return interrupt(dialogue, "again", ctx, name)


def interrupt(dialogue: Dialogue, why: pause.Why, ctx: Context, about: str = "") -> Reaction:
    """Put a word in between, with the choice to go on with what is unfinished."""
    dialogue, left = suspend(dialogue)
    step = pause.Paused(why, about or unfinished(dialogue))
    return open_flow(dialogue, pause.flow, ctx, step, left)


def resume(dialogue: Dialogue, name: str, ctx: Context) -> Reaction:
    """Go on with a flow that waits, where it was left."""
    dialogue, left = suspend(dialogue)
    session = find(dialogue, name)
    if session is None:
        return show_menu(dialogue, ctx, *left)
    stack = (*without(dialogue, name).stack, session)
    return go_back(replace(dialogue, stack=stack), ctx, left)


def drop(dialogue: Dialogue, name: str, ctx: Context) -> Reaction:
    """Leave a flow unfinished, for what lies below it."""
    dialogue, left = suspend(dialogue)
    dialogue = without(dialogue, name)
    dropped = (*left, Say("dialogue.dropped"))
    return go_back(dialogue, ctx, dropped) if dialogue.stack else show_menu(dialogue, ctx, *dropped)


def show_menu(dialogue: Dialogue, ctx: Context, *before: Deed) -> Reaction:
    """The way out: what has hardly begun is dropped, the rest can be gone on with."""
    top = top_of(dialogue)
    dialogue, left = suspend(dialogue)
    begun = top and (top.history or getattr(top.step, "goes_back", False))
    if top and not begun and top.flow not in PASSING | {welcome.flow.name}:
        dialogue = below(dialogue)
    step = menu.Menu(unfinished(dialogue))
    return open_flow(dialogue, menu.flow, ctx, step, before + left)
