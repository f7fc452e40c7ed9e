"""The desk writes down how a patient wants to be written to, and to what they say yes."""

from multidict import MultiDict

from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House

ENGLISH = {"Accept-Language": "en"}


async def account(house: House, talk: int) -> int:
    found: int = await house.value("select account_id from conversation where id = $1", talk)
    await house.rows("update chat_account set consent_version = '2.1' where id = $1", found)
    return found


async def notes(house: House) -> list[tuple[str, dict[str, object]]]:
    rows = await house.rows(
        """select action, detail from audit
           where action in ('staff:patient:prefer', 'staff:patient:consent') order by id"""
    )
    return [(row["action"], row["detail"]) for row in rows]


async def test_wishes_are_written_down_with_how_they_were_heard(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子")
    wanted = {"channel": "sms", "call_only": "yes", "heard": "phone"}
    answer = await desk.post(f"/patients/{patient}/wishes", **wanted)
    assert answer.headers["Location"] == f"/patients/{patient}?done=edited#wishes"
    html = await desk.read(f"/patients/{patient}", headers=ENGLISH)
    assert '<option value="sms" selected>' in html
    assert 'name="call_only" value="yes" checked' in html
    assert 'name="no_greetings" value="yes">' in html
    await desk.post(f"/patients/{patient}/wishes", no_greetings="yes", heard="family")
    (row,) = await house.rows("select channel, call_only, no_greetings from contact_preference")
    assert tuple(row.values()) == (None, False, True)
    assert [detail["heard"] for _, detail in await notes(house)] == ["phone", "family"]


async def test_what_a_chat_says_yes_to_is_shown_and_changed_one_by_one(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子")
    chat = await account(house, await house.conversation(patient))
    html = await desk.read(f"/patients/{patient}", headers=ENGLISH)
    assert 'value="education" checked' in html
    assert 'value="marketing">' in html
    said = MultiDict({"csrf": desk.csrf, "account": str(chat), "heard": "paper"})
    for purpose in ("care", "reminders", "marketing"):
        said.add("purpose", purpose)
    answer = await desk.send(f"/patients/{patient}/consents", said)
    assert answer.headers["Location"] == f"/patients/{patient}?done=edited#wishes"
    rows = await house.rows("select purpose, given from consent order by id")
    assert [tuple(row.values()) for row in rows] == [("education", False), ("marketing", True)]
    assert (await notes(house))[-1] == (
        "staff:patient:consent",
        {"account": chat, "yes": ["marketing"], "no": ["education"], "heard": "paper"},
    )
    again = await desk.send(f"/patients/{patient}/consents", said)
    assert again.headers["Location"] == f"/patients/{patient}#wishes"
    assert len(await notes(house)) == 1


async def test_nobody_agrees_for_a_chat_that_did_not_agree_to_the_notice(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子")
    talk = await house.conversation(patient)
    chat = await account(house, talk)
    await house.rows("update chat_account set consent_version = null")
    html = await desk.read(f"/patients/{patient}", headers=ENGLISH)
    assert "has not agreed to the privacy notice yet" in html
    await desk.post(
        f"/patients/{patient}/consents", account=str(chat), heard="here", purpose="marketing"
    )
    assert await house.value("select count(*) from consent where purpose = 'marketing'") == 0


async def test_nonsense_other_peoples_chats_and_doctors_change_nothing(
    house: House, desk: Browser, sign_in: SignIn
) -> None:
    patient, other = await house.patient("田中 花子"), await house.patient("山田 太郎")
    chat = await account(house, await house.conversation(other))
    at = f"/patients/{patient}"
    good = {"account": str(chat), "heard": "here", "purpose": "marketing"}
    assert (await desk.post(f"{at}/consents", **good)).status == 404
    for wrong in ({"heard": "guess"}, {"account": "x"}, {"account": ""}):
        assert (await desk.post(f"{at}/consents", **(good | wrong))).status == 422
    assert (await desk.post(f"{at}/wishes", channel="sms")).status == 422
    assert (await desk.post(f"{at}/wishes", channel="pigeon", heard="here")).status == 422
    doctor = await sign_in(await house.staff("佐藤", Role.DOCTOR))
    for path in ("wishes", "consents"):
        assert (await doctor.post(f"{at}/{path}", **good)).status in (403, 404)
    assert await notes(house) == []
    assert await house.value("select count(*) from contact_preference") == 0
