"""A clinic's whole patient base, made up in SQL: who they are follows from their number alone."""

from datetime import date, timedelta

from clinic.db import Tx

CHANGED = 33  # of so many patients, one has a record in a new month
TIMEOUT = 1800.0  # s
# Kind of patient by number: what he has, and the code of the receipt.
_KIND = """
  split_part('E119 I10 I10 E785 G473 J301 J069 M545 K297 L309 H101 J00', ' ', k) as icd10,
  split_part('8843997 8833421 8833421 2724010 7805017 4779004 4659007 7242005 5350011 6929005'
    ' 3720001 4600003', ' ', k) as code"""
# Months since the newest one of which there is a record: most were here lately, some never again.
_AWAY = "(case when n * 31 % 100 < 45 then n % 4 else n * 7 % 40 end)::int"
_PEOPLE = """
insert into patient (id, key, name, chart, birth_on, sex, deceased_on, moved_on)
select n, lpad(to_hex(n), 32, '0')::uuid, '見本', n::text,
  date '1931-01-01' + (n * 7919 % 32000)::int,
  case when n % 2 = 0 then 'female' else 'male' end,
  case when n % 211 = 0 then $2::date - 400 end, case when n % 173 = 0 then $2::date - 30 end
from generate_series(1, $1::bigint) n"""
_RECORDS = f"""
insert into source_record (id, run_id, patient_id, key, digest, month, setting, visit_count, points,
  replaced_by_id)
select n * 2 + j, 1, n, j::text, '', ($2::date - make_interval(months => {_AWAY} + 2 * j))::date,
  'outpatient', 1, 300 + n * 37 % 900, case when j = 1 and n % 50 = 7 then 1 end
from generate_series(1, $1::bigint) n, generate_series(0, 1) j"""  # noqa: S608  # constants
_VISITS = """
insert into encounter (record_id, patient_id, on_date, setting)
select id, patient_id, month + (patient_id % 28)::int, 'outpatient' from source_record
where ($1::bigint is null or id > $1)"""
_CONDITIONS = f"""
insert into condition (record_id, patient_id, code, system, icd10, suspected, main, month)
select id, patient_id, code, 'receipt', icd10, id % 15 = 0, true, month
from source_record, lateral (select 1 + (patient_id % 12)::int as k) a,
  lateral (select {_KIND}) b
where ($1::bigint is null or id > $1)"""  # noqa: S608  # constants
_ACTS = """
insert into procedure (record_id, patient_id, code, system, on_date, points)
select id, patient_id, case patient_id % 12 when 4 then '114040810' else '112007410' end,
  'receipt', month + (patient_id % 28)::int, 75 from source_record
where ($1::bigint is null or id > $1)"""
_SUPPLIES = """
insert into supply (record_id, patient_id, code, system, on_date, days)
select id, patient_id, '620098801', 'receipt', month + (patient_id % 28)::int, 28
from source_record where patient_id % 2 = 0 and ($1::bigint is null or id > $1)"""
_SUMMARIES = f"""
insert into patient_summary (patient_id, first_visit_on, last_visit_on, visit_count, visits_year,
  points_year, median_gap, supply_until, newest_month)
select n, m - 700, m + (n % 28)::int, 2 + n % 9, 1 + n % 8, n * 37 % 9000,
  case when n % 3 = 0 then 30 + n % 40 end,
  case when n % 2 = 0 then m + (n % 28)::int + 28 end, m
from generate_series(1, $1::bigint) n,
  lateral (select ($2::date - make_interval(months => {_AWAY}))::date as m) a"""  # noqa: S608
