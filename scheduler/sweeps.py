"""What the worker looks for again and again, by PostgreSQL's clock. Each sweep finds what is due,
whether or not anybody rang."""

import asyncio
import logging
from dataclasses import dataclass

from bot.environment import Environment
from bot.outbox import Sender
from bot.runner import Runner
from clinic.audit.anchor import anchor
from clinic.audit.service import seal
from clinic.booking.locks import expire_holds
from clinic.conversation.service import return_lapsed
from clinic.errors import DatabaseDown
from clinic.patient.phone_end import mark_ends
from clinic.record.erased import keep_erasures
from clinic.retention.service import forget
from scheduler import check_ins, cohorts, figures, plans, waitlist
from scheduler.escalations import alert_due
from scheduler.forms import ask_due
from scheduler.imports import bring_up_to_date, work_off
from scheduler.quality import draw_last_month
from scheduler.reminders import fire_due

log = logging.getLogger(__name__)
GRACE = "2 seconds"  # the web process that stored an event carries it on itself
AT_ONCE = 50
CONVERSATIONS = 8  # carried on at once, so that a silent platform holds up few of them
SENDING_PATIENCE = 1.0  # s; slower sendings go on while the sweep looks for others


@dataclass(frozen=True, slots=True)
class Sweeps:
    """The sweeps of one worker. Each returns how much it found; 0 means: rest a while."""

    env: Environment
    runner: Runner
    sender: Sender

    async def inbox(self) -> int:
        """Carry on conversations whose events were left over, oldest first."""
        async with self.env.database.transaction() as tx:
            rows = await tx.fetch(
                f"""select account_id from inbound
                    where state = 'new' and received_at < now() - interval '{GRACE}'
                      and account_id is not null
                    group by account_id order by min(received_at) limit {AT_ONCE}"""  # noqa: S608  # constants
            )
            await tx.execute(
                """update inbound set state = 'ignored', reason = 'no_account', handled_at = now()
                   where state = 'new' and account_id is null"""
            )
        slots = asyncio.Semaphore(CONVERSATIONS)
        counts = await asyncio.gather(
            *(self._carry_on(row["account_id"], slots) for row in rows), return_exceptions=True
        )
        for error in counts:
            if isinstance(error, DatabaseDown):
                raise error
            if isinstance(error, BaseException):
                log.error("conversation failed: %s", type(error).__name__)
        return sum(count for count in counts if isinstance(count, int))

    async def _carry_on(self, account_id: int, slots: asyncio.Semaphore) -> int:
        """Handle all that waits of one account; how much that was."""
        found = 0
        async with slots:
            while not self.sender.stopping:
                if not await self.runner.handle_next(account_id, patiently=False):
                    break
                found += 1
        return found

    async def outbox(self) -> int:
        """Send what is due or was left over."""
        return await self.sender.sweep(patience=SENDING_PATIENCE)

    async def timers(self) -> int:
        """Let questions time out, and conversations come back from staff."""
        async with self.env.database.transaction() as tx:
            rows = await tx.fetch(
                """select id from timer
                   where state = 'waiting' and due_at <= now()
                     and kind in ('wait', 'handback', 'taken')
                   order by due_at limit $1""",
                AT_ONCE,
            )
        fired = 0
        for row in rows:
            try:
                fired += await self.runner.fire(row["id"])
            except DatabaseDown:
                raise
            except Exception as error:
                log.error("timer failed: timer=%s %s", row["id"], type(error).__name__)
                await self._drop_timer(row["id"])
        return fired

    async def _drop_timer(self, timer_id: int) -> None:
        async with self.env.database.transaction() as tx:
            await tx.execute(
                """update timer set state = 'skipped', reason = 'failed', settled_at = now()
                   where id = $1 and state = 'waiting'""",
                timer_id,
            )

    async def reminders(self) -> int:
        """Write due reminders of visits into the outbox."""
        return await fire_due(self.env)

    async def escalations(self) -> int:
        """Alert who is on call, tell who has it, remind owners."""
        return await alert_due(self.env)

    async def forms(self) -> int:
        """Ask patients to answer the questionnaires that are due."""
        return await ask_due(self.env)

    async def check_ins(self) -> int:
        """Ask how it goes the day after a triage."""
        return await check_ins.ask_due(self.env)

    async def plans(self) -> int:
        """Carry follow-up plans on: enrol, say and ask what is due, act on what came back."""
        return await plans.sweep(self.env)

    async def waitlist(self) -> int:
        """Offer times that became free to who would like them."""
        return await waitlist.rescue_due(self.env)

    async def cohorts(self) -> int:
        """Ask the rounds of research cohorts."""
        return await cohorts.ask_rounds(self.env)

    async def suspicions(self) -> int:
        """Have somebody call about bookings that may be empty."""
        return await waitlist.suspect(self.env)

    async def imports(self) -> int:
        """Look at uploaded files, and commit those that staff approved."""
        return await work_off(self.env)

    async def lists(self) -> int:
        """Let the lists of who is missed follow the calendar."""
        return await bring_up_to_date(self.env)

    async def figures(self) -> int:
        """Work the sums that figures are read from out again, a month at a time."""
        return await figures.bring_up_to_date(self.env)

    async def phone_ends(self) -> int:
        """Make patients findable by the last digits of telephone numbers that are new."""
        async with self.env.database.transaction() as tx:
            return await mark_ends(tx, self.env.keys)

    async def retention(self) -> int:
        """Let go of what is older than the clinic keeps it."""
        await forget(self.env.database, self.env.keys, self.env.settings.retention)
        return 0

    async def housekeeping(self) -> int:
        """Give back what nobody holds any more: slots, conversations; seal the audit trail; draw
        the sample of a month that is over."""
        async with self.env.database.transaction() as tx:
            found = await expire_holds(tx)
        async with self.env.database.transaction() as tx:
            found += await return_lapsed(tx)
        async with self.env.database.transaction() as tx:
            await seal(tx)
            await anchor(tx, self.env.settings.data_dir)
            await keep_erasures(tx, self.env.settings.data_dir)
        await draw_last_month(self.env)
        return found
