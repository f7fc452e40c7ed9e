"""How a task of the desk ends, or goes on. No database, no clock."""

from typing import Literal

# Of a call. `coming` and `not_coming` are about the visit that it is for.
Outcome = Literal["reached", "coming", "not_coming", "unreached", "wrong_number"]
OUTCOMES: tuple[Outcome, ...] = ("reached", "coming", "not_coming", "unreached", "wrong_number")
# What else a task can end with: pressed as done, or its visit's time was given to others.
ENDS = (*OUTCOMES, "done", "freed")
RESULT_LENGTH = 1_000  # characters of what was told
# Minutes until somebody tries again.
AGAIN = (30, 120, 1440)
