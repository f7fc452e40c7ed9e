"""Flows as Mermaid diagrams, from what they do rather than from what we say they do.

`python -m tests.flows.diagram` draws docs/flows anew.
"""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from flows.engine import BACK
from flows.events import Chose, Entered, TimedOut
from tests.flows.walk import Passed
from tests.flows.worlds import WALKS

FOLDER = Path(__file__).parents[2] / "docs" / "flows"
ASIDE = (Entered, TimedOut)


def mermaid(passed: Iterable[Passed]) -> str:
    """The steps that patients come through, and what leads from one to the next.

    Left out: going back, coming back, and questions that are only put again.
    """
    ways: dict[tuple[str, str], set[str]] = {}
    for one in passed:
        if one.event == Chose(BACK) or isinstance(one.event, ASIDE):
            continue
        first = "[*]" if one.session is None else type(one.session.step).__name__
        stops = [first, *one.turn.path[one.session is not None :]]
        asking = type(one.turn.session.step).__name__
        if stops[-1] != asking:
            stops.append(asking)  # one step put another's question at once
        if one.turn.session.status == "completed":
            stops.append("[*]")
        for here, there in pairwise(stops):
            ways.setdefault((here, there), set()).add("" if here == "[*]" else _label(one))
    lines = [f"    {here} --> {there}{_labels(labels)}" for (here, there), labels in ways.items()]
    return "\n".join(["stateDiagram-v2", *sorted(lines), ""])


def _label(one: Passed) -> str:
    event = one.event
    if not isinstance(event, Chose):
        return type(event).__name__
    choices = {choice.value: choice for say in one.shown[-1:] for choice in say.choices}
    choice = choices.get(event.value)
    return f"one of {choice.label.partition('.')[2]}s" if choice and choice.params else event.value


def _labels(labels: set[str]) -> str:
    words = ", ".join(sorted(labels - {""}))
    return f" : {words}" if words else ""


def document(name: str) -> str:
    """The page of a flow under docs/flows."""
    drawn = "Drawn from the code by `python -m tests.flows.diagram`."
    return f"# {name}\n\n{drawn}\n\n```mermaid\n{mermaid(WALKS[name]())}```\n"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for each in WALKS:
        (FOLDER / f"{each}.md").write_text(document(each), encoding="utf-8")
