"""The figures in a real browser: charts with their tables, at a desk and on a telephone, by day and
by night."""

import pytest
from playwright.async_api import Page, expect

from clinic.figures.recompute import months_known, recompute
from clinic.staff.types import Role
from tests.e2e.browser import check, picture
from tests.e2e.panel import sign_in
from tests.integration.admin.house import KEYS, House
from tests.integration.admin.test_figures import answer

pytestmark = pytest.mark.browser
ZONE = "Asia/Tokyo"
TABS = ("visits", "patients", "services", "chats", "money", "survey")


async def clinic_of_a_year(house: House) -> None:
    """Two doctors, a year of visits and receipts, conversations and campaigns."""
    for name in ("佐藤", "鈴木"):
        await house.practitioner(name)
    patient = await house.patient("田中 花子", chart="1")
    await house.visit(patient, await house.value("select min(id) from resource"))
    talk = await house.conversation(patient)
    account = await house.value("select account_id from conversation where id = $1", talk)
    async with house.database.transaction() as tx:
        await tx.execute("delete from allocation; delete from appointment")
        await tx.execute(
            """insert into patient (id, key, name, acquired_by, created_at)
               select n, gen_random_uuid(), 'x', case when n % 3 = 0 then '紹介' end,
                 now() - make_interval(days => (n % 80)::int)
               from generate_series(1000, 1120) n;
               insert into schedule (resource_id, site_id, weekday, opens_at, closes_at)
               select r.id, s.id, d, '09:00', '12:00' from resource r, site s,
                 generate_series(0, 5) d;
               insert into import_run (id, key, kind, state, digest, size, name, committed_at)
               values (1, gen_random_uuid(), 'uke', 'committed', '', 1, '', now() - interval '1 h');
               insert into source_record (id, run_id, patient_id, key, digest, month, setting,
                 points)
               select m * 1000 + p, 1, 1000 + p, m::text, '',
                 (date_trunc('month', now()) - make_interval(months => 34 - m))::date,
                 'outpatient', 500 + 30 * ((m * 5 + p) % 12) + 4 * m
               from generate_series(1, 33) m, generate_series(0, 40) p;
               insert into condition (record_id, patient_id, code, system, icd10, main, month)
               select id, patient_id, 'x', 'receipt', (array['I10', 'E119', 'J301'])[1 + id % 3],
                 true, month from source_record;
               insert into encounter (record_id, patient_id, on_date, setting)
               select id, patient_id, month + (id % 27)::int, 'outpatient' from source_record"""
        )
        await tx.execute(
            """insert into appointment (key, status, patient_id, service_id, site_id,
                 practitioner_id, starts_at, ends_at, during, updated_at, created_at)
               select gen_random_uuid(),
                 (array['fulfilled', 'fulfilled', 'fulfilled', 'arrived', 'noshow', 'cancelled',
                   'booked'])[1 + n % 7], 1000 + n % 121, v.id, s.id, r.id, t,
                 t + interval '30 min', tstzrange(t, t + interval '30 min'),
                 t - make_interval(hours => n % 40), t - interval '5 days'
               from generate_series(1, 900) n
               join lateral (select id from resource order by id offset n % 2 limit 1) r on true,
                 service v, site s, lateral (select date_trunc('day', now())
                   - make_interval(days => (n / 3) % 300, hours => -(n % 5)) as t) x"""
        )
        await tx.execute(
            """insert into figure_event (figure, kind, at)
               select 'step', 'booking.' || step, now() from unnest(
                 array['PickService', 'PickDay', 'PickTime', 'Confirm']) with ordinality
                   s (step, o),
                 generate_series(1, (60 / o)::int);
               insert into figure_event (figure, kind)
               select 'left', 'booking.PickDay.' || why from unnest(
                 array['silence', 'silence', 'none_free', 'staff']) why;
               insert into figure_event (figure, kind)
               select 'goal', 'booking' from generate_series(1, 12)"""
        )
        campaign = await tx.fetchval(
            """insert into campaign (key, name, kind, purpose, audience, trigger, content)
               values (gen_random_uuid(), 'x', 'notice', 'care', '{}', '{}', '{}') returning id"""
        )
        await tx.execute(
            """insert into recipient (campaign_id, patient_id, occurrence, due_at, useful_until,
                 state, account_id, settled_at, answered_at)
               select $1, n, 'once', now(), now(), 'sent', $2, now() - interval '1 day',
                 case when n % 3 = 0 then now() end from generate_series(1000, 1060) n""",
            campaign,
            account,
        )
    for number in range(7):
        mark = 1 + number * 3 % 5
        marks: dict[str, int | str] = {"overall": mark, "waiting": 5, "recommend": 3 + number}
        await answer(house, 1000 + number, marks, "待ち時間が短くてよかったです")
        await answer(house, 1000 + number, {"polite": "yes", "mistreated": "no"})
    async with house.database.transaction() as tx:
        for month in await months_known(tx, ZONE):
            await recompute(tx, KEYS, month, ZONE)


