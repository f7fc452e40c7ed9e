"""The shared inbox: tabs, giving away, putting off, notes, and two people at one conversation."""

import re

import pytest

from clinic.conversation.service import return_lapsed
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House

EN = {"Accept-Language": "en"}


async def acts(house: House, action: str) -> int:
    """How many audit rows of an action there are."""
    found: int = await house.value("select count(*) from audit where action = $1", action)
    return found


def seen_on(page: str) -> str:
    """What the answer form knows of the thread."""
    found = re.search(r'name="seen" value="([\d.]+)"', page)
    assert found is not None
    return found[1]


async def test_every_tab_holds_what_its_name_says(
    house: House, desk: Browser, sign_in: SignIn
) -> None:
    waiting = await house.conversation(said="waiting", owner="queue", waiting=9)
    mine = await house.conversation(said="mine", owner="queue")
    theirs = await house.conversation(said="theirs", owner="queue")
    later = await house.conversation(said="later", owner="queue")
    done = await house.conversation(said="done")
    grave = await house.conversation(said="grave")
    await house.escalation(grave)
    other = await sign_in(await house.staff("鈴木"))
    await desk.post(f"/conversations/{mine}/take-over")
    await other.post(f"/conversations/{theirs}/take-over")
    await desk.post(f"/conversations/{later}/snooze", **{"for": "hour"})
    wanted = {
        "queue": {waiting},
        "mine": {mine},
        "escalated": {grave},
        "open": {waiting, mine, theirs, grave},
        "snoozed": {later},
        "closed": {done},
    }
    everything = {waiting, mine, theirs, later, done, grave}
    for tab, expected in wanted.items():
        page = await desk.read(f"/conversations?tab={tab}")
        assert {one for one in everything if f'id="talk-{one}"' in page} == expected, tab


