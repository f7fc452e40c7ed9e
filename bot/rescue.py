"""What is still done for a patient when a turn failed: an emergency is heard all the same."""

import logging

from bot.channels.channel import Ignored, Inbound, TextEdited, TextReceived
from bot.deeds import DEEDS
from bot.turn import Turn
from clinic.db import Tx
from clinic.errors import DatabaseDown
from flows import effects, emergency
from nlu import red_flags

log = logging.getLogger(__name__)


def words_of(inbound: Inbound | Ignored) -> str:
    """What the patient wrote in the event that failed, "" if it was no text."""
    content = inbound.content if isinstance(inbound, Inbound) else None
    return content.text if isinstance(content, TextReceived | TextEdited) else ""


async def hear(tx: Tx, turn: Turn, words: str, *, say: bool) -> None:
    """Answer a red flag in the words and call a doctor, whatever the conversation was about.

    Nothing of the dialogue is needed. `say` False: where even that failed, a doctor is called. What
    was denied cannot be asked about here, so that a doctor looks at it.
    """
    flag = red_flags.screen(words) if words else None
    if flag is None:
        return
    if say:
        turn.says.extend(emergency.words(flag, turn.ctx))
    try:
        async with tx.transaction():
            level = min(flag.level, 3) if flag.negated else flag.level
            called = effects.Escalate(flag.rule, level)
            await DEEDS[effects.Escalate](tx, turn.asker, called)
    except DatabaseDown:
        raise
    except Exception as error:  # the emergency text goes out all the same, and staff see the task
        log.error("no escalation: conversation=%s %s", turn.asker.conversation_id, where(error))


def where(error: Exception) -> str:
    """The kind and place of an error, without its words: they may be a patient's."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    line = (
        f"{place.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{place.tb_lineno}"
        if place
        else "?"
    )
    return f"{type(error).__name__} at {line}"
