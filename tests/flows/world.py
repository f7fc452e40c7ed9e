"""A small clinic for flows to talk to: its facts, and every answer it may give to a request."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from clinic.booking.types import (
    AppointmentStatus,
    DayOption,
    PractitionerOption,
    ServiceOption,
    Slot,
    Visit,
)
from clinic.observation.types import Finding, Point, Trend
from clinic.patient.types import PatientOption
from clinic.plan.types import Ahead, Coming
from clinic.triage.types import Facts
from clinic.waitlist.types import Waiting, Wishes
from flows import effects, events
from flows.ahead_effects import AskForCall, ListAhead, StopPlan
from flows.ahead_events import AheadListed, PlanCallAsked, PlanOver, PlanStopped
from flows.engine import Context
from flows.readings_effects import KeepReadings
from flows.readings_events import ReadingsKept, ReadingsRefused
from flows.subscription import CHOSEN
from flows.subscription_effects import ReadMessages
from flows.subscription_events import MessagesRead
from flows.triage_effects import AnswerCheckIn
from flows.triage_events import CheckInAnswered, CheckInGone
from flows.waitlist_effects import (
    DeclineOffer,
    JoinWaitlist,
    LeaveWaitlist,
    ListWaiting,
    TakeOffer,
)
from flows.waitlist_events import (
    OfferDeclined,
    OfferMissed,
    OfferTaken,
    WaitingListed,
    WaitlistJoined,
    WaitlistLeft,
)

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 23, 9, 20, tzinfo=TOKYO)  # a Monday
TODAY = NOW.date()
CHECK_UP = ServiceOption(1, "Check-up", 20)
DENTAL = ServiceOption(2, "Dental cleaning", 40)
SATO = PractitionerOption(11, "Dr. Sato")
ITO = PractitionerOption(12, "Dr. Ito")
HANA = PatientOption(21, "山田 花", "self", proven=True)
KEN = PatientOption(22, "山田 健", "child", proven=False)
CTX = Context(
    now=NOW,
    language="en",
    languages=("ja", "en", "zh-Hant", "zh-Hans", "ru"),
    clinic_name="Kayoi Clinic",
    clinic_phone="03-0000-0000",
    emergency_number="119",
    notice_version="1",
    channel="webchat",
    patients=(HANA,),
)


def day(number: int) -> date:
    """The day so many days from today."""
    return TODAY + timedelta(days=number)


def at(on: date, hour: int, minute: int = 0) -> datetime:
    """An instant of a day in the clinic's zone."""
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=TOKYO)


def slot(starts_at: datetime, who: PractitionerOption = SATO, service: ServiceOption = CHECK_UP):
    """A free slot at the clinic's only site."""
    ends_at = starts_at + timedelta(minutes=service.minutes)
    return Slot(service.id, 31, "Main house", who.id, who.name, starts_at, ends_at, (who.id,))


VISIT = Visit(
    id=41,
    version=3,
    status=AppointmentStatus.BOOKED,
    patient_id=HANA.id,
    patient_name=HANA.name,
    service_id=CHECK_UP.id,
    service_name=CHECK_UP.name,
    practitioner_id=SATO.id,
    practitioner_name=SATO.name,
    site_id=31,
    site_name="Main house",
    site_address="1-2-3 Chiyoda, Tokyo",
    starts_at=at(day(2), 10),
    ends_at=at(day(2), 10, 20),
    calendar_url="https://clinic.example/visits/abc.ics",
)
KENS_VISIT = replace(
    VISIT,
    id=42,
    version=1,
    patient_id=KEN.id,
    patient_name=KEN.name,
    starts_at=at(day(3), 15),
    site_address="",
    calendar_url="",
    confirmed=True,
)
MOVED_BY_STAFF = replace(VISIT, version=4, starts_at=at(day(5), 11))
CANCELLED = replace(VISIT, version=5, status=AppointmentStatus.CANCELLED)
PAST = replace(VISIT, version=6, starts_at=NOW - timedelta(hours=1))


