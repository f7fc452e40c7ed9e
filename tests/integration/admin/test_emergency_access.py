"""A doctor opens a record that is not theirs, for an hour, and says why."""

import pytest

from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House

WHY = "意識不明で来院、アレルギー歴の確認"


@pytest.fixture
async def doctor(house: House, sign_in: SignIn) -> Browser:
    return await sign_in(await house.staff("佐藤 医師", Role.DOCTOR))


async def test_a_reason_opens_the_record_for_an_hour_under_a_banner(
    house: House, doctor: Browser
) -> None:
    patient = await house.patient("田中 花子", chart="1001")
    assert (await doctor.get(f"/patients/{patient}")).status == 404
    answer = await doctor.post("/emergency", chart=" 1001 ", reason=WHY)
    assert (answer.status, answer.headers["Location"]) == (303, f"/patients/{patient}")
    page = await doctor.read(f"/patients/{patient}")
    assert "田中 花子" in page
    assert "緊急アクセス" in page
    assert "/emergency/" in await doctor.read("/today"), "the banner stands on every page"
    left = await house.value(
        "select until_at - created_at = interval '1 hour' from emergency_access"
    )
    assert left is True


async def test_admins_have_a_task_with_the_reason_in_the_same_moment_and_the_doctor_cannot_close_it(
    house: House, doctor: Browser, chief: Browser
) -> None:
    await house.patient("田中 花子", chart="1001")
    await doctor.post("/emergency", chart="1001", reason=WHY)
    page = await chief.read("/tasks")
    assert f"佐藤 医師: {WHY}" in page
    assert "緊急アクセス" in page
    task = await house.value("select id from task where kind = 'emergency'")
    assert WHY not in await doctor.read("/tasks")
    await doctor.post(f"/tasks/{task}/close")
    assert await house.value("select state from task") == "open"


async def test_opening_and_ending_stand_in_the_audit_trail_without_the_words(
    house: House, doctor: Browser
) -> None:
    patient = await house.patient("田中 花子", chart="1001")
    await doctor.post("/emergency", chart="1001", reason=WHY)
    access = await house.value("select id from emergency_access")
    assert (await doctor.post(f"/emergency/{access}/end")).status == 303
    assert (await doctor.get(f"/patients/{patient}")).status == 404
    assert (await doctor.post(f"/emergency/{access}/end")).status == 404
    rows = await house.rows("select action, subject_id from audit where action like '%emergency%'")
    assert [(row["action"], row["subject_id"]) for row in rows] == [
        ("staff:emergency:open", patient),
        ("staff:emergency:end", patient),
    ]
    stored = str(await house.rows("select t::text from audit t")) + str(
        await house.rows("select t::text from emergency_access t")
    )
    assert WHY not in stored


@pytest.mark.parametrize(
    ("chart", "reason"), [("1001", "urgent"), ("1001", "x" * 501), ("1001", " "), ("9999", WHY)]
)
async def test_without_a_reason_or_a_patient_nothing_opens(
    house: House, doctor: Browser, chart: str, reason: str
) -> None:
    await house.patient("田中 花子", chart="1001")
    answer = await doctor.post("/emergency", chart=chart, reason=reason)
    assert answer.status == 422
    assert "田中" not in await answer.text()
    assert await house.value("select count(*) from emergency_access") == 0


async def test_only_doctors_need_it_and_nobody_ends_a_colleagues(
    house: House, doctor: Browser, desk: Browser, sign_in: SignIn
) -> None:
    await house.patient("田中 花子", chart="1001")
    assert (await desk.post("/emergency", chart="1001", reason=WHY)).status == 403
    await doctor.post("/emergency", chart="1001", reason=WHY)
    access = await house.value("select id from emergency_access")
    other = await sign_in(await house.staff("高橋 医師", Role.DOCTOR))
    assert (await other.post(f"/emergency/{access}/end")).status == 404
    assert "/emergency/" not in (await other.read("/today")).replace('href="/emergency"', "")


