"""Which topic a text asks about: one of every clinic's, or one that this clinic wrote. Pure.

A topic of the clinic's own is found by likeness alone, so it yields to whatever else is surely
meant, and to all that may be an illness.
"""

from clinic.faq.types import OWN, TOPICS
from nlu.reading import ACT, ASK, Near, Reading

NOTHING = "out_of_scope"  # the intent of a text that means nothing we do
# Wishes that questions about how things are done are taken for: asked about at any confidence.
_HOW = frozenset({"book", "documents", "help"})
_OF_HEALTH = frozenset({"symptom_report", "side_effect"})


def code(near: Near) -> str:
    """The name by which a topic of the clinic's own is told."""
    return f"{OWN}{near.topic}"


def known(name: str) -> bool:
    """Whether it is the name of a topic."""
    return name in TOPICS or name.startswith(OWN)


def own(reading: Reading) -> str | None:
    """The topic of the clinic's own that a text surely asks about."""
    near = next(iter(reading.topics), None)
    if near is None or near.likeness == "likely":
        return None
    if any(name in _OF_HEALTH and chance >= ASK for name, chance in reading.ranking):
        return None
    yields = {NOTHING, *TOPICS} if near.likeness == "plain" else {NOTHING}
    if reading.confidence >= ACT and reading.intent not in yields:
        return None
    return code(near)


def contested(reading: Reading) -> bool:
    """Whether a topic of the clinic's own makes what is surely meant worth a question."""
    near = next(iter(reading.topics), None)
    if near is None:
        return False
    if reading.intent == NOTHING:
        return near.likeness != "likely" or not reading.certain
    return near.likeness == "plain" and (not reading.certain or reading.intent in _HOW)


def asked(reading: Reading | None) -> tuple[tuple[str, str], ...]:
    """The clinic's own topics that a text may be about, to ask: codes and names."""
    return tuple((code(near), near.name) for near in reading.topics) if reading else ()
