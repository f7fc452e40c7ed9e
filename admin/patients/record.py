"""The record page of one patient, and what staff change on it."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from aiohttp import web

from admin.i18n import LANGUAGES, OWN_NAMES, Speech
from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, is_partial, page, part, speech_of, staff_of
from admin.patients.timeline import first_page
from clinic.booking.search import in_language
from clinic.db import Tx
from clinic.patient.types import SEXES
from clinic.policy.types import CHAIN, PURPOSES
from clinic.record.edit import EDITED, FLAGS, Fault
from clinic.record.summary import SHOWN
from clinic.record.types import MEMBERSHIPS, NOTE_KINDS, Coded, Erased
from clinic.staff.access.cards import access_cards
from clinic.staff.access.contacts import access_contacts
from clinic.staff.access.record_deeds import access_askable, access_others
from clinic.staff.access.records import (
    SEALED,
    Sealed,
    Shown,
    Standing,
    access_add_note,
    access_edit,
    access_end_note,
    access_flag,
    access_record,
    access_reveal,
    access_tag,
)
from clinic.staff.access.wishes import HEARD, access_wishes
from clinic.staff.types import Role

AT = "patients"  # the menu's entry
DONE = (
    *("edited", "tagged", "untagged", "noted", "ended", "flagged", "unflagged"),
    *("allowed", "disallowed", "unlinked"),
)
CONTACT = ("phone", "email", "address")  # typed anew in the form, never shown in it
_DOTS = "••••"


async def show(request: web.Request) -> web.StreamResponse:
    """Everything that is known of one patient, on one page."""
    async with request.app[DATABASE].transaction() as tx:
        return await shown(request, tx)


async def phone(request: web.Request) -> web.StreamResponse:
    """The patient's number in full, to be called."""
    async with request.app[DATABASE].transaction() as tx:
        number = await access_reveal(
            tx, request.app[KEYS], staff_of(request), _id(request), "phone"
        )
    if not number:
        raise web.HTTPNotFound
    return part(request, "tasks/templates/number.html", number=number)


async def reveal(request: web.Request) -> web.StreamResponse:
    """One masked field in full."""
    posted = await request.post()
    field = next((one for one in SEALED if one == posted.get("field")), None)
    if field is None:
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        value = await access_reveal(tx, request.app[KEYS], staff_of(request), _id(request), field)
        if value is None:
            raise web.HTTPNotFound
        if is_partial(request):
            return part(request, "patients/templates/revealed.html", field=field, value=value)
        return await shown(request, tx, revealed={field: value})


async def form(request: web.Request) -> web.StreamResponse:
    """The form for identity, contact and membership."""
    async with request.app[DATABASE].transaction() as tx:
        return await _form(request, tx)


async def save(request: web.Request) -> web.StreamResponse:
    """Write what the form says."""
    posted = await request.post()
    fields = {name: str(posted[name]) for name in EDITED if name in posted}
    for name in CONTACT:
        if not fields.get(name, "").strip() and posted.get(f"clear_{name}") != "yes":
            fields.pop(name, None)
    async with request.app[DATABASE].transaction() as tx:
        faults = await access_edit(
            tx,
            request.app[KEYS],
            request.app[SETTINGS],
            staff_of(request),
            _id(request),
            fields,
        )
        if faults is None:
            raise web.HTTPNotFound
        if faults:
            return await _form(request, tx, fields, faults)
    return go_to(f"/patients/{_id(request)}?done=edited")


async def flag(request: web.Request) -> web.StreamResponse:
    """Note that the patient died, or moved, or take that back."""
    posted = await request.post()
    which = next((one for one in FLAGS if one == posted.get("flag")), None)
    on = _day(str(posted.get("on", "")))
    if which is None or posted.get("confirm") != "yes" or (on is None and "on" in posted):
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        made = await access_flag(
            tx, request.app[SETTINGS], staff_of(request), _id(request), which, on
        )
    if made is None:
        raise web.HTTPNotFound
    if isinstance(made, Fault):
        raise web.HTTPUnprocessableEntity
    done = f"flagged&n={made}" if on else "unflagged"
    return go_to(f"/patients/{_id(request)}?done={done}")


async def tag(request: web.Request) -> web.StreamResponse:
    """Put a word on the patient, or take it off."""
    posted = await request.post()
    add = posted.get("remove") != "yes"
    async with request.app[DATABASE].transaction() as tx:
        done = await access_tag(
            tx, staff_of(request), _id(request), str(posted.get("tag", "")), add=add
        )
    return _back(request, done, "tagged" if add else "untagged", "tags")


async def note(request: web.Request) -> web.StreamResponse:
    """Write an allergy or a note for visits."""
    posted = await request.post()
    kind = next((one for one in NOTE_KINDS if one == posted.get("kind")), None)
    if kind is None:
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        done = await access_add_note(
            tx,
            request.app[KEYS],
            staff_of(request),
            _id(request),
            kind,
            str(posted.get("note", "")),
        )
    return _back(request, done, "noted", "notes")


