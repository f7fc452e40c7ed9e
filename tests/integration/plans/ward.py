"""Patients, plans and what the worker makes of them. Time moves by moving rows."""

from datetime import date, timedelta
from typing import Any

import orjson

from bot.environment import Environment
from bot.outbox import Sender
from clinic.conversation.service import account_of
from clinic.ids import new_key
from clinic.message.service import open_message
from clinic.message.types import Message
from clinic.plan import definitions, service
from clinic.plan.read import read
from clinic.plan.types import LANGUAGES, Definition
from clinic.questionnaire import codec, rules
from clinic.questionnaire.service import Submitted, load, open_request, submit
from clinic.questionnaire.types import Answers
from clinic.staff.service import add_staff
from clinic.staff.types import Role, Staff
from scheduler import plans

GAD_7 = "https://kayoi.example/fhir/Questionnaire/gad_7"
CLIMB = [
    {"after_days": 2, "do": "again"},
    {"after_days": 4, "do": "channel"},
    {"after_days": 6, "do": "call"},
]


def words(text: str) -> dict[str, str]:
    return dict.fromkeys(LANGUAGES, text)


def step(id: str = "ask", what: str = "message", days: int = 0, **fields: Any) -> dict[str, Any]:
    text = words("Hello {name}, this is {clinic}.")
    said = {"id": id, "what": what, "after": {"days": days}, "at": "00:00", "text": text}
    return {**said, "past": "send", **fields}


def form(id: str = "ask", **fields: Any) -> dict[str, Any]:
    return step(id, "form", form=GAD_7, **fields)


class Ward:
    """One process of Kayoi without its servers."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.sender = Sender(env)

    async def value(self, query: str, *arguments: Any) -> Any:
        async with self.env.database.transaction() as tx:
            return await tx.fetchval(query, *arguments)

    async def rows(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        async with self.env.database.transaction() as tx:
            return [tuple(row.values()) for row in await tx.fetch(query, *arguments)]

    async def execute(self, query: str, *arguments: Any) -> None:
        async with self.env.database.transaction() as tx:
            await tx.execute(query, *arguments)

    async def patient(self, *channels: str, name: str = "Maria Ito", phone: bool = True) -> int:
        """A patient with a linked chat on each channel."""
        key = new_key()
        keys = self.env.keys
        patient: int = await self.value(
            "insert into patient (key, name, phone) values ($1, $2, $3) returning id",
            key,
            name,
            keys.seal(b"+81300000000", "patient.phone", key) if phone else None,
        )
        for channel in channels:
            await self.chat(patient, channel)
        return patient

    async def chat(self, patient: int, channel: str) -> int:
        async with self.env.database.transaction() as tx:
            account = await account_of(tx, self.env.keys, channel, new_key().hex.ljust(64, "0"))
            await tx.execute(
                """update chat_account set consent_version = $2, language = 'en',
                     link_version = 1 where id = $1""",
                account.account_id,
                self.env.settings.clinic.notice_in_force,
            )
            await tx.execute(
                """insert into link (account_id, patient_id, relation, proof)
                   values ($1, $2, 'self', 'code')""",
                account.account_id,
                patient,
            )
        return account.account_id

    async def staff(self, name: str = "Sato", role: Role = Role.DOCTOR) -> int:
        async with self.env.database.transaction() as tx:
            made = await add_staff(tx, name, role)
        assert isinstance(made, Staff)
        return made.id

    async def definition(self, *steps: dict[str, Any], active: bool = True, **fields: Any) -> int:
        """A definition, signed and active; its id."""
        said = {"code": "ours", "title": words("Ours"), "anchor": "visit", **fields}
        found = read({**said, "steps": list(steps)})
        assert isinstance(found, Definition), found
        doctor = await self.value("select id from staff limit 1") or await self.staff()
        async with self.env.database.transaction() as tx:
            made = await definitions.save(tx, found, doctor)
            if active:
                assert await definitions.sign(tx, made, doctor)
                assert await definitions.activate(tx, made, doctor)
        return made

    async def today(self) -> date:
        day: date = await self.value(
            "select (now() at time zone $1)::date", self.env.settings.clinic.time_zone
        )
        return day

    async def enrol(self, definition: int, patient: int, ago: int = 0) -> int:
        """Begin a plan whose anchor was so many days ago; its id."""
        day = await self.today() - timedelta(days=ago)
        async with self.env.database.transaction() as tx:
            made = await service.enrol(tx, definition, patient, day, self.env.zone)
        assert made is not None
        return made

    async def sweep(self) -> None:
        """The worker comes by, until nothing is left to do."""
        for _ in range(10):
            await self.execute("update plan_definition set looked_at = null")
            if not await plans.sweep(self.env):
                return
        raise AssertionError("the sweep finds no end")

    async def send(self, state: str = "sent", reason: str | None = None) -> None:
        """The sender has dealt with what waited."""
        await self.execute(
            """update outbox set state = $1, reason = $2, settled_at = now()
               where state = 'pending' and purpose in ('plan', 'form', 'question')""",
            state,
            reason,
        )

    async def days_pass(self, days: int) -> None:
        """As if all of it had happened so many days earlier."""
        await self.execute(
            """update care_plan_activity set due_at = due_at - $1::interval,
                 useful_until = useful_until - $1::interval, next_at = next_at - $1::interval,
                 asked_at = asked_at - $1::interval""",
            timedelta(days=days),
        )

    async def ends(self) -> list[tuple[str, str, str | None]]:
        """Step, state and reason of every due point, in order."""
        return await self.rows(
            "select step, state, reason from care_plan_activity order by due_at, id"
        )

    async def messages(self) -> list[tuple[int, Message]]:
        """What was written for patients: to which account, what."""
        rows = await self.rows("select account_id, key, content from outbox order by id")
        return [(one, open_message(self.env.keys, key, content)) for one, key, content in rows]

    async def answer(self, worst: bool = False, account: int | None = None) -> None:
        """The patient answers the open questionnaire in the chat: every question the same way."""
        async with self.env.database.transaction() as tx:
            row = await tx.fetchrow(
                """select id, patient_id, questionnaire_id from questionnaire_request
                   where state in ('sent', 'in_progress') order by id desc limit 1"""
            )
            if account is None:
                account = await tx.fetchval("select min(id) from chat_account")
            questionnaire = await load(tx, row["questionnaire_id"])
            given = rules.begin(await self.today())
            while question := rules.next_question(questionnaire, given):
                option = question.item.options[-1 if worst else 0]
                result = rules.answer(questionnaire, given, question, (option.value,))
                assert isinstance(result, Answers)
                given = result
            scores = {k: str(v) for k, v in rules.scores(questionnaire, given).items()}
            patients = [row["patient_id"]]
            assert await open_request(tx, self.env.keys, row["id"], patients)
            plain = orjson.loads(orjson.dumps(codec.dump(given)))
            sent = Submitted(row["id"], account, "en", plain, scores, [])
            assert await submit(tx, self.env.keys, patients, sent)
