"""What a campaign takes of each channel's month, and what it costs."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.channels.channel import Channel, Metered
from clinic.campaign.types import Preview
from clinic.config import Policy
from clinic.policy.quota import Lasting, Month, lasting

PATIENCE = 3.0  # s that a platform has for an answer; the page does without it then


@dataclass(frozen=True, slots=True)
class Line:
    """One channel: how many messages, how long its month lasts (None: nobody tells), the cost.

    `cost`: None where no price is configured. `metered`: the channel has a quota at all.
    """

    channel: str
    messages: int
    metered: bool
    lasts: Lasting | None
    cost: float | None


async def ask(channels: Mapping[str, Channel]) -> dict[str, Month | None]:
    """This month's figures of each channel that has a quota; None if it does not answer."""
    metered = {name: one for name, one in channels.items() if isinstance(one, Metered)}

    async def one(channel: Metered) -> Month | None:
        try:
            async with asyncio.timeout(PATIENCE):
                quota = await channel.quota()
        except TimeoutError:
            return None
        return None if quota is None else Month(quota.limit, quota.used)

    found = await asyncio.gather(*(one(channel) for channel in metered.values()))
    return dict(zip(metered, found, strict=True))


def lines(
    seen: Preview,
    months: Mapping[str, Month | None],
    waiting: Mapping[str, int],
    policy: Policy,
    today: date,
) -> list[Line]:
    """A line for each channel that a preview sends by, the most used first."""
    found = []
    for channel, days in seen.by_day.items():
        messages, month = sum(days.values()), months.get(channel)
        lasts = None
        if month is not None:
            line = waiting.get(channel, 0)
            lasts = lasting(month, policy.quota_reserve, line, days, today)
        price = policy.message_cost.get(channel)
        cost = None if price is None else price * messages
        found.append(Line(channel, messages, channel in months, lasts, cost))
    return sorted(found, key=lambda line: -line.messages)
