"""Values about patients that flows may hold."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Relation = Literal["self", "child", "parent", "partner", "other"]
Sex = Literal["female", "male", "other"]  # FHIR AdministrativeGender, as far as it is known
SEXES: tuple[Sex, ...] = ("female", "male", "other")
RELATIONS: tuple[Relation, ...] = ("self", "child", "parent", "partner", "other")


@dataclass(frozen=True, slots=True)
class PatientOption:
    """Somebody this chat account may speak for.

    `proven`: the link was proven by something the clinic handed out or by staff; without it the
    patient is provisional and nothing of any record may be shown.
    """

    id: int
    name: str
    relation: Relation
    proven: bool
    birth_on: date | None = None
    sex: Sex | None = None
