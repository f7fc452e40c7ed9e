"""Patients, visits and reminders put straight into the database, as many as a run needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from clinic.conversation.service import account_of
from clinic.db import Tx
from clinic.ids import new_key
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import DeliveryClass, Message
from tests.e2e.reliability.platforms import line_user, telegram_user
from tests.e2e.reliability.rig import Rig

TOMORROW = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class Visit:
    """A booked visit whose reminder was due `due_ago` ago and which begins in `starts_in`."""

    number: int  # of the patient
    starts_in: timedelta = TOMORROW
    due_ago: timedelta = timedelta(0)
    status: str = "booked"
    version: int = 1  # the visit's; the reminder is of version 1


async def add_accounts(rig: Rig, channel: str, numbers: Iterable[int]) -> dict[int, int]:
    """Chat accounts that agreed to the notice, in English: patient number -> account id.

    On Telegram each person has started the bot.
    """
    found: dict[int, int] = {}
    for number in numbers:
        if channel == "telegram":
            await rig.telegram.control("start", user_id=telegram_user(number))
    async with rig.database.transaction() as tx:
        for number in numbers:
            address = line_user(number) if channel == "line" else str(telegram_user(number))
            found[number] = (await account_of(tx, rig.keys, channel, address)).account_id
    # One by one: in one statement they would wait for the turns of others, and those for them.
    for account in found.values():
        async with rig.database.transaction() as tx:
            await tx.execute(
                """update chat_account set language = 'en', language_chosen = true,
                     consent_version = '2.1' where id = $1""",
                account,
            )
    return found


async def add_visits(rig: Rig, channel: str, visits: Iterable[Visit]) -> None:
    """Visits with a reminder each, of patients who have an account on the channel."""
    visits = list(visits)
    accounts = await add_accounts(rig, channel, [visit.number for visit in visits])
    async with rig.database.transaction() as tx:
        service, site, practitioner = await _house(tx)
        for visit in visits:
            account = accounts[visit.number]
            patient = await tx.fetchval(
                "insert into patient (key, name) values ($1, $2) returning id",
                new_key(),
                f"Patient {channel} {visit.number}",
            )
            await tx.execute(
                """insert into link (account_id, patient_id, relation, proof)
                   values ($1, $2, 'self', 'code')""",
                account,
                patient,
            )
            appointment = await tx.fetchval(
                """insert into appointment (key, status, version, patient_id, service_id, site_id,
                     practitioner_id, account_id, starts_at, ends_at, during)
                   select $1, $2, $3, $4, $5, $6, $7, $8, s, s + interval '30 min',
                          tstzrange(s, s + interval '30 min')
                   from (select now() + $9::interval as s) at returning id""",
                new_key(),
                visit.status,
                visit.version,
                patient,
                service,
                site,
                practitioner,
                account,
                visit.starts_in,
            )
            await tx.execute(
                """insert into timer (key, kind, due_at, appointment_id, version)
                   values ($1, 'reminder', now() - $2::interval, $3, 1)""",
                f"reminder:{appointment}:1:1440",
                visit.due_ago,
                appointment,
            )


async def add_greetings(rig: Rig, channel: str, numbers: Iterable[int]) -> None:
    """Messages of class campaign: of these an unknown one is never sent again."""
    accounts = await add_accounts(rig, channel, numbers)
    async with rig.database.transaction() as tx:
        for number, account in accounts.items():
            await enqueue(
                tx,
                rig.keys,
                Outgoing(
                    account_id=account,
                    message=Message(f"Season's greetings, patient {channel} {number}", "en"),
                    dedup_key=f"campaign:1:{channel}:{number}",
                    purpose="reminder",
                    delivery_class=DeliveryClass.CAMPAIGN,
                ),
            )


async def _house(tx: Tx) -> tuple[int, int, int]:
    """The one service, site and practitioner of these clinics."""
    row = await tx.fetchrow(
        """with s as (insert into site (code, name, time_zone)
                      values ('main', '{"en": "Main"}', 'Asia/Tokyo')
                      on conflict (code) do update set code = 'main' returning id),
                r as (insert into resource (code, kind, name)
                      values ('dr', 'practitioner', '{"en": "Dr."}')
                      on conflict (code) do update set code = 'dr' returning id),
                v as (insert into service (code, name, duration)
                      values ('visit', '{"en": "Visit"}', 30)
                      on conflict (code) do update set code = 'visit' returning id)
           select v.id as service, s.id as site, r.id as practitioner from s, r, v"""
    )
    return row["service"], row["site"], row["practitioner"]
