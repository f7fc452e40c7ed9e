"""The thread of a conversation: the patient, the bot and staff, notes, and what happened, in the
order in which it came."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.booking.search import in_language
from clinic.conversation.rules import may_send_again
from clinic.conversation.types import Line
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.message.service import transcript
from clinic.staff.access.heads import ConversationHead

LINES = 100  # of a transcript
EVENTS = 60
# What a stored event of a channel holds besides words: image, audio, video, file; None: nothing.
KindOfMedia = Callable[[str, bytes], str | None]


@dataclass(frozen=True, slots=True)
class Note:
    """What a colleague tells colleagues."""

    staff_name: str
    words: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to the conversation or to a patient it speaks for.

    `kind` is one of clinic.conversation.types.EventKind, booked, cancelled, or answered (a
    questionnaire). `names`: of the service or the questionnaire, by language.
    """

    kind: str
    staff_name: str | None = None
    colleague: str | None = None
    when: datetime | None = None  # until when it is put off, or the visit's time
    patient: str | None = None
    names: Mapping[str, str] | None = None
    link: str | None = None  # a page of the panel

    def name(self, language: str) -> str:
        """The service or the questionnaire in a language, if it has a name."""
        return in_language(self.names, language) if self.names else ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in the thread, with exactly one of `line`, `note` and `event`."""

    id: str
    at: datetime
    line: Line | None = None
    note: Note | None = None
    event: Happening | None = None
    media: str | None = None  # what the patient's message holds, and may be looked at
    again: bool = False  # a person's message that may be sent once more


async def read_thread(
    tx: Tx, keys: KeyRing, head: ConversationHead, media: KindOfMedia | None
) -> tuple[Entry, ...]:
    """The newest entries, oldest first."""
    lines = await transcript(tx, keys, head.account_id, limit=LINES)
    kinds = await _media(tx, keys, head, media) if media else {}
    entries = [
        Entry(
            line.id,
            line.at,
            line=line,
            media=kinds.get(line.id),
            again=line.side == "staff" and may_send_again(line.state, line.reason),
        )
        for line in lines
    ]
    # What is older than the oldest message shown belongs on a page that nobody sees.
    since = lines[0].at if len(lines) == LINES else None
    entries += await _notes(tx, keys, head.id, since)
    entries += await _events(tx, head.id, since)
    entries += await _patients(tx, head, since)
    return tuple(sorted(entries, key=lambda one: one.at))


async def last_entry(tx: Tx, account_id: int) -> str:
    """The name of the newest message of either side: ids, joined by a dot."""
    row = await tx.fetchrow(
        """select (select coalesce(max(id), 0) from inbound
                   where account_id = $1 and text is not null) as inbound,
                  (select coalesce(max(id), 0) from outbox where account_id = $1) as outbox""",
        account_id,
    )
    return f"{row['inbound']}.{row['outbox']}"


async def _media(
    tx: Tx, keys: KeyRing, head: ConversationHead, media: KindOfMedia
) -> dict[str, str]:
    rows = await tx.fetch(
        """select id, channel, event_id, payload from inbound
           where account_id = $1 and text is not null and payload is not null
           order by id desc limit $2""",
        head.account_id,
        LINES,
    )
    found = {}
    for row in rows:
        payload = keys.open(row["payload"], "inbound.payload", row["event_id"])
        kind = media(row["channel"], payload)
        if kind is not None:
            found[f"i{row['id']}"] = kind
    return found


async def _notes(
    tx: Tx, keys: KeyRing, conversation_id: int, since: datetime | None
) -> list[Entry]:
    rows = await tx.fetch(
        """select n.id, n.created_at, n.key, n.note, s.name from internal_note n
           join staff s on s.id = n.staff_id
           where n.conversation_id = $1 and ($2::timestamptz is null or n.created_at >= $2)
           order by n.id desc limit $3""",
        conversation_id,
        since,
        EVENTS,
    )
    return [
        Entry(
            f"n{row['id']}",
            row["created_at"],
            note=Note(
                row["name"], keys.open(row["note"], "internal_note.note", row["key"]).decode()
            ),
        )
        for row in rows
    ]


async def _events(tx: Tx, conversation_id: int, since: datetime | None) -> list[Entry]:
    rows = await tx.fetch(
        """select e.id, e.kind, e.at, e.until, s.name as staff, o.name as colleague
           from conversation_event e left join staff s on s.id = e.staff_id
           left join staff o on o.id = e.colleague_id
           where e.conversation_id = $1 and ($2::timestamptz is null or e.at >= $2)
           order by e.id desc limit $3""",
        conversation_id,
        since,
        EVENTS,
    )
    return [
        Entry(
            f"e{row['id']}",
            row["at"],
            event=Happening(row["kind"], row["staff"], row["colleague"], row["until"]),
        )
        for row in rows
    ]


async def _patients(tx: Tx, head: ConversationHead, since: datetime | None) -> list[Entry]:
    """Visits that were booked or cancelled, and questionnaires that were answered."""
    rows = await tx.fetch(
        """select * from (
             select 'b' || a.id as id, 'booked' as kind, a.created_at as at, a.starts_at as moment,
                    p.name, v.name as names, '/patients/' || p.id as link
             from appointment a join patient p on p.id = a.patient_id
             join service v on v.id = a.service_id
             where a.patient_id = any($1)
               and a.status in ('booked', 'arrived', 'fulfilled', 'noshow', 'cancelled')
             union all
             select 'c' || a.id, 'cancelled', a.updated_at, a.starts_at, p.name, v.name,
                    '/patients/' || p.id
             from appointment a join patient p on p.id = a.patient_id
             join service v on v.id = a.service_id
             where a.patient_id = any($1) and a.status = 'cancelled'
             union all
             select 'q' || r.id, 'answered', r.authored_at, null, p.name, q.title,
                    '/questionnaires/responses/' || r.id
             from questionnaire_response r join patient p on p.id = r.patient_id
             join questionnaire q on q.id = r.questionnaire_id
             where r.patient_id = any($1)
           ) told where $2::timestamptz is null or at >= $2 order by at desc limit $3""",
        [patient.id for patient in head.patients],
        since,
        EVENTS,
    )
    return [_happening(row) for row in rows]


def _happening(row: Mapping[str, Any]) -> Entry:
    event = Happening(
        row["kind"], when=row["moment"], patient=row["name"], names=row["names"], link=row["link"]
    )
    return Entry(row["id"], row["at"], event=event)
