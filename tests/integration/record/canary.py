"""A patient whom every table tells of, in words that occur nowhere else."""

from datetime import date
from typing import Any

import orjson

from clinic.crypto import KeyRing, Sealed
from clinic.ids import new_key
from clinic.media.service import keep
from clinic.record.edit import add_note, add_tag, write_fields
from clinic.triage.service import KIND
from tests.integration.admin.house import KEYS, House
from tests.integration.admin.papers import paper

NAME, KANA, CHART = "鶴亀 小鳥子", "ツルカメ コトリコ", "CANARY77"
PHONE, MAIL, PLACE = "+819077777777", "canary@example.jp", "小鳥町一丁目"
INSURER, INSURED, WORDS = "77000077", "CANARYSYMBOL/777", "カナリアの言葉"
CANARIES = ("小鳥", "ツルカメ", "コトリコ", "CANARY", "canary")
CANARIES += ("9077777777", "カナリア", "77000077")
# What is no secret of a patient, or is no text: keyed hashes, and the chain of the audit trail.
_UNSEALED = {("audit", "chain")}


class Canary:
    """The patient, with the ids of what hangs on them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.id = self.alias = self.talk = self.shared = self.mother = self.run = 0

    async def write(self) -> "Canary":
        """Make the patient, an older record joined into theirs, and rows everywhere."""
        house = self.house
        self.id = await house.patient(NAME, kana=KANA, birth_on=date(1977, 7, 7))
        self.alias = await house.patient(NAME, chart=f"{CHART}OLD", birth_on=date(1977, 7, 7))
        self.mother = await house.patient("鶴亀 母", chart="M1")
        async with house.database.transaction() as tx:
            fields = {
                "chart": CHART,
                "phone": PHONE,
                "email": MAIL,
                "address": PLACE,
                "sex": "female",
                "occupation": "カナリア飼い",
                "zone": "Atlantic/Canary",
                "acquired_by": "カナリアの紹介",
            }
            await write_fields(tx, KEYS, self.id, fields)
            staff = await tx.fetchval(
                "insert into staff (name, role) values ('係', 'admin') returning id"
            )
            await add_tag(tx, self.id, "カナリア印")
            await add_note(tx, KEYS, self.id, "allergy", f"{WORDS}アレルギー", staff)
            key = await tx.fetchval("select key from patient where id = $1", self.id)
            for column, plain in (("insurer", INSURER), ("insured", INSURED)):
                await tx.execute(
                    f"update patient set {column} = $2 where id = $1",
                    self.id,
                    KEYS.seal(plain.encode(), f"patient.{column}", key),
                )
            await tx.execute(
                "update patient set merged_into_id = $2 where id = $1", self.alias, self.id
            )
            await tx.execute(
                """insert into patient_merge (kept_id, lost_id, moved) values ($1, $2, '{}')""",
                self.id,
                self.alias,
            )
        await self._chat()
        await self._imported(staff)
        await self._deeds(staff)
        return self

    async def _chat(self) -> None:
        house = self.house
        self.talk = await house.conversation(self.id, said=f"{WORDS}です", display_name="カナリア")
        await house.tell(self.talk, f"{NAME}様、{WORDS}", "pending")
        await house.tell(self.talk, f"{NAME}様")
        self.shared = await house.conversation(self.mother, self.id, said="母の頭痛です")
        await house.say(self.shared, "小鳥子の熱が高いです")
        await house.tell(self.shared, f"{NAME}様のご予約です")
        await house.tell(self.shared, "鶴亀 母様のご予約です")
        for talk in (self.talk, self.shared):
            await house.rows(
                "update conversation set state = $2 where id = $1",
                talk,
                KEYS.seal(orjson.dumps({"name": NAME}), "conversation.state", talk),
            )
        event = new_key().hex
        await house.value(
            """insert into inbound (channel, event_id, account_id, payload, text, message_id,
                                    occurred_at)
               select 'line', $2, account_id, $3, $4, 'm1', now() from conversation
               where id = $1 returning id""",
            self.talk,
            event,
            KEYS.seal(orjson.dumps({"text": WORDS}), "inbound.payload", event),
            KEYS.seal(f"text:{WORDS}".encode(), "inbound.text", event),
        )
        own = await house.value("select account_id from conversation where id = $1", self.talk)
        async with house.database.transaction() as tx:
            await keep(tx, KEYS, own, "e1", "application/pdf", WORDS.encode())
        await house.rows(
            """insert into consent (account_id, purpose, notice_version, given)
               select account_id, 'messages', '1', true from conversation where id = $1""",
            self.talk,
        )
        await house.rows(
            "insert into contact_preference (patient_id, channel) values ($1, 'line')", self.id
        )
        await paper(house, self.id, NAME)
        await house.rows(
            """update outbox o set patient_id = $2 from conversation c
               where c.id = $1 and o.account_id = c.account_id""",
            self.talk,
            self.id,
        )
        await house.rows(
            """insert into link_attempt (account_id, ok)
               select account_id, true from conversation where id = $1""",
            self.talk,
        )

    async def _imported(self, staff: int) -> None:
        house, key = self.house, new_key()
        self.run = await house.value(
            """insert into import_run (key, kind, state, digest, size, name, committed_at)
               values ($1, 'table', 'committed', 'd', 1, $2, now()) returning id""",
            key,
            KEYS.seal(f"{NAME}.csv".encode(), "import_run.name", key),
        )
        record = await house.value(
            """insert into source_record (run_id, patient_id, key, digest, setting, month)
               values ($1, $2, 'k', 'd', 'outpatient', '2026-07-01') returning id""",
            self.run,
            self.id,
        )
        for table, columns, values in (
            ("encounter", "on_date, setting", "'2026-07-07', 'outpatient'"),
            ("condition", "code, system, name", "'1', 'local', 'カナリア病'"),
            ("procedure", "code, system", "'CANARYACT', 'local'"),
            ("supply", "code, system, on_date", "'CANARYDRUG', 'local', '2026-07-07'"),
            ("outside_appointment", "key, starts_at, status", "'CANARY9', now(), 'booked'"),
        ):
            statement = f"""insert into {table} (record_id, patient_id, {columns})
                            values ($1, $2, {values})"""
            await house.rows(statement, record, self.id)
        await house.rows(
            """insert into patient_change (run_id, patient_id, before, after)
               values ($1, $2, $3, $4)""",
            self.run,
            self.id,
            {"name": "カナリア旧姓"},
            {"name": NAME},
        )
        for decision, patient in (("patient", self.id), ("dropped", None), ("new", self.mother)):
            key = new_key()
            words = "別人" if decision == "new" else NAME
            await house.rows(
                """insert into match_review (key, run_id, reason, identity, digest, entry,
                     candidates, state, decision, patient_id)
                   values ($1, $2, 'several', $3, 'd', $4, $5, 'decided', $6, $7)""",
                key,
                self.run,
                key.hex,
                KEYS.seal(orjson.dumps({"name": words}), "match_review.entry", key),
                [self.id, self.mother],
                decision,
                patient,
            )

    async def _deeds(self, staff: int) -> None:
        house = self.house
        doctor = await house.practitioner("佐藤")
        visit = await house.visit(self.id, doctor, on=date(2036, 7, 7))
        await house.visit(self.id, doctor, on=date(2026, 7, 7), status="fulfilled")
        key = await house.value("select key from appointment where id = $1", visit)
        await house.rows(
            """update appointment set note = $2, cancel_reason = $3, account_id = (
                 select account_id from conversation where id = $4) where id = $1""",
            visit,
            KEYS.seal(WORDS.encode(), "appointment.note", key),
            KEYS.seal(WORDS.encode(), "appointment.cancel_reason", key),
            self.talk,
        )
        forms = await house.forms()
        await house.response(self.id, forms["gad_7"], {})
        request_key = f"staff:{new_key()}"
        request = await house.value(
            """insert into questionnaire_request (key, questionnaire_id, patient_id, appointment_id,
                 state, draft, send_at) values ($1, $2, $3, $4, 'in_progress', $5, now())
               returning id""",
            request_key,
            forms["gad_7"],
            self.id,
            visit,
            KEYS.seal(WORDS.encode(), "questionnaire_request.draft", request_key),
        )
        escalation = await house.escalation(self.talk, said=WORDS, patient=self.id)
        await house.rows(
            """update escalation set state = 'closed', disposition = 'called', note = (
                 select $2::bytea) where id = $1""",
            escalation,
            KEYS.seal(
                WORDS.encode(),
                "escalation.note",
                await house.value("select key from escalation where id = $1", escalation),
            ),
        )
        alert = await house.tell(await house.conversation(said="先生"), f"{NAME}: {WORDS}")
        await house.rows(
            """update outbox set escalation_id = $2, request_id = $3, appointment_id = $4
               where id = $1""",
            alert,
            escalation,
            request,
            visit,
        )
        await house.task("call", patient=self.id, conversation=self.talk, note={"words": WORDS})
        await house.task("call", visit=visit, note={"words": WORDS})
        key = new_key()
        run = await house.value(
            """insert into triage_run (key, conversation_id, patient_id, presentation, rules,
                 answers, level, disposition)
               values ($1, $2, $3, 'fever', '{}', $4, 2, 'visit') returning id""",
            key,
            self.talk,
            self.id,
            KEYS.seal(orjson.dumps({"words": WORDS}), "triage_run.answers", key),
        )
        await house.rows(
            """insert into timer (key, kind, due_at, conversation_id, appointment_id)
               values ($1, $2, now(), $3, $4)""",
            f"check_in:{run}:0",
            KIND,
            self.talk,
            visit,
        )
        key = new_key()
        await house.rows(
            """insert into internal_note (key, conversation_id, staff_id, note)
               values ($1, $2, $3, $4)""",
            key,
            self.talk,
            staff,
            KEYS.seal(WORDS.encode(), "internal_note.note", key),
        )
        await house.emergency(self.id, staff, WORDS)
        review = await house.review(self.talk)
        key = await house.value("select key from quality_review where id = $1", review)
        await house.rows(
            "update quality_review set answers = $2 where id = $1",
            review,
            KEYS.seal(WORDS.encode(), "quality_review.answers", key),
        )
        finding = await house.value(
            """insert into quality_finding (review_id, script, kind, note)
               values ($1, 'text:x', 'wording', '\\x') returning id""",
            review,
        )
        await house.rows(
            "update quality_finding set note = $2 where id = $1",
            finding,
            KEYS.seal(WORDS.encode(), "quality_finding.note", finding),
        )
        await house.rows(
            """insert into link_code (code_hash, patient_id, expires_at) values ('h', $1, now())""",
            self.id,
        )
        await house.rows(
            "insert into plan_date (patient_id, on_date) values ($1, '2026-07-07')", self.id
        )
        definition = await house.value(
            """insert into plan_definition (code, version, title, content)
               values ('p', 1, '{}', '{}') returning id"""
        )
        await house.rows(
            """with made as (
                 insert into care_plan (code, definition_id, patient_id, anchor_key, anchor_on,
                                        steps)
                 values ('p', $2, $1, 'hand:1', current_date, $3) returning id)
               insert into care_plan_activity
                 (plan_id, step, due_at, useful_until, request_id, response_id)
               select id, 's', now(), now(), (select min(id) from questionnaire_request),
                      (select min(id) from questionnaire_response) from made""",
            self.id,
            definition,
            [WORDS],
        )
        await house.rows("insert into patient_summary (patient_id) values ($1)", self.id)
        await self._measured()
        await self.house.rows(
            """with visit as (select * from appointment where patient_id = $1 limit 1),
               entry as (
                 insert into waitlist_entry (patient_id, service_id, appointment_id, from_on,
                   until_on)
                 select $1, service_id, id, current_date, current_date from visit returning id),
               freed as (
                 insert into slot_rescue (key, appointment_id, cause, service_id, site_id,
                   practitioner_id, starts_at, ends_at, minutes, due_at)
                 select 'k', id, 'cancel', service_id, site_id, practitioner_id, starts_at,
                   ends_at, 30, now() from visit returning id)
               insert into slot_offer (rescue_id, wave, patient_id, entry_id, held_until)
               select freed.id, 1, $1, entry.id, now() from freed, entry""",
            self.id,
        )
        await house.rows(
            """with made as (
                 insert into campaign (key, name, kind, purpose, audience, trigger, content)
                 values (gen_random_uuid(), $2, 'notice', 'care', $3, '{}', $4) returning id)
               insert into recipient (campaign_id, patient_id, occurrence, due_at, useful_until)
               select id, $1, 'once', now(), now() from made""",
            *(self.id, NAME, {"patients": [self.id]}, {"texts": {"ja": WORDS}}),
        )
        group = await house.value(
            """insert into care_group (code, name, definition, mode)
               values ('g', '{"en": "G"}', '{"any": []}', 'fixed') returning id"""
        )
        await house.rows(
            """insert into lapse (patient_id, group_id, state, reason)
               values ($1, $2, 'active', '{"key": "months"}')""",
            self.id,
            group,
        )
        outreach = await house.value(
            """insert into outreach (key, label, purpose) values ($1, '春', 'recall')
               returning id""",
            new_key(),
        )
        await house.rows(
            """insert into outreach_member (outreach_id, patient_id, outbox_id, sent_on)
               values ($1, $2, (select min(id) from outbox), current_date)""",
            outreach,
            self.id,
        )

    async def _measured(self) -> None:
        """Readings, a limit of their own, and a cohort."""
        house = self.house
        await house.rows(
            """insert into observation (patient_id, kind, value, unit, measured_at, source,
                 account_id) values ($1, 'pulse', 70, '/min', now(), 'chat',
                 (select account_id from link where patient_id = $1 order by id limit 1))""",
            self.id,
        )
        await house.rows(
            """insert into observation_limit (patient_id, measure, side, level, at)
               values ($1, 'pulse', 'below', 2, 55)""",
            self.id,
        )
        cohort = await house.value(
            """insert into cohort (key, name, arms, rounds) values ($1, 'C', '["study"]', '[1]')
               returning id""",
            new_key(),
        )
        member = await house.value(
            """insert into cohort_member (key, cohort_id, patient_id, arm, enrolled_on)
               values ($1, $2, $3, 'study', current_date) returning id""",
            new_key(),
            cohort,
            self.id,
        )
        await house.rows(
            """insert into cohort_round (member_id, months, due_on, request_id)
               values ($1, 1, current_date,
                 (select min(id) from questionnaire_request where patient_id = $2))""",
            member,
            self.id,
        )


async def told(house: House, keys: KeyRing = KEYS) -> dict[str, str]:
    """Every text of the database, opened where it is sealed, by "table.column/row"."""
    columns = await house.rows(
        """select table_name::text as table, column_name::text as name, data_type::text as type
           from information_schema.columns where table_schema = 'public'
             and table_name not in ('tortoise_migrations', 'questionnaire', 'code_name')
             and data_type in ('text', 'character varying', 'jsonb', 'bytea', 'ARRAY')"""
    )
    found: dict[str, str] = {}
    for one in columns:
        table, name = one["table"], one["name"]
        for row in await house.rows(f"select * from {table} where {name} is not null"):
            value = row[name]
            if one["type"] == "bytea" and (table, name) not in _UNSEALED:
                value = _opened(keys, table, name, row)
            found[f"{table}.{name}/{row.get('id') or row.get('patient_id')}"] = str(value)
    return found


def _opened(keys: KeyRing, table: str, name: str, row: dict[str, Any]) -> str:
    """Sealed for the row; one that opens for no name of it fails the test."""
    for column in ("key", "event_id", "address_index", "id"):
        if column in row:
            try:
                return keys.open(row[name], f"{table}.{name}", row[column]).decode(errors="replace")
            except Sealed:
                continue
    raise AssertionError(f"{table}.{name} does not open")
