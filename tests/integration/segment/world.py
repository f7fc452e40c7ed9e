"""Made-up patients: as values, as rows, and what a filter says of them, worked out in Python."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.segment import rules
from clinic.segment.types import And, Criterion, Filter, Not
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
                "consents": [
                    (dice.choice(["messages", "marketing"]), dice.random() < 0.7)
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
                if table != "condition":
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


# As a filter sees them --------------------------------------------------------------------------


def holds(tree: Filter, one: Person) -> bool:
    """Whether a filter finds somebody."""
    if isinstance(tree, Criterion):
        return _CHECKS[tree.field](tree, one)
    if isinstance(tree, Not):
        return not holds(tree.part, one)
    found = [holds(part, one) for part in tree.parts]
    return all(found) if isinstance(tree, And) else any(found)


def _amount(asked: Criterion, value: Any) -> bool:
    if value is None:
        return False
    first, last = Decimal(str(asked.values[0])), Decimal(str(asked.values[-1]))
    return {
        "is": value == first,
        "at_least": value >= first,
        "at_most": value <= last,
        "between": first <= value <= last,
    }[asked.op]


def _on(asked: Criterion, day: date | None, sign: int = -1) -> bool:
    if day is None or asked.op == "known":
        return day is not None
    first, last = asked.values[0], asked.values[-1]
    if isinstance(first, int):
        away = (day - TODAY).days * sign
        return 0 <= away <= first if asked.op == "within_days" else away > first
    return {
        "on_or_after": day >= first,
        "on_or_before": day <= last,
        "between": first <= day <= last,
    }[asked.op]


def _word(asked: Criterion, value: Any) -> bool:
    return value is not None and (asked.op == "known" or value in asked.values)


def _age(asked: Criterion, one: Person) -> bool:
    born = one.own["birth_on"]
    if born is None:
        return False
    had = (TODAY.month, TODAY.day) >= (born.month, born.day)
    return _amount(asked, TODAY.year - born.year - (not had))


def _condition(asked: Criterion, one: Person) -> bool:
    newest = (one.summary or {}).get("newest_month")
    for row in one.conditions:
        replaced, month = row["source"] or (False, None)
        right = any(row["icd10"].startswith(prefix) for prefix in asked.values)
        sure = {"either": True, "yes": row["suspected"], "no": not row["suspected"]}
        old = month is not None and newest is not None and month < newest
        now = not old and row["outcome"] is None and row["ended_on"] is None
        when = asked.option("when") == "ever" or now
        if right and not replaced and when and sure[str(asked.option("suspected"))]:
            return True
    return False


def _back(asked: Criterion, day: date) -> bool:
    days = asked.option("days")
    return days is None or (TODAY - day).days <= int(days)


def _happened(asked: Criterion, rows: list[Row]) -> bool:
    return any(
        not (row["source"] or (False, None))[0]
        and _back(asked, row["on_date"])
        and any(
            row["code"] == one if asked.op == "any" else row["code"].startswith(one)
            for one in asked.values
        )
        for row in rows
    )


def _next(asked: Criterion, one: Person) -> bool:
    days = [
        row["starts_at"].astimezone(ZONE).date()
        for row in one.coming
        if row["status"] == "booked"
        and row["starts_at"] >= NOW
        and not (row["outside"] and row["replaced"])
    ]
    return _on(asked, min(days, default=None), 1)


def _newest(asked: Criterion, one: Person) -> Row | None:
    found = [row for row in one.responses if row["form"] == asked.option("form")]
    return found[-1] if found else None


def _score(asked: Criterion, one: Person) -> bool:
    row = _newest(asked, one)
    if row is None or not _back(asked, row["day"]):
        return False
    said = row["scores"].get(asked.option("item"))
    return said is not None and _amount(asked, Decimal(said))


def _answer(asked: Criterion, one: Person) -> bool:
    row = _newest(asked, one)
    if row is None or not _back(asked, row["day"]):
        return False
    said = row["answers"].get(asked.option("item"))
    if asked.op == "known" or said is None:
        return said is not None
    if asked.op == "any":
        coded = said["coding"][1] if isinstance(said, dict) and "coding" in said else said
        plain = said["decimal"] if isinstance(said, dict) and "decimal" in said else coded
        return {True: "true"}.get(plain if isinstance(plain, bool) else None, str(plain)) in (
            asked.values
        )
    if isinstance(said, dict):
        return "decimal" in said and _amount(asked, Decimal(said["decimal"]))
    return isinstance(said, int) and not isinstance(said, bool) and _amount(asked, said)


def _answered(asked: Criterion, one: Person) -> bool:
    row = _newest(asked, one)
    return _on(asked, row["day"] if row else None)


def _tag(asked: Criterion, one: Person) -> bool:
    return bool(one.tags) if asked.op == "known" else bool(one.tags & set(asked.values))


def live(one: Person) -> list[Row]:
    """The chats that speak for a patient."""
    return [
        chat
        for chat in one.chats
        if not chat["ended"] and (chat["proof"] != "none" or chat["relation"] == "self")
    ]


def _channel(asked: Criterion, one: Person) -> bool:
    return any(
        not chat["unreachable"] and not chat["opted_out"] and _word(asked, chat["channel"])
        for chat in live(one)
    )


def _language(asked: Criterion, one: Person) -> bool:
    own = one.own["language"]
    if own is not None:
        return _word(asked, own)
    return any(_word(asked, chat["language"]) for chat in live(one))


def agreed(chat: Row, purpose: str) -> bool:
    """Whether what a chat said last of a purpose is yes."""
    said = [given for of, given in chat["consents"] if of == purpose]
    return bool(said) and said[-1]


def _consent(asked: Criterion, one: Person) -> bool:
    purposes = ("messages", "marketing") if asked.op == "known" else asked.values
    return any(agreed(chat, str(of)) for chat in live(one) for of in purposes)


def _group(asked: Criterion, one: Person) -> bool:
    return any(asked.op == "known" or group in asked.values for group in one.lapses)


def _lapse(asked: Criterion, one: Person) -> bool:
    group = asked.option("group")
    return any(
        state in asked.values and group in (None, code) for code, state in one.lapses.items()
    )


def _outreach(asked: Criterion, one: Person) -> bool:
    for row in one.sendings:
        if not _back(asked, row["sent_on"]) or asked.option("sending") not in (None, row["key"]):
            continue
        told = "held_out" if row["held_out"] else "left_out" if row["left_out"] else "messaged"
        how = {told}
        if told == "messaged":
            how.add("returned" if row["returned_on"] else "stayed_away")
        if how & set(asked.values):
            return True
    return False


def _count(asked: Criterion, one: Person) -> bool:
    return _amount(asked, (one.summary or {}).get(asked.field, 0))


def _tier(asked: Criterion, one: Person) -> bool:
    known = one.summary or {}
    counts = (known.get("visits_year", 0), known.get("points_year", 0))
    return rules.tier(known.get("last_visit_on"), *counts, TODAY) in asked.values


_CHECKS: dict[str, Any] = {
    "age": _age,
    "sex": lambda asked, one: (one.own["sex"] or "unknown") in asked.values,
    "birth_month": lambda asked, one: (
        one.own["birth_on"] is not None and str(one.own["birth_on"].month) in asked.values
    ),
    "group": _group,
    "condition": _condition,
    "act": lambda asked, one: _happened(asked, one.acts),
    "drug": lambda asked, one: _happened(asked, one.drugs),
    "last_visit": lambda asked, one: _on(asked, (one.summary or {}).get("last_visit_on")),
    "next_visit": _next,
    "visit_count": _count,
    "visits_year": _count,
    "no_shows": _count,
    "points_year": _count,
    "tier": _tier,
    "score": _score,
    "answer": _answer,
    "answered": _answered,
    "tag": _tag,
    "channel": _channel,
    "language": _language,
    "consent": _consent,
    "lapse": _lapse,
    "occupation": lambda asked, one: _word(asked, one.own["occupation"]),
    "membership": lambda asked, one: _word(asked, one.own["membership"]),
    "source": lambda asked, one: _word(asked, one.own["acquired_by"]),
    "outreach": _outreach,
}
