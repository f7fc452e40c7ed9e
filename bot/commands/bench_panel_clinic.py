"""A clinic at work on the bench's patient base: names in four scripts, visits of two years and of
the coming weeks, talks, messages, tasks, campaigns, answers and an audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.commands import bench_people
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Database, Tx
from clinic.figures.recompute import months_known, recompute
from clinic.ids import new_key
from clinic.lapse import service as lapse
from clinic.message.codec import dump_message
from clinic.message.types import Message
from clinic.questionnaire.service import install_shipped
from clinic.staff.service import add_staff
from clinic.staff.types import Role, Staff

TIMEOUT = bench_people.TIMEOUT
PRACTITIONERS = 10
TODAY = 300  # visits of today
KNOWN = 1  # the patient with the long record, in the chat and at the desk
PHONE = "+819012345678"
LINES = 2_000  # of the longest conversation
WAITING = 60  # conversations that wait for staff
# Every seventh is Latin, every eighth Russian, every ninth Chinese.
_NAMES = """
update patient set
  name = case when id % 7 = 0 then 'Garcia ' || split_part('Maria John Anna Li', ' ', 1 + i % 4)
    when id % 8 = 0 then split_part('Иванова Петров Смирнова', ' ', 1 + i % 3) || ' '
      || split_part('Анна Пётр Ольга Иван', ' ', 1 + j % 4)
    when id % 9 = 0 then split_part('王 李 陳 张', ' ', 1 + i % 4)
      || split_part('小明 美玲 志強 伟', ' ', 1 + j % 4)
    else split_part('佐藤 鈴木 高橋 田中 伊藤 渡邊 山本 中村 小林 加藤', ' ', 1 + i % 10) || ' '
      || split_part('花子 太郎 一郎 美咲 健 由美子 翔太 陽子', ' ', 1 + j % 8) end,
  kana = case when id % 7 = 0 or id % 8 = 0 or id % 9 = 0 then ''
    else split_part('サトウ スズキ タカハシ タナカ イトウ ワタナベ ヤマモト ナカムラ'
        ' コバヤシ カトウ', ' ', 1 + i % 10) || ' '
      || split_part('ハナコ タロウ イチロウ ミサキ ケン ユミコ ショウタ'
        ' ヨウコ', ' ', 1 + j % 8) end,
  phone_index = md5(id::text)
from (select id as n, (id * 7919 % 1009)::int as i, (id * 104729 % 997)::int as j
      from patient) draw
where draw.n = patient.id"""
_STATEMENTS = (
    """update site set name = '{"ja": "本院", "en": "Main"}'""",
    """update service set name = '{"ja": "一般診察", "en": "General visit"}', duration = 15""",
    """insert into service (id, code, name, duration)
       select g, 's' || g, jsonb_build_object('ja', '診察' || g, 'en', 'Service ' || g), 15
       from generate_series(2, 6) g""",
    f"""insert into resource (id, code, kind, name)
        select g, 'd' || g, 'practitioner', jsonb_build_object('ja', '医師' || g, 'en', 'Dr ' || g)
        from generate_series(2, {PRACTITIONERS}) g""",  # noqa: S608  # constants
    """update resource set name = '{"ja": "医師1", "en": "Dr 1"}' where id = 1""",
    """insert into service_resource (service_id, resource_id)
       select s.id, r.id from service s, resource r""",
    """insert into schedule (resource_id, site_id, weekday, opens_at, closes_at)
       select r.id, 1, d, '09:00', '18:00' from resource r, generate_series(0, 6) d""",
)  # fmt: skip
_DONE = f"""
insert into appointment (key, status, patient_id, service_id, site_id, practitioner_id, during,
  starts_at, ends_at, created_at, updated_at)
select gen_random_uuid(),
  (array['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled', 'noshow', 'cancelled'])[1 + n % 6],
  1 + n * 7919 % $1::bigint, 1 + n % 6, 1, 1 + n % {PRACTITIONERS},
  tstzrange(s, s + interval '15 min'), s, s + interval '15 min', s - interval '9 days', s
