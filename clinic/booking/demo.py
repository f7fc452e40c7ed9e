"""The demonstration clinic: people, rooms, services, hours and visits to try things out with."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clinic.booking import demo_data as data
from clinic.booking import search, service
from clinic.booking.actor import Actor
from clinic.booking.public_holidays import public_holidays
from clinic.booking.types import Held
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.faq.demo import DEMO as OWN_TOPICS
from clinic.faq.own import save_own
from clinic.ids import new_key

AHEAD_DAYS = 365  # how far holidays are known


async def seed(tx: Tx, keys: KeyRing, settings: Settings, today: date) -> bool:
    """Fill an empty clinic; False if there is one already, which is left as it is.

    `today` in the clinic's zone is where past and coming visits are counted from.
    """
    if await tx.fetchval("select exists (select from site)"):
        return False
    sites = {
        code: await tx.fetchval(
            """insert into site (code, name, address, time_zone) values ($1, $2, $3, $4)
               returning id""",
            code,
            name,
            address,
            settings.clinic.time_zone,
        )
        for code, name, address in data.SITES
    }
    resources = {
        code: await tx.fetchval(
            "insert into resource (code, kind, name, site_id) values ($1, $2, $3, $4) returning id",
            code,
            kind,
            name,
            sites[site] if site else None,
        )
        for code, kind, name, site in data.RESOURCES
    }
    services = await _services(tx, resources)
    await tx.executemany(
        """insert into schedule (resource_id, site_id, weekday, opens_at, closes_at)
           values ($1, $2, $3, $4, $5)""",
        [
            (resources[who], sites[where], weekday, opens, closes)
            for who, where, weekdays, opens, closes in data.SCHEDULES
            for weekday in weekdays
        ],
    )
    await _exceptions(tx, settings, resources, sites, today)
    patients = await _patients(tx, keys, today)
    await _past_visits(tx, settings, sites, resources, services, patients, today)
    await _coming_visits(tx, keys, settings, services, patients, today)
    await tx.executemany(
        "insert into faq_entry (topic, language, answer) values ($1, $2, $3)",
        [
            (topic, language, answer)
            for topic, answers in data.FAQ.items()
            for language, answer in answers.items()
        ],
    )
    for words in OWN_TOPICS:
        await save_own(tx, None, None, words)
    return True


async def _services(tx: Tx, resources: dict[str, int]) -> dict[str, int]:
    services = {}
    for position, one in enumerate(data.SERVICES):
        services[one.code] = await tx.fetchval(
            """insert into service (code, name, duration, buffer_after, step, minimum_notice,
                 horizon_days, cancel_notice, reminders, position)
               values ($1, $2, $3, $4, $5, 60, 60, 120, $6, $7) returning id""",
            one.code,
            one.name,
            one.duration,
            one.buffer_after,
            one.step,
            [1440, 120],
            position,
        )
        await tx.executemany(
            "insert into service_resource (service_id, resource_id) values ($1, $2)",
            [(services[one.code], resources[code]) for code in one.resources],
        )
    return services


async def _exceptions(
    tx: Tx, settings: Settings, resources: dict[str, int], sites: dict[str, int], today: date
) -> None:
    """The country's holidays where they are known, a congress, and a Saturday of extra hours."""
    until = today + timedelta(days=AHEAD_DAYS)
    known = public_holidays(settings.clinic.country, today, until) or {}
    rows: list[tuple[int | None, int | None, date, str, str | None, str | None, str]] = [
        (None, None, on, "closed", None, None, name[:80]) for on, name in known.items()
    ]
    tuesday = today + timedelta(days=(1 - today.weekday()) % 7 + 7)
    saturday = today + timedelta(days=(5 - today.weekday()) % 7 + 14)
    ito, wang, station = resources["dr-ito"], resources["dr-wang"], sites["station"]
    rows += [
        (ito, None, tuesday, "closed", "09:00", "13:00", "congress"),
        (wang, station, saturday, "extra", "13:00", "16:00", "vaccination"),
    ]
    await tx.executemany(
        """insert into schedule_exception
             (resource_id, site_id, on_date, kind, opens_at, closes_at, reason)
           values ($1, $2, $3, $4, $5, $6, $7)""",
        rows,
    )


async def _patients(tx: Tx, keys: KeyRing, today: date) -> list[int]:
    ids = []
    for number, one in enumerate(data.PATIENTS, start=1):
        key = new_key()
        ids.append(
            await tx.fetchval(
                """insert into patient (key, name, kana, chart, birth_on, sex, language, phone,
                     phone_index) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id""",
                key,
                one.name,
                one.kana,
                f"{10_000 + number}",
                date(today.year - one.age, number, 1 + number),
                one.sex,
                one.language,
                keys.seal(one.phone.encode(), "patient.phone", key),
                keys.index("phone", one.phone),
            )
        )
    return ids


async def _past_visits(
    tx: Tx,
    settings: Settings,
    sites: dict[str, int],
    resources: dict[str, int],
    services: dict[str, int],
    patients: Sequence[int],
    today: date,
) -> None:
    """What has been: visits fulfilled over the last months, and one nobody came to."""
    zone = ZoneInfo(settings.clinic.time_zone)
    minutes = {services[one.code]: one.duration for one in data.SERVICES}
    for number, (patient, days_ago, what, who, status) in enumerate(data.PAST):
        on = today - timedelta(days=days_ago)
        on -= timedelta(days=max(on.weekday() - 4, 0))  # nobody came on a weekend
        at = time(9 + number % 3, 30 * (number % 2))
        begins = datetime.combine(on, at, zone).astimezone(UTC)
        await tx.execute(
            """with made as (
                 insert into appointment (key, status, patient_id, service_id, site_id,
                   practitioner_id, during, starts_at, ends_at, created_at, updated_at)
                 values ($1, $2, $3, $4, $5, $6, tstzrange($7, $8), $7, $8, $7, $7) returning id)
               insert into allocation (appointment_id, resource_id, during, status)
               select id, $6, tstzrange($7, $8), 'released' from made""",
            new_key(),
            status,
            patients[patient],
            services[what],
            sites["main"],
            resources[who],
            begins,
            begins + timedelta(minutes=minutes[services[what]]),
        )


async def _coming_visits(
    tx: Tx,
    keys: KeyRing,
    settings: Settings,
    services: dict[str, int],
    patients: Sequence[int],
    today: date,
) -> None:
    """What is booked: as patients book it, so that every rule and reminder holds for it."""
    system = Actor("system", None, settings.clinic.languages[0], settings, keys)
    for patient, days_ahead, what, nth in data.COMING:
        for later in range(14):
            on = today + timedelta(days=days_ahead + later)
            slots = await search.find_slots(tx, system.language, services[what], None, on, nth + 1)
            if len(slots) > nth:
                held = await service.hold_slot(tx, system, slots[nth], patients[patient])
                assert isinstance(held, Held)
                await service.book_held(tx, system, held.appointment_id)
                break
