"""What can happen to a conversation. Everything a flow learns, it learns from one of these."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, Literal

from clinic.booking.types import DayOption, PractitionerOption, ServiceOption, Slot, Visit
from clinic.patient.types import PatientOption
from clinic.questionnaire.types import Questionnaire
from clinic.staff.types import StaffName
from flows.actions import Action
from flows.ahead_events import AheadAnswer
from flows.campaign_events import CampaignAnswer
from flows.document_events import DocumentAnswer
from flows.plan_events import PlanAnswer
from flows.queue_events import QueueRead
from flows.readings_events import ReadingsKept, ReadingsRefused
from flows.subscription_events import MessagesRead
from flows.triage_events import CheckInAnswered, CheckInGone
from flows.waitlist_events import WaitlistAnswer
from nlu.reading import Reading

# From the conversation itself ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entered:
    """The flow has just come to this step, or comes back to it: ask your question."""

    from_patient: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Said:
    """The patient typed free text that is none of the offered choices.

    `reading` is what an interpreter makes of it; None where none was asked.
    """

    from_patient: ClassVar[bool] = True
    text: str
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Chose:
    """The patient pressed one of the offered choices, or typed its label or number."""

    from_patient: ClassVar[bool] = True
    value: str


@dataclass(frozen=True, slots=True)
class PickedDate:
    """The patient picked a day in the channel's date picker."""

    from_patient: ClassVar[bool] = True
    day: date


@dataclass(frozen=True, slots=True)
class SharedContact:
    """The patient shared a telephone number; `own` if the platform vouches that it is theirs."""

    from_patient: ClassVar[bool] = True
    phone: str
    own: bool


@dataclass(frozen=True, slots=True)
class SentMedia:
    """The patient sent a picture, voice, file, sticker or place; `id` is the platform's.

    `content_type` and `size` (bytes): where they are known.
    """

    from_patient: ClassVar[bool] = True
    kind: str
    id: str = ""
    content_type: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class TimedOut:
    """Nobody answered within the step's wait."""

    from_patient: ClassVar[bool] = True


# To the conversation as a whole: the router's, no step sees them ---------------------------------


@dataclass(frozen=True, slots=True)
class Began:
    """The patient opened the chat, followed the account or came back to it.

    `payload` is what the clinic's link carried: "" or a link code.
    """

    from_patient: ClassVar[bool] = True
    payload: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """The patient blocked the clinic's account: nothing can be said any more."""

    from_patient: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Edited:
    """The patient changed an earlier message, which was answered already: only a red flag in it
    is acted on."""

    from_patient: ClassVar[bool] = True
    text: str


@dataclass(frozen=True, slots=True)
class PressedOld:
    """A button of a question that is over."""

    from_patient: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class PressedAction:
    """A button that stays good outside any question, such as those under a reminder.

    `subject_id`: of the visit, or of what else the action is about.
    """

    from_patient: ClassVar[bool] = True
    action: Action
    subject_id: int
    version: int


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A staff member answers the conversation from here on."""

    from_patient: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class HandedBack:
    """Staff gave the conversation back to the bot, or their lease ran out."""

    from_patient: ClassVar[bool] = False


# Answers to requests ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ServicesListed:
    from_patient: ClassVar[bool] = False
    services: tuple[ServiceOption, ...]


@dataclass(frozen=True, slots=True)
class PractitionersListed:
    from_patient: ClassVar[bool] = False
    practitioners: tuple[PractitionerOption, ...]


@dataclass(frozen=True, slots=True)
class DaysFound:
    """Days with a free start, from the asked day on; `more` if later ones exist."""

    from_patient: ClassVar[bool] = False
    days: tuple[DayOption, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class SlotsFound:
    from_patient: ClassVar[bool] = False
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class SlotHeld:
    """The slot is this patient's until `until`, if confirmed by then."""

    from_patient: ClassVar[bool] = False
    appointment_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class SlotTaken:
    """Somebody else has it now; `alternatives` are the nearest free ones."""

    from_patient: ClassVar[bool] = False
    alternatives: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class BookingRefused:
    """The clinic's rules do not let this patient book this."""

    from_patient: ClassVar[bool] = False
    reason: Literal["too_many", "own_overlap", "too_late"]
    limit: int = 0


