"""Plans as they are written, for the tests of the pure core."""

from datetime import time
from typing import Any

from clinic.plan.types import LANGUAGES, After, Definition, Step

WORDS = dict.fromkeys(LANGUAGES, "Hello {name}, {clinic} here, {phone}.")
TITLE = dict.fromkeys(LANGUAGES, "A plan")
FORM = "https://kayoi.example/fhir/Questionnaire/gad_7"


def step(id: str = "one", after: After = After(1), **fields: Any) -> Step:  # noqa: B008  # frozen
    fields = {"kind": "message", "at": time(10), "text": WORDS, **fields}
    return Step(id=id, after=after, **fields)


def plan(*steps: Step, **fields: Any) -> Definition:
    return Definition(**{"code": "p", "title": TITLE, "anchor": "visit", "steps": steps, **fields})


def said_step(**fields: Any) -> dict[str, Any]:
    """A step as JSON."""
    base = {"id": "one", "what": "message", "after": {"days": 1}, "at": "10:00", "text": WORDS}
    return {**base, **fields}


def said(*steps: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A definition as JSON."""
    base = {"code": "p", "title": TITLE, "anchor": "visit"}
    return {**base, "steps": list(steps) or [said_step()], **fields}
