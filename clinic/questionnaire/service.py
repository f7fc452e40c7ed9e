"""Who is asked to answer which questionnaire, and what was answered, in the database."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key
from clinic.questionnaire import codec, rules
from clinic.questionnaire.read import read
from clinic.questionnaire.types import Questionnaire
from clinic.webhook.announce import announce
from clinic.webhook.types import Kind

FORMS = Path(__file__).parent / "forms"
USEFUL_DAYS = 14  # that a questionnaire can be answered, unless a coming visit ends it
KEPT = 64  # versions in memory, read once each
ITEM_LENGTH = 64  # characters of a linkId that is kept in plain
_AT_ONCE = 200
_OPEN = "('waiting', 'sent', 'in_progress')"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that somebody has to answer."""

    request_id: int
    title: Mapping[str, str]
    patient_name: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A request as it is played: the version that it is pinned to, and what was kept of it."""

    questionnaire_id: int
    patient_id: int
    patient_name: str
    title: Mapping[str, str]
    draft: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a patient sends: `scores` by linkId, `flags` rules and levels.

    By telephone there is no account, and `staff_id` is who asked.
    """

    request_id: int
    account_id: int | None
    language: str
    answers: Mapping[str, Any]
    scores: Mapping[str, str]
    flags: Sequence[Sequence[Any]]
    staff_id: int | None = None


async def waiting(tx: Tx, patient_ids: Iterable[int]) -> tuple[Waiting, ...]:
    """The open requests for these patients, what has to be answered soonest first."""
    rows = await tx.fetch(
        f"""select r.id, q.title, p.name from questionnaire_request r
            join questionnaire q on q.id = r.questionnaire_id
            join patient p on p.id = r.patient_id
            where r.patient_id = any($1::bigint[]) and r.state in {_OPEN}
              and (r.state <> 'waiting' or r.send_at <= now())
              and coalesce(r.useful_until > now(), true)
            order by r.useful_until nulls last, r.id limit 10""",  # noqa: S608  # constants
        list(patient_ids),
    )
    return tuple(Waiting(row["id"], row["title"], row["name"]) for row in rows)


async def open_request(
    tx: Tx, keys: KeyRing, request_id: int, patient_ids: Iterable[int]
) -> Opened | None:
    """Begin or go on with a request of one of these patients; None if it is over or not theirs."""
    row = await tx.fetchrow(
        f"""update questionnaire_request r set state = 'in_progress'
            from questionnaire q, patient p
            where r.id = $1 and r.patient_id = any($2::bigint[]) and r.state in {_OPEN}
              and coalesce(r.useful_until > now(), true)
              and q.id = r.questionnaire_id and p.id = r.patient_id
            returning r.questionnaire_id, r.patient_id, r.key, r.draft, q.title, p.name""",  # noqa: S608  # constants
        request_id,
        list(patient_ids),
    )
    if row is None:
        return None
    sealed = row["draft"]
    draft = (
        orjson.loads(keys.open(sealed, "questionnaire_request.draft", row["key"]))
        if sealed
        else None
    )
    return Opened(row["questionnaire_id"], row["patient_id"], row["name"], row["title"], draft)


async def keep_draft(
    tx: Tx, keys: KeyRing, request_id: int, patient_ids: Iterable[int], answers: Mapping[str, Any]
) -> None:
    """Keep what is answered so far of an open request of one of these patients."""
    key = await tx.fetchval("select key from questionnaire_request where id = $1", request_id)
    if key is None:
        return
    await tx.execute(
        """update questionnaire_request set draft = $3
           where id = $1 and patient_id = any($2::bigint[]) and state = 'in_progress'""",
        request_id,
        list(patient_ids),
        keys.seal(orjson.dumps(answers), "questionnaire_request.draft", key),
    )


async def submit(
    tx: Tx, keys: KeyRing, patient_ids: Iterable[int], submitted: Submitted
) -> int | None:
    """Take the answers in; the response's id, None if the request is over or not theirs."""
    row = await tx.fetchrow(
        """update questionnaire_request set state = 'completed', draft = null
           where id = $1 and patient_id = any($2::bigint[])
             and (state = 'in_progress' or $3 and state in ('waiting', 'sent', 'expired'))
           returning questionnaire_id, patient_id""",
        submitted.request_id,
        list(patient_ids),
        submitted.staff_id is not None,
    )
    if row is None:
        return None
    key = new_key()
    response_id: int = await tx.fetchval(
        """insert into questionnaire_response
             (key, questionnaire_id, patient_id, account_id, request_id, language, answers,
              scores, flags, source, entered_by_id)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id""",
        key,
        row["questionnaire_id"],
        row["patient_id"],
        submitted.account_id,
        submitted.request_id,
        submitted.language,
        keys.seal(orjson.dumps(submitted.answers), "questionnaire_response.answers", key),
        dict(submitted.scores),
        [list(flag) for flag in submitted.flags],
        "chat" if submitted.staff_id is None else "phone",
        submitted.staff_id,
    )
    await announce(
        tx,
        Kind.QUESTIONNAIRE_COMPLETED,
        {
            "response_id": response_id,
            "questionnaire_id": row["questionnaire_id"],
            "patient_id": row["patient_id"],
        },
    )
    return response_id


