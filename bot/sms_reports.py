"""What becomes of an SMS after the gateway took it: it tells us, signed, by the delivery's key."""

import re
from collections.abc import Awaitable, Callable
from uuid import UUID

from aiohttp import web

from bot.channels.channel import Malformed, Unsigned
from bot.channels.sms import webhook
from bot.environment import Environment
from bot.metrics import REJECTED
from bot.outbox_store import heard_of
from clinic.errors import DatabaseDown

# No such number, not a mobile one, or its owner wrote STOP.
GONE = frozenset({"30005", "30006", "21610", "21614"})
ARRIVED = frozenset({"sent", "delivered", "read"})
LOST = frozenset({"failed", "undelivered"})
_CODE = re.compile(r"\d{1,6}", re.ASCII)


def handler(env: Environment) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Takes the reports. What is told of a message that is no longer there changes nothing."""
    sms, base = env.settings.channels.sms, env.settings.server.public_url or ""
    token = sms.token.get_secret_value() if sms.token else ""

    async def handle(request: web.Request) -> web.Response:
        key = request.match_info["key"]
        path = f"{webhook.PATH}/status/{key}"
        try:
            body = await request.read()
            fields = webhook.signed_form(request.headers, body, token, base, path)
            delivery = UUID(key)
        except Unsigned:
            return _reject(401, "unsigned")
        except (Malformed, ValueError):
            return _reject(400, "malformed")
        status, code = fields.get("MessageStatus", ""), fields.get("ErrorCode", "")
        if status not in ARRIVED | LOST:
            return web.Response(status=204)  # on its way
        told = f"{status} {code}".strip() if _CODE.fullmatch(code) else status
        try:
            async with env.database.transaction() as tx:
                if status in LOST:
                    await heard_of(tx, delivery, told, gone=code in GONE)
                else:
                    await heard_of(tx, delivery, None)
        except DatabaseDown:
            return _reject(503, "database_down")
        return web.Response(status=204)

    return handle


def _reject(status: int, reason: str) -> web.Response:
    REJECTED.labels("sms", reason).inc()
    return web.Response(status=status)
