"""What is on every page: the menu of a role, the palette, the help, the first steps."""

import pytest

from admin.i18n import LANGUAGES
from admin.settings import checklist
from clinic.setting.checklist import Checklist, Item
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House


async def test_the_palette_finds_patients_and_each_search_leaves_one_audit_row(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子", kana="タナカ ハナコ", chart="1001")
    newest = await house.value("select coalesce(max(id), 0) from audit")
    answer = await desk.post("/palette", q="たなか")
    text = await answer.text()
    assert f'href="/patients/{patient}"' in text
    assert "田中 花子" in text
    rows = await house.rows("select action, subject_id, detail from audit where id > $1", newest)
    assert [tuple(one.values()) for one in rows] == [
        ("staff:patient:search", None, {"patients": [patient]})
    ]


@pytest.mark.parametrize("words", ["", "t"])
async def test_the_palette_looks_for_nobody_by_one_letter(
    house: House, desk: Browser, words: str
) -> None:
    await house.patient("t", chart="t")
    before = await house.value("select count(*) from audit")
    assert "/patients/" not in await (await desk.post("/palette", q=words)).text()
    assert await house.value("select count(*) from audit") == before


async def test_a_doctor_finds_own_patients_only(house: House, sign_in: SignIn) -> None:
    doctor = await house.staff("佐藤", Role.DOCTOR)
    own, other = await house.patient("鈴木 一"), await house.patient("鈴木 二")
    await house.visit(own, await house.practitioner("佐藤", doctor))
    text = await (await (await sign_in(doctor)).post("/palette", q="鈴木")).text()
    assert f"/patients/{own}" in text
    assert f"/patients/{other}" not in text


async def test_the_palette_offers_pages_of_the_role_only(house: House, sign_in: SignIn) -> None:
    found = {}
    for role in Role:
        browser = await sign_in(await house.staff(f"somebody {role}", role))
        found[role] = await (await browser.post("/palette", q="/settings/policy")).text()
    assert "/settings/policy" in found[Role.ADMIN]
    assert "/settings/policy" not in found[Role.STAFF] + found[Role.DOCTOR]


async def test_a_name_never_becomes_markup_in_the_palette(house: House, desk: Browser) -> None:
    await house.patient("<img src=x onerror=alert(1)>", chart="9")
    text = await (await desk.post("/palette", q="img src")).text()
    assert "<img" not in text
    assert "&lt;img" in text


async def test_the_menu_hides_what_a_role_may_not_use(house: House, sign_in: SignIn) -> None:
    doctor = await (await sign_in(await house.staff("d", Role.DOCTOR))).read("/today")
    admin = await (await sign_in(await house.staff("a", Role.ADMIN))).read("/today")
    assert 'id="menu-quality"' in doctor
    assert 'id="menu-campaigns"' not in doctor
    assert 'id="menu-campaigns"' in admin


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_of_the_manual_opens_in_every_language(
    house: House, chief: Browser, language: str
) -> None:
    await house.rows("update staff set language = $1 returning id", language)
    listing = await chief.read("/help")
    assert listing.count('href="/help/') > 40
    assert "<li>" in await chief.read("/help/today")
    drawer = await chief.read("/help/settings_policy", headers={"HX-Request": "true"})
    assert "<html" not in drawer


async def test_nobody_reads_the_help_of_pages_that_are_not_theirs(desk: Browser) -> None:
    assert (await desk.get("/help/settings_policy")).status == 404
    assert (await desk.get("/help/no-such-page")).status == 404


async def test_the_first_steps_are_ticked_by_what_is_there(house: House, chief: Browser) -> None:
    async def done() -> int:
        return (await chief.read("/checklist")).count('class="is-done"')

    assert await done() == 1, "this clinic has a name and a telephone"
    await house.conversation(await house.patient("田中"), said="こんにちは")
    assert await done() == 2
    await chief.post("/settings/texts/confirm")
    assert await done() == 3
    staff = await house.value("select id from staff")
    await house.rows(
        """insert into on_call (staff_id, weekday, since, until) values ($1, 0, '08:00', '20:00')
           returning id""",
        staff,
    )
    account = await house.value("select account_id from conversation order by id limit 1")
    await house.rows(
        "insert into staff_account (staff_id, account_id) values ($1, $2) returning id",
        staff,
        account,
    )
    assert await done() == 4


async def test_once_half_the_first_steps_are_done_today_shows_what_is_left(
    chief: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = 3

    async def read(*_: object, **__: object) -> Checklist:
        names = ("clinic", "hours", "webhook", "notice", "import", "on_call", "test")
        steps = tuple(Item(name, at < done, "/settings") for at, name in enumerate(names))
        return Checklist(steps, dismissed=False)

    monkeypatch.setattr(checklist, "read_checklist", read)
    assert "<details" not in await chief.read("/checklist")
    done = 4
    left, _, rest = (await chief.read("/checklist")).partition("<details")
    assert (left.count("<li"), left.count("is-done")) == (3, 0)
    assert (rest.count("<li"), rest.count("is-done")) == (4, 4)
    assert "<details" not in await chief.read("/checklist?all=1")


async def test_the_first_steps_can_be_put_away_and_stay_on_the_settings(chief: Browser) -> None:
    assert 'id="checklist"' in await chief.read("/checklist")
    await chief.post("/checklist/dismiss")
    assert await chief.read("/checklist") == ""
    assert 'id="checklist"' in await chief.read("/checklist?all=1")


async def test_a_new_version_of_the_notice_is_to_be_read_again(chief: Browser) -> None:
    await chief.post("/settings/texts/confirm")
    before = (await chief.read("/checklist")).count("is-done")
    await chief.post("/settings/texts", seen="999999999", **{"clinic.notice_version": "2"})
    assert (await chief.read("/checklist")).count("is-done") == before - 1
