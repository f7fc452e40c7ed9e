"""A clinic with a campaign under way: patients with a chat each, and what waits to be sent to them.

`Rows` writes recipients as the campaign's own engine does, without what chooses them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.channels.line.render import split as line_split
from clinic.conversation.service import account_of
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key
from clinic.message.bulk import CHUNK, enqueue_chunk, enqueue_many
from clinic.message.service import Outgoing
from clinic.message.types import DeliveryClass, Message
from clinic.policy.types import Purpose

USEFUL = timedelta(hours=6)


@dataclass(slots=True)
class Rows:
    """What a campaign writes. `purpose` orders the outbox, `consent` is what was agreed to."""

    keys: KeyRing
    purpose: str = "plan"
    consent: Purpose = "care"

    async def campaign(self, tx: Tx, state: str = "running", name: str = "Lapse") -> int:
        """A campaign; its id."""
        written: int = await tx.fetchval(
            """insert into campaign (key, name, kind, purpose, state, audience, trigger, content,
                                     starts_at)
               values ($1, $2, 'lapse', $3, $4, '{}', '{}', '{}', now()) returning id""",
            new_key(),
            name,
            self.consent,
            state,
        )
        return written

    async def recipients(
        self,
        tx: Tx,
        campaign: int,
        addresses: Sequence[str],
        channel: str = "line",
        occurrence: str = "once",
    ) -> list[int]:
        """A patient with a linked chat that agreed to the notice, for each address: recipients."""
        accounts = [
            (await account_of(tx, self.keys, channel, address)).account_id for address in addresses
        ]
        await tx.execute(
            "update chat_account set consent_version = '2.1', language = 'en' where id = any ($1)",
            accounts,
        )
        rows = await tx.fetch(
            """with people as (
                 insert into patient (key, name)
                 select key, 'Patient ' || key from unnest($1::uuid[]) k (key) returning id),
               pairs as (
                 select p.id, a.id as account from (select id, row_number() over (order by id) n
                                                    from people) p
                 join unnest($2::bigint[]) with ordinality a (id, n) using (n)),
               links as (
                 insert into link (account_id, patient_id, relation, proof)
                 select account, id, 'self', 'code' from pairs)
               insert into recipient (campaign_id, patient_id, occurrence, due_at, useful_until,
                                      account_id)
               select $3, id, $4, now(), now() + $5, account from pairs order by account
               returning id""",
            [new_key() for _ in addresses],
            accounts,
            campaign,
            occurrence,
            USEFUL,
        )
        return [row["id"] for row in rows]

    async def queue(
        self, tx: Tx, recipients: Sequence[int], text: str = "Come again, please."
    ) -> list[int]:
        """Give each a row of the outbox with a text of their own."""
        found = await tx.fetch(
            """select r.id, r.account_id, r.patient_id, a.link_version from recipient r
               join chat_account a on a.id = r.account_id where r.id = any ($1) order by r.id""",
            recipients,
        )
        ids = await enqueue_many(
            tx,
            self.keys,
            [
                Outgoing(
                    account_id=row["account_id"],
                    message=Message(f"{text} [{row['id']}]", "en"),
                    dedup_key=f"recipient:{row['id']}",
                    purpose=self.purpose,
                    delivery_class=DeliveryClass.CAMPAIGN,
                    useful_for=USEFUL,
                    link_version=row["link_version"],
                    consent_purpose=self.consent,
                    patient_id=row["patient_id"],
                )
                for row in found
            ],
        )
        await tx.execute(
            """update recipient r set state = 'queued', outbox_id = n.outbox
               from unnest($1::bigint[], $2::bigint[]) as n (id, outbox) where r.id = n.id""",
            [row["id"] for row in found],
            ids,
        )
        return [one for one in ids if one is not None]

    async def chunk(
        self, tx: Tx, recipients: Sequence[int], text: str = "We are closed on Monday."
    ) -> list[int]:
        """Give them the same text, in chunks."""
        now: datetime = await tx.fetchval("select now()")
        (message,) = line_split(Message(text, "en"))
        return [
            await enqueue_chunk(
                tx,
                self.keys,
                message,
                "line",
                self.consent,
                self.purpose,
                recipients[first : first + CHUNK],
                now + USEFUL,
                now,
            )
            for first in range(0, len(recipients), CHUNK)
        ]


async def states(tx: Tx, campaign: int) -> dict[str, int]:
    """How many recipients of a campaign stand how."""
    rows: list[Any] = await tx.fetch(
        "select state, count(*) from recipient where campaign_id = $1 group by state", campaign
    )
    return {row["state"]: row["count"] for row in rows}


async def reasons(tx: Tx, campaign: int) -> dict[str, int]:
    """Why recipients stand as they do."""
    rows: list[Any] = await tx.fetch(
        """select reason, count(*) from recipient
           where campaign_id = $1 and reason is not null group by reason""",
        campaign,
    )
    return {row["reason"]: row["count"] for row in rows}
