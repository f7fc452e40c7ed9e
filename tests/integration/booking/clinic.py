"""A small clinic in a fresh database, for the tests of booking."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.booking import search
from clinic.booking.actor import Actor
from clinic.booking.types import Slot
from clinic.config import Policy, Server, Settings
from clinic.crypto import KeyRing
from clinic.db import Database, Tx
from clinic.ids import new_key

TOKYO = ZoneInfo("Asia/Tokyo")
KEYS = KeyRing({1: bytes(32)})
SETTINGS = Settings(server=Server(public_url="https://chat.example"))


def quiet_now() -> tuple[str, str]:
    """Quiet hours that this hour lies in, on Tokyo's wall."""
    now = datetime.now(TOKYO)
    return f"{now - timedelta(hours=1):%H:%M}", f"{now + timedelta(hours=1):%H:%M}"


@dataclass
class Clinic:
    """Ids of what there is. Every patient has a chat account of the same position."""

    db: Database
    site: int = 0
    service: int = 0
    doctors: list[int] = field(default_factory=list)
    rooms: list[int] = field(default_factory=list)
    patients: list[int] = field(default_factory=list)
    accounts: list[int] = field(default_factory=list)
    settings: Settings = SETTINGS
    opened_on: date = date.min

    def actor(self, patient: int = 0, *others: int, proven: bool = True) -> Actor:
        """The account of a patient, by position; `others` are more patients it speaks for."""
        ids = frozenset(self.patients[n] for n in (patient, *others))
        return Actor(
            "patient",
            self.accounts[patient],
            "en",
            self.settings,
            KEYS,
            ids,
            ids if proven else frozenset(),
        )

    def staff(self) -> Actor:
        """Somebody at the desk."""
        return Actor("staff", 1, "en", self.settings, KEYS)

    def allowing(self, open_bookings: int) -> None:
        """Set the most open bookings of a patient."""
        self.settings = SETTINGS.model_copy(update={"policy": Policy(open_bookings=open_bookings)})

    async def slots(self, limit: int = 5, ahead: int = 3, doctor: int | None = None) -> list[Slot]:
        """Free slots of the service, as a patient is shown them, of the day in so many days.

        Never of today: a test would depend on the hour it runs at.
        """
        async with self.db.transaction() as tx:
            return list(
                await search.find_slots(tx, "en", self.service, doctor, self.day(ahead), limit)
            )

    def day(self, ahead: int) -> date:
        """The clinic's date in so many days from when it was opened."""
        return self.opened_on + timedelta(days=ahead)

    async def value(self, query: str, *arguments: object) -> object:
        """One value of the database."""
        async with self.db.transaction() as tx:
            return await tx.fetchval(query, *arguments)

    async def overlaps(self) -> int:
        """Pairs of visits, held or booked, that share a resource or a patient and a time."""
        found: int = await self.value(
            """select (select count(*) from allocation a join allocation b
                 on a.id < b.id and a.resource_id = b.resource_id and a.during && b.during
                 and a.status in ('held', 'booked') and b.status in ('held', 'booked'))
               + (select count(*) from appointment a join appointment b
                 on a.id < b.id and a.patient_id = b.patient_id and a.during && b.during
                 and a.status in ('held', 'booked') and b.status in ('held', 'booked'))"""
        )
        return found

    async def let_expire(self, appointment_id: int) -> None:
        """Make a hold as old as if its time had run out."""
        await self.value(
            """update appointment set held_until = now() - interval '1 second'
               where id = $1 returning id""",
            appointment_id,
        )


async def make(
    db: Database,
    *,
    doctors: int = 1,
    rooms: int = 0,
    patients: int = 2,
    hours: Sequence[tuple[str, str]] = (("09:00", "17:00"),),
    **service: int,
) -> Clinic:
    """Open a clinic in Tokyo whose doctors all work every day of the week."""
    clinic = Clinic(db)
    wants = {"duration": 30, "step": 30, "minimum_notice": 60, "horizon_days": 30, **service}
    async with db.transaction() as tx:
        now: datetime = await tx.fetchval("select now()")
        clinic.opened_on = now.astimezone(TOKYO).date()
        clinic.site = await tx.fetchval(
            """insert into site (code, name, address, time_zone)
               values ('main', '{"en": "Main"}'::jsonb, '{"en": "1 Hill St"}'::jsonb, 'Asia/Tokyo')
               returning id"""
        )
        clinic.service = await tx.fetchval(
            """insert into service (code, name, duration, step, minimum_notice, horizon_days,
                 buffer_before, buffer_after, cancel_notice, reminders)
               values ('visit', '{"en": "Visit", "ja": "診察"}'::jsonb, $1, $2, $3, $4, $5, $6, $7,
                 '[1440, 120]'::jsonb) returning id""",
            wants["duration"],
            wants["step"],
            wants["minimum_notice"],
            wants["horizon_days"],
            wants.get("buffer_before", 0),
            wants.get("buffer_after", 0),
            wants.get("cancel_notice", 0),
        )
        for n in range(doctors):
            doctor = await add_resource(tx, f"d{n}", "practitioner", None, clinic.service)
            clinic.doctors.append(doctor)
            await tx.executemany(
                """insert into schedule (resource_id, site_id, weekday, opens_at, closes_at)
                   values ($1, $2, $3, $4, $5)""",
                [(doctor, clinic.site, day, *period) for day in range(7) for period in hours],
            )
        for n in range(rooms):
            clinic.rooms.append(
                await add_resource(tx, f"r{n}", "room", clinic.site, clinic.service)
            )
        for n in range(patients):
            clinic.patients.append(
                await tx.fetchval(
                    "insert into patient (key, name) values ($1, $2) returning id",
                    new_key(),
                    f"Patient {n}",
                )
            )
            clinic.accounts.append(
                await tx.fetchval(
                    """insert into chat_account (channel, address_index, address)
                       values ('webchat', $1, '') returning id""",
                    f"{n:064}",
                )
            )
    return clinic


async def add_resource(tx: Tx, code: str, kind: str, site: int | None, *services: int) -> int:
    """A practitioner, room or device that can serve some services."""
    resource: int = await tx.fetchval(
        """insert into resource (code, kind, name, site_id)
           values ($1, $2, $4, $3) returning id""",
        code,
        kind,
        site,
        {"en": code},
    )
    await tx.executemany(
        "insert into service_resource (service_id, resource_id) values ($1, $2)",
        [(service, resource) for service in services],
    )
    return resource
