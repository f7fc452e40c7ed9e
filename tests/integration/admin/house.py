"""A clinic to try the panel on: rows as the other parts of Kayoi write them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

from clinic.config import Settings
from clinic.conversation.service import account_of
from clinic.crypto import KeyRing
from clinic.db import Database
from clinic.escalation.service import raise_escalation
from clinic.escalation.types import Raised
from clinic.ids import new_key
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import Button, Card, Message
from clinic.plan.definitions import install_shipped as install_plans
from clinic.questionnaire import codec, rules, scoring
from clinic.questionnaire.demo import filled
from clinic.questionnaire.service import install_shipped, load
from clinic.staff.service import add_staff, make_sign_in_link
from clinic.staff.signing_in import use_link
from clinic.staff.types import Opened, Role, Staff

KEYS = KeyRing({1: bytes(32)})
SETTINGS = Settings(clinic={"name": "さくら内科クリニック", "phone": "+81312345678"})


class House:
    """Writes rows, each in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def value(self, sql: str, *values: Any) -> Any:
        """One value of a query."""
        async with self.database.transaction() as tx:
            return await tx.fetchval(sql, *values)

    async def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """The rows of a query."""
        async with self.database.transaction() as tx:
            return [dict(row) for row in await tx.fetch(sql, *values)]

    async def tamper(self, sql: str, *values: Any) -> None:
        """What only the owner of the database can do: change or remove rows of the audit trail."""
        async with self.database.transaction() as tx:
            await tx.execute("alter table audit disable trigger user")
            await tx.execute(sql, *values)
            for name in ("audit_rows_kept", "audit_not_emptied"):
                await tx.execute(f"alter table audit enable always trigger {name}")

    async def clear_audit(self) -> None:
        """Begin with an empty trail."""
        await self.tamper("delete from audit")

    async def staff(self, name: str, role: Role = Role.STAFF) -> Staff:
        """An account."""
        async with self.database.transaction() as tx:
            made = await add_staff(tx, name, role)
        assert isinstance(made, Staff)
        return made

    async def link(self, staff: Staff) -> str:
        """The token of a sign-in link."""
        async with self.database.transaction() as tx:
            token = await make_sign_in_link(tx, staff.id)
        assert token is not None
        return token

    async def session(self, staff: Staff) -> str:
        """The token of a session."""
        link = await self.link(staff)
        async with self.database.transaction() as tx:
            opened = await use_link(tx, link)
        assert isinstance(opened, Opened)
        return opened.token

    async def patient(
        self,
        name: str,
        *,
        kana: str = "",
        chart: str | None = None,
        phone: str | None = None,
        birth_on: date | None = None,
    ) -> int:
        """A patient's id."""
        key = new_key()
        sealed = KEYS.seal(phone.encode(), "patient.phone", key) if phone else None
        made: int = await self.value(
            """insert into patient (key, name, kana, chart, phone, birth_on)
               values ($1, $2, $3, $4, $5, $6) returning id""",
            key,
            name,
            kana,
            chart,
            sealed,
            birth_on,
        )
        return made

    async def conversation(
        self,
        *patients: int,
        said: str = "",
        owner: str = "bot",
        waiting: int = 0,
        reason: str = "asked",
        channel: str = "line",
        display_name: str | None = None,
    ) -> int:
        """A conversation's id. `waiting`: minutes in the queue."""
        async with self.database.transaction() as tx:
            account = await account_of(tx, KEYS, channel, f"U{new_key().hex}")
            index = await tx.fetchval(
                "select address_index from chat_account where id = $1", account.account_id
            )
            if display_name is not None:
                await tx.execute(
                    "update chat_account set display_name = $2, language = 'ja' where id = $1",
                    account.account_id,
                    KEYS.seal(display_name.encode(), "chat_account.display_name", index),
                )
            await tx.execute(
                """update conversation set owner = $2::text,
                     last_patient_at = now() - $4 * interval '1 min',
                     queued_at = case when $2 = 'queue' then now() - $4 * interval '1 min' end,
                     handoff_reason = case when $2 = 'queue' then $3::text end where id = $1""",
                account.conversation_id,
                owner,
                reason,
                waiting,
            )
            for number, patient in enumerate(patients):
                await tx.execute(
                    """insert into link (account_id, patient_id, relation, proof)
                       values ($1, $2, $3, 'code')""",
                    account.account_id,
                    patient,
                    "child" if number else "self",
                )
        if said:
            await self.say(account.conversation_id, said)
        return account.conversation_id

    async def say(self, conversation_id: int, words: str, kind: str = "text") -> None:
        """Something the patient said, in the form of the transcript."""
        event = new_key().hex
        await self.value(
            """insert into inbound (channel, event_id, account_id, text, occurred_at, state)
               select 'line', $2, account_id, $3, now(), 'done' from conversation where id = $1
               returning id""",
            conversation_id,
            event,
            KEYS.seal(f"{kind}:{words}".encode(), "inbound.text", event),
        )

    async def picture(
        self, conversation_id: int, media_id: str = "m1", kind: str = "image", channel: str = "line"
    ) -> int:
        """A picture, voice or file that the patient sent by LINE: the event's id."""
        event = new_key().hex
        message = {"type": kind, "id": media_id, "contentProvider": {"type": "line"}}
        source = {"type": "user", "userId": "U1"}
        payload = {"type": "message", "message": message, "source": source, "timestamp": 1}
        made: int = await self.value(
            """insert into inbound (channel, event_id, account_id, text, payload, occurred_at,
                                    state)
               select $5, $2, account_id, $3, $4, now(), 'done' from conversation where id = $1
               returning id""",
            conversation_id,
            event,
            KEYS.seal(f"{kind}:".encode(), "inbound.text", event),
            KEYS.seal(orjson.dumps(payload), "inbound.payload", event),
            channel,
        )
        return made

    async def tell(
        self, conversation_id: int, words: str, state: str = "sent", reason: str | None = None
    ) -> int:
        """Something the bot said, and what became of it."""
        async with self.database.transaction() as tx:
            account_id = await tx.fetchval(
                "select account_id from conversation where id = $1", conversation_id
            )
            card = Card("11月25日(水) 10:00", (("担当", "佐藤"),)) if state == "sent" else None
            message = Message(words, "ja", card, (Button("予約する", "t"),))
            made = await enqueue(tx, KEYS, Outgoing(account_id, message, new_key().hex, "dialogue"))
            await tx.execute(
                "update outbox set state = $2, reason = $3 where id = $1", made, state, reason
            )
        assert made is not None
        return made

    async def practitioner(self, name: str, staff: Staff | None = None) -> int:
        """A practitioner's resource id."""
        return await self._resource("practitioner", name, staff.id if staff else None)

    async def room(self, name: str) -> int:
        """A room's resource id."""
        return await self._resource("room", name, None)

    async def visit(
        self,
        patient: int,
        practitioner: int,
        room: int | None = None,
        *,
        at: str = "10:00",
        on: date | None = None,
        status: str = "booked",
    ) -> int:
        """An appointment's id; today unless `on` says another day."""
        service = await self.value(
            """insert into service (code, name, duration) values ('first', $1, 30)
               on conflict (code) do update set code = excluded.code returning id""",
            {"ja": "一般診察", "en": "General visit", "ru": "Приём терапевта"},
        )
        site = await self.value(
            """insert into site (code, name, time_zone) values ('main', $1, 'Asia/Tokyo')
               on conflict (code) do update set code = excluded.code returning id""",
            {"ja": "本院", "en": "Main"},
        )
        made: int = await self.value(
            """insert into appointment (key, status, patient_id, service_id, site_id,
                 practitioner_id, starts_at, ends_at, during)
               select $1, $2, $3, $4, $5, $6, t, t + interval '30 min',
                 tstzrange(t, t + interval '30 min')
               from (select (coalesce($7::date, (now() at time zone 'Asia/Tokyo')::date)
                             + $8::text::time) at time zone 'Asia/Tokyo' as t) x returning id""",
            new_key(),
            status,
            patient,
            service,
            site,
            practitioner,
            on,
            at,
        )
        for resource in filter(None, (practitioner, room)):
            await self.value(
                """insert into allocation (appointment_id, resource_id, during, status)
                   select id, $2, during, case when status = 'cancelled' then 'released'
                     else 'booked' end from appointment where id = $1 returning id""",
                made,
                resource,
            )
        return made

    async def begins_in(self, minutes: int, *visits: int) -> None:
        """Let visits begin so many minutes from now, or sooner: before the clinic's day ends.

        They take nothing.
        """
        await self.rows("delete from allocation where appointment_id = any ($1)", list(visits))
        await self.rows(
            """update appointment set starts_at = s, ends_at = s + interval '30 min',
                 during = tstzrange(s, s + interval '30 min')
               from (select now() + least(make_interval(mins => $2),
                       (((now() at time zone 'Asia/Tokyo')::date + 1)::timestamp
                        at time zone 'Asia/Tokyo' - now()) / 2) as s) soon
               where id = any ($1)""",
            list(visits),
            minutes,
        )

    async def task(
        self,
        kind: str,
        *,
        patient: int | None = None,
        conversation: int | None = None,
        visit: int | None = None,
        note: dict[str, str] | None = None,
        detail: dict[str, object] | None = None,
    ) -> int:
        """A task's id."""
        key = f"{kind}:{new_key()}"
        made: int = await self.value(
            """insert into task (key, kind, patient_id, conversation_id, appointment_id, note,
                 detail) values ($1, $2, $3, $4, $5, $6, $7) returning id""",
            key,
            kind,
            patient,
            conversation,
            visit,
            KEYS.seal(orjson.dumps(note), "task.note", key) if note else None,
            detail or {},
        )
        return made

    async def escalation(
        self,
        conversation: int,
        *,
        rule: str = "chest_pain",
        level: int = 4,
        said: str = "",
        patient: int | None = None,
    ) -> int:
        """An open escalation's id."""
        raised = Raised(conversation, "red_flag", rule, level, patient, said=said)
        async with self.database.transaction() as tx:
            account = await tx.fetchval(
                "select account_id from conversation where id = $1", conversation
            )
            made = await raise_escalation(tx, KEYS, account, raised)
        assert made is not None
        return made

    async def emergency(self, patient: int, staff: int, reason: str) -> None:
        """A doctor's access to somebody else's patient, for an hour."""
        key = new_key()
        await self.rows(
            """insert into emergency_access (key, staff_id, patient_id, reason, until_at)
               values ($1, $2, $3, $4, now() + interval '1 hour')""",
            key,
            staff,
            patient,
            KEYS.seal(reason.encode(), "emergency_access.reason", key),
        )

    async def forms(self) -> dict[str, int]:
        """The shipped questionnaires, installed: their ids by name."""
        async with self.database.transaction() as tx:
            await install_shipped(tx)
        return {row["name"]: row["id"] for row in await self.rows("select * from questionnaire")}

    async def care_plan(self, patient: int) -> dict[str, int]:
        """A plan that waits for its patient to be called: definition, plan and activity."""
        async with self.database.transaction() as tx:
            await install_plans(tx)
        definition = await self.value("select id from plan_definition where code = 'cataract'")
        plan = await self.value(
            """insert into care_plan (code, definition_id, patient_id, anchor_key, anchor_on)
               values ('cataract', $1, $2, 'hand:1', current_date) returning id""",
            definition,
            patient,
        )
        activity = await self.value(
            """insert into care_plan_activity (plan_id, step, due_at, useful_until, state)
               values ($1, 'week', now(), now(), 'asked') returning id""",
            plan,
        )
        return {"definition": definition, "plan": plan, "activity": activity}

    async def response(
        self, patient: int, form_id: int, wanted: Mapping[str, int], *, days_ago: int = 0
    ) -> int:
        """A questionnaire of choices, answered: the option of that number, else the first one."""
        talk = await self.conversation(patient)
        account = await self.value("select account_id from conversation where id = $1", talk)
        key = new_key()
        async with self.database.transaction() as tx:
            form = await load(tx, form_id)
        answers = filled(form, wanted, date(2026, 11, 1))
        totals = rules.scores(form, answers)
        name = form.url.rsplit("/", 1)[-1]
        alerts = scoring.assess(name, scoring.plain(answers), totals).alerts
        made: int = await self.value(
            """insert into questionnaire_response (key, questionnaire_id, patient_id, account_id,
                 language, answers, scores, flags, authored_at)
               values ($1, $2, $3, $4, 'ja', $5, $6, $7, now() - make_interval(days => $8))
               returning id""",
            key,
            form_id,
            patient,
            account,
            KEYS.seal(orjson.dumps(codec.dump(answers)), "questionnaire_response.answers", key),
            {link_id: str(value) for link_id, value in totals.items()},
            [[alert.rule, alert.level] for alert in alerts],
            days_ago,
        )
        return made

    async def review(self, conversation: int, *, stratum: str = "dialogue") -> int:
        """A conversation in this month's sample of the quality audit: the review's id."""
        made: int = await self.value(
            """insert into quality_review (key, month, conversation_id, stratum, rules)
               values ($1, date_trunc('month', now() at time zone 'Asia/Tokyo')::date, $2, $3,
                       '{"red_flags": "aa", "triage": "aa"}') returning id""",
            new_key(),
            conversation,
            stratum,
        )
        return made

    async def _resource(self, kind: str, name: str, staff_id: int | None) -> int:
        made: int = await self.value(
            """insert into resource (code, kind, name, staff_id) values ($1, $2, $3, $4)
               returning id""",
            new_key().hex[:12],
            kind,
            {"ja": name, "en": name},
            staff_id,
        )
        return made
