"""`kayoi bench due`: how long campaigns are looked at, over a whole base.

A tick looks once at every active campaign, by the engine's own code: who is due is found, the
audience is asked, recipients are written. An hour of ticks is carried out, one a minute, in which
each campaign has a point. Beside it, the raw limit of the same run: as many transactions that write
the same rows by plain statements and decide nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from bot.commands.bench_load import BenchFailed
from bot.commands.bench_people import TIMEOUT, newest, seed
from bot.commands.bench_scratch import scratch
from clinic import clock
from clinic.campaign import store
from clinic.campaign.due import NIGHT
from clinic.campaign.materialise import materialise
from clinic.campaign.rules import AHEAD
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Database, Tx, connect_arguments
from clinic.occasion.rules import upcoming

PATIENTS = 1_000_000
FEWEST = 2_000
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MINUTES = 60  # of the hour that is carried out
SPREAD = 2  # minutes between the points of two campaigns
_EXTRA = (
    """insert into plan_date (patient_id, on_date)
       select n, $2::date - (n / 20 % 200)::int from generate_series(1, $1::bigint, 20) n""",
    """insert into care_group (id, code, name, definition, mode)
       select n, 'bench' || n, '{}', '{}', 'fixed' from generate_series(1, 2) n
       where $1::bigint > 0 and $2::date is not null""",
    """insert into lapse (patient_id, group_id, state, last_visit_on, computed_at)
       select n, 1 + n % 2, split_part('active due at_risk lapsed', ' ', 1 + (n / 5 % 4)::int),
         $2::date - 200, $2::date - make_interval(days => (n % 90)::int)
       from generate_series(1, $1::bigint, 5) n""",
    """insert into questionnaire (id, url, version, name, title, resource)
       select 1, 'bench', 1, 'bench', '{}', '{}' where $1::bigint > 0 and $2::date is not null""",
    """insert into questionnaire_response (key, questionnaire_id, patient_id, account_id, language,
         answers, scores, authored_at)
       select lpad(to_hex(n), 32, '0')::uuid, 1, n, 1, 'ja', '',
         jsonb_build_object('total', (n % 27)::text),
         $2::date - make_interval(days => (n / 10 % 90)::int, hours => 3)
       from generate_series(1, $1::bigint, 10) n""",
    """insert into encounter (patient_id, on_date, setting)
       select n, $2::date - (n / 100 % 30)::int - 1 - k, 'inpatient'
       from generate_series(1, $1::bigint, 100) n, generate_series(0, 3) k""",
    """insert into appointment (key, status, patient_id, service_id, site_id, practitioner_id,
         during, starts_at, ends_at)
       select lpad(to_hex(n + 9000000), 32, '0')::uuid,
         case when n % 10 = 3 then 'noshow' else 'fulfilled' end, n, 1, 1, 1,
         tstzrange(s, s + interval '30 minutes'), s, s + interval '30 minutes'
       from generate_series(3, $1::bigint, 15) n,
         lateral (select $2::date - make_interval(days => (n / 15 % 60)::int) as s) a""",
)
_RAW = """
insert into recipient (campaign_id, patient_id, occurrence, due_at, useful_until, state, reason)
select campaign_id, patient_id, occurrence, due_at, useful_until, state, reason
from bench_found where campaign_id = $1
"""
_OLD = {"field": "age", "op": "at_least", "value": 65}
_ILL = {"field": "condition", "op": "starts", "value": ["E11", "I10"]}
_AWAY = {"field": "last_visit", "op": "beyond_days", "value": 120}
_COMING = {"field": "next_visit", "op": "known"}
_WOMEN = {"field": "sex", "op": "any", "value": ["female"]}
_AUDIENCES: tuple[dict[str, Any], ...] = (
    {"and": []},
    {"and": [_OLD]},
    {"and": [_ILL, {"not": _COMING}]},
    {"and": [_WOMEN, _AWAY]},
)
# Of what concerns everybody on one day, a part.
_FEW = {"and": [_OLD, _ILL, _WOMEN, _AWAY, {"field": "visits_year", "op": "at_least", "value": 7}]}


async def due(size: int | None) -> dict[str, Any]:
    """Measure with `size` made-up patients (default PATIENTS) and 30 campaigns.

    Raises BenchFailed if nobody is due, or if somebody is found twice.
    """
    patients = PATIENTS if size is None else size
    if patients < FEWEST:
        raise BenchFailed(f"at least {FEWEST} patients make a bench")
    async with scratch() as (settings, _):
        assert settings.database_url is not None
        url = settings.database_url.get_secret_value()
        zone = ZoneInfo(settings.clinic.time_zone)
        today = clock.now().astimezone(zone).date()
        began = perf_counter()
        raw = await asyncpg.connect(**connect_arguments(url))
        database = await Database.open(url, connections=1)
        try:
            await seed(raw, patients, today)
            for statement in _EXTRA:
                await raw.execute(statement, patients, today, timeout=TIMEOUT)
            await raw.execute("vacuum analyze", timeout=TIMEOUT)
            seeded = perf_counter() - began
            told = {
                "bench": "due",
                "patients": patients,
                "seed_seconds": round(seeded, 1),
                **await _ticks(database, raw, settings, zone),
            }
        finally:
            await database.close()
            await raw.close()
    return told


async def _ticks(database: Database, raw: Tx, settings: Settings, zone: ZoneInfo) -> dict[str, Any]:
    """The first look of all, an hour with points, a night, and all points in one minute."""
    now = await raw.fetchval("select now()")
    begins = (now + HOUR).astimezone(zone).replace(minute=0, second=0, microsecond=0)
    house = House(database, settings.key_ring(), zone)
    campaigns = await _start(raw, begins, zone, SPREAD)
    first, found = await house.tick(campaigns, begins)
    before = await raw.fetchval("select coalesce(max(id), 0) from recipient")
    hour, made = await house.hour(campaigns, begins)
    if not made:
        raise BenchFailed("nobody was due")
    limit, finding = await _raw(raw, campaigns, before)
    midnight = datetime.combine(begins.date() + timedelta(1), time(), zone)
    night, _ = await house.tick(campaigns, midnight + timedelta(minutes=NIGHT), midnight)
    campaigns = await _start(raw, begins, zone, 0)
    rush, rushed = await house.tick(campaigns, begins + MINUTE, begins)
    if (await house.tick(campaigns, begins + MINUTE, begins))[1]:
        raise BenchFailed("somebody was found twice")
    return {
        "campaigns": len(campaigns),
        "finding_somebody": finding,
        "recipients": made,
        "tick_ms": _summary(hour),
        # Of one campaign: for what came in late, once a night; the first of all.
        "night_look_ms": _summary(night),
        "first_look_ms": _summary(first),
        "first_recipients": found,
        "rush_seconds": round(sum(rush) / 1000, 2),
        "rush_recipients": rushed,
        "seconds": round(sum(hour) / 1000, 2),
        "raw_seconds": round(limit / 1000, 2),
        "ratio": round(limit / sum(hour), 3),
    }


def _summary(ticks: list[float]) -> dict[str, int]:
    ordered = sorted(ticks)
    return {
        name: round(ordered[min(len(ordered) - 1, len(ordered) * part // 100)])
        for name, part in (("p50", 50), ("p90", 90), ("max", 100))
    }


@dataclass(frozen=True, slots=True)
class House:
    """What a worker has for looking at campaigns."""

    database: Database
    keys: KeyRing
    zone: ZoneInfo

    async def hour(self, campaigns: Sequence[int], begins: datetime) -> tuple[list[float], int]:
        """The ticks of an hour, in milliseconds, and how many recipients they made."""
        await self._looked_at(begins)
        took, made = [], 0
        for n in range(MINUTES):
            looks, recipients = await self.tick(campaigns, begins + (n + 1) * MINUTE)
            took.append(sum(looks))
            made += recipients
        return took, made

    async def tick(
        self, campaigns: Sequence[int], until: datetime, since: datetime | None = None
    ) -> tuple[list[float], int]:
        """One look at each of them, at points before `until`: milliseconds, and recipients made.

        `since`: all before that was looked at; None: where it stands.
        """
        if since is not None:
            await self._looked_at(since)
        took, made = [], 0
        for one in campaigns:
            began = perf_counter()
            async with self.database.transaction() as tx:
                campaign = await store.find(tx, one, lock=True)
                assert campaign is not None
                plan = store.understand(campaign)
                told = await materialise(tx, self.keys, self.zone, plan, until - AHEAD)
                made += told.recipients
            took.append((perf_counter() - began) * 1000)
        return took, made

    async def _looked_at(self, until: datetime) -> None:
        async with self.database.transaction() as tx:
            await tx.execute("update campaign set made_until = $1", until)


async def _raw(raw: Tx, campaigns: Sequence[int], after: int) -> tuple[float, int]:
    """Write the newest recipients again, and every minute that it was done, in milliseconds.

    Also of how many campaigns they are.
    """
    await raw.execute(
        f"create table bench_found as select * from recipient where id > {after:d}",  # noqa: S608  # a number
        timeout=TIMEOUT,
    )
    await raw.execute("create index on bench_found (campaign_id)")
    await raw.execute("analyze bench_found")
    await raw.execute("delete from recipient where id > $1", after, timeout=TIMEOUT)
    began = perf_counter()
    for n in range(MINUTES):
        for campaign in campaigns:
            async with raw.transaction():
                await raw.execute("update campaign set made_until = now() where id = $1", campaign)
                if n == campaign % MINUTES:
                    await raw.execute(_RAW, campaign, timeout=TIMEOUT)
    took = (perf_counter() - began) * 1000
    return took, await raw.fetchval("select count(distinct campaign_id) from bench_found")


async def _start(raw: Tx, begins: datetime, zone: ZoneInfo, spread: int) -> list[int]:
    """Campaigns with points from that hour on, so many minutes apart, and no recipients."""
    await raw.execute("truncate recipient, campaign restart identity cascade")
    found = []
    for n, (trigger, audience) in enumerate(_triggers(begins.date())):
        at = begins.astimezone(zone) + n * spread * MINUTE
        wall = f"{at:%Y-%m-%dT%H:%M}" if trigger["kind"] == "once" else f"{at:%H:%M}"
        found.append(
            await raw.fetchval(
                """insert into campaign (key, name, kind, purpose, state, starts_at, audience,
                     trigger, content)
                   values ($1, $2, 'follow_up', 'care', 'running', $3,
                     $4::text::jsonb, $5::text::jsonb, $6::text::jsonb) returning id""",
                UUID(int=n + 1),
                f"bench {n}",
                begins - HOUR,
                json.dumps({"filter": audience}),
                json.dumps(trigger | {"at": wall, "late": "skip"}),
                json.dumps({"texts": {"ja": "見本"}}),
            )
        )
    return found


def _triggers(today: date) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Thirty triggers with a point on that day, and whom each concerns."""
    visited = newest(clock.now().astimezone(UTC).date())
    occasion = upcoming(today, today + timedelta(40))[0]
    base: list[dict[str, Any]] = [
        {"kind": "birthday"},
        {"kind": "birthday", "days": -7},
        {"kind": "birthday", "days": 1},
        *({"base": "last_visit", "days": _since(visited, k, today)} for k in (0, 7, 14, 21)),
        *({"base": "supply_end", "days": _since(visited, k + 28, today)} for k in (4, 10)),
        {"base": "procedure", "codes": ["112007410"], "days": _since(visited, 5, today)},
        {"base": "procedure", "codes": ["114040810"], "days": _since(visited, 16, today)},
        {"base": "birth", "months": 216},
        {"base": "plan", "days": 120},
        {"base": "discharge", "days": 1},
        {"base": "discharge", "days": 7},
        {"base": "visit_coming", "days": -3},
        {"base": "visit_coming", "days": -7},
        {"base": "visit_booked", "days": 0},
        {"base": "visit_missed", "days": 1},
        {"base": "visit_completed", "days": 3},
        *(
            {"base": "score", "form": "bench", "item": "total", "at_least": n, "days": 7}
            for n in (10, 20)
        ),
        *(
            {"base": "lapse", "group": f"bench{n}", "state": state, "days": 1}
            for n, state in ((1, "lapsed"), (2, "at_risk"))
        ),
    ]
    told = [
        ({"kind": "relative"} | one, _AUDIENCES[n % len(_AUDIENCES)]) for n, one in enumerate(base)
    ]
    common: list[dict[str, Any]] = [
        {"kind": "yearly", "on": f"{today:%m-%d}"},
        {
            "kind": "occasion",
            "name": occasion.occasion.name,
            "days": (today - occasion.on).days,
        },
        {"kind": "season", "from": f"{today:%m-%d}", "to": f"{today + timedelta(60):%m-%d}"},
        {"kind": "weekly", "weekdays": [today.weekday()]},
        {"kind": "every", "days": 14, "from": (today - timedelta(28)).isoformat()},
    ]
    return [*told, *((one, _FEW) for one in common), ({"kind": "once"}, _FEW)]


def _since(month: date, days: int, today: date) -> int:
    """How many days ago so many days of a month were."""
    return (today - month).days - days
