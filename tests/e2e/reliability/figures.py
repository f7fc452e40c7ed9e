"""What the runs counted: one JSON line each, shown at the end of the test session."""

import json
from typing import Any

LINES: list[str] = []


def note(figure: str, **found: Any) -> None:
    """Keep the figures of a run."""
    LINES.append(json.dumps({"figure": figure, **found}, ensure_ascii=False))
    print(LINES[-1])
