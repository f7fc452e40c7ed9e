"""How the people of a campaign stand, as its pages show it."""

from collections.abc import Mapping

from admin.campaigns import shown
from admin.i18n import Speech
from clinic.campaign.types import ENDS
from clinic.staff.access.campaigns import Shown
from clinic.staff.access.recipients import Sendings

WAYS = ("pending", "queued", *ENDS)  # how recipients stand, in the order of their way


def standing(speech: Speech, found: Shown, sendings: Sendings) -> dict[str, object]:
    """What the table of a campaign's people shows."""
    counts = found.counts
    over = sum(n for state, n in counts.states.items() if state not in ("pending", "queued"))
    return {
        "one": found.campaign,
        "moves": found.campaign.state == "running",
        "over": over,
        "all_of_them": counts.recipients,
        "sendings": sendings,
        "ways": [
            (way, counts.states[way], by_reason(speech, counts.reasons.get(way, {})))
            for way in WAYS
            if counts.states.get(way)
        ],
    }


def by_reason(speech: Speech, counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Code, words and number, the most first."""
    rows = ((code, shown.why(speech, code), n) for code, n in counts.items() if code)
    return sorted(rows, key=lambda row: (-row[2], row[0]))
