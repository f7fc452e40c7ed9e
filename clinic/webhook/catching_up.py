"""What happened while an endpoint was paused: noted, not delivered, and delivered on request."""

# ruff: noqa: S608  # what is put together is fixed texts

from datetime import timedelta

from clinic.db import Tx

AT_MOST = 10_000  # events at a time: another system is not to be flooded
_PASSED = """
  from webhook_event v join webhook_endpoint e on e.id = $1
  where e.state <> 'removed' and e.kinds ? v.kind and v.created_at >= e.created_at
    and v.created_at >= now() - $2::interval
    and not exists (select from webhook_delivery d
                    where d.event_id = v.id and d.endpoint_id = e.id)
"""


async def passed(tx: Tx, endpoint_id: int, within: timedelta) -> int:
    """How many events that an endpoint wants passed it by in that time; AT_MOST stands for more."""
    found: int = await tx.fetchval(
        f"select count(*) from (select 1 {_PASSED} limit {AT_MOST}) missed", endpoint_id, within
    )
    return found


async def catch_up(tx: Tx, endpoint_id: int, within: timedelta) -> int:
    """Have those delivered, the oldest first, each once under its own id; how many.

    What goes to a paused endpoint waits until it is resumed.
    """
    status: str = await tx.execute(
        f"""insert into webhook_delivery (event_id, endpoint_id)
            select v.id, e.id {_PASSED} order by v.id limit {AT_MOST}
            on conflict (event_id, endpoint_id) do nothing""",
        endpoint_id,
        within,
    )
    return int(status.rpartition(" ")[2])
