"""`kayoi campaign`: campaigns written, looked at, started and stopped from a script.

A file is what a draft holds: name, kind, audience, trigger, content, and if need be purpose,
hold_out (per mille) and useful_hours; the parts are as clinic/campaign/read.py and trigger.py say.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from clinic.campaign import forecast, service, store
from clinic.campaign.consider import Setting
from clinic.campaign.types import Campaign, Draft, Fault, Preview
from clinic.config import Settings
from clinic.db import Database, Tx
from clinic.errors import KayoiError
from clinic.staff.service import find_staff
from flows import texts

LONGEST = 1_000_000  # bytes of a file
SHOWN = 5  # faults told in one line
Deed = Callable[[Tx, int, int | None], Awaitable[Campaign | tuple[Fault, ...]]]
_STOPS: dict[str, Deed] = {
    "undo": service.undo,
    "pause": service.pause,
    "resume": service.resume,
    "cancel": service.cancel,
}


async def carry_out(
    settings: Settings, act: str, key: str | None, file: Path | None, name: str | None
) -> Any:
    """Carry out one act on the campaign of `key`, on behalf of the staff member of this `name`.

    Acts: list; create (with `file`); preview, start, status, undo, pause, resume, cancel. Raises
    KayoiError, telling what is wrong, if it may not be done.
    """
    assert settings.database_url is not None
    database = await Database.open(settings.database_url.get_secret_value(), connections=1)
    try:
        async with database.transaction() as tx:
            return await _carry_out(tx, settings, act, key, file, name)
    finally:
        await database.close()


async def _carry_out(
    tx: Tx, settings: Settings, act: str, key: str | None, file: Path | None, name: str | None
) -> Any:
    if act == "list":
        return [_campaign(one) for one in await store.listing(tx)]
    staff_id = None
    if name is not None:
        staff = await find_staff(tx, name)
        if staff is None:
            raise KayoiError(f"nobody is called {name}")
        staff_id = staff.id
    if act == "create":
        assert file is not None
        return _made(await service.create(tx, _draft(file), staff_id))
    found = await store.by_key(tx, key or "")
    if found is None:
        raise KayoiError(f"no campaign {key}")
    if act == "preview":
        setting = Setting(settings, settings.key_ring(), texts.shown)
        plan = store.understand(found)
        return _preview(await forecast.preview(tx, setting, plan, staff_id))
    if act == "status":
        return await _status(tx, found)
    if act == "start":
        keys = settings.key_ring()
        begun = await service.start(tx, keys, settings, found.id, found.version, staff_id)
        return _made(begun)
    return _made(await _STOPS[act](tx, found.id, staff_id))


def _draft(file: Path) -> Draft:
    """What a file says. Raises KayoiError if that is no draft."""
    if file.stat().st_size > LONGEST:
        raise KayoiError(f"{file}: too long")
    try:
        said = json.loads(file.read_text())
    except ValueError:
        raise KayoiError(f"{file}: no JSON") from None
    kinds = {"hold_out": int, "useful_hours": int, "audience": dict, "trigger": dict}
    kinds |= {"content": dict}
    if not isinstance(said, dict):
        raise KayoiError(f"{file}: no_object")
    known = {one.name for one in fields(Draft)}
    needed = {"name", "kind", "audience", "trigger", "content"}
    wrong = [f"{one}: unknown_key" for one in sorted(said.keys() - known)]
    wrong += [f"{one}: needed" for one in sorted(needed - said.keys())]
    wrong += [
        f"{one}: no_{kinds.get(one, str).__name__}"
        for one, value in said.items()
        if one in known and type(value) is not kinds.get(one, str)
    ]
    if wrong:
        raise KayoiError(f"{file}: {'; '.join(wrong[:SHOWN])}")
    return Draft(**said)


def _made(found: Campaign | tuple[Fault, ...]) -> dict[str, Any]:
    if isinstance(found, tuple):
        raise KayoiError(f"campaign: {'; '.join(map(_told, found[:SHOWN]))}")
    return _campaign(found)


def _told(fault: Fault) -> str:
    return f"{fault.where}: {fault.reason}" if fault.where else fault.reason


def _campaign(one: Campaign) -> dict[str, Any]:
    return {
        "key": str(one.key),
        "name": one.draft.name,
        "kind": one.draft.kind,
        "state": one.state,
        "version": one.version,
        "reason": one.reason,
        "starts_at": one.starts_at and one.starts_at.isoformat(),
        "ended_at": one.ended_at and one.ended_at.isoformat(),
    }


async def _status(tx: Tx, found: Campaign) -> dict[str, Any]:
    counts = await store.counts(tx, found.id)
    return {
        **_campaign(found),
        "recipients": counts.recipients,
        "states": counts.states,
        "reasons": counts.reasons,
        "answered": counts.answered,
        "booked": counts.booked,
    }


def _preview(seen: Preview) -> dict[str, Any]:
    """Numbers and texts; patients by their ids, as in all commands."""
    return {
        "people": seen.people,
        "due": seen.due,
        "judged": seen.judged,
        "go": seen.go,
        "later": dict(seen.later),
        "left_out": dict(seen.left_out),
        "by_telephone": seen.by_telephone,
        "lacks": dict(seen.lacks),
        "by_channel": dict(seen.by_channel),
        "by_language": dict(seen.by_language),
        "by_variant": dict(seen.by_variant),
        "cost": seen.cost,
        "needs_second_person": seen.needs_second,
        "faults": [_told(one) for one in seen.faults],
        "samples": [
            {
                "patient": one.patient_id,
                "occurrence": one.occurrence,
                "due_at": one.due_at.isoformat(),
                "channel": one.channel,
                "language": one.composed.language,
                "variant": one.variant,
                "text": one.composed.text,
                "buttons": list(one.buttons),
            }
            for one in seen.samples
        ],
    }
