"""`kayoi nlu`: what is understood of texts, and the Rasa server."""

import json
import os
import sys
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot import start
from clinic import clock
from clinic.config import Settings
from clinic.errors import KayoiError
from nlu import dates, rasa_server, red_flags
from nlu.interpreter import Interpreter
from nlu.script import language_of


async def parse(
    settings: Settings, backend: str | None, language: str | None, now: str | None
) -> None:
    """Read lines of stdin and print a JSON line for each.

    Raises KayoiError if `now` is no instant, or if the models are not there.
    """
    at = _instant(now, ZoneInfo(settings.clinic.time_zone))
    if backend is not None:
        chosen = settings.nlu.model_copy(update={"backend": backend})
        settings = settings.model_copy(update={"nlu": chosen})
    interpreter = start.interpreter(settings)
    try:
        for line in sys.stdin.buffer:
            shown = await _parsed(interpreter, line.decode().rstrip("\r\n"), language, at)
            print(json.dumps(shown, ensure_ascii=False), flush=True)
    except UnicodeDecodeError:
        raise KayoiError("the input is not UTF-8") from None
    finally:
        await interpreter.close()


async def _parsed(
    interpreter: Interpreter, text: str, language: str | None, at: datetime
) -> dict[str, object]:
    language = language or language_of(text)
    reading = await interpreter.read(text, language)
    return {
        "text": text,
        "language": language,
        "intent": reading.intent,
        "confidence": reading.confidence,
        "entities": [
            {"kind": one.kind, "value": one.value, "text": one.text} for one in reading.entities
        ],
        "dates": [one.to_json() for one in dates.read(text, language, at).readings],
        "red_flags": [{"rule": flag.rule, "level": flag.level} for flag in red_flags.flags(text)],
    }


def _instant(now: str | None, zone: ZoneInfo) -> datetime:
    if now is None:
        return clock.now().astimezone(zone)
    try:
        found = datetime.fromisoformat(now)
    except ValueError:
        raise KayoiError(f"--now {now} is no instant such as 2026-11-24T10:00:00+09:00") from None
    return found.astimezone(zone) if found.tzinfo else found.replace(tzinfo=zone)


def serve(settings: Settings) -> None:
    """Become the Rasa server, on loopback only, with the model that `make rasa` has trained.

    Raises KayoiError if it is not installed, has no token, or its model is another than was made.
    """
    url, token = urlsplit(settings.nlu.rasa_url), settings.nlu.rasa_token
    if token is None:
        raise KayoiError("nlu.rasa_token is needed, so that nobody else may use the server")
    if url.hostname not in ("127.0.0.1", "localhost"):
        raise KayoiError("nlu.rasa_url is on another machine: start the server there")
    if fault := rasa_server.fault():
        raise KayoiError(fault)
    program, environment = rasa_server.command(url.port or 80, token.get_secret_value())
    os.execve(program[0], program, environment)  # noqa: S606  # ours, with arguments of ours
