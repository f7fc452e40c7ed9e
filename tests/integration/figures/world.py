"""Small made-up clinics: as values, as rows, and their figures worked out in plain Python."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.db import Tx
from clinic.figures.rules import LATE_HOURS, LONGEST_GAP, RETURN_DAYS, chapter_of, later

ZONE = ZoneInfo("Asia/Tokyo")
MONTH = date(2026, 9, 1)
LAST = date(2026, 9, 30)
CODES = ("I10", "E119", "G473", "J301", "", "Z999")
Key = tuple[object, ...]


@dataclass
class Booking:
    """An own visit."""

    patient: int
    doctor: int
    service: int
    starts_at: datetime
    minutes: int
    status: str
    changed_at: datetime

    @property
    def on(self) -> date:
        return self.starts_at.astimezone(ZONE).date()

    @property
    def came(self) -> bool:
        return self.status in ("arrived", "fulfilled")


@dataclass
class Receipt:
    """A record of a month; a replaced one says nothing any more."""

    patient: int
    month: date
    replaced: bool
    points: int
    days: list[tuple[date, str]]
    diseases: list[tuple[str, bool, bool]]  # code, main, suspected


@dataclass
class World:
    """All of it."""

    bookings: list[Booking] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)


def world(seed: int, patients: int = 40) -> World:
    """The same for a seed."""
    dice = random.Random(seed)
    made = World()
    for patient in range(1, patients + 1):
        taken: set[datetime] = set()
        for _ in range(dice.randrange(5)):
            minute = dice.choice((0, 30, 9 * 60, 23 * 60 + 30, 14 * 60))
            on = MONTH + timedelta(dice.choice((dice.randrange(-60, 90), dice.randrange(-2, 32))))
            starts = datetime.combine(on, time(), ZONE) + timedelta(minutes=minute)
            if starts in taken:
                continue
            taken.add(starts)
            made.bookings.append(
                Booking(
                    patient,
                    dice.choice((1, 2)),
                    dice.choice((1, 2)),
                    starts.astimezone(UTC) + timedelta(seconds=patient),
                    dice.choice((15, 30)),
                    dice.choice(("booked", "arrived", "fulfilled", "noshow", "cancelled", "held")),
                    starts - timedelta(hours=dice.choice((1, 23, 25, 200))),
                )
            )
        for back in range(-3, 4):
            if dice.random() < 0.5:
                month = later(MONTH, back)
                made.receipts.append(
                    Receipt(
                        patient,
                        month,
                        dice.random() < 0.15,
                        dice.randrange(200, 900),
                        [
                            (
                                month + timedelta(dice.randrange(28)),
                                dice.choice(("outpatient",) * 4 + ("inpatient",)),
                            )
                            for _ in range(dice.randrange(3))
                        ],
                        [
                            (dice.choice(CODES), dice.random() < 0.4, dice.random() < 0.2)
                            for _ in range(dice.randrange(4))
                        ],
                    )
                )
    return made


async def store(tx: Tx, of: World) -> None:
    """Write it into an empty database."""
    await tx.execute(
        """insert into site (id, code, name, time_zone) values (1, 'a', '{}', 'Asia/Tokyo');
           insert into service (id, code, name, duration)
             values (1, 'a', '{}', 30), (2, 'b', '{}', 15);
           insert into resource (id, code, kind, name)
             values (1, 'a', 'practitioner', '{}'), (2, 'b', 'practitioner', '{}');
           insert into import_run (id, key, kind, state, digest, size, name)
             values (1, gen_random_uuid(), 'uke', 'committed', '', 1, '')"""
    )
    people = {one.patient for one in of.bookings} | {one.patient for one in of.receipts}
    await tx.executemany(
        "insert into patient (id, key, name) values ($1, $2, 'x')",
        [(patient, UUID(int=patient)) for patient in people],
    )
    for one in of.bookings:
        await tx.execute(
            """insert into appointment (key, status, patient_id, service_id, site_id,
                 practitioner_id, starts_at, ends_at, during, updated_at)
               values (gen_random_uuid(), $1, $2, $3, 1, $4, $5, $6, tstzrange($5, $6), $7)""",
            one.status,
            one.patient,
            one.service,
            one.doctor,
            one.starts_at,
            one.starts_at + timedelta(minutes=one.minutes),
            one.changed_at,
        )
    for number, receipt in enumerate(of.receipts):
        record = await tx.fetchval(
            """insert into source_record (run_id, patient_id, key, digest, month, setting, points,
                 replaced_by_id) values (1, $1, $2, '', $3, 'outpatient', $4, $5) returning id""",
            receipt.patient,
            str(number),
            receipt.month,
            receipt.points,
            1 if receipt.replaced else None,
        )
        for on, setting in receipt.days:
            await tx.execute(
                """insert into encounter (record_id, patient_id, on_date, setting)
                   values ($1, $2, $3, $4)""",
                record,
                receipt.patient,
                on,
                setting,
            )
        for code, main, suspected in receipt.diseases:
            await tx.execute(
                """insert into condition (record_id, patient_id, code, system, icd10, main,
                     suspected, month) values ($1, $2, $3, 'receipt', $3, $4, $5, $6)""",
                record,
                receipt.patient,
                code,
                main,
                suspected,
                receipt.month,
            )


def chapter(of: World, patient: int) -> str:
    """The main disease's chapter in the newest month up to MONTH."""
    told = [r for r in of.receipts if r.patient == patient and not r.replaced and r.month <= MONTH]
    newest = max((r.month for r in told), default=None)
    found = [
        (not main, number, chapter_of(code))
        for receipt in told
        if receipt.month == newest
        for number, (code, main, suspected) in enumerate(receipt.diseases)
        if not suspected and chapter_of(code)
    ]
    return min(found)[2] if found else ""


