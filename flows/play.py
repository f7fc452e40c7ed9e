"""A whole dialogue in memory, for `kayoi play FLOW`: a small clinic that answers every request.

Pure: the caller gives the time, shows the messages and reads the lines.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from clinic.booking.types import (
    AppointmentStatus,
    DayOption,
    PractitionerOption,
    ServiceOption,
    Slot,
    Visit,
)
from clinic.message.types import Message
from clinic.patient.types import PatientOption
from clinic.policy.types import Purpose
from flows import effects, events, texts
from flows.ahead_effects import AskForCall, ListAhead, StopPlan
from flows.ahead_events import AheadListed, PlanOver
from flows.campaign_effects import AnswerCampaign
from flows.campaign_events import CampaignGone
from flows.codec import dump_session, load_session
from flows.dialogue import Dialogue, Reaction, answer, receive
from flows.document_effects import AnswerDocument, OpenDocument
from flows.document_events import DocumentGone
from flows.engine import Context
from flows.form_effects import ListForms, OpenForm, SubmitForm
from flows.navigation import START
from flows.plan_effects import AnswerPlan
from flows.plan_events import PlanGone
from flows.queue_effects import ReadQueue
from flows.queue_events import QueueRead
from flows.readings_effects import KeepReadings
from flows.readings_events import ReadingsKept
from flows.subscription import CHOSEN
from flows.subscription_effects import ChooseMessages, ReadMessages
from flows.subscription_events import MessagesRead
from flows.triage_effects import AnswerCheckIn
from flows.triage_events import CheckInGone
from flows.waitlist_effects import (
    DeclineOffer,
    JoinWaitlist,
    LeaveWaitlist,
    ListWaiting,
    TakeOffer,
)
from flows.waitlist_events import OfferMissed, WaitingListed, WaitlistJoined, WaitlistLeft
from nlu.reading import Reading

SERVICES = (ServiceOption(1, "General medicine", 30), ServiceOption(2, "Check-up", 60))
PRACTITIONERS = (PractitionerOption(1, "Dr. Sato"), PractitionerOption(2, "Dr. Ito"))
OPENING = (time(9), time(10), time(11), time(14), time(15), time(16))  # Monday to Friday
HORIZON = 60  # days
HOLD = timedelta(minutes=5)
MOST_OPEN = 3  # coming visits of one patient
FAQ = {"opening_hours": "Monday to Friday, 9:00 to 17:00"}
CODE = "ABCD2345"  # links the chat to a record, once

_OfAVisit = effects.ReadVisit | effects.MoveVisit | effects.CancelVisit | effects.ConfirmVisit


class Clinic:
    """The clinic's books. `done` lists what flows did besides talking."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.patients: tuple[PatientOption, ...] = ()
        self.visits: dict[int, Visit] = {}
        self.code = CODE
        self.wrong_codes = 0
        self.last_id = 100
        self.done: list[effects.Deed] = []
        self.messages: set[Purpose] = {"education"}

    def settle(self, deed: effects.Deed) -> None:
        """Do what a flow asked for; talking is the caller's."""
        if isinstance(deed, effects.ReleaseHold):
            self.visits.pop(deed.appointment_id, None)
        if isinstance(deed, ChooseMessages):
            self.messages ^= {deed.purpose}
        self.done.append(deed)

    def answer(self, what: effects.Request) -> events.Answer:
        """Answer a request out of the books."""
        match what:
            case effects.ListServices():
                return events.ServicesListed(SERVICES)
            case effects.ListPractitioners():
                return events.PractitionersListed(PRACTITIONERS)
            case effects.FindDays():
                return self._days(what)
            case effects.FindSlots():
                days = [what.on] if what.on else self._horizon(self.now.date())
                return events.SlotsFound(self._free(what, days)[: what.limit])
            case effects.HoldSlot():
                return self._hold(what)
            case effects.BookHeld():
                return self._book(what)
            case effects.ListVisits():
                return events.VisitsListed(self._coming())
            case effects.ReadVisit():
                visit = self._unchanged(what.appointment_id, what.version)
                return events.VisitsListed((visit,)) if visit else self._changed(what)
            case effects.MoveVisit():
                return self._move(what)
            case effects.CancelVisit():
                visit = self._unchanged(what.appointment_id, what.version)
                if visit is None:
                    return self._changed(what)
                return events.VisitCancelled(self._save(visit, status=AppointmentStatus.CANCELLED))
            case effects.ConfirmVisit():
                visit = self._unchanged(what.appointment_id, what.version)
                if visit is None:
                    return self._changed(what)
                return events.VisitConfirmed(self._save(visit, confirmed=True))
            case effects.AddPatient():
                return self._add(what)
            case effects.ReadFaq():
                return events.FaqRead(FAQ.get(what.topic, ""))
            case ListForms():
                return events.FormsListed(())
            case OpenForm() | SubmitForm():
                return events.FormGone()
            case AnswerCampaign():
                return CampaignGone()
            case OpenDocument() | AnswerDocument():
                return DocumentGone()
            case AnswerPlan():
                return PlanGone()
            case ListAhead():
                return AheadListed(())
            case AskForCall() | StopPlan():
                return PlanOver()
            case ReadQueue():
                return QueueRead(())
            case ReadMessages():
                return MessagesRead(tuple(one for one in CHOSEN if one in self.messages))
            case KeepReadings():
                return ReadingsKept((), ())
            case AnswerCheckIn():
                return CheckInGone()
            case ListWaiting():
                return WaitingListed(())
            case JoinWaitlist():
                return WaitlistJoined()
            case LeaveWaitlist():
                return WaitlistLeft()
            case TakeOffer() | DeclineOffer():
                return OfferMissed("unknown")
            case effects.TryStaffCode():
                return events.LinkRefused("wrong")
            case effects.ActOnEscalation() | effects.CloseEscalation() | effects.WriteToPatient():
                return events.EscalationAnswered("gone")
        return self._link(what)

    def _horizon(self, from_on: date) -> list[date]:
        first = max(from_on, self.now.date() + timedelta(days=1))
        last = self.now.date() + timedelta(days=HORIZON)
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return [day for day in days if day.weekday() < 5]

    def _free(
        self, what: effects.FindSlots | effects.FindDays, days: list[date]
    ) -> tuple[Slot, ...]:
        service = next(it for it in SERVICES if it.id == what.service_id)
        length = timedelta(minutes=service.minutes)
        found = []
        for day in days:
            for start in OPENING:
                starts_at = datetime.combine(day, start, self.now.tzinfo)
                for who in PRACTITIONERS:
                    if what.practitioner_id in (None, who.id):
                        ends_at = starts_at + length
                        found.append(
                            Slot(service.id, 1, "Main", who.id, who.name, starts_at, ends_at, ())
                        )
        return tuple(slot for slot in found if not self._busy(slot, what.moving))

    def _busy(self, slot: Slot, moving: int | None = None) -> bool:
        return any(
            it.practitioner_id == slot.practitioner_id
            and it.starts_at < slot.ends_at
            and slot.starts_at < it.ends_at
            for it in self.visits.values()
            if it.id != moving and it.status is not AppointmentStatus.CANCELLED
        )

    def _days(self, what: effects.FindDays) -> events.DaysFound:
        days = [
            DayOption(day, len(free))
            for day in self._horizon(what.from_on)
            if (free := self._free(what, [day]))
        ]
        return events.DaysFound(tuple(days[: what.limit]), more=len(days) > what.limit)

    def _hold(self, what: effects.HoldSlot) -> events.Answer:
        if self._busy(what.slot):
            return self._taken(what.slot)
        open_ones = [it for it in self._coming() if it.patient_id == what.patient_id]
        if len(open_ones) >= MOST_OPEN:
            return events.BookingRefused("too_many", MOST_OPEN)
        self.last_id += 1
        slot, number = what.slot, self.last_id
        who = next(it for it in self.patients if it.id == what.patient_id)
        service = next(it for it in SERVICES if it.id == slot.service_id)
        self.visits[number] = Visit(
            id=number,
            version=1,
            status=AppointmentStatus.HELD,
            patient_id=who.id,
            patient_name=who.name,
            service_id=service.id,
            service_name=service.name,
            practitioner_id=slot.practitioner_id,
            practitioner_name=slot.practitioner_name,
            site_id=slot.site_id,
            site_name=slot.site_name,
            site_address="",
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
        )
        return events.SlotHeld(number, self.now + HOLD)

    def _taken(self, slot: Slot) -> events.SlotTaken:
        what = effects.FindSlots(slot.service_id, None, slot.starts_at.date(), 3)
        return events.SlotTaken(self._free(what, [slot.starts_at.date()])[:3])

    def _book(self, what: effects.BookHeld) -> events.Answer:
        held = self.visits[what.appointment_id]
        return events.VisitBooked(self._save(held, status=AppointmentStatus.BOOKED))

    def _move(self, what: effects.MoveVisit) -> events.Answer:
        visit = self._unchanged(what.appointment_id, what.version)
        if visit is None:
            return self._changed(what)
        if self._busy(what.slot, visit.id):
            return self._taken(what.slot)
        return events.VisitMoved(
            self._save(
                visit,
                starts_at=what.slot.starts_at,
                ends_at=what.slot.ends_at,
                practitioner_id=what.slot.practitioner_id,
                practitioner_name=what.slot.practitioner_name,
            )
        )

    def _save(self, visit: Visit, **changes: Any) -> Visit:
        changed = replace(visit, version=visit.version + 1, **changes)
        self.visits[visit.id] = changed
        return changed

    def _coming(self) -> tuple[Visit, ...]:
        booked = [it for it in self.visits.values() if it.status is AppointmentStatus.BOOKED]
        return tuple(sorted(booked, key=lambda it: (it.starts_at, it.id)))

    def _unchanged(self, appointment_id: int, version: int) -> Visit | None:
        visit = self.visits.get(appointment_id)
        booked = visit and visit.status is AppointmentStatus.BOOKED
        return visit if visit and booked and visit.version == version else None

    def _changed(self, what: _OfAVisit) -> events.VisitChanged:
        return events.VisitChanged(self.visits.get(what.appointment_id))

    def _add(self, what: effects.AddPatient) -> events.PatientAdded:
        added = PatientOption(
            len(self.patients) + 1, what.name, what.relation, proven=False, birth_on=what.birth_on
        )
        self.patients += (added,)
        return events.PatientAdded(added)

    def _link(self, what: effects.TryLinkCode) -> events.Answer:
        if what.code == self.code:
            self.code = ""
            linked = PatientOption(len(self.patients) + 1, "Hana Yamada", "self", proven=True)
            self.patients += (linked,)
            return events.Linked(linked)
        self.wrong_codes += 1
        return events.LinkRefused("wrong" if self.wrong_codes < 5 else "too_many")


