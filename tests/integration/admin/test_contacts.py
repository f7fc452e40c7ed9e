"""The desk writes down that a patient may be written to by SMS and e-mail."""

from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House


async def reachable(house: House) -> list[tuple[str, bool]]:
    rows = await house.rows(
        """select a.channel, l.ended_at is null as live from link l
           join chat_account a on a.id = l.account_id order by l.id"""
    )
    return [(row["channel"], row["live"]) for row in rows]


async def test_the_desk_allows_sms_and_takes_it_back_and_both_are_noted(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子")
    english = {"Accept-Language": "en"}
    assert "no mobile number" in await desk.read(f"/patients/{patient}", headers=english)
    await desk.post(f"/patients/{patient}/edit", name="田中 花子", phone="090-1234-5678")
    assert "Patient agreed to SMS" in await desk.read(f"/patients/{patient}", headers=english)
    answer = await desk.post(f"/patients/{patient}/contact", channel="sms", allowed="yes")
    assert (answer.status, answer.headers["Location"]) == (
        303,
        f"/patients/{patient}?done=allowed#letters",
    )
    html = await desk.read(f"/patients/{patient}?done=allowed", headers=english)
    assert "may be written to since" in html
    assert "090" not in html
    assert await reachable(house) == [("sms", True)]
    await desk.post(f"/patients/{patient}/contact", channel="sms", allowed="no")
    assert await reachable(house) == [("sms", False)]
    notes = await house.rows("select action, detail from audit where action like '%contact%'")
    assert [(row["action"], row["detail"]["channel"]) for row in notes] == [
        ("staff:contact:allow", "sms"),
        ("staff:contact:withdraw", "sms"),
    ]


async def test_a_new_number_in_the_form_ends_what_was_agreed_for_the_old_one(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子")
    await desk.post(f"/patients/{patient}/edit", name="田中 花子", phone="090-1234-5678")
    await desk.post(f"/patients/{patient}/contact", channel="sms", allowed="yes")
    await desk.post(f"/patients/{patient}/edit", name="田中 花子", phone="090-8765-4321")
    assert await reachable(house) == [("sms", False)]


async def test_nonsense_and_doctors_change_nothing(
    house: House, desk: Browser, sign_in: SignIn
) -> None:
    patient = await house.patient("田中 花子")
    for fields in ({"channel": "line", "allowed": "yes"}, {"channel": "sms"}, {}):
        assert (await desk.post(f"/patients/{patient}/contact", **fields)).status == 422
    doctor = await sign_in(await house.staff("佐藤", Role.DOCTOR))
    answer = await doctor.post(f"/patients/{patient}/contact", channel="sms", allowed="yes")
    assert answer.status in (403, 404)
    assert await reachable(house) == []
