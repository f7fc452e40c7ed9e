"""What somebody typed into the form of a campaign and has not saved: one state of the form for each
person and campaign, the newest."""

from dataclasses import dataclass
from datetime import datetime

from clinic.db import Tx

MARK = "typing"  # the name of what stands before the fields, as one of them: a state's turn


@dataclass(frozen=True, slots=True)
class Turn:
    """Which state of the form it is: when it was read (ms), by the clock of which browser."""

    browser: str
    at: int


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was left. `version`: of the campaign that stood in it when it was opened."""

    fields: tuple[tuple[str, str], ...]
    version: int
    at: datetime


async def keep(
    tx: Tx,
    campaign_id: int,
    staff_id: int,
    version: int,
    fields: list[list[str]],
    turn: Turn | None = None,
) -> bool:
    """Keep the form, unless a later state of the same browser is known; False if that is no
    draft any more."""
    await _write(tx, campaign_id, staff_id, version, fields, turn)
    state: str | None = await tx.fetchval("select state from campaign where id = $1", campaign_id)
    return state == "draft"


async def _write(
    tx: Tx,
    campaign_id: int,
    staff_id: int,
    version: int,
    fields: list[list[str]],
    turn: Turn | None,
) -> None:
    mark = [] if turn is None else [[MARK, f"{turn.browser} {turn.at}"]]
    await tx.execute(
        """insert into campaign_typing (campaign_id, staff_id, typed, version)
           select id, $2, $3, $4 from campaign where id = $1 and state = 'draft'
           on conflict (campaign_id, staff_id)
           do update set typed = excluded.typed, version = excluded.version, typed_at = now()
           where case when campaign_typing.typed -> 0 ->> 0 = $5
             then split_part(campaign_typing.typed -> 0 ->> 1, ' ', 1) <> $6
               or split_part(campaign_typing.typed -> 0 ->> 1, ' ', 2)::bigint < $7
             else true end""",
        campaign_id,
        staff_id,
        mark + fields,
        version,
        MARK,
        "" if turn is None else turn.browser,
        0 if turn is None else turn.at,
    )


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
    fields = tuple((name, value) for name, value in row["typed"] if name != MARK)
    if not fields:
        return None
    return Typed(fields, row["version"], row["typed_at"])


async def forget(tx: Tx, campaign_id: int, staff_id: int, turn: Turn | None = None) -> None:
    """It was saved, or is not wanted. Nor is what is still on its way from before `turn`, which is
    therefore left in its place."""
    await tx.execute(
        "delete from campaign_typing where campaign_id = $1 and staff_id = $2",
        campaign_id,
        staff_id,
    )
    if turn is not None:
        await _write(tx, campaign_id, staff_id, 0, [], turn)
