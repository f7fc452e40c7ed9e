"""Campaigns at work: recipients made when their time comes, released in batches, followed to their
end. Any number of workers may do so at once; all that is done is done in one transaction or not."""

import logging
from dataclasses import dataclass, field

from bot.environment import Environment
from clinic.campaign import rules, service, settle, store
from clinic.campaign.consider import Setting
from clinic.campaign.materialise import materialise, next_to_make
from clinic.db import Tx
from flows import texts
from scheduler.release import release

log = logging.getLogger(__name__)
MADE_AT_ONCE = 20  # campaigns looked at in one sweep
ENDED_AT_ONCE = 5_000
LOOKED_BACK = 50_000  # events and bookings, when a worker begins
LATE_COMMITS = 500  # rows with smaller ids that may have been committed later
ANSWER_DAYS, BOOKING_DAYS = 7, 30


@dataclass(slots=True)
class Campaigns:
    """The sweeps of campaigns of one worker, and up to where it has listened for answers."""

    env: Environment
    _heard: dict[str, int] = field(default_factory=dict)

    @property
    def setting(self) -> Setting:
        """What judging and wording take."""
        return Setting(self.env.settings, self.env.keys, texts.shown)

    async def make(self) -> int:
        """Make recipients, follow those on their way, end what is over; how many new ones."""
        made = 0
        for _ in range(MADE_AT_ONCE):
            found = await self._make_one()
            if found is None:
                break
            made += found
        async with self.env.database.transaction() as tx:
            await settle.hurry(tx)
            await settle.end_waiting(tx)
        async with self.env.database.transaction() as tx:
            await settle.follow(tx)
            await settle.pause_refused(tx)
        async with self.env.database.transaction() as tx:
            await end_cancelled(tx)
            await self._finish(tx)
        async with self.env.database.transaction() as tx:
            await self._hear(tx)
        return made

    async def release(self) -> int:
        """Give recipients whose time has come to the outbox; how many were decided about."""
        async with self.env.database.transaction() as tx:
            running = await tx.fetch(
                "select id from campaign where state = 'running' and starts_at <= now() order by id"
            )
        return sum([await release(self.env, self.setting, row["id"]) for row in running])

    async def _make_one(self) -> int | None:
        """Look at one campaign; how many recipients are new, None if no campaign is due."""
        async with self.env.database.transaction() as tx:
            campaign_id = await next_to_make(tx)
            campaign = None if campaign_id is None else await store.find(tx, campaign_id)
            if campaign is None:
                return None
            now = await tx.fetchval("select now()")
            plan = store.understand(campaign)
            made = await materialise(tx, self.env.keys, self.env.zone, plan, now)
            if campaign.made_until is not None:
                await service.call_refused(tx, campaign, campaign.made_until - 2 * rules.AHEAD)
        if made.recipients:
            log.info("campaign=%s recipients=%s", campaign.id, made.recipients)
        return made.recipients

    async def _finish(self, tx: Tx) -> None:
        """Finish campaigns with nobody on the way and nothing to come, if the sums are right."""
        rows = await tx.fetch(
            """select id from campaign c where state = 'running' and made_until is not null
                 and not exists (select from recipient r
                   where r.campaign_id = c.id and r.state = 'pending')
                 and not exists (select from recipient r
                   where r.campaign_id = c.id and r.state = 'queued')
                 and not exists (select from task t where t.kind = 'campaign' and t.state = 'open'
                   and t.key like 'campaign:' || c.id || ':late:%')
               for no key update skip locked"""
        )
        for row in rows:
            campaign = await store.find(tx, row["id"])
            assert campaign is not None
            assert campaign.made_until is not None
            ends_at = rules.ends_at(store.understand(campaign).trigger, self.env.zone)
            if ends_at is None or campaign.made_until <= ends_at:
                continue
            await service.finish(tx, campaign.id)

    async def _hear(self, tx: Tx) -> None:
        """Note who wrote or booked after a message of a campaign."""
        for table, note in (("inbound", _ANSWERED), ("appointment", _BOOKED)):
            newest: int = await tx.fetchval(f"select coalesce(max(id), 0) from {table}")  # noqa: S608  # constants
            since = self._heard.get(table, newest - LOOKED_BACK) - LATE_COMMITS
            await tx.execute(note, since)
            self._heard[table] = newest


async def end_cancelled(tx: Tx) -> int:
    """End who got nothing yet of campaigns that were cancelled; how many, some thousand at most."""
    status: str = await tx.execute(
        f"""update recipient set state = 'cancelled', settled_at = now()
            where id in (
              select r.id from campaign c join recipient r on r.campaign_id = c.id
              where c.state = 'cancelled' and r.state = 'pending'
              limit {ENDED_AT_ONCE} for update of r skip locked)"""  # noqa: S608  # constants
    )
    return int(status.rpartition(" ")[2])


# What patients sent by themselves, in the days after it was sent to them.
_ANSWERED = f"""
    update recipient r set answered_at = n.received_at
    from (select s.id, min(i.received_at) as received_at from inbound i
          join link l on l.account_id = i.account_id
          join recipient s on s.patient_id = l.patient_id and s.account_id = i.account_id
            and s.due_at < i.received_at
            and s.due_at > i.received_at - interval '{ANSWER_DAYS} days'
          where i.id > $1 and i.text is not null and s.answered_at is null
            and s.state in ('queued', 'sent', 'unknown')
          group by s.id) n
    where r.id = n.id
"""  # noqa: S608  # constants
# A booking counts for the newest message before it.
_BOOKED = f"""
    update recipient r set booked_id = n.visit
    from (select distinct on (v.id) v.id as visit, s.id from appointment v
          join recipient s on s.patient_id = v.patient_id and s.state in ('sent', 'unknown')
            and s.settled_at < v.created_at
            and s.settled_at > v.created_at - interval '{BOOKING_DAYS} days'
          where v.id > $1 and v.status not in ('held', 'expired')
          order by v.id, s.settled_at desc) n
    where r.id = n.id and r.booked_id is null
"""  # noqa: S608  # constants
