"""What the table of routes is made of."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from aiohttp import web

from clinic.staff.types import Role

ADMIN = frozenset({Role.ADMIN})
DESK = frozenset({Role.ADMIN, Role.STAFF})
EXPERTS = frozenset({Role.ADMIN, Role.DOCTOR})
DOCTORS = frozenset({Role.DOCTOR})
ALL = frozenset(Role)
PUBLIC = None

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class NoRow(Exception):
    """A route that the table of routes does not know: nobody has said who may use it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One route, and who may use it. `roles` None: everybody, signed in or not.

    `by_person`: a request to it shows that somebody sits at the screen. False for what pages fetch
    by themselves. `files`: how many bytes a form with files may have; 0: it has none.
    `fresh`: who has a second step must have shown a code just now. `unfinished`: also for who must
    set a second step up first.
    """

    method: str
    path: str
    handler: Handler
    roles: frozenset[Role] | None
    by_person: bool = True
    files: int = 0
    fresh: bool = False
    unfinished: bool = False


def add_routes(app: web.Application, rows: Iterable[Row]) -> Mapping[tuple[str, str], Row]:
    """Give the application the routes of the table; the table by method and path."""
    table = {}
    for row in rows:
        resource = app.router.add_resource(row.path)
        resource.add_route(row.method, row.handler)
        if row.method == "GET":
            resource.add_route("HEAD", row.handler)
        table[row.method, resource.canonical] = row
    return table


def check_routes(app: web.Application, table: Mapping[tuple[str, str], Row]) -> None:
    """Raises NoRow if the application has a route that the table does not know."""
    for route in app.router.routes():
        method = "GET" if route.method == "HEAD" else route.method
        path = route.resource.canonical if route.resource else ""
        if (method, path) not in table:
            raise NoRow(f"{method} {path}")