WAITING = Waiting(
    51,
    HANA.id,
    HANA.name,
    CHECK_UP,
    SATO,
    Wishes(TODAY, day(14), (0, 4), "morning"),
    NOW - timedelta(days=2),
)
KENS_WAITING = replace(
    WAITING,
    id=52,
    patient_id=KEN.id,
    patient_name=KEN.name,
    practitioner=None,
    wishes=Wishes(TODAY, day(3)),
    visit_at=KENS_VISIT.starts_at,
)

AHEAD = Ahead(
    71,
    HANA.name,
    (
        Coming("form", at(day(2), 9), again=3, until=at(day(23), 9)),
        Coming("message", at(day(30), 10)),
        Coming("readings", at(day(31), 8), ("blood_pressure", "pulse")),
    ),
    ("call", "stop"),
)
KENS_AHEAD = Ahead(72, KEN.name, (Coming("message", at(day(5), 10)),))

TREND = Trend(
    "blood_pressure",
    "mmHg",
    (
        Point(day(-2), Decimal(128), Decimal(76)),
        Point(day(-1), Decimal(135), Decimal(80), "up"),
        Point(day(0), Decimal(130), None, "down"),
    ),
    Decimal(131),
    Decimal(78),
)
WATCHED = Finding("weight", 2, "weight", "rise")
GRAVE = Finding("blood_pressure", 3, "systolic", "from")
GRAVER = Finding("spo2", 4, "spo2", "below")