def seen(of: World, patient: int) -> dict[date, tuple[int | None, int | None]]:
    """Every day on which a patient was seen, and by whom and for what."""
    days: dict[date, tuple[int | None, int | None]] = {}
    for receipt in of.receipts:
        if receipt.patient == patient and not receipt.replaced:
            for on, setting in receipt.days:
                if setting == "outpatient":
                    days.setdefault(on, (None, None))
    for one in sorted(of.bookings, key=lambda it: it.starts_at, reverse=True):
        if one.patient == patient and one.came:
            days[one.on] = (one.doctor, one.service)
    return days


def figures(of: World) -> Counter[Key]:
    """Figures of MONTH: (figure, day, kind, chapter, doctor, service) and how many."""
    found: Counter[Key] = Counter()
    kinds = {"noshow": "missed", "booked": "open", "arrived": "came", "fulfilled": "came"}
    for one in of.bookings:
        if MONTH <= one.on <= LAST and one.status != "held":
            late = one.starts_at - one.changed_at < timedelta(hours=LATE_HOURS)
            kind = kinds.get(one.status) or ("late" if late else "cancelled")
            key = (one.on, kind, chapter(of, one.patient), one.doctor, one.service)
            found["visit", *key] += 1
            found["minutes", *key] += one.minutes
    for patient in {one.patient for one in of.bookings} | {one.patient for one in of.receipts}:
        days, of_chapter = seen(of, patient), chapter(of, patient)
        inside = sorted(on for on in days if MONTH <= on <= LAST)
        for on in inside:
            doctor, service = days[on]
            before = max((day for day in days if day < on), default=None)
            kind = "repeat" if before else "first"
            found["arrival", on, kind, of_chapter, doctor, service] += 1
            if before and (on - before).days <= LONGEST_GAP:
                found["gap", MONTH, str((on - before).days), of_chapter, doctor, None] += 1
        if inside:
            first = inside[0]
            back = any(first < on <= first + timedelta(RETURN_DAYS) for on in days)
            found["kept", MONTH, "", of_chapter, days[first][0], None] += 1
            found["back", MONTH, "", of_chapter, days[first][0], None] += back
    for receipt in of.receipts:
        if receipt.month == MONTH and not receipt.replaced:
            found["receipts", MONTH] += 1
            found["points", MONTH] += receipt.points
    return found
