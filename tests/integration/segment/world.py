"""Made-up patients: as values, as rows, and what a filter says of them, worked out in Python."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from clinic.crypto import KeyRing
from clinic.db import Tx
from tests.unit.clinic.segment.filters import TODAY

ZONE = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=ZONE)
KEYS = KeyRing({1: bytes(32)})
SENDING = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"
Row = dict[str, Any]


@dataclass
class Person:
    """All that is known of a patient, as rows of tables."""

    id: int
    own: Row
    summary: Row | None
    conditions: list[Row] = field(default_factory=list)  # with the record's month and state
    acts: list[Row] = field(default_factory=list)
    drugs: list[Row] = field(default_factory=list)
    coming: list[Row] = field(default_factory=list)
    responses: list[Row] = field(default_factory=list)  # oldest first
    readings: list[Row] = field(default_factory=list)  # oldest first
    tags: set[str] = field(default_factory=set)
    chats: list[Row] = field(default_factory=list)
    lapses: dict[str, str] = field(default_factory=dict)
    sendings: list[Row] = field(default_factory=list)


def people(count: int, seed: int) -> list[Person]:
    """So many of them, the same for a seed."""
    dice = random.Random(seed)
    return [_person(n + 1, dice) for n in range(count)]


def _maybe(dice: random.Random, *values: Any) -> Any:
    return dice.choice([None, *values])


def _day(dice: random.Random, back: int = 800) -> date:
    return TODAY - timedelta(dice.choice([0, 1, 30, 89, 90, 91, 365, 366, dice.randrange(back)]))


def _some(dice: random.Random, most: int) -> range:
    return range(dice.randrange(most + 1))


def _person(n: int, dice: random.Random) -> Person:
    born = [date(2008, 2, 29), date(2008, 11, 20), date(2008, 11, 21), date(1961, 11, 20)]
    own = {
        "birth_on": _maybe(dice, *born, date(1936, 5, 1), date(1990, 3, 3)),
        "sex": _maybe(dice, "male", "female", "other", "unknown"),
        "language": _maybe(dice, "ja", "en"),
        "occupation": _maybe(dice, "nurse", "駅員", "' or '1'='1"),
        "membership": _maybe(dice, "private", "corporate", "member"),
        "acquired_by": _maybe(dice, "web", "friend", "$1"),
        "merged_into_id": 1 if n > 1 and dice.random() < 0.05 else None,
        "provisional": dice.random() < 0.1,
    }
    newest = dice.choice([date(2026, 10, 1), date(2026, 9, 1)])
    summary = {
        "last_visit_on": _maybe(dice, _day(dice), _day(dice)),
        "visit_count": dice.choice([0, 1, 2, 5, 9]),
        "visits_year": dice.choice([0, 1, 2, 6, 7]),
        "no_shows": dice.choice([0, 1, 2]),
        "points_year": dice.choice([0, 500, 2000, 6000]),
        "newest_month": _maybe(dice, newest, newest),
    }
    found = Person(n, own, summary if dice.random() < 0.85 else None)
    for _ in _some(dice, 3):
        found.conditions.append(
            {
                "source": _source(dice),
                "icd10": dice.choice(["E119", "I10", "J301", ""]),
                "code": "1",
                "system": "receipt",
                "suspected": dice.random() < 0.3,
                "outcome": _maybe(dice, "cured") if dice.random() < 0.3 else None,
                "ended_on": TODAY if dice.random() < 0.1 else None,
            }
        )
    for kind, codes in (
        (found.acts, ["113001810", "114000110", "120005710"]),
        (found.drugs, ["620000001", "610000002"]),
    ):
        for _ in _some(dice, 2):
            kind.append(
                {"source": _source(dice), "code": dice.choice(codes), "on_date": _day(dice)}
            )
    for number in _some(dice, 2):
        shift = dice.choice([-5, -1, 0, 1, 5, 6, 30, 400])
        found.coming.append(
            {
                "starts_at": NOW
                + timedelta(days=shift, hours=dice.choice([-14, 1, 9, 12]), minutes=31 * number),
                "status": dice.choice(["booked", "booked", "cancelled"]),
                "outside": dice.random() < 0.5,
                "replaced": dice.random() < 0.2,
            }
        )
    days = sorted(_day(dice) for _ in _some(dice, 3))
    for day in days:
        found.responses.append(
            {
                "form": dice.choice(["phq_9", "gad_7"]),
                "day": day,
                "scores": dice.choice([{}, {"total": str(dice.choice([0, 3, "4.5", 9, 27]))}]),
                "answers": {
                    "q1": dice.choice(
                        [True, 3, {"coding": ["s", "yes", None]}, {"decimal": "4.5"}, "no"]
                    )
                },
            }
        )
    for day in sorted(_day(dice) for _ in _some(dice, 3)):
        found.readings.append(
            {
                "kind": dice.choice(["blood_pressure", "glucose"]),
                "value": dice.choice([0, 3, 9, 27]),
                "second": _maybe(dice, 3, 9),
                "status": dice.choice(["final", "final", "entered-in-error"]),
                "day": day,
            }
        )
    words = ["vip", "'; drop table patient; --", "100%", "a_b", "\\", "other"]
    found.tags = {dice.choice(words) for _ in _some(dice, 2)}
    for _ in _some(dice, 2):
        found.chats.append(
            {
                "channel": dice.choice(["line", "telegram", "webchat"]),
                "language": _maybe(dice, "ja", "zh-Hant"),
                "unreachable": dice.random() < 0.2,
                "opted_out": dice.random() < 0.2,
                "proof": dice.choice(["none", "code", "staff"]),
                "relation": dice.choice(["self", "child"]),
                "ended": dice.random() < 0.2,
                "notice": dice.random() < 0.8,
                "consents": [
                    (dice.choice(["messages", "marketing", "education"]), dice.random() < 0.7)
                    for _ in _some(dice, 3)
                ],
            }
        )
    for group in ("diabetes", "cpap"):
        if dice.random() < 0.4:
            found.lapses[group] = dice.choice(["active", "due", "lapsed", "excluded"])
    for key in (SENDING, OTHER):
        if dice.random() < 0.4:
            held, out = dice.random() < 0.3, dice.random() < 0.2
            found.sendings.append(
                {
                    "key": key,
                    "held_out": held,
                    "left_out": "no_chat" if out and not held else None,
                    "sent_on": _day(dice),
                    "returned_on": _maybe(dice, TODAY),
                }
            )
    return found


def _source(dice: random.Random) -> tuple[bool, date | None] | None:
    """The record it comes from: whether it was replaced, and its month. None: of staff."""
    if dice.random() < 0.2:
        return None
    month = dice.choice([date(2026, 10, 1), date(2026, 9, 1), date(2026, 3, 1), None])
    return dice.random() < 0.25, month


# As rows ----------------------------------------------------------------------------------------


async def store(tx: Tx, everybody: Iterable[Person]) -> None:
    """Write them down."""
    run = await _row(
        tx, "import_run", key=UUID(int=1), digest="", size=1, name=b"", state="committed"
    )
    groups = {
        code: await _row(tx, "care_group", code=code, name={}, definition={}, mode="fixed")
        for code in ("diabetes", "cpap")
    }
    forms = {
        form: await _row(tx, "questionnaire", url=form, version=1, name=form, title={}, resource={})
        for form in ("phq_9", "gad_7")
    }
    sendings = {
        key: await _row(tx, "outreach", key=UUID(key), label="x", purpose="messages")
        for key in (SENDING, OTHER)
    }
    site = await _row(tx, "site", code="s", name={}, time_zone="Asia/Tokyo")
    service = await _row(tx, "service", code="s", name={}, duration=30)
    doctor = await _row(tx, "resource", code="d", kind="practitioner", name={})
    account = await _row(
        tx, "chat_account", channel="line", address_index="staff", address=b"", opted_out_at=NOW
    )
    for one in everybody:
        await _row(tx, "patient", id=one.id, key=UUID(int=one.id), name="試験", **one.own)
        if one.summary is not None:
            await _row(tx, "patient_summary", patient_id=one.id, **one.summary)
        records = 0
        for table, rows in (
            ("condition", one.conditions),
            ("procedure", one.acts),
            ("supply", one.drugs),
        ):
            for row in rows:
                values = dict(row)
                values["record_id"] = None
                if (source := values.pop("source")) is not None:
                    records += 1
                    values["record_id"] = await _record(tx, run, one.id, records, *source)
                if table == "condition":
                    values["month"] = source and source[1]
                else:
                    values["system"] = "receipt"
                await _row(tx, table, patient_id=one.id, **values)
        for row in one.coming:
            records += 1
            if row["outside"]:
                record = await _record(tx, run, one.id, records, row["replaced"], None)
                await _row(
                    tx,
                    "outside_appointment",
                    record_id=record,
                    patient_id=one.id,
                    key=str(records),
                    starts_at=row["starts_at"],
                    status=row["status"],
                )
            else:
                await tx.execute(
                    """insert into appointment (key, status, patient_id, service_id, site_id,
                         practitioner_id, during, starts_at, ends_at)
                       values ($1, $2, $3, $4, $5, $6, tstzrange($7, $8), $7, $8)""",
                    UUID(int=one.id * 100 + records),
                    row["status"],
                    one.id,
                    service,
                    site,
                    doctor,
                    row["starts_at"],
                    row["starts_at"] + timedelta(minutes=30),
                )
        for number, row in enumerate(one.responses):
            key = UUID(int=one.id * 100 + number)
            answers = {"values": [[[item], [said]] for item, said in row["answers"].items()]}
            await _row(
                tx,
                "questionnaire_response",
                key=key,
                questionnaire_id=forms[row["form"]],
                patient_id=one.id,
                account_id=account,
                language="ja",
                answers=KEYS.seal(orjson.dumps(answers), "questionnaire_response.answers", key),
                scores=row["scores"],
                authored_at=datetime.combine(row["day"], NOW.time(), ZONE),
            )
        for row in one.readings:
            values = dict(row)
            at = datetime.combine(values.pop("day"), NOW.time(), ZONE)
            await _row(
                tx,
                "observation",
                patient_id=one.id,
                unit="x",
                source="chat",
                measured_at=at,
                **values,
            )
        for tag in one.tags:
            await _row(tx, "patient_tag", patient_id=one.id, tag=tag)
        for number, row in enumerate(one.chats):
            await _chat(tx, one.id, number, row)
        for group, state in one.lapses.items():
            await _row(tx, "lapse", patient_id=one.id, group_id=groups[group], state=state)
        for row in one.sendings:
            values = dict(row)
            values["outreach_id"] = sendings[values.pop("key")]
            await _row(tx, "outreach_member", patient_id=one.id, **values)


async def _chat(tx: Tx, patient: int, number: int, row: Row) -> None:
    account = await _row(
        tx,
        "chat_account",
        channel=row["channel"],
        address_index=f"{patient}:{number}",
        address=b"",
        language=row["language"],
        unreachable_at=NOW if row["unreachable"] else None,
        opted_out_at=NOW if row["opted_out"] else None,
        consent_version="1" if row["notice"] else None,
    )
    await _row(
        tx,
        "link",
        account_id=account,
        patient_id=patient,
        relation=row["relation"],
        proof=row["proof"],
        ended_at=NOW if row["ended"] else None,
    )
    for purpose, given in row["consents"]:
        await _row(
            tx, "consent", account_id=account, purpose=purpose, notice_version="1", given=given
        )


async def _record(
    tx: Tx, run: int, patient: int, number: int, replaced: bool, month: date | None
) -> int:
    return await _row(
        tx,
        "source_record",
        run_id=run,
        patient_id=patient,
        key=str(number),
        digest="",
        month=month,
        setting="outpatient",
        replaced_by_id=run if replaced else None,
    )


async def _row(tx: Tx, table: str, **values: object) -> int:
    places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
    back = "" if table == "patient_summary" else " returning id"
    found = await tx.fetchval(
        f"insert into {table} ({', '.join(values)}) values ({places}){back}", *values.values()
    )
    return int(found or 0)