_CHATS = (
    """insert into chat_account (id, channel, address_index, address, opted_out_at, unreachable_at,
         consent_version)
       select n, 'line', n::text, '', case when n % 97 = 0 then now() end,
         case when n % 89 = 0 then now() end, case when n % 20 > 0 then '1' end
       from generate_series(1, $1::bigint, 3) n""",
    """insert into link (account_id, patient_id, relation, proof)
       select n, n, 'self', 'code' from generate_series(1, $1::bigint, 3) n""",
    """insert into consent (account_id, purpose, notice_version, given)
       select n, 'messages', '1', true from generate_series(1, $1::bigint, 3) n where n % 20 > 0""",
)
_HOUSE = (
    """insert into import_run (id, key, kind, state, digest, size, name, month, committed_at)
       select 1, lpad('1', 32, '0')::uuid, 'uke', 'committed', '', 1, '', $1::date, now()""",
    """insert into site (id, code, name, time_zone) select 1, 'bench', '{}', 'Asia/Tokyo'
       where $1::date is not null""",
    """insert into service (id, code, name, duration) select 1, 'bench', '{}', 30
       where $1::date is not null""",
    """insert into resource (id, code, kind, name) select 1, 'bench', 'practitioner', '{}'
       where $1::date is not null""",
)
_BOOKINGS = """
insert into appointment (key, status, patient_id, service_id, site_id, practitioner_id, during,
  starts_at, ends_at)
select lpad(to_hex(n), 32, '0')::uuid, 'booked', n, 1, 1, 1,
  tstzrange(s, s + interval '30 minutes'), s, s + interval '30 minutes'
from generate_series(1, $1::bigint, 25) n,
  lateral (select now() + make_interval(days => 2 + (n % 60)::int) as s) a"""


def newest(today: date) -> date:
    """The newest month of which receipts are in: the one before last."""
    last = today.replace(day=1) - timedelta(1)
    return (last.replace(day=1) - timedelta(1)).replace(day=1)


async def seed(raw: Tx, patients: int, today: date) -> None:
    """Write so many of them, on a connection of their own without limits of time."""
    month = newest(today)
    await _hasty(raw)
    for statement in _HOUSE:
        await raw.execute(statement, month)
    await raw.execute(_PEOPLE, patients, today, timeout=TIMEOUT)
    await raw.execute(_RECORDS, patients, month, timeout=TIMEOUT)
    for statement in (_VISITS, _CONDITIONS, _ACTS, _SUPPLIES):
        await raw.execute(statement, None, timeout=TIMEOUT)
    await raw.execute(_SUMMARIES, patients, month, timeout=TIMEOUT)
    for statement in (*_CHATS, _BOOKINGS):
        await raw.execute(statement, patients, timeout=TIMEOUT)
    await raw.execute("vacuum analyze", timeout=TIMEOUT)  # as autovacuum would in time


async def change(raw: Tx, patients: int, month: date) -> list[int]:
    """The next month comes in, with a record of one in CHANGED patients; their ids."""
    after = (month + timedelta(31)).replace(day=1)
    await raw.execute(
        """insert into import_run (id, key, kind, state, digest, size, name, month, committed_at)
           values (2, lpad('2', 32, '0')::uuid, 'uke', 'committed', '', 1, '', $1, now())""",
        after,
    )
    await raw.execute(
        """insert into source_record (id, run_id, patient_id, key, digest, month, setting,
             visit_count, points)
           select $1::bigint * 2 + 2 + n, 2, n, 'new', '', $2::date, 'outpatient', 1, 400
           from generate_series(1, $1::bigint, $3::int) n""",
        patients,
        after,
        CHANGED,
        timeout=TIMEOUT,
    )
    for statement in (_VISITS, _CONDITIONS, _ACTS, _SUPPLIES):
        await raw.execute(statement, patients * 2 + 2, timeout=TIMEOUT)
    return list(range(1, patients + 1, CHANGED))


async def _hasty(raw: Tx) -> None:
    """What is made up need neither be checked nor outlive a crash."""
    await raw.execute("set synchronous_commit = off")
    if await raw.fetchval("select rolsuper from pg_roles where rolname = current_user"):
        await raw.execute("set session_replication_role = replica")
