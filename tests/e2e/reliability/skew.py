"""Imported into a process of Kayoi, sets its own clock wrong by RELIABILITY_SKEW hours."""

import os
import time
from datetime import datetime, timedelta

from clinic import clock

_BY = float(os.environ["RELIABILITY_SKEW"]) * 3600
_time, _now = time.time, clock.now


def _wrong_time() -> float:
    return _time() + _BY


def _wrong_now() -> datetime:
    return _now() + timedelta(seconds=_BY)


time.time = _wrong_time
clock.now = _wrong_now
