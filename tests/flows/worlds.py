"""The walks that show all of a flow: for its diagram and its stored sessions."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from clinic.triage.types import Facts
from flows import booking, family, triage, visits
from flows.engine import Session
from flows.events import Said
from flows.triage_case import Case
from flows.visits import move_step
from tests.flows.walk import Passed, walk
from tests.flows.world import CTX, HANA, ITO, KEN, SATO, World

NAMED = (Said("Taro Yamada"), Said(HANA.name), Said("1948-03-05"))
TWO = World(practitioners=(SATO, ITO))
FAMILY = replace(CTX, patients=(HANA, KEN))


def _booking() -> Iterator[Passed]:
    # Two smaller walks, since trouble and changes of mind would multiply each other.
    yield from walk(booking.flow, FAMILY, World(trouble=False).answers, NAMED)
    yield from walk(booking.flow, CTX, TWO.answers, ())


def _visits() -> Iterator[Passed]:
    yield from walk(visits.flow, CTX, World().answers, ())
    yield from walk(visits.flow, CTX, World().answers, (), move_step(41, 3))


def _family() -> Iterator[Passed]:
    yield from walk(family.flow, CTX, World().answers, NAMED)


# All but the last questions of a presentation, denied.
NEARLY = Case(
    who=Facts(30, "male"),
    patient_id=HANA.id,
    name=HANA.name,
    presentation="nosebleed",
    answers=(
        ("first_check", "no"),
        ("not_stopping", "no"),
        ("anticoagulant", "no"),
        ("function", "no"),
        ("getting_worse", "no"),
        ("severity", 2),
    ),
)


def _own(session: Session) -> bool:
    """Whether a session of the triage is not yet in the booking that it leads to."""
    return type(session.step) not in booking.STEPS


def _beforehand(session: Session) -> bool:
    case = getattr(session.step, "case", None)
    return _own(session) and case is not None and not case.presentation


def _nearly(session: Session) -> bool:
    """Whether it is at the last questions, or after them."""
    case = getattr(session.step, "case", None)
    return _own(session) and case is not None and len(case.answers) >= len(NEARLY.answers)


def _triage() -> Iterator[Passed]:
    # Every presentation with every answer is the engine's own walk.
    typed = (Said("78"), Said("my head hurts"), Said("?!"))
    yield from walk(triage.flow, FAMILY, World().answers, typed, goes_on=_beforehand)
    asking = triage.Asking(case=NEARLY, start=1)
    yield from walk(triage.flow, CTX, World().answers, (), asking, goes_on=_nearly)
    yield from walk(triage.flow, CTX, World().answers, (), triage.SideEffect(), goes_on=_beforehand)
    for how in ("better", "same", "worse"):
        step = triage.check_in_step(5, how)
        yield from walk(triage.flow, CTX, World().answers, (), step, goes_on=_checked_in)


def _checked_in(session: Session) -> bool:
    return isinstance(session.step, triage.CheckedIn)


WALKS: dict[str, Callable[[], Iterator[Passed]]] = {
    "booking": _booking,
    "visits": _visits,
    "family": _family,
    "triage": _triage,
}
