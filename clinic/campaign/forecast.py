"""What will go out, to whom and why not to others: looked at with the code that sends."""

# ruff: noqa: S608  # what is put together is fixed texts; values are bound

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from clinic.campaign import rules, store
from clinic.campaign.audience import compile_points, look, people
from clinic.campaign.consider import Lacking, Outcome, Plan, Point, Ready, Setting, consider
from clinic.campaign.phoning import to_be_called
from clinic.campaign.trigger import Once
from clinic.campaign.types import CalendarDay, Preview, Sample
from clinic.db import Tx
from clinic.policy.types import Later, LeftOut

DAYS = 30  # that a preview looks ahead
CALENDAR_DAYS = 60
JUDGED = 20_000  # at most, of a preview; which ones is drawn, the same whenever it is looked at
JUDGED_OF_EACH = 2_000  # of each campaign of the calendar
BATCH = 1_000
SHOWN = 3  # samples of each channel and language
MOST_SHOWN = 12
TIMEOUT = 30.0  # s


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody's turn and what becomes of it; `reason`, where the trigger alone decides."""

    point: Point
    at: datetime
    outcome: Outcome


async def preview(
    tx: Tx, setting: Setting, plan: Plan, staff_id: int | None, days: int = DAYS
) -> Preview:
    """What a start would do, or what is still to come of a campaign that runs. Nothing is written.

    A `once` is looked at whole, others for so many days. Messages of the same campaign to the same
    patient on later days are not counted against the caps of each other.
    """
    now: datetime = await tx.fetchval("select now()")
    settings = setting.settings
    until = now + timedelta(days)
    if isinstance(plan.trigger, Once):
        until = max(until, plan.trigger.at.replace(tzinfo=setting.zone) + rules.AHEAD)
    due, seen = await _look(tx, setting, plan, now, until, JUDGED)
    ready = [one.outcome for one in seen if isinstance(one.outcome, Ready)]
    left = [(one.point, one.outcome.reason) for one in seen if isinstance(one.outcome, LeftOut)]
    found = await people(tx, setting.keys, setting.zone.key, plan.audience)
    by_channel = Counter(one.channel for one in ready)
    costs = settings.policy.message_cost
    return Preview(
        people=found,
        due=due,
        judged=len(seen),
        go=len(ready),
        later=Counter(one.outcome.reason for one in seen if isinstance(one.outcome, Later)),
        later_until=_until(seen),
        left_out=Counter(reason for _, reason in left),
        by_telephone=len(await to_be_called(tx, plan, left)),
        lacks=Counter(one.outcome.lacks for one in seen if isinstance(one.outcome, Lacking)),
        by_channel=by_channel,
        by_language=Counter(one.composed.language for one in ready),
        by_variant=Counter(one.variant for one in ready),
        by_day=_by_day(setting, seen, due),
        cost=sum(n * costs.get(channel, 0.0) for channel, n in by_channel.items()),
        samples=await _samples(tx, plan, seen),
        faults=await store.faults(tx, plan.campaign.draft)
        + await store.starting_faults(tx, plan.content, settings.clinic),
        needs_second=rules.needs_second(
            found, settings.policy.approval_above, staff_id, plan.campaign.changed_by
        ),
        needs_number=not rules.is_confirmed(found, settings.policy.confirm_above, None),
    )