async def test_a_conversation_taken_over_in_the_hour_was_once_seen_for_as_long_as_it_was_renewed(
    house: House, doctor: Browser, desk: Browser
) -> None:
    patient = await house.patient("田中 花子", chart="1001")
    talk = await house.conversation(patient, said="hello", owner="queue")
    await doctor.post("/emergency", chart="1001", reason=WHY)
    await doctor.post(f"/conversations/{talk}/take-over")
    assert "田中 花子" in await doctor.read(f"/conversations/{talk}")
    access = await house.value("select id from emergency_access")
    assert (await doctor.post(f"/emergency/{access}/end")).status == 303
    assert (await doctor.get(f"/conversations/{talk}")).status == 404
    assert f'id="talk-{talk}"' not in await doctor.read("/conversations?tab=mine")
    await doctor.post(f"/conversations/{talk}/answer", text="one more word")
    assert await house.value("select count(*) from outbox where purpose = 'staff'") == 0
    sato = await house.value("select id from staff where name = '佐藤 医師'")
    await house.rows("update conversation set owner = 'queue', owner_staff_id = null")
    await desk.post(f"/conversations/{talk}/assign", colleague=str(sato))
    assert "hello" in await doctor.read(f"/conversations/{talk}"), "a colleague gave it to them"


async def test_the_patients_own_doctors_see_who_opened_the_record_until_they_looked(
    house: House, doctor: Browser, desk: Browser, chief: Browser, sign_in: SignIn
) -> None:
    patient = await house.patient("田中 花子", chart="1001")
    staff = {name: await house.staff(name, Role.DOCTOR) for name in ("主治医", "救急医", "無関係")}
    await house.visit(patient, await house.practitioner("主治医", staff["主治医"]))
    await house.escalation(await house.conversation(patient), patient=patient)
    taken = await sign_in(staff["救急医"])
    await taken.post("/escalations/1/acknowledge")
    own = await sign_in(staff["主治医"])
    await doctor.post("/emergency", chart="1001", reason=WHY)
    for browser in (own, taken):
        told = await browser.read("/live/notices")
        assert "佐藤 医師さんが緊急アクセス" in told
        assert "<time" in told
        assert WHY not in told
        assert "田中" not in told, "a look at a patient, which would have to be on record"
    for browser in (doctor, desk, chief, await sign_in(staff["無関係"])):
        assert (await browser.get("/live/notices?seen=none")).status == 204
    notice = await house.value(
        "select id from staff_notice where staff_id = $1", staff["主治医"].id
    )
    assert (await taken.post(f"/notices/{notice}")).status == 404
    answer = await own.post(f"/notices/{notice}")
    assert answer.headers["Location"] == f"/patients/{patient}/timeline?only=access"
    page = await own.read(answer.headers["Location"])
    assert "佐藤 医師" in page
    assert (await own.get("/live/notices?seen=none")).status == 204
    assert "緊急アクセス" in await taken.read("/live/notices"), "each for themselves"


async def test_whose_patient_it_is_no_more_is_not_told(
    house: House, doctor: Browser, sign_in: SignIn
) -> None:
    patient = await house.patient("田中 花子", chart="1001")
    owner = await house.staff("主治医", Role.DOCTOR)
    visit = await house.visit(patient, await house.practitioner("主治医", owner))
    own = await sign_in(owner)
    await doctor.post("/emergency", chart="1001", reason=WHY)
    await house.rows("update appointment set status = 'cancelled' where id = $1", visit)
    assert (await own.get("/live/notices?seen=none")).status == 204
    await doctor.post("/emergency", chart="1001", reason=WHY)
    assert await house.value("select count(*) from staff_notice") == 1


async def test_a_doctor_who_left_and_one_who_opened_it_themselves_are_told_nothing(
    house: House, doctor: Browser
) -> None:
    patient = await house.patient("田中 花子", chart="1001")
    sato = await house.value("select id from staff where name = '佐藤 医師'")
    gone = await house.staff("退職 医師", Role.DOCTOR)
    await house.visit(patient, await house.practitioner("退職", gone))
    await house.rows("update staff set disabled_at = now() where id = $1", gone.id)
    visit = await house.visit(patient, await house.practitioner("佐藤"), at="11:00")
    await house.rows(
        """update resource set staff_id = $1
           where id = (select practitioner_id from appointment where id = $2)""",
        sato,
        visit,
    )
    await doctor.post("/emergency", chart="1001", reason=WHY)
    assert await house.value("select count(*) from emergency_access") == 1
    assert await house.value("select count(*) from staff_notice") == 0
