"""What FHIR resources say happened to a patient, as far as the patient base keeps it.

A resource that says of itself that it is wrong (entered-in-error), that it did not happen or was
only thought of, says nothing here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from typing import Literal, TypeAlias

from clinic.importer.fhir.values import (
    MOST_DAYS,
    Coded,
    Node,
    code_of,
    coded,
    day,
    days,
    instant,
    node,
    nodes,
    number,
    word,
)
from clinic.importer.types import Booking, Condition, Encounter, Outcome, Procedure, Supply

# date_unreadable: no day, or only a year; code_missing: neither code nor words.
Doubt = Literal["date_unreadable", "code_missing", "supply_days"]
Event: TypeAlias = Encounter | Condition | Procedure | Supply | Booking

_LONGEST_STAY = 366  # days counted of one
_INPATIENT = {"IMP", "ACUTE", "NONAC"}
_STAYING = {"in-progress", "onleave"}
_SUSPECTED = {"unconfirmed", "provisional", "differential"}
_WRONG = {"refuted", "entered-in-error"}
_OVER = {"inactive", "remission", "resolved"}
_PRESCRIBED = {"active", "completed", "stopped", "unknown", ""}
_ORDERS = {"order", "original-order", "reflex-order", "filler-order", "instance-order", ""}
_APPOINTMENTS: Mapping[str, Literal["booked", "cancelled", "noshow", "fulfilled"]] = {
    "booked": "booked",
    "pending": "booked",
    "arrived": "fulfilled",
    "checked-in": "fulfilled",
    "fulfilled": "fulfilled",
    "cancelled": "cancelled",
    "entered-in-error": "cancelled",
    "noshow": "noshow",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What one resource tells. `drug`: the reference to the Medication that the supply is of."""

    subject: str = ""  # the reference to the patient
    events: tuple[Event, ...] = ()
    doubts: tuple[tuple[Doubt, str], ...] = ()  # with the element
    drug: str = ""


def reference(value: object) -> str:
    """What a Reference refers to; empty if it is only described."""
    told = node(value).get("reference")
    return told if isinstance(told, str) and len(told) <= 500 else ""


def _encounter(resource: Node, zone: tzinfo, _: str) -> Told:
    status = word(resource.get("status"))
    kinds = [*nodes(resource.get("class"))]
    code = next((c for one in kinds if (c := word(one.get("code")) or code_of(one))), "")
    stays = code in _INPATIENT
    if status != "finished" and not (stays and status in _STAYING):
        return Told()
    subject = reference(resource.get("subject"))
    period = node(resource.get("period"))
    begun = day(period.get("start"), zone)
    if begun is None:
        return Told(subject, doubts=(("date_unreadable", "period"),))
    if not stays:
        return Told(subject, (Encounter(begun),))
    ended = day(period.get("end"), zone) or begun
    count = min(max((ended - begun).days, 0) + 1, _LONGEST_STAY, (date.max - begun).days + 1)
    return Told(
        subject,
        tuple(Encounter(begun + timedelta(days=n), "inpatient") for n in range(count)),
    )


def _condition(resource: Node, zone: tzinfo, _: str) -> Told:
    verified = code_of(resource.get("verificationStatus"))
    if verified in _WRONG:
        return Told()
    subject = reference(resource.get("subject"))
    what = coded(resource.get("code"))
    if what is None:
        return Told(subject, doubts=(("code_missing", "code"),))
    abated = resource.get("abatementDateTime") or node(resource.get("abatementPeriod")).get("end")
    ended_on = day(abated, zone)
    is_over = code_of(resource.get("clinicalStatus")) in _OVER or ended_on is not None
    outcome: Outcome | None = "cured" if is_over else None
    told = Condition(
        what.code,
        what.system,
        icd10=what.icd10,
        name=what.name,
        suspected=verified in _SUSPECTED or what.name.endswith("の疑い"),
        started_on=_first_day(
            zone,
            resource.get("onsetDateTime"),
            node(resource.get("onsetPeriod")).get("start"),
            resource.get("recordedDate"),
        ),
        outcome=outcome,
        ended_on=ended_on,
    )
    return Told(subject, (told,))


def _procedure(resource: Node, zone: tzinfo, _: str) -> Told:
    if word(resource.get("status")) not in ("completed", ""):
        return Told()
    subject = reference(resource.get("subject"))
    what = coded(resource.get("code"))
    if what is None:
        return Told(subject, doubts=(("code_missing", "code"),))
    on = _first_day(
        zone,
        resource.get("performedDateTime"),
        node(resource.get("performedPeriod")).get("start"),
    )
    doubts: tuple[tuple[Doubt, str], ...] = (
        (("date_unreadable", "performed"),) if on is None else ()
    )
    told = Procedure(what.code, on, system=what.system, name=what.name)
    return Told(subject, (told,), doubts)


