"""What buttons that outlive their message do. `bot.tokens` has the sign of each."""

from typing import Literal

Action = Literal[
    "confirm",
    "move",
    "cancel",
    "fill",
    "acknowledge",
    "called",
    "take_over",
    "close",
    "hand_back",
    "better",
    "same",
    "worse",
    "plan",
    "campaign",
    "take_offer",
    "decline_offer",
    "readings",
    "queue",
    "document",
]
