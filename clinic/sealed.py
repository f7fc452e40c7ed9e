"""Every encrypted column, and how all of them change to a new key while everybody works on."""

# ruff: noqa: S608  # what is put together is fixed texts

from collections.abc import AsyncIterator
from dataclasses import dataclass

from clinic.crypto import KeyRing, Sealed
from clinic.db import Database, Tx

BATCH = 500  # rows of a transaction


@dataclass(frozen=True, slots=True)
class Column:
    """An encrypted column. `row`: SQL of what names its row `t` in encryption. `where`: what names
    the column there. `most`: rows of a transaction, where single values are large."""

    table: str
    name: str
    row: str = "t.key::text"
    where: str = ""
    most: int = BATCH

    @property
    def place(self) -> str:
        """As `KeyRing.seal` is told it."""
        return self.where or f"{self.table}.{self.name}"


_ID = "t.id::text"
SEALED: tuple[Column, ...] = (
    Column("appointment", "note"),
    Column("appointment", "cancel_reason"),
    Column("chat_account", "address", "t.address_index"),
    Column("chat_account", "display_name", "t.address_index"),
    Column("chat_media", "content", most=4),
    Column("chunk", "content"),
    Column("conversation", "state", _ID),
    *(Column("document", name) for name in ("content", "pdf", "void_note")),
    Column("document_answer", "pdf"),
    Column("emergency_access", "reason"),
    Column("escalation", "said"),
    Column("escalation", "note"),
    Column(
        "import_chunk",
        "content",
        "(select r.key::text from import_run r where r.id = t.run_id) || ':' || t.position",
    ),
    Column("import_run", "name"),
    Column("inbound", "payload", "t.event_id"),
    Column("inbound", "text", "t.event_id"),
    Column("internal_note", "note"),
    Column("match_review", "entry"),
    Column("outbox", "content"),
    Column("outbox", "reply_token"),
    *(Column("patient", name) for name in ("phone", "email", "address", "insurer", "insured")),
    Column("patient_note", "content"),
    Column("quality_finding", "note", _ID),
    Column("quality_review", "answers"),
    Column("questionnaire_request", "draft"),
    Column("questionnaire_response", "answers"),
    Column("staff", "totp_secret", _ID),
    Column("staff", "totp_pending", _ID),
    Column("task", "note"),
    Column("task", "result"),
    Column("triage_run", "answers"),
    Column("webhook_endpoint", "url"),
    Column("webhook_endpoint", "secret"),
    Column("webhook_endpoint", "old_secret", where="webhook_endpoint.secret"),
)
# Bytes that are no secret.
IN_THE_CLEAR = frozenset(
    {
        *("audit.chain", "passkey.public_key"),
        # What goes out to many, and is about nobody.
        *("campaign_picture.content", "campaign_picture.preview"),
    }
)


async def count(tx: Tx) -> dict[int, int]:
    """How many values each key encrypts."""
    await tx.execute("set local statement_timeout = 0")
    found: dict[int, int] = {}
    for column in SEALED:
        rows = await tx.fetch(
            f"""select get_byte(t.{column.name}, 0) as key, count(*) as n from {column.table} t
                where length(t.{column.name}) > 0 group by 1"""
        )
        for row in rows:
            found[row["key"]] = found.get(row["key"], 0) + row["n"]
    return found


async def rotate(database: Database, keys: KeyRing) -> AsyncIterator[tuple[Column, int, int]]:
    """Encrypt with the newest key whatever is not, a batch at a time; after each the column, how
    many values of it were done and how many do not open. May be stopped and begun anew at any time.

    Raises DatabaseDown.
    """
    for column in SEALED:
        after = 0
        while True:

            async def batch(tx: Tx, column: Column = column, after: int = after) -> _Batch:
                return await _batch(tx, keys, column, after)

            done = await database.retrying(batch)
            if done.last is None:
                break
            after = done.last
            yield column, done.rows, done.unreadable


@dataclass(frozen=True, slots=True)
class _Batch:
    last: int | None
    rows: int = 0
    unreadable: int = 0


async def _batch(tx: Tx, keys: KeyRing, column: Column, after: int) -> _Batch:
    rows = await tx.fetch(
        f"""select t.id, t.{column.name} as value, {column.row} as row from {column.table} t
            where t.id > $1 and t.{column.name} is not null
              and substring(t.{column.name} from 1 for 1) <> $2::bytea
            order by t.id limit {min(BATCH, column.most)} for update of t""",
        after,
        bytes([keys.current]),
    )
    if not rows:
        return _Batch(None)
    anew: list[tuple[int, bytes]] = []
    for row in rows:
        try:
            plain = keys.open(row["value"], column.place, row["row"])
        except Sealed:
            continue
        anew.append((row["id"], keys.seal(plain, column.place, row["row"])))
    await tx.execute(
        f"""update {column.table} t set {column.name} = n.value
            from unnest($1::bigint[], $2::bytea[]) n (id, value) where t.id = n.id""",
        [one for one, _ in anew],
        [value for _, value in anew],
    )
    return _Batch(rows[-1]["id"], len(anew), len(rows) - len(anew))
