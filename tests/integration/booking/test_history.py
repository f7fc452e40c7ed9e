"""R16: what many clients were told at once could have happened one deed after the other."""

import asyncio
import random
import time
from dataclasses import replace

import pytest

from clinic.booking import search, service
from clinic.booking.types import Held, Slot, Visit
from clinic.db import Database, Tx
from tests.integration.booking.clinic import Clinic, make
from tests.integration.booking.linear import Deed, is_linearizable

CLIENTS = 8


def test_the_check_finds_a_slot_given_twice() -> None:
    fine = [Deed(1, "hold", 7, "Held", 0, 1), Deed(2, "hold", 0, "Taken", 0.5, 2)]
    assert is_linearizable(fine)
    assert not is_linearizable([*fine, Deed(3, "hold", 8, "Held", 3, 4)])
    assert is_linearizable(
        [*fine, Deed(1, "release", 7, "", 2.5, 3.5), Deed(3, "hold", 8, "Held", 3, 4)]
    )


def test_the_check_finds_a_slot_refused_while_it_is_free() -> None:
    assert not is_linearizable([Deed(1, "hold", 0, "Taken", 0, 1)])
    late = [Deed(1, "hold", 7, "Held", 1, 2), Deed(2, "find", 0, "free", 3, 4)]
    assert not is_linearizable(late)
    assert is_linearizable([late[0], replace(late[1], begun=1.5)])
    gone = [*late[:1], Deed(1, "book", 7, "Visit", 3, 4), Deed(1, "cancel", 7, "Changed", 5, 6)]
    assert not is_linearizable(gone)


class Client:
    """Somebody at the desk who books for one patient, one deed after the other."""

    def __init__(self, clinic: Clinic, number: int, chance: random.Random) -> None:
        self.clinic, self.number, self.chance = clinic, number, chance
        self.mine: dict[str, int] = {}
        self.versions: dict[int, int] = {}

    async def deed(self, slot: Slot) -> Deed:
        """Do something about a slot and note what was told."""
        about = self.mine.get(slot.key, 0)
        what = self.chance.choice(
            ["find", "hold", "hold", "book", "book", "release", "expire", "cancel", "cancel"]
            if about
            else ["find", "hold"]
        )
        begun = time.perf_counter()
        about, told = await self.clinic.db.retrying(lambda tx: self._do(tx, what, slot, about))
        return Deed(self.number, what, about, told, begun, time.perf_counter())

    async def _do(self, tx: Tx, what: str, slot: Slot, about: int) -> tuple[int, str]:
        desk, patient = self.clinic.staff(), self.clinic.patients[self.number]
        match what:
            case "find":
                day = slot.starts_at.date()
                found = await search.find_slots(tx, "en", slot.service_id, None, day, 99)
                return 0, "free" if slot.key in {one.key for one in found} else "taken"
            case "hold":
                held = await service.hold_slot(tx, desk, slot, patient)
                if isinstance(held, Held):
                    self.mine[slot.key] = about = held.appointment_id
                return about, type(held).__name__
            case "book":
                visit = await service.book_held(tx, desk, about)
                if isinstance(visit, Visit):
                    self.versions[about] = visit.version
                return about, type(visit).__name__
            case "release":
                await service.release_hold(tx, desk, about)
                return about, ""
            case "expire":
                await tx.execute(
                    """update appointment set held_until = now() - interval '1 hour'
                       where id = $1 and status = 'held'""",
                    about,
                )
                return about, ""
        gone = await service.cancel_visit(tx, desk, about, self.versions.get(about, 0))
        return about, type(gone).__name__


async def check_history(db: Database, deeds: int, slots: int) -> None:
    clinic = await make(db, doctors=1, rooms=1, patients=CLIENTS)
    starts = await clinic.slots(slots)
    history: dict[str, list[Deed]] = {slot.key: [] for slot in starts}

    async def work(number: int) -> None:
        client = Client(clinic, number, random.Random(number))
        for _ in range(deeds):
            slot = client.chance.choice(starts)
            history[slot.key].append(await client.deed(slot))

    await asyncio.gather(*(work(number) for number in range(CLIENTS)))
    assert await clinic.overlaps() == 0
    for key, deeds_of_slot in history.items():
        assert is_linearizable(deeds_of_slot), key
    told = {(deed.what, deed.told) for one in history.values() for deed in one}
    assert {("hold", "Held"), ("hold", "Taken"), ("book", "Visit"), ("cancel", "Visit")} <= told


async def test_the_history_of_eight_clients_is_linearizable(db: Database) -> None:
    await check_history(db, deeds=30, slots=2)


@pytest.mark.long
async def test_a_long_history_of_eight_clients_is_linearizable(db: Database) -> None:
    await check_history(db, deeds=500, slots=4)
