"""The clinic's own first words: seen before they are saved, and what a new notice brings about."""

import pytest

from clinic.consent.rules import ADDITION, notice_version
from clinic.db import Database
from clinic.setting.live import LiveSettings, Pulse
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import SETTINGS, House

ENGLISH = {"Accept-Language": "en"}
NOTICE = "clinic.own_notice"
GREETING = "clinic.own_greeting"
VERSION = {"clinic.notice_version": "1"}


async def agree(house: House, channel: str, version: str | None) -> None:
    await house.rows(
        """insert into chat_account (channel, address_index, address, consent_version)
           values ($1, gen_random_uuid()::text, '', $2) returning id""",
        channel,
        version,
    )


async def test_a_changed_notice_is_a_new_version_everywhere_and_undo_brings_the_old_one_back(
    database: Database, house: House, chief: Browser
) -> None:
    web = LiveSettings(SETTINGS)
    pulse = Pulse(database, web, "web")
    await pulse.beat()
    held = web.settings
    before = held.clinic.notice_in_force
    fields = {f"{NOTICE}.ja": " 写真は1年で消します。\r\n\r\n\r\n以上 ", f"{GREETING}.en": "Hello!"}
    saved = await chief.post("/settings/texts", seen="0", **VERSION, **fields)
    assert saved.status == 303
    await pulse.beat()
    assert held.clinic.own_notice == {"ja": "写真は1年で消します。\n\n以上"}
    assert held.clinic.own_greeting == {"en": "Hello!"}
    assert held.clinic.notice_in_force == notice_version("1", held.clinic.own_notice) != before
    assert held.clinic.notice_in_force in await chief.read("/settings/texts")
    assert "ja: 写真は1年で消します。" in await chief.read("/settings/history")
    change = await house.value("select max(id) from setting_change where key = $1", NOTICE)
    await chief.post("/settings/undo", changes=str(change), back="texts")
    await pulse.beat()
    assert held.clinic.notice_in_force == before
    assert held.clinic.own_greeting == {"en": "Hello!"}


async def test_a_greeting_asks_nobody_again(
    database: Database, house: House, chief: Browser
) -> None:
    await chief.post("/settings/texts", seen="0", **VERSION, **{f"{GREETING}.ja": "ようこそ"})
    live = LiveSettings(SETTINGS)
    async with database.transaction() as tx:
        await live.refresh(tx)
    assert live.settings.clinic.notice_in_force == SETTINGS.clinic.notice_in_force


async def test_the_form_says_beforehand_how_many_are_asked_again(
    house: House, chief: Browser
) -> None:
    now = SETTINGS.clinic.notice_in_force
    told = (("line", now), ("webchat", now), ("line", "1"), ("line", None), ("email", now))
    for channel, version in told:
        await agree(house, channel, version)
    page = await chief.read("/settings/texts", headers=ENGLISH)
    assert "2 chats agreed to the version in force" in page


async def test_words_are_seen_as_a_patient_will_before_they_are_saved(
    house: House, chief: Browser
) -> None:
    fields = {f"{NOTICE}.en": "Call {phone}.\nNow <b>.", f"{GREETING}.ja": "{clinic}の窓口です"}
    answer = await chief.post("/settings/texts/preview", **VERSION, **fields)
    text = await answer.text()
    assert answer.status == 200
    assert text.count("Call +81312345678.\nNow &lt;b&gt;.") == 2, "short and in full"
    assert "さくら内科クリニックの窓口です" in text
    assert "I agree" in text
    assert await house.value("select count(*) from setting_change") == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("x" * (ADDITION + 1), "at most 1000 characters"),
        ("{patient}", "only for {clinic}, {phone}"),
        ("a\u202eb", "nobody sees"),
    ],
)
async def test_what_cannot_be_said_is_refused_and_kept_in_the_form(
    house: House, chief: Browser, words: str, says: str
) -> None:
    sent = {"csrf": chief.csrf, "seen": "0", **VERSION, f"{NOTICE}.en": words}
    answer = await chief.send("/settings/texts", sent, headers=ENGLISH)
    text = await answer.text()
    assert answer.status == 422
    assert says in text
    assert f">{words}</textarea>" in text
    assert await house.value("select count(*) from setting_change") == 0
    assert (await chief.post("/settings/texts/preview", **{f"{NOTICE}.en": words})).status == 200


@pytest.mark.parametrize("role", [Role.STAFF, Role.DOCTOR])
async def test_only_admins_write_them(house: House, sign_in: SignIn, role: Role) -> None:
    browser = await sign_in(await house.staff("somebody", role))
    sent = {**VERSION, f"{NOTICE}.ja": "x"}
    assert (await browser.post("/settings/texts", seen="0", **sent)).status == 403
    assert (await browser.post("/settings/texts/preview", **sent)).status == 403
