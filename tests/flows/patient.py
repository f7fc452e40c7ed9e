"""A patient in whole dialogues with the router."""

from dataclasses import replace

from clinic.booking.types import AppointmentStatus
from flows import booking
from flows.effects import Say
from flows.events import Chose, Said
from flows.play import Play
from tests.flows.world import NOW


class Patient(Play):
    """A patient in a chat. `deeds` and `keys` are of the last event alone."""

    def __init__(self, **facts):
        super().__init__(NOW)
        self.ctx = replace(self.ctx, **facts)
        self.deeds, self.messages = [], ()

    def happen(self, event):
        self.clinic.done.clear()
        self.messages = super().happen(event)
        self.deeds = list(self.clinic.done)
        return self.messages

    def types(self, *lines):
        for line in lines:
            self.happen(Said(line))
        return self

    def presses(self, *values):
        for value in values:
            assert value in self.offered, (value, self.offered)
            self.happen(Chose(value))
        return self

    @property
    def keys(self):
        return [it.text for it in self.deeds if isinstance(it, Say)]

    @property
    def offered(self):
        return [it.value for it in self.dialogue.offers]

    @property
    def flows(self):
        return [it.flow for it in self.dialogue.stack]

    @property
    def step(self):
        return self.dialogue.stack[-1].step

    def deeds_of(self, kind):
        return [it for it in self.deeds if isinstance(it, kind)]


def booking_patient(**facts):
    """Somebody in the middle of booking, who has chosen a service and said who they are."""
    patient = Patient(**facts)
    patient.begin("booking")
    patient.presses("1", "self").types("Hana Yamada").presses("skip")
    assert isinstance(patient.step, booking.PickPractitioner)
    return patient


def holding_patient(**facts):
    """Somebody for whom a time is being held."""
    patient = booking_patient(**facts).presses("soonest")
    patient.presses(patient.offered[0])
    assert any(it.status is AppointmentStatus.HELD for it in patient.clinic.visits.values())
    return patient


def with_visit(**facts):
    """Somebody with a booked visit, and its id and version."""
    patient = holding_patient(**facts).presses("skip", "yes")
    (visit,) = patient.clinic.visits.values()
    return patient, visit
