"""Attacks and accidents by which somebody's name or message would reach the wrong eyes, or none."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.channels.channel import Received
from bot.environment import Environment
from clinic.ids import new_key
from clinic.staff.access.inbox import access_conversations
from clinic.staff.types import Role, Staff
from scheduler.reminders import fire_due
from tests.integration.turns.rig import Rig

pytestmark = pytest.mark.server


async def test_a_stranger_with_a_name_on_telegram_does_not_shut_the_list_of_conversations(
    env: Environment,
) -> None:
    rig, user = Rig(env), {"id": 77, "first_name": "<img src=x>", "language_code": "en"}
    message = {"message_id": 1, "date": 1_780_000_000, "text": "/start", "from": user}
    update = {"update_id": 1, "message": {**message, "chat": {"id": 77, "type": "private"}}}
    received = Received("1", "77", datetime.now(UTC), json.dumps(update).encode())
    stored = await rig.inbox.accept("telegram", received)
    assert stored.account_id is not None
    rig.turns.wake(stored.account_id)
    await rig.turns.idle()
    await rig.execute("update conversation set owner = 'queue', queued_at = now()")
    async with env.database.transaction() as tx:
        listing = await access_conversations(tx, env.keys, Staff(1, "a", Role.ADMIN))
    assert listing is not None
    assert [head.display_name for head in listing.heads] == ["<img src=x>"]


async def test_nobody_is_reminded_of_the_visit_of_a_patient_who_died(env: Environment) -> None:
    rig = Rig(replace(env, channels={"webchat": env.channels["webchat"]}))
    chat = rig.patient()
    await chat.comes_in()
    patient = await rig.value(
        "insert into patient (key, name, deceased_on) values ($1, 'a', now()) returning id",
        new_key(),
    )
    await rig.execute(
        """insert into link (account_id, patient_id, relation, proof)
           values ($1, $2, 'self', 'code')""",
        chat.account_id,
        patient,
    )
    await rig.execute(
        """with s as (insert into service (code, name, duration) values ('s', '{}', 30)
                      returning id),
             i as (insert into site (code, name, time_zone) values ('i', '{"en": "M"}', 'UTC')
                   returning id),
             r as (insert into resource (code, kind, name) values ('r', 'practitioner', '{}')
                   returning id),
             a as (insert into appointment (key, status, patient_id, service_id, site_id,
                     practitioner_id, starts_at, ends_at, during)
                   select $1, 'booked', $2, s.id, i.id, r.id, now() + interval '1 day',
                     now() + interval '25 hours',
                     tstzrange(now() + interval '1 day', now() + interval '25 hours')
                   from s, i, r returning id, version)
           insert into timer (key, kind, due_at, appointment_id, version)
           select 'reminder:1', 'reminder', now(), id, version from a""",
        new_key(),
        patient,
    )
    await fire_due(rig.env)
    assert await rig.rows("select state, reason from timer where kind = 'reminder'") == [
        ("skipped", "deceased")
    ]
    assert await rig.value("select count(*) from outbox where purpose = 'reminder'") == 0
