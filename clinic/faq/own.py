"""The clinic's own topics, and what was asked in vain."""

from typing import Any

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.faq.rules import Told, told
from clinic.faq.types import MOST_OWN, OWN, OwnTopic, OwnWords, Question, Why
from clinic.staff.types import Staff

LOCK = 7_205_171  # one change after the other, so that the limit holds
_COLUMNS = "id, names, answers, examples, helped, not_helped, retired_at"
_LOOKED_THROUGH = 8  # of what a patient sent last, for the question before a button


async def version(tx: Tx) -> str:
    """Another one after each change of a topic."""
    found: str = await tx.fetchval(
        "select coalesce(string_agg(id || '.' || version, ',' order by id), '') from faq_topic"
    )
    return found


async def in_use(tx: Tx) -> list[OwnTopic]:
    """Those that patients are told of, the oldest first."""
    return [one for one in await own_topics(tx) if not one.retired]


async def own_topics(tx: Tx) -> list[OwnTopic]:
    """All of them, those in use first."""
    rows = await tx.fetch(
        f"select {_COLUMNS} from faq_topic order by retired_at is not null, id"  # noqa: S608  # a constant
    )
    return [_topic(row) for row in rows]


async def own_topic(tx: Tx, topic_id: int) -> OwnTopic | None:
    """One of them."""
    row = await tx.fetchrow(f"select {_COLUMNS} from faq_topic where id = $1", topic_id)  # noqa: S608  # a constant
    return _topic(row) if row else None


async def read_own(tx: Tx, code: str, language: str, others: tuple[str, ...]) -> Told:
    """The answer to the topic of a code; nothing where it is retired. `others` as `rules.told`."""
    topic = await own_topic(tx, int(code.removeprefix(OWN)))
    return told(topic.words.answers, language, others) if topic and not topic.retired else Told()


async def rate_own(tx: Tx, code: str, *, helped: bool) -> None:
    """Count what a patient said of an answer."""
    await tx.execute(
        """update faq_topic set helped = helped + $2::int, not_helped = not_helped + 1 - $2::int
           where id = $1""",
        int(code.removeprefix(OWN)),
        int(helped),
    )


async def save_own(
    tx: Tx, staff: Staff | None, topic_id: int | None, words: OwnWords
) -> int | None:
    """Write a new topic or change one; its id. None if there is none of that id, or if as many as
    may be are in use. `staff`: None for the demonstration clinic's. An answer that is changed
    starts to be counted anew."""
    await tx.execute("select pg_advisory_xact_lock($1)", LOCK)
    values = (dict(words.names), dict(words.answers), _lists(words))
    if topic_id is None:
        written: int | None = await tx.fetchval(
            """insert into faq_topic (names, answers, examples) select $1, $2, $3
               where (select count(*) from faq_topic where retired_at is null) < $4
               returning id""",
            *values,
            MOST_OWN,
        )
    else:
        written = await tx.fetchval(
            """update faq_topic set names = $1, examples = $3, version = version + 1,
                 helped = case when answers = $2 then helped else 0 end,
                 not_helped = case when answers = $2 then not_helped else 0 end,
                 answers = $2, updated_at = now()
               where id = $4 returning id""",
            *values,
            topic_id,
        )
    if written is not None and staff is not None:
        await record(tx, "staff", staff.id, "staff:faq:own", written)
    return written


async def retire_own(tx: Tx, staff: Staff, topic_id: int, *, retired: bool) -> bool:
    """Take a topic out of use, or put it back; whether that changed anything."""
    await tx.execute("select pg_advisory_xact_lock($1)", LOCK)
    changed = await tx.fetchval(
        """update faq_topic set version = version + 1, updated_at = now(),
             retired_at = case when $2 then now() end
           where id = $1 and (retired_at is null) = $2
             and ($2 or (select count(*) from faq_topic where retired_at is null) < $3)
           returning id""",
        topic_id,
        retired,
        MOST_OWN,
    )
    if changed is None:
        return False
    action = "staff:faq:retire" if retired else "staff:faq:restore"
    await record(tx, "staff", staff.id, action, topic_id)
    return True


