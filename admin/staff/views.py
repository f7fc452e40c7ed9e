"""Accounts of staff, for admins."""

from aiohttp import web

from admin.keys import DATABASE
from admin.page import go_to, page, staff_of
from admin.security import is_https
from clinic.staff import service
from clinic.staff.rules import LINK_LIFE
from clinic.staff.types import Role, StaffProblem


async def listing(request: web.Request) -> web.Response:
    """All accounts."""
    return await _show(request)


async def add(request: web.Request) -> web.StreamResponse:
    """Make an account. A link lets its owner in for the first time."""
    form = await request.post()
    role = _role(str(form.get("role")))
    async with request.app[DATABASE].transaction() as tx:
        made = await service.add_staff(tx, str(form.get("name", "")), role, by=staff_of(request))
    if isinstance(made, StaffProblem):
        return await _show(request, status=422, problem=made)
    return go_to("/staff")


async def link(request: web.Request) -> web.Response:
    """A sign-in link to give to somebody, shown once."""
    staff_id = int(request.match_info["staff"])
    async with request.app[DATABASE].transaction() as tx:
        token = await service.make_sign_in_link(tx, staff_id, by=staff_of(request))
    if token is None:
        raise web.HTTPNotFound
    scheme = "https" if is_https(request) else "http"  # behind a proxy ours is always http
    url = request.url.origin().with_scheme(scheme).with_path("/sign-in").with_query(token=token)
    return await _show(request, url=str(url), of=staff_id)


async def disable(request: web.Request) -> web.StreamResponse:
    """Close an account, or open it again."""
    disabled = (await request.post()).get("disabled") == "yes"
    async with request.app[DATABASE].transaction() as tx:
        done = await service.set_disabled(
            tx, int(request.match_info["staff"]), disabled, by=staff_of(request)
        )
    if not done:
        raise web.HTTPConflict
    return go_to("/staff")


async def role(request: web.Request) -> web.StreamResponse:
    """Give an account another role; its browsers are signed out."""
    wanted = _role(str((await request.post()).get("role")))
    async with request.app[DATABASE].transaction() as tx:
        done = await service.set_role(
            tx, int(request.match_info["staff"]), wanted, by=staff_of(request)
        )
    if not done:
        raise web.HTTPConflict
    return go_to("/staff")


async def reset(request: web.Request) -> web.StreamResponse:
    """Take password and second step of an account away; its owner needs a link to come back."""
    async with request.app[DATABASE].transaction() as tx:
        done = await service.reset_second_step(
            tx, int(request.match_info["staff"]), by=staff_of(request)
        )
    if not done:
        raise web.HTTPNotFound
    return go_to("/staff")


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise web.HTTPUnprocessableEntity from None


async def _show(
    request: web.Request,
    *,
    status: int = 200,
    problem: StaffProblem | None = None,
    url: str | None = None,
    of: int | None = None,
) -> web.Response:
    async with request.app[DATABASE].transaction() as tx:
        return await page(
            request,
            tx,
            "staff/templates/list.html",
            "staff",
            status=status,
            rows=await service.access_staff(tx, staff_of(request)),
            roles=list(Role),
            problem=problem,
            url=url,
            of=of,
            minutes=int(LINK_LIFE.total_seconds() // 60),
        )