class Play:
    """One patient at the clinic. Sessions are stored and reloaded between turns."""

    def __init__(
        self,
        now: datetime,
        language: str = "en",
        interpret: Callable[[str, str], Reading | None] = lambda _text, _language: None,
    ) -> None:
        """`interpret` reads a text in a language."""
        self.clinic, self.interpret = Clinic(now), interpret
        self.dialogue = Dialogue()
        self.timeout: timedelta | None = None
        self.ctx = Context(
            now=now,
            language=language,
            languages=texts.LANGUAGES,
            clinic_name="Kayoi Clinic",
            clinic_phone="03-0000-0000",
            emergency_number="119",
            notice_version="1",
            channel="webchat",
        )

    def begin(self, flow: str) -> tuple[Message, ...]:
        """Open a flow by name. Raises KeyError if there is none."""
        if flow == "welcome":
            self.ctx = replace(self.ctx, consented=False, language_chosen=False)
            return self.happen(events.Began())
        return self.happen(events.Chose(START + flow))

    def hear(self, line: str) -> tuple[Message, ...]:
        """What the patient types: the number of a choice, or words."""
        number = int(line) if line.strip().isdecimal() else 0
        if 1 <= number <= len(self.dialogue.offers):
            return self.happen(events.Chose(self.dialogue.offers[number - 1].value))
        return self.happen(events.Said(line, self.interpret(line, self.ctx.language)))

    def happen(self, event: events.Event) -> tuple[Message, ...]:
        """Carry one event through the conversation, and say what came of it."""
        says: list[effects.Say] = []
        reaction = receive(self.dialogue, event, self.ctx)
        while True:
            self._settle(reaction, says)
            if reaction.request is None:
                break
            reaction = answer(self.dialogue, self.clinic.answer(reaction.request), self.ctx)
        messages, _ = texts.compose(says, self.ctx.language, str)
        return messages

    def _settle(self, reaction: Reaction, says: list[effects.Say]) -> None:
        ctx = self.ctx
        for deed in reaction.effects:
            self.clinic.settle(deed)
            match deed:
                case effects.Say():
                    says.append(deed)
                case effects.SetLanguage(language):
                    ctx = replace(ctx, language=language, language_chosen=True)
                case effects.GiveConsent():
                    ctx = replace(ctx, consented=True)
                case effects.OptOut():
                    ctx = replace(ctx, opted_out=True)
                case effects.OptIn():
                    ctx = replace(ctx, opted_out=False)
                case effects.Handoff():
                    ctx = replace(ctx, owner="queue")
                case effects.TakeBack():
                    ctx = replace(ctx, owner="bot")
        self.ctx, self.timeout = replace(ctx, patients=self.clinic.patients), reaction.timeout
        stack = tuple(load_session(dump_session(it)) for it in reaction.dialogue.stack)
        self.dialogue = replace(reaction.dialogue, stack=stack)