@dataclass(frozen=True, slots=True)
class VisitBooked:
    from_patient: ClassVar[bool] = False
    visit: Visit


@dataclass(frozen=True, slots=True)
class VisitsListed:
    """Coming visits of everybody this account speaks for, soonest first."""

    from_patient: ClassVar[bool] = False
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class VisitMoved:
    from_patient: ClassVar[bool] = False
    visit: Visit


@dataclass(frozen=True, slots=True)
class VisitCancelled:
    from_patient: ClassVar[bool] = False
    visit: Visit


@dataclass(frozen=True, slots=True)
class VisitConfirmed:
    from_patient: ClassVar[bool] = False
    visit: Visit


@dataclass(frozen=True, slots=True)
class VisitChanged:
    """The visit is no longer what the patient was shown: moved, cancelled or past.

    `visit` is how it stands now, None if this account has no such visit any more.
    """

    from_patient: ClassVar[bool] = False
    visit: Visit | None


@dataclass(frozen=True, slots=True)
class PatientAdded:
    from_patient: ClassVar[bool] = False
    patient: PatientOption


@dataclass(frozen=True, slots=True)
class Linked:
    """The code was right: the account now speaks for this patient, with proof."""

    from_patient: ClassVar[bool] = False
    patient: PatientOption


@dataclass(frozen=True, slots=True)
class LinkRefused:
    """`wrong` says the same of unknown, used and expired codes, so that nobody can probe."""

    from_patient: ClassVar[bool] = False
    reason: Literal["wrong", "too_many"]


@dataclass(frozen=True, slots=True)
class StaffLinked:
    """The code was right: the account is now the staff member's own."""

    from_patient: ClassVar[bool] = False
    staff: StaffName


@dataclass(frozen=True, slots=True)
class EscalationAnswered:
    """How an act on an escalation went.

    theirs: a colleague has it, named `name`; closed: by `name`; gone: there is none; busy: `name`
    is in the chat with the patient. `who` is the patient, "" if not known, `phone` in E.164.
    """

    from_patient: ClassVar[bool] = False
    result: Literal["done", "theirs", "closed", "gone", "busy"]
    name: str = ""
    who: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class FaqRead:
    """What the clinic has written on a topic, "" if nothing; `language`: if not the patient's."""

    from_patient: ClassVar[bool] = False
    answer: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class FormOption:
    """A questionnaire that somebody of this account is asked to answer."""

    request_id: int
    title: str
    patient_name: str


@dataclass(frozen=True, slots=True)
class FormsListed:
    """Those that wait, the most urgent first."""

    from_patient: ClassVar[bool] = False
    forms: tuple[FormOption, ...]


@dataclass(frozen=True, slots=True)
class FormOpened:
    """The version to play, and what was answered of it before; the context has it from now on."""

    from_patient: ClassVar[bool] = False
    form_id: int
    patient_id: int
    patient_name: str
    title: str
    draft: dict[str, Any] | None
    form: Questionnaire = field(repr=False)


@dataclass(frozen=True, slots=True)
class FormGone:
    """It was answered, taken back or is over."""

    from_patient: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class FormSubmitted:
    """The clinic has the answers."""

    from_patient: ClassVar[bool] = False


PatientEvent = Said | Chose | PickedDate | SharedContact | SentMedia | TimedOut
RouterEvent = Began | Left | Edited | PressedOld | PressedAction | TakenOver | HandedBack
Answer = (
    ServicesListed
    | PractitionersListed
    | DaysFound
    | SlotsFound
    | SlotHeld
    | SlotTaken
    | BookingRefused
    | VisitBooked
    | VisitsListed
    | VisitMoved
    | VisitCancelled
    | VisitConfirmed
    | VisitChanged
    | PatientAdded
    | Linked
    | LinkRefused
    | StaffLinked
    | EscalationAnswered
    | FaqRead
    | FormsListed
    | FormOpened
    | FormGone
    | FormSubmitted
    | CheckInAnswered
    | CheckInGone
    | CampaignAnswer
    | DocumentAnswer
    | PlanAnswer
    | AheadAnswer
    | WaitlistAnswer
    | ReadingsKept
    | ReadingsRefused
    | MessagesRead
    | QueueRead
)
Event = Entered | PatientEvent | RouterEvent | Answer
