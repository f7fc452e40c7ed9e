"""What a patient writes of themselves while nothing is asked: another time for a visit, or a
reading. Pure."""

from dataclasses import replace

from flows import readings, visits
from flows.engine import Context, Flow, Session, Step
from flows.events import Edited, Said
from flows.stack import Dialogue, taken, top_of
from flows.words import Word
from nlu.red_flags import RedFlag

IDLE = "menu"
# Where nothing that is typed is an answer, but something was told.
TOLD = frozenset({IDLE, "faq", "guess", "help", "told"})


def begin(
    top: Session | None, word: Word | None, said: Said, ctx: Context
) -> tuple[Flow, Step] | None:
    """The flow and its first step that such a text opens; None if it opens none.

    `word`: the command that it is taken for, if any.
    """
    if (top is None or top.flow in TOLD) and (told := readings.unasked(said, ctx)):
        return readings.flow, told
    idle = top is None or top.flow == IDLE
    if idle and word in (None, Word.MOVE) and (step := visits.other_time(said, ctx)):
        return visits.flow, step
    return None


def keeping(
    dialogue: Dialogue, event: Said | Edited, flag: RedFlag | None, ctx: Context
) -> Dialogue:
    """The dialogue with what a text that is a red flag tells beside it, to go on with afterwards.

    A reading is one that a doctor has been called for already.
    """
    if flag is None or isinstance(event, Edited):
        return dialogue
    top = top_of(dialogue)
    own = top is not None and top.flow == readings.flow.name
    if not (own or top is None or top.flow in TOLD):
        return taken(dialogue, event.text)
    told = readings.unasked(event, ctx)
    if told is None:
        return dialogue
    step = replace(told, told=replace(told.told, called=flag.level))
    session = Session(readings.flow.name, readings.flow.version, step, status="moving")
    return replace(dialogue, stack=(*dialogue.stack[: -1 if top else None], session))
