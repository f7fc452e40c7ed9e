"""A patient sees that a person is writing, as far as the channel shows such things."""

import asyncio
import time

from aiohttp import web

from admin.keys import CHANNELS, DATABASE, KEYS
from bot.channels.channel import ShowsTyping
from bot.channels.rate_limit import MICROSECONDS, Bucket, LocalLimiter
from clinic.staff.access.conversations import access_chat_of
from clinic.staff.types import Staff

PERIOD = 4.0  # s between two signs to one patient: platforms show each for five
RATE = 5.0  # signs a second by one channel, out of what messages need themselves
_limiter = LocalLimiter()
_under_way: set[asyncio.Task[None]] = set()  # the loop keeps only weak references


async def show_typing(request: web.Request, staff: Staff, conversation_id: int) -> None:
    """Show it in the background, if this staff member answers the conversation now."""
    now = time.monotonic() * MICROSECONDS
    if _limiter.take("typing", (Bucket(f"{staff.id} {conversation_id}", 1 / PERIOD),), now):
        return
    async with request.app[DATABASE].transaction() as tx:
        chat = await access_chat_of(tx, request.app[KEYS], staff, conversation_id)
    channel = request.app[CHANNELS].get(chat[0]) if chat else None
    if chat and isinstance(channel, ShowsTyping):
        if _limiter.take("typing", (Bucket(channel.name, RATE, RATE),), now):
            return
        task = asyncio.create_task(channel.show_typing(chat[1]))
        _under_way.add(task)
        task.add_done_callback(_under_way.discard)
