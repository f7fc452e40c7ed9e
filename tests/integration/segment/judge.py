"""What a filter says of a made-up patient, worked out in Python."""

from datetime import date
from decimal import Decimal
from typing import Any

from clinic.segment import rules
from clinic.segment.types import And, Criterion, Filter, Not
from tests.integration.segment.world import NOW, ZONE, Person, Row
from tests.unit.clinic.segment.filters import TODAY


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


def _reading(asked: Criterion, one: Person) -> bool:
    measure = asked.option("kind")
    kind = "glucose" if measure == "glucose" else "blood_pressure"
    found = [row for row in one.readings if row["kind"] == kind and row["status"] == "final"]
    if not found or not _back(asked, found[-1]["day"]):
        return False
    return _amount(asked, found[-1]["second" if measure == "diastolic" else "value"])


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
        if not chat["ended"]
        and (chat["proof"] != "none" or chat["relation"] == "self" or one.own["provisional"])
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


def covered(chat: Row, purpose: str) -> bool:
    """Whether a chat may be written to for a purpose: a yes where one is needed, else no no."""
    said = [given for of, given in chat["consents"] if of == purpose]
    explicit = purpose in ("marketing", "research")
    return bool(chat["notice"] and (said[-1] if said else not explicit))


def _consent(asked: Criterion, one: Person) -> bool:
    purposes = ("messages", "marketing", "education") if asked.op == "known" else asked.values
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
    "reading": _reading,
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
