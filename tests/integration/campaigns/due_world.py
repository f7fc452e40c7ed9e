"""Made-up patients for triggers: as facts, and as rows of tables that tell the same."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from clinic.campaign.due import Answered, Facts, Lapsed, Stayed, Visited
from clinic.campaign.trigger import LAPSE_STATES
from clinic.db import Tx
from tests.integration.segment.world import _row as row
from tests.unit.clinic.campaign.triggers import CODES, FORMS, GROUPS, SERVICES, TURNS

STATUSES = ("booked", "arrived", "fulfilled", "noshow", "cancelled", "held", "expired")
LEAP_DAYS = (date(2008, 2, 29), date(2024, 2, 29), date(2007, 2, 28), date(2023, 3, 1))


@dataclass
class Told:
    """A row that hangs on a record: whether another replaced it, and the month it is of."""

    replaced: bool
    month: date | None


@dataclass
class Person:
    """A patient; `hidden` are rows that count for nothing, for their record was replaced."""

    id: int
    facts: Facts
    stays: tuple[tuple[date, Told], ...]
    acts: tuple[tuple[str, date, Told], ...]


def people(count: int, seed: int) -> list[Person]:
    """So many of them, the same for a seed. The first one has no facts at all."""
    dice = random.Random(seed)
    return [Person(1, Facts(), (), ()), *(_person(n, dice) for n in range(2, count + 1))]


def _day(dice: random.Random) -> date:
    """A day from which some trigger leads to one of TURNS."""
    turn = dice.choice(TURNS).date()
    return turn - timedelta(dice.choice([0, 0, 1, 2, 3, 30, 31, 42, 120, 121, 122, 123, 150]))


def _moment(dice: random.Random) -> datetime:
    hours = dice.choice([0, 3, 4, 5, 11, 13, 13.5, 14, 15, 16, 22, 23])
    midnight = datetime.combine(_day(dice), datetime.min.time(), UTC)
    return midnight + timedelta(hours=hours, minutes=dice.choice([0, 0, 29, 59]))


def _told(dice: random.Random, day: date) -> Told:
    return Told(dice.random() < 0.15, dice.choice([None, day.replace(day=1)]))


def _person(n: int, dice: random.Random) -> Person:
    births = [None, *LEAP_DAYS, _day(dice), _day(dice).replace(year=1948)]
    stays: list[tuple[date, Told]] = []
    if dice.random() < 0.6:
        ended, told = _day(dice), _told(dice, _day(dice))
        if dice.random() < 0.3:
            ended = ended.replace(day=1) - timedelta(1)  # a month's last day
        for back in range(dice.choice([1, 2, 5])):
            day = ended - timedelta(back)
            stays.append((day, Told(told.replaced, told.month and day.replace(day=1))))
            if dice.random() < 0.1:  # told twice
                stays.append((day, Told(False, None)))
    acts = []
    for _ in range(dice.randrange(4)):
        day = _day(dice)
        acts.append((dice.choice(CODES), day, _told(dice, day)))
    return Person(
        n,
        Facts(
            merged=dice.random() < 0.05,
            birth_on=dice.choice(births),
            last_visit_on=dice.choice([None, _day(dice), _day(dice)]),
            supply_until=dice.choice([None, _day(dice), _day(dice)]),
            newest_month=dice.choice([None, _day(dice).replace(day=1), date(2028, 3, 1)]),
            plans=tuple({_day(dice) for _ in range(dice.randrange(3))}),
            stays=tuple(
                Stayed(day, told.month is not None) for day, told in stays if not told.replaced
            ),
            acts=tuple((code, day) for code, day, told in acts if not told.replaced),
            visits=tuple(
                Visited(
                    n * 10 + k,
                    dice.choice(STATUSES),
                    dice.choice(SERVICES),
                    _moment(dice) + timedelta(seconds=k),  # never two at once
                    _moment(dice),
                )
                for k in range(dice.randrange(5))
            ),
            answers=tuple(
                Answered(
                    n * 10 + k,
                    dice.choice(FORMS),
                    dice.choice(
                        [{}, {"total": Decimal(dice.choice(["0", "3", "4.5", "9", "27"]))}]
                    ),
                    _moment(dice),
                )
                for k in range(dice.randrange(3))
            ),
            lapses=tuple(
                Lapsed(
                    group,
                    dice.choice([*LAPSE_STATES, "active"]),
                    dice.choice([None, date(2026, 7, 1)]),
                    _moment(dice),
                )
                for group in GROUPS
                if dice.random() < 0.5
            ),
        ),
        tuple(stays),
        tuple(acts),
    )


async def store(tx: Tx, everybody: list[Person]) -> None:
    """Write them down."""
    run = await row(
        tx, "import_run", key=UUID(int=1), digest="", size=1, name=b"", state="committed"
    )
    groups = {
        code: await row(tx, "care_group", code=code, name={}, definition={}, mode="fixed")
        for code in GROUPS
    }
    forms = {
        form: await row(tx, "questionnaire", url=form, version=1, name=form, title={}, resource={})
        for form in FORMS
    }
    services = {
        code: await row(tx, "service", code=code, name={}, duration=30) for code in SERVICES
    }
    site = await row(tx, "site", code="s", name={}, time_zone="Asia/Tokyo")
    doctor = await row(tx, "resource", code="d", kind="practitioner", name={})
    account = await row(tx, "chat_account", channel="line", address_index="1", address=b"")
    for one in everybody:
        facts = one.facts
        await row(
            tx,
            "patient",
            id=one.id,
            key=UUID(int=one.id),
            name="試験",
            birth_on=facts.birth_on,
            merged_into_id=1 if facts.merged else None,
        )
        await row(
            tx,
            "patient_summary",
            patient_id=one.id,
            last_visit_on=facts.last_visit_on,
            supply_until=facts.supply_until,
            newest_month=facts.newest_month,
        )
        for day in facts.plans:
            await row(tx, "plan_date", patient_id=one.id, on_date=day)
        for group in facts.lapses:
            await row(
                tx,
                "lapse",
                patient_id=one.id,
                group_id=groups[group.group],
                state=group.state,
                last_visit_on=group.last_visit_on,
                computed_at=group.since,
            )
        for answer in facts.answers:
            await row(
                tx,
                "questionnaire_response",
                id=answer.id,
                key=UUID(int=answer.id),
                questionnaire_id=forms[answer.form],
                patient_id=one.id,
                account_id=account,
                language="ja",
                answers=b"",
                scores={item: str(score) for item, score in answer.scores.items()}
                or {"total": "none"},
                authored_at=answer.at,
            )
        for visit in facts.visits:
            await tx.execute(
                """insert into appointment (id, key, status, patient_id, service_id, site_id,
                     practitioner_id, during, starts_at, ends_at, created_at)
                   values ($1, $2, $3, $4, $5, $6, $7, tstzrange($8, $9), $8, $9, $10)""",
                visit.id,
                UUID(int=visit.id),
                visit.status,
                one.id,
                services[visit.service],
                site,
                doctor,
                visit.starts_at,
                visit.starts_at + timedelta(seconds=1),
                visit.booked_at,
            )
        await _sources(tx, run, one)


async def _sources(tx: Tx, run: int, one: Person) -> None:
    number = 0
    for day, told in one.stays:
        number += 1
        await row(
            tx,
            "encounter",
            record_id=await _record(tx, run, one.id, number, told),
            patient_id=one.id,
            on_date=day,
            setting="inpatient",
        )
        await row(tx, "encounter", patient_id=one.id, on_date=day, setting="outpatient")
    for code, day, told in one.acts:
        number += 1
        await row(
            tx,
            "procedure",
            record_id=await _record(tx, run, one.id, number, told),
            patient_id=one.id,
            code=code,
            system="receipt",
            on_date=day,
        )


async def _record(tx: Tx, run: int, patient: int, number: int, told: Told) -> int:
    return await row(
        tx,
        "source_record",
        run_id=run,
        patient_id=patient,
        key=str(number),
        digest="",
        month=told.month,
        setting="inpatient",
        replaced_by_id=run if told.replaced else None,
    )
