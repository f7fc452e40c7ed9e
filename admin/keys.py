"""What the application and a request of it carry."""

from collections.abc import Mapping

from aiohttp import web

from admin.table import Row
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Database
from clinic.staff.types import Session

DATABASE = web.AppKey("database", Database)
KEYS = web.AppKey("keys", KeyRing)
SETTINGS = web.AppKey("settings", Settings)
ACCOUNTS: web.AppKey[Mapping[str, str]] = web.AppKey("accounts", Mapping)
TABLE: web.AppKey[Mapping[tuple[str, str], Row]] = web.AppKey("table", Mapping)
SESSION = web.RequestKey("session", Session)
