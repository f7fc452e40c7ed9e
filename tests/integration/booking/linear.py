"""Whether a recorded history of one slot could have happened one deed after the other."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Deed:
    """What a client did about an appointment, when, and what it was told."""

    client: int
    what: Literal["find", "hold", "book", "release", "expire", "cancel"]
    about: int
    told: str
    begun: float
    ended: float


@dataclass(frozen=True)
class State:
    """One slot: who has it how, and which appointments have lost it."""

    appointment: int = 0  # 0: nobody has it
    client: int = -1
    booked: bool = False
    dead: frozenset[int] = frozenset()  # holds that may be taken again
    cancelled: frozenset[int] = frozenset()


def after(state: State, deed: Deed) -> State | None:
    """The state after a deed that was told this; None if it could not have been told this."""
    has_it = deed.about == state.appointment
    nobody = state.appointment == 0
    freed = State(dead=state.dead | {deed.about}, cancelled=state.cancelled)
    match deed.what, deed.told:
        case "find", told:
            return state if (told == "free") == nobody else None
        case "hold", "Held":
            held = State(deed.about, deed.client, False, state.dead, state.cancelled)
            return held if nobody else None
        case "hold", told:
            wanted = "Refused" if state.client == deed.client else "Taken"
            return state if told == wanted and not nobody else None
        case "book", "Visit" if has_it or (nobody and deed.about in state.dead):
            dead = state.dead - {deed.about}
            return State(deed.about, deed.client, True, dead, state.cancelled)
        case "book", "Taken":
            lost = deed.about in state.cancelled or not (nobody or state.client == deed.client)
            return state if lost else None
        case "book", "Refused":
            own = state.client == deed.client and not has_it
            return state if own and deed.about in state.dead else None
        case "release" | "expire", _:
            return freed if has_it and not state.booked else state
        case "cancel", "Visit" if has_it and state.booked:
            return State(dead=state.dead, cancelled=state.cancelled | {deed.about})
        case "cancel", "Changed":
            return None if has_it and state.booked else state
    return None


def is_linearizable(history: list[Deed]) -> bool:
    """Search an order that keeps to the clock and to what everybody was told (Wing and Gong)."""
    deeds = sorted(history, key=lambda deed: deed.begun)
    seen: set[tuple[frozenset[int], int, State]] = set()
    stack: list[tuple[int, frozenset[int], State]] = [(0, frozenset(), State())]
    while stack:
        first, done, state = stack.pop()  # all before `first` are done, `done` are later ones
        while first in done:
            done -= {first}
            first += 1
        if first == len(deeds):
            return True
        if (done, first, state) in seen:
            continue
        seen.add((done, first, state))
        soonest_end = deeds[first].ended
        for number in range(first, len(deeds)):
            if deeds[number].begun > soonest_end:
                break
            if number in done:
                continue
            soonest_end = min(soonest_end, deeds[number].ended)
            then = after(state, deeds[number])
            if then is not None:
                stack.append((first, done | {number}, then))
    return False
