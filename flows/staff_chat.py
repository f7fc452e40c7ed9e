"""Chats of staff beside those of patients: whose chat it is decides who hears an event. Pure."""

from clinic.escalation.rules import read_staff_code
from flows import on_call
from flows.choosing import offered
from flows.engine import Context, Session, Step, leave
from flows.events import (
    Began,
    Chose,
    Edited,
    Entered,
    Event,
    HandedBack,
    Left,
    PressedAction,
    PressedOld,
    Said,
    TakenOver,
    TimedOut,
)
from flows.stack import Dialogue, Reaction, find, run, suspend, top_of, without


def receive(dialogue: Dialogue, event: Event, ctx: Context) -> Reaction:
    """React in a staff member's own chat. No red flags are looked for: it is no patient's."""
    session = find(dialogue, on_call.flow.name)
    if session is None:
        top = top_of(dialogue)
        left = leave(top) if top else ()
        dialogue, session = (
            Dialogue(),
            Session(on_call.flow.name, on_call.flow.version, on_call.Ready()),
        )
    else:
        left = ()
    match event:
        case Left():
            return Reaction(Dialogue(), left)
        case Edited() | TimedOut() | TakenOver() | HandedBack():
            return Reaction(dialogue, left)
        case Said(text) | Began(text) if code := read_staff_code(text):
            return _try(Dialogue(), code, ctx)
        case Began() | PressedOld():
            event = Entered()
        case PressedAction(action) if action not in on_call.ACTIONS:
            event = Entered()
        case Said(text) if not getattr(session.step, "in_chat", False):
            value = offered(dialogue.offers, text, numbers=False)
            event = Chose(value) if value is not None else event
    return run(Dialogue(offers=dialogue.offers), session, event, ctx, left)


def link(dialogue: Dialogue, event: Event, ctx: Context) -> Reaction | None:
    """Make a chat a staff member's own, where the event is a code for that; else None."""
    match event:
        case Said(text) | Began(text) if code := read_staff_code(text):
            dialogue, left = suspend(dialogue)
            reaction = _try(dialogue, code, ctx)
            return Reaction(
                reaction.dialogue, left + reaction.effects, reaction.request, reaction.timeout
            )
    return None


def without_staffs(dialogue: Dialogue, event: Event) -> tuple[Dialogue, Event]:
    """What of both a patient may have: nothing of a time in which the chat was a staff member's."""
    if isinstance(event, PressedAction) and event.action in on_call.ACTIONS:
        event = PressedOld()
    return without(dialogue, on_call.flow.name), event


def _try(under: Dialogue, code: str, ctx: Context) -> Reaction:
    return run(under, _session(on_call.TryCode(code)), Entered(), ctx)


def _session(step: Step) -> Session:
    return Session(on_call.flow.name, on_call.flow.version, step)
