"""Stored sessions of every version of every flow, which must load for ever.

`python -m tests.flows.store` adds a session for each step and status that has none yet. It never
rewrites one: what patients' conversations hold out there is not rewritten either.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flows.codec import dump_session
from flows.engine import Session
from tests.flows.worlds import WALKS

FOLDER = Path(__file__).parent / "stored"


def sessions() -> Iterator[tuple[Path, dict[str, Any]]]:
    """One session for each step and status that the flows pass today, and where it is stored."""
    for name, walk in WALKS.items():
        found: dict[str, Session] = {}
        for passed in walk():
            session = passed.turn.session
            known_as = f"{type(session.step).__name__}-{session.status}"
            known = found.setdefault(known_as, session)
            if session.history and not known.history:  # it tells more than one that just began
                found[known_as] = session
        for known_as, session in found.items():
            if session.status != "completed":
                path = FOLDER / f"{name}-v{session.version}" / f"{known_as}.json"
                yield path, dump_session(session)


def add_missing() -> list[Path]:
    """Write what is not there yet. Returns what was written."""
    added = []
    for path, data in sessions():
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True)
            path.write_text(f"{text}\n", encoding="utf-8")
            added.append(path)
    return added


if __name__ == "__main__":
    for each in add_missing():
        print(each.name)
