"""How long a sign-in lasts, what a name, a password and a code may be, how long somebody waits who
was wrong, who sees which patients. Pure."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import ip_address, ip_network

from clinic.staff.types import PasswordProblem, Role

LINK_LIFE = timedelta(minutes=15)
IDLE = timedelta(minutes=15)  # without an act of the person; what a page does by itself is none
ABSOLUTE = timedelta(hours=12)
NAME_LENGTH = 80
STEP_LIFE = timedelta(minutes=10)  # between the first thing and the second
WRONG_CODES = 5  # of one sign-in; then it begins again
WRONG_CODES_IN_ALL = 30  # of one account within WINDOW, from addresses it never signed in from
PROVED = timedelta(minutes=10)  # a code counts for what needs one anew
RECOVERY_CODES = 10
EMERGENCY = timedelta(minutes=60)
REASON = (10, 500)  # characters of why somebody needs a patient who is not theirs

SHORTEST, LONGEST = 12, 128  # characters of a password
FEWEST_SIGNS = 5  # different ones
RUN = 3  # characters in the order of a keyboard or alphabet that count as a run
WORDS = 2  # known words that do not make a password, whatever digits stand around them
LEFT = 3  # characters that are left when known words and runs are taken out

WINDOW = timedelta(minutes=15)
FREE = 5  # wrong tries without a wait
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
FREE_OF_ADDRESS = 40  # over all names that one address tries

_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
)
_ROW_PIECES = frozenset(
    row[at : at + RUN]
    for way in _ROWS
    for row in (way, way[::-1])
    for at in range(len(row) - RUN + 1)
)
_LEET = str.maketrans("@4301!5$7", "aaeoiisst")
_SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Mac OS", "CrOS", "Linux")
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def token_hash(token: str) -> str:
    """What is stored of a token of 256 random bits; such tokens need no slow hash."""
    # A cookie of a hostile client may hold bytes that are no text.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def read_name(text: str) -> str | None:
    """A staff name in its normal form, None if it is empty, too long or holds control characters.

    Two names that look alike because of width or composed accents become one.
    """
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    if not name or len(name) > NAME_LENGTH:
        return None
    return None if any(unicodedata.category(sign)[0] == "C" for sign in name) else name


def sees_all_patients(role: Role) -> bool:
    """Whether a role works with every patient rather than with its own."""
    return role is not Role.DOCTOR


def password_problem(
    password: str, common: frozenset[str], own: Iterable[str]
) -> PasswordProblem | None:
    """What is wrong with a new password; None if it may be taken.

    `common` are words that many passwords are made of, `own` the names of the clinic and of the
    person. A password is refused that is nothing but one or two of them with digits, signs and
    runs of the keyboard around them, or a few characters again and again. A sentence of three or
    more words is a good password.
    """
    plain = normal_password(password)
    if len(plain) < SHORTEST:
        return "short"
    if len(plain) > LONGEST:
        return "long"
    folded = plain.casefold()
    known = common | {word for name in own for word in _words(name)}
    if len(set(folded)) < FEWEST_SIGNS:
        return "common"
    readings = (folded, folded.translate(_LEET))
    return "common" if any(_made_of(it, folded, known) for it in readings) else None


def normal_password(password: str) -> str:
    """A password as it is hashed: the same whatever the width that a keyboard wrote it in."""
    return unicodedata.normalize("NFKC", password)


def _words(name: str) -> set[str]:
    folded = unicodedata.normalize("NFKC", name).casefold()
    parts = {*re.split(r"[\W_]+", folded), "".join(re.split(r"[\W_]+", folded))}
    return {part for part in parts if len(part) >= RUN}


def _made_of(text: str, typed: str, known: frozenset[str]) -> bool:
    """Whether hardly anything is left of a text without known words, digits, signs and runs.

    `typed` is the text before digits and signs were read as the letters they look like.
    """
    used: set[str] = set()
    left, at = 0, 0
    longest = max(map(len, known), default=0)
    while at < len(text):
        sizes = range(min(longest, len(text) - at), RUN - 1, -1)
        word = next((text[at : at + n] for n in sizes if text[at : at + n] in known), None)
        if word is not None:
            used.add(word)
            at += len(word)
        elif text[at : at + RUN] in _ROW_PIECES:
            at += RUN
            while at < len(text) and text[at - RUN + 1 : at + 1] in _ROW_PIECES:
                at += 1
        else:
            repeats = at > 0 and text[at] == text[at - 1]
            left += typed[at].isalpha() and not repeats
            at += 1
    return left <= LEFT and len(used) <= WORDS


def wait_after(wrong: int, free: int = FREE) -> timedelta:
    """How long after the last of `wrong` tries of the last 15 minutes the next one is looked at."""
    if wrong < free:
        return timedelta(0)
    return min(FIRST_WAIT * (1 << min(wrong - free, 16)), LONGEST_WAIT)


def network(address: str) -> str:
    """What tries are counted by: an IPv4 address, the /64 of an IPv6 one; other text as it is."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address[:45]
    if ip.version == 4:
        return str(ip)
    mapped = getattr(ip, "ipv4_mapped", None)
    return str(mapped or ip_network((ip, 64), strict=False).network_address)


def read_code(text: str) -> str:
    """A code as somebody typed or pasted it: without spaces and hyphens, whatever the width."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text[:64])).upper()


def read_reason(text: str) -> str | None:
    """Why somebody needs a patient who is not theirs, on one line; None if that is too little said,
    or too much."""
    reason = " ".join(text.replace("\0", "").split())
    return reason if REASON[0] <= len(reason) <= REASON[1] else None


def browser_of(user_agent: str) -> str:
    """A browser and its system in a few words, as far as its own header tells."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for name in _SYSTEMS if name in user_agent), "")
    return ", ".join(part for part in (browser, system) if part)
