"""Who books what in the tests of booking."""

from dataclasses import replace

from flows import booking
from flows.events import Chose, Said, SentMedia
from tests.flows.talk import Talk
from tests.flows.world import CHECK_UP, CTX, DENTAL, HANA, ITO, KEN, SATO, World, at, day, slot

TOMORROW, AFTER = day(1).isoformat(), day(2).isoformat()
TEN, HALF_PAST_TEN = slot(at(day(1), 10)), slot(at(day(1), 10, 30))
SEVERAL = World(services=(CHECK_UP, DENTAL), practitioners=(SATO, ITO))
FAMILY = replace(CTX, patients=(HANA, KEN))
NOBODY = replace(CTX, patients=())
WORDS = (Said("?!"), Chose("?"), SentMedia("image"))


def to_card(*events, **how):
    """A patient who has come as far as the card of the visit at ten tomorrow."""
    return Talk(booking.flow, **how).do(TOMORROW, TEN.key, "skip", *events)
