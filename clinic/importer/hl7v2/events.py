"""What an event says happened: ADT a visit or a stay, SIU a booking, RDE a supply."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal, TypeAlias

from clinic.importer.hl7v2.message import Message, Segment, day, days, instant
from clinic.importer.types import Booking, Condition, Encounter, Setting, Supply

ADMITTED = frozenset({"A01", "A04"})
KNOWN = frozenset({"A03", "A05", "A08", "A28", "A31"}) | ADMITTED
MERGED = "A40"
BOOKED = frozenset({"S12", "S13", "S14", "S15", "S17", "S26"})
# The types of messages in HL7's table 0076 that practices send each other: of others not even the
# name is told, for it could be anything.
TYPES = frozenset({
    "ACK", "ADT", "BAR", "DFT", "MDM", "MFN", "OMG", "OMI", "OML", "OMP", "OMS", "ORG", "ORI",
    "ORL", "ORM", "ORP", "ORR", "ORU", "OUL", "PPR", "QBP", "QRY", "RAS", "RDE", "RDS", "RGV",
    "RRE", "RSP", "SIU", "SRM", "SRR", "VXU",
})  # fmt: skip

Status: TypeAlias = Literal["booked", "cancelled", "noshow", "fulfilled"]
_TRIGGERS: Mapping[str, Status] = {"S15": "cancelled", "S17": "cancelled", "S26": "noshow"}
# SCH-25, asked only of S14, which changes anything: other triggers say themselves what became of
# the visit, and senders leave `Booked` on a cancelled one.
_STATUSES: Mapping[str, Status] = {
    "CANCELLED": "cancelled", "CANCELED": "cancelled", "DELETED": "cancelled", "DC": "cancelled",
    "NOSHOW": "noshow", "NO SHOW": "noshow", "COMPLETE": "fulfilled", "COMPLETED": "fulfilled",
    "STARTED": "fulfilled", "ARRIVED": "fulfilled",
}  # fmt: skip
_STAYS = frozenset({"I", "B"})  # PV1-2: inpatient, obstetrics
_NO_VISIT = frozenset({"P", "N"})  # expected only; does not apply
_LONGEST_CODE = 32  # characters
_LONGEST_STAY = 366  # days counted of one
_WITHDRAWN = frozenset({"CA", "DC", "OC", "OD", "CR", "DR"})  # ORC-1
_TIMES = (("AIS", 4), ("AIG", 8), ("AIL", 6), ("AIP", 6))
_UNITS = {"": 1, "M": 1, "MIN": 1, "MINUTE": 1, "MINUTES": 1, "分": 1, "S": 1 / 60, "SEC": 1 / 60,
          "H": 60, "HR": 60, "HOUR": 60, "HOURS": 60}  # fmt: skip


@dataclass(slots=True)
class Told:
    """What a message tells beside whom it speaks of. `doubts`: fields that could not be read."""

    setting: Setting = "outpatient"
    encounters: tuple[Encounter, ...] = ()
    conditions: tuple[Condition, ...] = ()
    supplies: tuple[Supply, ...] = ()
    bookings: tuple[Booking, ...] = ()
    doubts: list[str] = field(default_factory=list)


def admission(message: Message, trigger: str, zone: tzinfo) -> Told:
    """An ADT event: the day of the visit, or each day of the stay, and diagnoses.

    Only an admission (A01) or registration (A04) takes the event's own time for want of PV1-44.
    """
    told = Told()
    visit = message.first("PV1")
    kind = visit.get(2).upper() if visit else ""
    told.setting = "inpatient" if kind in _STAYS else "outpatient"
    arrived, left = (visit.get(44), visit.get(45)) if visit else ("", "")
    on = _day(arrived, "PV1-44", told, zone)
    if on is None and trigger in ADMITTED:
        on = _first_day(zone, message.get("EVN", 6), message.get("EVN", 2), message.get("MSH", 7))
    if on is not None and trigger != "A05" and kind not in _NO_VISIT:
        until = _day(left, "PV1-45", told, zone) if told.setting == "inpatient" else None
        told.encounters = _stay(on, until or on, told.setting)
    told.conditions = tuple(
        found for one in message.every("DG1") if (found := _diagnosis(one, zone)) is not None
    )
    return told


def _stay(first: date, last: date, setting: Setting) -> tuple[Encounter, ...]:
    count = min(max((last - first).days, 0) + 1, _LONGEST_STAY)
    return tuple(Encounter(first + timedelta(days=n), setting) for n in range(count))


def _diagnosis(segment: Segment, zone: tzinfo) -> Condition | None:
    code, name = segment.get(3), segment.get(3, 2) or segment.get(4)
    plain = code.replace(".", "").upper()
    system = segment.get(3, 3).upper()
    is_icd10 = system.startswith(("I10", "ICD10", "ICD-10")) and len(plain) <= 8
    code = code if len(code) <= _LONGEST_CODE else ""
    if not code and not name:
        return None
    return Condition(
        plain if is_icd10 else code,
        "icd10" if is_icd10 else "local",
        icd10=plain if is_icd10 else "",
        name=name,
        suspected=name.endswith("の疑い"),
        main=segment.get(15) == "1",
        started_on=day(segment.get(5), zone),
    )


def booking(message: Message, trigger: str, key: str, zone: tzinfo) -> Told:
    """An SIU event. One that withdraws a booking without saying its time tells of no booking: that
    empties the record in which it stands.
    """
    told = Told()
    head = message.first("SCH")
    assert head is not None
    status = _TRIGGERS.get(trigger, "booked")
    if trigger == "S14":
        words = [head.get(25, n).upper() for n in (1, 2)]
        status = next((_STATUSES[one] for one in words if one in _STATUSES), status)
    starts = [head.get(11, 4), message.get("TQ1", 7)]
    ends = [head.get(11, 5), message.get("TQ1", 8)]
    starts += [one.get(number) for name, number in _TIMES for one in message.every(name)]
    starts_at, ends_at = _first_instant(starts, zone), _first_instant(ends, zone)
    if starts_at is None:
        if status != "cancelled":
            told.doubts.append("SCH-11")
        return told
    told.bookings = (Booking(key, starts_at, status, _duration(head, starts_at, ends_at)),)
    return told


def _duration(head: Segment, starts_at: datetime, ends_at: datetime | None) -> timedelta | None:
    unit = _UNITS.get(head.get(10).upper(), 0)
    amount = head.get(9)
    minutes = int(amount) * unit if amount.isascii() and amount.isdigit() and len(amount) < 6 else 0
    told = timedelta(minutes=minutes)
    if not told and ends_at is not None:
        told = ends_at - starts_at
    return told if timedelta() < told <= timedelta(days=1) else None


def prescription(message: Message, zone: tzinfo) -> Told:
    """RDE: what is supplied, from when (TQ1-7) and for how many days (TQ1-6).

    Orders that are cancelled or stopped supply nothing; a message of nothing else empties the
    record of the order.
    """
    told = Told()
    supplies: list[Supply] = []
    for order in _orders(message):
        if order.control not in _WITHDRAWN:
            supplies += _supply(order, message, zone, told)
    told.supplies = tuple(supplies)
    return told


@dataclass(frozen=True, slots=True)
class _Order:
    """One medicine; its timing may stand before or after it."""

    control: str = ""  # ORC-1
    ordered_at: str = ""
    drug: Segment | None = None
    timing: Segment | None = None


def _orders(message: Message) -> Iterator[_Order]:
    order = _Order()
    for one in message.every("ORC", "RXE", "TQ1"):
        if one.name == "TQ1":
            order = order if order.timing else replace(order, timing=one)
            continue
        if order.drug is not None:
            yield order
            order = replace(order, drug=None, timing=None)
        if one.name == "RXE":
            order = replace(order, drug=one)
        else:
            order = _Order(one.get(1).upper(), one.get(9))
    if order.drug is not None:
        yield order


def _supply(order: _Order, message: Message, zone: tzinfo, told: Told) -> list[Supply]:
    drug, timing = order.drug, order.timing
    assert drug is not None
    code, name = drug.get(2), drug.get(2, 2)
    if not (code or name) or len(code) > _LONGEST_CODE:
        told.doubts.append("RXE-2")
        return []
    begins = timing.get(7) if timing else drug.get(1, 4)
    on = _first_day(zone, begins, order.ordered_at, message.get("MSH", 7))
    if on is None:
        told.doubts.append("TQ1-7")
        return []
    count = days(timing, 6) if timing else days(drug, 1, 3)
    if count is None and timing and timing.get(6):
        told.doubts.append("TQ1-6")
    return [Supply(code, on, count, "local", name)]


def _day(value: str, place: str, told: Told, zone: tzinfo) -> date | None:
    found = day(value, zone)
    if value and found is None:
        told.doubts.append(place)
    return found


def _first_day(zone: tzinfo, *values: str) -> date | None:
    return next((found for value in values if (found := day(value, zone))), None)


def _first_instant(values: list[str], zone: tzinfo) -> datetime | None:
    return next((found for value in values if (found := instant(value, zone))), None)
