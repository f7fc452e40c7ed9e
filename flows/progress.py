"""How far patients come in a conversation, for the figures: names of steps, no words. Pure."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from flows.dialogue import Dialogue
from flows.engine import Session
from flows.events import (
    Answer,
    Event,
    FormSubmitted,
    Linked,
    TimedOut,
    VisitBooked,
    VisitCancelled,
    VisitMoved,
)

COUNTED = frozenset(
    {"booking", "visits", "link", "questionnaire", "triage", "readings", "waitlist"}
)
# What shows that a flow came to what it is for; the others do by ending.
GOALS: dict[type[Answer], str] = {
    VisitBooked: "booking",
    VisitMoved: "visits",
    VisitCancelled: "visits",
    Linked: "link",
    FormSubmitted: "questionnaire",
}
Figure = Literal["step", "left", "goal", "nothing"]


class Noted(NamedTuple):
    """`step` and `left` name flow, step and reason; `nothing` is of the service `subject`."""

    figure: Figure
    kind: str = ""
    subject: int | None = None


def progress(
    before: Dialogue, after: Dialogue, event: Event, answers: Iterable[Answer], *, handed: bool
) -> tuple[Noted, ...]:
    """What a turn changed: steps that are reached for the first time in their session, goals, and
    sessions that were left. `handed`: the conversation was given to staff.

    Who falls silent is counted as leaving, and may come back all the same.
    """
    was, now = _counted(before), _counted(after)
    goals = {GOALS[type(one)] for one in answers if type(one) in GOALS}
    noted = [Noted("goal", flow) for flow in sorted(goals)]
    for flow, session in now.items():
        old = was.get(flow)
        if old is not None and old.step == session.step:
            continue
        if old is None or type(session.step) not in {type(it) for it in (*old.history, old.step)}:
            noted.append(Noted("step", _name(session)))
        if getattr(session.step, "why", "") == "none_free":
            wanted = getattr(session.step, "goal").search.service_id  # noqa: B009  # of any flow
            noted.append(Noted("nothing", "", wanted))
    if isinstance(event, TimedOut):
        silent = was.get(before.stack[-1].flow) if before.stack else None
        return (*noted, Noted("left", f"{_name(silent)}.silence")) if silent else tuple(noted)
    for flow in was.keys() - now.keys() - goals:
        why = str(getattr(was[flow].step, "why", "")) or ("staff" if handed else "ended")
        if why == "ended" and flow not in GOALS.values() and was[flow] is before.stack[-1]:
            noted.append(Noted("goal", flow))
        else:
            noted.append(Noted("left", f"{_name(was[flow])}.{why}"))
    return tuple(noted)


def _counted(dialogue: Dialogue) -> dict[str, Session]:
    """The sessions that have begun, of flows that are counted."""
    return {it.flow: it for it in dialogue.stack if it.flow in COUNTED and it.status != "moving"}


def _name(session: Session) -> str:
    return f"{session.flow}.{type(session.step).__name__}"
