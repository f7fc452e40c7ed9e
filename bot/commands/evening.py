"""The sheet of tomorrow, which the worker makes by itself every evening (docs/operations.md)."""

import asyncio
import logging
from datetime import date, time
from typing import Protocol, runtime_checkable

from bot.channels.channel import NotSent, Outcome, Sent
from bot.channels.email.render import Paper
from bot.commands import day_sheet
from bot.environment import Environment
from clinic.errors import DatabaseDown
from clinic.installation.service import IS_MUTED
from clinic.reception import sheets

log = logging.getLogger(__name__)
EVERY = 60.0  # s between two looks


@runtime_checkable
class SendsPaper(Protocol):
    """A channel by which staff can be sent a PDF: e-mail."""

    async def send_paper(self, address: str, paper: Paper) -> Outcome:
        """Hand it over."""
        ...


class Evenings:
    """Makes the sheet once a day, however many workers look, and tries again until it is made."""

    def __init__(self, env: Environment) -> None:
        """In this environment."""
        self._env = env
        self._begun = False

    async def look(self) -> int:
        """Do what is due; 0, for nothing is left to do at once. Raises DatabaseDown."""
        settings = self._env.settings
        async with self._env.database.transaction() as tx:
            now, muted = await tx.fetchrow(f"select now(), {IS_MUTED}")
        local = self._env.local(now)
        # On every machine: any of them may have made one.
        since = await asyncio.to_thread(day_sheet.forget, settings, local.date())
        async with self._env.database.transaction() as tx:
            await sheets.forget(tx, since)
        # Not while the processes are starting: patients come first.
        begun, self._begun = self._begun, True
        makes = begun and not muted and settings.day_sheet.enabled
        for day in await self._naming_erased() if begun else ():
            if makes and day >= local.date():
                await self._make(day)  # in its place: should that fail, there is still one to print
            else:
                sheets.place(settings.data_dir, day).unlink(missing_ok=True)
        if not makes:
            return 0
        on, evening = sheets.due(local, time.fromisoformat(settings.day_sheet.at))
        async with self._env.database.transaction() as tx:
            claimed = await sheets.claim(tx, on, evening=evening)
        if claimed:
            await self._make(on)
        if settings.day_sheet.mail:
            await self._mail(on)
        return 0

    async def _naming_erased(self) -> list[date]:
        """The days whose sheets here may name somebody who was erased since."""
        async with self._env.database.transaction() as tx:
            at = await sheets.last_erasure(tx)
        if at is None:
            return []
        return await asyncio.to_thread(day_sheet.older, self._env.settings, at)

    async def _make(self, on: date) -> None:
        env = self._env
        try:
            content, visits = await day_sheet.draw(env.database, env.keys, env.settings, on)
            file = sheets.place(env.settings.data_dir, on)
            await asyncio.to_thread(day_sheet.keep, file, content)
        except DatabaseDown:
            raise
        except Exception as error:
            log.error("the day sheet was not made: %s", type(error).__name__)
            async with env.database.transaction() as tx:
                await sheets.note_failed(tx, on, type(error).__name__)
            return
        async with env.database.transaction() as tx:
            await sheets.note_made(tx, on, visits)

    async def _mail(self, on: date) -> None:
        env = self._env
        async with env.database.transaction() as tx:
            wanted = await sheets.claim_mail(tx, on, env.settings.day_sheet.mail_to)
        if not wanted:
            return
        over: list[str] = []
        fault = ""
        try:
            paper = await self._paper(on)
            channel = env.channels.get("email")
            for address in wanted:
                if not isinstance(channel, SendsPaper):
                    fault = "no_email"
                    break
                outcome = await channel.send_paper(address, paper)
                # What nobody knows may have arrived: it is not sent every five minutes.
                if not isinstance(outcome, NotSent):
                    over.append(address)
                if not isinstance(outcome, Sent):
                    fault = type(outcome).__name__
        except DatabaseDown:
            raise
        except Exception as error:
            fault = type(error).__name__
        if fault:
            log.error("the day sheet was not mailed: %s", fault)
        async with env.database.transaction() as tx:
            await sheets.note_mailed(tx, on, over, fault)

    async def _paper(self, on: date) -> Paper:
        env = self._env
        file = sheets.place(env.settings.data_dir, on)
        try:
            content = await asyncio.to_thread(file.read_bytes)
        except FileNotFoundError:  # another machine made it
            content, _ = await day_sheet.draw(env.database, env.keys, env.settings, on)
        from admin.i18n import speech

        t = speech(env.settings.clinic.languages[0])
        day = t.day(on)
        subject, words = t("sheet.mail.subject", day=day), t("sheet.mail.text", day=day)
        return Paper(subject, words, t.language, f"day-sheet-{on}.pdf", content)
