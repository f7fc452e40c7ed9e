"""Runs flows. Pure: a session and an event in, a new session and effects out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol, runtime_checkable

from clinic.patient.types import PatientOption
from clinic.questionnaire.types import Questionnaire
from clinic.staff.types import StaffName
from flows.effects import Deed, Request
from flows.events import Chose, Entered, Event

MAX_MOVES_PER_TURN = 20
MAX_HISTORY = 20
BACK = "back"  # the value of a choice that returns to the question before


class FlowError(Exception):
    """A flow is wrong, not the patient. The session ends and staff are told."""


@dataclass(frozen=True, slots=True)
class Reached:
    """The level (1 to 4) that a triage had come to when it was given up unfinished.

    `whose` as `flows.triage_case` names whom it was about.
    """

    whose: str
    level: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Context:
    """Facts the shell reads before a turn, so that steps need no clock and no database."""

    now: datetime  # aware, in the clinic's zone, by the database's clock
    language: str  # BCP 47: ja, en, zh-Hant, zh-Hans or ru
    languages: tuple[str, ...]
    clinic_name: str
    clinic_phone: str
    emergency_number: str
    notice_version: str  # of the privacy notice in force
    channel: str
    consented: bool = True  # to the notice in force
    opted_out: bool = False
    language_chosen: bool = True  # by the patient, not guessed
    owner: Literal["bot", "queue", "staff"] = "bot"
    owner_name: str = ""  # the staff member's, if one answers
    staff: StaffName | None = None  # whose own chat this is; None: a patient's
    patients: tuple[PatientOption, ...] = ()
    desk_opens_at: datetime | None = None  # when staff answer again; None: now, or not known
    crisis_lines: tuple[str, ...] = ()  # name and number, for thoughts of suicide
    forms: Mapping[int, Questionnaire] = field(default_factory=dict)  # those being answered, by id
    reached: tuple[Reached, ...] = ()  # by triages that were given up
    own_greeting: Mapping[str, str] = field(default_factory=dict)  # the clinic's, by language
    own_notice: Mapping[str, str] = field(default_factory=dict)  # what it adds to the notice
    limits: Mapping[str, str] = field(default_factory=dict)  # of readings, that the clinic changed

    @property
    def today(self) -> date:
        """The day in the clinic's zone."""
        return self.now.date()


class Step(Protocol):
    """One point of a conversation, holding exactly what is known there.

    A step that asks for words of the patient's own (a name, a note) declares
    `free_text: ClassVar[bool] = True`: there the router hears only one-word commands, so that
    "please cancel my parking" stays a note. One that can use pictures declares `takes_media`, one
    that goes back by itself, as far as it can, `goes_back`, and one where a "no" must be sure to
    be about the fact that is asked for, `asks_facts`.
    """

    def on(self, event: Event, ctx: Context) -> "Move":
        """Answer an event. `Entered` asks the step to put its question."""
        ...


@runtime_checkable
class Leaving(Protocol):
    """A step that holds something which must be given back when the patient goes elsewhere."""

    def leave(self) -> tuple[Deed, ...]:
        """What to undo when the patient goes back, away or silent from here."""
        ...


@runtime_checkable
class Rising(Protocol):
    """A step whose outcome has a level, which a red flag that is found meanwhile raises."""

    def raised(self, level: int) -> Step:
        """The same step, which ends at this level (1 to 4) at least."""
        ...


@runtime_checkable
class Taking(Protocol):
    """A step whose answer is kept where it is a red flag as well, which is seen to first."""

    def taking(self, text: str) -> Step:
        """The step that follows this answer; itself, if it is none."""
        ...


@runtime_checkable
class LeadsOn(Protocol):
    """A step with which a flow ends so that another one begins in the same turn."""

    def leads_to(self) -> tuple[str, Step | None]:
        """The name of the other flow, and a step of it; None: its beginning."""
        ...


@dataclass(frozen=True, slots=True)
class Move:
    """What a step answers: where the conversation now stands, and what it asks of the world."""

    step: Step
    effects: tuple[Deed, ...] = ()
    request: Request | None = None
    timeout: timedelta | None = None
    status: Literal["waiting", "asking", "moving", "completed"] = "waiting"


def wait(step: Step, *effects: Deed, timeout: timedelta | None = None) -> Move:
    """Say this and wait for the patient."""
    return Move(step, effects, timeout=timeout)


def request(step: Step, what: Request, *effects: Deed) -> Move:
    """Ask the world; its answer comes to this same step in the same turn."""
    return Move(step, effects, request=what, status="asking")


def goto(step: Step, *effects: Deed) -> Move:
    """Go on to another step, which is entered at once."""
    return Move(step, effects, status="moving")


def done(step: Step, *effects: Deed) -> Move:
    """The flow has come to its end."""
    return Move(step, effects, status="completed")


@dataclass(frozen=True, slots=True)
class Flow:
    """A kind of conversation. `steps` are all its step classes, by which stored ones are read."""

    name: str
    version: int
    start: Callable[[], Step]
    steps: tuple[type[Any], ...]


@dataclass(frozen=True, slots=True)
class Session:
    """One patient's run through a flow, pinned to the flow's version.

    `history` are the steps where the patient answered, oldest first: BACK returns along it.
    `answered`: the patient has answered the present step, which now waits for the world.
    """

    flow: str
    version: int
    step: Step
    status: Literal["waiting", "asking", "moving", "completed"] = "waiting"
    request: Request | None = None
    history: tuple[Step, ...] = ()
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What one event brought about. `path` names the steps that were passed."""

    session: Session
    effects: tuple[Deed, ...] = ()
    timeout: timedelta | None = None
    path: tuple[str, ...] = ()


def start(flow: Flow, ctx: Context, step: Step | None = None) -> Turn:
    """Begin a flow, at its first step or at a given one."""
    return advance(Session(flow.name, flow.version, step or flow.start()), Entered(), ctx)


def leave(session: Session) -> tuple[Deed, ...]:
    """What to give back when a session is left where it stands."""
    return session.step.leave() if isinstance(session.step, Leaving) else ()


def advance(session: Session, event: Event, ctx: Context) -> Turn:
    """Carry the session from this event to its next wait, request or end.

    Raises FlowError where the flow contradicts itself.
    """
    if session.status == "completed":
        raise FlowError(f"{session.flow}: session is over")
    if session.request and not isinstance(event, session.request.answers):
        raise FlowError(f"{session.flow}: {type(event).__name__} does not answer the request")
    step, history = session.step, session.history
    answered = session.answered or event.from_patient
    effects: tuple[Deed, ...] = ()
    path: tuple[str, ...] = ()
    if event == Chose(BACK) and history and not getattr(step, "goes_back", False):
        effects += leave(session)
        step, history, event, answered = history[-1], history[:-1], Entered(), False
    for _ in range(MAX_MOVES_PER_TURN):
        path += (type(step).__name__,)
        move = step.on(event, ctx)
        effects += move.effects
        if move.status != "moving":
            session = replace(
                session,
                step=move.step,
                status=move.status,
                request=move.request,
                history=history,
                answered=answered and move.status == "asking",
            )
            return Turn(session, effects, move.timeout, path)
        if answered:  # only what the patient answered is worth coming back to
            history = (*history, step)[-MAX_HISTORY:]
        step, event, answered = move.step, Entered(), False
    raise FlowError(f"{session.flow}: no wait in {MAX_MOVES_PER_TURN} steps, at {path[-1]}")
