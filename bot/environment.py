"""What every part of the shell works with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

from redis.asyncio import Redis

from bot.channels.channel import Channel
from bot.channels.rate_limit import RateLimiter
from bot.own_topics import OwnTopics
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Database
from nlu.interpreter import Interpreter


@dataclass(frozen=True, slots=True)
class Environment:
    """The database, the keys, the settings, the channels that are set up, their limiter,
    what reads texts, and the topics that the clinic wrote itself."""

    database: Database
    keys: KeyRing
    settings: Settings
    channels: Mapping[str, Channel]
    redis: Redis = field(repr=False)
    limiter: RateLimiter = field(repr=False)
    interpreter: Interpreter = field(repr=False)
    topics: OwnTopics = field(default_factory=OwnTopics, repr=False)

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.settings.clinic.time_zone)

    @property
    def quiet_hours(self) -> tuple[time, time]:
        """When nothing is sent that nobody asked for, in the clinic's zone."""
        begins, ends = self.settings.policy.quiet_hours
        return time.fromisoformat(begins), time.fromisoformat(ends)

    @property
    def desk_hours(self) -> tuple[time, time] | None:
        """When staff answer on their days, in the clinic's zone."""
        hours = self.settings.clinic.desk_hours
        return (time.fromisoformat(hours[0]), time.fromisoformat(hours[1])) if hours else None

    def local(self, at: datetime) -> datetime:
        """The instant in the clinic's zone."""
        return at.astimezone(self.zone)

    def in_zone(self, at: datetime, zone: str) -> datetime:
        """The instant in a site's zone."""
        return at.astimezone(ZoneInfo(zone))
