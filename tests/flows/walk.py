"""Walks every state that a flow can reach, and says what must hold on each turn of any flow."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from flows import texts
from flows.codec import dump_session, load_session
from flows.effects import (
    Alarm,
    BookHeld,
    CancelVisit,
    ConfirmVisit,
    MoveVisit,
    ReleaseHold,
    Request,
    Say,
)
from flows.engine import BACK, Context, Flow, Session, Step, Turn, advance, leave, start
from flows.events import (
    Answer,
    Chose,
    Entered,
    Event,
    PickedDate,
    Said,
    SentMedia,
    SlotHeld,
    TimedOut,
    VisitBooked,
)
from flows.navigation import MENU, PERSON

QUICK_CHOICES = 13  # LINE shows no more
LABEL = 20  # characters of a quick reply on LINE


@dataclass(frozen=True)
class Passed:
    """One turn on the way: where it began, what the patient saw there, and what came of it."""

    session: Session | None
    event: Event | None
    turn: Turn
    shown: tuple[Say, ...] = ()  # before the turn
    held: frozenset[int] = field(default_factory=frozenset)  # after the turn


def says(turn: Turn) -> tuple[Say, ...]:
    """What a turn tells the patient."""
    return tuple(effect for effect in turn.effects if isinstance(effect, Say))


def walk(
    flow: Flow,
    ctx: Context,
    answers: Callable[[Request], Iterable[Answer]],
    words: Iterable[Event] = (Said("?!"), SentMedia("image"), Chose("?"), TimedOut()),
    step: Step | None = None,
    limit: int = 20_000,
    goes_on: Callable[[Session], bool] = lambda _: True,
) -> Iterator[Passed]:
    """Every turn from every state that can be reached.

    In each the patient presses each offered choice, does each of `words`, and once goes away and
    comes back. A request is answered by each of `answers`. Two states are one if they differ only
    in how the patient came there, except for the question that is one step back. Nothing is walked
    beyond a session for which `goes_on` is false.
    """
    turn = start(flow, ctx, step)
    first = Passed(None, None, turn, (), _held(frozenset(), None, turn))
    queue, known = deque([first]), set()
    yield first
    while queue:
        here = queue.popleft()
        session = here.turn.session
        last = session.history[-1] if session.history else None
        key = (session.step, session.status, session.request, type(last))
        if key in known or session.status == "completed" or not goes_on(session):
            continue
        known.add(key)
        assert len(known) < limit, "this flow does not come to an end of states"
        shown = here.shown if session.request and here.event else says(here.turn)
        for event in _events(session, says(here.turn), answers, words):
            held = here.held
            if isinstance(event, Entered):  # as the router leaves a session and comes back to it
                released = {
                    it.appointment_id for it in leave(session) if isinstance(it, ReleaseHold)
                }
                held -= released
            turn = advance(session, event, ctx)
            passed = Passed(session, event, turn, shown, _held(held, event, turn))
            yield passed
            queue.append(passed)


def _events(
    session: Session,
    told: tuple[Say, ...],
    answers: Callable[[Request], Iterable[Answer]],
    words: Iterable[Event],
) -> Iterator[Event]:
    if session.request:
        yield from answers(session.request)
        return
    for choice in told[-1].choices:
        if choice.value in (MENU, PERSON) or (choice.value == BACK and not session.history):
            continue  # the router's
        yield Chose(choice.value)
    yield from words
    if dates := told[-1].date_range:
        yield PickedDate(dates.initial)
    yield Entered()


def _held(held: frozenset[int], event: Event | None, turn: Turn) -> frozenset[int]:
    if isinstance(event, SlotHeld):
        held |= {event.appointment_id}
    if isinstance(event, VisitBooked):
        held = frozenset()  # it is a visit now
    return held - {it.appointment_id for it in turn.effects if isinstance(it, ReleaseHold)}


# What must hold on every turn ---------------------------------------------------------------------


_readable: set[str] = set()


def assert_safe(passed: Passed) -> None:
    """The invariants of every flow."""
    turn = passed.turn
    session, told = turn.session, says(turn)
    alarms = any(isinstance(it, Alarm) for it in turn.effects)  # then the router speaks
    assert told or session.request or alarms, "who says nothing leaves the patient waiting"
    assert load_session(dump_session(session)) == session
    assert all(not say.choices for say in told[:-1]), "choices are offered last"
    for say in told:
        if (known := repr(say)) not in _readable:  # most are said on many turns
            assert_readable(say)
            _readable.add(known)
    if session.status == "waiting":
        assert turn.timeout, "a question without an end"
        assert_ways_out(told[-1])
    step_holds = getattr(session.step, "hold", None)
    assert passed.held == ({step_holds} if step_holds and session.status != "completed" else set())
    if session.request:
        assert_wanted(passed, session.request)


def assert_readable(say: Say) -> None:
    """A message stands in every language, with all its values."""
    keys = [(say.text, say.params), *((it.label, it.params) for it in say.choices)]
    keys += [(row.label, {}) for row in say.rows] + [(link.label, {}) for link in say.links]
    keys += [(say.title, {})] if say.title else []
    for language in texts.LANGUAGES:
        for key, params in keys:
            forms = texts.CATALOGUES[language][key]
            assert all(texts.fields(form) <= set(params) for form in forms), (language, key)
        labels = [texts.text(it.label, it.params, language) for it in say.choices]
        assert len(set(labels)) == len(labels), (language, labels)
        fixed = [texts.text(it.label, {}, language) for it in say.choices if not it.params]
        assert all(len(label) <= LABEL for label in fixed), (language, fixed)


def assert_ways_out(say: Say) -> None:
    """A question can be left backwards and to the menu, and fits the narrowest channel."""
    values = [choice.value for choice in say.choices]
    assert {BACK, MENU} <= set(values)
    assert len(set(values)) == len(values)
    assert len(values) + bool(say.date_range) <= QUICK_CHOICES, values
    assert sum(choice.role == "primary" for choice in say.choices) <= 1


def assert_wanted(passed: Passed, what: Request) -> None:
    """Nothing is booked, moved, cancelled or confirmed but what was shown, after a yes to it."""
    step = passed.turn.session.step
    card = {row.value for say in passed.shown[-1:] for row in say.rows}
    match what:
        case BookHeld(appointment_id, note):
            goal, slot = step.goal, step.slot
            assert appointment_id == step.hold
            wanted = {goal.patient.name, goal.service.name, slot.practitioner_name, slot.starts_at}
            wanted |= {note} if note else set()
        case MoveVisit(appointment_id, version, slot):
            visit = step.goal.visit
            assert (appointment_id, version) == (visit.id, visit.version)
            wanted = {visit.patient_name, visit.starts_at, slot.starts_at, slot.practitioner_name}
        case CancelVisit(appointment_id, version):
            visit = step.visit
            assert (appointment_id, version) == (visit.id, visit.version)
            wanted = {visit.patient_name, visit.starts_at, visit.practitioner_name}
        case ConfirmVisit(appointment_id, version):
            assert (appointment_id, version) == (step.visit.id, step.visit.version)
            pressed = getattr(passed.session.step, "wants", None) == "confirm"
            assert pressed or passed.event == Chose("confirm")
            return
        case _:
            return
    assert passed.event == Chose("yes")
    assert wanted <= card, (wanted, card)
