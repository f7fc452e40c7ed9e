"""A clinic with very many patients, and a search of all that its database holds."""

from collections.abc import Iterable
from datetime import timedelta

from clinic.audit.service import BATCH, seal
from clinic.crypto import KeyRing
from clinic.db import Database
from clinic.ids import new_key
from clinic.sealed import SEALED
from tests.integration.admin.house import KEYS, House

AT_ONCE = 5_000  # patients of a statement
# Of each a record, a chat, what was said in it, a message that came back, a visit and an audit row.
_WRITTEN = (
    """insert into patient (key, name, kana, chart, birth_on, phone, address)
       select u::uuid, '見本 太郎', 'ミホン タロウ', 'P' || n, date '1940-01-01' + n % 29000, s1, s2
       from made""",
    """insert into chat_account (channel, address_index, address)
       select 'line', u, s3 from made""",
    """insert into conversation (account_id) select a.id from made join chat_account a
         on a.address_index = u""",
    """insert into link (account_id, patient_id, relation, proof)
       select a.id, p.id, 'self', 'code' from made
       join chat_account a on a.address_index = u join patient p on p.key = u::uuid""",
    """insert into inbound (channel, event_id, account_id, text, occurred_at, state)
       select 'line', u, a.id, s4, now(), 'done' from made join chat_account a
         on a.address_index = u""",
    """insert into outbox (key, account_id, patient_id, dedup_key, purpose, delivery_class,
         content, state, send_at, useful_until, settled_at)
       select u::uuid, a.id, p.id, u, 'dialogue', 'must_arrive', s5, 'sent', now(), now(), now()
       from made
       join chat_account a on a.address_index = u join patient p on p.key = u::uuid""",
    """insert into appointment (key, status, patient_id, service_id, site_id, practitioner_id,
         starts_at, ends_at, during, note)
       select u::uuid, 'fulfilled', p.id, v.service_id, v.site_id, v.practitioner_id, v.starts_at,
         v.ends_at, v.during, s6
       from made join patient p on p.key = u::uuid,
         lateral (select * from appointment where id = $9) v""",
    """insert into audit (actor_kind, action, subject_id)
       select 'system', 'system:patient:read', n from made""",
)
_SEALED = (
    *("patient.phone", "patient.address", "chat_account.address", "inbound.text"),
    *("outbox.content", "appointment.note"),
)
# Every statement with every argument: PostgreSQL wants to know the type of each.
_MADE = f"""with made as materialized (
  select * from unnest($1::int[], $2::text[], {", ".join(f"${n}::bytea[]" for n in range(3, 9))})
    as made (n, u, {", ".join(f"s{n}" for n in range(1, 7))})
  where $9::bigint is not null) """


async def fill(house: House, patients: int) -> None:
    """Write so many patients with all that, and seal the audit trail."""
    doctor = await house.practitioner("見本")
    first = await house.patient("見本 初")
    visit = await house.visit(first, doctor, status="fulfilled")
    for start in range(0, patients, AT_ONCE):
        numbers = list(range(start, min(start + AT_ONCE, patients)))
        made = [new_key() for _ in numbers]
        sealed = [
            [
                KEYS.seal(f"見本の言葉 {n}".encode(), place, key)
                for n, key in zip(numbers, made, strict=True)
            ]
            for place in _SEALED
        ]
        names = [str(key) for key in made]
        async with house.database.transaction() as tx:
            await tx.execute("set local statement_timeout = 0")
            for statement in _WRITTEN:
                await tx.execute(_MADE + statement, numbers, names, *sealed, visit, timeout=120)
    for _ in range(-(-patients // BATCH) + 1):
        async with house.database.transaction() as tx:
            await seal(tx, timedelta(0))


async def hits(database: Database, words: Iterable[str], keys: KeyRing = KEYS) -> set[str]:
    """Where any of the words is: a table as it lies, or a column that was opened with the keys.

    A value that does not open fails the test.
    """
    wanted = [one.encode() for one in words]
    raw = [one.decode() for one in wanted] + [one.hex() for one in wanted]
    found: set[str] = set()
    async with database.transaction() as tx:
        await tx.execute("set local statement_timeout = 0")
        for row in await tx.fetch("select tablename from pg_tables where schemaname = 'public'"):
            table = row["tablename"]
            query = f"select exists (select 1 from {table} t where t::text like any ($1))"
            if await tx.fetchval(query, [f"%{one}%" for one in raw], timeout=600):
                found.add(table)
        for column in SEALED:
            rows = await tx.fetch(
                f"""select t.{column.name} as value, {column.row} as row from {column.table} t
                    where t.{column.name} is not null""",
                timeout=600,
            )
            place = column.place
            for row in rows:
                plain = keys.open(row["value"], place, row["row"]) if row["value"] else b""
                if any(one in plain for one in wanted):
                    found.add(f"{column.table}.{column.name}")
                    break
    return found
