"""The simulator's own interface, for a process beside it: /_control/ (JSON in, JSON out).

POST /_control/<action> with the action's arguments: start, say, press, share_contact, send_media,
edit, block, unblock, deactivate, user, redeliver, hold, release, advance, faults, settle.
GET /_control/ledger?since=N, /_control/stats, /_control/received?user_id=N.
"""

from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from bot.local.simulators.telegram import TelegramSimulator


def add_control(app: web.Application, simulator: "TelegramSimulator") -> None:
    """Serve the control interface of `simulator` in `app`."""

    def faults(
        seed: int | None = None,
        rates: dict[str, float] | None = None,
        once: tuple[str, ...] = (),
        method: str = "sendMessage",
        duplicates: float | None = None,
        swaps: float | None = None,
    ) -> None:
        if seed is not None:
            simulator.faults.seed = seed
        if rates is not None:
            simulator.faults.rates = dict(rates)
        simulator.faults.once(*once, method=method)
        if duplicates is not None:
            simulator.webhooks.duplicates = duplicates
        if swaps is not None:
            simulator.webhooks.swaps = swaps

    actions: dict[str, Any] = {
        "start": simulator.start,
        "say": simulator.say,
        "press": simulator.press,
        "share_contact": simulator.share_contact,
        "send_media": simulator.send_media,
        "edit": simulator.edit,
        "block": simulator.block,
        "unblock": simulator.unblock,
        "deactivate": simulator.deactivate,
        "user": lambda user_id, **told: simulator.user(user_id, **told).as_json(),
        "redeliver": simulator.webhooks.redeliver,
        "hold": simulator.webhooks.hold,
        "release": simulator.webhooks.release,
        "advance": simulator.time.advance,
        "faults": faults,
    }

    async def act(request: web.Request) -> web.Response:
        name = request.match_info["action"]
        arguments = await request.json() if request.can_read_body else {}
        if name == "settle":
            await simulator.webhooks.settle()
            return web.json_response({"result": None})
        if name not in actions:
            return web.json_response({"error": f"no action {name}"}, status=404)
        try:
            return web.json_response({"result": actions[name](**arguments)})
        except (LookupError, TypeError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)

    async def ledger(request: web.Request) -> web.Response:
        since = int(request.query.get("since", "0"))
        return web.json_response(simulator.ledger.entries[since:])

    async def received(request: web.Request) -> web.Response:
        return web.json_response(simulator.received(int(request.query["user_id"])))

    async def stats(_: web.Request) -> web.Response:
        return web.json_response(
            {
                "ledger": len(simulator.ledger.entries),
                "answers": dict(simulator.answers),
                "faults": dict(simulator.faults.injected),
                "too_early": simulator.api.too_early,
                "webhook_attempts": len(simulator.webhooks.attempts),
                "webhook_pending": simulator.webhooks.pending,
                "webhook_expired": len(simulator.webhooks.expired),
                "spec_problems": simulator.spec_problems,
            }
        )

    app.router.add_get("/_control/ledger", ledger)
    app.router.add_get("/_control/received", received)
    app.router.add_get("/_control/stats", stats)
    app.router.add_post("/_control/{action}", act)
