"""What the world answers about readings."""

from dataclasses import dataclass
from typing import ClassVar

from clinic.observation.types import Finding, Trend


@dataclass(frozen=True, slots=True)
class ReadingsKept:
    """They are in the record. `findings` are what stands out, `trends` what the last ones tell."""

    from_patient: ClassVar[bool] = False
    findings: tuple[Finding, ...]
    trends: tuple[Trend, ...]


@dataclass(frozen=True, slots=True)
class ReadingsRefused:
    """The chat does not speak for this patient any more: nothing was kept."""

    from_patient: ClassVar[bool] = False
