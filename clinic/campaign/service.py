"""What is done with campaigns: written, started by as many people as it takes, stopped."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from clinic.audit.service import record
from clinic.campaign import rules, settle, store
from clinic.campaign.audience import people
from clinic.campaign.types import CONSENTS, KINDS, Act, Campaign, Draft, Fault
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key
from clinic.webhook.announce import announce
from clinic.webhook.types import Kind

Faults = tuple[Fault, ...]


async def create(
    tx: Tx, draft: Draft, staff_id: int | None, key: UUID | None = None
) -> Campaign | Faults:
    """Save a new draft; or all that is wrong with it. `key`: one of its own, in tests."""
    if wrong := await store.faults(tx, draft):
        return wrong
    campaign_id: int = await tx.fetchval(
        """insert into campaign (key, name, kind, purpose, audience, trigger, content, hold_out,
                                 useful_hours, created_by_id, changed_by_id)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) returning id""",
        key or new_key(),
        *_values(draft),
        staff_id,
    )
    return await _told(tx, campaign_id, "create", staff_id)


async def change(
    tx: Tx, campaign_id: int, version: int, draft: Draft, staff_id: int | None
) -> Campaign | Faults:
    """Write a draft anew. `version`: the one that was looked at, so that nobody is overwritten."""
    found = await _may(tx, campaign_id, "change", version)
    if isinstance(found, Fault):
        return (found,)
    if wrong := await store.faults(tx, draft):
        return wrong
    await tx.execute(
        """update campaign set name = $2, kind = $3, purpose = $4, audience = $5, trigger = $6,
             content = $7, hold_out = $8, useful_hours = $9, changed_by_id = $10,
             version = version + 1 where id = $1""",
        campaign_id,
        *_values(draft),
        staff_id,
    )
    return await _told(tx, campaign_id, "change", staff_id)


async def copy(tx: Tx, campaign_id: int, staff_id: int | None) -> Campaign | Faults:
    """A new draft that says the same."""
    found = await store.find(tx, campaign_id)
    return (_GONE,) if found is None else await create(tx, found.draft, staff_id)


async def ask(tx: Tx, campaign_id: int, version: int, staff_id: int | None) -> Campaign | Faults:
    """Ask for somebody else's approval: a task for all staff."""
    found = await _may(tx, campaign_id, "ask", version)
    if isinstance(found, Fault):
        return (found,)
    await tx.execute("update campaign set state = 'waiting' where id = $1", campaign_id)
    await tell_staff(tx, campaign_id, "approval", str(found.version))
    return await _told(tx, campaign_id, "ask", staff_id)


async def start(
    tx: Tx,
    keys: KeyRing,
    settings: Settings,
    campaign_id: int,
    version: int,
    staff_id: int | None,
    typed: int | None = None,
    *,
    by_hand: bool = False,
) -> Campaign | Faults:
    """Start a draft, or approve and start one that waits.

    Of more than `policy.approval_above` people somebody else than who wrote it has to start it
    (`needs_second_person`). Who starts it `by_hand` for more than `policy.confirm_above` has
    `typed` how many they are (`needs_number`). Nothing goes out for `policy.undo_seconds`.
    """
    found = await _may(tx, campaign_id, "start", version)
    if isinstance(found, Fault):
        return (found,)
    plan, clinic = store.understand(found), settings.clinic
    wrong = await store.faults(tx, found.draft)
    wrong += await store.starting_faults(tx, plan.content, clinic)
    if wrong:
        return wrong
    many = await people(tx, keys, clinic.time_zone, plan.audience)
    if rules.needs_second(many, settings.policy.approval_above, staff_id, found.changed_by):
        return (Fault("", "needs_second_person"),)
    if by_hand and not rules.is_confirmed(many, settings.policy.confirm_above, typed):
        return (Fault("", "needs_number"),)
    await tx.execute(
        """update campaign set state = 'running', starts_at = now() + $2::interval,
             approved_by_id = $3, made_until = null, reason = null where id = $1""",
        campaign_id,
        timedelta(seconds=settings.policy.undo_seconds),
        staff_id,
    )
    await _close_tasks(tx, campaign_id)
    return await _told(tx, campaign_id, "start", staff_id)


async def undo(tx: Tx, campaign_id: int, staff_id: int | None) -> Campaign | Faults:
    """Make a campaign that waits, or was started some seconds ago, a draft again."""
    set_to = "state = 'draft', starts_at = null, approved_by_id = null"
    return await _turn(tx, campaign_id, staff_id, "undo", set_to)


async def pause(tx: Tx, campaign_id: int, staff_id: int | None) -> Campaign | Faults:
    """Let nothing more out. What is at the platform already cannot be called back."""
    set_to = "state = 'paused', reason = 'by_staff'"
    return await _turn(tx, campaign_id, staff_id, "pause", set_to)


async def resume(tx: Tx, campaign_id: int, staff_id: int | None) -> Campaign | Faults:
    """Go on with those who got nothing yet."""
    set_to = "state = 'running', reason = null, resumed_at = now()"
    return await _turn(tx, campaign_id, staff_id, "resume", set_to)


async def cancel(tx: Tx, campaign_id: int, staff_id: int | None) -> Campaign | Faults:
    """End it for good; the worker then ends who still waits."""
    set_to = "state = 'cancelled', reason = 'by_staff', ended_at = now()"
    return await _turn(tx, campaign_id, staff_id, "cancel", set_to)


