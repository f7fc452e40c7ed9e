"""Link codes: what they look like and how often one may try. Pure."""

import re
import secrets
import unicodedata
from datetime import timedelta

# Codes are of Crockford's base 32, which has no I, L, O or U; letters that look like others on
# paper or come from a Russian keyboard are read as what they look like.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("OILАВЕКМНОРСТХЗ", "011ABEKMH0PCTX3")
LENGTH = 9  # 45 bits: at least 40 for a code of 10 minutes
SHORTEST = 8
LONGEST = 32
LIFE = timedelta(minutes=10)
TRIES_PER_ACCOUNT = 5  # wrong ones, an hour
TRIES_ALARM = 100  # wrong ones over all accounts, an hour: staff are told
# SQL: a link `l` speaks for a patient `p`. It is proven, the patient's own, or of the chat that
# made them up.
LIVE = "l.ended_at is null and (l.proof <> 'none' or l.relation = 'self' or p.provisional)"


def new_code() -> str:
    """A fresh code from the system's secure source."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown(code: str) -> str:
    """The code in groups of three, easier to read and type."""
    return "-".join(code[i : i + 3] for i in range(0, len(code), 3))


def read_code(text: str) -> str | None:
    """The code in what a patient typed or a link carried; None if the text cannot be one.

    Groups of a code are of one length; "my code is lost" has other ones, and no digit.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    if len(set(map(len, plain.split()))) > 1 and not re.search(r"\d", plain):
        return None
    code = plain.translate(_LOOKALIKES)
    code = re.sub(r"[\s\W_]", "", code)
    return code if SHORTEST <= len(code) <= LONGEST and set(code) <= set(ALPHABET) else None
