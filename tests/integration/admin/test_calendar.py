"""The calendar: seeing, booking, moving and cancelling by hand, blocking time."""

import asyncio
from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from clinic.staff.types import Role, Staff
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House
from tests.integration.admin.test_setup import DOCTOR, WEEK, clinic, coming

JSON = {"Accept": "application/json"}


class Ward:
    """A clinic with two doctors, one of whom has an account, and a patient with a chat."""

    def __init__(self, house: House, made: dict[str, int], on: date) -> None:
        self.house, self.on = house, on
        self.site, self.sato, self.service = made["site"], made["doctor"], made["service"]
        self.ito = self.patient = 0
        self.account: Staff

    async def visit(self, desk: Browser, at: str = "10:00") -> int:
        answer = await desk.post("/calendar/book", **self.booking(at))
        assert answer.status == 303, await answer.text()
        made: int = await self.house.value("select max(id) from appointment")
        return made

    def booking(self, at: str = "10:00", **fields: Any) -> dict[str, str]:
        wanted = {
            "patient": self.patient,
            "service": self.service,
            "practitioner": self.sato,
            "date": self.on,
            "time": at,
            "note": "",
            **fields,
        }
        return {name: str(value) for name, value in wanted.items()}

    async def drop(
        self, desk: Browser, visit: int, at: str, version: int | None = None, **fields: Any
    ) -> tuple[int, dict[str, Any]]:
        row = (await self.house.rows("select * from appointment where id = $1", visit))[0]
        wanted = {
            "csrf": desk.csrf,
            "version": row["version"] if version is None else version,
            "starts": f"{self.on}T{at}",
            "practitioner": row["practitioner_id"],
            "site": self.site,
            **fields,
        }
        answer = await desk.send(
            f"/calendar/visits/{visit}/move",
            {name: str(value) for name, value in wanted.items()},
            JSON,
        )
        return answer.status, await answer.json()

    async def starts(self, visit: int) -> str:
        at: str = await self.house.value(
            """select to_char(starts_at at time zone 'Asia/Tokyo', 'HH24:MI') from appointment
               where id = $1""",
            visit,
        )
        return at


@pytest.fixture
async def ward(house: House, chief: Browser) -> Ward:
    ward = Ward(house, await clinic(house, chief), await coming(house, 2))
    ward.account = await house.staff("伊藤 医師", Role.DOCTOR)
    fields = {**DOCTOR, "name.ja": "伊藤 健", "staff": str(ward.account.id)}
    await chief.post("/settings/practitioners", **fields)
    ward.ito = await house.value("select max(id) from resource")
    await house.rows(
        "insert into service_resource (service_id, resource_id) values ($1, $2) returning id",
        ward.service,
        ward.ito,
    )
    hours = {"block": "new", "site": str(ward.site), **WEEK}
    await chief.post(f"/settings/hours/{ward.ito}", **hours)
    ward.patient = await house.patient("田中 花子", chart="1001")
    await house.conversation(ward.patient)
    await house.rows("update chat_account set consent_version = '2.1', language = 'ja'")
    return ward


async def test_a_visit_booked_by_hand_stands_in_the_calendar_and_its_patient_is_told(
    ward: Ward, desk: Browser
) -> None:
    page = await desk.read(f"/calendar/book?at={ward.on}T10:00&practitioner={ward.sato}")
    assert 'value="10:00"' in page
    where = {"date": str(ward.on), "time": "10:00", "practitioner": str(ward.sato)}
    page = await (await desk.post("/calendar/book/find", q="1001", **where)).text()
    assert "田中 花子" in page
    assert 'value="10:00"' in page
    visit = await ward.visit(desk)
    assert "田中 花子" in await desk.read(f"/calendar?on={ward.on}&view=list")
    found = await (await desk.get(f"/calendar/events.json?on={ward.on}")).json()
    mine = [one for one in found["events"] if one.get("id") == f"v{visit}"]
    assert [(one["start"], one["resourceIds"]) for one in mine] == [
        (f"{ward.on}T10:00:00", [ward.sato])
    ]
    rows = await ward.house.rows("select dedup_key, purpose, send_at > now() as later from outbox")
    assert rows == [{"dedup_key": f"visit:{visit}:2", "purpose": "reminder", "later": True}]
    same = await desk.get(f"/calendar/events.json?on={ward.on}&seen={found['mark']}")
    assert same.status == 204


