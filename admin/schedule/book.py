"""Booking by hand: who, what, with whom and when, on one form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, is_partial, page, part, speech_of, staff_of, words_of
from admin.schedule.look import read_id, read_wall
from admin.schedule.visits import tell
from admin.settings.shown import actor_of, posted
from clinic.booking.desk import NotSo, Wish
from clinic.booking.rota import site_of
from clinic.booking.search import list_practitioners, list_services
from clinic.booking.types import Visit
from clinic.db import Tx
from clinic.record.edit import Fault, read_fields
from clinic.staff.access.calendar import (
    NOBODY,
    NOTE_LENGTH,
    access_add_patient,
    access_alike,
    access_book,
    seen_practitioner,
)
from clinic.staff.access.patients import PatientFound, access_patient, access_patients
from clinic.staff.access.visits import today
from clinic.staff.rules import sees_all_patients

NEW = "new"
FIELDS = ("name", "kana", "phone", "birth_on", "sex", "language")


@dataclass(frozen=True, slots=True)
class _Problem:
    """Why nothing was booked; `alternatives` as the form's field `pick` takes them."""

    reason: str
    alternatives: tuple[Any, ...] = ()
    faults: tuple[Fault, ...] = ()
    alike: tuple[PatientFound, ...] = ()


class _NotBooked(Exception):
    """Nothing of the form stays; `problem` is what to say."""

    def __init__(self, problem: _Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


async def ask(request: web.Request) -> web.Response:
    """The form, with what was pointed at in the calendar; or the patients that are searched for."""
    async with request.app[DATABASE].transaction() as tx:
        words, values = await words_of(request), {**request.query, **await posted(request)}
        values["q"] = words
        found = await access_patients(tx, request.app[KEYS], staff_of(request), words)
        if is_partial(request):
            return part(
                request,
                "schedule/templates/who.html",
                found=found,
                q=words,
                chosen=values.get("patient", ""),
            )
        chosen = read_id(values.get("patient", ""))
        if chosen and not found:  # from a patient's record
            one = await access_patient(tx, staff_of(request), chosen)
            found = [one] if one else []
        at = read_wall(values.pop("at", ""))
        if at is not None:
            values |= {"date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M}"}
        return await _form(request, tx, values, found=found)


async def book(request: web.Request) -> web.StreamResponse:
    """Book, and tell the patient."""
    values = await posted(request)
    try:
        async with request.app[DATABASE].transaction() as tx:
            visit = await _book(request, tx, values)
            told = await tell(request, tx, visit, "booked")
    except _NotBooked as error:  # a new patient went with the transaction
        async with request.app[DATABASE].transaction() as tx:
            return await _form(request, tx, values, problem=error.problem)
    return go_to(f"/calendar?on={visit.starts_at:%Y-%m-%d}&done=booked{'' if told else '&call'}")


async def _book(request: web.Request, tx: Tx, values: Mapping[str, str]) -> Visit:
    """The booked visit. Raises _NotBooked."""
    wish, service_id = await _wish(tx, values), read_id(values.get("service", ""))
    if wish is None or service_id is None:
        raise _NotBooked(_Problem("incomplete"))
    patient = await _patient(request, tx, values)
    outcome = await access_book(
        tx,
        staff_of(request),
        actor_of(request),
        service_id,
        patient,
        wish,
        values.get("note", ""),
    )
    if outcome is None:
        raise web.HTTPNotFound
    if isinstance(outcome, NotSo):
        raise _NotBooked(_Problem(outcome.reason, outcome.alternatives))
    return outcome


async def _wish(tx: Tx, values: Mapping[str, str]) -> Wish | None:
    pick = values.get("pick", "").split("|")
    if len(pick) == 3:
        words, who, site = pick
    else:
        words = f"{values.get('date', '')}T{values.get('time', '')}"
        who, site = values.get("practitioner", ""), values.get("site", "")
    at, practitioner = read_wall(words), read_id(who)
    if at is None or practitioner is None:
        return None
    place = read_id(site) or await site_of(tx, practitioner, at, 0)
    return Wish(place, practitioner, at, read_id(values.get("room", "")) or None)


async def _patient(request: web.Request, tx: Tx, values: Mapping[str, str]) -> int:
    """The chosen patient, or the new one that was typed. Raises _NotBooked."""
    if values.get("patient") != NEW and (values.get("patient") or not values.get("new.name")):
        chosen = read_id(values.get("patient", ""))
        if chosen is None:
            raise _NotBooked(_Problem("nobody"))
        return chosen
    keys, staff, clinic = request.app[KEYS], staff_of(request), request.app[SETTINGS].clinic
    typed = {name: values.get(f"new.{name}", "") for name in FIELDS}
    on = await today(tx, clinic.time_zone)
    fields = read_fields(typed, clinic.country, clinic.languages, on)
    if isinstance(fields, list):
        raise _NotBooked(_Problem("faults", faults=tuple(fields)))
    if "sure" not in values and (alike := await access_alike(tx, keys, staff, fields)):
        found = [await access_patient(tx, staff, one) for one in alike]
        raise _NotBooked(_Problem("alike", alike=tuple(one for one in found if one is not None)))
    made = await access_add_patient(tx, keys, staff, fields)
    if made is None:
        raise web.HTTPForbidden(reason="role")
    if isinstance(made, Fault):
        raise _NotBooked(_Problem("faults", faults=(made,)))
    return made


async def _form(
    request: web.Request,
    tx: Tx,
    values: Mapping[str, str],
    *,
    found: list[PatientFound] | None = None,
    problem: _Problem | None = None,
) -> web.Response:
    staff, language = staff_of(request), speech_of(request).language
    chosen = values.get("patient") or (NEW if values.get("new.name") else "")
    if found is None:
        found = list(problem.alike) if problem else []
        one = await access_patient(tx, staff, read_id(chosen) or NOBODY)
        found += [one] if one else []
    own = await seen_practitioner(tx, staff, None)
    services = await list_services(tx, language)
    people: dict[int, str] = {}
    for service in services:
        for who in await list_practitioners(tx, service.id, language):
            if own in (None, who.id):
                people[who.id] = who.name
    return await page(
        request,
        tx,
        "schedule/templates/book.html",
        "schedule",
        status=422 if problem else 200,
        values=values,
        found=found,
        q=values.get("q", ""),
        chosen=chosen,
        problem=problem,
        services=services,
        people=sorted(people.items(), key=lambda one: one[1]),
        may_add=sees_all_patients(staff.role),
        note_length=NOTE_LENGTH,
        new_fields=FIELDS,
    )
