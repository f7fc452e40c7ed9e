"""What a triage had come to that is given up before its end: who begins anew gets no less. Pure."""

from dataclasses import replace

from flows import triage
from flows.engine import Context, Reached
from flows.stack import Dialogue, Reaction, find
from flows.triage_case import ANYBODY, LASTING
from flows.triage_effects import KeepTriage
from flows.triage_outcome import CaseStep

_UNNAMED = triage.ForWhom | triage.SideEffect  # where it is not said yet whom it is about


def remembering(before: Dialogue, reaction: Reaction, ctx: Context) -> Reaction:
    """The reaction, which remembers for a day the level of a triage that it gave up."""
    known = (it for it in before.reached if ctx.now - it.at < LASTING)
    found = sorted((*known, *_given_up(before, reaction, ctx)), key=lambda it: it.level)
    reached = tuple({it.whose: it for it in found}.values())  # of each the highest
    return replace(reaction, dialogue=replace(reaction.dialogue, reached=reached))


def _given_up(before: Dialogue, reaction: Reaction, ctx: Context) -> tuple[Reached, ...]:
    """The level of a triage that is there no more, or begins anew, and did not come to its end."""
    left, now = find(before, triage.flow.name), find(reaction.dialogue, triage.flow.name)
    if left is None or not isinstance(left.step, CaseStep):
        return ()
    anew = now is None or now.step == triage.ForWhom() or isinstance(now.step, triage.CheckedIn)
    if not anew or any(isinstance(it, KeepTriage) for it in reaction.effects):
        return ()
    case = left.step.case
    unnamed = isinstance(left.step, _UNNAMED) and case.patient_id is None
    # Before anybody is named only a red flag can have raised it.
    whose, level = (ANYBODY, case.at_least) if unnamed else (case.whose, case.level)
    return (Reached(whose, level, ctx.now),) if level > 1 else ()
