"""Builds what a process works with, from its settings."""

from uuid import UUID

from redis.asyncio import Redis

from bot.channels.channel import Channel
from bot.channels.rate_limit import RateLimiter
from bot.channels.webchat.channel import Read, Wake, WebChatChannel, nothing, silence
from bot.environment import Environment
from clinic.config import Settings
from clinic.contact.unsubscribing import unsubscriber
from clinic.db import Database
from clinic.errors import KayoiError
from clinic.media.service import content_of
from nlu import backends
from nlu.interpreter import Interpreter

WAKE = "kayoi_webchat"  # the PostgreSQL channel on which web processes hear of new messages
TYPED = "+"  # behind what names the conversation: somebody is writing there


def channels(
    settings: Settings, wake: Wake, read: Read = nothing, typing: Wake = silence
) -> dict[str, Channel]:
    """The channels that are set up, by name. `wake`, `read`, `typing`: see WebChatChannel."""
    # The platforms' libraries take a second and 70 MB: only who uses them loads them.
    line, telegram = settings.channels.line, settings.channels.telegram
    found: list[Channel] = []
    if line.enabled and line.channel_secret and line.channel_access_token:
        from bot.channels.line.client import LineChannel

        found.append(
            LineChannel(
                line.channel_secret.get_secret_value(),
                line.channel_access_token.get_secret_value(),
                line.api_base,
            )
        )
    if telegram.enabled and telegram.token and telegram.webhook_secret:
        from bot.channels.telegram.client import TelegramChannel

        found.append(
            TelegramChannel(
                telegram.token.get_secret_value(),
                telegram.webhook_secret.get_secret_value(),
                telegram.api_base,
            )
        )
    if settings.channels.webchat.enabled:
        found.append(WebChatChannel(wake, read, typing))
    found += _letters(settings)
    return {channel.name: channel for channel in found}


def _letters(settings: Settings) -> list[Channel]:
    """E-mail and SMS, as far as they are set up."""
    email, sms = settings.channels.email, settings.channels.sms
    found: list[Channel] = []
    if email.enabled and email.smtp_url and email.sender:
        from bot.channels.email.client import EmailChannel

        found.append(
            EmailChannel(
                email.smtp_url.get_secret_value(),
                email.sender,
                lambda: settings.clinic.name,
                unsubscriber(settings.key_ring(), settings.server.public_url),
            )
        )
    if sms.enabled and sms.account and sms.token and sms.sender:
        from bot.channels.sms.client import SmsChannel

        token, base = sms.token.get_secret_value(), settings.server.public_url
        reports = f"{base.rstrip('/')}/webhooks/sms/status" if base else None
        found.append(SmsChannel(sms.account, token, sms.sender, sms.api_base, sms.rate, reports))
    return found


def redis(settings: Settings) -> Redis:
    """The connection to Redis/Valkey; nothing is sent before the first use."""
    assert settings.redis_url is not None
    found: Redis = Redis.from_url(
        settings.redis_url.get_secret_value(),
        socket_timeout=1.0,
        socket_connect_timeout=0.5,
    )
    return found


def interpreter(settings: Settings) -> Interpreter:
    """What reads the patients' texts."""
    token = settings.nlu.rasa_token
    return backends.interpreter(
        settings.nlu.backend,
        url=settings.nlu.rasa_url,
        token=token.get_secret_value() if token else None,
        timeout=settings.nlu.timeout,
    )


async def environment(settings: Settings, *, connections: int = 10) -> Environment:
    """What a web or worker process works with. Raises KayoiError if no store is named."""
    if settings.database_url is None or settings.redis_url is None:
        raise KayoiError("database_url and redis_url are needed to run a single process")
    url = settings.database_url.get_secret_value()
    database = await Database.open(url, connections=connections)
    keys = settings.key_ring()

    async def wake(address: str, what: str = "") -> None:
        async with database.transaction() as tx:
            index = keys.index("address", f"webchat:{address}")
            await tx.execute("select pg_notify($1, $2)", WAKE, index + what)

    async def typing(address: str) -> None:
        await wake(address, TYPED)

    async def read(key: UUID) -> bytes | None:
        async with database.transaction() as tx:
            return await content_of(tx, keys, key)

    connection = redis(settings)
    return Environment(
        database=database,
        redis=connection,
        keys=keys,
        settings=settings,
        channels=channels(settings, wake, read, typing),
        limiter=RateLimiter(connection),
        interpreter=interpreter(settings),
    )


async def close(env: Environment) -> None:
    """Let go of everything the environment holds open."""
    for channel in env.channels.values():
        await channel.close()
    await env.interpreter.close()
    await env.redis.aclose()
    await env.database.close()


async def accounts(env: Environment) -> dict[str, str]:
    """The clinic's own names on LINE and Telegram, as far as those tell them now."""
    found = {name: await channel.own_name() for name, channel in env.channels.items()}
    return {name: own for name, own in found.items() if own}
