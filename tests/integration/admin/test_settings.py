"""Settings that staff change: who may, what follows, and how it is taken back."""

from datetime import time

import pytest

from admin.app import create_app
from admin.keys import LIVE_SETTINGS
from admin.keys import SETTINGS as IN_FORCE
from clinic.config import Settings
from clinic.db import Database
from clinic.policy.service import limits
from clinic.setting.live import EVERY, LiveSettings, Pulse, as_staff_set
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, SETTINGS, House

POLICY = {
    "policy.quiet_hours.since": "22:30",
    "policy.quiet_hours.until": "06:00",
    "policy.per_day": "2",
    "policy.per_week.care": "5",
    "policy.per_week.education": "2",
    "policy.per_week.marketing": "2",
    "policy.per_week.research": "2",
    "policy.quota_reserve": "10",
    "policy.approval_above": "200",
    "policy.confirm_above": "50",
    "policy.undo_seconds": "30",
    "policy.elderly_age": "75",
    "policy.open_bookings": "5",
    "policy.hold_minutes": "5",
    "policy.staff_lease_minutes": "30",
}
ENGLISH = {"Accept-Language": "en"}


async def test_quiet_hours_set_in_the_panel_hold_in_a_worker_at_its_next_pulse(
    database: Database, house: House, chief: Browser
) -> None:
    worker = LiveSettings(SETTINGS)
    pulse = Pulse(database, worker, "worker", lambda: {"outbox": 0.0})
    await pulse.beat()
    at_work = worker.settings  # what everything in the worker holds
    assert limits(at_work).quiet == (time(21), time(8))
    saved = await chief.post("/settings/policy", seen="0", **POLICY)
    assert saved.status == 303
    await pulse.beat()
    assert limits(at_work).quiet == (time(22, 30), time(6))
    assert SETTINGS.policy.quiet_hours == ("21:00", "08:00"), "what was configured stays"
    assert EVERY <= 5, "seconds: with the longest turn of a sweep it is in force within 10"
    [beat] = await house.rows("select kind, settings_version, detail from heartbeat")
    assert beat == {"kind": "worker", "settings_version": worker.version, "detail": {"outbox": 0.0}}
    await pulse.stop()
    assert await house.value("select count(*) from heartbeat") == 0


async def test_a_command_works_by_what_staff_set(
    house: House, chief: Browser, database_url: str
) -> None:
    await chief.post("/settings/policy", seen="0", **POLICY)
    configured = Settings(database_url=database_url)  # type: ignore[arg-type]  # read as a URL
    assert (await as_staff_set(configured)).policy.quiet_hours == ("22:30", "06:00")
    assert (await as_staff_set(Settings())).policy.quiet_hours == ("21:00", "08:00")


async def test_only_what_differs_is_written_with_a_row_in_the_audit_trail(
    house: House, chief: Browser
) -> None:
    await chief.post("/settings/policy", seen="0", **POLICY)
    changes = await house.rows("select id, key, value from setting_change")
    assert [(one["key"], one["value"]) for one in changes] == [
        ("policy.quiet_hours", [["22:30", "06:00"]])
    ]
    audit = await house.rows("select subject_id, detail from audit where action like '%setting%'")
    assert audit == [{"subject_id": changes[0]["id"], "detail": {"key": "policy.quiet_hours"}}]
    again = await chief.post("/settings/policy", seen=str(changes[0]["id"]), **POLICY)
    assert again.headers["Location"] == "/settings/policy?done=0"
    assert await house.value("select count(*) from setting_change") == 1


async def test_a_change_is_undone_and_the_history_tells_both(house: House, chief: Browser) -> None:
    saved = await chief.post("/settings/policy", seen="0", **POLICY)
    page = await chief.read(saved.headers["Location"])
    assert 'action="/settings/undo"' in page
    change = saved.headers["Location"].rpartition("=")[2]
    undone = await chief.post("/settings/undo", changes=change, back="policy")
    assert undone.headers["Location"] == "/settings/policy?undone=1"
    assert 'value="21:00"' in await chief.read("/settings/policy")
    history = await chief.read("/settings/history")
    assert history.count("22:30, 06:00") == 2
    late = await chief.post("/settings/undo", changes=change, back="policy")
    assert late.headers["Location"] == "/settings/policy?late=1"


