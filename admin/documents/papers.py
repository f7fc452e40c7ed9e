"""Documents of patients: filled in, looked at, issued, sent, voided."""

import asyncio

from aiohttp import web

from admin.documents.filling import NO_NUMBER, Chosen, values_of
from admin.documents.views import AT
from admin.i18n import LANGUAGES
from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, speech_of, staff_of
from bot.documents import send_document
from clinic.db import Tx
from clinic.document import rules, service
from clinic.document.types import PLACEHOLDERS, VALUE_LENGTH, Filled, Template
from clinic.staff.access import documents as access

DONE = ("issued", "sent", "void")


async def of_patient(request: web.Request) -> web.Response:
    """The documents of a patient, and the templates for a new one."""
    patient = int(request.match_info["patient"])
    async with request.app[DATABASE].transaction() as tx:
        found = await access.access_documents(tx, request.app[KEYS], staff_of(request), patient)
        if found is None:
            raise web.HTTPNotFound
        name, documents = found
        return await page(
            request,
            tx,
            "documents/templates/patient.html",
            "patients",
            patient=patient,
            name=name,
            documents=documents,
            templates=[one for one in await service.templates(tx) if one.status == "active"],
        )


async def form(request: web.Request) -> web.Response:
    """The form that fills a template in for a patient."""
    async with request.app[DATABASE].transaction() as tx:
        return await _fill(request, tx, issuing=False)


async def fill(request: web.Request) -> web.StreamResponse:
    """Look at what comes of it, or issue it."""
    async with request.app[DATABASE].transaction() as tx:
        issuing = (await request.post()).get("do") == "issue"
        return await _fill(request, tx, issuing=issuing)


async def show(request: web.Request) -> web.Response:
    """One document: what it says, whether it was sent and read, what was answered."""
    async with request.app[DATABASE].transaction() as tx:
        return await _show(request, tx)


async def as_pdf(request: web.Request) -> web.Response:
    """The PDF as it was issued."""
    async with request.app[DATABASE].transaction() as tx:
        found = await access.access_pdf(tx, request.app[KEYS], staff_of(request), _id(request))
    if found is None:
        raise web.HTTPNotFound
    return _pdf(found[1], found[0].number)


async def answer_as_pdf(request: web.Request) -> web.Response:
    """The PDF that tells of one answer."""
    reply = int(request.match_info["reply"])
    async with request.app[DATABASE].transaction() as tx:
        body = await access.access_answer_pdf(
            tx, request.app[KEYS], staff_of(request), _id(request), reply
        )
    if body is None:
        raise web.HTTPNotFound
    return _pdf(body, f"{_id(request)}-{reply}")


async def send(request: web.Request) -> web.StreamResponse:
    """Write to the patient that it is there; a consent is asked for."""
    app, staff = request.app, staff_of(request)
    async with app[DATABASE].transaction() as tx:
        found = await access.access_document(tx, app[KEYS], staff, _id(request), lock=True)
        if found is None:
            raise web.HTTPNotFound
        why = await send_document(tx, app[KEYS], app[SETTINGS], staff, found)
    done = "?done=sent" if why is None else f"?why={why}"
    return go_to(f"/documents/{_id(request)}{done}")


async def void(request: web.Request) -> web.StreamResponse:
    """Say that it holds no more, and why."""
    why = str((await request.post()).get("reason", ""))
    async with request.app[DATABASE].transaction() as tx:
        done = await access.access_void(tx, request.app[KEYS], staff_of(request), _id(request), why)
    if done is None:
        raise web.HTTPNotFound
    if not done:
        raise web.HTTPUnprocessableEntity
    return go_to(f"/documents/{_id(request)}?done=void")


