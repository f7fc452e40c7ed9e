"""What the application and a request of it carry."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from admin.table import Row
from bot.channels.channel import Channel
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Database
from clinic.setting.live import LiveSettings
from clinic.staff.types import Session

if TYPE_CHECKING:
    from admin.live import Live

DATABASE = web.AppKey("database", Database)
KEYS = web.AppKey("keys", KeyRing)
SETTINGS = web.AppKey("settings", Settings)
ACCOUNTS: web.AppKey[Mapping[str, str]] = web.AppKey("accounts", Mapping)
TABLE: web.AppKey[Mapping[tuple[str, str], Row]] = web.AppKey("table", Mapping)
CHANNELS: web.AppKey[Mapping[str, Channel]] = web.AppKey("channels", Mapping)
LIVE: web.AppKey["Live"] = web.AppKey("live")
LIVE_SETTINGS = web.AppKey("live_settings", LiveSettings)
SESSION = web.RequestKey("session", Session)
