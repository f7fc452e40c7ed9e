"""On whose behalf a request is answered."""

from dataclasses import dataclass
from datetime import datetime

from clinic.config import Settings
from clinic.contact.types import Scope
from clinic.crypto import KeyRing
from clinic.patient.types import PatientOption
from clinic.staff.types import StaffName


@dataclass(frozen=True, slots=True)
class Asker:
    """The chat account whose turn it is, and what answering it takes."""

    account_id: int
    conversation_id: int
    language: str
    patients: tuple[PatientOption, ...]  # whom the account may speak for, at this moment
    now: datetime  # the database's, aware, in the clinic's zone
    settings: Settings
    keys: KeyRing
    staff: StaffName | None = None  # whose own chat it is; None: a patient's
    scope: Scope | None = None  # what a one-time link opened this chat for
    event_id: int | None = None  # the row of the inbound event whose turn it is
    said: str = ""  # what the turn's event says in words, "" if it is a button or nobody's

    @property
    def patient_ids(self) -> tuple[int, ...]:
        """The patients this account may act for."""
        return tuple(patient.id for patient in self.patients)

    def ids_for_form(self, request_id: int) -> tuple[int, ...]:
        """Those for whom this account may answer this request for a questionnaire."""
        scope = self.scope
        linked = scope and scope.request_id == request_id
        return (*self.patient_ids, *((scope.patient.id,) if scope and linked else ()))
