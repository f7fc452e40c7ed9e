"""Whether the audit trail is whole: the chain of its rows, and the links kept outside."""

from dataclasses import dataclass
from pathlib import Path

from clinic.audit.anchor import read_anchors
from clinic.audit.service import verify
from clinic.db import Tx


@dataclass(frozen=True, slots=True)
class Checked:
    """How the check ended. `broken`: the id of the first row that was changed, or that follows a
    removed one. `cut`: the position of a link that was written down and is gone, or another."""

    sealed: int  # rows in the chain
    unsealed: int  # rows of the last seconds
    anchors: int  # links that were written down on this machine
    broken: int | None
    cut: int | None

    @property
    def whole(self) -> bool:
        """Nothing was found."""
        return self.broken is None and self.cut is None


async def check(tx: Tx, folder: Path) -> Checked:
    """Walk the whole chain (some seconds for a million rows) and compare it with the file."""
    row = await tx.fetchrow(
        """select count(*) filter (where position is not null) as sealed,
                  count(*) filter (where position is null) as unsealed from audit"""
    )
    broken = await verify(tx)
    anchors = read_anchors(folder)
    rows = await tx.fetch(
        "select position, chain from audit where position = any ($1)", [one[0] for one in anchors]
    )
    there = {row["position"]: row["chain"] for row in rows}
    cut = next((at for at, link, _ in anchors if there.get(at) != link), None)
    return Checked(row["sealed"], row["unsealed"], len(anchors), broken, cut)
