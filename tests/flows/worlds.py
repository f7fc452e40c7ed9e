"""The walks that show all of a flow: for its diagram and its stored sessions."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from flows import booking, family, visits
from flows.events import Said
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


WALKS: dict[str, Callable[[], Iterator[Passed]]] = {
    "booking": _booking,
    "visits": _visits,
    "family": _family,
}
