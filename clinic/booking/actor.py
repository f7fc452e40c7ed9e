"""On whose behalf visits are read and changed."""

from dataclasses import dataclass
from typing import Literal

from clinic.config import Settings
from clinic.crypto import KeyRing


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. A patient acts through a chat account, for the patients it may speak for.

    Of those whose link is not proven it sees only what it booked itself: the record behind may be
    anybody's.
    """

    kind: Literal["patient", "staff", "system", "api_key"]
    id: int | None  # of the chat account, the staff member or the key
    language: str
    settings: Settings
    keys: KeyRing
    patient_ids: frozenset[int] = frozenset()
    proven_ids: frozenset[int] = frozenset()
    shown_id: int | None = None  # the one visit that a one-time link was sent for

    @property
    def account_id(self) -> int | None:
        """The chat account, None for staff."""
        return self.id if self.kind == "patient" else None

    def acts_for(self, patient_id: int) -> bool:
        """Whether visits may be booked for this patient."""
        return self.kind != "patient" or patient_id in self.patient_ids

    def may_see(self, visit_id: int, patient_id: int, account_id: int | None) -> bool:
        """Whether a visit of this patient, booked by this account, may be seen and changed."""
        return self.kind != "patient" or (
            visit_id == self.shown_id
            or patient_id in self.proven_ids
            or (patient_id in self.patient_ids and account_id == self.id)
        )