def _until(seen: Sequence[Seen]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for one in seen:
        if isinstance(one.outcome, Later):
            reason, until = one.outcome.reason, one.outcome.until
            found[reason] = max(until, found.get(reason, until))
    return found


def _by_day(setting: Setting, seen: Sequence[Seen], due: int) -> dict[str, dict[date, int]]:
    """How many go out by each channel on each day of the clinic."""
    share = due / len(seen) if seen else 1.0
    counted = Counter(
        (one.outcome.channel, one.at.astimezone(setting.zone).date())
        for one in seen
        if isinstance(one.outcome, Ready)
    )
    found: dict[str, dict[date, int]] = {}
    for (channel, on), n in sorted(counted.items()):
        found.setdefault(channel, {})[on] = round(share * n)
    return found


async def standing_in_line(tx: Tx) -> dict[str, int]:
    """Messages of campaigns that wait to be sent already, by channel."""
    rows = await tx.fetch(
        """select channel, sum(n)::bigint as n from (
             select lane as channel, count(*) as n from outbox
             where lane is not null and state in ('pending', 'leased', 'inflight') group by lane
             union all
             select channel, coalesce(sum(members), 0) from chunk
             where state in ('pending', 'leased', 'inflight') group by channel) waiting
           group by channel"""
    )
    return {row["channel"]: row["n"] for row in rows}


async def calendar(tx: Tx, setting: Setting, days: int = CALENDAR_DAYS) -> tuple[CalendarDay, ...]:
    """What all running campaigns will do in the next days, by day and campaign.

    Who came in after today is not in it, nor what one message takes from the caps of the next.
    """
    now: datetime = await tx.fetchval("select now()")
    found: list[CalendarDay] = []
    for campaign in await store.listing(tx):
        if campaign.state != "running":
            continue
        plan = store.understand(campaign)
        due, seen = await _look(tx, setting, plan, now, now + timedelta(days), JUDGED_OF_EACH)
        share = due / len(seen) if seen else 1.0
        by_day = sorted(seen, key=lambda one: one.at)
        for on, of in groupby(by_day, lambda one: one.at.astimezone(setting.zone).date()):
            outcomes = [one.outcome for one in of]
            left = Counter(one.reason for one in outcomes if isinstance(one, LeftOut))
            found.append(
                CalendarDay(
                    on,
                    campaign.id,
                    round(share * sum(not isinstance(one, LeftOut) for one in outcomes)),
                    {reason: round(share * n) for reason, n in left.items()},
                    estimated=due > len(seen),
                )
            )
    return tuple(sorted(found, key=lambda day: (day.on, day.campaign_id)))


async def _look(
    tx: Tx, setting: Setting, plan: Plan, now: datetime, until: datetime, most: int
) -> tuple[int, list[Seen]]:
    """How many turns there are from now on, and what becomes of those that were judged."""
    campaign, zone = plan.campaign, setting.zone
    starts_at = campaign.starts_at or now
    useful = timedelta(hours=campaign.draft.useful_hours)
    window = look(plan.trigger, starts_at, campaign.made_until, until, zone)
    made = await compile_points(tx, setting.keys, zone, plan.audience, plan.trigger, window, useful)
    own = made.bind(campaign.id, "bigint")
    rows = await tx.fetch(
        f"""select n.*, count(*) over () as due from (
              select d.* from ({made.where}) d where not exists (
                select from recipient r where r.campaign_id = {own}
                  and r.patient_id = d.patient_id and r.occurrence = d.occurrence)
              union all
              select patient_id, occurrence, due_at, useful_until, state, reason from recipient
              where campaign_id = {own} and state = 'pending') n
            order by hashint8extended(n.patient_id, 0), n.due_at limit {most}""",
        *made.values,
        timeout=TIMEOUT,
    )
    seen: list[Seen] = []
    judged: list[tuple[datetime, Point]] = []
    for row in rows:
        point = Point(
            None, row["patient_id"], row["occurrence"], row["due_at"], row["useful_until"]
        )
        at = max(row["due_at"], starts_at, now)
        if row["state"] == "pending":
            judged.append((at, point))
        else:
            seen.append(Seen(point, at, LeftOut(row["reason"])))
    judged.sort(key=lambda one: (one[0], one[1].patient_id))
    for at, of in groupby(judged, lambda one: one[0]):
        points = [point for _, point in of]
        for first in range(0, len(points), BATCH):
            batch = points[first : first + BATCH]
            outcomes = await consider(tx, setting, plan, batch, at)
            seen += [Seen(point, at, outcome) for point, outcome in outcomes]
    return rows[0]["due"] if rows else 0, seen


async def _samples(tx: Tx, plan: Plan, seen: Sequence[Seen]) -> tuple[Sample, ...]:
    """A few of each channel and language."""
    shown: Counter[tuple[str, str]] = Counter()
    chosen: list[tuple[Seen, Ready]] = []
    for one in seen:
        if not isinstance(one.outcome, Ready) or len(chosen) == MOST_SHOWN:
            continue
        kind = one.outcome.channel, one.outcome.composed.language
        if shown[kind] < SHOWN:
            shown[kind] += 1
            chosen.append((one, one.outcome))
    rows: list[Any] = await tx.fetch(
        "select id, name from patient where id = any($1::bigint[])",
        [one.point.patient_id for one, _ in chosen],
    )
    names = {row["id"]: row["name"] for row in rows}
    return tuple(
        Sample(
            patient_id=one.point.patient_id,
            name=names[one.point.patient_id],
            occurrence=one.point.occurrence,
            due_at=one.at,
            channel=ready.channel,
            variant=ready.variant,
            composed=ready.composed,
            buttons=tuple(button.does for button in plan.content.buttons),
        )
        for one, ready in chosen
    )
