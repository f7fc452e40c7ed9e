"""What a flow asks the world to do. Requests are answered by an event in the same turn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, Literal

from clinic.booking.types import Slot
from clinic.escalation.types import Act, Disposition, Source
from clinic.message.types import Picture, Worded
from clinic.patient.types import Relation
from flows import events
from flows.ahead_effects import AheadRequest
from flows.campaign_effects import AnswerCampaign
from flows.document_effects import DocumentRequest
from flows.faq_effects import Unanswered, Understood
from flows.form_effects import ListForms, OpenForm, SubmitForm
from flows.plan_effects import AnswerPlan
from flows.queue_effects import ReadQueue
from flows.readings_effects import KeepReadings
from flows.subscription_effects import ChooseMessages, ReadMessages
from flows.triage_effects import AnswerCheckIn, KeepTriage, ScheduleCheckIn
from flows.waitlist_effects import WaitlistRequest

Value = str | int | date | datetime | Worded


@dataclass(frozen=True, slots=True)
class Choice:
    """One offered answer. `value` comes back as `Chose(value)`; `label` is a message key."""

    value: str
    label: str
    params: Mapping[str, Value] = field(default_factory=dict)
    role: Literal["primary", "choice", "navigation"] = "choice"


def named(value: str, name: str) -> Choice:
    """A choice whose label is a proper name or other words that are data, not a message."""
    return Choice(value, "choice.name", {"name": name})


@dataclass(frozen=True, slots=True)
class Offer:
    """A choice as the patient sees it now: pressing it or typing its label or number means it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a card: the key of its label, and its value; `with_year` for dates of birth."""

    label: str
    value: Value
    with_year: bool = False


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A button that opens an address; `label` is a message key."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class DateRange:
    """Asks for a day by the channel's own date picker, where it has one. `typed`: see DatePick."""

    initial: date
    earliest: date
    latest: date
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Say:
    """Tell the patient something. `text` is a message key, never words.

    All `Say`s of a turn become as few messages as the channel allows, in order. Only the last one
    of a turn may have choices.
    """

    text: str
    params: Mapping[str, Value] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    title: str | None = None  # key of the card's title; a card is shown if there is one
    rows: tuple[Row, ...] = ()
    links: tuple[OpenLink, ...] = ()
    date_range: DateRange | None = None
    ask_contact: str | None = None  # key of the label of the share-my-number button
    urgent: bool = False
    picture: Picture | None = None  # what it shows is said by `text`; its `alt` is a key


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    """Give a held slot back."""

    appointment_id: int


@dataclass(frozen=True, slots=True)
class SetLanguage:
    language: str


@dataclass(frozen=True, slots=True)
class GiveConsent:
    """The patient read the privacy notice of this version and agreed to be messaged."""

    notice_version: str


@dataclass(frozen=True, slots=True)
class OptOut:
    """Send nothing any more that the patient did not ask for."""


@dataclass(frozen=True, slots=True)
class OptIn:
    """Messages may be sent again."""


@dataclass(frozen=True, slots=True)
class AskForLink:
    """Ask staff to find the patient's record: only they can bind it to the chat."""

    name: str
    birth_on: date
    phone: str


@dataclass(frozen=True, slots=True)
class Handoff:
    """Put the conversation into the staff's queue. The bot is silent from here on."""

    reason: str  # a code, shown to staff in their language


@dataclass(frozen=True, slots=True)
class TakeBack:
    """The patient prefers the bot again: out of the queue."""


@dataclass(frozen=True, slots=True)
class RateFaq:
    """Whether an answer of the clinic's helped, so that it can be mended."""

    topic: str
    helped: bool


@dataclass(frozen=True, slots=True)
class Escalate:
    """A doctor must answer. `rule` names the reason, `level` is 1 to 4 (4: emergency).

    `reasons` are codes beside the rule; `patient_id`: whom it is about, where that is known.
    """

    rule: str
    level: int
    source: Source = "red_flag"
    patient_id: int | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alarm:
    """An answer that is a red flag: the dialogue leaves the flow for the emergency text.

    The fields are those of the Escalate that it brings about.
    """

    rule: str
    level: int
    source: Source = "red_flag"
    patient_id: int | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeepDraft:
    """Keep what is answered of a questionnaire so far, to go on with it another day."""

    request_id: int
    answers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ListServices:
    answers: ClassVar[tuple[type, ...]] = (events.ServicesListed,)


@dataclass(frozen=True, slots=True)
class ListPractitioners:
    answers: ClassVar[tuple[type, ...]] = (events.PractitionersListed,)
    service_id: int


@dataclass(frozen=True, slots=True)
class FindDays:
    """Days with a free start from `from_on` on; practitioner None: anyone."""

    answers: ClassVar[tuple[type, ...]] = (events.DaysFound,)
    service_id: int
    practitioner_id: int | None
    from_on: date
    limit: int
    moving: int | None = None  # the appointment that would give its own time free


