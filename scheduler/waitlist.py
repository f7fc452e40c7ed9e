"""Offers times that became free, wave after wave, and looks for bookings that may be empty."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.environment import Environment
from bot.offers import purpose_of, send_offer
from clinic.booking.actor import Actor
from clinic.db import Tx
from clinic.policy.hours import is_quiet, quiet_end
from clinic.policy.service import judge
from clinic.policy.types import CHAIN, CHATS, Decision, Go, Wanted
from clinic.waitlist import candidates, rules, service
from clinic.waitlist.entries import end_stale
from clinic.waitlist.service import Rescue
from clinic.waitlist.suspicion import note_suspicious
from clinic.waitlist.types import Ask, Candidate, End, Standing, Wait
from scheduler.due import FAILED, safely

AT_ONCE = 20
JUDGED = 30  # people whom the policy is asked about at a time
LOOK_AGAIN = timedelta(seconds=20)  # whether offers arrive, while people think about them
AFTER_A_BUG = timedelta(minutes=5)
# Nobody reads a letter within ten minutes.
CHANNELS = tuple(name for name in CHAIN if name in CHATS)


async def rescue_due(env: Environment) -> int:
    """Look at the freed times that are due; how many there were. Raises DatabaseDown.

    Any number of workers may: each rescue is locked while it is looked at, and all that is known of
    it are rows, so that one whose worker died is carried on by another.
    """
    async with env.database.transaction() as tx:
        found = await end_stale(tx)
    for _ in range(AT_ONCE):
        if not await env.database.retrying(lambda tx: _look(tx, env)):
            break
        found += 1
    return found


async def suspect(env: Environment) -> int:
    """Put visits that may be empty bookings on the call list, each once. Raises DatabaseDown."""
    async with env.database.transaction() as tx:
        return await note_suspicious(tx)


async def _look(tx: Tx, env: Environment) -> bool:
    rescue = await service.claim_due(tx)
    if rescue is None:
        return False
    if await safely(tx, "rescue", rescue.id, _carry_on(tx, env, rescue)) == FAILED:
        await _again(tx, rescue, rescue.now + AFTER_A_BUG)
    return True


async def _carry_on(tx: Tx, env: Environment, rescue: Rescue) -> None:
    if not env.settings.waitlist.enabled:
        await service.end(tx, rescue, "off")
        return
    now = env.local(rescue.now)
    standing = Standing(
        starts_at=rescue.freed.starts_at,
        wave=rescue.wave,
        now=now,
        quiet_until=quiet_end(now, env.quiet_hours) if is_quiet(now, env.quiet_hours) else None,
        waiting=await service.lapse_undelivered(tx, rescue.id),
        wave_until=rescue.held_until,
    )
    match rules.next_step(standing, service.waves_of(env.settings)):
        case Wait(until, keep=True):
            await _again(tx, rescue, min(until, rescue.now + LOOK_AGAIN))
        case Wait(until):
            await service.lapse_offers(tx, rescue.id)
            await service.let_go(tx, rescue)
            await _again(tx, rescue, until)
        case End(reason):
            await service.end(tx, rescue, reason)
        case Ask(until):
            await service.lapse_offers(tx, rescue.id)
            await _ask(tx, env, rescue, until)


async def _ask(tx: Tx, env: Environment, rescue: Rescue, until: datetime) -> None:
    """Keep the time and offer it to the next people."""
    chosen = await _next_people(tx, env, rescue, until)
    if not chosen:
        await service.end(tx, rescue, "all_asked" if rescue.wave else "nobody")
        return
    language = env.settings.clinic.languages[0]
    clinic = Actor("system", None, language, env.settings, env.keys)
    minutes = int((until - rescue.now) / timedelta(minutes=1))
    hold = await service.keep(tx, clinic, rescue, minutes)
    if hold is None:
        await service.end(tx, rescue, "not_free")
        return
    for candidate, go in chosen:
        offer = await service.write_offer(tx, rescue, candidate, go.account_id, until)
        outbox = await send_offer(tx, env.keys, env.settings, offer, rescue, candidate, go, until)
        await tx.execute("update slot_offer set outbox_id = $2 where id = $1", offer, outbox)
    await tx.execute(
        """update slot_rescue set wave = wave + 1, hold_id = $2,
             due_at = least($3::timestamptz, now() + $4::interval) where id = $1""",
        rescue.id,
        hold,
        until,
        LOOK_AGAIN,
    )


async def _next_people(
    tx: Tx, env: Environment, rescue: Rescue, until: datetime
) -> list[tuple[Candidate, Go]]:
    """The best matches that may be written to now. Who may not is noted with the reason."""
    size = env.settings.waitlist.wave_size
    chosen: list[tuple[Candidate, Go]] = []
    for source in (candidates.waiting, candidates.due):
        people = await source(tx, rescue.id, rescue.freed)
        for first in range(0, len(people), JUDGED):
            some = people[first : first + JUDGED]
            decisions = await _judge(tx, env, rescue, some, until)
            for one in some:
                if len(chosen) == size:
                    return chosen
                decision = decisions[one.patient_id]
                if isinstance(decision, Go):
                    chosen.append((one, decision))
                else:
                    await service.note_left_out(tx, rescue, one, decision.reason)
    return chosen


async def _judge(
    tx: Tx, env: Environment, rescue: Rescue, some: Sequence[Candidate], until: datetime
) -> dict[int, Decision]:
    what = Wanted(
        purpose=purpose_of(some[0]),
        kind="offer",
        channels=CHANNELS,
        useful_until={one.patient_id: until for one in some},
        first={one.patient_id: one.account_id for one in some if one.account_id is not None},
    )
    ids = [one.patient_id for one in some]
    return await judge(tx, env.settings, env.zone, ids, what, rescue.now)


async def _again(tx: Tx, rescue: Rescue, at: datetime) -> None:
    await tx.execute("update slot_rescue set due_at = $2 where id = $1", rescue.id, at)
