"""`kayoi bench panel`: how soon the panel's pages are there, in a clinic with many patients.

An admin and a doctor sign in by their links and open every page TIMES times, one after the other.
The raw limit of the same run is an empty page behind one question to the database, by the same web
server. Where the machine is shared, the processor's time is the figure that lasts.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import psutil
from pydantic import SecretStr

from bot.commands.bench_house import environment, process
from bot.commands.bench_load import BenchFailed, milliseconds
from bot.commands.bench_panel_clinic import PHONE, Clinic, seed
from bot.commands.bench_raw import write_task
from bot.commands.bench_scratch import scratch
from bot.commands.bench_segment import FILTER
from bot.commands.staff import sign_in_url
from bot.local.ports import free_port
from clinic.config import Channels, Settings
from clinic.config import Line as LineSettings
from clinic.db import Database, connect_arguments
from clinic.ids import new_secret
from clinic.staff.types import Staff

PATIENTS = 100_000
LEAST = 10_000  # fewer have not a visit each on a day
TIMES = 20
LIMIT = 200.0  # ms, p95
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')

Page = tuple[str, Mapping[str, str] | None]  # the address, and what is posted to it
# Pages by what staff call them; {names} are of Clinic.there.
PAGES: dict[str, Page] = {
    "today": ("/today", None),
    "today, live": ("/live/today", None),
    "today, what waits": ("/live/waits", None),
    "menu, live": ("/live/menu", None),
    "calendar, day": ("/calendar?span=day", None),
    "calendar, week": ("/calendar?span=week", None),
    "calendar, week, grid": ("/calendar/events.json?span=week", None),
    "calendar, load": ("/calendar/load", None),
    "visit": ("/calendar/visits/{visit}", None),
    "book": ("/calendar/book", None),
    "unconfirmed": ("/unconfirmed", None),
    "walk-in": ("/walk-in", None),
    "inbox": ("/conversations", None),
    "inbox, queue": ("/conversations?tab=queue", None),
    "inbox, mine": ("/conversations?tab=mine", None),
    "inbox, closed": ("/conversations?tab=closed", None),
    "inbox, live": ("/live/conversations", None),
    "long conversation": ("/conversations/{conversation}", None),
    "long conversation, live": ("/live/conversations/{conversation}", None),
    "escalations": ("/escalations", None),
    "lookup": ("/lookup?tel=" + PHONE.replace("+81", "0"), None),
    "search, family name": ("/patients", {"q": "渡邊"}),
    "search, whole name": ("/patients", {"q": "渡邊 美咲"}),
    "search, given name": ("/patients", {"q": "由美子"}),
    "search, one sign": ("/patients", {"q": "田"}),
    "search, katakana": ("/patients", {"q": "ワタナベ"}),
    "search, hiragana": ("/patients", {"q": "わたなべ ゆ"}),
    "search, Latin": ("/patients", {"q": "garcia m"}),
    "search, Russian": ("/patients", {"q": "иванов"}),
    "search, Chinese": ("/patients", {"q": "志強"}),
    "search, chart": ("/patients", {"q": "4711"}),
    "search, telephone": ("/patients", {"q": "090-1234-5678"}),
    "search, birth date": ("/patients", {"q": "1950-03-04"}),
    "search, nobody": ("/patients", {"q": "ここにいない人"}),
    "palette": ("/palette", {"q": "鈴木"}),
    "patient": ("/patients/{patient}", None),
    "patient, timeline": ("/patients/{patient}/timeline", None),
    "patient, readings": ("/patients/{patient}/readings", None),
    "patient, edit": ("/patients/{patient}/edit", None),
    "patient, message": ("/patients/{patient}/message", None),
    "patient, documents": ("/patients/{patient}/documents", None),
    "patient, plans": ("/patients/{patient}/plans", None),
    "tasks": ("/tasks", None),
    "lapse": ("/lapse", None),
    "lapse, group": ("/lapse/{group}", None),
    "lapse, lapsed": ("/lapse/{group}?state=lapsed", None),
    "lapse, calls": ("/lapse/{group}/calls", None),
    "segments": ("/segments", None),
    "segment, new": ("/segments/new", None),
    "segment, count": ("/segments/count", {"tree": json.dumps(FILTER)}),
    "campaigns": ("/campaigns", None),
    "campaign, calendar": ("/campaigns/calendar", None),
    "campaign": ("/campaigns/{campaign}", None),
    "campaign, log": ("/campaigns/{campaign}/recipients", None),
    "cohorts": ("/cohorts", None),
    "plans": ("/plans", None),
    "waitlist": ("/waitlist", None),
    "imports": ("/imports", None),
    "reviews": ("/reviews", None),
    "merges": ("/merges", None),
    "documents": ("/documents", None),
    "questionnaires": ("/questionnaires", None),
    "questionnaire": ("/questionnaires/{questionnaire}", None),
    "questionnaire, asked": ("/questionnaires/requests", None),
    "questionnaire, results": ("/questionnaires/{questionnaire}/results", None),
    **{
        f"figures, {tab}, {period}": (f"/figures/{tab}?period={period}", None)
        for tab in ("visits", "patients", "services", "chats", "money", "survey")
        for period in ("months_3", "months_12")
    },
    "figures, visits by chapter": ("/figures/visits?period=last_year&by=chapter", None),
    "quality": ("/quality", None),
    "audit": ("/audit", None),
    "audit, patient": ("/audit?chart=1", None),
    "audit, seen": ("/audit/seen", None),
    "staff": ("/staff", None),
    "account": ("/account", None),
    "on call": ("/on-call", None),
    "help": ("/help", None),
    "settings": ("/settings", None),
    **{
        f"settings, {one}": (f"/settings/{one}", None)
        for one in (
            *("clinic", "policy", "groups", "texts", "channels", "tags", "health", "history"),
            *("sites", "practitioners", "services", "hours", "holidays", "webhooks", "canned"),
        )
    },
}
# A doctor's are limited to own patients, which is more work.
DOCTORS = (
    "today",
    "today, what waits",
    "calendar, week",
    "inbox",
    "search, family name",
    "tasks",
    "escalations",
)


@dataclass(slots=True)
class Panel:
    """The panel's process, who is signed in, and its server's work."""

    base: str
    web: psutil.Process
    database: str  # its name


async def panel(size: int | None) -> dict[str, Any]:
    """Measure with `size` made-up patients (default PATIENTS).

    Raises BenchFailed if a page is not there.
    """
    patients = PATIENTS if size is None else size
    if patients < LEAST:
        raise BenchFailed(f"at least {LEAST} patients make a bench")
    loop = asyncio.get_running_loop()
    async with scratch() as (fresh, folder):
        settings = _settings(fresh)
        assert settings.database_url is not None
        url, began = settings.database_url.get_secret_value(), loop.time()
        database = await Database.open(url, connections=1)
        raw = await asyncpg.connect(**connect_arguments(url))
        try:
            clinic = await seed(database, raw, settings, patients)
            seeded = loop.time() - began
            signed = {}
            for one in (clinic.chief, clinic.doctor):
                async with database.transaction() as tx:
                    signed[one] = await sign_in_url(tx, settings, one.id)
        finally:
            await raw.close()
            await database.close()
        async with _raw_page(settings, folder) as limit:
            raw_ms = milliseconds([await _timed(limit) for _ in range(TIMES)])
        pages = await _pages(settings, folder, clinic, signed)
    slow = {name: told["p95_ms"] for name, told in pages.items() if told["p95_ms"] > LIMIT}
    return {
        "bench": "panel",
        "patients": patients,
        "seed_seconds": round(seeded, 1),
        "times": TIMES,
        "raw_page_ms": raw_ms,
        "pages": {
            name: told | {"ratio": round(raw_ms["p50"] / told["p50_ms"], 3)}
            for name, told in pages.items()
        },
        "over_200_ms": slow,
        "worst_cpu_ms": max(told["web_cpu_ms"] + told["server_cpu_ms"] for told in pages.values()),
    }


async def _pages(
    settings: Settings, folder: Path, clinic: Clinic, signed: Mapping[Staff, str]
) -> dict[str, dict[str, float]]:
    base = f"http://{settings.admin.host}:{settings.admin.port}"
    told = environment(settings) | {"KAYOI_ADMIN__PORT": str(settings.admin.port)}
    assert settings.database_url is not None
    name = settings.database_url.get_secret_value().partition("?")[0].rsplit("/", 1)[1]
    async with process("admin", ["-m", "bot", "admin"], f"{base}/healthz", folder, told) as running:
        at, found = Panel(base, running, name), {}
        for staff, link in signed.items():
            chosen = PAGES if staff is clinic.chief else {one: PAGES[one] for one in DOCTORS}
            async with _signed_in(link) as (http, csrf):
                for page, (path, form) in chosen.items():
                    named = page if staff is clinic.chief else f"{page} (doctor)"
                    fields = None if form is None else {"csrf": csrf, **form}
                    found[named] = await _measured(at, http, path.format(**clinic.there), fields)
    return found


@asynccontextmanager
async def _signed_in(link: str) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    """A browser behind the sign-in link, and what its forms carry."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        where, _, token = link.partition("?token=")
        async with http.post(where, data={"token": token}) as answer:
            found = _CSRF.search(await answer.text())
        if found is None:
            raise BenchFailed("nobody could sign in")
        yield http, found[1]


