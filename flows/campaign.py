"""A button under a campaign's message: it is noted, and leads to what the patient wants."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from clinic.campaign.types import Does
from flows import questionnaire
from flows.campaign_effects import AnswerCampaign
from flows.campaign_events import CampaignAnswered, CampaignGone
from flows.effects import Say
from flows.engine import Context, Flow, Move, Step, done, request
from flows.events import Event
from flows.navigation import menu, person

FLOW_OF: Mapping[Does, str] = MappingProxyType(
    {
        "book": "booking",
        "questionnaire": questionnaire.flow.name,
        "check_in": "triage",
        "readings": "readings",
        "stop": "subscription",
    }
)
LABELS: Mapping[Does, str] = MappingProxyType(
    {
        "book": "campaign.book",
        "questionnaire": "campaign.questionnaire",
        "check_in": "campaign.check_in",
        "call_me": "campaign.call_me",
        "readings": "campaign.readings",
        "stop": "campaign.stop",
    }
)


@dataclass(frozen=True, slots=True)
class Pressed:
    """Which button of whose message."""

    recipient_id: int
    number: int

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Have it noted, then lead on; an old or foreign button changes nothing."""
        match event:
            case CampaignGone():
                return done(self, Say("campaign.gone", choices=(menu, person)))
            case CampaignAnswered("call_me"):
                return done(self, Say("campaign.will_call", choices=(menu,)))
            case CampaignAnswered(does, request_id):
                return done(Leading(FLOW_OF[does], request_id))
        return request(self, AnswerCampaign(self.recipient_id, self.number))


@dataclass(frozen=True, slots=True)
class Leading:
    """The way is open: the router goes on with the flow."""

    flow: str
    request_id: int | None = None

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Nothing more to say here."""
        return done(self)

    def leads_to(self) -> tuple[str, Step | None]:
        """The flow, at its beginning or with the questionnaire that is meant."""
        form = self.request_id
        return self.flow, None if form is None else questionnaire.fill_step(form)


def pressed(recipient_id: int, number: int) -> tuple[Flow, Step]:
    """The flow and first step to who pressed a button."""
    return flow, Pressed(recipient_id, number)


flow = Flow("campaign", version=1, start=lambda: Pressed(0, 0), steps=(Pressed, Leading))
