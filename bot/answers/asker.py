"""On whose behalf a request is answered."""

from dataclasses import dataclass
from datetime import datetime

from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.patient.types import PatientOption


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

    @property
    def patient_ids(self) -> tuple[int, ...]:
        """The patients this account may act for."""
        return tuple(patient.id for patient in self.patients)
