"""The queue, answering, and handing back."""

import asyncio

from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, House


async def test_a_queued_conversation_is_taken_over_answered_and_handed_back(
    house: House, desk: Browser
) -> None:
    patient = await house.patient("田中 花子", chart="1001")
    talk = await house.conversation(patient, said="予約を変えたいです", owner="queue", waiting=12)
    queue = await desk.read("/conversations")
    assert "田中 花子" in queue
    assert "予約を変えたいです" in queue
    taken = await desk.post(f"/conversations/{talk}/take-over")
    assert taken.headers["Location"] == f"/conversations/{talk}"
    sent = await desk.post(f"/conversations/{talk}/answer", text="明日の\r\n10時はいかがですか")
    assert sent.headers["Location"] == f"/conversations/{talk}"
    page = await desk.read(f"/conversations/{talk}")
    assert "明日の\n10時はいかがですか" in page
    assert "送信待ち" in page
    row = (await house.rows("select key, content, purpose, staff_id from outbox"))[0]
    assert row["purpose"] == "staff"
    assert "明日の\\n10時" in KEYS.open(row["content"], "outbox.content", row["key"]).decode()
    returned = await desk.post(f"/conversations/{talk}/hand-back")
    assert returned.headers["Location"] == f"/conversations?done=handed_back&of={talk}"
    assert await house.value("select owner from conversation") == "bot"


async def test_red_flags_stand_before_longer_waits(house: House, desk: Browser) -> None:
    early = await house.conversation(said="先に", owner="queue", waiting=60)
    urgent = await house.conversation(said="胸が痛い", owner="queue", waiting=1)
    await house.escalation(urgent)
    page = await desk.read("/conversations")
    assert page.index(f'id="talk-{urgent}"') < page.index(f'id="talk-{early}"')


async def test_two_people_cannot_both_take_a_conversation(house: House, sign_in: SignIn) -> None:
    talk = await house.conversation(said="お願いします", owner="queue")
    people = [await sign_in(await house.staff(name)) for name in "あいうえお"]
    path = f"/conversations/{talk}/take-over"
    answers = await asyncio.gather(*(one.post(path) for one in people))
    where = sorted(answer.headers["Location"] for answer in answers)
    assert where == [f"/conversations/{talk}"] + [f"/conversations/{talk}?problem=taken"] * 4


async def test_nobody_answers_a_conversation_that_is_not_theirs(
    house: House, sign_in: SignIn
) -> None:
    talk = await house.conversation(said="お願いします", owner="queue")
    owner, other = [await sign_in(await house.staff(name)) for name in "あい"]
    for state in ("queue", "a colleague's", "lapsed"):
        answer = await other.post(f"/conversations/{talk}/answer", text="こんにちは")
        assert "problem=not_mine" in answer.headers["Location"], state
        if state == "queue":
            await owner.post(f"/conversations/{talk}/take-over")
            denied = await other.post(f"/conversations/{talk}/hand-back")
            assert "problem=not_mine" in denied.headers["Location"]
        else:
            await house.rows("update conversation set owner_until = now()")
    late = await owner.post(f"/conversations/{talk}/answer", text="遅れました")
    assert "problem=not_mine" in late.headers["Location"]
    assert await house.value("select count(*) from outbox") == 0


async def test_an_empty_or_endless_answer_is_not_sent(house: House, desk: Browser) -> None:
    talk = await house.conversation(said="はい", owner="queue")
    await desk.post(f"/conversations/{talk}/take-over")
    for text in ("", " \n ", "x" * 2001):
        answer = await desk.post(f"/conversations/{talk}/answer", text=text)
        assert "problem=length" in answer.headers["Location"]
    assert await house.value("select count(*) from outbox") == 0