async def test_who_has_no_chat_is_put_on_the_call_list(ward: Ward, desk: Browser) -> None:
    other = await ward.house.patient("高橋 一郎")
    answer = await desk.post("/calendar/book", **ward.booking(patient=other))
    assert answer.headers["Location"].endswith("&call")
    assert await ward.house.value("select detail->>'reason' from task") == "visit_booked"


async def test_a_new_patient_is_added_in_the_same_form_and_not_twice(
    ward: Ward, desk: Browser
) -> None:
    fields = {"new.name": "佐々木 葵", "new.phone": "090-1234-5678", "new.birth_on": "1990-01-02"}
    wanted = ward.booking(patient="new", **fields)
    assert (await desk.post("/calendar/book", **wanted)).status == 303
    assert await ward.house.value(
        "select kana_key <> '' or name_key <> '' from patient p where name = '佐々木 葵'"
    )
    again = await desk.post("/calendar/book", **{**wanted, "time": "11:00"})
    assert again.status == 422
    assert "よく似た方が登録されています" in await again.text()
    bad = await desk.post("/calendar/book", **{**wanted, "new.name": "", "time": "11:00"})
    assert bad.status == 422
    assert await ward.house.value("select count(*) from appointment") == 1


async def test_a_time_that_was_taken_keeps_nothing_of_a_new_patient(
    ward: Ward, desk: Browser
) -> None:
    await ward.visit(desk)
    before = await ward.house.value("select count(*) from patient")
    wanted = ward.booking(patient="new", **{"new.name": "佐々木 葵"})
    answer = await desk.post("/calendar/book", **wanted)
    page = await answer.text()
    assert "この時間はすでに埋まっています" in page
    assert 'name="pick"' in page  # what is free nearby
    assert "佐々木 葵" in page  # what was typed is still there
    assert await ward.house.value("select count(*) from patient") == before


async def test_a_dropped_visit_moves_and_undo_brings_it_back_without_a_word(
    ward: Ward, desk: Browser
) -> None:
    visit = await ward.visit(desk)
    await ward.house.rows("update outbox set state = 'sent'")
    status, moved = await ward.drop(desk, visit, "14:30", practitioner=ward.ito)
    assert (status, moved["moved"], moved["told"]) == (200, True, True)
    assert await ward.starts(visit) == "14:30"
    freed = await ward.house.rows("select due_at > now() as later from slot_rescue")
    assert freed == [{"later": True}]  # nobody is offered it while it can be taken back
    status, back = await ward.drop(
        desk, visit, "10:00", practitioner=ward.sato, column="site", undo="yes"
    )
    assert status == 200
    assert await ward.starts(visit) == "10:00"
    told = await ward.house.rows("select dedup_key, state from outbox order by id")
    assert [(one["dedup_key"], one["state"]) for one in told] == [
        (f"visit:{visit}:2", "sent"),
        (f"visit:{visit}:3", "pending"),  # which the gate skips: the visit is another by now
    ]
    assert back["version"] == 4


async def test_undo_of_the_second_of_two_quick_moves_tells_how_it_stands(
    ward: Ward, desk: Browser
) -> None:
    visit = await ward.visit(desk)
    await ward.house.rows("update outbox set state = 'sent'")
    await ward.drop(desk, visit, "11:00")
    await ward.drop(desk, visit, "12:00")
    await ward.drop(desk, visit, "11:00", undo="yes", column="site")
    keys = [one["dedup_key"] for one in await ward.house.rows("select * from outbox order by id")]
    assert keys[-1] == f"visit:{visit}:5"


