"""The one way to tell other systems of something: in the transaction that did it."""

from collections.abc import Sequence

from clinic.db import Tx
from clinic.ids import new_key
from clinic.webhook.types import Ids, Kind

# One trip to the database, which writes nothing while nobody wants to hear of it.
_ANNOUNCE = """
  with wanting as (
    select id, state from webhook_endpoint where state <> 'removed' and kinds ? $1),
  happened as (
    insert into webhook_event (key, kind, data)
    select n.key, $1, n.data from unnest($2::uuid[], $3::jsonb[]) as n (key, data)
    where exists (select from wanting) returning id)
  insert into webhook_delivery (event_id, endpoint_id)
  select h.id, w.id from happened h, wanting w where w.state = 'active'
"""


async def announce(tx: Tx, kind: Kind, *subjects: Ids) -> None:
    """Have every active endpoint that wants this kind told of each of these subjects. For one that
    is paused it is noted: it may catch up.

    Subjects are ids and codes, such as `{"appointment_id": 7}`: what another system may not know
    of a patient is not in it. Nothing is told if the transaction does not commit.
    """
    if subjects:
        keys: Sequence[object] = [new_key() for _ in subjects]
        await tx.execute(_ANNOUNCE, kind, keys, [dict(one) for one in subjects])
