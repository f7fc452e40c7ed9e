"""A captured answer of a passkey opens nothing: each counts once, and in its own place only."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256

from clinic.db import Database
from clinic.staff import passkeys
from clinic.staff.passkeys import Site
from clinic.staff.types import Came, Opened, Staff
from tests.integration.admin.conftest import house
from tests.integration.admin.house import KEYS, House
from tests.integration.security.test_strange_forms import database

__all__ = ["database", "house"]
SITE = Site("localhost", "http://localhost")
CAME = Came("127.0.0.1", "test")
PRESENT_AND_VERIFIED, NEW_KEY = 0x05, 0x40


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


@dataclass
class Device:
    """A passkey in software. Most real ones count nothing: their counter stays 0."""

    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    id: bytes = b"a device of the test"

    def _said(self, options: str, kind: str) -> bytes:
        challenge = json.loads(options)["challenge"]
        said = {"type": f"webauthn.{kind}", "challenge": challenge, "origin": SITE.origin}
        return json.dumps(said).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(SITE.host.encode()).digest() + bytes([flags]) + bytes(4)

    def makes(self, options: str) -> str:
        """The answer to "make one"."""
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        data = self._data(PRESENT_AND_VERIFIED | NEW_KEY) + bytes(16)
        data += len(self.id).to_bytes(2, "big") + self.id + public
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._said(options, "create")
        response = {"clientDataJSON": text(said), "attestationObject": text(attestation)}
        return self._answer(response)

    def signs(self, options: str) -> str:
        """The answer to "who are you"."""
        said, data = self._said(options, "get"), self._data(PRESENT_AND_VERIFIED)
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ECDSA(SHA256()))
        response = {
            "clientDataJSON": text(said),
            "authenticatorData": text(data),
            "signature": text(signature),
        }
        return self._answer(response)

    def _answer(self, response: dict[str, str]) -> str:
        whole = {"id": text(self.id), "rawId": text(self.id), "type": "public-key"}
        return json.dumps({**whole, "response": response})


async def question(database: Database, staff: Staff | None) -> str:
    async with database.transaction() as tx:
        if staff is None:
            return await passkeys.begin_sign_in(tx, KEYS, SITE)
        return await passkeys.begin_adding(tx, KEYS, staff, SITE, "clinic")


async def adds(database: Database, staff: Staff, answer: str) -> bool:
    async with database.transaction() as tx:
        return await passkeys.add(tx, KEYS, staff, SITE, answer, "my device")


async def signs_in(database: Database, answer: str) -> Opened | None:
    async with database.transaction() as tx:
        return await passkeys.sign_in(tx, KEYS, SITE, answer, CAME)


async def test_a_captured_answer_signs_nobody_in_though_the_device_counts_nothing(
    database: Database, house: House
) -> None:
    staff, device = await house.staff("Yamada"), Device()
    assert await adds(database, staff, device.makes(await question(database, staff)))
    early = device.signs(await question(database, None))
    answer = device.signs(await question(database, None))
    assert await signs_in(database, answer) is not None
    assert await signs_in(database, answer) is None, "the same once more"
    assert await signs_in(database, early) is None, "asked before the last one was used"
    assert await signs_in(database, device.signs(await question(database, None))) is not None
    assert await house.value("select sign_count from passkey") == 0


async def test_a_captured_answer_once_added_a_passkey_again_that_its_owner_had_removed(
    database: Database, house: House
) -> None:
    staff, device = await house.staff("Yamada"), Device()
    answer = device.makes(await question(database, staff))
    assert await adds(database, staff, answer)
    async with database.transaction() as tx:
        (kept,) = await passkeys.listed(tx, staff.id)
        assert await passkeys.remove(tx, staff, kept.id)
    assert not await adds(database, staff, answer)
    assert await adds(database, staff, device.makes(await question(database, staff)))


async def test_an_answer_counts_for_nobody_and_nothing_else(
    database: Database, house: House
) -> None:
    staff, other, device = await house.staff("Yamada"), await house.staff("Kato"), Device()
    asked = await question(database, staff)
    assert not await adds(database, other, device.makes(asked))
    assert not await adds(database, staff, device.makes(await question(database, None)))
    assert await adds(database, staff, device.makes(asked))
    assert await signs_in(database, device.signs(await question(database, staff))) is None


async def test_an_answer_after_five_minutes_is_none(database: Database, house: House) -> None:
    staff, device = await house.staff("Yamada"), Device()
    assert await adds(database, staff, device.makes(await question(database, staff)))
    options = json.loads(await question(database, None))
    asked = urlsafe_b64decode(options["challenge"] + "=" * (-len(options["challenge"]) % 4))
    at = int.from_bytes(asked[:8], "big") - 301 * 1_000_000
    body = at.to_bytes(8, "big") + asked[8:24]
    old = text(body + KEYS.mark("passkey:sign-in", body.hex(), 16))
    assert await signs_in(database, device.signs(json.dumps({"challenge": old}))) is None
