"""Who answers which request of a flow."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.answers.ahead import ANSWERS as AHEAD
from bot.answers.asker import Asker
from bot.answers.booking import ANSWERS as BOOKING
from bot.answers.campaign import ANSWERS as CAMPAIGN
from bot.answers.document import ANSWERS as DOCUMENT
from bot.answers.escalation import ANSWERS as ESCALATION
from bot.answers.faq import ANSWERS as FAQ
from bot.answers.form import ANSWERS as FORM
from bot.answers.patient import ANSWERS as PATIENT
from bot.answers.plan import ANSWERS as PLAN
from bot.answers.queue import ANSWERS as QUEUE
from bot.answers.readings import ANSWERS as READINGS
from bot.answers.subscription import ANSWERS as SUBSCRIPTION
from bot.answers.triage import ANSWERS as TRIAGE
from bot.answers.waitlist import ANSWERS as WAITLIST
from clinic.db import Tx
from flows import events

ANSWERS: dict[type, Callable[[Tx, Asker, Any], Awaitable[events.Answer]]] = {
    **AHEAD,
    **BOOKING,
    **CAMPAIGN,
    **DOCUMENT,
    **ESCALATION,
    **FAQ,
    **FORM,
    **PATIENT,
    **PLAN,
    **QUEUE,
    **READINGS,
    **SUBSCRIPTION,
    **TRIAGE,
    **WAITLIST,
}
