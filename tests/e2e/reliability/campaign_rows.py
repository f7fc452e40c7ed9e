"""Campaigns as staff start them, for patients with a chat each; the workers do all the rest."""

import sys
from collections.abc import Iterable
from typing import Any

from clinic.campaign import service
from clinic.campaign.types import Campaign, Draft
from clinic.config import Policy, Settings
from clinic.ids import new_key
from tests.e2e.reliability.clinic_rows import add_accounts
from tests.e2e.reliability.rig import Rig

ONCE = {"kind": "once", "at": "2026-01-05T09:00", "late": "send"}
SETTINGS = Settings.model_construct(
    policy=Policy(approval_above=sys.maxsize, undo_seconds=0, per_day=9)
)


async def add_patients(rig: Rig, channel: str, numbers: Iterable[int]) -> list[int]:
    """Patients with a chat of their own on the channel; their ids."""
    accounts = await add_accounts(rig, channel, numbers)
    async with rig.database.transaction() as tx:
        found = []
        for number, account in accounts.items():
            patient: int = await tx.fetchval(
                "insert into patient (key, name) values ($1, $2) returning id",
                new_key(),
                f"Patient {channel} {number}",
            )
            await tx.execute(
                """insert into link (account_id, patient_id, relation, proof)
                   values ($1, $2, 'self', 'code')""",
                account,
                patient,
            )
            found.append(patient)
    return found


async def start_campaign(rig: Rig, patients: list[int], *, alike: bool, name: str = "Hello") -> int:
    """A campaign that runs: the same words for all of them, or each with their own name."""
    said = f"{name}: we are closed on Monday." if alike else f"{name}, dear {{name}}."
    content: dict[str, Any] = {"texts": {"ja": said, "en": said}}
    draft = Draft(name, "notice", {"patients": patients}, ONCE, content)
    async with rig.database.transaction() as tx:
        made = await service.create(tx, draft, None)
        assert isinstance(made, Campaign), made
        begun = await service.start(tx, rig.keys, SETTINGS, made.id, made.version, None)
        assert isinstance(begun, Campaign), begun
    return begun.id
