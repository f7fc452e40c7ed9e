"""What the world answers to the buttons under a campaign's messages."""

from dataclasses import dataclass
from typing import ClassVar

from clinic.campaign.types import Does


@dataclass(frozen=True, slots=True)
class CampaignAnswered:
    """It is noted. `does`: what the button starts; `request_id`: of the questionnaire, if that."""

    from_patient: ClassVar[bool] = False
    does: Does
    request_id: int | None = None


@dataclass(frozen=True, slots=True)
class CampaignGone:
    """The message is too old, or was another account's or patient's."""

    from_patient: ClassVar[bool] = False


CampaignAnswer = CampaignAnswered | CampaignGone
