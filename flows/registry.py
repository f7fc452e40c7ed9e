"""All flows there are, by name and version."""

from flows import (
    ahead,
    booking,
    campaign,
    document,
    emergency,
    family,
    faq,
    guess,
    handoff,
    help,
    language,
    link,
    menu,
    on_call,
    pause,
    plan,
    questionnaire,
    queue,
    readings,
    subscription,
    told,
    triage,
    visits,
    waitlist,
    welcome,
)
from flows.engine import Flow

ALL: tuple[Flow, ...] = (
    booking.flow,
    campaign.flow,
    document.flow,
    family.flow,
    visits.flow,
    welcome.flow,
    menu.flow,
    language.flow,
    link.flow,
    handoff.flow,
    subscription.flow_1,
    subscription.flow,
    help.flow,
    pause.flow,
    emergency.flow,
    faq.flow,
    guess.flow,
    told.flow,
    on_call.flow,
    questionnaire.flow,
    plan.flow,
    ahead.flow,
    triage.flow,
    waitlist.flow,
    readings.flow,
    queue.flow,
)
FLOWS: dict[tuple[str, int], Flow] = {(flow.name, flow.version): flow for flow in ALL}


def newest(name: str) -> Flow:
    """The flow as it starts today. Raises KeyError if there is none of this name."""
    return FLOWS[name, max((version for known, version in FLOWS if known == name), default=0)]
