"""Erases what tells of a patient, everywhere: see docs/decisions/0012-erasure.md."""

# ruff: noqa: S608  # what is put together is fixed texts; values are bound

from collections.abc import Sequence
from typing import Any, Literal

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.importer.service import IMPORT_LOCK
from clinic.message.service import WAITS, WITHDRAWN
from clinic.record.chats import (
    Chats,
    blank_alone,
    blank_outbox,
    blank_shared,
    chats_of,
    telling_words,
    tells,
)
from clinic.record.fates import OF_CHAT, OF_PATIENT
from clinic.record.service import TIMEOUT
from clinic.record.tombstone import marks_of

Refusal = Literal["gone", "erased", "open_escalation", "open_doubt", "busy"]
# Whatever hangs on something that is deleted goes before it.
_GONE = (
    *("condition", "encounter", "procedure", "supply", "outside_appointment", "source_record"),
    *("lapse", "patient_change", "patient_note", "patient_summary", "patient_tag", "plan_date"),
    *("link_code", "link", "questionnaire_response", "triage_run", "match_review", "care_plan"),
    *("cohort_member", "observation", "observation_limit", "contact_preference", "document"),
)

_CHAT = "conversation_id in (select id from conversation where account_id = any($2))"
_VISIT = "appointment_id in (select id from appointment where patient_id = any($1))"
_BOTH = "$1::bigint[] is not null and $2::bigint[] is not null"  # some need one of them only
_BLANKED = (  # $1 the patients, $2 the accounts that were theirs alone
    f"update escalation set said = null, note = null where patient_id = any($1) or {_CHAT}",
    f"""update task set note = null, result = null, detail = '{{}}', state = 'closed',
          closed_at = coalesce(closed_at, now())
        where patient_id = any($1) or {_VISIT} or {_CHAT}""",
    """update appointment set note = null, cancel_reason = null
       where patient_id = any($1) or account_id = any($2)""",
    f"""update questionnaire_request set draft = null, reason = 'erased', state = case
          when state in ('waiting', 'sent', 'in_progress') then 'cancelled' else state end
        where {_BOTH} and patient_id = any($1)""",
    f"update quality_review set answers = null where {_BOTH} and {_CHAT}",
    f"delete from internal_note where {_BOTH} and {_CHAT}",
    f"""delete from cohort_round where {_BOTH}
          and member_id in (select id from cohort_member where patient_id = any($1))""",
    *(
        f"""delete from {table} where account_id = any($2)
              or document_id in (select id from document where patient_id = any($1))"""
        for table in ("document_link", "document_answer")
    ),
    f"""delete from care_plan_activity where {_BOTH}
          and plan_id in (select id from care_plan where patient_id = any($1))""",
    f"""update triage_run set before_id = null
        where before_id in (select id from triage_run where patient_id = any($1) or {_CHAT})""",
    """update waitlist_entry set weekdays = '[]', part = 'any', reason = 'erased',
         state = case when state in ('waiting', 'offered') then 'ended' else state end,
         ended_at = coalesce(ended_at, now())
       where patient_id = any($1) or account_id = any($2)""",
    f"""update recipient set state = 'cancelled', reason = 'erased', settled_at = now()
        where {_BOTH} and patient_id = any($1) and state = 'pending'""",
    # What was written to this patient alone.
    f"""update campaign set name = 'erased', content = '{{"texts": {{"en": "erased"}}}}',
          state = case when state in ('finished', 'cancelled') then state else 'cancelled' end,
          ended_at = coalesce(ended_at, now())
        where {_BOTH} and jsonb_array_length(audience -> 'patients') = 1
          and (audience -> 'patients' ->> 0)::bigint = any($1)""",
    f"""update emergency_access set reason = null, ended_at = coalesce(ended_at, now())
        where {_BOTH} and patient_id = any($1)""",
    f"""update slot_offer set state = 'lapsed', reason = 'erased'
        where {_BOTH} and patient_id = any($1) and state = 'offered'""",
    f"""update patient_merge set undone_at = coalesce(undone_at, now())
        where {_BOTH} and (kept_id = any($1) or lost_id = any($1))""",
)


