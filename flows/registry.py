"""All flows there are, by name and version."""

from flows import (
    booking,
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
    questionnaire,
    subscription,
    told,
    triage,
    visits,
    welcome,
)
from flows.engine import Flow

ALL: tuple[Flow, ...] = (
    booking.flow,
    family.flow,
    visits.flow,
    welcome.flow,
    menu.flow,
    language.flow,
    link.flow,
    handoff.flow,
    subscription.flow,
    help.flow,
    pause.flow,
    emergency.flow,
    faq.flow,
    guess.flow,
    told.flow,
    on_call.flow,
    questionnaire.flow,
    triage.flow,
)
FLOWS: dict[tuple[str, int], Flow] = {(flow.name, flow.version): flow for flow in ALL}


def newest(name: str) -> Flow:
    """The flow as it starts today. Raises KeyError if there is none of this name."""
    return FLOWS[name, max((version for known, version in FLOWS if known == name), default=0)]