async def test_a_search_finds_chats_by_name_chart_and_telephone(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子", kana="タナカ ハナコ", chart="1001")
    await desk.post(f"/patients/{patient}/edit", name="田中 花子", phone="090-1234-5678")
    talk = await house.conversation(patient, said="hello")
    other = await house.conversation(await house.patient("佐藤"), said="hello")
    for words in ("田中", "たなか", "1001", "09012345678"):
        page = await (await desk.post("/conversations/find", q=words)).text()
        assert f'id="talk-{talk}"' in page, words
        assert f'id="talk-{other}"' not in page, words


async def test_a_long_wait_comes_first_unless_the_newest_are_wanted(
    house: House, desk: Browser
) -> None:
    early = await house.conversation(said="a", owner="queue", waiting=60)
    late = await house.conversation(said="b", owner="queue", waiting=1)
    page = await desk.read("/conversations")
    assert page.index(f"talk-{early}") < page.index(f"talk-{late}")
    page = await desk.read("/conversations?order=newest")
    assert page.index(f"talk-{late}") < page.index(f"talk-{early}")


async def test_what_was_read_is_no_longer_marked_as_new(house: House, desk: Browser) -> None:
    talk = await house.conversation(said="hello", owner="queue")
    assert "is-unread" in await desk.read("/conversations")
    assert (await desk.post(f"/conversations/{talk}/here")).status == 204
    assert "is-unread" not in await desk.read("/conversations")
    await house.rows("update conversation set last_patient_at = now()")
    assert "is-unread" in await desk.read("/conversations")


async def test_a_conversation_given_to_a_colleague_is_theirs_and_they_are_told(
    house: House, desk: Browser, sign_in: SignIn
) -> None:
    talk = await house.conversation(await house.patient("田中"), said="hello", owner="queue")
    colleague = await house.staff("鈴木")
    theirs = await sign_in(colleague)
    given = await desk.post(f"/conversations/{talk}/assign", colleague=str(colleague.id))
    assert given.headers["Location"].startswith("/conversations?done=assigned")
    assert f'id="talk-{talk}"' in await theirs.read("/conversations?tab=mine")
    notices = await theirs.read("/live/notices", headers=EN)
    assert "gave you a conversation" in notices
    assert (await desk.get("/live/notices?seen=none")).status == 204
    await theirs.post(f"/conversations/{talk}/here")
    assert (await theirs.get("/live/notices?seen=none")).status == 204, "it was opened"
    assert await acts(house, "staff:conversation:assign") == 1
    assert "gave this to 鈴木" in await theirs.read(f"/conversations/{talk}", headers=EN)
    refused = await desk.post(f"/conversations/{talk}/assign", colleague=str(colleague.id))
    assert "problem=not_mine" in refused.headers["Location"]


async def test_a_colleague_who_does_not_begin_loses_it_to_the_queue(
    house: House, desk: Browser
) -> None:
    talk = await house.conversation(said="hello", owner="queue")
    colleague = await house.staff("鈴木")
    await desk.post(f"/conversations/{talk}/assign", colleague=str(colleague.id))
    await house.rows("update conversation set owner_until = now() - interval '1 s'")
    async with house.database.transaction() as tx:
        assert await return_lapsed(tx) == 1
    page = await desk.read("/conversations", headers=EN)
    assert f'id="talk-{talk}"' in page
    assert "given to a colleague who did not begin" in page


async def test_a_closed_account_is_given_nothing(house: House, desk: Browser) -> None:
    talk = await house.conversation(said="hello", owner="queue")
    gone = await house.staff("鈴木")
    await house.rows("update staff set disabled_at = now() where id = $1 returning id", gone.id)
    for colleague in (str(gone.id), "999", "x", ""):
        answer = await desk.post(f"/conversations/{talk}/assign", colleague=colleague)
        assert "problem=nobody" in answer.headers["Location"]
    assert await house.value("select owner from conversation") == "queue"


async def test_what_is_put_off_comes_back_by_itself(house: House, desk: Browser) -> None:
    talk = await house.conversation(said="hello", owner="queue")
    await desk.post(f"/conversations/{talk}/snooze", **{"for": "tomorrow"})
    assert f'id="talk-{talk}"' not in await desk.read("/conversations")
    async with house.database.transaction() as tx:
        assert await return_lapsed(tx) == 0, "not before its time"
    await house.rows(
        "update conversation set snoozed_until = now(), owner_until = now() - interval '1 s'"
    )
    async with house.database.transaction() as tx:
        assert await return_lapsed(tx) == 1
    assert f'id="talk-{talk}"' in await desk.read("/conversations")
    assert await house.value("select owner from conversation") == "queue"
    assert await house.value("select snoozed_until from conversation") is None
    assert await acts(house, "staff:conversation:snooze") == 1


@pytest.mark.parametrize(
    ("wish", "until"), [("at", "2020-01-01T10:00"), ("at", "never"), ("at", ""), ("later", "")]
)
async def test_nothing_is_put_off_to_no_time(
    house: House, desk: Browser, wish: str, until: str
) -> None:
    talk = await house.conversation(said="hello", owner="queue")
    answer = await desk.post(f"/conversations/{talk}/snooze", **{"for": wish, "until": until})
    assert "problem=snooze" in answer.headers["Location"]
    assert await house.value("select owner from conversation") == "queue"


async def test_nobody_puts_off_what_a_colleague_answers(
    house: House, desk: Browser, sign_in: SignIn
) -> None:
    talk = await house.conversation(said="hello", owner="queue")
    other = await sign_in(await house.staff("鈴木"))
    await other.post(f"/conversations/{talk}/take-over")
    answer = await desk.post(f"/conversations/{talk}/snooze", **{"for": "hour"})
    assert "problem=not_mine" in answer.headers["Location"]


async def test_an_answer_to_a_thread_that_has_changed_is_held_back_once(
    house: House, desk: Browser
) -> None:
    talk = await house.conversation(said="can I come at ten?", owner="queue")
    await desk.post(f"/conversations/{talk}/take-over")
    seen = seen_on(await desk.read(f"/conversations/{talk}"))
    await house.say(talk, "no, better at eleven")
    held = await desk.post(f"/conversations/{talk}/answer", text="ten is free", seen=seen)
    page = await held.text()
    assert held.status == 409
    assert "ten is free" in page, "what was written is kept"
    assert "no, better at eleven" in page
    assert await house.value("select count(*) from outbox") == 0
    sent = await desk.post(f"/conversations/{talk}/answer", text="eleven", seen=seen_on(page))
    assert sent.status == 303
    assert await house.value("select count(*) from outbox") == 1


async def test_a_second_answer_after_a_colleagues_is_held_back(
    house: House, desk: Browser, sign_in: SignIn
) -> None:
    talk = await house.conversation(said="hello", owner="queue")
    other = await sign_in(await house.staff("鈴木"))
    await desk.post(f"/conversations/{talk}/take-over")
    seen = seen_on(await desk.read(f"/conversations/{talk}"))
    await house.rows("update conversation set owner_until = now()")
    await other.post(f"/conversations/{talk}/take-over")
    await other.post(f"/conversations/{talk}/answer", text="I have told you")
    await house.rows("update conversation set owner_until = now()")
    await desk.post(f"/conversations/{talk}/take-over")
    held = await desk.post(f"/conversations/{talk}/answer", text="me too", seen=seen)
    assert held.status == 409
    assert await house.value("select count(*) from outbox") == 1


async def test_colleagues_see_who_has_a_conversation_open_and_who_writes(
    house: House, desk: Browser, sign_in: SignIn
) -> None:
    talk = await house.conversation(said="hello", owner="queue")
    other = await sign_in(await house.staff("鈴木"))
    page = await desk.read(f"/conversations/{talk}", headers=EN)
    mark = page.split('id="thread"')[1].split("seen=")[1].split('"')[0]
    for state, words in (({}, "鈴木 has this open"), ({"typing": "yes"}, "鈴木 is writing")):
        await other.post(f"/conversations/{talk}/here", **state)
        thread = await desk.read(f"/live/conversations/{talk}?seen={mark}", headers=EN)
        assert words in thread
    await other.post(f"/conversations/{talk}/here", leaving="yes")
    assert "鈴木" not in await desk.read(f"/live/conversations/{talk}", headers=EN)


async def test_being_here_does_not_prolong_the_session(house: House, desk: Browser) -> None:
    talk = await house.conversation(said="hello", owner="queue")
    await house.rows("update staff_session set seen_at = now() - interval '5 min'")
    before = await house.value("select max(seen_at) from staff_session")
    await desk.post(f"/conversations/{talk}/here")
    assert await house.value("select max(seen_at) from staff_session") == before


async def test_a_note_tells_the_colleague_it_names_and_no_patient(
    house: House, desk: Browser, sign_in: SignIn
) -> None:
    talk = await house.conversation(await house.patient("田中"), said="hello", owner="queue")
    named, doctor = await house.staff("鈴木"), await house.staff("佐藤", Role.DOCTOR)
    theirs, stranger = await sign_in(named), await sign_in(doctor)
    await desk.post(f"/conversations/{talk}/notes", note="@鈴木 @佐藤 お願いします")
    assert "names you in a note" in await theirs.read("/live/notices", headers=EN)
    assert (await stranger.get("/live/notices?seen=none")).status == 204, "may not see it"
    page = await desk.read(f"/conversations/{talk}")
    assert page.index("hello") < page.index("お願いします"), "in the order in which it came"
    assert await house.value("select count(*) from outbox") == 0
    assert await acts(house, "staff:note:write") == 1


async def test_the_thread_tells_of_visits_and_questionnaires_between_the_messages(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子")
    talk = await house.conversation(patient, said="hello")
    doctor = await house.practitioner("佐藤")
    await house.visit(patient, doctor, at="10:00")
    await house.visit(patient, doctor, at="11:00", status="cancelled")
    await house.response(patient, (await house.forms())["gad_7"], {})
    page = await desk.read(f"/conversations/{talk}", headers=EN)
    for words in ("General visit on", "booked", "cancelled", "田中 花子 answered"):
        assert words in page


async def test_a_refused_answer_is_sent_again_once_by_who_answers(
    house: House, desk: Browser, sign_in: SignIn
) -> None:
    talk = await house.conversation(said="hello", owner="queue")
    await desk.post(f"/conversations/{talk}/take-over")
    await desk.post(f"/conversations/{talk}/answer", text="ten is free")
    message = await house.value("select id from outbox")
    early = await desk.post(f"/messages/{message}/again")
    assert "problem=again" in early.headers["Location"], "it is still on its way"
    await house.rows("update outbox set state = 'refused', reason = 'status 400'")
    other = await sign_in(await house.staff("鈴木"))
    denied = await other.post(f"/messages/{message}/again")
    assert "problem=not_mine" in denied.headers["Location"]
    assert "Send again" in await desk.read(f"/conversations/{talk}", headers=EN)
    for _ in range(2):
        await desk.post(f"/messages/{message}/again")
    assert await house.value("select count(*) from outbox") == 2
    assert await acts(house, "staff:message:again") == 1


async def test_the_bots_own_message_is_not_sent_again_by_hand(house: House, desk: Browser) -> None:
    talk = await house.conversation(said="hello", owner="queue")
    await desk.post(f"/conversations/{talk}/take-over")
    message = await house.tell(talk, "hello", "refused", "status 400")
    answer = await desk.post(f"/messages/{message}/again")
    assert "problem=again" in answer.headers["Location"]


async def test_the_card_masks_the_telephone_and_names_allergies(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子", chart="1001", phone="+819012345678")
    await desk.post(f"/patients/{patient}/notes", kind="allergy", note="ペニシリン")
    talk = await house.conversation(patient, said="hello")
    page = await desk.read(f"/conversations/{talk}")
    assert "ペニシリン" in page
    assert "•••• 5678" in page
    assert "9012345678" not in page
    assert await acts(house, "staff:patient:card") == 1


async def test_a_doctor_does_to_strangers_conversations_nothing(
    house: House, sign_in: SignIn
) -> None:
    hidden = await house.conversation(await house.patient("他人"), said="hello", owner="queue")
    doctor = await house.staff("佐藤", Role.DOCTOR)
    browser = await sign_in(doctor)
    message = await house.tell(hidden, "x", "refused", "status 400")
    for path in (f"/conversations/{hidden}/here", f"/messages/{message}/again"):
        assert (await browser.post(path)).status == 404, path
    for deed, fields in (("assign", {"colleague": str(doctor.id)}), ("snooze", {"for": "hour"})):
        answer = await browser.post(f"/conversations/{hidden}/{deed}", **fields)
        assert "problem=not_mine" in answer.headers["Location"]
    found = await (await browser.post("/conversations/find", q="他人")).text()
    assert f'id="talk-{hidden}"' not in found
    assert await house.value("select owner from conversation") == "queue"
