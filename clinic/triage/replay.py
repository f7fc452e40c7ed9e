"""Runs as they are kept, and back. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from clinic.triage.types import Facts, Outcome, Run, Versions


def to_json(run: Run) -> dict[str, Any]:
    """A run as JSON keeps it."""
    return asdict(run) | {"answers": dict(run.answers)}


def from_json(kept: Mapping[str, Any]) -> Run:
    """A run from what `to_json` told. Raises KeyError or TypeError at anything else."""
    found = kept["outcome"]
    rules = Versions(**found["rules"])
    lists = {key: tuple(found[key]) for key in ("reasons", "unknown")}
    against = kept.get("against_remote")  # earlier runs were kept without it
    return Run(
        presentation=kept["presentation"],
        facts=Facts(**kept["facts"]),
        answers={
            name: tuple(value) if isinstance(value, list) else value
            for name, value in kept["answers"].items()
        },
        at_least=kept["at_least"],
        outcome=Outcome(**{**found, **lists, "rules": rules}),
        against_remote=None if against is None else tuple(against),
    )
