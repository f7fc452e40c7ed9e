"""Endpoints of other systems, for admins: who is told what happens here, and what was told."""

from collections.abc import Collection
from datetime import timedelta
from typing import Literal

from clinic.audit.service import record
from clinic.config import Webhooks
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.staff.types import Role, Staff
from clinic.webhook import catching_up, service
from clinic.webhook.rules import wanted_problems
from clinic.webhook.types import Delivery, DeliveryState, Endpoint, Wanted

Turn = Literal["pause", "resume", "remove", "restore"]
TURNS: tuple[Turn, ...] = ("pause", "resume", "remove", "restore")
NOT_ALLOWED = ("not_allowed",)


async def access_endpoints(tx: Tx, keys: KeyRing, staff: Staff) -> list[Endpoint]:
    """All endpoints. Shows no patient, so it leaves no audit row."""
    return await service.listing(tx, keys) if staff.role is Role.ADMIN else []


async def access_endpoint(tx: Tx, keys: KeyRing, staff: Staff, endpoint_id: int) -> Endpoint | None:
    """One endpoint, even if it was removed; None if there is none."""
    if staff.role is not Role.ADMIN:
        return None
    return next(iter(await service.listing(tx, keys, endpoint_id)), None)


async def access_deliveries(
    tx: Tx,
    staff: Staff,
    endpoint_id: int,
    states: Collection[DeliveryState],
    before: int | None,
    most: int,
) -> list[Delivery]:
    """What went to an endpoint or is on its way, the newest first. Ids and codes only."""
    if staff.role is not Role.ADMIN:
        return []
    return await service.deliveries(tx, endpoint_id, states, before=before, most=most)


async def access_add_endpoint(
    tx: Tx, keys: KeyRing, settings: Webhooks, staff: Staff, wanted: Wanted
) -> tuple[int, str] | tuple[str, ...]:
    """Add an endpoint: its id and its secret, shown this once; or all that is wrong with it."""
    if wrong := _problems(settings, staff, wanted):
        return wrong
    endpoint_id, secret = await service.add(tx, keys, wanted)
    await _note(tx, staff, "add", endpoint_id, kinds=len(wanted.kinds))
    return endpoint_id, secret


async def access_change_endpoint(
    tx: Tx, keys: KeyRing, settings: Webhooks, staff: Staff, endpoint_id: int, wanted: Wanted
) -> tuple[str, ...]:
    """Write an endpoint anew; all that is wrong with it, `not_there` if it is gone."""
    if wrong := _problems(settings, staff, wanted):
        return wrong
    if not await service.change(tx, keys, endpoint_id, wanted):
        return ("not_there",)
    await _note(tx, staff, "change", endpoint_id, kinds=len(wanted.kinds))
    return ()


async def access_rotate(tx: Tx, keys: KeyRing, staff: Staff, endpoint_id: int) -> str | None:
    """A new secret, shown this once; None if there is no such endpoint."""
    if staff.role is not Role.ADMIN:
        return None
    secret = await service.rotate(tx, keys, endpoint_id)
    if secret is not None:
        await _note(tx, staff, "rotate", endpoint_id)
    return secret


async def access_turn(tx: Tx, staff: Staff, endpoint_id: int, turn: Turn) -> bool:
    """Pause, resume, remove or bring back an endpoint; False if it is so already, or gone.

    What was removed comes back paused: what was to go to it is dropped.
    """
    if staff.role is not Role.ADMIN:
        return False
    if turn == "resume":
        done = await service.turn(tx, endpoint_id, "active")
    elif turn == "remove":
        done = await service.turn(tx, endpoint_id, "removed")
    else:
        done = await service.turn(tx, endpoint_id, "paused", "by_staff")
    if done:
        await _note(tx, staff, turn, endpoint_id)
    return done


async def access_test(tx: Tx, staff: Staff, endpoint_id: int) -> bool:
    """Send a test event to an active endpoint."""
    done = staff.role is Role.ADMIN and await service.test(tx, endpoint_id)
    if done:
        await _note(tx, staff, "test", endpoint_id)
    return done


async def access_redeliver(
    tx: Tx, staff: Staff, endpoint_id: int, delivery_id: int | None = None
) -> int:
    """Send the dead letters of an endpoint again, or one delivery; how many."""
    if staff.role is not Role.ADMIN:
        return 0
    count = await service.redeliver(tx, endpoint_id, delivery_id)
    if count:
        await _note(tx, staff, "redeliver", endpoint_id, deliveries=count)
    return count


async def access_passed(tx: Tx, staff: Staff, endpoint_id: int, within: timedelta) -> int:
    """How many events passed an endpoint by in that time, such as while it was paused."""
    if staff.role is not Role.ADMIN:
        return 0
    return await catching_up.passed(tx, endpoint_id, within)


async def access_catch_up(tx: Tx, staff: Staff, endpoint_id: int, within: timedelta) -> int:
    """Have those delivered after all; how many."""
    if staff.role is not Role.ADMIN:
        return 0
    count = await catching_up.catch_up(tx, endpoint_id, within)
    if count:
        await _note(tx, staff, "catch_up", endpoint_id, deliveries=count)
    return count


def _problems(settings: Webhooks, staff: Staff, wanted: Wanted) -> tuple[str, ...]:
    if staff.role is not Role.ADMIN:
        return NOT_ALLOWED
    return wanted_problems(wanted, settings.ports, loopback=settings.allow_loopback)


async def _note(tx: Tx, staff: Staff, act: str, endpoint_id: int, **detail: int) -> None:
    await record(tx, "staff", staff.id, f"staff:webhook:{act}", endpoint_id, detail)