async def expire(tx: Tx, keys: KeyRing) -> None:
    """End the requests that nobody may answer any more. Of what was answered so far only the
    question stays that was open then."""
    over = f"""state in {_OPEN}
        and coalesce(useful_until, send_at + interval '{USEFUL_DAYS} days') <= now()"""
    await tx.execute(
        f"update questionnaire_request set state = 'expired' where {over} and draft is null"  # noqa: S608  # constants
    )
    rows = await tx.fetch(
        f"""select id, key, questionnaire_id, draft from questionnaire_request
            where {over} limit {_AT_ONCE} for update skip locked"""  # noqa: S608  # constants
    )
    for row in rows:
        await tx.execute(
            """update questionnaire_request set state = 'expired', draft = null, last_item = $2
               where id = $1""",
            row["id"],
            await open_item(tx, keys, row),
        )


async def open_item(tx: Tx, keys: KeyRing, row: Mapping[str, Any]) -> str | None:
    """The linkId that a request with a draft stands at; None: all is answered but not sent."""
    opened = keys.open(row["draft"], "questionnaire_request.draft", row["key"])
    form = await load(tx, row["questionnaire_id"])
    question = rules.next_question(form, codec.load(orjson.loads(opened)))
    return None if question is None else question.item.link_id[:ITEM_LENGTH]


async def load(tx: Tx, questionnaire_id: int) -> Questionnaire:
    """A stored version, ready to be played; it never changes, so it is read once.

    Raises KeyError if there is none.
    """
    known = _known.get(questionnaire_id)
    if known is None:
        resource = await tx.fetchval(
            "select resource from questionnaire where id = $1", questionnaire_id
        )
        if resource is None:
            raise KeyError(questionnaire_id)
        known = _parsed(orjson.dumps(resource, option=orjson.OPT_SORT_KEYS))
        if len(_known) >= KEPT:
            _known.clear()
        _known[questionnaire_id] = known
    return known


_known: dict[int, Questionnaire] = {}


@lru_cache(maxsize=KEPT)
def _parsed(resource: bytes) -> Questionnaire:
    questionnaire = read(orjson.loads(resource))
    if not isinstance(questionnaire, Questionnaire):
        raise TypeError("a stored questionnaire is not understood any more")
    return questionnaire


async def install_shipped(tx: Tx) -> int:
    """Put the shipped questionnaires there that the clinic does not have; how many there were."""
    count = 0
    for path in sorted(FORMS.glob("*.json")):
        resource = json.loads(path.read_text("utf-8"))
        questionnaire = _parsed(orjson.dumps(resource, option=orjson.OPT_SORT_KEYS))
        titles = {tag: questionnaire.title.get(tag) for tag in questionnaire.languages}
        written = await tx.fetchval(
            """insert into questionnaire (url, version, name, title, status, resource)
               select $1::varchar, $2, $3, $4, 'active', $5
               where not exists (select 1 from questionnaire where url = $1::varchar)
               on conflict do nothing returning id""",
            questionnaire.url,
            int(questionnaire.version or 1),
            path.stem,
            titles,
            resource,
        )
        count += written is not None
    return count


async def request(
    tx: Tx,
    key: str,
    questionnaire_id: int,
    patient_id: int,
    *,
    send_at: datetime | None = None,
    useful_until: datetime | None = None,
    staff_id: int | None = None,
) -> int | None:
    """Ask a patient to answer a questionnaire, at once or later; None if `key` was used before.

    It can be answered until `useful_until`, or else for `USEFUL_DAYS` from when it is sent.
    """
    request_id: int | None = await tx.fetchval(
        """insert into questionnaire_request
             (key, questionnaire_id, patient_id, send_at, useful_until, requested_by_id)
           values ($1, $2, $3, coalesce($4, now()),
                   coalesce($5, coalesce($4, now()) + make_interval(days => $7)), $6)
           on conflict (key) do nothing returning id""",
        key,
        questionnaire_id,
        patient_id,
        send_at,
        useful_until,
        staff_id,
        USEFUL_DAYS,
    )
    return request_id