def _prescription(resource: Node, zone: tzinfo, _: str) -> Told:
    """A MedicationRequest. Its days are those of one fetching; each repeat allowed adds as many."""
    status, intent = word(resource.get("status")), word(resource.get("intent"))
    if status not in _PRESCRIBED or intent not in _ORDERS or resource.get("doNotPerform") is True:
        return Told()
    dispense = node(resource.get("dispenseRequest"))
    duration = dispense.get("expectedSupplyDuration")
    if duration is None:
        doses = nodes(resource.get("dosageInstruction"))[:1]
        repeat = [node(node(one.get("timing")).get("repeat")) for one in doses]
        duration = next((one.get("boundsDuration") for one in repeat), None)
    once = days(duration)
    repeats = number(dispense.get("numberOfRepeatsAllowed")) or 0
    total = once and int(min(once * (1 + max(repeats, 0)), MOST_DAYS))
    return _supply(resource, day(resource.get("authoredOn"), zone), total, "authoredOn", duration)


def _dispense(resource: Node, zone: tzinfo, _: str) -> Told:
    if word(resource.get("status")) not in ("completed", "in-progress", "stopped", ""):
        return Told()
    on = _first_day(zone, resource.get("whenHandedOver"), resource.get("whenPrepared"))
    duration = resource.get("daysSupply")
    return _supply(resource, on, days(_in_days(duration)), "whenHandedOver", duration)


def _in_days(duration: object) -> object:
    told = node(duration)
    # daysSupply is a bare quantity: its name says the unit.
    is_bare = "unit" not in told and "code" not in told
    return {**told, "code": "d"} if told and is_bare else told


def _supply(
    resource: Node, on: date | None, count: int | None, element: str, duration: object
) -> Told:
    subject = reference(resource.get("subject"))
    if on is None:
        return Told(subject, doubts=(("date_unreadable", element),))
    doubts: tuple[tuple[Doubt, str], ...] = ()
    if duration is not None and count is None:
        doubts = (("supply_days", "duration"),)
    what = coded(resource.get("medicationCodeableConcept"))
    drug = reference(resource.get("medicationReference"))
    if what is None and drug.startswith("#"):
        within = [o for o in nodes(resource.get("contained")) if o.get("id") == drug[1:]]
        what = next((c for one in within if (c := coded(one.get("code")))), None)
    if what is None and not drug:
        return Told(subject, doubts=(*doubts, ("code_missing", "medication")))
    known = what or Coded("", "local", "")
    told = Supply(known.code, on, count, known.system, known.name)
    return Told(subject, (told,), doubts, drug if what is None else "")


def _appointment(resource: Node, zone: tzinfo, key: str) -> Told:
    status = _APPOINTMENTS.get(word(resource.get("status")))
    if status is None:
        return Told()
    actors = [reference(one.get("actor")) for one in nodes(resource.get("participant"))[:100]]
    subject = next((one for one in actors if "Patient/" in one), "")
    # A urn:uuid does not say whom it means: whoever reads the whole file finds out.
    subject = subject or " ".join(one for one in actors if one.startswith("urn:"))
    starts_at, ends_at = instant(resource.get("start"), zone), instant(resource.get("end"), zone)
    if starts_at is None:
        return Told(subject, doubts=(("date_unreadable", "start"),))
    minutes = number(resource.get("minutesDuration"))
    duration: timedelta | None = None
    if minutes is not None and 0 < minutes <= 24 * 60:
        duration = timedelta(minutes=minutes)
    elif ends_at is not None and timedelta() < ends_at - starts_at <= timedelta(days=1):
        duration = ends_at - starts_at
    return Told(subject, (Booking(key, starts_at, status, duration),))


def _first_day(zone: tzinfo, *values: object) -> date | None:
    return next((found for value in values if (found := day(value, zone))), None)


_READERS: Mapping[str, Callable[[Node, tzinfo, str], Told]] = {
    "Encounter": _encounter,
    "Condition": _condition,
    "Procedure": _procedure,
    "MedicationRequest": _prescription,
    "MedicationDispense": _dispense,
    "Appointment": _appointment,
}
READ = frozenset(_READERS)


def tell(resource: Node, zone: tzinfo, key: str) -> Told:
    """What a resource of one of the types in READ says. `key` names a booking ever after."""
    return _READERS[str(resource["resourceType"])](resource, zone, key)