async def finish(tx: Tx, campaign_id: int) -> bool:
    """End a running campaign all of whose recipients have ended, if the sums are right.

    False, and it is paused and staff are told, if a message ended otherwise than its recipient.
    """
    wrong: int = await tx.fetchval(
        """select count(*) from recipient r left join outbox o on o.id = r.outbox_id
           left join chunk k on k.id = r.chunk_id
           where r.campaign_id = $1 and (r.state in ('pending', 'queued')
             or r.state in ('sent', 'refused', 'unknown')
                and coalesce(o.state, k.state) is distinct from r.state)""",
        campaign_id,
    )
    if wrong:
        await settle.pause(tx, [campaign_id], "mismatch")
        return False
    await tx.execute(
        "update campaign set state = 'finished', ended_at = now() where id = $1", campaign_id
    )
    ended = await _told(tx, campaign_id, "finish", None)
    await call_refused(tx, ended, ended.created_at)
    return True


async def decide_late(
    tx: Tx, campaign_id: int, staff_id: int | None, *, send: bool
) -> int | Faults:
    """What becomes of those whose time was over when they came in; how many that were."""
    found = await store.find(tx, campaign_id, lock=True)
    if found is None or found.state not in ("running", "paused"):
        return (_GONE if found is None else Fault("", f"is_{found.state}"),)
    status: str = await tx.execute(
        """update recipient set
             state = case when $2 then 'pending' else 'skipped' end,
             reason = case when $2 then null else 'too_late_on_enrolment' end,
             due_at = case when $2 then now() else due_at end,
             useful_until = case when $2 then now() + make_interval(hours => $3)
                                 else useful_until end,
             settled_at = case when $2 then null else settled_at end
           where campaign_id = $1 and state = 'skipped' and reason = 'late_to_decide'""",
        campaign_id,
        send,
        found.draft.useful_hours,
    )
    await tx.execute(
        """update task set state = 'closed', closed_at = now(), closed_by_id = $2
           where kind = 'campaign' and state = 'open' and key like $1""",
        f"campaign:{campaign_id}:late:%",
        staff_id,
    )
    await _told(tx, campaign_id, "send_late" if send else "skip_late", staff_id)
    return int(status.rpartition(" ")[2])


async def tell_staff(tx: Tx, campaign_id: int, reason: str, which: str = "") -> None:
    """A task for staff about a campaign, once for each `reason` and `which`."""
    await tx.execute(
        """insert into task (key, kind, detail) values ($1, 'campaign', $2)
           on conflict (key) do update set state = 'open', closed_at = null""",
        f"campaign:{campaign_id}:{reason}{':' if which else ''}{which}",
        {"campaign": campaign_id, "reason": reason},
    )


async def call_refused(tx: Tx, campaign: Campaign, since: datetime) -> None:
    """Tasks to call whom a message that treatment needs did not reach by any way, since then."""
    if KINDS[campaign.draft.kind] != "plan":
        return
    await tx.execute(
        """insert into task (key, kind, patient_id, detail)
           select 'unreached:' || id, 'unreached', patient_id,
             jsonb_build_object('campaign', campaign_id, 'reason', 'no_channel')
           from recipient where campaign_id = $1 and settled_at > $2
             and (state = 'refused' or state = 'skipped' and reason = 'unreachable' and
                  account_id is not null)
           on conflict (key) do nothing""",
        campaign.id,
        since,
    )


_GONE = Fault("", "no_campaign")
_TOLD = {  # to other systems
    "start": Kind.CAMPAIGN_STARTED,
    "pause": Kind.CAMPAIGN_PAUSED,
    "finish": Kind.CAMPAIGN_FINISHED,
}


async def _may(tx: Tx, campaign_id: int, act: Act, version: int | None = None) -> Campaign | Fault:
    """The campaign, locked, if this may be done with it now; else why not: `is_<state>`."""
    found = await store.find(tx, campaign_id, lock=True)
    if found is None:
        return _GONE
    if act not in rules.acts(found.state, await tx.fetchval("select now()"), found.starts_at):
        return Fault("", f"is_{found.state}")
    if version is not None and version != found.version:
        return Fault("", "changed_meanwhile")
    return found


async def _turn(
    tx: Tx, campaign_id: int, staff_id: int | None, act: Act, set_to: str
) -> Campaign | Faults:
    """Do one `act`, which only sets columns, if it may be done; `set_to`: SQL of this module."""
    found = await _may(tx, campaign_id, act)
    if isinstance(found, Fault):
        return (found,)
    await tx.execute(f"update campaign set {set_to} where id = $1", campaign_id)  # noqa: S608
    if act != "pause":
        await _close_tasks(tx, campaign_id)
    return await _told(tx, campaign_id, act, staff_id)


async def _told(tx: Tx, campaign_id: int, deed: str, staff_id: int | None) -> Campaign:
    """The campaign as it now stands, with a line in the audit trail."""
    found = await store.find(tx, campaign_id)
    assert found is not None
    actor: Literal["staff", "system"] = "system" if staff_id is None else "staff"
    detail = {"version": found.version}
    await record(tx, actor, staff_id, f"{actor}:campaign:{deed}", campaign_id, detail)
    if deed in _TOLD:
        await announce(tx, _TOLD[deed], {"campaign_id": campaign_id})
    return found


async def _close_tasks(tx: Tx, campaign_id: int) -> None:
    """What staff were asked to do about it is done; who came late is still to be decided about."""
    await tx.execute(
        """update task set state = 'closed', closed_at = now()
           where kind = 'campaign' and state = 'open' and key like $1 and key not like $2""",
        f"campaign:{campaign_id}:%",
        f"campaign:{campaign_id}:late:%",
    )


def _values(draft: Draft) -> tuple[object, ...]:
    return (
        " ".join(draft.name.split()),
        draft.kind,
        draft.purpose or CONSENTS[draft.kind],
        dict(draft.audience),
        dict(draft.trigger),
        dict(draft.content),
        draft.hold_out,
        draft.useful_hours,
    )
