"""The clinic's answers to what patients ask of every clinic."""

from clinic.audit.service import record
from clinic.db import Tx
from clinic.faq.rules import FALLBACK, Told, told
from clinic.faq.types import TOPICS, Entry, Topic
from clinic.staff.types import Staff


async def read_answer(tx: Tx, topic: str, language: str) -> Told:
    """The answer in the language, else in English; nothing if there is none."""
    rows = await tx.fetch(
        "select language, answer from faq_entry where topic = $1 and language in ($2, $3)",
        topic,
        language,
        FALLBACK,
    )
    return told(dict(rows), language)


async def rate(tx: Tx, topic: str, language: str, *, helped: bool) -> None:
    """Count what a patient said of an answer."""
    await tx.execute(
        """update faq_entry set helped = helped + $3::int, not_helped = not_helped + 1 - $3::int
           where id = (select id from faq_entry where topic = $1 and language in ($2, $4)
                       order by language = $2 desc limit 1)""",
        topic,
        language,
        int(helped),
        FALLBACK,
    )


async def entries(tx: Tx) -> dict[tuple[Topic, str], Entry]:
    """All answers, by topic and language."""
    rows = await tx.fetch("select topic, language, answer, helped, not_helped from faq_entry")
    return {(row["topic"], row["language"]): Entry(**row) for row in rows}


def tidy(answer: str) -> str:
    """An answer as a form sends it, with the line ends and edges that patients see."""
    return answer.replace("\r\n", "\n").strip()


async def save_answer(tx: Tx, staff: Staff, topic: Topic, language: str, answer: str) -> None:
    """Write a tidy answer, or with "" take it away. What was counted starts anew.

    An answer that is as it was keeps its counts.
    """
    if answer:
        changed = await tx.fetchval(
            """insert into faq_entry (topic, language, answer) values ($1, $2, $3)
               on conflict (topic, language) do update
                 set answer = excluded.answer, helped = 0, not_helped = 0, updated_at = now()
                 where faq_entry.answer <> excluded.answer
               returning true""",
            topic,
            language,
            answer,
        )
    else:
        changed = await tx.fetchval(
            "delete from faq_entry where topic = $1 and language = $2 returning true",
            topic,
            language,
        )
    if changed:
        detail = {"topic": TOPICS.index(topic), "language": language}
        await record(tx, "staff", staff.id, "staff:faq:write", None, detail)
