"""The public page of a site's numbers: its address, which nobody can guess, and a new one."""

import hmac
from dataclasses import dataclass

from clinic.crypto import KeyRing
from clinic.db import Tx

MARK = 18  # bytes: 144 bits


@dataclass(frozen=True, slots=True)
class BoardSite:
    """The site whose board an address opens."""

    id: int
    name: dict[str, str]


def board_token(keys: KeyRing, site_id: int, version: int) -> str:
    """What the address of a board ends with. It is not stored: only our keys can make it."""
    return f"{site_id}-{keys.mark('board', f'{site_id}:{version}', MARK).hex()}"


async def open_anew(tx: Tx, keys: KeyRing, site_id: int) -> str | None:
    """Open a site's board under a new address, its earlier one is dead; None: no such site."""
    version = await tx.fetchval(
        """insert into queue_board as b (site_id) select id from site where id = $1
           on conflict (site_id) do update set version = b.version + 1, active = true
           returning version""",
        site_id,
    )
    return None if version is None else board_token(keys, site_id, version)


async def close(tx: Tx, site_id: int) -> str | None:
    """Close a site's board; "" if it is closed, None if there was none."""
    found = await tx.fetchval(
        "update queue_board set active = false where site_id = $1 and active returning id", site_id
    )
    return None if found is None else ""


async def find_board(tx: Tx, keys: KeyRing, token: str) -> BoardSite | None:
    """The site of a board's address; None: it opens nothing (any more)."""
    number, _, _ = token.partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) <= 18):
        return None
    row = await tx.fetchrow(
        """select i.id, i.name, b.version from queue_board b join site i on i.id = b.site_id
           where b.site_id = $1 and b.active""",
        int(number),
    )
    if row is None:
        return None
    wanted = board_token(keys, row["id"], row["version"])
    if not hmac.compare_digest(wanted.encode(), token.encode("utf-8", "surrogatepass")):
        return None
    return BoardSite(row["id"], row["name"])