@dataclass(frozen=True)
class World:
    """What there is, and how badly requests may go.

    With `trouble` every request is also answered by each refusal there is.
    """

    services: tuple[ServiceOption, ...] = (CHECK_UP,)
    practitioners: tuple[PractitionerOption, ...] = (SATO,)
    days: tuple[date, ...] = (day(1), day(2))
    starts: tuple[tuple[int, int], ...] = ((10, 0), (10, 30))
    visits: tuple[Visit, ...] = (VISIT, KENS_VISIT)
    trouble: bool = True
    alternatives: tuple[Slot, ...] = field(
        default=(slot(at(day(4), 9)), slot(at(day(4), 9), ITO), slot(at(day(4), 11), ITO))
    )

    def slots(self, what: effects.FindSlots) -> tuple[Slot, ...]:
        """The free slots that a search finds."""
        service = next(it for it in (*self.services, CHECK_UP) if it.id == what.service_id)
        who = [it for it in self.practitioners if what.practitioner_id in (None, it.id)]
        days = [what.on] if what.on else self.days
        found = [
            slot(at(on, *start), it, service) for on in days for start in self.starts for it in who
        ]
        return tuple(found[: what.limit])

    def answers(self, what: effects.Request) -> tuple[events.Answer, ...]:
        """Everything that can come back, the good answer first."""
        good = self.good(what)
        return (good, *self.bad(what)) if self.trouble else (good,)

    def good(self, what: effects.Request) -> events.Answer:
        """The answer of a clinic where all goes well."""
        visit = KENS_VISIT if getattr(what, "appointment_id", 0) == KENS_VISIT.id else VISIT
        match what:
            case effects.ListServices():
                return events.ServicesListed(self.services)
            case effects.ListPractitioners():
                return events.PractitionersListed(self.practitioners)
            case effects.FindDays(from_on=from_on, limit=limit):
                days = [DayOption(it, len(self.starts)) for it in self.days if it >= from_on]
                return events.DaysFound(tuple(days[:limit]), more=len(days) > limit)
            case effects.FindSlots():
                return events.SlotsFound(self.slots(what))
            case effects.HoldSlot(held):
                # As the database tells it: in UTC.
                until = (NOW + timedelta(minutes=5)).astimezone(UTC)
                return events.SlotHeld(int(f"{held.starts_at:%d%H%M}"), until)
            case effects.BookHeld():
                return events.VisitBooked(VISIT)
            case effects.ListVisits():
                return events.VisitsListed(self.visits)
            case effects.ReadVisit():
                return events.VisitsListed((visit,))
            case effects.MoveVisit(_, version, to):
                moved = replace(visit, version=version + 1, starts_at=to.starts_at)
                return events.VisitMoved(moved)
            case effects.CancelVisit():
                return events.VisitCancelled(
                    replace(visit, version=9, status=AppointmentStatus.CANCELLED)
                )
            case effects.ConfirmVisit():
                return events.VisitConfirmed(replace(visit, version=9, confirmed=True))
            case effects.AddPatient(name, relation, birth_on):
                return events.PatientAdded(PatientOption(29, name, relation, False, birth_on))
            case KeepReadings():
                return ReadingsKept((), (TREND,))
            case AnswerCheckIn():
                return CheckInAnswered("headache", Facts(30, "male"), HANA.id, HANA.name, 1)
            case ReadMessages():
                return MessagesRead(("education",))
            case effects.ReadFaq(topic):
                return events.FaqRead(f"All about {topic}.")
            case ListWaiting():
                return WaitingListed((WAITING, KENS_WAITING))
            case JoinWaitlist():
                return WaitlistJoined()
            case LeaveWaitlist():
                return WaitlistLeft()
            case TakeOffer():
                return OfferTaken(VISIT)
            case DeclineOffer():
                return OfferDeclined(waits=True)
            case ListAhead():
                return AheadListed((AHEAD, KENS_AHEAD))
            case AskForCall():
                return PlanCallAsked(HANA.name)
            case StopPlan():
                return PlanStopped(HANA.name)
        raise AssertionError(what)

    def missed(self) -> tuple[events.Answer, ...]:
        """The ways in which a freed time is not to be had."""
        return (
            OfferMissed("unknown"),
            OfferMissed("overlap"),
            OfferMissed("impossible", True, HANA.id, CHECK_UP),
            OfferMissed("late", False, 99, CHECK_UP, self.alternatives),
            OfferMissed("late", False, HANA.id, CHECK_UP, self.alternatives),
            OfferMissed("taken", True, HANA.id, CHECK_UP, self.alternatives),
        )

    def bad(self, what: effects.Request) -> tuple[events.Answer, ...]:
        """The answers of a clinic where something went wrong."""
        taken = (events.SlotTaken(()), events.SlotTaken(self.alternatives))
        refused = (
            events.BookingRefused("too_many", 3),
            events.BookingRefused("own_overlap"),
            events.BookingRefused("too_late"),
        )
        now = (None, MOVED_BY_STAFF, CANCELLED, PAST)
        changed = tuple(map(events.VisitChanged, now))
        match what:
            case effects.ListServices():
                return (events.ServicesListed(()),)
            case effects.ListPractitioners():
                return (events.PractitionersListed(()), events.PractitionersListed((SATO,)))
            case effects.FindDays():
                return (events.DaysFound((), more=False),)
            case effects.FindSlots():
                return (events.SlotsFound(()),)
            case effects.HoldSlot() | effects.BookHeld():
                return (*taken, *refused)
            case effects.ListVisits():
                return (events.VisitsListed(()),)
            case effects.ReadVisit():
                return (events.VisitsListed(()), *changed)
            case effects.MoveVisit():
                return (*taken, *refused, *changed)
            case effects.CancelVisit() | effects.ConfirmVisit():
                return changed
            case ReadMessages():
                return (MessagesRead(()), MessagesRead(CHOSEN))
            case effects.ReadFaq():
                return (events.FaqRead(""),)
            case KeepReadings():
                findings = (WATCHED, GRAVE, GRAVER)
                kept = tuple(ReadingsKept((it,), ()) for it in findings)
                return (*kept, ReadingsKept((GRAVER, GRAVE), ()), ReadingsRefused())
            case AnswerCheckIn():
                who = Facts(30, "male")
                often = CheckInAnswered("headache", who, HANA.id, HANA.name, 2)
                return (often, CheckInGone())
            case ListWaiting():
                return (WaitingListed(()),)
            case JoinWaitlist():
                return (WaitlistJoined(possible=False),)
            case ListAhead():
                return (AheadListed(()), AheadListed((AHEAD,)))
            case AskForCall() | StopPlan():
                return (PlanOver(),)
            case TakeOffer():
                return (OfferTaken(VISIT, KENS_VISIT.starts_at), *self.missed())
            case DeclineOffer():
                return (OfferDeclined(waits=False), OfferTaken(VISIT), *self.missed())
        return ()