async def test_every_subject_is_drawn_told_and_taken_home(
    page: Page, house: House, address: str
) -> None:
    await clinic_of_a_year(house)
    await sign_in(page, house, address, Role.ADMIN)
    await page.goto(f"{address}/figures")
    await page.get_by_label("Period").select_option("months_12")
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_role("heading", name="Occupancy")).to_be_visible()
    for tab in TABS:
        await page.goto(f"{address}/figures/{tab}?period=months_12&by=chapter")
        drawn = await page.evaluate(
            """[...document.querySelectorAll('canvas[data-figure]')].map(
                 one => Chart.getChart(one).data.datasets.length)"""
        )
        assert all(drawn)
        await check(page)
        await picture(page, f"figures-{tab}")
        await page.emulate_media(color_scheme="dark")
        await check(page)
        await picture(page, f"figures-{tab}")
        await page.emulate_media(color_scheme="light")
    await page.get_by_role("link", name="What patients wrote").click()
    await expect(page.get_by_text("待ち時間が短くて").first).to_be_visible()
    await check(page)
    await page.goto(f"{address}/figures/visits")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="CSV").click()
    told = await (await download.value).path()
    assert told.read_text(encoding="utf-8-sig").startswith('"Figure","Table","Line"')


async def test_a_clinic_without_figures_is_told_what_to_do(
    page: Page, house: House, address: str
) -> None:
    await sign_in(page, house, address, Role.DOCTOR)
    for tab in ("visits", "patients", "services"):
        await page.goto(f"{address}/figures/{tab}")
        await expect(page.get_by_text("not worked out yet")).to_be_visible()
        await check(page)


async def test_a_number_and_its_bar_lead_to_who_is_behind_them(
    page: Page, house: House, address: str
) -> None:
    doctor = await house.practitioner("佐藤")
    for number in range(6):
        patient = await house.patient(f"患者{number}", chart=str(number))
        await house.visit(patient, doctor, at=f"1{number}:00", status="arrived")
    async with house.database.transaction() as tx:
        for month in await months_known(tx, ZONE):
            await recompute(tx, KEYS, month, ZONE)
    await sign_in(page, house, address, Role.STAFF)
    url = f"{address}/figures/visits?period=this_month"
    await page.goto(url)
    await page.locator("#arrivals dl a.figure-behind").first.click()
    await expect(page.locator("[data-whole='6']")).to_be_visible()
    for look in ("light", "dark"):
        await page.evaluate("look => document.documentElement.dataset.bsTheme = look", look)
        await check(page)
    await page.goto(url)
    canvas = page.locator("#arrivals canvas")
    await canvas.scroll_into_view_if_needed()
    x, y = await canvas.evaluate(
        """one => { const bars = Chart.getChart(one).getDatasetMeta(0).data;
             const bar = bars.reduce((a, b) => (b.height > a.height ? b : a));
             return [bar.x, bar.y + bar.height / 2]; }"""
    )
    await canvas.click(position={"x": x, "y": y})
    await page.wait_for_url("**/figures/rows?**")
    await expect(page.get_by_role("link", name="患者0")).to_be_visible()
