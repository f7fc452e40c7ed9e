"""The address of the picture of a patient's readings: secret, for some days, and made of nothing
that anybody can read or guess. Nothing is stored: who is struck out or erased is not drawn."""

import base64
import binascii
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

from clinic.crypto import KeyRing, Sealed
from clinic.message.types import Picture
from clinic.observation.picture import HEIGHT, WIDTH
from clinic.observation.types import Kind, Unit

FOLDER = "/trends"
LIFE = timedelta(days=7)
_WHERE = "trend.link"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link shows: readings of a kind in a unit, written down until `until`.

    `account_id`: of this chat alone, where the record may not be shown to it.
    """

    patient_id: int
    kind: Kind
    unit: Unit
    account_id: int | None
    until: datetime


def seal(keys: KeyRing, asked: Asked) -> str:
    """The token of a link."""
    until = math.ceil(asked.until.timestamp())  # never before the reading that it is made for
    said = [asked.patient_id, asked.kind, asked.unit, asked.account_id, until]
    sealed = keys.seal(orjson.dumps(said), _WHERE, "")
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def read(keys: KeyRing, token: str, now: datetime) -> Asked | None:
    """What a token shows; None if we did not make it, or its days are over."""
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        said = orjson.loads(keys.open(sealed, _WHERE, ""))
    except (Sealed, binascii.Error, ValueError):
        return None
    patient, kind, unit, account, until = said
    asked = Asked(patient, kind, unit, account, datetime.fromtimestamp(until, UTC))
    return asked if now < asked.until + LIFE else None


def picture(keys: KeyRing, asked: Asked, public_url: str | None) -> Picture:
    """The picture as a message carries it; what it shows in words is the message's to say."""
    url = f"{(public_url or '').rstrip('/')}{FOLDER}/{seal(keys, asked)}.png"
    return Picture(url, url, "", WIDTH, HEIGHT)
