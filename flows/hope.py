"""What a patient said of a booking before they were asked. Pure."""

from dataclasses import dataclass

from clinic.patient.types import Relation
from flows.engine import Context
from flows.events import Said
from flows.reading import read_when
from nlu.reading import EntityKind

# Whom a person's canonical name (nlu/data/lookup) makes of the one who writes.
RELATION_OF: dict[str, Relation] = {
    "self": "self",
    "child": "child",
    "son": "child",
    "daughter": "child",
    "baby": "child",
    "parent": "parent",
    "mother": "parent",
    "father": "parent",
    "partner": "partner",
    "spouse": "partner",
    "wife": "partner",
    "husband": "partner",
    "grandmother": "other",
    "grandfather": "other",
    "other": "other",
}


@dataclass(frozen=True, slots=True)
class Hope:
    """What the patient said beforehand, taken as the answer where it is one that is offered.

    Each part is used once: who comes back to a question is asked it.
    """

    service_id: int | None = None
    practitioner_id: int | None = None
    relation: Relation | None = None
    when: str = ""  # their own words

    def hearing(self, said: Said, ctx: Context) -> "Hope":
        """With what this text adds."""
        service, practitioner = _only(said, "service"), _only(said, "practitioner")
        return Hope(
            int(service) if service else self.service_id,
            int(practitioner) if practitioner else self.practitioner_id,
            RELATION_OF.get(_only(said, "person"), self.relation),
            said.text if read_when(said.text, ctx) else self.when,
        )


def _only(said: Said, kind: EntityKind) -> str:
    """What is named of a kind; "" if nothing is, or if it may be one of several."""
    entities = said.reading.entities if said.reading else ()
    values = {entity.value for entity in entities if entity.kind == kind}
    return values.pop() if len(values) == 1 else ""


UNSAID = Hope()
