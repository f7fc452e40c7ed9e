"""The privacy notice: it comes before what the patient wanted, then gives way to it. Pure."""

from dataclasses import replace

from flows import (
    booking,
    campaign,
    document,
    emergency,
    link,
    menu,
    plan,
    questionnaire,
    queue,
    readings,
    triage,
    visits,
    waitlist,
    welcome,
)
from flows.engine import Context, Flow, Session, Step
from flows.events import Began, Chose, Event, PressedAction, Said
from flows.meaning import FLOW_OF, word_of
from flows.navigation import PERSON, START
from flows.registry import newest
from flows.stack import PASSING, Dialogue, Reaction, find, open_flow, suspend, top_of, without
from flows.words import Word
from nlu.reading import ACT, Reading


def notice_due(dialogue: Dialogue, event: Event, ctx: Context) -> bool:
    """Whether the privacy notice comes first. A person can be had without it."""
    if ctx.consented or dialogue.declined == ctx.notice_version:
        return False
    if event == Chose(PERSON) or (isinstance(event, Said) and wish(event) == PERSON):
        return False
    return find(dialogue, welcome.flow.name) is None


def wish(event: Event) -> str:
    """What the patient came for: the name of a flow, PERSON, or "" for the menu."""
    match event:
        case Chose(value) if value.startswith(START):
            return value.removeprefix(START)
        case Said() if word := word_of(event):
            return PERSON if word is Word.PERSON else FLOW_OF.get(word, "")
        case Said(reading=Reading() as read) if read.confidence >= ACT:
            return triage.flow.name if read.intent in triage.INTENTS else ""
    return ""


def action_flow(event: PressedAction) -> tuple[Flow, Step]:
    """The flow and first step to who pressed a button that stays good."""
    if event.action in ("better", "same", "worse"):
        return triage.flow, triage.check_in_step(event.subject_id, event.action)
    if event.action == "campaign":
        return campaign.pressed(event.subject_id, event.version)
    if event.action == "document":
        return document.pressed(event.subject_id, event.version)
    if event.action == "plan":
        return plan.pressed(event.subject_id, event.version)
    if event.action == "readings":
        return readings.flow, readings.enter_step(event.subject_id, event.version)
    if event.action == "queue":
        return queue.flow, queue.AskPlace()
    if event.action == "fill":
        return questionnaire.flow, questionnaire.fill_step(event.subject_id)
    if event.action in ("take_offer", "decline_offer"):
        taking = event.action == "take_offer"
        return waitlist.flow, waitlist.answer_step(event.subject_id, take=taking)
    make = {
        "confirm": visits.confirm_step,
        "move": visits.move_step,
        "cancel": visits.cancel_step,
    }[event.action]
    return visits.flow, make(event.subject_id, event.version)


def first_step(dialogue: Dialogue, name: str) -> Step | None:
    """Where a flow begins that is chosen where the conversation stands; None: as ever."""
    top = top_of(dialogue)
    if name == triage.flow.name and top and isinstance(top.step, emergency.SameDay):
        return triage.flagged(top.step.flag)
    if name == waitlist.flow.name and top:
        return waitlist.first_step(top.step)
    return None


def show_notice(dialogue: Dialogue, event: Event, ctx: Context) -> Reaction:
    """The notice on top, and below it what the patient wanted, to go on with afterwards."""
    dialogue, left = suspend(dialogue)
    name = wish(event)
    step: Step | None = None
    match event:
        case Began(code) if code:
            name, step = link.flow.name, link.code_step(code)
        case PressedAction():
            flow, step = action_flow(event)
            name = flow.name
        case Said() if name == booking.flow.name:
            step = booking.hoped(event, ctx)
        case Said() if told := readings.unasked(event, ctx):
            name, step = readings.flow.name, told
        case Said(reading=Reading() as read) if name == triage.flow.name:
            step = triage.meant(read.intent, event, ctx)
    if name in PASSING or (not name and not dialogue.stack):
        name = menu.flow.name
    if name:
        flow = newest(name)
        wished = Session(flow.name, flow.version, step or flow.start(), status="moving")
        dialogue = without(dialogue, name)
        dialogue = replace(dialogue, stack=(*dialogue.stack, wished))
    return open_flow(dialogue, welcome.flow, ctx, before=left)
