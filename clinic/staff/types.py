"""Values about the people who work at the clinic."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal


class Role(StrEnum):
    """What somebody may do in the admin panel. Nobody has two."""

    ADMIN = "admin"  # everything, and the accounts of staff
    STAFF = "staff"  # the desk: all patients
    DOCTOR = "doctor"  # own patients


class StaffProblem(StrEnum):
    """Why an account cannot be made."""

    BAD_NAME = "bad_name"
    NAME_TAKEN = "name_taken"


PasswordProblem = Literal["short", "long", "common", "differs"]


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
    secured: bool = False  # there is a second step


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. `csrf_token` goes into its forms.

    `secured`: the account has a second step. `proved`: a code or passkey was shown just now.
    """

    id: int
    staff: Staff
    csrf_token: str
    secured: bool = False
    proved: bool = False


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One line of somebody's own list of browsers."""

    id: int
    browser: str | None
    address: str | None
    created_at: datetime
    seen_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class Came:
    """Where a request to sign in comes from. `address` is that of the browser."""

    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody is signed in: the token of the session."""

    token: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The first thing was right, and a code is asked for: the token of this step."""

    token: str


@dataclass(frozen=True, slots=True)
class Later:
    """Too many wrong tries from there: nothing is looked at for so many seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """One passkey of somebody's own."""

    id: int
    name: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody signs in with, as the own page shows it."""

    password: bool
    secured: bool
    codes_left: int  # recovery codes that were not used
    sessions: tuple[SessionRow, ...]
    passkeys: tuple[PasskeyRow, ...]
