"""Addresses that open a chat with a link code in them, and their pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import segno

from clinic.config import Settings


@dataclass(frozen=True, slots=True)
class DeepLink:
    """One address; `picture` is its QR code as a data: address."""

    channel: str
    url: str
    picture: str


def deep_links(settings: Settings, accounts: Mapping[str, str], code: str) -> list[DeepLink]:
    """The addresses of the channels that are on and whose public name is known.

    LINE: https://developers.line.biz/en/docs/messaging-api/using-line-url-scheme/ (the code stands
    in the input field, the patient sends it). Telegram: https://core.telegram.org/bots/features,
    deep linking.
    """
    channels, urls = settings.channels, {}
    if channels.line.enabled and accounts.get("line"):
        urls["line"] = f"https://line.me/R/oaMessage/{quote(accounts['line'], safe='')}/?{code}"
    if channels.telegram.enabled and accounts.get("telegram"):
        urls["telegram"] = f"https://t.me/{accounts['telegram']}?start={code}"
    if channels.webchat.enabled and settings.server.public_url:
        urls["webchat"] = f"{settings.server.public_url.rstrip('/')}/chat?start={code}"
    return [DeepLink(channel, url, picture(url)) for channel, url in urls.items()]


def picture(text: str) -> str:
    """A QR code as the address of an image, dark on white with its quiet zone."""
    uri: str = segno.make(text, error="m", micro=False).png_data_uri(scale=6, border=4)
    return uri
