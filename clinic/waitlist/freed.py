"""Notes that a visit gave its time free, in the transaction in which it did.

Booking calls this, so nothing here knows of booking.
"""

from collections.abc import Mapping
from typing import Any

from clinic.db import Tx
from clinic.waitlist.types import Cause


async def note_freed(tx: Tx, visit: Mapping[str, Any], cause: Cause) -> None:
    """A booked visit was cancelled or moved: the time it had will be offered to others.

    `visit` is its row as it was before. `cancel` becomes said_no where the patient was reminded.
    """
    await tx.execute(
        """insert into slot_rescue (key, appointment_id, cause, service_id, site_id,
             practitioner_id, starts_at, ends_at, minutes, due_at)
           select format('%s:%s', $1::bigint, $2::int), $1,
             case when $3::text = 'cancel' and exists (
               select from outbox where appointment_id = $1 and purpose = 'reminder'
                 and state in ('sent', 'unknown')) then 'said_no' else $3 end,
             $4, $5, $6, $7, $8,
             (date_part('epoch', $8::timestamptz - $7::timestamptz) / 60)::int, now()
           on conflict (key) do nothing""",
        visit["id"],
        visit["version"],
        cause,
        visit["service_id"],
        visit["site_id"],
        visit["practitioner_id"],
        visit["starts_at"],
        visit["ends_at"],
    )
