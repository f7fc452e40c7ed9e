"""The waitlist in the panel: who waits, what became of freed times, freeing a silent visit."""

import re
from datetime import date, timedelta

import pytest

from clinic.booking.actor import Actor
from clinic.booking.service import cancel_visit
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, SETTINGS, House


@pytest.fixture
async def visit(house: House) -> int:
    """A visit in three days, with a practitioner who offers the service."""
    patient = await house.patient("田中 花子", chart="00017")
    doctor = await house.practitioner("佐藤")
    made = await house.visit(patient, doctor, on=await soon(house))
    await house.value(
        """insert into service_resource (service_id, resource_id)
           select service_id, practitioner_id from appointment where id = $1 returning id""",
        made,
    )
    return made


async def soon(house: House) -> date:
    """The clinic's date in three days."""
    today: date = await house.value("select (now() at time zone 'Asia/Tokyo')::date")
    return today + timedelta(days=3)


async def waiting(house: House, desk: Browser, visit: int) -> str:
    """Put somebody on the list by the panel; the answer's address."""
    patient = await house.patient("鈴木 一郎", chart="00018")
    service = await house.value("select service_id from appointment where id = $1", visit)
    fields = {
        "what": f"{service}-",
        "part": "morning",
        "weekdays": "0",
        "from": str(await soon(house)),
        "until": str(await soon(house) + timedelta(days=20)),
    }
    answer = await desk.post(f"/waitlist/add/{patient}", **fields)
    return f"{answer.status} {answer.headers.get('Location', '')}"


async def test_the_desk_puts_somebody_on_the_list_and_takes_them_off(
    house: House, desk: Browser, visit: int
) -> None:
    await house.patient("鈴木 次郎", chart="00019")
    found = await (await desk.post("/waitlist/add/find", q="鈴木")).text()
    assert "鈴木 次郎" in found
    assert await waiting(house, desk, visit) == "303 /waitlist"
    page = await desk.read("/waitlist")
    for words in ("鈴木 一郎", "一般診察", "午前", "月曜日", "山田 受付"):
        assert words in page, words
    entry = await house.value("select id from waitlist_entry")
    assert (await desk.post(f"/waitlist/{entry}/remove")).status == 303
    assert "鈴木 一郎" not in await desk.read("/waitlist")
    assert (await desk.post(f"/waitlist/{entry}/remove")).status == 409
    actions = "select count(*) from audit where action like 'staff:waitlist:%'"
    assert await house.value(actions) >= 3
    assert "鈴木" not in str(await house.rows("select * from audit"))


@pytest.mark.parametrize(
    "wrong", [{"until": "2020-01-01"}, {"from": "?"}, {"what": "x-"}, {"part": "night"}]
)
async def test_a_form_that_makes_no_sense_is_shown_again(
    house: House, desk: Browser, visit: int, wrong: dict[str, str]
) -> None:
    patient = await house.patient("鈴木 一郎")
    service = await house.value("select service_id from appointment where id = $1", visit)
    fields = {
        "what": f"{service}-",
        "part": "any",
        "from": str(await soon(house)),
        "until": str(await soon(house)),
        **wrong,
    }
    assert (await desk.post(f"/waitlist/add/{patient}", **fields)).status == 422
    assert await house.value("select count(*) from waitlist_entry") == 0
    assert (await desk.post("/waitlist/add/999999", **fields)).status == 404


async def rescued(house: House, visit: int) -> None:
    """The visit is given up, and one of three people takes its time."""
    async with house.database.transaction() as tx:
        actor = Actor("staff", None, "ja", SETTINGS, KEYS)
        version = await tx.fetchval("select version from appointment where id = $1", visit)
        await cancel_visit(tx, actor, visit, version)
    rescue = await house.value("select id from slot_rescue")
    for name, state, reason in (
        ("一番 早子", "accepted", None),
        ("二番 遅子", "taken", None),
        ("三番 止子", "left_out", "opted_out"),
    ):
        await house.value(
            """insert into slot_offer (rescue_id, wave, patient_id, held_until, state, reason)
               values ($1, 1, $2, now(), $3, $4) returning id""",
            rescue,
            await house.patient(name),
            state,
            reason,
        )
    await house.value("update slot_rescue set state = 'rescued' where id = $1 returning id", rescue)


async def test_the_board_counts_what_was_rescued_and_shows_every_offer(
    house: House, desk: Browser, visit: int
) -> None:
    await rescued(house, visit)
    page = await desk.read("/waitlist/freed")
    assert 'data-figure="visits">1<' in page
    assert 'data-figure="minutes">30<' in page
    for words in (
        "一番 早子",
        "受けました",
        "二番 遅子",
        "ほかの方が先",
        "三番 止子",
        "ご案内せず",
    ):
        assert words in page, words
    assert 'data-figure="minutes">30<' in await desk.read("/waitlist")
    assert 'data-figure="visits">0<' in await desk.read("/waitlist/freed?month=2024-02")
    await desk.read("/waitlist/freed?month=nonsense")


@pytest.mark.parametrize("language", ["en", "ja", "zh-TW", "zh-CN", "ru"])
async def test_every_page_speaks_every_language(
    house: House, desk: Browser, visit: int, language: str
) -> None:
    await rescued(house, visit)
    await waiting(house, desk, visit)
    patient = await house.value("select min(id) from patient")
    pages = ("", "/add", f"/add/{patient}", "/freed", "/groups")
    for page in pages:
        await desk.read(f"/waitlist{page}", headers={"Accept-Language": language})


