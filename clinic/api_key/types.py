"""Values about the keys of the API."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """What a key may be used for. A route of the API asks for exactly one."""

    PATIENTS_READ = "patients:read"
    PATIENTS_WRITE = "patients:write"
    APPOINTMENTS_READ = "appointments:read"
    APPOINTMENTS_WRITE = "appointments:write"
    MESSAGES_READ = "messages:read"
    MESSAGES_WRITE = "messages:write"
    CAMPAIGNS_READ = "campaigns:read"
    SEGMENTS_READ = "segments:read"
    FHIR_READ = "fhir:read"


class KeyProblem(StrEnum):
    """Why a key cannot be made."""

    BAD_NAME = "bad_name"
    NO_SCOPES = "no_scopes"
    BAD_RATE = "bad_rate"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that is good. `rate`: calls a minute."""

    id: int
    name: str
    scopes: frozenset[Scope]
    rate: int


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as admins see it; what it is itself nobody sees again. `hint`: how it begins."""

    key: ApiKey
    hint: str
    created_at: datetime
    created_by: str | None
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A fresh key with its `secret`, which is shown once."""

    key: ApiKey
    secret: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """A POST that was carried out before. `same`: it said the same then; else it is a mistake."""

    subject_id: int | None
    same: bool