@pytest.mark.parametrize(
    ("at", "why"),
    [
        ("07:00", "診療時間の外です"),
        ("13:00", "診療時間の外です"),
        ("15:00", "すでに埋まっています"),
    ],
)
async def test_what_cannot_be_had_snaps_back_with_the_reason(
    ward: Ward, desk: Browser, at: str, why: str
) -> None:
    visit = await ward.visit(desk)
    ward_other = await ward.house.patient("高橋 一郎")
    await desk.post("/calendar/book", **ward.booking("15:00", patient=ward_other))
    status, answer = await ward.drop(desk, visit, at)
    assert (status, answer["moved"]) == (409, False)
    assert why in answer["why"]
    assert await ward.starts(visit) == "10:00"


async def test_a_visit_dropped_beside_a_start_goes_to_the_start(ward: Ward, desk: Browser) -> None:
    visit = await ward.visit(desk)
    status, answer = await ward.drop(desk, visit, "11:40")
    assert (status, answer["at"]) == (200, "11:30")


async def test_of_two_who_drag_the_same_visit_one_is_told(ward: Ward, desk: Browser) -> None:
    visit = await ward.visit(desk)
    version = await ward.house.value("select version from appointment")
    outcomes = await asyncio.gather(
        ward.drop(desk, visit, "11:00", version), ward.drop(desk, visit, "15:00", version)
    )
    assert sorted(status for status, _ in outcomes) == [200, 409]
    assert "ほかの人が" in next(answer["why"] for status, answer in outcomes if status == 409)
    assert await ward.starts(visit) in ("11:00", "15:00")


async def test_a_doctor_sees_and_moves_only_visits_to_that_doctor(
    ward: Ward, desk: Browser, sign_in: SignIn
) -> None:
    theirs = await ward.visit(desk)
    other = await ward.house.patient("高橋 一郎")
    await desk.post("/calendar/book", **ward.booking(patient=other, practitioner=ward.ito))
    mine = await ward.house.value("select max(id) from appointment")
    doctor = await sign_in(ward.account)
    for path in ("/calendar?view=list&on=", "/calendar/events.json?on="):
        text = await doctor.read(f"{path}{ward.on}&who={ward.sato}")
        text = str(orjson.loads(text)) if ".json" in path else text
        assert "高橋 一郎" in text
        assert "田中 花子" not in text
    assert (await doctor.get(f"/calendar/visits/{theirs}")).status == 404
    refused = {"version": "2", "starts": f"{ward.on}T11:00", "site": str(ward.site)}
    for visit, who in ((theirs, ward.sato), (mine, ward.sato)):
        answer = await doctor.post(
            f"/calendar/visits/{visit}/move", **refused, practitioner=str(who)
        )
        assert answer.status == 404
    assert (await doctor.post(f"/calendar/visits/{theirs}/cancel", version="2")).status == 404
    assert (await doctor.post(f"/calendar/visits/{theirs}/note", note="x")).status == 404
    assert (await ward.drop(doctor, mine, "11:00"))[0] == 200
    block = {"on": str(ward.on), "opens": "16:00", "closes": "17:00"}
    answer = await doctor.post("/calendar/block", **block, resource=str(ward.sato))
    assert answer.status == 404
    answer = await doctor.post("/calendar/block", **block, resource=str(ward.ito))
    assert answer.status == 303
    new = ward.booking("15:00", patient="new", practitioner=ward.ito, **{"new.name": "新"})
    assert (await doctor.post("/calendar/book", **new)).status == 403


async def test_blocked_time_cannot_be_booked_until_it_is_opened_again(
    ward: Ward, desk: Browser
) -> None:
    block = {"resource": str(ward.sato), "on": str(ward.on), "opens": "10:00", "closes": "12:00"}
    assert (await desk.post("/calendar/block", **block)).status == 303
    answer = await desk.post("/calendar/book", **ward.booking())
    assert "診療時間の外です" in await answer.text()
    exception = await ward.house.value("select id from schedule_exception")
    assert f'id="block-{exception}"' in await desk.read(f"/calendar?on={ward.on}")
    assert (await desk.post(f"/calendar/blocks/{exception}/remove")).status == 303
    assert (await desk.post("/calendar/book", **ward.booking())).status == 303


