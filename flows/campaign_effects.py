"""What the buttons under a campaign's messages ask the world to do."""

from dataclasses import dataclass
from typing import ClassVar

from flows.campaign_events import CampaignAnswered, CampaignGone


@dataclass(frozen=True, slots=True)
class AnswerCampaign:
    """Note that a recipient pressed the button of this number (0 is the first)."""

    answers: ClassVar[tuple[type, ...]] = (CampaignAnswered, CampaignGone)
    recipient_id: int
    number: int
