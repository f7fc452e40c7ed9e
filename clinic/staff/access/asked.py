"""What patients asked and got no answer to, as staff see it."""

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.faq.own import open_questions
from clinic.faq.types import Question
from clinic.staff.types import Staff

SHOWN_AT_MOST = 100


async def access_asked(tx: Tx, keys: KeyRing, staff: Staff) -> list[Question]:
    """What waits on the list, the newest first."""
    found = await open_questions(tx, keys, SHOWN_AT_MOST)
    if found:
        detail = {"questions": [one.id for one in found]}
        await record(tx, "staff", staff.id, "staff:faq:asked", None, detail)
    return found
