"""What is written to us by SMS: "stop" and red flags are heard as anywhere; the rest is for staff.

There are no buttons there, every line costs, and the number that a text shows is no proof of who
wrote it: nothing is booked or cancelled by it. Pure.
"""

from dataclasses import replace

from flows import emergency, words
from flows.choosing import offered
from flows.effects import Handoff, Say
from flows.engine import Context
from flows.events import Event, HandedBack, Left, Said, SentMedia, TakenOver, TimedOut
from flows.stack import Dialogue, Reaction, top_of
from flows.words import Word
from nlu import red_flags


def receive(dialogue: Dialogue, event: Event, ctx: Context) -> Reaction | None:
    """React to an event of an SMS account; None where it is heard as on every channel."""
    top = top_of(dialogue)
    asked = top is not None and top.flow == emergency.flow.name  # whether it is an emergency
    match event:
        case TimedOut() if asked:
            return None  # a doctor hears of it
        case Said(said) if asked and ctx.owner == "bot":
            chosen = offered(dialogue.offers, said)
            over = chosen not in (None, "now") or words.read(said) is Word.NO
            return _hand_over(dialogue, ctx) if over else None
        case Said(said):
            command = words.command(said)
            stops = command is Word.STOP or (command is Word.START and ctx.opted_out)
            return None if stops or red_flags.screen(said) else _hand_over(dialogue, ctx)
        case SentMedia():
            return _hand_over(dialogue, ctx)
        case TimedOut() | HandedBack() | TakenOver():
            return Reaction(replace(dialogue, stack=()))
        case Left():
            return None
    return Reaction(dialogue)


def _hand_over(dialogue: Dialogue, ctx: Context) -> Reaction:
    """To the staff's queue; that is said once, until staff have given it back."""
    rest = replace(dialogue, stack=(), offers=())
    if ctx.owner != "bot":
        return Reaction(rest)
    numbers = {"phone": ctx.clinic_phone, "number": ctx.emergency_number}
    return Reaction(rest, (Handoff("sms"), Say("letter.handed", numbers)))
