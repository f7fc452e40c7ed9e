"""A record was joined to another chat: whoever spoke for the patient before hears of it."""

from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.message.service import Outgoing, enqueue
from flows import texts
from flows.effects import Say


async def tell_others(
    tx: Tx, keys: KeyRing, settings: Settings, account_id: int, patient_id: int
) -> int:
    """Tell the other chats that speak for the patient, and staff; how many chats were told.

    A code may have come into wrong hands. Those chats keep their link: a helper is no thief.
    """
    rows = await tx.fetch(
        """select a.id, a.language, l.id as link, p.name
           from link l join chat_account a on a.id = l.account_id
           join patient p on p.id = l.patient_id
           where l.patient_id = $1 and l.account_id <> $2 and l.ended_at is null
             and l.proof <> 'none' and a.unreachable_at is null order by l.id""",
        patient_id,
        account_id,
    )
    for row in rows:
        params = {
            "clinic": settings.clinic.name,
            "phone": settings.clinic.phone,
            "name": row["name"],
        }
        language = row["language"] or settings.clinic.languages[0]
        (message,), _ = texts.compose([Say("link.other_chat", params)], language, lambda _: "")
        # Not twice, however often the same chat is joined anew.
        key = f"relinked:{row['link']}:{account_id}"
        await enqueue(tx, keys, Outgoing(row["id"], message, key, "dialogue"))
    if rows:
        await tx.execute(
            """insert into task (key, kind, patient_id, detail) values ($1, 'relinked', $2, '{}')
               on conflict (key) do nothing""",
            f"relinked:{patient_id}:{account_id}",
            patient_id,
        )
    return len(rows)
