"""What patients ask of every clinic, and of this one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Topic = Literal["opening_hours", "way", "price", "what_to_bring", "services"]
TOPICS: tuple[Topic, ...] = get_args(Topic)
MAX_ANSWER = 1500  # characters: what every channel takes as one message
OWN = "own:"  # begins the code of a topic that the clinic wrote itself; its id follows
MAX_NAME = 40  # characters: it is the label of a button
MAX_EXAMPLES = 20  # of a topic in a language
MAX_EXAMPLE = 120  # characters
MOST_OWN = 30  # topics in use: every text is held against all of them
Why = Literal["out_of_scope", "not_understood", "unsure", "no_answer", "not_helped"]


@dataclass(frozen=True, slots=True)
class Entry:
    """The clinic's answer to a topic in one language, and how patients found it."""

    topic: Topic
    language: str
    answer: str
    helped: int
    not_helped: int


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What a clinic writes of a topic of its own: all by language, as far as it is written.

    `examples` are questions as patients put them, by which it is found.
    """

    names: Mapping[str, str]
    answers: Mapping[str, str]
    examples: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class OwnTopic:
    """A topic that the clinic wrote itself, and how patients found its answer."""

    id: int
    words: OwnWords
    helped: int = 0
    not_helped: int = 0
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What a patient asked and got no answer to. `words`: "" where they are no longer kept.

    `topic`: a code, of the topic that did not help or that nothing is written about.
    """

    id: int
    conversation_id: int
    asked_at: datetime
    why: Why
    language: str
    topic: str
    words: str
