"""A campaign for one patient, begun on their record; policy and consent judge it like any other."""

import json
from datetime import date

from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House
from tests.integration.admin.test_campaigns import TEXT, agreed, fields


async def test_the_record_leads_to_a_message_for_this_patient_alone(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子", birth_on=date(1950, 1, 1))
    await house.patient("佐藤 次郎")
    assert f"/campaigns/new?patient={patient}" in await desk.read(f"/patients/{patient}")
    page = await desk.read(f"/campaigns/new?patient={patient}")
    assert "田中 花子" in page
    assert page.index('value="message"') < page.index('value="birthday"')
    answer = await desk.post("/campaigns", template="message", patient=str(patient))
    path = answer.headers["Location"].removesuffix("/edit")
    audience = await house.value("select audience::text from campaign")
    assert json.loads(audience) == {"patients": [patient]}
    assert "田中 花子" in await desk.read(f"{path}/edit")
    assert "田中 花子" in await desk.read(path)
    said = await fields(desk, path, title="経過", **{f"text-a-{k}": v for k, v in TEXT.items()})
    assert (await desk.post(f"{path}/edit", **said)).status == 303
    seen = await desk.read(f"{path}/preview")
    assert "今後30日に送る件数：0" in seen
    assert "連絡先の経路がありません: 1" in seen
    await house.conversation(patient)
    assert "同意" in await desk.read(f"{path}/preview")
    await agreed(house, patient)
    seen = await desk.read(f"{path}/preview")
    assert "今後30日に送る件数：1" in seen
    assert "田中 花子様、お知らせです。" in seen
    assert "佐藤" not in seen


async def test_what_goes_to_one_goes_once_and_nobody_is_held_out(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子")
    await desk.post("/campaigns", template="lapse", patient=str(patient))
    [row] = await house.rows("select hold_out, trigger ->> 'kind' as kind from campaign")
    assert row == {"hold_out": 0, "kind": "once"}


async def test_a_patient_who_is_none_is_not_found(house: House, desk: Browser) -> None:
    assert (await desk.get("/campaigns/new?patient=999")).status == 404
    assert (await desk.get("/campaigns/new?patient=x")).status == 404
    assert (await desk.post("/campaigns", template="message", patient="999")).status == 400
    assert await house.value("select count(*) from campaign") == 0


async def test_who_writes_no_campaigns_is_not_led_to_them(house: House, sign_in: SignIn) -> None:
    doctor = await house.staff("医師", Role.DOCTOR)
    patient = await house.patient("田中 花子")
    await house.visit(patient, await house.practitioner("医師", doctor))
    page = await (await sign_in(doctor)).read(f"/patients/{patient}")
    assert f"/patients/{patient}/message" in page
    assert "/campaigns/new" not in page
