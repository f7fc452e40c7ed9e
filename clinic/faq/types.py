"""What patients ask of every clinic."""

from dataclasses import dataclass
from typing import Literal, get_args

Topic = Literal["opening_hours", "way", "price", "what_to_bring", "services"]
TOPICS: tuple[Topic, ...] = get_args(Topic)
MAX_ANSWER = 1500  # characters: what every channel takes as one message


@dataclass(frozen=True, slots=True)
class Entry:
    """The clinic's answer to a topic in one language, and how patients found it."""

    topic: Topic
    language: str
    answer: str
    helped: int
    not_helped: int
