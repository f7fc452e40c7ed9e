"""Whose patients are whose: what makes a patient a doctor's own, and what ends that."""

import pytest

from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House

WHY = "意識不明で来院、アレルギー歴の確認"


@pytest.fixture
async def doctor(house: House, sign_in: SignIn) -> Browser:
    return await sign_in(await house.staff("佐藤 医師", Role.DOCTOR))


async def test_after_its_hour_an_emergency_access_opens_nothing(
    house: House, doctor: Browser
) -> None:
    patient = await house.patient("田中 花子", chart="1001")
    talk = await house.conversation(patient, said="hello")
    await doctor.post("/emergency", chart="1001", reason=WHY)
    access = await house.value("select id from emergency_access")
    for path in (f"/patients/{patient}", f"/conversations/{talk}"):
        assert (await doctor.get(path)).status == 200
    await house.rows("update emergency_access set until_at = now()")
    for path in (f"/patients/{patient}", f"/conversations/{talk}"):
        assert (await doctor.get(path)).status == 404
    assert f"/emergency/{access}" not in await doctor.read("/today"), "the banner is gone"
    assert (await doctor.post(f"/emergency/{access}/end")).status == 404


async def test_a_patient_of_whose_emergency_a_colleague_took_care_is_the_colleagues(
    house: House, doctor: Browser, sign_in: SignIn
) -> None:
    colleague = await house.staff("高橋 医師", Role.DOCTOR)
    patient = await house.patient("田中 花子", chart="1001")
    one = await house.escalation(await house.conversation(patient), patient=patient)
    await house.rows(
        """update escalation set state = 'closed', disposition = 'advice', owner_id = $2
           where id = $1""",
        one,
        colleague.id,
    )
    assert (await (await sign_in(colleague)).get(f"/patients/{patient}")).status == 200
    assert (await doctor.get(f"/patients/{patient}")).status == 404


async def test_a_chat_that_speaks_for_a_patient_no_more_is_no_doctors(
    house: House, sign_in: SignIn
) -> None:
    staff = await house.staff("高橋 医師", Role.DOCTOR)
    patient = await house.patient("田中 花子")
    await house.visit(patient, await house.practitioner("高橋", staff))
    talk = await house.conversation(patient, said="hello")
    browser = await sign_in(staff)
    assert (await browser.get(f"/conversations/{talk}")).status == 200
    await house.rows("update link set ended_at = now()")
    assert (await browser.get(f"/conversations/{talk}")).status == 404


async def test_what_is_masked_of_a_strangers_patient_is_shown_by_no_part_of_a_page(
    house: House, doctor: Browser
) -> None:
    patient = await house.patient("田中 花子", chart="1001", phone="+819012345678")
    fields = {"csrf": doctor.csrf, "field": "phone"}
    answer = await doctor.send(f"/patients/{patient}/reveal", fields, {"HX-Request": "true"})
    assert answer.status == 404
    assert "12345678" not in await answer.text()
    trail = "select count(*) from audit where action = 'staff:patient:reveal'"
    assert await house.value(trail) == 0
