"""What a button carries: an opaque token that only we can make, good for one chat account."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hmac import compare_digest

from clinic.crypto import KeyRing
from flows.actions import Action

ACTIONS: dict[str, Action] = {
    "c": "confirm",
    "m": "move",
    "x": "cancel",
    "f": "fill",
    # Of an escalation: under an alert, and under what its patient writes.
    "k": "acknowledge",
    "d": "called",
    "t": "take_over",
    "z": "close",
    "b": "hand_back",
    # Of a triage run, the day after it.
    "g": "better",
    "s": "same",
    "w": "worse",
    # Of a step of a follow-up plan: its version says which button.
    "l": "plan",
    # Under a campaign's message: the version is the number of the button.
    "p": "campaign",
    # Of a freed time that is offered.
    "o": "take_offer",
    "n": "decline_offer",
    # Of a patient: what they measured at home.
    "r": "readings",
    # Of a visit that waits: how many are ahead.
    "q": "queue",
    # Of a document: its version says which button.
    "e": "document",
}


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of the question of `turn`. The date picker counts after the last choice."""

    turn: int
    number: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A button that outlives its message: something to do with a visit, say."""

    action: Action
    subject_id: int
    version: int


class Tokens:
    """Makes and reads the tokens of one chat account. At most 48 bytes of ASCII."""

    def __init__(self, keys: KeyRing, account_id: int) -> None:
        """Tokens of another account do not read here."""
        self._keys = keys
        self._account_id = account_id

    def question(self, turn: int, number: int) -> str:
        """The token of a choice of this turn's question."""
        return self._signed(f"q.{turn}.{number}")

    def standing(self, action: str, subject_id: int, version: int) -> str:
        """The token of a button under a reminder or an alert; `action` is a key of ACTIONS."""
        return self._signed(f"a.{action}.{subject_id}.{version}")

    def read(self, token: str) -> Pressed | Standing | None:
        """What the token means; None if we did not make it for this account."""
        body, _, _ = token.rpartition(".")
        if not compare_digest(self._signed(body).encode(), token.encode()):
            return None
        kind, *parts = body.split(".")
        if kind == "q":
            return Pressed(int(parts[0]), int(parts[1]))
        return Standing(ACTIONS[parts[0]], int(parts[1]), int(parts[2]))

    def carried(self, token: str, to: "Tokens") -> str | None:
        """A standing token of this account as one of another; None if it is none of ours."""
        if not isinstance(self.read(token), Standing):
            return None
        body, _, _ = token.rpartition(".")
        return to._signed(body)

    def _signed(self, body: str) -> str:
        mark = self._keys.mark("button", f"{self._account_id}:{body}", 9)
        return f"{body}.{urlsafe_b64encode(mark).decode()}"