from generate_series(1, 2 * $1::bigint) n, lateral (
  select (current_date - 1 - (n % 730)::int + time '09:00' + interval '15 min' * (n / 730 % 36))
    at time zone 'Asia/Tokyo' as s) x"""  # noqa: S608  # constants
# The day in the clinic's zone; each has a patient of its own, each practitioner one at a time.
_COMING = f"""
insert into appointment (key, status, patient_id, service_id, site_id, practitioner_id, during,
  starts_at, ends_at, confirmed_at, created_at)
select gen_random_uuid(), case when $2::int = 0 then
    (array['booked', 'booked', 'arrived', 'fulfilled', 'noshow'])[1 + n % 5] else 'booked' end,
  1 + ($2::bigint * 1201 + n * 17) % $1::bigint, 1 + n % 6, 1, 1 + n % {PRACTITIONERS},
  tstzrange(s, s + interval '15 min'), s, s + interval '15 min',
  case when n % 3 = 0 then now() end, now() - interval '9 days'
from generate_series(0, $3::int - 1) n, lateral (
  select ((now() at time zone 'Asia/Tokyo')::date + $2::int + time '09:00'
    + interval '15 min' * (n / {PRACTITIONERS})) at time zone 'Asia/Tokyo' as s) x
on conflict do nothing"""  # noqa: S608  # constants
_TAKEN = """
insert into allocation (appointment_id, resource_id, during, status)
select id, practitioner_id, during, 'booked' from appointment
where starts_at > now() - interval '1 day' and status in ('booked', 'arrived')
on conflict do nothing"""
_TALKS = (
    """insert into conversation (account_id, last_patient_at, updated_at)
       select id, t, t from chat_account,
         lateral (select now() - make_interval(mins => (id * 13 % 500000)::int) as t) x""",
    # What nobody looks at need not be anything.
    """insert into inbound (channel, event_id, account_id, payload, occurred_at, received_at,
         state, handled_at)
       select 'line', 'e' || a.id || '-' || n, a.id, decode(repeat('ab', 300), 'hex'), t, t,
         'done', t
       from chat_account a, generate_series(1, 6) n,
         lateral (select now() - make_interval(mins => (a.id * 13 % 500000)::int + n) as t) x""",
    """insert into outbox (key, dedup_key, account_id, purpose, delivery_class, content, send_at,
         useful_until, state, attempts, created_at, settled_at)
       select gen_random_uuid(), 'b' || a.id || '-' || n, a.id, 'dialogue', 'must_arrive',
         decode(repeat('cd', 300), 'hex'), t, t, 'sent', 1, t, t
       from chat_account a, generate_series(1, 6) n,
         lateral (select now() - make_interval(mins => (a.id * 13 % 500000)::int + n) as t) x""",
    """insert into task (key, kind, state, patient_id, due_at, created_at, closed_at)
       select 'bench:' || n, 'call', case when n % 50 = 0 then 'open' else 'closed' end,
         1 + n * 31 % $1::bigint, now() - make_interval(hours => (n % 900)::int),
         now() - make_interval(hours => (n % 900)::int), case when n % 50 > 0 then now() end
       from generate_series(1, $1::bigint / 5) n""",
    """insert into campaign (id, key, name, kind, purpose, state, audience, trigger, content,
         created_at, starts_at, made_until)
       select n, gen_random_uuid(), 'Campaign ' || n, 'campaign', 'care', 'finished',
         '{"kind": "segment", "segment": null, "tree": {"and": []}}', '{"kind": "once"}', '{}',
         now() - make_interval(days => n), now() - make_interval(days => n), now()
       from generate_series(1, 20) n where $1::bigint > 0""",
    """insert into recipient (campaign_id, patient_id, occurrence, due_at, useful_until, state,
         reason, variant, settled_at, account_id)
       select c, 1 + (n * 3 + c * 101) % $1::bigint, 'once', now() - make_interval(days => c),
         now(), (array['sent', 'sent', 'sent', 'skipped', 'refused', 'held_out'])[1 + n % 6],
         case when n % 6 in (3, 4) then 'no_consent' end, 'a',
         now() - make_interval(days => c), case when n % 6 < 3 then 1 end
       from generate_series(1, 20) c, generate_series(1, $1::bigint / 20) n
       on conflict do nothing""",
    """insert into audit (actor_kind, actor_id, action, subject_id, detail, at)
       select 'staff', 1 + n % 20,
         (array['staff:patient:read', 'staff:conversation:read', 'staff:patient:timeline',
                'staff:task:list'])[1 + n % 4],
         1 + n * 7919 % $1::bigint, '{}', now() - make_interval(mins => (n % 500000)::int)
       from generate_series(1, 5 * $1::bigint) n""",
    f"""insert into observation (patient_id, kind, value, unit, source, measured_at)
        select case when n % 100 = 0 then {KNOWN} else 1 + n * 7919 % $1::bigint end, 'pulse',
          60 + n % 40, '/min', 'staff', now() - make_interval(hours => n::int)
        from generate_series(1, $1::bigint / 5) n""",  # noqa: S608  # constants
)  # fmt: skip
_KNOWN = f"""
update appointment set patient_id = {KNOWN}
where id in (select id from appointment where status = 'fulfilled' order by id limit 200)"""  # noqa: S608  # constants
# Where rows were given their ids.
_NUMBERED = (
    *("patient", "source_record", "import_run", "site", "service", "resource"),
    *("chat_account", "campaign"),
)


@dataclass(frozen=True, slots=True)
class Clinic:
    """Who works there, and what the pages are asked about: ids by name."""

    chief: Staff
    doctor: Staff
    there: dict[str, int]


async def seed(database: Database, raw: Tx, settings: Settings, patients: int) -> Clinic:
    """Write it. `raw`: a connection of its own without limits of time."""
    today: date = await raw.fetchval("select current_date")
    keys, zone = settings.key_ring(), settings.clinic.time_zone
    await bench_people.seed(raw, patients, today)
    await raw.execute(_NAMES, timeout=TIMEOUT)
    for statement in _STATEMENTS:
        await raw.execute(statement)
    await raw.execute(_DONE, patients, timeout=TIMEOUT)
    for day in range(29):
        await raw.execute(_COMING, patients, day, TODAY if day == 0 else 2 * TODAY // 3)
    await raw.execute(_TAKEN, timeout=TIMEOUT)
    for statement in _TALKS:
        asked = (patients,) if "$1" in statement else ()
        await raw.execute(statement, *asked, timeout=TIMEOUT)
    await raw.execute(_KNOWN)
    for table in _NUMBERED:
        await raw.execute(
            f"select setval(pg_get_serial_sequence('{table}', 'id'), max(id)) from {table}"  # noqa: S608  # constants
        )
    async with database.transaction() as tx:
        await tx.execute("set local statement_timeout = 0")
        chief, doctor = await _staff(tx, "Chief", Role.ADMIN), await _staff(tx, "Dr 2", Role.DOCTOR)
        await tx.execute("update resource set staff_id = $1 where id = 2", doctor.id)
        there = await _sealed(tx, keys, patients)
        await lapse.recompute(tx, None, zone, settings.lapse.horizon)
    async with database.transaction() as tx:
        months = await months_known(tx, zone)
    for month in months:
        async with database.transaction() as tx:
            await recompute(tx, keys, month, zone)
    await raw.execute("vacuum analyze", timeout=TIMEOUT)  # as autovacuum would in time
    group = "select group_id from lapse group by group_id order by count(*) desc limit 1"
    there["group"] = await raw.fetchval(group)
    return Clinic(chief, doctor, there)


async def _staff(tx: Tx, name: str, role: Role) -> Staff:
    made = await add_staff(tx, name, role)
    assert isinstance(made, Staff)
    return made


async def _sealed(tx: Tx, keys: KeyRing, patients: int) -> dict[str, int]:
    """What pages open: words of patients, answers, a telephone number."""
    key = await tx.fetchval("select key from patient where id = $1", KNOWN)
    await tx.execute(
        "update patient set phone = $2, phone_index = $3 where id = $1",
        KNOWN,
        keys.seal(PHONE.encode(), "patient.phone", key),
        keys.index("phone", PHONE),
    )
    run = await tx.fetchval("select key from import_run")
    name = keys.seal(b"receipts.UKE", "import_run.name", run)
    await tx.execute("update import_run set name = $1", name)
    account = await tx.fetchval("select account_id from link where patient_id = $1", KNOWN)
    await _talk(tx, keys, account, LINES)
    await tx.execute(
        """update conversation set owner = 'queue', queued_at = now() - interval '5 min',
             handoff_reason = 'asked' where account_id = $1""",
        account,
    )
    waiting = await tx.fetch(
        "select id from chat_account where id > $1 order by id limit $2", account, WAITING
    )
    for row in waiting:
        await _talk(tx, keys, row["id"], 6)
    await tx.execute(
        """update conversation set owner = 'queue', handoff_reason = 'asked',
             queued_at = now() - make_interval(mins => (account_id % 50)::int),
             last_patient_at = now() where account_id = any ($1)""",
        [row["id"] for row in waiting],
    )
    await install_shipped(tx)
    form = await tx.fetchval("select id from questionnaire where name = 'gad_7'")
    await tx.executemany(
        """insert into questionnaire_response (key, questionnaire_id, patient_id, language,
             answers, scores, authored_at)
           values ($1, $2, $3, 'ja', $4, $5, now() - make_interval(hours => $6))""",
        _answers(keys, form, patients),
    )
    talk = await tx.fetchval("select id from conversation where account_id = $1", account)
    visit = await tx.fetchval("select id from appointment where starts_at > now() order by id")
    return {
        "patient": KNOWN,
        "conversation": talk,
        "questionnaire": form,
        "campaign": 1,
        "visit": visit,
    }


async def _talk(tx: Tx, keys: KeyRing, account: int, lines: int) -> None:
    """So many lines, the patient's and ours in turn, ending now."""
    said = [new_key().hex for _ in range(lines // 2)]
    await tx.executemany(
        """insert into inbound (channel, event_id, account_id, text, occurred_at, received_at,
             state, handled_at)
           select 'line', $1, $2, $3, t, t, 'done', t
           from (select now() - make_interval(mins => $4) as t) x""",
        [
            (
                event,
                account,
                keys.seal("text:予約をお願いします".encode(), "inbound.text", event),
                n,
            )
            for n, event in enumerate(said)
        ],
    )
    told = [new_key() for _ in range(lines // 2)]
    words = dump_message(Message("承知しました。少々お待ちください。", "ja"))
    await tx.executemany(
        """insert into outbox (key, dedup_key, account_id, purpose, delivery_class, content,
             send_at, useful_until, state, attempts, created_at, settled_at)
           select $1::uuid, $1::uuid::text, $2, 'dialogue', 'must_arrive', $3, t, t, 'sent', 1, t, t
           from (select now() - make_interval(mins => $4) as t) x""",
        [(key, account, keys.seal(words, "outbox.content", key), n) for n, key in enumerate(told)],
    )


def _answers(keys: KeyRing, form: int, patients: int) -> Sequence[tuple[Any, ...]]:
    """A fiftieth of the patients answered, the known one often."""
    found = []
    for n in range(max(patients // 50, 1)):
        key, patient = new_key(), KNOWN if n % 100 == 0 else 1 + n * 50
        sealed = keys.seal(b'{"on":"2026-11-01"}', "questionnaire_response.answers", key)
        found.append((key, form, patient, sealed, {"score": str(n % 21)}, n))
    return found
