"""A message as it goes by e-mail or SMS: what had buttons carries a one-time link to them."""

import logging
from dataclasses import replace
from uuid import UUID

from bot.environment import Environment
from bot.tokens import Standing, Tokens
from clinic.contact.types import LETTERS
from clinic.contact.unsubscribing import unsubscriber
from clinic.contact.web_link import hand_out
from clinic.db import COLLISIONS
from clinic.errors import DatabaseDown
from clinic.message.types import Link, Message
from flows import texts

log = logging.getLogger(__name__)


async def as_letter(
    env: Environment,
    channel: str,
    account_id: int,
    address: str,
    outbox_id: int,
    key: UUID,
    message: Message,
) -> Message:
    """The message as the channel can carry it; the same one for a chat.

    Buttons that stay good stand behind the link. Where there is no web chat to open, or the link
    cannot be written down now, the clinic's telephone stands in its place.
    """
    if channel not in LETTERS:
        return message
    words, links = message.text, list(message.links)
    tokens = Tokens(env.keys, account_id)
    if any(isinstance(tokens.read(button.token), Standing) for button in message.buttons):
        url = await _link(env, outbox_id, key)
        if url is not None:
            links.insert(0, Link(texts.text("letter.open", {}, message.language), url))
        else:
            call = {"phone": env.settings.clinic.phone}
            words = f"{words}\n{texts.text('letter.call', call, message.language)}".rstrip()
    end = unsubscriber(env.keys, env.settings.server.public_url)(address)
    if channel == "email" and end is not None:
        links.append(Link(texts.text("letter.unsubscribe", {}, message.language), end))
    return replace(
        message,
        text=words,
        links=tuple(links),
        buttons=message.buttons if message.urgent else (),
        date_pick=None,
        contact_request=None,
    )


async def _link(env: Environment, outbox_id: int, key: UUID) -> str | None:
    base = env.settings.server.public_url
    if base is None or not env.settings.channels.webchat.enabled:
        return None
    try:
        async with env.database.transaction() as tx:
            token = await hand_out(tx, env.keys, outbox_id, key)
    except (DatabaseDown, *COLLISIONS):
        log.warning("no link written down: outbox=%s", outbox_id)
        return None
    return f"{base.rstrip('/')}/l/{token}"