async def test_who_saves_over_a_colleagues_change_is_shown_it_first(
    house: House, chief: Browser
) -> None:
    await chief.post("/settings/policy", seen="0", **POLICY)
    other = {**POLICY, "policy.quiet_hours.since": "20:00"}
    refused = await chief.post("/settings/policy", seen="0", **other)
    assert refused.status == 409
    assert await house.value("select count(*) from setting_change") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("policy.hold_minutes", "61"),
        ("policy.hold_minutes", ""),
        ("policy.hold_minutes", "many"),
        ("policy.quiet_hours.since", "25:00"),
        ("policy.quiet_hours.until", ""),
    ],
)
async def test_a_value_that_does_not_fit_saves_nothing_and_is_pointed_at(
    house: House, chief: Browser, name: str, value: str
) -> None:
    refused = await chief.post("/settings/policy", seen="0", **{**POLICY, name: value})
    assert refused.status == 422
    assert "setting-fault" in await refused.text()
    assert await house.value("select count(*) from setting_change") == 0


async def test_what_the_environment_sets_is_shown_and_cannot_be_changed(
    house: House,
    chief: Browser,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await chief.post("/settings/policy", seen="0", **POLICY)
    monkeypatch.setenv("KAYOI_POLICY__QUIET_HOURS", '["20:00", "09:00"]')
    live = LiveSettings(Settings())
    async with database.transaction() as tx:
        await live.refresh(tx)
    assert live.settings.policy.quiet_hours == ("20:00", "09:00")
    assert "policy.quiet_hours" in live.fixed


async def test_languages_keep_their_order_and_the_first_one_is_chosen(
    house: House, chief: Browser
) -> None:
    fields = {
        "csrf": chief.csrf,
        "seen": "0",
        "clinic.name": "さくら内科クリニック",
        "clinic.phone": "+81312345678",
        "clinic.emergency_number": "119",
        "clinic.crisis_lines": "いのちの電話 0120-783-556\n\n",
        "clinic.chart_systems": "urn:oid:1.2.3\n HOSP ",
        "clinic.languages": "en",
        "clinic.languages.first": "en",
        "clinic.desk_hours.since": "",
        "clinic.desk_hours.until": "",
    }
    assert (await chief.send("/settings/clinic", fields)).status == 303
    saved = {
        one["key"]: one["value"][0] for one in await house.rows("select * from setting_change")
    }
    assert saved == {
        "clinic.crisis_lines": ["いのちの電話 0120-783-556"],
        "clinic.chart_systems": ["urn:oid:1.2.3", "HOSP"],
        "clinic.languages": ["en"],
        "clinic.desk_weekdays": [],
    }


@pytest.mark.parametrize("role", [Role.STAFF, Role.DOCTOR])
async def test_only_admins_change_settings(house: House, sign_in: SignIn, role: Role) -> None:
    browser = await sign_in(await house.staff("somebody", role))
    assert (await browser.post("/settings/policy", seen="0", **POLICY)).status == 403
    assert "/settings/policy" not in await browser.read("/settings")


async def test_one_panel_changes_nothing_for_the_settings_it_was_given(database: Database) -> None:
    app = create_app(database, KEYS, SETTINGS)
    assert app[IN_FORCE] is app[LIVE_SETTINGS].settings
    assert app[IN_FORCE] is not SETTINGS


async def test_the_health_page_tells_which_processes_are_silent_or_late(
    database: Database, house: House, chief: Browser
) -> None:
    text = await chief.read("/settings/health")
    assert "kayoi worker" in text, "none runs, and the page says what to do"
    await Pulse(database, LiveSettings(SETTINGS), "worker", lambda: {"reminders": 400.0}).beat()
    text = await chief.read("/settings/health")
    assert "kayoi worker" not in text
    assert "reminders" in text
    await house.rows("update heartbeat set seen_at = now() - interval '2 minutes' returning id")
    assert "kayoi worker" in await chief.read("/settings/health")


async def test_tags_are_renamed_joined_and_taken_off(house: House, desk: Browser) -> None:
    first, second = await house.patient("一"), await house.patient("二")
    for patient, tag in ((first, "CPAP"), (second, "cpap"), (first, "VIP")):
        await house.rows(
            "insert into patient_tag (patient_id, tag) values ($1, $2) returning id", patient, tag
        )
    done = await desk.post("/settings/tags/rename", tag="cpap", words="CPAP")
    assert done.headers["Location"].endswith("merged")
    await desk.post("/settings/tags/rename", tag="VIP", words="大切な方")
    left = await house.rows("select patient_id, tag from patient_tag order by tag, patient_id")
    assert [tuple(one.values()) for one in left] == [
        (first, "CPAP"),
        (second, "CPAP"),
        (first, "大切な方"),
    ]
    assert "大切な方" in await desk.read("/settings/tags")
    await desk.post("/settings/tags/retire", tag="CPAP")
    assert await house.value("select count(*) from patient_tag") == 1
    for words in ("", "x" * 49, "大切な方"):
        bad = await desk.post("/settings/tags/rename", tag="大切な方", words=words)
        assert bad.headers["Location"].endswith("bad")


async def test_a_tag_that_a_segment_asks_for_stays(house: House, desk: Browser) -> None:
    patient = await house.patient("一")
    await house.rows(
        "insert into patient_tag (patient_id, tag) values ($1, 'CPAP') returning id", patient
    )
    await house.rows(
        """insert into segment (key, version, name, tree)
           values (gen_random_uuid(), 1, 'All CPAP', $1) returning id""",
        {"all": [{"field": "tag", "op": "in", "value": ["CPAP"]}]},
    )
    assert (
        (await desk.post("/settings/tags/retire", tag="CPAP")).headers["Location"].endswith("used")
    )
    renamed = await desk.post("/settings/tags/rename", tag="CPAP", words="cpap")
    assert renamed.headers["Location"].endswith("used")
    assert "All CPAP" in await desk.read("/settings/tags")


async def test_a_tag_was_renamed_under_a_campaign_of_an_older_segment(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("一")
    await house.rows(
        "insert into patient_tag (patient_id, tag) values ($1, 'CPAP') returning id", patient
    )
    for version, tag in ((1, "CPAP"), (2, "mask")):
        await house.rows(
            """insert into segment (key, version, name, tree)
               values (md5('x')::uuid, $1, 'All masks', $2) returning id""",
            version,
            {"all": [{"field": "tag", "op": "in", "value": [tag]}]},
        )
    assert "keep their name" not in await desk.read("/settings/tags", headers=ENGLISH)
    await house.rows(
        """insert into campaign (key, name, kind, purpose, audience, trigger, content, state)
           values (gen_random_uuid(), 'Masks in May', 'news', 'marketing',
             jsonb_build_object('segment', md5('x')::uuid, 'version', 1), '{}', '{}', 'running')
           returning id"""
    )
    page = await desk.read("/settings/tags", headers=ENGLISH)
    assert "keep their name" in page
    assert "Masks in May" in page
    renamed = await desk.post("/settings/tags/rename", tag="CPAP", words="cpap")
    assert renamed.headers["Location"].endswith("used")
    await house.rows("update campaign set state = 'finished'")
    renamed = await desk.post("/settings/tags/rename", tag="CPAP", words="cpap")
    assert renamed.headers["Location"].endswith("renamed")


async def test_a_doctor_signs_the_limits_of_readings_until_they_change(
    house: House, sign_in: SignIn, desk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctor = await sign_in(await house.staff("佐藤 医師", Role.DOCTOR))
    assert "佐藤 医師" not in await desk.read("/settings/readings")
    assert (await desk.post("/settings/readings/sign")).status == 403
    shown = await doctor.read("/settings/readings")
    seen = shown.partition('action="/settings/readings/sign"')[2].split('name="seen" value="')[1]
    await doctor.post("/settings/readings/sign", seen=seen.split('"')[0])
    text = await desk.read("/settings/readings")
    assert "佐藤 医師" in text
    assert 'class="is-good"' in text
    monkeypatch.setattr("clinic.staff.access.signatures.MEAN_DAYS", 8)
    assert 'class="is-good"' not in await desk.read("/settings/readings")