async def note_unanswered(
    tx: Tx, keys: KeyRing, account_id: int, language: str, why: Why, topic: str, inbound: int | None
) -> None:
    """Keep for staff that a question got no answer. `inbound`: the row it came in; None: the last
    words before this button. A question is kept once, with what became of it last."""
    if inbound is None:
        inbound = await _last_question(tx, keys, account_id)
    await tx.execute(
        """insert into faq_question (conversation_id, inbound_id, topic, why, language)
           select id, $2, nullif($3, ''), $4, $5 from conversation where account_id = $1
           on conflict (inbound_id) do update set why = excluded.why, topic = excluded.topic,
             asked_at = now(), closed_at = null""",
        account_id,
        inbound,
        topic,
        why,
        language,
    )


async def forget_unsure(tx: Tx, account_id: int) -> None:
    """The patient chose what was meant: their last unsure question is answered."""
    await tx.execute(
        """delete from faq_question where id = (
             select q.id from faq_question q join conversation c on c.id = q.conversation_id
             where c.account_id = $1 and q.why = 'unsure' and q.closed_at is null
             order by q.id desc limit 1)""",
        account_id,
    )


async def close_question(tx: Tx, staff: Staff, question_id: int) -> bool:
    """Take a question off the list; whether it was on it."""
    closed = await tx.fetchval(
        """update faq_question set closed_at = now() where id = $1 and closed_at is null
           returning id""",
        question_id,
    )
    if closed is None:
        return False
    await record(tx, "staff", staff.id, "staff:faq:close", question_id)
    return True


async def open_questions(tx: Tx, keys: KeyRing, limit: int) -> list[Question]:
    """What waits on the list, the newest first."""
    rows = await tx.fetch(
        """select q.id, q.conversation_id, q.asked_at, q.why, q.language, q.topic, i.text,
                  i.event_id
           from faq_question q left join inbound i on i.id = q.inbound_id
           where q.closed_at is null order by q.asked_at desc limit $1""",
        limit,
    )
    return [
        Question(
            row["id"],
            row["conversation_id"],
            row["asked_at"],
            row["why"],
            row["language"],
            row["topic"] or "",
            _words(keys, row["text"], row["event_id"]),
        )
        for row in rows
    ]


async def count_open(tx: Tx) -> dict[str, int]:
    """How many wait on the list, by reason."""
    rows = await tx.fetch(
        "select why, count(*) as n from faq_question where closed_at is null group by why"
    )
    return {row["why"]: row["n"] for row in rows}


async def _last_question(tx: Tx, keys: KeyRing, account_id: int) -> int | None:
    rows = await tx.fetch(
        """select id, text, event_id from inbound where account_id = $1 and text is not null
           order by id desc limit $2""",
        account_id,
        _LOOKED_THROUGH,
    )
    return next((row["id"] for row in rows if _words(keys, row["text"], row["event_id"])), None)


def _words(keys: KeyRing, text: bytes | None, event_id: str) -> str:
    """What was typed; "" where it was a button, or is no longer kept."""
    if text is None:
        return ""
    kind, _, words = keys.open(text, "inbound.text", event_id).decode().partition(":")
    return words if kind == "text" else ""


def _lists(words: OwnWords) -> dict[str, list[str]]:
    return {tag: list(those) for tag, those in words.examples.items()}


def _topic(row: Any) -> OwnTopic:
    examples = {tag: tuple(those) for tag, those in row["examples"].items()}
    return OwnTopic(
        row["id"],
        OwnWords(row["names"], row["answers"], examples),
        row["helped"],
        row["not_helped"],
        row["retired_at"] is not None,
    )
