"""Coming back to the bot from staff, and leaving its messages and coming back to them. Pure."""

from dataclasses import replace

from flows import pause, subscription
from flows.effects import Deed, Say, TakeBack
from flows.engine import Context, start
from flows.stack import Dialogue, Reaction, open_flow, react, show_menu, suspend, unfinished
from flows.words import Word


def subscribe(dialogue: Dialogue, command: Word, ctx: Context) -> Reaction:
    """ "Stop" and "start", done at once; what ran waits, since "stop" may have meant it."""
    step = subscription.Stopped() if command is Word.STOP else subscription.Started()
    effects = start(subscription.flow, ctx, step).effects
    if ctx.owner != "bot":
        return Reaction(dialogue, effects)
    dialogue, left = suspend(dialogue)
    if not dialogue.stack:
        return react(dialogue, left + effects, ctx)
    plain = tuple(replace(it, choices=()) if isinstance(it, Say) else it for it in effects)
    step_now = pause.Paused("stopped", unfinished(dialogue))
    return open_flow(dialogue, pause.flow, ctx, step_now, (*left, *plain))


def with_you_again(dialogue: Dialogue, ctx: Context, *before: Deed) -> Reaction:
    """Staff gave the conversation back: go on with what was left unfinished."""
    ctx = replace(ctx, owner="bot")
    dialogue, _ = suspend(dialogue)
    if dialogue.stack:
        step = pause.Paused("handed_back", unfinished(dialogue))
        return open_flow(dialogue, pause.flow, ctx, step, before)
    return show_menu(dialogue, ctx, *before, Say("dialogue.with_you_again"))


def take_back(dialogue: Dialogue, ctx: Context) -> Reaction:
    """The patient leaves the staff's queue for the bot."""
    if ctx.owner == "bot":
        return show_menu(dialogue, ctx)
    return with_you_again(dialogue, ctx, TakeBack())