async def erase(tx: Tx, keys: KeyRing, patient_id: int, staff_id: int | None) -> Refusal | None:
    """Erase a patient and every record joined into theirs; None if that is done.

    open_escalation: somebody may be in danger, which comes first. open_doubt: an import waits to be
    told whether it speaks of this patient. busy: an import is at work.
    """
    await tx.execute("set local statement_timeout = 0")
    if not await tx.fetchval("select pg_try_advisory_xact_lock($1)", IMPORT_LOCK):
        return "busy"
    rows = await tx.fetch(
        """with recursive same(id) as (
             select id from patient where id = $1 and merged_into_id is null
             union select p.id from same s join patient p on p.merged_into_id = s.id)
           select * from patient where id in (select id from same) order by id for update""",
        patient_id,
    )
    ids = [row["id"] for row in rows]
    refusal = await _refusal(tx, ids)
    if refusal is not None:
        return refusal
    chats = await chats_of(tx, ids)
    words = await telling_words(tx, keys, rows, chats)
    await _stop(tx, ids, chats)
    await blank_shared(tx, keys, chats, words)
    await blank_alone(tx, keys, chats)
    await _blank_rows(tx, keys, ids, chats)
    await _blank_files(tx, keys, words)
    await _delete(tx, ids, chats)
    await _bury(tx, keys, rows, staff_id)
    await record(
        tx,
        "staff" if staff_id else "system",
        staff_id,
        "staff:patient:erase",
        patient_id,
        {"patients": ids, "accounts": chats.alone, "shared": chats.shared},
    )
    return None


async def _refusal(tx: Tx, ids: list[int]) -> Refusal | None:
    if not ids:
        return "gone"
    row = await tx.fetchrow(
        """select
             exists (select 1 from erasure where patient_id = any($1)) as erased,
             exists (select 1 from escalation e join conversation c on c.id = e.conversation_id
                     where e.state <> 'closed' and coalesce(e.patient_id = any($1), exists (
                       select 1 from link l where l.account_id = c.account_id
                         and l.patient_id = any($1) and l.ended_at is null))) as escalation,
             exists (select 1 from match_review where state = 'open' and exists (
                       select 1 from jsonb_array_elements_text(candidates) one
                       where one::bigint = any($1))) as doubt""",
        ids,
    )
    if row["erased"]:
        return "erased"
    if row["escalation"]:
        return "open_escalation"
    return "open_doubt" if row["doubt"] else None


async def _stop(tx: Tx, ids: list[int], chats: Chats) -> None:
    """Nothing that waits goes out, and no visit stands."""
    await tx.execute(
        f"""update outbox o set {WITHDRAWN}
           where {WAITS}
             and (o.account_id = any($3) or o.patient_id = any($1)
                  or o.appointment_id in (select id from appointment where patient_id = any($1))
                  or o.request_id in (
                    select id from questionnaire_request where patient_id = any($1)))""",
        ids,
        "erased",
        chats.alone,
    )
    await tx.execute(
        """update chat_account set link_version = link_version + 1 where id = any($1)""",
        chats.alone + chats.shared,
    )
    await tx.execute(
        """update timer t set state = 'skipped', reason = 'erased', settled_at = now()
           where t.state = 'waiting' and (
             t.appointment_id in (select id from appointment where patient_id = any($1))
             or t.conversation_id in (select id from conversation where account_id = any($2))
             or t.kind = 'check_in' and split_part(t.key, ':', 2) in (
               select id::text from triage_run where patient_id = any($1)))""",
        ids,
        chats.alone,
    )
    await tx.execute(
        """with cancelled as (
             update appointment set version = version + 1, updated_at = now(),
               status = case status when 'held' then 'expired' else 'cancelled' end
             where patient_id = any($1) and status in ('held', 'booked') returning id)
           update allocation set status = 'released'
           where appointment_id in (select id from cancelled)""",
        ids,
    )


