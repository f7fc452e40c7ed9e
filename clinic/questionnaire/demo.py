"""Questionnaires of the demonstration clinic: a rule, and what one patient answered twice."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import orjson

from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key
from clinic.questionnaire import codec, rules, scoring
from clinic.questionnaire.service import install_shipped, load
from clinic.questionnaire.types import Answers, Questionnaire

RULE = ("infection_screening", "checkup", 1)  # days before
FORM = "phq_9"
# Days ago, and the answers: 0 not at all, 1 several days, 2 more than half, 3 nearly every day.
ANSWERED: tuple[tuple[int, Mapping[str, int]], ...] = (
    (
        42,
        {
            "interest": 2,
            "mood": 2,
            "sleep": 3,
            "energy": 2,
            "appetite": 1,
            "concentration": 1,
            "difficulty": 2,
        },
    ),
    (7, {"interest": 1, "mood": 1, "sleep": 1, "energy": 2, "concentration": 1, "difficulty": 1}),
)


async def seed(tx: Tx, keys: KeyRing, settings: Settings, today: date) -> None:
    """Fill the demonstration clinic's questionnaires in, once its patients are there."""
    await install_shipped(tx)
    name, service, days = RULE
    await tx.execute(
        """insert into questionnaire_rule (url, service_id, relation, days)
           select q.url, s.id, 'before', $3 from questionnaire q, service s
           where q.name = $1 and q.status = 'active' and s.code = $2""",
        name,
        service,
        days,
    )
    questionnaire_id = await tx.fetchval(
        "select id from questionnaire where name = $1 and status = 'active'", FORM
    )
    patient = await tx.fetchrow("select id, language from patient order by id limit 1")
    form = await load(tx, questionnaire_id)
    account_id = await _account(tx, keys)
    zone = ZoneInfo(settings.clinic.time_zone)
    for days_ago, wanted in ANSWERED:
        on = today - timedelta(days=days_ago)
        answers = filled(form, wanted, on)
        totals = rules.scores(form, answers)
        alerts = scoring.assess(FORM, scoring.plain(answers), totals).alerts
        key = new_key()
        await tx.execute(
            """insert into questionnaire_response
                 (key, questionnaire_id, patient_id, account_id, language, answers, scores, flags,
                  authored_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
            key,
            questionnaire_id,
            patient["id"],
            account_id,
            patient["language"] or settings.clinic.languages[0],
            keys.seal(orjson.dumps(codec.dump(answers)), "questionnaire_response.answers", key),
            {link_id: str(value) for link_id, value in totals.items()},
            [[alert.rule, alert.level] for alert in alerts],
            datetime.combine(on, time(19, 30), zone),
        )


async def _account(tx: Tx, keys: KeyRing) -> int:
    """A chat account that nobody uses; it has no conversation."""
    index = keys.index("address", "webchat:demo")
    made: int = await tx.fetchval(
        """insert into chat_account (channel, address_index, address) values ('webchat', $1, $2)
           returning id""",
        index,
        keys.seal(b"demo", "chat_account.address", index),
    )
    return made


def filled(form: Questionnaire, wanted: Mapping[str, int], on: date) -> Answers:
    """A questionnaire of choices, answered: the option of that number, else the first one."""
    answers = rules.begin(on)
    while (question := rules.next_question(form, answers)) is not None:
        option = question.item.options[wanted.get(question.item.link_id, 0)]
        taken = rules.answer(form, answers, question, (option.value,))
        assert isinstance(taken, Answers)
        answers = taken
    return answers
