"""To the staff's queue, at once: whoever asks for a person is asked no further question."""

from dataclasses import dataclass

from flows import texts
from flows.effects import Choice, Handoff, Offer, Say
from flows.engine import Context, Flow, Move, done
from flows.events import Event
from flows.navigation import TAKE_BACK

take_back = Choice(TAKE_BACK, "handoff.take_back")  # a button that stays: the wait may be long


def offers(ctx: Context) -> tuple[Offer, ...]:
    """That button as the patient sees it."""
    return (Offer(take_back.value, texts.text(take_back.label, {}, ctx.language)),)


def waiting(ctx: Context) -> Say:
    """How it stands for a patient in the queue or with staff. No promise that is not known."""
    if ctx.owner == "staff":
        return Say("handoff.with_staff", choices=(take_back,))
    return Say("handoff.in_queue", {"phone": ctx.clinic_phone}, (take_back,))


@dataclass(frozen=True, slots=True)
class Queue:
    """`reason` is a code for staff; what it is about the patient writes in the chat."""

    reason: str = "asked"

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Hand over, and say when somebody answers as far as that is known."""
        numbers = {"phone": ctx.clinic_phone, "number": ctx.emergency_number}
        urgent = Say("handoff.if_urgent", numbers, (take_back,))
        if ctx.desk_opens_at and ctx.desk_opens_at > ctx.now:
            queued = Say("handoff.queued_closed", {"opens_at": ctx.desk_opens_at})
        else:
            queued = Say("handoff.queued")
        return done(self, Handoff(self.reason), queued, urgent)


flow = Flow("handoff", version=1, start=Queue, steps=(Queue,))
