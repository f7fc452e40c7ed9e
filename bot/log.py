"""How processes log: a line each on stderr, or a JSON object a line (KAYOI_LOG=json). Ids only."""

import json
import logging
import os
import traceback
from datetime import UTC, datetime

LEVEL = logging.WARNING


class JsonLines(logging.Formatter):
    """A record as one line of JSON. Of an exception its kind and where it was: its words could be a
    patient's."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        if record.exc_info is not None and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = [
                f"{frame.filename}:{frame.lineno}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(line, ensure_ascii=False)


def configure() -> None:
    """As the environment says."""
    handler = logging.StreamHandler()
    if os.environ.get("KAYOI_LOG") == "json":
        handler.setFormatter(JsonLines())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=LEVEL, handlers=[handler])
