"""The staff's application, for a port of its own."""

from collections.abc import Mapping

from aiohttp import web

from admin.assets import assets
from admin.i18n import LANGUAGES, speech
from admin.keys import ACCOUNTS, CHANNELS, DATABASE, KEYS, LIVE, LIVE_SETTINGS, SETTINGS, TABLE
from admin.live import Live
from admin.page import errors
from admin.ringing import BELL, ring
from admin.routes import ROUTES
from admin.security import add_headers, guard
from admin.table import add_routes, check_routes
from bot.bell import Bell
from bot.channels.channel import Channel
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Database
from clinic.setting.live import LiveSettings

LARGEST_FORM = 64 * 1024  # bytes


def create_app(
    database: Database,
    keys: KeyRing,
    settings: Settings,
    accounts: Mapping[str, str] | None = None,
    *,
    live: LiveSettings | None = None,
    channels: Mapping[str, Channel] | None = None,
    bell: Bell | None = None,
) -> web.Application:
    """The panel. `accounts` names the clinic's own account on LINE (basic id) and Telegram (user
    name), as far as known: links for patients need them. `live` keeps `settings` as staff set
    them; without it they are changed in this application alone. `channels`: those that are set up.
    `bell` wakes the workers after what staff did; without it they look by themselves.

    The application does not start with a route that the table of routes does not know.
    """
    app = web.Application(middlewares=[errors, guard, ring], client_max_size=LARGEST_FORM)
    app[DATABASE] = database
    app[KEYS] = keys
    app[LIVE_SETTINGS] = live or LiveSettings(settings)
    app[SETTINGS] = app[LIVE_SETTINGS].settings
    app[CHANNELS] = channels or {}
    if bell is not None:
        app[BELL] = bell
    app[ACCOUNTS] = accounts or {}
    app[LIVE] = streams = Live(database)
    app[TABLE] = add_routes(app, ROUTES)
    app.on_response_prepare.append(add_headers)
    app.on_startup.append(_prepare)
    app.on_shutdown.append(streams.shut)
    app.on_cleanup.append(streams.stop)
    return app


async def _prepare(app: web.Application) -> None:
    check_routes(app, app[TABLE])
    assets()
    for language in LANGUAGES:
        speech(language)