async def _blank_rows(tx: Tx, keys: KeyRing, ids: list[int], chats: Chats) -> None:
    """Rows that stay, for counts or because others refer to them."""
    rows = await tx.fetch(
        """select id, key from outbox where patient_id = any($1)
             or appointment_id in (select id from appointment where patient_id = any($1))
             or request_id in (select id from questionnaire_request where patient_id = any($1))
             or escalation_id in (select id from escalation where patient_id = any($1)
               or conversation_id in (select id from conversation where account_id = any($2)))""",
        ids,
        chats.alone,
    )
    await blank_outbox(tx, keys, rows)
    for statement in _BLANKED:
        await tx.execute(statement, ids, chats.alone)
    rows = await tx.fetch(
        """select f.id from quality_finding f join quality_review r on r.id = f.review_id
           join conversation c on c.id = r.conversation_id where c.account_id = any($1)""",
        chats.alone,
    )
    await tx.executemany(
        "update quality_finding set note = $2 where id = $1",
        [(row["id"], keys.seal(b"", "quality_finding.note", row["id"])) for row in rows],
    )


async def _blank_files(tx: Tx, keys: KeyRing, words: list[str]) -> None:
    """Names of imported files that name the patient."""
    for row in await tx.fetch("select id, key, name from import_run"):
        if tells(keys.open(row["name"], "import_run.name", row["key"]), words):
            nothing = keys.seal(b"", "import_run.name", row["key"])
            await tx.execute("update import_run set name = $2 where id = $1", row["id"], nothing)


async def _delete(tx: Tx, ids: list[int], chats: Chats) -> None:
    await tx.execute(
        """delete from web_link w using outbox o
           where o.id = w.outbox_id and (w.account_id = any($2) or o.account_id = any($2)
             or o.patient_id = any($1))""",
        ids,
        chats.alone,
    )
    await tx.execute(
        """update match_review m set candidates = coalesce((
             select jsonb_agg(one) from jsonb_array_elements(m.candidates) one
             where one::text::bigint <> all($1)), '[]')
           where m.decision is distinct from 'dropped' and m.patient_id <> all($1)
             and exists (select 1 from jsonb_array_elements_text(m.candidates) one
                         where one::bigint = any($1))""",
        ids,
    )
    await tx.execute(
        """delete from match_review m where exists (
             select 1 from jsonb_array_elements_text(m.candidates) one
             where one::bigint = any($1))""",
        ids,
    )
    for table in _GONE:
        alone = ""
        if f"{table}.account_id" in OF_CHAT:
            alone = "or account_id = any($2)"
        elif f"{table}.conversation_id" in OF_CHAT:
            alone = """or conversation_id in (
                         select id from conversation where account_id = any($2))"""
        assert OF_PATIENT[f"{table}.patient_id"] == "gone"
        await tx.execute(
            f"""delete from {table} where patient_id = any($1) and $2::bigint[] is not null
                {alone}""",
            ids,
            chats.alone,
            timeout=TIMEOUT,
        )


async def _bury(tx: Tx, keys: KeyRing, rows: Sequence[Any], staff_id: int | None) -> None:
    """Leave of the patient a number, and marks by which no import brings them back unasked."""
    for row in rows:
        marks = marks_of(
            keys,
            chart=row["chart"] or "",
            kana=row["kana"],
            name=row["name"],
            birth_on=row["birth_on"],
            sex=row["sex"],
        )
        await tx.execute(
            """insert into erasure (patient_id, chart_mark, kana_mark, name_mark, erased_by_id)
               values ($1, $2, $3, $4, $5)""",
            row["id"],
            marks.chart,
            marks.kana,
            marks.name,
            staff_id,
        )
    # As one who has moved they are passed over by every list and every message.
    await tx.execute(
        """update patient set name = '', kana = '', chart = null, birth_on = null, sex = null,
             language = null, zone = null, phone = null, phone_index = null, deceased_on = null,
             moved_on = current_date, chart_loose = null, kana_key = '', name_key = '',
             field_sources = '{}', email = null, email_index = null, address = null,
             insurer = null, insured = null, insured_index = null, acquired_by = null,
             occupation = null, membership = null where id = any($1)""",
        [row["id"] for row in rows],
    )