async def test_a_block_over_a_visit_shows_it(ward: Ward, desk: Browser) -> None:
    await ward.visit(desk)
    block = {"resource": str(ward.sato), "on": str(ward.on), "opens": "09:00", "closes": "12:00"}
    page = await (await desk.post("/calendar/block", **block)).text()
    assert "田中 花子" in page
    assert 'action="/settings/holidays/call"' in page


async def test_a_card_masks_the_phone_and_offers_free_times_and_takes_notes(
    ward: Ward, desk: Browser
) -> None:
    patient = await ward.house.patient("高橋 一郎", phone="+819012345678")
    await desk.post("/calendar/book", **ward.booking(patient=patient, note="初めて"))
    visit = await ward.house.value("select max(id) from appointment")
    page = await desk.read(f"/calendar/visits/{visit}")
    assert "+819012345678" not in page
    assert "5678" in page
    assert "初めて" in page
    pick = f"{ward.on}T11:30|{ward.sato}|{ward.site}"
    assert pick in page
    saved = await desk.post(f"/calendar/visits/{visit}/note", note="車いす")
    assert "車いす" in await saved.text()
    moved = await desk.post(f"/calendar/visits/{visit}/move", version="2", pick=pick, column="site")
    assert moved.status == 303
    assert "元に戻す" in await desk.read(moved.headers["Location"])
    assert await ward.starts(visit) == "11:30"


async def test_a_cancelled_visit_is_told_and_its_time_is_offered(ward: Ward, desk: Browser) -> None:
    visit = await ward.visit(desk)
    answer = await desk.post(f"/calendar/visits/{visit}/cancel", version="2", reason="急病")
    assert answer.status == 303
    assert await ward.house.value("select status from appointment") == "cancelled"
    assert await ward.house.value("select count(*) from outbox") == 2
    assert await ward.house.value("select count(*) from slot_rescue") == 1
    late = await desk.post(f"/calendar/visits/{visit}/cancel", version="2")
    assert late.status == 409


async def test_every_look_and_change_leaves_its_audit_row(ward: Ward, desk: Browser) -> None:
    visit = await ward.visit(desk)
    await desk.read(f"/calendar?on={ward.on}")
    await desk.read(f"/calendar/visits/{visit}")
    await ward.drop(desk, visit, "11:00")
    await desk.post(f"/calendar/visits/{visit}/note", note="x")
    rows = await ward.house.rows("select distinct action from audit where actor_kind = 'staff'")
    assert {
        "staff:appointment:book",
        "staff:appointment:list",
        "staff:appointment:read",
        "staff:appointment:move",
        "staff:appointment:note",
    } <= {row["action"] for row in rows}


async def test_how_full_each_day_is(ward: Ward, desk: Browser) -> None:
    await ward.visit(desk)
    page = await desk.read(f"/calendar/load?on={ward.on}")
    assert "450分中30分" in page  # 3.5 and 4 hours
    assert "7 %" in page


async def test_days_weeks_and_columns_of_every_kind_open(ward: Ward, desk: Browser) -> None:
    await ward.visit(desk)
    for span in ("day", "week"):
        for by in ("practitioner", "room", "site"):
            for view in ("grid", "list"):
                look = f"on={ward.on}&span={span}&by={by}&view={view}&site={ward.site}"
                assert "田中 花子" in await desk.read(f"/calendar?{look}")
                found = await (await desk.get(f"/calendar/events.json?{look}")).json()
                assert "田中 花子" in {one.get("title") for one in found["events"]}
    for nonsense in ("on=x", "on=0001-01-01", "span=year", "by=moon", "who=-1", "site=x"):
        assert (await desk.get(f"/calendar?{nonsense}")).status == 200


async def test_the_desk_books_further_ahead_than_patients(ward: Ward, desk: Browser) -> None:
    far = ward.on + timedelta(days=182)
    answer = await desk.post("/calendar/book", **ward.booking(date=far))
    assert answer.status == 303
    too_far = ward.on + timedelta(days=371)
    answer = await desk.post("/calendar/book", **ward.booking(date=too_far))
    assert answer.status == 422
