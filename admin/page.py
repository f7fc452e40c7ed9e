"""Turns a template into the answer to a request, in the reader's language."""

import logging
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from aiohttp import web

from admin.assets import icon, static
from admin.i18n import LANGUAGES, OWN_NAMES, Speech, accepted, choose
from admin.keys import DATABASE, SESSION, SETTINGS, TABLE
from admin.menu import MENU, in_settings, menu_of, pages_of, place
from admin.table import Handler
from clinic.db import COLLISIONS, Tx
from clinic.errors import DatabaseDown
from clinic.installation.service import muted
from clinic.installation.types import Muted
from clinic.staff.access.alarm import Alarm, access_alarm
from clinic.staff.access.emergency import Emergency, access_emergencies
from clinic.staff.access.tasks import Counts, access_counts
from clinic.staff.types import Staff

log = logging.getLogger(__name__)
FOLDER = Path(__file__).parent
WORDS_LENGTH = 200  # of what is typed into a search


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the top of every page shows: the badges of the menu and the alarm."""

    counts: Counts
    alarm: Alarm
    emergencies: tuple[Emergency, ...] = ()  # what a doctor has opened for an hour
    muted: Muted | None = None  # this is a copy, from which nothing goes out

    @property
    def mark(self) -> str:
        """Names this state of the menu and, after the dot, of the alarm."""
        one = self.counts
        badges = (one.queued, one.mine, one.tasks, one.escalations, one.alarms)
        return f"{'-'.join(map(str, badges))}.{self.alarm_mark}"

    @property
    def alarm_mark(self) -> str:
        """Names this state of the alarm."""
        return f"{self.alarm.count}-{self.alarm.newest}-{self.alarm.since}"


_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(FOLDER),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals.update(static=static, icon=icon, languages=OWN_NAMES)


def staff_of(request: web.Request) -> Staff:
    """Who is acting. Only for routes that are not public."""
    return request[SESSION].staff


def speech_of(request: web.Request) -> Speech:
    """The language that the person chose, else the browser's, else the clinic's first."""
    session = request.get(SESSION)
    wanted = accepted(request.headers.get("Accept-Language", ""))
    first = request.app[SETTINGS].clinic.languages[0]
    return choose([session.staff.language if session else None, *wanted], first)


def is_partial(request: web.Request) -> bool:
    """Whether a page's script asks for a part of it, rather than the browser for a page."""
    return request.headers.get("HX-Request") == "true"


async def words_of(request: web.Request) -> str:
    """What was typed into a search; "" where a page is only opened.

    The words are posted, so that no address, no browser's history and no log of addresses tells
    of a patient.
    """
    if request.method != "POST":
        return ""
    return str((await request.post()).get("q", ""))[:WORDS_LENGTH]


async def page(
    request: web.Request, tx: Tx, template: str, at: str, *, status: int = 200, **values: Any
) -> web.Response:
    """A whole page with the menu; `at` is the menu's entry, if the address does not tell it. In the
    transaction of what it shows."""
    at, top = place(request.path, at), await _waiting(request, tx)
    return part(request, template, status=status, at=at, top=top, **values)


def part(
    request: web.Request,
    template: str,
    *,
    status: int = 200,
    top: Waiting | None = None,
    **values: Any,
) -> web.Response:
    """A template as an answer. `top` only if it has the menu."""
    session = request.get(SESSION)
    settings = request.app[SETTINGS]
    if session is not None and top is not None:
        role, table = session.staff.role, request.app[TABLE]
        values |= {"menu": menu_of(MENU, role, table), "pages": pages_of(role, table)}
        values["at_settings"] = in_settings(str(values.get("at", "")))
    html = _templates.get_template(template).render(
        t=speech_of(request),
        clinic=settings.clinic,
        zone=settings.clinic.time_zone,
        staff=session.staff if session else None,
        csrf=session.csrf_token if session else "",
        secured=session.secured if session else True,
        top=top,
        here=request.rel_url.path_qs if request.method in ("GET", "HEAD") else "/",
        **values,
    )
    return web.Response(text=html, status=status, content_type="text/html")


def go_to(path: str) -> web.Response:
    """Send the browser to another page of ours, after a form."""
    return web.Response(status=303, headers={"Location": path})


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error as a page that says what to do next."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _error(request, error.status, error.reason)
    except DatabaseDown:
        return _error(request, 503, "")
    except COLLISIONS:  # an import may hold a record for as long as it works
        return _error(request, 409, "")
    except Exception as error:
        # The exception's own words could be a patient's; where it happened is enough to find it.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("admin request failed: %s\n%s", type(error).__name__, where)
        return _error(request, 500, "")


def _error(request: web.Request, status: int, reason: str) -> web.Response:
    words = speech_of(request)
    name = f"{status}_{reason}" if status == 403 else str(status)
    key = name if f"error.{name}.title" in words else "other"
    response = part(request, "templates/error.html", status=status, key=key)
    if is_partial(request):
        if status == 401:  # the screen must not go on showing patients
            response.headers["HX-Redirect"] = "/sign-in"
        else:
            response = part(request, "templates/notice.html", status=status, key=key)
            response.headers["HX-Retarget"] = "#notice"
            response.headers["HX-Reswap"] = "innerHTML"
    return response


async def waiting(request: web.Request) -> Waiting:
    """What the top of every page shows now."""
    async with request.app[DATABASE].transaction() as tx:
        return await _waiting(request, tx)


async def _waiting(request: web.Request, tx: Tx) -> Waiting:
    staff = staff_of(request)
    counts, alarm = await access_counts(tx, staff), await access_alarm(tx, staff)
    return Waiting(counts, alarm, await access_emergencies(tx, staff), await muted(tx))


def is_language(tag: str) -> bool:
    """Whether the panel speaks a language (BCP 47)."""
    return tag in LANGUAGES
