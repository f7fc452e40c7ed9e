"""What an interpreter makes of a text."""

from dataclasses import dataclass
from typing import Literal, get_args

Intent = Literal[
    "book",
    "move",
    "cancel",
    "my_visits",
    "confirm",
    "deny",
    "running_late",
    "symptom_report",
    "side_effect",
    "prescription_refill",
    "results",
    "documents",
    "opening_hours",
    "way",
    "price",
    "what_to_bring",
    "services",
    "talk_to_person",
    "complaint",
    "thanks",
    "greeting",
    "help",
    "change_language",
    "stop_messages",
    "start_messages",
    "delete_my_data",
    "out_of_scope",
]
ACT = 0.7  # from this confidence on an intent is acted on
ASK = 0.25  # from this one on it is asked about
CERTAIN = 0.9  # from this one on a yes is taken for a yes

INTENTS: tuple[Intent, ...] = get_args(Intent)
Likeness = Literal["likely", "sure", "plain"]
EntityKind = Literal["service", "practitioner", "part_of_day", "person", "symptom"]


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing named in a text. `value` is its canonical name or id, `text` the patient's words."""

    kind: EntityKind
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Near:
    """One of the clinic's own topics that a text may be about; `name` as the patient reads it.

    likely: enough to ask. sure: enough to tell it where the text means nothing else. plain: as
    near as its own examples, so that it is told rather than the common topic that it is part of.
    """

    topic: int
    name: str
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text means, as far as it is known: the best intents with calibrated confidences.

    `ranking` has the best first and is never empty. `topics`: the clinic's own, likeliest first.
    """

    ranking: tuple[tuple[Intent, float], ...]
    entities: tuple[Entity, ...] = ()
    topics: tuple[Near, ...] = ()

    @property
    def intent(self) -> Intent:
        """The most probable intent."""
        return self.ranking[0][0]

    @property
    def confidence(self) -> float:
        """How probable it is, from 0 to 1."""
        return self.ranking[0][1]

    @property
    def certain(self) -> bool:
        """Whether it may stand for a yes or a no."""
        return self.confidence >= CERTAIN
