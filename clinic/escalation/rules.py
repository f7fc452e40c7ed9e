"""The ladder of alerts: who is alerted when, and when again. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from clinic.escalation.types import Next, Rung, Shift
from clinic.link.rules import LENGTH, read_code

LEAST_ALERTED = 3  # the level; what is below is shown in the panel only
RUNG = timedelta(minutes=5)  # R30: then the next person, then all, then all again
REMINDED = timedelta(minutes=60)  # an owner who has not closed it
OTHER = "+"  # begins a reason that is another rule's, with its codes behind slashes
MOST_OTHERS = 20
REPEATED = timedelta(minutes=5)  # at least, between alerts to an owner whose patient repeats it
GRAVE = 4  # the level that pauses what is sent to the patient by itself
PREFIX = "staff-"  # of the code by which staff link their own chat account
_PREFIX = re.compile(r"staff[-‐‑–—ー−]", re.IGNORECASE)


def rung(round: int, age: timedelta) -> Rung:
    """Whom alert number `round` (0 is the first) of an escalation of this age goes to.

    By age too: after a time in which nothing could be sent nobody starts from the beginning.
    """
    step = max(round, age // RUNG)
    return "first" if step == 0 else "next" if step == 1 else "everybody"


def alerted(rung: Rung, on_call: Sequence[int], doctors: Iterable[int]) -> tuple[int, ...]:
    """The ids of the staff to be alerted, of those who can be reached.

    `on_call`: in the order of the rota. Where it has nobody for a rung, everybody is meant.
    """
    if rung == "first" and on_call:
        return (on_call[0],)
    if rung == "next" and len(on_call) > 1:
        return (on_call[1],)
    return tuple(dict.fromkeys((*on_call, *doctors)))


def next_step(state: str, since_acknowledged: timedelta, *, repeated: bool) -> Next:
    """What is due now for an escalation that is not closed, and when to look again.

    `repeated`: the patient said it again, and its owner has not been alerted of that.
    """
    if state == "open":
        return Next("alert", RUNG)
    early = since_acknowledged < REMINDED
    after = REMINDED - since_acknowledged if early else REMINDED
    return Next("repeat" if repeated else "tell" if early else "remind", after)


def first_alert_due(level: int) -> bool:
    """Whether anybody is alerted at all."""
    return level >= LEAST_ALERTED


def on_call_now(shifts: Iterable[Shift], now: datetime) -> tuple[int, ...]:
    """Who is on call at a local time, the first to be alerted first. Nobody twice."""
    found = sorted((it for it in shifts if _covers(it, now)), key=lambda it: it.position)
    return tuple(dict.fromkeys(it.staff_id for it in found))


def _covers(shift: Shift, now: datetime) -> bool:
    clock, today = now.time(), now.weekday()
    if shift.since < shift.until:
        return today == shift.weekday and shift.since <= clock < shift.until
    if today == shift.weekday and clock >= shift.since:
        return True
    return today == (shift.weekday + 1) % 7 and clock < shift.until


Why = tuple[str, tuple[str, ...]]  # a rule and the codes beside it, gravest first


def parts(rule: str, reasons: Iterable[str]) -> tuple[Why, ...]:
    """The rules of an escalation, the one that leads it first, each with its own codes."""
    own = tuple(it for it in reasons if not it.startswith(OTHER))
    others = (it.removeprefix(OTHER).split("/") for it in reasons if it.startswith(OTHER))
    return ((rule, own), *((name, tuple(codes)) for name, *codes in others))


def joined(standing: Why, raised: Why, *, rises: bool) -> Why:
    """One escalation of two: its rule, and the codes and other rules beside it.

    What rises leads, and what stood before is kept behind it.
    """
    before = parts(*standing)
    known = next((codes for rule, codes in before if rule == raised[0]), ())
    new = (raised[0], raised[1] or known)
    if rises:
        every = [new, *(it for it in before if it[0] != new[0])]
    else:
        every = [new if it[0] == new[0] else it for it in before]
        every += [] if new in every else [new]
    (rule, own), *others = every
    return rule, (*own, *(OTHER + "/".join((name, *codes)) for name, codes in others[:MOST_OTHERS]))


def shown_code(code: str) -> str:
    """A staff link code as it is typed or put into a link."""
    return PREFIX + code


def read_staff_code(text: str) -> str | None:
    """The code in what was typed or a link carried, with its prefix; None if it is none.

    Patients write "staff" to speak to a person: only a prefix with its hyphen and a code of the
    right length count.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    prefix = _PREFIX.match(plain)
    code = read_code(plain[prefix.end() :]) if prefix else None
    return code if code and len(code) == LENGTH else None
