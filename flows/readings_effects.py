"""What the flow of readings asks the world to do."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from clinic.observation.types import Reading
from flows.readings_events import ReadingsKept, ReadingsRefused


@dataclass(frozen=True, slots=True)
class KeepReadings:
    """Write them into the patient's record, have them judged, and a nurse told where one should."""

    answers: ClassVar[tuple[type, ...]] = (ReadingsKept, ReadingsRefused)
    patient_id: int
    readings: tuple[Reading, ...]
    measured_at: datetime
