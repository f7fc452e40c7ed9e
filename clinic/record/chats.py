"""The chats of a patient whose data are erased: their own go, those of others are gone through."""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.message.codec import dump_message
from clinic.message.types import Message
from clinic.record.service import TIMEOUT

_SHORTEST_WORD = 2  # characters of a name that is looked for in a shared chat


@dataclass(frozen=True, slots=True)
class Chats:
    """Accounts that spoke for the patient alone, and those that others use too."""

    alone: list[int]
    shared: list[int]


async def chats_of(tx: Tx, ids: list[int]) -> Chats:
    """The accounts that ever spoke, booked or answered for these patients, locked."""
    rows = await tx.fetch(
        """with theirs as (
             select account_id as id from link where patient_id = any($1)
             union select account_id from appointment
               where patient_id = any($1) and account_id is not null
             union select account_id from questionnaire_response where patient_id = any($1)
             union select w.account_id from web_link w join outbox o on o.id = w.outbox_id
               where o.patient_id = any($1) and w.account_id is not null)
           select t.id, exists (
               select 1 from link where account_id = t.id and patient_id <> all($1))
             or exists (
               select 1 from appointment where account_id = t.id and patient_id <> all($1))
             or exists (
               select 1 from questionnaire_response
               where account_id = t.id and patient_id <> all($1))
             or exists (select 1 from staff_account where account_id = t.id) as shared
           from theirs t join chat_account a on a.id = t.id order by t.id for update of a""",
        ids,
    )
    return Chats(
        [row["id"] for row in rows if not row["shared"]],
        [row["id"] for row in rows if row["shared"]],
    )


async def telling_words(tx: Tx, keys: KeyRing, rows: Sequence[Any], chats: Chats) -> list[str]:
    """By what a line of a shared chat shows that it speaks of this patient: the whole name and its
    reading, parts of them that nobody else there has, telephone and mail."""
    others = await tx.fetch(
        """select p.name, p.kana from patient p where p.id in (
             select patient_id from link where account_id = any($1)) and p.id <> all($2)""",
        chats.shared,
        [row["id"] for row in rows],
    )
    theirs = {_plain(part) for one in others for name in one.values() for part in name.split()}
    words: set[str] = set()
    for row in rows:
        for name in (row["name"], row["kana"]):
            words |= {_plain(name), *(map(_plain, name.split()))} - theirs
        for column in ("phone", "email"):
            if row[column] is not None:
                told = keys.open(row[column], f"patient.{column}", row["key"]).decode()
                words |= {_plain(told), _plain(told.removeprefix("+81"))}
    return sorted(word for word in words if len(word) >= _SHORTEST_WORD)


async def blank_shared(tx: Tx, keys: KeyRing, chats: Chats, words: list[str]) -> None:
    """In a chat that others use too, the lines that name the patient; the dialogue begins anew."""
    if not chats.shared:
        return
    rows = await tx.fetch(
        """select id, event_id, text, payload from inbound
           where account_id = any($1) and (text is not null or payload is not null)""",
        chats.shared,
        timeout=TIMEOUT,
    )
    said = [
        row["id"]
        for row in rows
        if any(
            tells(keys.open(row[name], f"inbound.{name}", row["event_id"]), words)
            for name in ("text", "payload")
            if row[name] is not None
        )
    ]
    await _blank_inbound(tx, said)
    rows = await tx.fetch(
        "select id, key, content from outbox where account_id = any($1)",
        chats.shared,
        timeout=TIMEOUT,
    )
    told = [
        row for row in rows if tells(keys.open(row["content"], "outbox.content", row["key"]), words)
    ]
    await blank_outbox(tx, keys, told)
    rows = await tx.fetch(
        """select n.id, n.key, n.note from internal_note n
           join conversation c on c.id = n.conversation_id where c.account_id = any($1)""",
        chats.shared,
    )
    notes = [
        row["id"]
        for row in rows
        if tells(keys.open(row["note"], "internal_note.note", row["key"]), words)
    ]
    await tx.execute("delete from internal_note where id = any($1)", notes)
    await tx.execute(
        "update conversation set state = null where account_id = any($1)", chats.shared
    )


async def blank_alone(tx: Tx, keys: KeyRing, chats: Chats) -> None:
    """A chat that was the patient's alone: what was said, and whose it was."""
    rows = await tx.fetch("select id from inbound where account_id = any($1)", chats.alone)
    await _blank_inbound(tx, [row["id"] for row in rows])
    await tx.execute(  # with those whose event never came
        "delete from chat_media where account_id = any($1)", chats.alone, timeout=TIMEOUT
    )
    rows = await tx.fetch("select id, key from outbox where account_id = any($1)", chats.alone)
    await blank_outbox(tx, keys, rows)
    await tx.execute(
        """update conversation set state = null, owner = 'bot', owner_staff_id = null,
             owner_until = null, queued_at = null, handoff_reason = null, last_patient_at = null
           where account_id = any($1)""",
        chats.alone,
    )
    for id in chats.alone:
        # Who writes from there again is somebody new to us.
        index = f"erased:{id}"
        await tx.execute(
            """update chat_account set address_index = $2, address = $3, display_name = null,
                 language = null, unreachable_at = coalesce(unreachable_at, now()),
                 opted_out_at = coalesce(opted_out_at, now()) where id = $1""",
            id,
            index,
            keys.seal(b"", "chat_account.address", index),
        )


async def _blank_inbound(tx: Tx, ids: list[int]) -> None:
    await tx.execute(
        """delete from chat_media m using inbound i
           where i.id = any($1) and m.event_id = i.event_id and m.account_id = i.account_id""",
        ids,
        timeout=TIMEOUT,
    )
    await tx.execute(
        """update inbound set payload = null, text = null, message_id = null, reason = 'erased',
             state = case state when 'new' then 'ignored' else state end where id = any($1)""",
        ids,
        timeout=TIMEOUT,
    )


async def blank_outbox(tx: Tx, keys: KeyRing, rows: Sequence[Any]) -> None:
    """Outgoing messages that say nothing any more. `rows`: id and key of each."""
    nothing = dump_message(Message("", "en"))
    await tx.executemany(
        """update outbox set content = $2, reply_token = null, platform_id = null
           where id = $1""",
        [(row["id"], keys.seal(nothing, "outbox.content", row["key"])) for row in rows],
    )


def tells(plain: bytes, words: Sequence[str]) -> bool:
    """Whether something that was said holds one of the words, as text or as JSON escapes it."""
    text = _plain(plain.decode(errors="replace"))
    return any(word in text or json.dumps(word)[1:-1] in text for word in words)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