async def end_note(request: web.Request) -> web.StreamResponse:
    """Say that a note holds no more."""
    note_id = int(request.match_info["note"])
    async with request.app[DATABASE].transaction() as tx:
        done = await access_end_note(tx, staff_of(request), _id(request), note_id)
    return _back(request, done, "ended", "notes")


async def shown(
    request: web.Request, tx: Tx, *, revealed: dict[str, str] | None = None
) -> web.StreamResponse:
    """The record page, or what is left of an erased patient."""
    settings, speech = request.app[SETTINGS], speech_of(request)
    found = await access_record(tx, request.app[KEYS], settings, staff_of(request), _id(request))
    match found:
        case None:
            raise web.HTTPNotFound
        case int():
            return go_to(f"/patients/{found}")
        case Erased():
            return await page(request, tx, "patients/templates/erased.html", AT, erased=found)
        case Shown(record, standings, doubts):
            happened = await first_page(request, tx)
            assert happened is not None
            return await page(
                request,
                tx,
                "patients/templates/record.html",
                AT,
                **happened,
                cards=await access_cards(
                    tx, request.app[KEYS], staff_of(request), [record.person.id]
                ),
                others=await access_others(tx, staff_of(request), record.person.id),
                askable=await access_askable(tx, staff_of(request), record.person.id),
                record=record,
                person=record.person,
                standings=[(one, _why(speech, one)) for one in standings],
                doubts=doubts,
                sealed=[
                    (name, mask(name, getattr(record.person, name)), (revealed or {}).get(name))
                    for name in SEALED
                ],
                coded=lambda what: coded(speech, what),
                day=lambda at: speech.day(at.astimezone(ZoneInfo(settings.clinic.time_zone))),
                words=lambda names: in_language(names, speech.language) if names else "",
                group=lambda names: names.get(speech.language) or names.get("en", ""),
                languages=OWN_NAMES,
                note_kinds=NOTE_KINDS,
                letters=await access_contacts(
                    tx, request.app[KEYS], staff_of(request), _id(request)
                ),
                wishes=await access_wishes(tx, staff_of(request), _id(request)),
                channels=CHAIN,
                purposes=PURPOSES,
                heard_ways=HEARD,
                most=SHOWN,
                may_edit=staff_of(request).role is not Role.DOCTOR,
                is_admin=staff_of(request).role is Role.ADMIN,
                today=await tx.fetchval(
                    "select (now() at time zone $1)::date", settings.clinic.time_zone
                ),
                done=next((one for one in DONE if one == request.query.get("done")), None),
                stopped=_number(request.query.get("n", "")),
            )


def mask(field: Sealed, value: str) -> str:
    """As much of a field as tells staff that it is the one they mean."""
    if not value:
        return ""
    if field == "email":
        name, _, domain = value.partition("@")
        return f"{name[:1]}{_DOTS}@{domain}"
    if field in ("phone", "insured"):
        return f"{_DOTS}{value[-4:] if field == 'phone' else value[-2:]}"
    return _DOTS


def coded(speech: Speech, what: Coded) -> str:
    """What a code means, or that nobody here knows."""
    return what.name or speech("record.unknown_code", code=what.code)


def _why(speech: Speech, one: Standing) -> str:
    values: dict[str, object] = {"group": one.name.get(speech.language) or one.group}
    if one.reason.n is not None:
        values["n"] = one.reason.n
    if one.reason.on is not None:
        values["on"] = speech.day(one.reason.on)
    return speech(f"lapse_reason_{one.reason.key}", **values)


async def _form(
    request: web.Request,
    tx: Tx,
    typed: dict[str, str] | None = None,
    faults: Sequence[Fault] = (),
) -> web.Response:
    settings = request.app[SETTINGS]
    found = await access_record(tx, request.app[KEYS], settings, staff_of(request), _id(request))
    if not isinstance(found, Shown):
        raise web.HTTPNotFound
    person = found.record.person
    values: dict[str, Any] = {
        name: "" if name in CONTACT else getattr(person, name) or "" for name in EDITED
    }
    return await page(
        request,
        tx,
        "patients/templates/edit.html",
        AT,
        status=422 if faults else 200,
        person=person,
        values=values | (typed or {}),
        masks={name: mask(name, getattr(person, name)) for name in SEALED},
        faults=faults,
        sexes=SEXES,
        memberships=MEMBERSHIPS,
        spoken={tag: OWN_NAMES[tag] for tag in LANGUAGES if tag in settings.clinic.languages},
        zones=sorted(zone for zone in available_timezones() if "/" in zone),
        clinic_zone=settings.clinic.time_zone,
    )


def _back(request: web.Request, done: bool | None, word: str, place: str) -> web.StreamResponse:
    if done is None:
        raise web.HTTPNotFound
    said = f"?done={word}" if done else ""
    return go_to(f"/patients/{_id(request)}{said}#{place}")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _id(request: web.Request) -> int:
    return int(request.match_info["patient"])
