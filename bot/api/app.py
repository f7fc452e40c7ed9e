"""What the public process serves to programs: the API, FHIR and calendar feeds."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import orjson
from aiohttp import web

from bot.api import calendar
from bot.api.fhir import table as fhir
from bot.api.fhir.manner import Fhir
from bot.api.openapi import BASE, document
from bot.api.route import Route
from bot.api.serve import MOST_AT_ONCE, Handler, Manner, Plain, Server
from bot.api.table import ROUTES
from bot.environment import Environment

_UUID = r"{id:[0-9A-Fa-f-]{36}}"
_FHIR_ID = r"{id:[A-Za-z0-9.-]{1,64}}"  # FHIR's type `id`
SINCE = "2026-11-22"  # the FHIR interface is as it is


def mount(app: web.Application, env: Environment, nudge: Callable[[int], None]) -> None:
    """Add everything to the public application. `nudge`: an account has a message."""
    room = asyncio.Semaphore(MOST_AT_ONCE)
    # A word of a path is never taken for an id: what may not be done with it is a 405, no 404.
    uuids = [replace(route, path=route.path.replace("{id}", _UUID)) for route in ROUTES]
    api = _application(env, nudge, Plain(), room, uuids)
    release = version("kayoi")
    api.router.add_get("/openapi.json", _fixed(document(ROUTES, release), Plain.media_type))
    app.add_subapp(BASE, api)
    ids = [replace(route, path=route.path.replace("{id}", _FHIR_ID)) for route in fhir.ROUTES]
    read = _application(env, nudge, Fhir(), room, ids)
    told = fhir.capabilities(release, SINCE)
    read.router.add_get("/metadata", _fixed(told, Fhir.media_type))
    app.add_subapp(fhir.BASE, read)
    app.router.add_get("/calendar/{token}.ics", calendar.handler(env))


def _fixed(content: dict[str, Any], media_type: str) -> Handler:
    """A document that says the same to everybody."""
    body = orjson.dumps(content)

    async def tell(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type=media_type)

    return tell


def _application(
    env: Environment,
    nudge: Callable[[int], None],
    manner: Manner,
    room: asyncio.Semaphore,
    routes: Sequence[Route],
) -> web.Application:
    server = Server(env, nudge, manner, room)
    app = web.Application(middlewares=[server.middleware])
    for path in dict.fromkeys(route.path for route in routes):
        resource = app.router.add_resource(path)
        for route in routes:
            if route.path == path:
                handler = server.handler(route)
                resource.add_route(route.method, handler)
                if route.method == "GET":
                    resource.add_route("HEAD", handler)
    return app