async def _fill(request: web.Request, tx: Tx, *, issuing: bool) -> web.Response:
    app, staff, posted = request.app, staff_of(request), await request.post()
    settings, keys = app[SETTINGS], app[KEYS]
    patient = int(request.match_info["patient"])
    facts = await access.access_facts(tx, keys, settings.clinic.time_zone, staff, patient)
    template = await service.find_template(tx, int(request.match_info["template"]))
    if facts is None or template is None or template.status != "active":
        raise web.HTTPNotFound
    language = _language(
        template,
        str(posted.get("language") or request.query.get("language", "")),
        facts.language or settings.clinic.languages[0],
    )
    title, text = template.draft.titles[language], template.draft.texts[language]
    asked = rules.places(f"{title}\n{text}")
    doctor = str(posted.get("practitioner", facts.own_practitioner or ""))
    chosen = Chosen(
        int(doctor) if doctor.isascii() and doctor.isdigit() and len(doctor) < 19 else None,
        [str(one) for one in posted.getall("diagnoses", [])],
        {name: str(posted.get(f"place-{name}", ""))[:VALUE_LENGTH] for name in asked},
    )
    filled = rules.fill(template.draft, language, values_of(facts, settings, language, chosen))
    whole = not filled.empty and not filled.unknown
    if issuing and whole:
        reserved = await service.reserve(tx, facts.now.year)
        values = values_of(facts, settings, language, chosen, reserved[1])
        content = rules.fill(template.draft, language, values).content
        clinic = settings.clinic.name
        from clinic.document.drawing import draw  # what draws is loaded when something is drawn

        pdf = await asyncio.to_thread(draw, content, reserved[1], clinic)
        if not await access.access_issue(
            tx, keys, staff, patient, template, reserved, content, pdf
        ):
            raise web.HTTPConflict
        return go_to(f"/documents/{reserved[0]}?done=issued")
    bare = values_of(facts, settings, language, Chosen())
    own = {one.name: one for one in template.draft.fields}
    return await page(
        request,
        tx,
        "documents/templates/fill.html",
        "patients",
        status=422 if issuing else 200,
        facts=facts,
        one=template,
        language=language,
        languages_of=[tag for tag in LANGUAGES if tag in template.draft.texts],
        chosen=chosen,
        fields=[own[name] for name in asked if name in own],
        by_hand=[
            name
            for name in asked
            if name in PLACEHOLDERS
            and name not in ("practitioner", "diagnoses")
            and name not in bare
        ],
        asks_practitioner="practitioner" in asked,
        asks_diagnoses="diagnoses" in asked,
        looked=request.method == "POST",
        filled=filled,
        lacks=_names(request, filled, template, language),
        number=NO_NUMBER,
        most=VALUE_LENGTH,
    )


def _names(request: web.Request, filled: Filled, template: Template, language: str) -> list[str]:
    """What the places that have no value are called."""
    t = speech_of(request)
    own = {one.name: one.labels for one in template.draft.fields}
    return [
        t(f"documents.place.{name}") if name in PLACEHOLDERS else own[name].get(language, name)
        for name in filled.empty
    ]


async def _show(request: web.Request, tx: Tx) -> web.Response:
    keys = request.app[KEYS]
    found = await access.access_document(tx, keys, staff_of(request), _id(request))
    if found is None:
        raise web.HTTPNotFound
    name, content, answers, note = await access.access_document_details(tx, keys, found)
    why = request.query.get("why", "")
    return await page(
        request,
        tx,
        "documents/templates/document.html",
        AT,
        one=found,
        name=name,
        content=content,
        answers=answers,
        note=note,
        done=next((one for one in DONE if one == request.query.get("done")), None),
        why=why if f"left_out_{why}" in speech_of(request) else None,
    )


def _language(template: Template, wanted: str, otherwise: str) -> str:
    texts = template.draft.texts
    return next((one for one in (wanted, otherwise, "en") if one in texts), next(iter(texts)))


def _pdf(body: bytes, name: str) -> web.Response:
    return web.Response(
        body=body,
        headers={
            "Content-Type": "application/pdf",
            "Content-Disposition": f'attachment; filename="document-{name}.pdf"',
        },
    )


def _id(request: web.Request) -> int:
    return int(request.match_info["document"])
