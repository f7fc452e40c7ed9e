"""A questionnaire played as a patient meets it, in memory: nothing of it is kept.

Its state goes to the page and comes back with the next answer.
"""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from clinic.config import Settings
from clinic.message.types import Message
from clinic.questionnaire import codec, rules
from clinic.questionnaire.types import ItemType, Questionnaire
from flows import effects, events, texts
from flows import questionnaire as flow
from flows.choosing import offered
from flows.codec import dump_session, load_session
from flows.effects import Offer, Say
from flows.engine import Context, FlowError, Session, advance, start
from flows.form_effects import SubmitForm
from flows.navigation import MENU, PERSON

REQUEST = NOBODY = 0  # there is no such request and no such patient


@dataclass(frozen=True, slots=True)
class Pressed:
    """What the page sends: a choice, words, a day, or that a photo was sent."""

    choice: str = ""
    said: str = ""
    day: str = ""
    photo: bool = False


@dataclass(frozen=True, slots=True)
class Screen:
    """What stands on the patient's screen. `heard` is what the patient just did, `alarm` what
    somebody would be told of now, as rule and level. `state` goes back with the next answer."""

    messages: tuple[Message, ...]
    values: tuple[str, ...]  # of the last message's buttons, "" if it does nothing here
    heard: str
    alarm: tuple[str, int] | None
    takes_photo: bool
    over: bool
    state: str
    sent: SubmitForm | None = None  # what was sent off with this answer


def begin(questionnaire_id: int, form: Questionnaire, ctx: Context) -> Screen:
    """The first question."""
    asked = start(flow.flow, ctx, flow.fill_step(REQUEST))
    title = form.title.get(ctx.language)
    opened = events.FormOpened(questionnaire_id, NOBODY, "—", title, None, form)
    turn = advance(asked.session, opened, ctx)
    return _screen(form, turn.session, turn.effects, ctx, "")


def go_on(
    questionnaire_id: int, form: Questionnaire, ctx: Context, state: str, pressed: Pressed
) -> Screen:
    """What an answer leads to; the beginning again if the state is none of this questionnaire."""
    try:
        session = load_session(json.loads(state))
        event, heard = _event(session, ctx, pressed)
        turn = advance(session, event, ctx)
    except (FlowError, LookupError, ValueError, TypeError, RecursionError):
        return begin(questionnaire_id, form, ctx)
    done = turn.effects
    session = turn.session
    alarm = next((it for it in done if isinstance(it, effects.Alarm | effects.Escalate)), None)
    if alarm is not None and not any(isinstance(it, Say) for it in done):
        # In the chat the emergency text stands here; then it goes on.
        turn = start(flow.flow, ctx, session.step)
        session, done = turn.session, (*done, *turn.effects)
    sent = session.request if isinstance(session.request, SubmitForm) else None
    if sent is not None:
        turn = advance(session, events.FormSubmitted(), ctx)
        session, done = turn.session, (*done, *turn.effects)
    return replace(_screen(form, session, done, ctx, heard), sent=sent)


def context(
    settings: Settings, now: datetime, language: str, questionnaire_id: int, form: Questionnaire
) -> Context:
    """The facts of a conversation with nobody."""
    clinic = settings.clinic
    return Context(
        now=now.astimezone(ZoneInfo(clinic.time_zone)),
        language=language,
        languages=clinic.languages,
        clinic_name=clinic.name,
        clinic_phone=clinic.phone,
        emergency_number=clinic.emergency_number,
        notice_version=clinic.notice_in_force,
        channel="webchat",
        forms={questionnaire_id: form},
    )


def _event(session: Session, ctx: Context, pressed: Pressed) -> tuple[events.Event, str]:
    """The event, and how the patient's own screen tells it."""
    offers = _offers(session, ctx)
    if pressed.photo:
        return events.SentMedia("image", "preview"), texts.text("form.file", {}, ctx.language)
    if pressed.day:
        day = date.fromisoformat(pressed.day)
        return events.PickedDate(day), texts.shown(day, ctx.language, "year")
    free = getattr(session.step, "free_text", False)
    words = pressed.said[:2_000]
    choice = pressed.choice or offered(offers, words, numbers=not free)
    if choice:
        return events.Chose(choice), next(
            (offer.label for offer in offers if offer.value == choice), words
        )
    return events.Said(words, None), words


def _offers(session: Session, ctx: Context) -> tuple[Offer, ...]:
    """The choices in sight: those of the step when it asks again."""
    turn = advance(session, events.Entered(), ctx)
    return texts.offers([it for it in turn.effects if isinstance(it, Say)], ctx.language)


def _screen(
    form: Questionnaire, session: Session, done: tuple[Any, ...], ctx: Context, heard: str
) -> Screen:
    says = [it for it in done if isinstance(it, Say)]
    messages, offers = texts.compose(says, ctx.language, str)
    alarm = next((it for it in done if isinstance(it, effects.Alarm | effects.Escalate)), None)
    return Screen(
        messages=messages,
        values=tuple("" if it.value in (MENU, PERSON) else it.value for it in offers),
        heard=heard,
        alarm=(alarm.rule, alarm.level) if alarm else None,
        takes_photo=_takes_photo(form, session),
        over=session.status == "completed",
        state=json.dumps(dump_session(session), ensure_ascii=False),
    )


def _takes_photo(form: Questionnaire, session: Session) -> bool:
    if not isinstance(session.step, flow.Asking) or session.status != "waiting":
        return False
    question = rules.next_question(form, codec.load(session.step.answers))
    return question is not None and question.item.type is ItemType.ATTACHMENT