@dataclass(frozen=True, slots=True)
class FindSlots:
    """Free slots of one day, or with `on` None the first ones there are."""

    answers: ClassVar[tuple[type, ...]] = (events.SlotsFound,)
    service_id: int
    practitioner_id: int | None
    on: date | None
    limit: int
    moving: int | None = None


@dataclass(frozen=True, slots=True)
class HoldSlot:
    answers: ClassVar[tuple[type, ...]] = (
        events.SlotHeld,
        events.SlotTaken,
        events.BookingRefused,
    )
    slot: Slot
    patient_id: int


@dataclass(frozen=True, slots=True)
class BookHeld:
    """Turn a hold into a booking. If it ran out meanwhile it is taken again, or SlotTaken."""

    answers: ClassVar[tuple[type, ...]] = (
        events.VisitBooked,
        events.SlotTaken,
        events.BookingRefused,
    )
    appointment_id: int
    note: str


@dataclass(frozen=True, slots=True)
class ListVisits:
    answers: ClassVar[tuple[type, ...]] = (events.VisitsListed,)


@dataclass(frozen=True, slots=True)
class ReadVisit:
    """How a visit stands: VisitsListed of it alone if it is still of `version`."""

    answers: ClassVar[tuple[type, ...]] = (events.VisitsListed, events.VisitChanged)
    appointment_id: int
    version: int


@dataclass(frozen=True, slots=True)
class MoveVisit:
    answers: ClassVar[tuple[type, ...]] = (
        events.VisitMoved,
        events.SlotTaken,
        events.VisitChanged,
        events.BookingRefused,
    )
    appointment_id: int
    version: int
    slot: Slot


@dataclass(frozen=True, slots=True)
class CancelVisit:
    answers: ClassVar[tuple[type, ...]] = (events.VisitCancelled, events.VisitChanged)
    appointment_id: int
    version: int
    reason: str


@dataclass(frozen=True, slots=True)
class ConfirmVisit:
    answers: ClassVar[tuple[type, ...]] = (events.VisitConfirmed, events.VisitChanged)
    appointment_id: int
    version: int


@dataclass(frozen=True, slots=True)
class AddPatient:
    """A provisional patient this account may book for."""

    answers: ClassVar[tuple[type, ...]] = (events.PatientAdded,)
    name: str
    relation: Relation
    birth_on: date | None = None


@dataclass(frozen=True, slots=True)
class TryLinkCode:
    answers: ClassVar[tuple[type, ...]] = (events.Linked, events.LinkRefused)
    code: str


@dataclass(frozen=True, slots=True)
class TryStaffCode:
    """Make this chat a staff member's own by a one-time code."""

    answers: ClassVar[tuple[type, ...]] = (events.StaffLinked, events.LinkRefused)
    code: str


@dataclass(frozen=True, slots=True)
class ActOnEscalation:
    """Only for the chats of staff, as are the two below."""

    answers: ClassVar[tuple[type, ...]] = (events.EscalationAnswered,)
    escalation_id: int
    act: Act


@dataclass(frozen=True, slots=True)
class CloseEscalation:
    answers: ClassVar[tuple[type, ...]] = (events.EscalationAnswered,)
    escalation_id: int
    disposition: Disposition


@dataclass(frozen=True, slots=True)
class WriteToPatient:
    """Say something in the conversation of an escalation, which the staff member answers."""

    answers: ClassVar[tuple[type, ...]] = (events.EscalationAnswered,)
    escalation_id: int
    text: str


@dataclass(frozen=True, slots=True)
class ReadFaq:
    answers: ClassVar[tuple[type, ...]] = (events.FaqRead,)
    topic: str


Request = (
    ListServices
    | ListPractitioners
    | FindDays
    | FindSlots
    | HoldSlot
    | BookHeld
    | ListVisits
    | ReadVisit
    | MoveVisit
    | CancelVisit
    | ConfirmVisit
    | AddPatient
    | TryLinkCode
    | TryStaffCode
    | ActOnEscalation
    | CloseEscalation
    | WriteToPatient
    | ReadFaq
    | ListForms
    | OpenForm
    | SubmitForm
    | AnswerCheckIn
    | KeepReadings
    | AnswerCampaign
    | DocumentRequest
    | AnswerPlan
    | AheadRequest
    | WaitlistRequest
    | ReadMessages
    | ReadQueue
)
Deed = (
    Say
    | ReleaseHold
    | SetLanguage
    | GiveConsent
    | OptOut
    | OptIn
    | AskForLink
    | Handoff
    | TakeBack
    | Escalate
    | Alarm
    | KeepDraft
    | KeepTriage
    | ScheduleCheckIn
    | RateFaq
    | Unanswered
    | Understood
    | ChooseMessages
)
Effect = Deed | Request
