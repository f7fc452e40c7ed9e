"""Pages of no feature: health, metrics, the menu's badges, the way in."""

import os

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from admin.keys import DATABASE
from admin.page import go_to, part, waiting
from clinic.db import Tx
from clinic.setting.alarms import read_alarms
from clinic.setting.health import open_messages

_UNCHANGED = 204
SHARED = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own name for that folder


async def home(_request: web.Request) -> web.StreamResponse:
    """The day is what most people come for."""
    return go_to("/today")


async def menu(request: web.Request) -> web.Response:
    """The menu again, if its badges changed, and the alarm, if that did."""
    top, seen = await waiting(request), request.query.get("seen", "")
    if seen == top.mark:
        return web.Response(status=_UNCHANGED)
    rings_on = seen.partition(".")[2] == top.alarm_mark
    return part(
        request,
        "templates/live_menu.html",
        top=top,
        at=request.query.get("at", ""),
        alarm_changed=not rings_on,
    )


async def favicon(_request: web.Request) -> web.Response:
    """None; browsers ask for it all the same."""
    return web.Response(status=204)


async def health(_request: web.Request) -> web.Response:
    """This process answers."""
    return web.json_response({"status": "ok"})


async def metrics(request: web.Request) -> web.Response:
    """What waits, as the database has it, and what this machine's processes count.

    Codes and counts only. The processes leave their counts in a folder that they share.
    """
    registry = CollectorRegistry()
    if os.environ.get(SHARED):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it carries no types
    async with request.app[DATABASE].transaction() as tx:
        await _measure(tx, registry)
    return web.Response(
        body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
    )


async def _measure(tx: Tx, registry: CollectorRegistry) -> None:
    row = await tx.fetchrow(
        """select (select count(*) from conversation where owner = 'queue') as queued,
             (select coalesce(extract(epoch from now() - min(queued_at)), 0)
              from conversation where owner = 'queue') as longest,
             (select count(*) from inbound where state = 'new') as unhandled,
             (select coalesce(extract(epoch from now() - min(received_at)), 0)
              from inbound where state = 'new') as oldest"""
    )
    for name, words, value in (
        ("kayoi_conversations_queued", "Conversations that wait for staff", row["queued"]),
        ("kayoi_queue_wait_seconds", "How long the first of them waits", row["longest"]),
        ("kayoi_inbound_unhandled", "Events not yet handled", row["unhandled"]),
        ("kayoi_inbound_oldest_seconds", "How long the first of them waits", row["oldest"]),
    ):
        Gauge(name, words, registry=registry).set(float(value))
    outbox = Gauge("kayoi_outbox_open", "Messages on their way", ["state"], registry=registry)
    for state, n in (await open_messages(tx)).items():
        outbox.labels(state).set(n)
    tasks = Gauge("kayoi_tasks_open", "Tasks that nobody has done", ["kind"], registry=registry)
    for row in await tx.fetch(
        "select kind, count(*) as n from task where state = 'open' group by kind"
    ):
        tasks.labels(row["kind"]).set(row["n"])
    gauges: dict[str, Gauge] = {}
    for one in await read_alarms(tx):
        gauge = gauges.get(one.name) or Gauge(
            one.name, one.words, list(one.labels), registry=registry
        )
        gauges[one.name] = gauge
        (gauge.labels(**one.labels) if one.labels else gauge).set(one.value)