async def _asked(house: House, *, minutes: int) -> tuple[int, int]:
    """Two people are asked about the time, and have so long to answer; a third has said no."""
    rescue = await house.value("select id from slot_rescue")
    people = [await house.patient(name) for name in ("一番 早子", "二番 遅子", "三番 止子")]
    for patient, state in zip(people, ("offered", "offered", "declined"), strict=True):
        await house.rows(
            """insert into slot_offer (rescue_id, wave, patient_id, held_until, state)
               values ($1, 1, $2, now() + make_interval(mins => $3), $4)""",
            rescue,
            patient,
            minutes,
            state,
        )
    return people[0], people[1]


async def _given_up(house: House, visit: int) -> None:
    async with house.database.transaction() as tx:
        version = await tx.fetchval("select version from appointment where id = $1", visit)
        await cancel_visit(tx, Actor("staff", None, "ja", SETTINGS, KEYS), visit, version)


async def test_who_is_being_asked_now_is_shown_with_what_is_left_of_their_time(
    house: House, desk: Browser, visit: int
) -> None:
    await _given_up(house, visit)
    assert 'id="asking"' not in await desk.read("/waitlist")
    asked = await _asked(house, minutes=90)
    page = await desk.read("/waitlist")
    shown = page[page.index('id="asking"') :].partition("</section>")[0]
    left = re.search(r'data-countdown="(\d+)"', shown)
    assert left
    assert 80 * 60 < int(left[1]) <= 90 * 60  # the machine may stand still for a while
    until = await house.value(
        "select to_char(max(held_until) at time zone 'Asia/Tokyo', 'FMHH24:MI') from slot_offer"
    )
    assert f"{until}まで確保" in shown
    assert re.findall(r"/patients/(\d+)", shown) == [str(one) for one in asked]
    assert "三番 止子" not in shown
    noted = await house.rows("select detail from audit where action = 'staff:offer:list'")
    assert {"patients": sorted(asked)} in [row["detail"] for row in noted]


async def test_whose_time_is_up_is_not_being_asked(house: House, desk: Browser, visit: int) -> None:
    await _given_up(house, visit)
    await _asked(house, minutes=-1)
    assert 'id="asking"' not in await desk.read("/waitlist")


async def test_which_groups_are_asked_is_set_by_service(
    house: House, desk: Browser, visit: int
) -> None:
    service = await house.value("select service_id from appointment where id = $1", visit)
    group = await house.value(
        """insert into care_group (code, name, definition, mode)
           values ('recall', '{"ja": "定期検診"}', '{}', 'fixed') returning id"""
    )
    assert "定期検診" in await desk.read("/waitlist/groups")
    assert (await desk.post(f"/waitlist/groups/{service}", group=str(group))).status == 303
    assert await house.value("select group_id from rescue_group") == group
    assert "checked" in await desk.read("/waitlist/groups?done=saved")
    assert (await desk.post(f"/waitlist/groups/{service}")).status == 303
    assert await house.value("select count(*) from rescue_group") == 0
    assert (await desk.post("/waitlist/groups/999999")).status == 404


async def test_doctors_do_not_keep_the_list(house: House, sign_in: SignIn) -> None:
    doctor = await sign_in(await house.staff("佐藤 医師", Role.DOCTOR))
    assert (await doctor.get("/waitlist")).status == 403


# Silence ------------------------------------------------------------------------------------------


async def test_a_visit_that_nobody_confirmed_is_freed_by_one_click(
    house: House, desk: Browser, visit: int
) -> None:
    patient = await house.value("select patient_id from appointment where id = $1", visit)
    task = await house.task("call", patient=patient, visit=visit, detail={"reason": "unconfirmed"})
    assert f"/tasks/{task}/free" in await desk.read("/tasks")
    assert (await desk.post(f"/tasks/{task}/free")).status == 303
    assert await house.value("select status from appointment where id = $1", visit) == "cancelled"
    rows = await house.rows("select cause, state from slot_rescue")
    assert [tuple(row.values()) for row in rows] == [("silence", "open")]
    assert await house.value("select state from task where id = $1", task) == "closed"
    assert (await desk.post(f"/tasks/{task}/free")).status == 409


async def test_a_freed_visits_patient_is_told(house: House, desk: Browser, visit: int) -> None:
    patient = await house.value("select patient_id from appointment where id = $1", visit)
    await house.conversation(patient)
    await house.value("update chat_account set consent_version = '2.1' returning id")
    task = await house.task("call", patient=patient, visit=visit)
    await desk.post(f"/tasks/{task}/free")
    rows = await house.rows("select purpose, patient_id from outbox")
    assert [tuple(row.values()) for row in rows] == [("reminder", patient)]


async def test_a_confirmed_visit_is_not_freed(house: House, desk: Browser, visit: int) -> None:
    await house.value(
        "update appointment set confirmed_at = now() where id = $1 returning id", visit
    )
    task = await house.task("call", visit=visit)
    assert f"/tasks/{task}/free" not in await desk.read("/tasks")
    assert (await desk.post(f"/tasks/{task}/free")).status == 409
    assert await house.value("select status from appointment where id = $1", visit) == "booked"
