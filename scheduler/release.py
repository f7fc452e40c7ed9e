"""From a recipient whose time has come to a row in the outbox, or to the reason why not."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.channels.channel import SendsTogether
from bot.environment import Environment
from bot.tokens import Tokens
from clinic.campaign import content as wording
from clinic.campaign import store
from clinic.campaign.company import HELD_FOR, awaited, expected
from clinic.campaign.consider import Outcome, Plan, Point, Ready, Setting, consider
from clinic.campaign.phoning import to_be_called
from clinic.campaign.rules import sending_key
from clinic.campaign.types import RETURNING, ButtonSpec, OfLapse, OfPatients
from clinic.db import Tx
from clinic.message.bulk import CHUNK, enqueue_chunk, enqueue_many
from clinic.message.service import Outgoing
from clinic.message.types import Button, Card, DeliveryClass, Message
from clinic.outreach.service import record
from clinic.picture.types import shown
from clinic.policy.types import Later, LeftOut
from flows import texts
from flows.campaign import LABELS
from scheduler.anchored import Standing, look_again

AT_ONCE = 500  # recipients whose messages are written one by one
AT_ONCE_IN_CHUNKS = 4 * CHUNK
QUEUED = 2_000  # rows of a campaign in the outbox, so that a pause holds within seconds
QUEUED_IN_CHUNKS = 20 * CHUNK
ENDED_AT_ONCE = 5_000
MULTICAST = "line"  # the channel that takes one text for many


async def release(env: Environment, setting: Setting, campaign_id: int) -> int:
    """Decide about some recipients of a campaign that are due; how many. Raises DatabaseDown.

    What is decided and the message are one transaction: who dies in it leaves nothing behind.
    """
    async with env.database.transaction() as tx:
        campaign = await store.find(tx, campaign_id)
        if campaign is None or campaign.state != "running":
            return 0
        plan, now = store.understand(campaign), await tx.fetchval("select now()")
        await _expire(tx, campaign_id)
        alike = not wording.personal(plan.content)
        most = AT_ONCE_IN_CHUNKS if alike else AT_ONCE
        queued = await tx.fetchval(
            "select count(*) from recipient where campaign_id = $1 and state = 'queued'",
            campaign_id,
        )
        most = min(most, (QUEUED_IN_CHUNKS if alike else QUEUED) - queued)
        points = await _due(tx, campaign_id, most) if most > 0 else []
        if not points:
            return 0
        standing = await look_again(tx, plan, points, now, setting.zone)
        await _leave_out(tx, [(point, "not_relevant") for point in standing.fallen])
        outcomes = await consider(tx, setting, plan, standing.points, now)
        await _note(tx, setting, plan, outcomes, now)
        await _settle(tx, plan, outcomes)
        ready = [(point, one) for point, one in outcomes if isinstance(one, Ready)]
        if alike:
            ready = await _once_each(tx, campaign_id, ready)
        company = await _company(tx, ready)
        alone = ready
        if alike and not standing.visits:  # what hangs on a visit is looked at once more, alone
            many = [one for one in ready if _in_one_call(one, company)]
            alone = [one for one in ready if not _in_one_call(one, company)]
            alone += await _in_chunks(tx, env, plan, many, now)
        await _one_by_one(tx, env, plan, alone, standing, now, company)
    return len(points)


async def _expire(tx: Tx, campaign_id: int) -> None:
    await tx.execute(
        f"""update recipient set state = 'expired', reason = 'too_late', settled_at = now()
            where id in (select id from recipient
              where campaign_id = $1 and state = 'pending' and due_at <= now()
                and useful_until <= now()
              limit {ENDED_AT_ONCE} for update skip locked)""",  # noqa: S608  # constants
        campaign_id,
    )


async def _due(tx: Tx, campaign_id: int, most: int) -> list[Point]:
    """Those whose time has come, locked; of one patient the first turn only."""
    rows = await tx.fetch(
        """select id, patient_id, occurrence, due_at, useful_until, tried, attempt
           from recipient
           where campaign_id = $1 and state = 'pending' and due_at <= now()
             and useful_until > now()
           order by due_at, id limit $2 for no key update skip locked""",
        campaign_id,
        most,
    )
    points: dict[int, Point] = {}
    for row in rows:
        point = Point(
            row["id"],
            row["patient_id"],
            row["occurrence"],
            row["due_at"],
            row["useful_until"],
            tuple(row["tried"]),
            row["attempt"],
        )
        points.setdefault(point.patient_id, point)
    return list(points.values())


async def _note(
    tx: Tx,
    setting: Setting,
    plan: Plan,
    outcomes: Iterable[tuple[Point, Outcome]],
    now: datetime,
) -> None:
    """Record the sending of the day, so that returns are counted against the hold-out."""
    draft = plan.campaign.draft
    if not draft.hold_out and draft.kind not in RETURNING:
        return
    first = [
        (point.patient_id, one)
        for point, one in outcomes
        if not point.is_drawn and not isinstance(one, Later)
    ]
    if not first:
        return
    group = None
    if isinstance(plan.audience, OfLapse | OfPatients) and plan.audience.group:
        group = await tx.fetchval("select id from care_group where code = $1", plan.audience.group)
    on = now.astimezone(setting.zone).date()
    left = {
        patient: one.reason
        for patient, one in first
        if isinstance(one, LeftOut) and one.reason != "held_out"
    }
    await record(
        tx,
        sending_key(plan.campaign.key, on),
        draft.name,
        plan.outbox_purpose,
        draft.hold_out,
        [patient for patient, _ in first if patient not in left],
        left,
        on,
        group=group,
        staff=plan.campaign.approved_by,
    )


async def _settle(tx: Tx, plan: Plan, outcomes: Sequence[tuple[Point, Outcome]]) -> None:
    """Put off who has to wait, and end who gets nothing, each with the reason."""
    put_off = [
        (point.id, one.until, one.reason) for point, one in outcomes if isinstance(one, Later)
    ]
    await tx.execute(
        """update recipient r set due_at = n.until, reason = n.reason
           from unnest($1::bigint[], $2::timestamptz[], $3::text[]) n (id, until, reason)
           where r.id = n.id""",
        *([row[n] for row in put_off] for n in range(3)),
    )
    left = [(point, one.reason) for point, one in outcomes if isinstance(one, LeftOut)]
    await _leave_out(tx, left)
    await tx.executemany(
        """insert into task (key, kind, patient_id, detail) values ($1, 'unreached', $2, $3)
           on conflict (key) do nothing""",
        [
            (
                f"unreached:{point.id}",
                point.patient_id,
                {"campaign": plan.campaign.id, "reason": reason},
            )
            for point, reason in await to_be_called(tx, plan, left)
        ],
    )


async def _leave_out(tx: Tx, left: Sequence[tuple[Point, str]]) -> None:
    await tx.execute(
        """update recipient r set state = case n.reason when 'held_out' then 'held_out'
                                     when 'too_late' then 'expired' else 'skipped' end,
             reason = n.reason, settled_at = now()
           from unnest($1::bigint[], $2::text[]) n (id, reason) where r.id = n.id""",
        [point.id for point, _ in left],
        [reason for _, reason in left],
    )


async def _once_each(
    tx: Tx, campaign_id: int, ready: Sequence[tuple[Point, Ready]]
) -> list[tuple[Point, Ready]]:
    """The same words once to each chat, whoever else of a family it speaks for."""
    rows = await tx.fetch(
        """select r.account_id, r.occurrence from link l
           join recipient r on r.campaign_id = $1 and r.patient_id = l.patient_id
             and r.account_id = l.account_id
           where l.account_id = any($2::bigint[]) and r.state in ('queued', 'sent', 'unknown')""",
        campaign_id,
        [one.account_id for _, one in ready],
    )
    told = {(row["account_id"], row["occurrence"]) for row in rows}
    kept: list[tuple[Point, Ready]] = []
    twice: list[tuple[Point, str]] = []
    for point, one in ready:
        if (one.account_id, point.occurrence) in told:
            twice.append((point, "told_already"))
        else:
            told.add((one.account_id, point.occurrence))
            kept.append((point, one))
    await _leave_out(tx, twice)
    return kept


@dataclass(frozen=True, slots=True)
class _Company:
    """Who gets something else in these moments: patients for whom it is yet to be written, and
    chats for which it waits to be sent."""

    expected: Collection[int]
    awaited: Collection[int]


async def _company(tx: Tx, ready: Sequence[tuple[Point, Ready]]) -> _Company:
    ids = [point.id for point, _ in ready if point.id is not None]
    return _Company(
        await expected(tx, [point.patient_id for point, _ in ready], ids),
        await awaited(tx, [one.account_id for _, one in ready]),
    )


def _in_one_call(one: tuple[Point, Ready], company: _Company) -> bool:
    """Whether it may go in one call to many. Who gets more than one message is left out of that:
    what comes as one message to them is theirs alone."""
    point, ready = one
    return (
        ready.channel == MULTICAST
        and point.patient_id not in company.expected
        and ready.account_id not in company.awaited
    )


async def _in_chunks(
    tx: Tx,
    env: Environment,
    plan: Plan,
    ready: Sequence[tuple[Point, Ready]],
    now: datetime,
) -> list[tuple[Point, Ready]]:
    """Write one row for up to 500 chats that get the same; who stays alone with a text is left."""
    groups: dict[tuple[object, ...], list[tuple[Point, Ready]]] = {}
    for point, one in ready:
        groups.setdefault((one.composed, point.useful_until), []).append((point, one))
    alone: list[tuple[Point, Ready]] = []
    for group in groups.values():
        for first in range(0, len(group), CHUNK):
            part = group[first : first + CHUNK]
            if len(part) == 1:
                alone += part
                continue
            point, one = part[0]
            stored = [(point.id, one) for point, one in part if point.id is not None]
            await enqueue_chunk(
                tx,
                env.keys,
                _message(env, one, ()),
                MULTICAST,
                plan.campaign.purpose,
                plan.outbox_purpose,
                [recipient for recipient, _ in stored],
                point.useful_until,
                now,
                [(one.account_id, one.variant) for _, one in stored],
            )
    return alone


async def _one_by_one(
    tx: Tx,
    env: Environment,
    plan: Plan,
    ready: Sequence[tuple[Point, Ready]],
    standing: Standing,
    now: datetime,
    company: _Company,
) -> None:
    """A row each. One that others are to go along with waits for them, not for long."""
    visits = standing.visits

    def at(point: Point, channel: str) -> datetime:
        waits = (
            point.patient_id in company.expected
            and point.useful_until > now + 2 * HELD_FOR
            and isinstance(env.channels.get(channel), SendsTogether)
        )
        return now + HELD_FOR if waits else now

    rows = [
        Outgoing(
            account_id=one.account_id,
            message=_message(env, one, _buttons(env, plan.content.buttons, point, one)),
            dedup_key=_dedup_key(point),
            purpose=plan.outbox_purpose,
            delivery_class=DeliveryClass.CAMPAIGN,
            useful_for=point.useful_until - at(point, one.channel),
            link_version=one.link_version,
            consent_purpose=plan.campaign.purpose,
            patient_id=point.patient_id,
            appointment_id=visits[point.id][0] if point.id in visits else None,
            appointment_version=visits[point.id][1] if point.id in visits else None,
            at=at(point, one.channel),
        )
        for point, one in ready
    ]
    if not rows:
        return
    written = await enqueue_many(tx, env.keys, rows)
    await tx.execute(
        """update recipient r set state = 'queued', reason = null, outbox_id = n.outbox,
             account_id = n.account, variant = n.variant
           from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[])
             n (id, outbox, account, variant)
           where r.id = n.id and n.outbox is not null""",
        [point.id for point, _ in ready],
        written,
        [one.account_id for _, one in ready],
        [one.variant for _, one in ready],
    )


def _dedup_key(point: Point) -> str:
    """Another account, or staff's wish to try again, is another message; one is written once."""
    again = f":again:{point.attempt}" if point.attempt else ""
    return f"campaign:{point.id}:{len(point.tried)}{again}"


def _buttons(
    env: Environment, buttons: Sequence[ButtonSpec], point: Point, one: Ready
) -> tuple[Button, ...]:
    tokens, language = Tokens(env.keys, one.account_id), one.composed.language
    assert point.id is not None
    return tuple(
        Button(
            texts.text(LABELS[button.does], {}, language),
            tokens.standing("p", point.id, number),
            "navigation" if button.does == "stop" else "choice" if number else "primary",
        )
        for number, button in enumerate(buttons)
    )


def _message(env: Environment, one: Ready, buttons: tuple[Button, ...]) -> Message:
    """What is written down is what every try sends: the address of the picture too."""
    said = one.composed
    card = Card(said.title, said.rows) if said.title else None
    address = env.settings.server.public_url
    picture = shown(said.picture, said.alt, address) if said.picture else None
    return Message(said.text, said.language, card=card, buttons=buttons, picture=picture)
