"""What the buttons under a campaign's messages do."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.answers.asker import Asker
from clinic.campaign.replies import press
from clinic.db import Tx
from flows import events
from flows.campaign_effects import AnswerCampaign
from flows.campaign_events import CampaignAnswered, CampaignGone


async def _answer(tx: Tx, asker: Asker, request: AnswerCampaign) -> events.Answer:
    pressed = await press(
        tx,
        request.recipient_id,
        request.number,
        asker.account_id,
        asker.patient_ids,
        asker.conversation_id,
    )
    return CampaignGone() if pressed is None else CampaignAnswered(pressed.does, pressed.request_id)


ANSWERS: dict[type, Callable[[Tx, Asker, Any], Awaitable[events.Answer]]] = {
    AnswerCampaign: _answer
}
