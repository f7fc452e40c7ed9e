"""What is to be done about questions that got no answer."""

from dataclasses import dataclass

from clinic.faq.types import Why


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Staff should see what was asked in vain. `topic`: the code of what did not help, if any."""

    why: Why
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """The patient said what an unsure question had meant."""