async def _measured(
    at: Panel, http: aiohttp.ClientSession, path: str, form: Mapping[str, str] | None
) -> dict[str, float]:
    """One page, opened TIMES times after the first."""
    size, times = 0, []
    loop = asyncio.get_running_loop()
    for n in range(TIMES + 1):
        if n == 1:
            web, server = _cpu(at.web), _server_cpu(at.database)
        began = loop.time()
        how = "GET" if form is None else "POST"
        async with http.request(how, f"{at.base}{path}", data=form, allow_redirects=False) as page:
            size = len(await page.read())
            if page.status != 200:
                raise BenchFailed(f"{path} answered {page.status}")
        if n:
            times.append(loop.time() - began)
    spent = _cpu(at.web) - web, _server_cpu(at.database) - server
    ordered = sorted(1000 * one for one in times)
    return {
        "p50_ms": round(ordered[TIMES // 2], 1),
        "p95_ms": round(ordered[int(TIMES * 0.95)], 1),
        "web_cpu_ms": round(1000 * spent[0] / TIMES, 1),
        "server_cpu_ms": round(1000 * spent[1] / TIMES, 1),
        "kb": round(size / 1000, 1),
    }


@asynccontextmanager
async def _raw_page(settings: Settings, folder: Path) -> AsyncIterator[str]:
    """The address of an empty page behind one question to the database."""
    assert settings.database_url is not None
    url, port, task = settings.database_url.get_secret_value(), free_port(), folder / "raw.json"
    write_task(task, url=url, port=port, api_base="", token="", steps=[], patients=[])
    argv = ["-m", "bot.commands.bench_raw", str(task)]
    base = f"http://127.0.0.1:{port}"
    async with process("raw", argv, f"{base}/readyz", folder, environment(settings)):
        yield f"{base}/page"


async def _timed(url: str) -> float:
    async with aiohttp.ClientSession() as http:
        began = asyncio.get_running_loop().time()
        async with http.get(url) as page:
            await page.read()
        return asyncio.get_running_loop().time() - began


def _settings(fresh: Settings) -> Settings:
    """With a port for the panel, and a channel that nothing is sent to."""
    channel = LineSettings(
        channel_secret=SecretStr(new_secret()),
        channel_access_token=SecretStr(new_secret()),
        api_base="http://127.0.0.1:9",
    )
    return fresh.model_copy(
        update={
            "server": fresh.server.model_copy(update={"port": free_port()}),
            "admin": fresh.admin.model_copy(update={"port": free_port()}),
            "channels": Channels(line=channel),
        }
    )


def _cpu(one: psutil.Process) -> float:
    spent = one.cpu_times()
    return float(spent.user + spent.system)


def _server_cpu(database: str) -> float:
    """What the database's own processes spent, if they are on this machine, and those of the
    server that ended, such as parallel workers; in seconds."""
    spent, servers = 0.0, set[int]()
    for one in psutil.process_iter(["cmdline", "ppid"]):
        words = " ".join(one.info["cmdline"] or ())
        if words.startswith("postgres:") and database in words:
            with suppress(psutil.Error):
                spent += _cpu(one)
                servers.add(one.info["ppid"])
    for server in servers:
        with suppress(psutil.Error):
            ended = psutil.Process(server).cpu_times()
            spent += float(ended.children_user + ended.children_system)
    return spent
