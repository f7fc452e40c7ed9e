"""The demonstration clinic: seeded once, and every service of it can be booked."""

from datetime import datetime

from clinic.booking import search
from clinic.booking.demo import seed
from clinic.config import Settings
from clinic.db import Database
from tests.integration.booking.clinic import KEYS, SETTINGS, TOKYO


async def test_it_is_seeded_once_and_everything_in_it_can_be_booked(db: Database) -> None:
    async with db.transaction() as tx:
        now: datetime = await tx.fetchval("select now()")
        today = now.astimezone(TOKYO).date()
        assert await seed(tx, KEYS, SETTINGS, today)
        counts = await tx.fetch("select status, count(*) from appointment group by 1 order by 1")
        assert not await seed(tx, KEYS, SETTINGS, today)
        again = await tx.fetch("select status, count(*) from appointment group by 1 order by 1")
    assert dict(counts) == dict(again) == {"booked": 5, "fulfilled": 10, "noshow": 1}
    async with db.transaction() as tx:
        for language in SETTINGS.clinic.languages:
            services = await search.list_services(tx, language)
            assert len({service.name for service in services}) == 6
        for service in services:
            days, more = await search.find_days(tx, "en", service.id, None, today, 6)
            assert len(days) == 6
            assert more
            for one in await search.list_practitioners(tx, service.id, "en"):
                assert await search.find_slots(tx, "en", service.id, one.id, None, 3)
        sites = {
            slot.site_name
            for slot in await search.find_slots(tx, "en", services[0].id, None, None, 400)
        }
        assert sites == {"Main clinic", "Station branch"}
        ultrasound = next(one for one in services if one.name == "УЗИ")
        slot = (await search.find_slots(tx, "en", ultrasound.id, None, None, 1))[0]
        assert len(slot.resources) == 3
        closed = await tx.fetchval("select count(*) from schedule_exception where kind = 'closed'")
        assert closed >= 15


async def test_a_clinic_in_another_country_keeps_that_countrys_holidays(db: Database) -> None:
    settings = Settings.model_validate({"clinic": {"country": "TW", "time_zone": "Asia/Taipei"}})
    async with db.transaction() as tx:
        now: datetime = await tx.fetchval("select now()")
        await seed(tx, KEYS, settings, now.date())
        days = await tx.fetch(
            "select on_date from schedule_exception where resource_id is null and site_id is null"
        )
    assert (10, 10) in {(row["on_date"].month, row["on_date"].day) for row in days}


async def test_a_country_without_known_holidays_has_a_clinic_all_the_same(db: Database) -> None:
    settings = Settings.model_validate({"clinic": {"country": "ZZ"}})
    async with db.transaction() as tx:
        assert await seed(tx, KEYS, settings, await tx.fetchval("select current_date"))
