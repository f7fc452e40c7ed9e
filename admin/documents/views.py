"""Templates of documents: their versions, what they say, which are in use."""

from aiohttp import web

from admin.i18n import LANGUAGES
from admin.keys import DATABASE, SETTINGS
from admin.page import go_to, page, staff_of
from admin.table import EXPERTS
from clinic.document import rules, service
from clinic.document.types import KINDS, PLACEHOLDERS, TEXT_LENGTH, TITLE_LENGTH, Draft, Problem
from clinic.staff.access import documents as access

AT = "documents"  # the menu's entry
DONE = ("saved", "active", "retired")


async def listing(request: web.Request) -> web.Response:
    """All templates, by kind."""
    async with request.app[DATABASE].transaction() as tx:
        return await page(
            request,
            tx,
            "documents/templates/list.html",
            AT,
            templates=await service.templates(tx),
            kinds=KINDS,
            may_write=staff_of(request).role in EXPERTS,
        )


async def fill_up(request: web.Request) -> web.StreamResponse:
    """Put in the ready-made ones, as drafts."""
    async with request.app[DATABASE].transaction() as tx:
        await service.install_shipped(tx, request.app[SETTINGS].clinic.languages)
    return go_to("/documents")


async def new(request: web.Request) -> web.Response:
    """The form for a new one."""
    return await _show(request)


async def show(request: web.Request) -> web.Response:
    """One version: what it says, and what may be done with it."""
    return await _show(request)


async def save(request: web.Request) -> web.StreamResponse:
    """Write a new one, change a draft, or begin the next version of one that is in use."""
    form, languages = await request.post(), request.app[SETTINGS].clinic.languages

    def written(name: str) -> dict[str, str]:
        told = {tag: str(form.get(f"{name}-{tag}", "")) for tag in languages}
        return {tag: text.replace("\r\n", "\n").strip() for tag, text in told.items()}

    kind = next((one for one in KINDS if one == form.get("kind")), None)
    if kind is None:
        raise web.HTTPUnprocessableEntity
    texts = {tag: text for tag, text in written("text").items() if text}
    titles = {tag: title for tag, title in written("title").items() if tag in texts}
    fields = rules.read_fields(written("fields"))
    problem = fields if isinstance(fields, Problem) else None
    draft = Draft(kind, titles, texts, () if isinstance(fields, Problem) else fields)
    problem = problem or rules.problem_of(draft)
    if problem is not None:
        return await _show(request, problem=problem, draft=draft, typed=written("fields"))
    async with request.app[DATABASE].transaction() as tx:
        made = await access.access_save_template(tx, staff_of(request), _id(request), draft)
    if made is None:
        raise web.HTTPNotFound
    return go_to(f"/documents/templates/{made}?done=saved")


async def activate(request: web.Request) -> web.StreamResponse:
    """Take a draft into use; whoever does it says that it was checked."""
    if (await request.post()).get("checked") != "yes":
        raise web.HTTPUnprocessableEntity
    template = int(request.match_info["template"])
    async with request.app[DATABASE].transaction() as tx:
        if not await access.access_activate_template(tx, staff_of(request), template):
            raise web.HTTPConflict
    return go_to(f"/documents/templates/{template}?done=active")


async def retire(request: web.Request) -> web.StreamResponse:
    """Take a version out of use. Documents made from it stay."""
    template = int(request.match_info["template"])
    async with request.app[DATABASE].transaction() as tx:
        if not await access.access_retire_template(tx, staff_of(request), template):
            raise web.HTTPConflict
    return go_to(f"/documents/templates/{template}?done=retired")


async def _show(
    request: web.Request,
    problem: Problem | None = None,
    draft: Draft | None = None,
    typed: dict[str, str] | None = None,
) -> web.Response:
    number, languages = _id(request), request.app[SETTINGS].clinic.languages
    async with request.app[DATABASE].transaction() as tx:
        template = await service.find_template(tx, number) if number else None
        if number and template is None:
            raise web.HTTPNotFound
        draft = draft or (template.draft if template else Draft("certificate", {}, {}))
        return await page(
            request,
            tx,
            "documents/templates/template.html",
            AT,
            status=422 if problem else 200,
            one=template,
            draft=draft,
            fields=typed or {tag: rules.written_fields(draft.fields, tag) for tag in languages},
            shown={
                tag: rules.blocks_of(draft.texts[tag]) for tag in LANGUAGES if tag in draft.texts
            },
            kinds=KINDS,
            places=PLACEHOLDERS,
            problem=problem,
            limit=TEXT_LENGTH,
            title_limit=TITLE_LENGTH,
            may_write=staff_of(request).role in EXPERTS,
            done=next((one for one in DONE if one == request.query.get("done")), None),
        )


def _id(request: web.Request) -> int | None:
    number = request.match_info.get("template")
    return int(number) if number else None