async def test_the_transcript_says_what_became_of_every_message(
    house: House, desk: Browser
) -> None:
    talk = await house.conversation(said="はい")
    for state, reason in (
        ("sent", None),
        ("pending", None),
        ("refused", "status 400"),
        ("unknown", "timeout"),
        ("skipped", "opted_out"),
    ):
        await house.tell(talk, f"{state} text", state, reason)
    page = await desk.read(f"/conversations/{talk}", headers={"Accept-Language": "en"})
    for words in (
        "Waiting to be sent",
        "Not delivered: refused: the platform did not take it (400)",
        "Unknown whether it arrived: the platform did not answer",
        "Not sent: the patient stopped messages",
    ):
        assert words in page


async def test_live_lists_come_again_only_when_something_changed(
    house: House, desk: Browser
) -> None:
    talk = await house.conversation(said="はい", owner="queue")
    for path in ("/live/conversations", f"/live/conversations/{talk}"):
        mark = (await desk.read(path)).split("seen=")[1].split('"')[0]
        reads = await house.value("select count(*) from audit")
        assert (await desk.get(f"{path}?seen={mark}")).status == 204
        assert await house.value("select count(*) from audit") == reads, "nothing was shown"
        await house.say(talk, "まだですか")
        await house.rows("update conversation set last_patient_at = now()")
        assert "まだですか" in await desk.read(f"{path}?seen={mark}")
        assert await house.value("select count(*) from audit") == reads + 1


async def test_words_of_patients_are_only_ever_words(house: House, desk: Browser) -> None:
    bomb = "<img src=x onerror=alert(1)>{{7*7}}</script><script>alert(2)</script>"
    patient = await house.patient(bomb, kana=bomb, chart="<b>1</b>")
    talk = await house.conversation(patient, said=bomb, owner="queue", display_name=bomb)
    await house.tell(talk, bomb, "refused", bomb[:60])
    await house.visit(patient, await house.practitioner(bomb))
    await house.task("call", patient=patient, note={"name": bomb, "words": bomb})
    for path in (
        "/today",
        "/conversations",
        f"/conversations/{talk}",
        "/tasks",
        "/patients",
    ):
        found = await desk.post(path, q="onerror") if path == "/patients" else await desk.get(path)
        page = await found.text()
        assert "onerror" in page, path
        for live in ("<img src=x", "<script>alert", "<b>1</b>", "49</script>"):
            assert live not in page, path


async def test_a_doctor_sees_own_patients_only(house: House, sign_in: SignIn) -> None:
    doctor = await house.staff("佐藤", Role.DOCTOR)
    own, other = await house.patient("自分の患者"), await house.patient("他人の患者")
    mine, theirs = await house.practitioner("佐藤", doctor), await house.practitioner("伊藤")
    await house.visit(own, mine, at="09:00")
    visit = await house.visit(other, theirs, at="09:00")
    await house.visit(other, mine, at="11:00", status="cancelled")  # makes nobody one's patient
    seen = await house.conversation(own, said="見える", owner="queue")
    hidden = await house.conversation(other, said="見えない", owner="queue")
    task = await house.task("call", patient=other, conversation=hidden)
    alarm = await house.task("link_alarm")
    await house.task("call", patient=own, conversation=seen)
    browser = await sign_in(doctor)
    for path in ("/today", "/conversations", "/tasks", "/live/conversations"):
        page = await browser.read(path)
        assert "自分の患者" in page, path
        assert "他人の患者" not in page, path
    assert (await browser.get(f"/conversations/{seen}")).status == 200
    for path in (f"/conversations/{hidden}",):
        assert (await browser.get(path)).status == 404
    assert (await browser.post(f"/conversations/{hidden}/take-over")).status == 404
    status = {"status": "arrived", "version": "1"}
    assert (await browser.post(f"/visits/{visit}/status", **status)).status == 404
    for one in (task, alarm):
        await browser.post(f"/tasks/{one}/close")
    assert await house.value("select count(*) from task where state = 'closed'") == 0
    assert 'data-count="conversations">1<' in await browser.read("/live/menu")
