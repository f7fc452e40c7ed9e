"""Values about the people who work at the clinic."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do in the admin panel. Nobody has two."""

    ADMIN = "admin"  # everything, and the accounts of staff
    STAFF = "staff"  # the desk: all patients
    DOCTOR = "doctor"  # own patients


class StaffProblem(StrEnum):
    """Why an account cannot be made."""

    BAD_NAME = "bad_name"
    NAME_TAKEN = "name_taken"


@dataclass(frozen=True, slots=True)
class Staff:
    """One person. `language` is BCP 47, None while the browser's is good enough."""

    id: int
    name: str
    role: Role
    language: str | None = None


@dataclass(frozen=True, slots=True)
class StaffName:
    """One person as patients are told of them."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One line of the list of accounts."""

    staff: Staff
    disabled: bool
    seen_at: datetime | None  # when the person last did something in the panel


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. `csrf_token` goes into its forms."""

    id: int
    staff: Staff
    csrf_token: str
