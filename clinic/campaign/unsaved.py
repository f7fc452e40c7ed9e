"""What somebody typed into the form of a campaign and has not saved: one state of the form for each
person and campaign, the newest."""

from dataclasses import dataclass
from datetime import datetime

from clinic.db import Tx


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was left. `version`: of the campaign that stood in it when it was opened."""

    fields: tuple[tuple[str, str], ...]
    version: int
    at: datetime


async def keep(
    tx: Tx, campaign_id: int, staff_id: int, version: int, fields: list[list[str]]
) -> bool:
    """Keep the form; False if that is no draft any more."""
    status: str = await tx.execute(
        """insert into campaign_typing (campaign_id, staff_id, typed, version)
           select id, $2, $3, $4 from campaign where id = $1 and state = 'draft'
           on conflict (campaign_id, staff_id)
           do update set typed = excluded.typed, version = excluded.version, typed_at = now()""",
        campaign_id,
        staff_id,
        fields,
        version,
    )
    return status.endswith(" 1")


async def find(tx: Tx, campaign_id: int, staff_id: int) -> Typed | None:
    """What they typed; None if all of it is saved."""
    row = await tx.fetchrow(
        """select typed, version, typed_at from campaign_typing
           where campaign_id = $1 and staff_id = $2""",
        campaign_id,
        staff_id,
    )
    if row is None:
        return None
    fields = tuple((name, value) for name, value in row["typed"])
    return Typed(fields, row["version"], row["typed_at"])


async def forget(tx: Tx, campaign_id: int, staff_id: int) -> None:
    """It was saved, or is not wanted."""
    await tx.execute(
        "delete from campaign_typing where campaign_id = $1 and staff_id = $2",
        campaign_id,
        staff_id,
    )
