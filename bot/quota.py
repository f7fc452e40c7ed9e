"""How many messages of a month campaigns may still send, asked of the channel once a minute."""

import logging

from redis.exceptions import RedisError

from bot.channels.channel import Channel, Metered
from bot.environment import Environment
from clinic.policy.quota import quota_left

log = logging.getLogger(__name__)
REMEMBERED = 60  # s
WITHOUT_END = 1 << 40  # of a channel without a limit
# KEYS: what is left. ARGV: how many are wanted, whether fewer will do. Returns how many are
# granted, or -1 if it must be asked.
TAKE = """
local left = redis.call('GET', KEYS[1])
if not left then return -1 end
local wanted = tonumber(ARGV[1])
local granted = math.min(wanted, math.max(tonumber(left), 0))
if granted < wanted and ARGV[2] == '0' then return 0 end
redis.call('DECRBY', KEYS[1], granted)
return granted
"""
# Under way, so that the channel has not counted them yet.
_UNDER_WAY = """
  select (select count(*) from outbox 
          where lane = $1 and state = 'inflight' and lease_until < 'infinity')
       + (select coalesce(sum(members), 0) from chunk
          where channel = $1 and state = 'inflight')
"""


class Quotas:
    """What is left is shared by all processes; while Redis is away, each batch asks the channel."""

    def __init__(self, env: Environment) -> None:
        """Of the channels of this environment."""
        self._env = env

    async def take(self, channel: Channel, wanted: int, *, all_or_none: bool = False) -> int:
        """How many of the `wanted` messages campaigns may send now; they count as sent.

        A channel that does not answer is believed to have enough: its own 429 is the last wall.
        Raises DatabaseDown.
        """
        if not isinstance(channel, Metered):
            return wanted
        key = f"kayoi:quota:{channel.name}"
        granted = await self._granted(key, wanted, all_or_none)
        if granted >= 0:
            return granted
        left = await self._ask(channel, channel)
        if left is None:
            return wanted
        try:
            # Whoever asked at the same time and was quicker has taken from theirs already.
            await self._env.redis.set(key, left, ex=REMEMBERED, nx=True)
        except (RedisError, OSError) as error:
            log.info("quota not shared: %s", type(error).__name__)
            return 0 if all_or_none and left < wanted else min(wanted, left)
        return max(0, await self._granted(key, wanted, all_or_none))

    async def _granted(self, key: str, wanted: int, all_or_none: bool) -> int:
        script = self._env.redis.register_script(TAKE)
        try:
            return int(await script([key], [wanted, int(not all_or_none)]))
        except (RedisError, OSError):
            return -1

    async def _ask(self, channel: Metered, named: Channel) -> int | None:
        """What is left by the channel's own figures; None if it does not answer."""
        quota = await channel.quota()
        if quota is None:
            return None
        async with self._env.database.transaction() as tx:
            under_way: int = await tx.fetchval(_UNDER_WAY, named.name)
        reserve = self._env.settings.policy.quota_reserve
        left = quota_left(quota.limit, quota.used, reserve, under_way)
        return WITHOUT_END if left is None else left
