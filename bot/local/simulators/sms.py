"""A simulator of an SMS gateway on loopback, as Twilio's REST API is: strict, with a ledger.

Used by the tests; in a process of its own:
`python -m bot.local.simulators.sms --port 9030 --ledger FILE`.
"""

import argparse
import asyncio
import base64
import contextlib
import hmac
import re
import signal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from bot.local.simulators.telegram_state import Allowance, Faults, Ledger, SimulatedTime

ACCOUNT = "AC" + "0" * 32
TOKEN = "kayoi-simulator-token"  # noqa: S105  # opens only this simulator
SENDER = "+815012345678"
BODY_LIMIT = 1600  # characters; more is error 21617
RATE, BURST = 100.0, 100.0  # requests a second before error 20429
FIELDS = frozenset({"To", "From", "MessagingServiceSid", "Body", "StatusCallback"})
STOPS = frozenset({"stop", "unsubscribe", "end", "quit", "cancel", "stopall"})  # heard by Twilio
STARTS = frozenset({"start", "unstop", "yes"})
_NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


class SmsSimulator:
    """Use as `async with SmsSimulator() as sms`. Its state is plain to read in tests.

    `ledger.entries` are the texts that telephones got: to, body, sid. `landlines` take no SMS,
    `stopped` are numbers that wrote STOP; `keeps_stop_list` is how Twilio is set up by default.
    """

    def __init__(self, ledger: Path | None = None, *, seed: int = 0) -> None:
        self.time = SimulatedTime()
        self.faults = Faults(seed)
        self.ledger = Ledger(ledger)
        self.landlines: set[str] = set()
        self.stopped: set[str] = set()
        self.keeps_stop_list = True
        self.problems: list[str] = []  # requests that no client of ours may make
        self.webhook = ""  # the address as it was entered in the console: what is signed
        self.delivered_to = ""  # where to deliver really, if the public address is not on loopback
        self.statuses: list[int] = []  # what the webhook answered
        self._allowance = Allowance(RATE, BURST)
        self._received = 0
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def open(self, port: int = 0) -> str:
        """Listen on loopback and return the address, for `api_base`."""
        app = web.Application(client_max_size=100_000)
        path = "/2010-04-01/Accounts/{account}/Messages.json"
        app.router.add_post(path, self._messages)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self.url

    async def close(self) -> None:
        """Stop listening; the ledger's file is closed."""
        self._closing.set()
        if self._runner:
            await self._runner.cleanup()
        self.ledger.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    # What people do -----------------------------------------------------------------------------

    async def say(self, number: str, words: str, *, sid: str | None = None) -> int:
        """Somebody writes; the status that the webhook answered. `sid`: an earlier one's, for a
        text that is delivered twice."""
        self._received += 1
        if self.keeps_stop_list and words.strip().lower() in STOPS:
            self.stopped.add(number)
        if words.strip().lower() in STARTS:
            self.stopped.discard(number)
        form = {
            "MessageSid": sid or f"SM{self._received:032x}",
            "AccountSid": ACCOUNT,
            "From": number,
            "To": SENDER,
            "Body": words,
            "NumMedia": "0",
            "NumSegments": "1",
        }
        return await self._post(self.webhook, form)

    async def report(self, number: int, status: str, error: int | None = None) -> int:
        """The networks tell of the text of this number in the ledger (from 1) what became of it:
        delivered, undelivered, failed; the status that was answered."""
        entry = self.ledger.entries[number - 1]
        form = {"MessageSid": entry["sid"], "MessageStatus": status, "AccountSid": ACCOUNT}
        if error is not None:
            form["ErrorCode"] = str(error)
        return await self._post(entry["report"], form)

    async def _post(self, url: str, form: dict[str, str]) -> int:
        said = url + "".join(name + form[name] for name in sorted(form))
        mark = base64.b64encode(hmac.digest(TOKEN.encode(), said.encode(), "sha1")).decode()
        really = url.replace(self.webhook, self.delivered_to) if self.delivered_to else url
        async with (
            aiohttp.ClientSession() as session,
            session.post(really, data=form, headers={"X-Twilio-Signature": mark}) as answer,
        ):
            self.statuses.append(answer.status)
            return answer.status

    def texts(self, number: str) -> list[str]:
        """What a telephone got, in order."""
        return [entry["body"] for entry in self.ledger.entries if entry["to"] == number]

    # The API ------------------------------------------------------------------------------------

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        fault = self.faults.next()
        if fault == "429" or self._allowance.take(self.time.now()):
            return _error(429, 20429, {"Retry-After": "2"})
        if fault == "500":
            return web.Response(status=500)
        if fault == "reset":
            return self._reset(request)
        if fault == "delay":
            await self.time.sleep(self.faults.delay)
        refusal = self._unauthorised(request)
        form = {name: str(value) for name, value in (await request.post()).items()}
        refusal = refusal or self._invalid(form)
        if refusal is not None:
            return refusal
        sid = f"SM{len(self.ledger.entries) + 1:030x}00"
        report = form.get("StatusCallback", "")
        self.ledger.append({"to": form["To"], "body": form["Body"], "sid": sid, "report": report})
        if fault == "accept_then_500":
            return web.Response(status=500)
        if fault == "accept_then_reset":
            return self._reset(request)
        if fault == "accept_then_silence":
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.faults.silence):
                    await self._closing.wait()
            return self._reset(request)
        return web.json_response({"sid": sid, "status": "queued", "to": form["To"]}, status=201)

    def _unauthorised(self, request: web.Request) -> web.Response | None:
        given = request.headers.get("Authorization", "")
        right = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if not hmac.compare_digest(given, right):
            return _error(401, 20003)
        return None if request.match_info["account"] == ACCOUNT else _error(404, 20404)

    def _invalid(self, form: dict[str, str]) -> web.Response | None:
        if strange := form.keys() - FIELDS:
            self.problems.append(f"fields {sorted(strange)}")
        number, body = form.get("To", ""), form.get("Body", "")
        if not _NUMBER.fullmatch(number):
            return _error(400, 21211)
        if form.get("From") != SENDER and "MessagingServiceSid" not in form:
            return _error(400, 21606)
        if not body:
            self.problems.append("no body")
            return _error(400, 21602)
        if len(body) > BODY_LIMIT:
            self.problems.append("body too long")
            return _error(400, 21617)
        if number in self.landlines:
            return _error(400, 21614)
        return _error(400, 21610) if number in self.stopped else None

    def _reset(self, request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)


def _error(status: int, code: int, headers: dict[str, str] | None = None) -> web.Response:
    """As Twilio tells it: the message quotes the number, so nobody may log it."""
    told: dict[str, Any] = {"status": status, "code": code, "message": "To: +81... is not valid"}
    return web.json_response(told, status=status, headers=headers)


async def _serve(port: int, ledger: Path | None) -> None:
    simulator = SmsSimulator(ledger)
    print(await simulator.open(port), flush=True)  # noqa: T201  # its address, for whoever began it
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await simulator.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9030)
    parser.add_argument("--ledger", type=Path)
    arguments = parser.parse_args()
    asyncio.run(_serve(arguments.port, arguments.ledger))
