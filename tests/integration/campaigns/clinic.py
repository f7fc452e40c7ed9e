"""Patients, campaigns and looks into the ledgers, for the tests of campaigns."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from bot.environment import Environment
from clinic.campaign import forecast, service, store
from clinic.campaign.consider import Setting
from clinic.campaign.types import CalendarDay, Campaign, Draft, Preview
from clinic.message.service import open_message
from clinic.message.types import Message
from flows import texts
from scheduler.campaigns import Campaigns
from tests.integration.lapse.house import House

ONCE = {"kind": "once", "at": "2026-01-05T09:00", "late": "send"}
HELLO = {"texts": {"ja": "{name}様、お元気ですか。", "en": "Dear {name}, how are you?"}}


class Clinic:
    """One installation with one worker; `sweeps` is what that worker does about campaigns."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.sweeps = Campaigns(env)

    async def value(self, query: str, *values: Any) -> Any:
        async with self.env.database.transaction() as tx:
            return await tx.fetchval(query, *values)

    async def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.env.database.transaction() as tx:
            return [tuple(row.values()) for row in await tx.fetch(query, *values)]

    async def staff(self, name: str = "Sato") -> int:
        return int(
            await self.value(
                "insert into staff (name, role) values ($1, 'staff') returning id", name
            )
        )

    async def patient(
        self,
        *,
        name: str = "山田 花子",
        channel: str | None = "webchat",
        language: str = "ja",
        born: date | None = None,
        agreed: bool = True,
    ) -> int:
        """Somebody whose own chat agreed to the notice; without a `channel`, nobody's."""
        patient = int(
            await self.value(
                """insert into patient (key, name, birth_on, language) values ($1, $2, $3, $4)
                   returning id""",
                uuid4(),
                name,
                born,
                language,
            )
        )
        if channel is not None:
            await self.chat(patient, channel, language, agreed=agreed)
        return patient

    async def chat(
        self, patient: int, channel: str, language: str = "ja", *, agreed: bool = True
    ) -> int:
        index = f"{channel}{patient:0>50}"
        address = self.env.keys.seal(f"{channel}-{patient}".encode(), "chat_account.address", index)
        account = int(
            await self.value(
                """insert into chat_account (channel, address_index, address, language,
                                             consent_version)
                   values ($1, $2, $3, $4, $5) returning id""",
                channel,
                index,
                address,
                language,
                "1" if agreed else None,
            )
        )
        await self.value("insert into conversation (account_id) values ($1)", account)
        await self.value(
            """insert into link (account_id, patient_id, relation, proof)
               values ($1, $2, 'self', 'staff')""",
            account,
            patient,
        )
        return account

    async def book(self, patient: int, days: int = 5) -> int:
        """A visit of theirs, some days from now."""
        house = House(self.env.database)
        made = await self.rows(
            """select i.id, e.id, p.id from site i, service e, resource p
               where p.kind = 'practitioner' limit 1"""
        )
        if made:
            house.sites = made[0]
        return await house.booking(patient, today() + timedelta(days))

    async def create(
        self, staff: int | None = None, key: UUID | None = None, **fields: Any
    ) -> Campaign:
        draft = replace(Draft("Greeting", "notice", {"filter": {"and": []}}, ONCE, HELLO), **fields)
        async with self.env.database.transaction() as tx:
            made = await service.create(tx, draft, staff, key)
        assert isinstance(made, Campaign), made
        return made

    async def start(self, campaign: Campaign, staff: int | None = None) -> Campaign:
        async with self.env.database.transaction() as tx:
            begun = await service.start(
                tx, self.env.keys, self.env.settings, campaign.id, campaign.version, staff
            )
        assert isinstance(begun, Campaign), begun
        return begun

    async def begin(self, **fields: Any) -> Campaign:
        """A campaign that runs."""
        return await self.start(await self.create(**fields))

    async def act(self, deed: Any, campaign: Campaign) -> Any:
        async with self.env.database.transaction() as tx:
            return await deed(tx, campaign.id, None)

    async def work(self) -> None:
        """All that a worker does about campaigns until nothing is left to be done."""
        for _ in range(100):
            done = await self.sweeps.make() + await self.sweeps.release()
            done += await self.platform()
            if not done:
                await self.sweeps.make()
                return
        raise AssertionError("there is no end")

    async def platform(self, state: str = "sent", reason: str | None = None) -> int:
        """Let all that waits to be sent end so, without a channel; how many messages that were."""
        done = 0
        for table in ("outbox", "chunk"):
            done += await self.value(
                f"""with ended as (
                      update {table} set state = $1, reason = $2, settled_at = now(),
                        send_at = 'infinity'
                      where state = 'pending' returning id) select count(*) from ended""",
                state,
                reason,
            )
        return done

    async def look_again(self, campaign: Campaign) -> None:
        """As if the last look at it were some minutes ago."""
        await self.value(
            "update campaign set made_until = made_until - interval '2 minutes' where id = $1",
            campaign.id,
        )

    async def since(self, campaign: Campaign, ago: timedelta) -> None:
        """As if all workers had stopped so long ago."""
        await self.value(
            """update campaign set made_until = now() - $2::interval,
                 starts_at = least(starts_at, now() - $2::interval) where id = $1""",
            campaign.id,
            ago,
        )

    async def state(self, campaign: Campaign) -> str:
        return str(await self.value("select state from campaign where id = $1", campaign.id))

    async def ends(self, campaign: Campaign) -> dict[int, tuple[str, str | None]]:
        """State and reason of each recipient, by patient."""
        rows = await self.rows(
            "select patient_id, state, reason from recipient where campaign_id = $1", campaign.id
        )
        return {patient: (state, reason) for patient, state, reason in rows}

    async def messages(self, patient: int) -> list[Message]:
        rows = await self.rows(
            "select key, content from outbox where patient_id = $1 order by id", patient
        )
        return [open_message(self.env.keys, key, content) for key, content in rows]

    async def calendar(self) -> tuple[CalendarDay, ...]:
        setting = Setting(self.env.settings, self.env.keys, texts.shown)
        async with self.env.database.transaction() as tx:
            return await forecast.calendar(tx, setting)

    async def preview(self, campaign: Campaign, staff: int | None = None) -> Preview:
        setting = Setting(self.env.settings, self.env.keys, texts.shown)
        async with self.env.database.transaction() as tx:
            found = await store.find(tx, campaign.id)
            assert found is not None
            return await forecast.preview(tx, setting, store.understand(found), staff)


def today() -> date:
    """In Tokyo, where these clinics are."""
    return (datetime.now(UTC) + timedelta(hours=9)).date()
