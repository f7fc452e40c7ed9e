"""A clinic on real stores: visits that are given up, and who is asked about their times."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.environment import Environment
from bot.tokens import Tokens
from clinic.booking import search, service
from clinic.booking.actor import Actor
from clinic.booking.types import Held, Slot, Visit
from clinic.waitlist import entries
from clinic.waitlist.types import Wishes
from scheduler.waitlist import rescue_due
from tests.integration.booking.clinic import Clinic, make
from tests.integration.turns.rig import Patient, Rig

AHEAD = 3  # days from today to the day that tests book on


@dataclass
class Person:
    """A patient with a chat of their own, who has agreed to be written to."""

    patient: Patient
    id: int
    account_id: int


@dataclass
class House:
    env: Environment
    clinic: Clinic
    rig: Rig
    people: list[Person] = field(default_factory=list)

    async def person(self, name: str) -> Person:
        """Somebody whose chat is linked to their record."""
        patient = self.rig.patient(name)
        await patient.comes_in()
        patient_id = await self.value(
            """insert into patient (key, name, language) values (gen_random_uuid(), $1, 'en')
               returning id""",
            name,
        )
        await self.value(
            """insert into link (account_id, patient_id, relation, proof)
               values ($1, $2, 'self', 'code') returning id""",
            patient.account_id,
            patient_id,
        )
        person = Person(patient, patient_id, patient.account_id)
        self.people.append(person)
        return person

    async def several(self, count: int) -> list[Person]:
        """So many people, in the order in which they came."""
        return [await self.person(f"p{n:02}-") for n in range(count)]

    def actor(self, person: Person) -> Actor:
        ids = frozenset({person.id})
        return Actor("patient", person.account_id, "en", self.env.settings, self.env.keys, ids, ids)

    async def slots(self, limit: int = 8, ahead: int = AHEAD) -> list[Slot]:
        async with self.env.database.transaction() as tx:
            found = await search.find_slots(
                tx, "en", self.clinic.service, None, self.clinic.day(ahead), limit
            )
        return list(found)

    async def books(self, person: Person, slot: Slot) -> Visit:
        async with self.env.database.transaction() as tx:
            held = await service.hold_slot(tx, self.actor(person), slot, person.id)
            assert isinstance(held, Held), held
            visit = await service.book_held(tx, self.actor(person), held.appointment_id)
        assert isinstance(visit, Visit), visit
        return visit

    async def cancels(self, person: Person, visit: Visit) -> None:
        async with self.env.database.transaction() as tx:
            outcome = await service.cancel_visit(tx, self.actor(person), visit.id, visit.version)
        assert isinstance(outcome, Visit), outcome

    async def waits(self, person: Person, instead_of: int | None = None, **wishes: Any) -> int:
        """Put somebody on the list, for any time if nothing else is said."""
        days = Wishes(self.clinic.day(0), self.clinic.day(30), **wishes)
        wanted = entries.Joining(person.id, self.clinic.service, None, days, instead_of)
        async with self.env.database.transaction() as tx:
            entry = await entries.join(tx, self.actor(person), wanted)
        assert entry is not None
        return entry

    async def freed(self, ahead: int = AHEAD) -> Visit:
        """A visit that was just cancelled by somebody who is on no list."""
        stranger = await self.person(f"stranger{len(self.people)}")
        visit = await self.books(stranger, (await self.slots(ahead=ahead))[0])
        await self.cancels(stranger, visit)
        return visit

    async def offers(self) -> list[tuple[int, int, str]]:
        """All offers: whose, of which wave, and how they stand."""
        return await self.rig.rows("select patient_id, wave, state from slot_offer order by id")

    async def wave(self) -> None:
        """Let the worker look, and what it wrote go out."""
        await rescue_due(self.env)
        await self.sent()

    async def sent(self) -> None:
        """Let all that waits go out."""
        await self.rig.sender.sweep()

    async def time_is_up(self) -> None:
        """The people of this wave have thought for long enough."""
        await self.value(
            """with past as (select now() - interval '1 second' as at),
                 held as (update appointment set held_until = past.at from past
                          where status = 'proposed' returning 1),
                 due as (update slot_rescue set due_at = past.at from past
                         where state = 'open' returning 1)
               select (select count(*) from held) + (select count(*) from due)"""
        )

    async def presses(self, person: Person, *, take: bool = True) -> str:
        """Press the button of the newest offer to somebody; the words of the answer."""
        offer = await self.value(
            "select max(id) from slot_offer where account_id = $1", person.account_id
        )
        token = Tokens(self.env.keys, person.account_id).standing("o" if take else "n", offer, 0)
        return await person.patient.does(kind="press", token=token, label="?")

    async def value(self, query: str, *arguments: Any) -> Any:
        return await self.rig.value(query, *arguments)

    def with_waitlist(self, **values: Any) -> None:
        """Change what the clinic has set."""
        self.set(waitlist=self.env.settings.waitlist.model_copy(update=values))

    def set(self, **parts: Any) -> None:
        """Change parts of the settings."""
        object.__setattr__(self.env, "settings", self.env.settings.model_copy(update=parts))


async def open_house(env: Environment) -> House:
    """A clinic with one doctor who works every day, and nobody in its books."""
    clinic = await make(env.database, patients=0)
    return House(env, clinic, Rig(env))


HOUR = timedelta(hours=1)
