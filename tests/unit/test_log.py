"""Logs as JSON: one object a line, and of an error never its words."""

import json
import logging
import sys

from bot.log import JsonLines


def test_a_record_is_one_line_of_json_without_the_words_of_an_error() -> None:
    try:
        raise ValueError("a patient's name")
    except ValueError:
        caught = sys.exc_info()
    record = logging.LogRecord("bot.x", logging.ERROR, __file__, 1, "sending=%s", (7,), caught)
    line = JsonLines().format(record)
    read = json.loads(line)
    assert "\n" not in line
    assert "patient" not in line.replace("test_log", "")
    assert (read["level"], read["message"], read["error"]) == ("error", "sending=7", "ValueError")
    assert read["where"][0].partition(":")[0] == __file__
