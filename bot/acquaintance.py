"""What an event tells about the chat account itself, and what the patient takes back."""

from dataclasses import replace

from bot import reading
from bot.channels.channel import Followed, Inbound, Started, TextReceived, Unfollowed
from bot.environment import Environment
from bot.turn_store import Loaded, settle_event
from clinic.db import Tx


async def meet(
    tx: Tx, env: Environment, loaded: Loaded, inbound: Inbound, profile: str | None
) -> Loaded:
    """Note what the event tells about the account: its language, and that it is reachable."""
    supported = env.settings.clinic.languages
    language, chosen = loaded.language, loaded.language_chosen
    told = reading.supported_language(inbound.language, supported)
    # The web page's own switch is a choice; a platform's hint only fills a gap.
    if told and loaded.channel == "webchat" and isinstance(inbound.content, Started):
        language, chosen = told, True
    elif language is None:
        text = inbound.content.text if isinstance(inbound.content, TextReceived) else ""
        language = (
            told
            or reading.supported_language(profile, supported)
            or reading.script_language(text, supported)
            or supported[0]
        )
    gone = isinstance(inbound.content, Unfollowed)
    now = (language, chosen, gone)
    if now != (loaded.language, loaded.language_chosen, loaded.unreachable):
        await tx.execute(
            """update chat_account set language = $2, language_chosen = $3,
                 unreachable_at = case when $4 then coalesce(unreachable_at, now()) end
               where id = $1""",
            loaded.account_id,
            *now,
        )
    if isinstance(inbound.content, Followed | Started) and inbound.display_name:
        index = env.keys.index("address", f"{loaded.channel}:{loaded.address}")
        await tx.execute(
            "update chat_account set display_name = $2 where id = $1",
            loaded.account_id,
            env.keys.seal(inbound.display_name.encode(), "chat_account.display_name", index),
        )
    return replace(loaded, language=language, language_chosen=chosen, unreachable=gone)


async def forget(tx: Tx, loaded: Loaded, message_id: str) -> None:
    """The patient took a message back: nobody may see or use it any more."""
    assert loaded.event is not None
    await tx.execute(
        """update inbound set payload = null, text = null, reason = 'unsent',
             state = case when state = 'new' then 'ignored' else state end
           where account_id = $1 and message_id = $2 and id <> $3""",
        loaded.account_id,
        message_id,
        loaded.event.id,
    )
    await settle_event(tx, loaded.event.id, "done", "unsend")
