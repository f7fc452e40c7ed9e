"""`kayoi check`: the configuration as it is read, and the platforms' webhooks."""

from typing import Any

from bot import start
from clinic.config import Settings
from clinic.errors import KayoiError


def redacted(settings: Settings) -> dict[str, Any]:
    """The settings with every secret hidden, and which channels are ready."""
    shown: dict[str, Any] = settings.model_dump(mode="json")
    for name in ("database_url", "redis_url"):
        shown[name] = "embedded" if getattr(settings, name) is None else "set (hidden)"
    channels = settings.channels
    shown["ready"] = {
        "line": channels.line.ready,
        "telegram": channels.telegram.ready,
        "webchat": channels.webchat.enabled,
        "email": channels.email.ready,
        "sms": channels.sms.ready,
    }
    return shown


async def set_webhooks(settings: Settings) -> dict[str, str]:
    """Tell LINE and Telegram where to send events; how each took it.

    Raises KayoiError without a public_url.
    """
    base = settings.server.public_url
    if base is None:
        raise KayoiError("server.public_url is needed to set webhooks")

    async def wake(_: str) -> None:
        """No web chat here."""

    done: dict[str, str] = {}
    channels = start.channels(settings, wake)
    try:
        for name, channel in channels.items():
            url = f"{base.rstrip('/')}/webhooks/{name}"
            if name not in ("webchat", "email"):  # the page calls us by itself; mail never does
                done[name] = await channel.set_webhook(url) or f"set to {url}"
    finally:
        for channel in channels.values():
            await channel.close()
    return done
