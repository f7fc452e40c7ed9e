"""Ready answers in the settings and beside a conversation."""

from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House

EN = {"Accept-Language": "en"}


async def test_an_answer_is_written_changed_removed_and_put_back(
    house: House, desk: Browser
) -> None:
    await desk.post("/settings/canned", shortcut="/Thanks", ja="ありがとう", en="Thank you")
    one = await house.value("select id from canned_answer")
    assert await house.value("select shortcut from canned_answer") == "thanks"
    await desk.post(f"/settings/canned/{one}", shortcut="thanks", ja="", en="Thanks, {name}")
    page = await desk.read("/settings/canned", headers=EN)
    assert "Thanks, {name}" in page
    assert "missing" in page
    gone = await (await desk.post(f"/settings/canned/{one}/remove")).text()
    assert await house.value("select count(*) from canned_answer") == 0
    assert "Thanks, {name}" in gone, "with what it was, to put it back"
    assert await house.value("select count(*) from audit where action like 'staff:canned:%'") == 3


async def test_what_is_wrong_is_said_and_what_was_written_is_kept(
    house: House, desk: Browser
) -> None:
    await desk.post("/settings/canned", shortcut="a", en="first")
    for fields, words in (
        ({"shortcut": "two words", "en": "kept"}, "letters, digits"),
        ({"shortcut": "a", "en": "kept"}, "Another answer"),
        ({"shortcut": "b", "en": "kept {chart}"}, "unknown placeholder"),
        ({"shortcut": "b"}, "at least one language"),
    ):
        fields = {"csrf": desk.csrf, **fields}
        answer = await desk.send("/settings/canned", fields, EN)
        page = await answer.text()
        assert answer.status == 422
        assert words in page
        assert "kept" in page or "en" not in fields
    assert await house.value("select count(*) from canned_answer") == 1


async def test_ready_made_answers_are_put_in_once(house: House, desk: Browser) -> None:
    for _ in range(2):
        await desk.post("/settings/canned/ready-made")
    assert await house.value("select count(*) from canned_answer") == 6


async def test_the_patients_language_is_offered_with_the_readers_beside_it(
    house: House, desk: Browser
) -> None:
    await desk.post(
        "/settings/canned",
        shortcut="next",
        ja="{name}様、次は{next_visit}",
        en="Next: {next_visit}",
    )
    await desk.post("/settings/canned", shortcut="only", en="Only in English")
    patient = await house.patient("田中 花子", chart="1001")
    talk = await house.conversation(patient, said="はい", owner="queue", display_name="hana")
    await desk.post(f"/conversations/{talk}/take-over")
    page = await desk.read(f"/conversations/{talk}", headers=EN)
    assert "田中 花子様、次は{next_visit}" in page
    assert "No value for: next visit" in page
    assert '<span class="canned-beside" lang="en">Next: {next_visit}</span>' in page
    assert "Not in the patient" in page
    one = await house.value("select id from canned_answer where shortcut = 'only'")
    drafted = await desk.read(f"/conversations/{talk}?canned={one}")
    assert ">Only in English</textarea>" in drafted, "without a script, too"


async def test_an_unfilled_placeholder_is_not_sent_to_a_patient(
    house: House, desk: Browser
) -> None:
    talk = await house.conversation(said="はい", owner="queue")
    await desk.post(f"/conversations/{talk}/take-over")
    answer = await desk.post(f"/conversations/{talk}/answer", text="Next: {next_visit}")
    assert answer.status == 422
    assert "Next: {next_visit}" in await answer.text()
    assert await house.value("select count(*) from outbox") == 0


async def test_doctors_use_ready_answers_and_do_not_write_them(
    house: House, sign_in: SignIn
) -> None:
    doctor = await sign_in(await house.staff("佐藤", Role.DOCTOR))
    assert (await doctor.get("/settings/canned")).status == 403
    assert (await doctor.post("/settings/canned", shortcut="a", en="b")).status == 403
