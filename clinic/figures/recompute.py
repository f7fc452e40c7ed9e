"""Works the sums of a month out, from what stands."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from clinic.booking.hours import Weekly, wall_hours
from clinic.booking.search import exceptional_of, minutes_of
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.figures import rules, sql, survey

LEDGER = "('step', 'left', 'goal')"  # counted as they happen: they cannot be worked out again
TIMEOUT = 300.0  # s, of one statement


async def recompute(tx: Tx, keys: KeyRing, month: date, zone: str) -> None:
    """Work out a month, given by its first day, again. Another process that does so too waits."""
    until = rules.later(month, 1) - timedelta(days=1)
    await tx.execute("set local statement_timeout = 0")
    await tx.execute(
        """insert into figure_month (month) values ($1)
           on conflict (month) do update set computed_at = now()""",
        month,
    )
    await tx.execute(
        f"""delete from figure_day where on_date between $1 and $2
              and figure not in {LEDGER}""",  # noqa: S608  # a constant
        month,
        until,
    )
    for statement, zoned in sql.STATEMENTS:
        given = (month, until, zone) if zoned else (month, until)
        await tx.execute(statement, *given, timeout=TIMEOUT)
    await _count_open(tx, month, until)
    await survey.count_marks(tx, keys, month, until, zone)


async def fold(tx: Tx, zone: str) -> None:
    """Keep the steps of days that are over as sums."""
    await tx.execute(sql.FOLD, zone)
    await tx.execute(sql.FORGET)


async def months_known(tx: Tx, zone: str) -> tuple[date, ...]:
    """The months of which something is known, up to this one; at most ten years of them."""
    today = await today_of(tx, zone)
    first = await tx.fetchval(
        """select least((select min(on_date) from encounter),
             (select min(starts_at)::date from appointment),
             (select min(month) from source_record), (select min(created_at)::date from patient))"""
    )
    since = max(first or today, rules.later(rules.month_of(today), -119))
    return rules.months_between(min(since, today), today)


async def next_stale(tx: Tx, zone: str) -> date | None:
    """The newest month that must be worked out again, if there is one."""
    now = (await tx.fetchval("select now()")).astimezone(ZoneInfo(zone))
    changed_at = _aware(await tx.fetchval(sql.CHANGED))
    known = await _computed(tx)
    if not known or changed_at > min(known.values()):  # there may be months that are not listed yet
        await tx.execute(
            """insert into figure_month (month, computed_at)
               select unnest($1::date[]), 'epoch' on conflict (month) do nothing""",
            await months_known(tx, zone),
        )
        known = await _computed(tx)
    for month in sorted({*known, rules.month_of(now.date())}, reverse=True):
        if rules.stale(month, known.get(month), now, changed_at):
            return month
    return None


async def _computed(tx: Tx) -> dict[date, datetime]:
    rows = await tx.fetch("select month, computed_at from figure_month")
    return {row["month"]: row["computed_at"] for row in rows}


async def today_of(tx: Tx, zone: str) -> date:
    """The clinic's day."""
    on: date = await tx.fetchval("select (now() at time zone $1)::date", zone)
    return on


def _aware(at: datetime) -> datetime:
    """PostgreSQL's -infinity comes without a zone."""
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo("UTC"))


async def _count_open(tx: Tx, since: date, until: date) -> None:
    """Write each practitioner's open minutes of each day, at all sites, by the wall clock."""
    rows = await tx.fetch(
        """select r.id, jsonb_agg(to_jsonb(w)) as weekly, array_agg(distinct w.site_id) as sites
           from resource r join schedule w on w.resource_id = r.id
           where r.kind = 'practitioner' group by r.id"""
    )
    differing = await tx.fetch(
        """select resource_id, jsonb_agg(to_jsonb(x)) as rows from schedule_exception x
           where on_date between $1 and $2 group by resource_id""",
        since,
        until,
    )
    by_resource = {
        row["resource_id"]: [
            exceptional_of(one, date.fromisoformat(one["on_date"])) for one in row["rows"]
        ]
        for row in differing
    }
    days = [since + timedelta(days=number) for number in range((until - since).days + 1)]
    counted = []
    for row in rows:
        weekly = [_weekly(one) for one in row["weekly"]]
        exceptions = [*by_resource.get(None, ()), *by_resource.get(row["id"], ())]
        for on in days:
            those = [one for one in exceptions if one.on == on]
            minutes = 0
            for site in row["sites"]:
                minutes |= wall_hours(weekly, those, on, site)[0]
            if minutes:
                counted.append((on, row["id"], minutes.bit_count()))
    await tx.executemany(
        """insert into figure_day (figure, on_date, doctor_id, n, total)
           values ('open', $1, $2, 1, $3)""",
        counted,
    )


def _weekly(row: Mapping[str, Any]) -> Weekly:
    since, until = row["valid_from"], row["valid_until"]
    return Weekly(
        row["site_id"],
        row["weekday"],
        minutes_of(row["opens_at"]),
        minutes_of(row["closes_at"]),
        date.fromisoformat(since) if since else date.min,
        date.fromisoformat(until) if until else date.max,
    )
