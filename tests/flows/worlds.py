"""The walks that show all of a flow: for its diagram and its stored sessions."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from clinic.triage.types import Facts
from flows import ahead, booking, family, readings, subscription, triage, visits, waitlist
from flows.engine import Session
from flows.events import Chose, Said
from flows.triage_case import Case
from flows.visits import move_step
from tests.flows.walk import Passed, walk
from tests.flows.world import CTX, HANA, ITO, KEN, SATO, VISIT, World

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


# Both halves of the questions: with a named practitioner, and instead of a later visit. Of the days
# only the last ones are walked, since each may be chosen or not.
HOPING = waitlist.Wanting(
    HANA.id, HANA.name, 1, "Check-up", SATO.id, SATO.name, weekdays=(0, 1, 2, 3)
)
EARLIER = replace(
    HOPING, practitioner_id=None, practitioner_name="", visit_id=41, visit_at=VISIT.starts_at
)
EARLIER = replace(EARLIER, until_on=VISIT.starts_at.date())


def _last_days(session: Session) -> bool:
    days = session.step.wanting.weekdays if isinstance(session.step, waitlist.AskDays) else None
    return _own(session) and (days is None or len(days) in (0, 6))


def _waitlist() -> Iterator[Passed]:
    typed = (Said("?!"),)
    yield from walk(waitlist.flow, CTX, World().answers, typed)
    for wanting in (HOPING, EARLIER):
        part = waitlist.AskPart(wanting=wanting)
        yield from walk(waitlist.flow, CTX, World().answers, typed, part, goes_on=_last_days)
    for take in (True, False):
        answering = waitlist.answer_step(61, take=take)
        yield from walk(waitlist.flow, CTX, World().answers, (), answering, goes_on=_own)


MEASURED = (
    Said("120/80 pulse 70"),
    Said("bp 190/125"),
    Said("sugar 25"),
    Said("35/80"),
    Said("72"),
    Said("nothing"),
    Chose("?"),
)


def _readings() -> Iterator[Passed]:
    yield from walk(readings.flow, FAMILY, World().answers, MEASURED)
    yield from walk(readings.flow, replace(CTX, patients=()), World().answers, MEASURED)
    yield from walk(readings.flow, CTX, World().answers, MEASURED, readings.enter_step(HANA.id, 1))


def _subscription() -> Iterator[Passed]:
    for ctx in (CTX, replace(CTX, consented=False), replace(CTX, opted_out=True)):
        yield from walk(subscription.flow, ctx, World().answers, (Said("?!"),))


def _ahead() -> Iterator[Passed]:
    for ctx in (CTX, replace(CTX, opted_out=True)):
        yield from walk(ahead.flow, ctx, World().answers, (Said("?!"),))


WALKS: dict[str, Callable[[], Iterator[Passed]]] = {
    "booking": _booking,
    "visits": _visits,
    "family": _family,
    "triage": _triage,
    "waitlist": _waitlist,
    "readings": _readings,
    "subscription": _subscription,
    "ahead": _ahead,
}
