"""Free times as FHIR Slots. They stand in no row: their ids tell what they are made of."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.api.fhir import resources
from bot.api.fhir.parameters import code_of, read_date
from bot.api.fhir.search import make_bundle, read_page
from bot.api.problem import NOT_FOUND, Problem, invalid
from bot.api.route import Call, Done
from clinic.booking.search import find_slots, in_language
from clinic.booking.types import Slot

NAME = "Slot"
MOST_DAYS = 14  # that one search looks through
PARAMETERS = {"service-type": "token", "start": "date", "status": "token"}
_ID = re.compile(r"(\d{1,15})-(\d{8}T\d{4})Z-(\d{1,15})-(\d{1,15})", re.ASCII)
_DAY_MOST = 500  # starts that a day may have


async def read(call: Call) -> Done | Problem:
    """A slot by its id, as long as it is free."""
    named = _ID.fullmatch(call.path["id"])
    if named is None:
        return NOT_FOUND
    service_id, practitioner_id, site_id = int(named[1]), int(named[3]), int(named[4])
    zone = await call.tx.fetchval("select time_zone from site where id = $1", site_id)
    try:
        at = datetime.strptime(named[2], "%Y%m%dT%H%M").replace(tzinfo=UTC)
        on = at.astimezone(ZoneInfo(zone or "UTC")).date()
    except (ValueError, OverflowError):
        return NOT_FOUND
    found = await find_slots(
        call.tx, call.actor.language, service_id, practitioner_id, on, _DAY_MOST
    )
    (*same,) = (one for one in found if one.starts_at == at and one.site_id == site_id)
    if not same:
        return NOT_FOUND
    return Done((await _rendered(call, service_id, same))[0])


async def search(call: Call) -> Done | Problem:
    """Free times of a service: the next ones, of a day, or from a day on for two weeks."""
    asked = read_page(call, NAME)
    if isinstance(asked, Problem):
        return asked
    pairs, _, count = asked
    if unknown := [name for name, _ in pairs if name not in PARAMETERS]:
        return invalid((unknown[0][:40], "not_supported"))
    given = dict(pairs)
    if "service-type" not in given:
        return invalid(("service-type", "missing"))
    service_id = await call.tx.fetchval(
        "select id from service where code = $1", code_of(given["service-type"])
    )
    days = _days(call, given.get("start"))
    if isinstance(days, Problem):
        return days
    found: list[Slot] = []
    if service_id is not None and code_of(given.get("status", "free")) == "free":
        for day in days:
            left = count - len(found)
            found += await find_slots(call.tx, call.actor.language, service_id, None, day, left)
            if len(found) >= count:
                break
    rendered = await _rendered(call, service_id, found)
    return Done(make_bundle(call, NAME, rendered, [pairs, 0, count], None))


def _days(call: Call, text: str | None) -> list[date | None] | Problem:
    if text is None:
        return [None]
    during = read_date(text, call.env.zone)
    if during is None or during.prefix not in ("eq", "ge", "gt"):
        return invalid(("start", "no_date"))
    first = during.begins.astimezone(call.env.zone).date()
    if during.prefix == "eq":
        last = (during.ends.astimezone(call.env.zone) - timedelta(microseconds=1)).date()
        return [first + timedelta(days=n) for n in range(min((last - first).days + 1, MOST_DAYS))]
    if during.prefix == "gt":
        first = during.ends.astimezone(call.env.zone).date()
    return [first + timedelta(days=n) for n in range(MOST_DAYS)]


async def _rendered(call: Call, service_id: int, found: list[Slot]) -> list[dict[str, Any]]:
    service = await call.tx.fetchrow("select code, name from service where id = $1", service_id)
    rows = await call.tx.fetch(
        "select id, code from resource where id = any($1::bigint[])",
        [slot.practitioner_id for slot in found],
    )
    codes = {row["id"]: row["code"] for row in rows}
    return [
        resources.slot(
            f"{slot.service_id}-{slot.starts_at.astimezone(UTC):%Y%m%dT%H%M}Z"
            f"-{slot.practitioner_id}-{slot.site_id}",
            service["code"],
            codes[slot.practitioner_id],
            {
                "service": in_language(service["name"], call.actor.language),
                "practitioner": slot.practitioner_name,
            },
            slot.starts_at,
            slot.ends_at,
        )
        for slot in found
    ]
