"""The API against its own document: thousands of calls, right and wrong ones, from outside."""

import asyncio
import itertools
import os
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.api.fhir.table import ROUTES
from bot.api.serve import IDEMPOTENCY_KEY
from bot.app import create_app
from tests.integration.api.fhir_document import fhir_document
from tests.integration.api.house import House
from tests.integration.api.test_fhir import answered

pytestmark = pytest.mark.server
EXAMPLES = 12  # of each phase and operation
TIME = 180.0  # s; it takes a fraction of it
FHIR = "/fhir-openapi.json"  # only here: programs read /fhir/metadata
# What is right by its form may still name nobody, or no telephone: 422 says so.
CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 403, 404, 409, 422]
"""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def each_call_its_own() -> Any:
    """Give each call that has a good Idempotency-Key a fresh one: schemathesis repeats its own, and
    would only be told that it was used for something else."""
    numbers = itertools.count()

    @web.middleware
    async def rename(request: web.Request, handler: Handler) -> web.StreamResponse:
        if re.fullmatch(IDEMPOTENCY_KEY, request.headers.get("Idempotency-Key", "")):
            headers = request.headers.copy()
            headers["Idempotency-Key"] = f"schemathesis-{next(numbers)}"
            request = request.clone(headers=headers)
        return await handler(request)

    return rename


def _fixed(content: dict[str, Any]) -> Handler:
    async def tell(_: web.Request) -> web.Response:
        return web.json_response(content)

    return tell


async def _run(house: House, folder: Path, address: str, count: int) -> None:
    """Have schemathesis call all operations of a document, of which there are so many."""
    key = await house.key(rate=6_000)
    app = create_app(house.env)
    app.middlewares.append(each_call_its_own())
    statement = await (await house.client.get("/fhir/metadata")).json()
    app.router.add_get(FHIR, _fixed(fhir_document(statement, "/fhir")))
    (folder / "schemathesis.toml").write_text(CONFIG)
    server = TestServer(app)
    await server.start_server(access_log=None)
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run"),
        str(server.make_url(address)),
        *("--header", f"Authorization: Bearer {key.secret}", "--no-color"),
        *("--generation-deterministic", "--max-examples", str(EXAMPLES), "--workers", "1"),
        *("--phases", "coverage,fuzzing,stateful", "--checks", "all"),
    ]
    try:
        running = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env={"PATH": os.environ["PATH"]},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await asyncio.wait_for(running.communicate(), TIME)
    finally:
        await server.close()
    assert running.returncode == 0, told.decode()[-12_000:]
    assert f"{count} selected / {count} total" in told.decode()


async def test_schemathesis_finds_nothing(house: House, tmp_path: Path) -> None:
    await house.booked()
    await house.reachable()
    await _run(house, tmp_path, "/api/v1/openapi.json", 18)
    assert await house.clinic.overlaps() == 0


async def test_schemathesis_finds_nothing_in_the_fhir_interface(
    house: House, tmp_path: Path
) -> None:
    await house.booked()
    patient = await house.reachable()
    await house.good("POST", "/messages", {"patient": patient, "text": "Hello"})
    await answered(house)
    await _run(house, tmp_path, FHIR, len(ROUTES))
