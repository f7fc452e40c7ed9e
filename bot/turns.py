"""Carries on conversations inside a process: one task for each that has something waiting."""

import asyncio
import logging

from bot.runner import Handled, Runner
from clinic.errors import DatabaseDown

log = logging.getLogger(__name__)
# Conversations under way in one process. With fewer it waits for the database with time to spare,
# with more the taking in of events is kept waiting.
AT_ONCE = 12
RETRY = 0.5  # s; after that it is the sweep's


class Turns:
    """Handles the events of an account one after the other, and accounts side by side."""

    def __init__(self, runner: Runner) -> None:
        """Handle by this runner."""
        self._runner = runner
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._again: set[int] = set()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._stopping = False

    def wake(self, account_id: int) -> None:
        """Something of this account waits."""
        if self._stopping:
            return
        if account_id in self._tasks:
            self._again.add(account_id)
            return
        # A new task each time: a task whose transaction broke is never used again.
        task = asyncio.create_task(self._carry_on(account_id))
        self._tasks[account_id] = task
        task.add_done_callback(lambda _: self._done(account_id))

    def under_way(self, account_id: int) -> asyncio.Task[None] | None:
        """What carries this account's conversation on right now, if it is carried on."""
        return self._tasks.get(account_id)

    async def _carry_on(self, account_id: int) -> None:
        async with self._slots:
            for left in reversed(range(2)):
                try:
                    handled = Handled.MORE_WAIT
                    while handled is Handled.MORE_WAIT and not self._stopping:
                        handled = await self._runner.handle_next(account_id)
                    return
                except DatabaseDown:
                    if left:
                        await asyncio.sleep(RETRY)
                except Exception as error:  # left to the sweep, which tries again later
                    log.error("turn lost hold: account=%s %s", account_id, type(error).__name__)
                    return

    def _done(self, account_id: int) -> None:
        del self._tasks[account_id]
        if account_id in self._again:
            self._again.discard(account_id)
            self.wake(account_id)

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
            await asyncio.sleep(0)

    async def stop(self) -> None:
        """Take nothing new, finish what is under way; the rest stays in the ledger."""
        self._stopping = True
        self._again.clear()
        await self.idle()
