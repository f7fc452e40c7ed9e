"""Encryption of fields and blind indexes: AES-256-GCM bound to table, column and row.

A stored value is key id (1 byte), nonce (12), ciphertext and tag (16). The row's name is part of
what is authenticated, so a value moved to another row does not open.
"""

import hmac
import os
from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

NONCE = 12
OVERHEAD = 1 + NONCE + 16  # bytes that a stored value is longer than what it holds


class Sealed(Exception):
    """A stored value does not open: wrong key, changed, or moved from another row."""


class KeyRing:
    """Keys by id; the one with the highest id encrypts, all of them decrypt."""

    def __init__(
        self,
        masters: Mapping[int, bytes],
        index: bytes | None = None,
        *,
        again: Callable[[], tuple[Mapping[int, bytes], bytes | None]] | None = None,
    ) -> None:
        """Take master keys of 32 bytes by id 1..255; `index`: the key of blind indexes, where the
        first master key is gone. `again` reads both anew. Raises ValueError on others."""
        self._again = again
        self._take(masters, index)

    def _take(self, masters: Mapping[int, bytes], index: bytes | None) -> None:
        if not masters or any(len(key) != 32 or not 0 < n < 256 for n, key in masters.items()):
            raise ValueError("master keys are 32 bytes each, with ids from 1 to 255")
        self._ciphers = {n: AESGCM(_derive(key, b"fields")) for n, key in masters.items()}
        # The index must not change when keys do, or nothing could be found any more.
        self._index = index or index_key(masters[min(masters)])
        self._current = max(masters)

    @property
    def current(self) -> int:
        """The id of the key that encrypts."""
        return self._current

    def refresh(self) -> None:
        """Take over keys that were added since. Raises KayoiError if they cannot be read."""
        if self._again is not None:
            self._take(*self._again())

    def seal(self, plain: bytes, where: str, row: object) -> bytes:
        """Encrypt a value for the column `where` (table.column) of a row."""
        nonce = os.urandom(NONCE)
        head = bytes([self._current])
        aad = f"{where}/{row}".encode()
        return head + nonce + self._ciphers[self._current].encrypt(nonce, plain, aad)

    def open(self, sealed: bytes, where: str, row: object) -> bytes:
        """Decrypt what `seal` made for the same place. Raises Sealed."""
        if sealed and sealed[0] not in self._ciphers:
            self.refresh()  # another process was sooner to use a new key
        cipher = self._ciphers.get(sealed[0]) if sealed else None
        if cipher is None:
            raise Sealed(where)
        try:
            return cipher.decrypt(
                sealed[1 : 1 + NONCE], sealed[1 + NONCE :], f"{where}/{row}".encode()
            )
        except InvalidTag as error:
            raise Sealed(where) from error

    def index(self, kind: str, value: str) -> str:
        """A keyed hash by which an encrypted value can be looked up exactly (64 hex digits)."""
        return hmac.digest(self._index, f"{kind}\0{value}".encode(), "sha256").hex()

    def mark(self, purpose: str, text: str, size: int = 8) -> bytes:
        """A keyed mark of `size` bytes that only we can make, for tokens we hand out."""
        return hmac.digest(self._index, f"mark:{purpose}\0{text}".encode(), "sha256")[:size]


def index_key(master: bytes) -> bytes:
    """What blind indexes are made with, of the first master key."""
    return _derive(master, b"index")


def _derive(master: bytes, purpose: bytes) -> bytes:
    return HKDFExpand(algorithm=hashes.SHA256(), length=32, info=b"kayoi:" + purpose).derive(master)
