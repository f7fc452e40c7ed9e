"""The clinic that the bench works in: patients who are known, and a free time of their own each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clinic.config import Settings
from clinic.db import Tx
from clinic.ids import new_key

LANGUAGE = "en"
ZONE = ZoneInfo("Asia/Tokyo")
PRACTITIONERS = 8
DAYS = 120  # that can be booked
STARTS = [time(9 + n // 2, n % 2 * 30) for n in range(8)]  # of a day: they fit one question
REMINDERS = [1440, 120]  # minutes before a visit


@dataclass(frozen=True, slots=True)
class Patient:
    """A seeded patient and the visit that they are to book."""

    user: str  # LINE's id
    account_id: int
    conversation_id: int
    patient_id: int
    service: str  # its name in LANGUAGE
    service_id: int
    site_id: int
    practitioner_id: int
    room_id: int
    starts_at: datetime  # in ZONE

    @property
    def day(self) -> date:
        """The local date of the visit."""
        return self.starts_at.date()

    @property
    def ends_at(self) -> datetime:
        """The end of the visit."""
        return self.starts_at + timedelta(minutes=30)


def most_patients() -> int:
    """How many patients can have a time of their own."""
    return PRACTITIONERS * DAYS * len(STARTS)


async def seed(tx: Tx, settings: Settings, count: int, today: date) -> list[Patient]:
    """One site, a service with a practitioner and a room for each of PRACTITIONERS, and `count`
    patients. Neighbours in the list go to different practitioners."""
    site_id: int = await tx.fetchval(
        """insert into site (code, name, time_zone) values ('bench', $1, $2) returning id""",
        {LANGUAGE: "Bench Clinic"},
        ZONE.key,
    )
    offers = [await _offer(tx, site_id, number) for number in range(PRACTITIONERS)]
    accounts, conversations, patients = await _people(tx, settings, count)
    found: list[Patient] = []
    for number in range(count):
        service, service_id, practitioner_id, room_id = offers[number % PRACTITIONERS]
        nth = number // PRACTITIONERS
        day = today + timedelta(days=2 + nth // len(STARTS))
        found.append(
            Patient(
                user_of(number),
                accounts[number],
                conversations[number],
                patients[number],
                service,
                service_id,
                site_id,
                practitioner_id,
                room_id,
                datetime.combine(day, STARTS[nth % len(STARTS)], ZONE),
            )
        )
    return found


def user_of(number: int) -> str:
    """LINE's id of the patient with this number."""
    return f"U{number:032x}"


async def _offer(tx: Tx, site_id: int, number: int) -> tuple[str, int, int, int]:
    """A service that one practitioner gives in one room: its name, and the ids of the three."""
    name = f"Consultation {number + 1}"
    resources = [
        await tx.fetchval(
            """insert into resource (code, kind, name, site_id) values ($1, $2, $3, $4)
               returning id""",
            f"{kind}{number}",
            kind,
            {LANGUAGE: f"{kind.capitalize()} {number + 1}"},
            site_id,
        )
        for kind in ("practitioner", "room")
    ]
    service_id: int = await tx.fetchval(
        """insert into service (code, name, duration, step, horizon_days, reminders, position)
           values ($1, $2, 30, 30, $3, $4, $5) returning id""",
        f"service{number}",
        {LANGUAGE: name},
        DAYS + 2,
        REMINDERS,
        number,
    )
    await tx.executemany(
        "insert into service_resource (service_id, resource_id) values ($1, $2)",
        [(service_id, resource) for resource in resources],
    )
    closes_at = f"{STARTS[-1].hour + 1:02}:00"
    await tx.executemany(
        """insert into schedule (resource_id, site_id, weekday, opens_at, closes_at)
           values ($1, $2, $3, '09:00', $4)""",
        [(resources[0], site_id, weekday, closes_at) for weekday in range(7)],
    )
    return name, service_id, resources[0], resources[1]


async def _people(
    tx: Tx, settings: Settings, count: int
) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
    """Accounts that have agreed and are linked, their conversations, and their patients."""
    keys = settings.key_ring()
    indexes = [keys.index("address", f"line:{user_of(number)}") for number in range(count)]
    accounts = await tx.fetch(
        """insert into chat_account (channel, address_index, address, language, language_chosen,
                                     consent_version)
           select 'line', i, a, $3, true, $4 from unnest($1::text[], $2::bytea[]) as n (i, a)
           returning id""",
        indexes,
        [
            keys.seal(user_of(number).encode(), "chat_account.address", index)
            for number, index in enumerate(indexes)
        ],
        LANGUAGE,
        settings.clinic.notice_in_force,
    )
    ids = [row["id"] for row in accounts]
    conversations = await tx.fetch(
        """insert into conversation (account_id) select unnest($1::bigint[]) returning id""", ids
    )
    patients = await tx.fetch(
        """insert into patient (key, name, language)
           select k, n, $3 from unnest($1::uuid[], $2::text[]) as n (k, n) returning id""",
        [new_key() for _ in ids],
        [f"Patient {number}" for number in range(count)],
        LANGUAGE,
    )
    await tx.execute(
        """insert into link (account_id, patient_id, relation, proof)
           select a, p, 'self', 'code' from unnest($1::bigint[], $2::bigint[]) as n (a, p)""",
        ids,
        [row["id"] for row in patients],
    )
    return ids, [row["id"] for row in conversations], [row["id"] for row in patients]
